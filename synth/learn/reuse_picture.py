"""The picture of a reuse graph: boxes in columns, drawn by matplotlib as SVG or PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.learn.reuse_graph import Box, Layout, Route, laid_out

if TYPE_CHECKING:
    from synth.learn.reuse_graph import ReuseGraph

__all__ = ["draw"]

_INK, _PALE, _LINE = "#111111", "#8a8a8a", "#4d78a8"
_FONT = ["DejaVu Sans Mono", "monospace"]
_SIZE = 9.5
_SMALL = 8.5
_LIGHTEST, _DARKEST = (1.0, 1.0, 1.0), (0.72, 0.82, 0.92)
"""Boxes of what no solution uses, and of what the most use."""


def draw(graph: ReuseGraph, path: Path) -> None:
    """Draw a graph into a file; the same graph makes the same file."""
    import matplotlib  # heavy, and only wanted for a picture
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    layout = laid_out(graph)
    with matplotlib.rc_context({"svg.hashsalt": "synth", "svg.fonttype": "none"}):
        picture = Figure(figsize=(layout.width, layout.height))
        FigureCanvasAgg(picture)
        axes: Any = picture.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, layout.width)
        axes.set_ylim(0, layout.height)
        axes.set_axis_off()
        _draw(axes, layout, graph)
        picture.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)


def _draw(axes: Any, layout: Layout, graph: ReuseGraph) -> None:
    for route in layout.routes:
        _draw_route(axes, route)
    counts = [data["reached"] or 0 for _, data in graph.nodes(data=True)]
    for box in layout.boxes:
        data = graph.nodes[box.name]
        share = (data["reached"] or 0) / max(max(counts, default=0), 1)
        colour = tuple(a + (b - a) * share for a, b in zip(_LIGHTEST, _DARKEST, strict=True))
        _draw_box(axes, box, colour, dashed=data["kind"] == "primitive")


def _draw_box(axes: Any, box: Box, colour: Sequence[float], *, dashed: bool) -> None:
    from matplotlib.patches import FancyBboxPatch  # as above

    corner = (box.x - box.width / 2, box.y - box.height / 2)
    line: dict[str, Any] = {"edgecolor": _PALE, "linestyle": "--"} if dashed else {"edgecolor": _INK}
    shape = FancyBboxPatch(
        corner, box.width, box.height, "round,pad=0,rounding_size=0.06", facecolor=colour, linewidth=0.8, **line
    )
    shape.set_zorder(2)
    axes.add_patch(shape)
    pitch = box.height / (len(box.lines) + 1)
    for number, text in enumerate(box.lines, 1):
        first = number == 1
        look = {"size": _SIZE if first else _SMALL, "weight": "bold" if first and not dashed else "normal"}
        place = (box.x, box.y + box.height / 2 - number * pitch)
        axes.text(*place, text, ha="center", va="center", family=_FONT, color=_INK, zorder=3, **look)


def _draw_route(axes: Any, route: Route) -> None:
    """A line that is level at the boxes and where it passes others, an arrow at the part, and its calls if many."""
    from matplotlib.patches import FancyArrowPatch  # as above
    from matplotlib.path import Path as Line

    points, codes = [(route.levels[0][1], route.levels[0][2])], [Line.MOVETO]
    for (_, x, y), (next_x, end_x, next_y) in zip(route.levels[:-1], route.levels[1:], strict=True):
        half = (next_x - x) / 2
        points += [(x + half, y), (next_x - half, next_y), (next_x, next_y)]
        codes += [Line.CURVE4] * 3
        if end_x > next_x:
            points.append((end_x, next_y))
            codes.append(Line.LINETO)
    look: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 9, "color": _LINE, "linewidth": 1.0}
    axes.add_patch(FancyArrowPatch(path=Line(points, codes), shrinkA=0, shrinkB=0, zorder=1, **look))
    if route.calls > 1:
        (_, x, y), (next_x, _, next_y) = route.levels[-2:]
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        text = {"size": _SMALL, "family": _FONT, "color": _LINE}
        middle = ((x + next_x) / 2, (y + next_y) / 2)
        axes.text(*middle, f"{route.calls}x", ha="center", va="center", zorder=4, bbox=paper, **text)
