"""The figures of protocol `uncrumple`: a sheet being uncrumpled, and what shapes cost as they get harder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from synth.compare.analysis import Analysis, Row
from synth.compare.curves import Needed, needed_examples
from synth.compare.figures import kind_of
from synth.compare.plots import COLOURS, MARKERS, Drawn
from synth.compare.records import Run, unpack_bits
from synth.compare.uncrumple.shapes import REGIONS, Places

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["hardness_curves", "inside_the_nets", "uncrumpling_frames"]

_SIDES = ("#1557b0", "#d66004")
"""The two colours of a shape, told apart also in grey."""
_LINES_SHOWN = 2
"""Every so manyth grid line is drawn, so that the figure stays small."""
_NET_COLOURS = ("#d66004", "#9c3d00", "#f0943a", "#6f4a1f")
_DASHES: Mapping[str, tuple[str, ...]] = MappingProxyType({"same-prior": ("--",), "reference": (":", "-.")})
_FORMS: Mapping[str, tuple[str, ...]] = MappingProxyType({"net": ("^", "<", ">", "P"), "reference": ("s", "X")})
"""Learners of one side are told apart by shades, forms and dashes."""
_UNITS: Mapping[str, str] = MappingProxyType(
    {"paper": "folds", "spirals": "turns", "checkerboard": "cells a side, k", "circles": "rings"}
)


@dataclass(frozen=True, slots=True)
class _Look:
    """How a learner is drawn, the same in all figures."""

    colour: str
    marker: str
    dashes: str

    @classmethod
    def of(cls, analysis: Analysis, row: Row) -> _Look:
        kind = kind_of(row)
        place = [one.name for one in analysis.protocol.of_side(row.side)].index(row.learner)
        colour = _NET_COLOURS[place % len(_NET_COLOURS)] if kind == "net" else COLOURS[kind]
        forms, dashes = _FORMS.get(kind, (MARKERS[kind],)), _DASHES.get(kind, ("-",))
        return cls(colour, forms[place % len(forms)], dashes[place % len(dashes)])


def uncrumpling_frames(analysis: Analysis) -> tuple[Drawn, ...]:
    """Grid lines on their way through the flow: of each family of shapes that was drawn, the hardest shape."""
    kept = {_family(run.task): run for run in analysis.runs if "frames" in run.details}
    return tuple(_frames(analysis, run) for run in kept.values())


def _frames(analysis: Analysis, run: Run) -> Drawn:
    frames: Mapping[str, Any] = run.details["frames"]  # type: ignore[assignment]
    states = np.array(frames["points"], dtype=float)  # (frames, mesh * mesh, 3)
    mesh = round(np.sqrt(states.shape[1]))
    colours = np.array(unpack_bits(frames["colours"], mesh * mesh)).reshape(mesh, mesh)
    camera = _camera(states, np.array(frames["normal"]))
    seen = (states @ camera.T).reshape(len(states), mesh, mesh, 2)
    plane = -frames["offset"] / float(np.linalg.norm(frames["normal"]))
    figure, panels = _grid_of_panels(2, (len(states) + 1) // 2, 2.1)
    for panel, picture, layer in zip(panels, seen, frames["layers"], strict=True):
        _draw_sheet(panel, picture, colours)
        panel.set_title("as it comes in" if layer == 0 else f"after step {layer}", fontsize=9)
    panels[-1].axvline(plane, color="#111111", linestyle="--", linewidth=1)
    fit, inside = run.fit, run.score("inside")
    told = f"{inside.count.share:.3f} of fresh points inside" if inside is not None else "nothing"
    summary = analysis.protocol.task(run.task).summary
    title = analysis.protocol.title_of(run.learner)
    return Drawn(
        f"frames-{run.task}",
        f"Uncrumpling, step by step: {run.task}",
        f"{len(states)} frames of the grid lines of {summary}, on their way through the {title}, from as they come in "
        f"to after its last step, where a plane (dashed) divides the two colours. It gets {told} right.",
        f"The shape's own grid lines ({summary}), in the two colours of its sides, as they pass through the {title} "
        f"({run.size:,} examples, seed {run.seed}). The state has three numbers, and one linear view, across the last "
        "plane, is taken of all of them: these are the states themselves, each stretched to fill its frame. "
        f"The dashed line is the plane by which the net decides; it fits {fit.share if fit else float('nan'):.3f} of "
        f"the examples and gets {told} right. A picture of one run; the curves carry the claim.",
        figure,
    )


def _camera(states: Places, normal: Places) -> Places:
    """One linear view for all frames, (2, D): across the last plane, and the widest way that is left beside it.

    The second is sheared so that in the last frame it does not go along with the first, which would fill a diagonal.
    """
    across = normal / np.linalg.norm(normal)
    last = states[-1] - states[-1].mean(axis=0)
    depth = last @ across
    slant = (depth @ last) / max(float(depth @ depth), 1e-12)
    _, _, directions = np.linalg.svd(last - np.outer(depth, slant), full_matrices=False)
    return np.stack([across, directions[0] - (slant @ directions[0]) * across])


def _draw_sheet(panel: Axes, picture: Places, colours: np.ndarray) -> None:
    """A mesh seen, (M, M, 2), as thin lines: one path for each colour, so that the file stays small."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    strokes: tuple[list[Places], list[Places]] = ([], [])
    for lines, kinds in ((picture, colours), (picture.swapaxes(0, 1), colours.T)):
        for line, kind in zip(lines[::_LINES_SHOWN], kinds[::_LINES_SHOWN], strict=True):
            changes = np.flatnonzero(kind[1:] != kind[:-1]) + 1
            for start, end in zip([0, *changes], [*changes, len(line)], strict=True):
                strokes[int(kind[start])].append(line[start : end + 1])
    for colour, mine in zip(_SIDES, strokes, strict=True):
        if mine:
            path = Path.make_compound_path(*(Path(stroke) for stroke in mine if len(stroke) > 1))
            panel.add_patch(PathPatch(path, fill=False, edgecolor=colour, linewidth=0.5))
    panel.autoscale_view()
    panel.set_axis_off()


def _grid_of_panels(rows: int, columns: int, size: float) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure  # most of a second, and only a report needs it

    figure = Figure(figsize=(size * columns, size * rows), layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def _family(task: str) -> str:
    return task.rpartition("_")[0]


def _level(task: str) -> int:
    return int(task.rpartition("_")[2])


def hardness_curves(analysis: Analysis) -> tuple[Drawn, ...]:
    """N90 inside against folds, turns, cells or rings, and below it what share of its examples each net fits."""
    families = list(dict.fromkeys(map(_family, analysis.tasks)))
    needed = needed_examples(analysis, (REGIONS[0],))
    if not needed:
        return ()
    figure, panels = _grid_of_panels(2, len(families), 3.1)
    told = []
    for place, family in enumerate(families):
        above, below = panels[place], panels[len(families) + place]
        mine = [one for one in needed if _family(one.task) == family]
        told += _draw_needed(above, mine, analysis)
        _draw_fits(below, mine, analysis)
        levels = sorted({_level(one.task) for one in mine})
        for panel in (above, below):
            panel.set_xscale("log", base=2)
            panel.set_xticks(levels, [str(level) for level in levels])
            panel.set_xlim(levels[0] / 1.4, levels[-1] * 1.4)
            panel.minorticks_off()
            panel.spines[["top", "right"]].set_visible(False)
            panel.grid(color="#e4e6ea", linewidth=0.8)
        above.set_title(family, fontsize=10)
        below.set_xlabel(_UNITS.get(family, "level"))
    panels[0].set_ylabel("N90 inside (examples)")
    panels[len(families)].set_ylabel("training accuracy")
    handles: dict[str, Any] = {}
    for panel in panels[: len(families)]:
        handles |= {label: handle for handle, label in zip(*panel.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    caption = (
        "Above: the fewest examples from which the lower end of the 95% interval inside is 0.9, median over seeds "
        "(Kaplan and Meier); each small mark is a seed; hollow, with an arrow: not reached with the most examples "
        "tried. Below: how much of what it was shown each net fits, with the most examples, a mark a seed. Where "
        "that is under 0.95 (dashed line) a net has not learned its own examples within this budget, and the curve "
        "above says nothing about how densely it needs to sample."
    )
    alt = f"Examples needed inside, by hardness of the shape. {'. '.join(told)}."
    return (Drawn("hardness", "Examples needed as shapes get harder", alt, caption, figure),)


def _row_of(analysis: Analysis, needed: Needed) -> Row:
    row = analysis.row(needed.task, needed.learner)
    assert row is not None, "what is needed was made from a row"
    return row


def _draw_needed(panel: Axes, needed: Sequence[Needed], analysis: Analysis) -> list[str]:
    """A line a learner; gives each in words."""
    panel.set_yscale("log")
    told = []
    for place, learner in enumerate(dict.fromkeys(one.learner for one in needed)):
        mine = sorted((one for one in needed if one.learner == learner), key=lambda one: _level(one.task))
        look, shift = _Look.of(analysis, _row_of(analysis, mine[0])), 1.0 + 0.03 * (place - 2)
        levels = [_level(one.task) * shift for one in mine]
        panel.plot(
            levels,
            [one.median.size for one in mine],
            color=look.colour,
            linestyle=look.dashes,
            marker=look.marker,
            markersize=5,
            label=mine[0].title,
        )
        for level, one in zip(levels, mine, strict=True):
            if one.median.censored:
                panel.plot(level, one.median.size, look.marker, color="white", markeredgecolor=look.colour)
                panel.annotate(
                    "",
                    (level, one.median.size * 2.2),
                    (level, one.median.size * 1.2),
                    arrowprops={"arrowstyle": "->", "color": look.colour, "linewidth": 0.8},
                )
            panel.plot([level] * len(one.seeds), [s.size for s in one.seeds], ".", color=look.colour, markersize=3)
        told.append(f"{mine[0].title}: " + ", ".join(f"{one.task} {one.median}" for one in mine))
    return told


def _draw_fits(panel: Axes, needed: Sequence[Needed], analysis: Analysis) -> None:
    """Training accuracy with the most examples: the mean as a line, each seed as a mark."""
    panel.axhline(analysis.protocol.trained_enough, color="#5b6470", linestyle="--", linewidth=0.8)
    panel.set_ylim(0.4, 1.03)
    for place, learner in enumerate(dict.fromkeys(one.learner for one in needed)):
        rows = [_row_of(analysis, one) for one in needed if one.learner == learner]
        fits = {_level(row.task): [run.fit.share for run in row.runs if run.fit is not None] for row in rows}
        if rows[0].side not in ("net", "same-prior net"):
            continue
        look, shift = _Look.of(analysis, rows[0]), 1.0 + 0.03 * (place - 2)
        drawn = sorted((level * shift, shares) for level, shares in fits.items() if shares)
        means = [float(np.mean(shares)) for _, shares in drawn]
        panel.plot([x for x, _ in drawn], means, color=look.colour, linestyle=look.dashes)
        for x, shares in drawn:
            panel.plot([x] * len(shares), shares, look.marker, color=look.colour, markersize=3.5)


def inside_the_nets(analysis: Analysis) -> tuple[Drawn, ...]:
    """What a plane can tell apart after each layer, a panel a task, and how steep nets are at borders."""
    rows = [row for task in analysis.tasks for row in analysis.largest(task) if _known(row, "probes")]
    if not rows:
        return ()
    tasks = list(dict.fromkeys(row.task for row in rows))
    columns = min(4, len(tasks))
    figure, panels = _grid_of_panels(-(-len(tasks) // columns), columns, 3.0)
    told = []
    for panel, task in zip(panels, tasks, strict=False):
        told += [_draw_probes(panel, row, _Look.of(analysis, row)) for row in rows if row.task == task]
        panel.set_title(task, fontsize=10)
        panel.set_ylim(0.4, 1.03)
        panel.grid(color="#e4e6ea", linewidth=0.8)
        panel.spines[["top", "right"]].set_visible(False)
        panel.legend(fontsize=7, frameon=False, loc="lower right")
    for panel in panels[len(tasks) :]:
        panel.set_axis_off()
    for panel in panels[::columns]:
        panel.set_ylabel("right, by a plane")
    figure.supxlabel("depth: 0 is the input, 1 the last layer before the answer", fontsize=9)
    caption = (
        "How many fresh points inside a plane tells apart that is fitted to a layer (logistic regression on 1,000 "
        "other points), from the input to the last layer; mean over seeds, each seed a mark. In the legend: the "
        "steepest slope of the net's answer, as a probability, for each unit of the input, among 1,000 points at the "
        "borders, mean over seeds. Each net with the most examples it had."
    )
    alt = f"Linear probes by depth. {'. '.join(told)}."
    return (Drawn("probes", "How far each layer has uncrumpled, and how steep borders are", alt, caption, figure),)


def _known(row: Row, name: str) -> list[Any]:
    """What the runs of a row found when they were looked into."""
    return [run.details[name] for run in row.runs if run.details.get(name)]


def _draw_probes(panel: Axes, row: Row, look: _Look) -> str:
    probes = np.array(_known(row, "probes"), dtype=float)  # (seeds, layers)
    steepest = [float(value) for value in _known(row, "steepest")]
    depth = np.linspace(0, 1, probes.shape[1])
    label = f"{_short(row)}; slope {np.mean(steepest):.0f}"
    panel.plot(depth, probes.mean(axis=0), label=label, color=look.colour, linestyle=look.dashes)
    for seed in probes:
        panel.plot(depth, seed, look.marker, color=look.colour, markersize=2.5)
    first, last = probes.mean(axis=0)[[0, -1]]
    return f"{row.title} on {row.task}: from {first:.2f} to {last:.2f}, steepest slope {np.mean(steepest):.0f}"


def _short(row: Row) -> str:
    return row.title.partition(",")[0]
