"""The picture of a lifelong run: effort task by task, tasks solved against time, and who calls what was learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synth.learn.lifelong import ATTEMPT, SLEEP
from synth.learn.transfer import effort, final_lines

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["draw_lifelong"]

_COLOURS = ("#111111", "#b06a2c", "#4d78a8", "#5a8a4a")
_LINES = ("-", "--", ":", "-.")
_MARKS = ("o", "s", "^", "D")
_PALE = "#8a8a8a"
_WINDOW = 7
"""Tasks over which the line of efforts is a running mean, of logarithms."""
_LARGEST, _LEAST = 900.0, 40.0
_WIDEST = 14
"""Most letters of a word in the picture."""
_Line = Mapping[str, Any]
_Key = tuple[int, int, str]


def draw_lifelong(lines: Sequence[_Line], paths: Sequence[Path]) -> None:
    """Draw the lines of a run into files, PNG or SVG by their endings; the reuse graph is that of the first stream."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # heavy, and only wanted for pictures
    from matplotlib.figure import Figure as Picture

    picture = Picture(figsize=(15, 4.8), layout="constrained")
    FigureCanvasAgg(picture)
    left, middle, right = picture.subplots(1, 3, width_ratios=(5, 4, 5))
    names = tuple(dict.fromkeys(line["arm"] for line in lines if line["kind"] == ATTEMPT))
    _efforts(left, lines, names)
    _solved(middle, lines, names)
    _graph(right, lines, names[0])
    for path in paths:
        picture.savefig(path, dpi=150)


def _efforts(axes: Any, lines: Sequence[_Line], names: Sequence[str]) -> None:
    """Evaluations to the first fit against the place of the task in its stream; open marks are unsolved."""
    most, waves = lines[0]["evaluations"], lines[0]["waves"]
    for name, colour, style, mark in zip(names, _COLOURS, _LINES, _MARKS, strict=False):
        by_place = _by_place(final_lines(lines, name))
        shift = 0.15 * names.index(name)
        for right, fill in ((True, colour), (False, "none")):
            shown = [
                (at + shift, effort(o, most)) for at, found in by_place.items() for o in found if o["right"] == right
            ]
            if shown:
                axes.scatter(
                    *zip(*shown, strict=True), s=14, marker=mark, edgecolors=colour, facecolors=fill, alpha=0.6
                )
        means = [np.mean([np.log(effort(o, most)) for o in found]) for found in by_place.values()]
        axes.plot(list(by_place), np.exp(_smooth(means)), style, color=colour, linewidth=2, label=name)
    starts = _starts(final_lines(lines, names[0]), waves)
    for start in starts[1:]:
        axes.axvline(start - 0.5, color=_PALE, linewidth=0.8)
    axes.set_yscale("log")
    axes.set_xlabel("task, in order; a line where a wave begins")
    axes.set_ylabel(f"evaluations to the first program that fits (of {most:,})")
    axes.set_title("effort (open marks: not right)", fontsize="medium")
    axes.legend(loc="lower right", fontsize="small")


def _by_place(final: Mapping[_Key, _Line]) -> dict[int, list[_Line]]:
    """The attempts at the first, second, ... task of all streams."""
    found: dict[int, list[_Line]] = {}
    places: dict[int, int] = {}
    for (seed, _, _), line in sorted(final.items(), key=lambda item: item[0][:2]):
        places[seed] = places.get(seed, 0) + 1
        found.setdefault(places[seed], []).append(line)
    return found


def _starts(final: Mapping[_Key, _Line], waves: int) -> list[int]:
    """The places at which the waves begin, in the first stream."""
    seed = min((seed for seed, _, _ in final), default=0)
    sizes = [sum(key[0] == seed and key[1] == wave for key in final) for wave in range(waves)]
    return [1 + sum(sizes[:wave]) for wave in range(waves)]


def _smooth(values: Sequence[float]) -> np.ndarray:
    padded = np.pad(np.array(values, dtype=float), _WINDOW // 2, mode="edge")
    smooth: np.ndarray = np.convolve(padded, np.ones(_WINDOW) / _WINDOW, mode="valid")
    return smooth


def _solved(axes: Any, lines: Sequence[_Line], names: Sequence[str]) -> None:
    """Tasks right against the CPU-seconds of searches and sleeps together, over all streams."""
    waves = lines[0]["waves"]
    for name, colour, style in zip(names, _COLOURS, _LINES, strict=False):
        seconds, right = [0.0], [0]
        final = final_lines(lines, name)
        sleeps = {(line["seed"], line["wave"]): line for line in lines if line["kind"] == SLEEP and line["arm"] == name}
        for seed in sorted({key[0] for key in final}):
            for wave in range(waves):
                for key, line in final.items():
                    if key[:2] == (seed, wave):
                        seconds.append(seconds[-1] + line["seconds"])
                        right.append(right[-1] + line["right"])
                slept = sleeps.get((seed, wave))
                seconds.append(seconds[-1] + (slept["seconds"] if slept else 0.0))
                right.append(right[-1])
        axes.step(seconds, right, style, where="post", color=colour, linewidth=2, label=f"{name}: {right[-1]} right")
    axes.set_xlabel("CPU-seconds, sleeps included")
    axes.set_ylabel("tasks right on held-out pairs")
    axes.set_title("solved", fontsize="medium")
    axes.grid(True, alpha=0.3)
    axes.legend(loc="upper left", fontsize="small")


def _graph(axes: Any, lines: Sequence[_Line], name: str) -> None:
    """Learned words by the wave after which they were learned; larger ones have more callers."""
    import networkx as nx

    graph = _words(lines, name)
    axes.set_axis_off()
    axes.set_title("learned words, by wave; an edge leads to what is called", fontsize="medium")
    if not graph:
        axes.text(0.5, 0.5, "nothing was learned", ha="center", va="center", color=_PALE)
        return
    places = nx.multipartite_layout(graph, subset_key="wave")
    callers = [graph.nodes[word]["callers"] for word in graph]
    sizes = [_LEAST + (_LARGEST - _LEAST) * count / max(1, *callers) for count in callers]
    nx.draw_networkx_edges(graph, places, ax=axes, edge_color=_PALE, node_size=sizes, arrowsize=8)
    nx.draw_networkx_nodes(graph, places, ax=axes, node_size=sizes, node_color="#c9d6e4", edgecolors=_COLOURS[0])
    for word in graph:
        text = f"{_shorten(word.rpartition('.')[2])} ({graph.nodes[word]['callers']})"
        below = {"xytext": (0, -9), "textcoords": "offset points", "ha": "center", "va": "top"}
        axes.annotate(text, places[word], fontsize=5.5, **below)
    axes.margins(0.2)


def _shorten(word: str) -> str:
    """A word that fits into a column of the picture.

    >>> _shorten("sum"), _shorten("multiply_double_sum")
    ('sum', 'multiply_doub…')
    """
    return word if len(word) <= _WIDEST else word[: _WIDEST - 1] + "…"


def _words(lines: Sequence[_Line], name: str) -> nx.DiGraph[str]:
    """The words of the first stream: when each was learned, which it calls, and how many later solutions call it."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    seed = min((line["seed"] for line in lines if line["kind"] == SLEEP), default=0)
    for line in lines:
        if line["kind"] == SLEEP and line["seed"] == seed and line["arm"] == name:
            for word in line["words"]:
                graph.add_node(word["name"], wave=line["wave"], callers=0)
                graph.add_edges_from((word["name"], called) for called in word["calls"] if called in graph)
    for word in graph:
        graph.nodes[word]["callers"] = graph.in_degree(word)
    for (at, _, _), line in final_lines(lines, name).items():
        for word in line["learned"] if at == seed else ():
            if word in graph:
                graph.nodes[word]["callers"] += 1
    return graph
