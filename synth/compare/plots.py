"""Figures drawn by matplotlib: what one is, the colours of the sides, and curves that many protocols want.

A protocol's `figures` are functions from the analysis to what is drawn; the report puts each on the page with its
caption, its alt text and the stamp of the budget, and beside it as SVG and PNG.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from synth.compare.analysis import Analysis, Row
from synth.compare.figures import kind_of
from synth.compare.metrics import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "MARKERS", "Drawn", "error_lines", "new_figure"]

COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "program": "#1557b0",
        "net": "#d66004",
        "same-prior": "#8a6547",
        "hybrid": "#147a46",
        "reference": "#685882",
        "oracle": "#111111",
        "chance": "#a0a6ad",
    }
)
"""One colour a side."""
MARKERS: Mapping[str, str] = MappingProxyType(
    {"program": "o", "net": "^", "same-prior": "v", "hybrid": "D", "reference": "s", "oracle": "x", "chance": "."}
)
"""One shape a side, for those who do not see the colours."""
_LINES = ("-", "--", ":", "-.")
_MOST_SVG = 150_000
"""A figure of thousands of marks is larger than this as SVG, and then a page has it as PNG."""


@dataclass(frozen=True)
class Drawn:
    """A figure: a name for its file, a title, what it shows in words (`alt`), a caption, and the drawing."""

    name: str
    title: str
    alt: str
    caption: str
    figure: Figure

    def svg(self) -> str:
        """The drawing as SVG text, the same each time."""
        import matplotlib

        buffer = io.StringIO()
        with matplotlib.rc_context({"svg.hashsalt": self.name, "svg.fonttype": "none"}):
            self.figure.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
        return buffer.getvalue()

    def png(self, dots_per_inch: int = 160) -> bytes:
        """The drawing as a PNG file."""
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=dots_per_inch, bbox_inches="tight", metadata={"Software": None})
        return buffer.getvalue()

    def data_uri(self) -> str:
        """The drawing within an address, so that a page needs no other file; as PNG where its SVG is large."""
        svg = self.svg().encode()
        kind, content = ("svg+xml", svg) if len(svg) <= _MOST_SVG else ("png", self.png(dots_per_inch=110))
        return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def new_figure(panels: int = 1, *, width: float = 6.4, height: float = 3.6) -> tuple[Figure, list[Axes]]:
    """An empty figure with panels side by side; it belongs to no window and needs no closing."""
    from matplotlib.figure import Figure  # most of a second, and only a report needs it

    figure = Figure(figsize=(width * panels, height), layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    for one in axes:
        one.spines[["top", "right"]].set_visible(False)
        one.grid(color="#e4e6ea", linewidth=0.8)
        one.set_axisbelow(True)
    return figure, list(axes)


def error_lines(analysis: Analysis) -> tuple[Drawn, ...]:
    """The median error at each point of the axis, a panel a task; nothing where errors were not measured."""
    axis = analysis.protocol.axis
    places = {point: place for place, point in enumerate(axis.points)}
    tasks = [t for t in analysis.tasks if any(row.error_at(p) for row in analysis.largest(t) for p in axis.points)]
    if not tasks:
        return ()
    figure, panels = new_figure(len(tasks), width=4.6)
    told = []
    for panel, task in zip(panels, tasks, strict=True):
        for place, row in enumerate(analysis.largest(task)):
            points = [(places[p], row, e) for p in axis.points if (e := row.error_at(p)) is not None]
            _curve(panel, points, row.title, _LINES[place % len(_LINES)])
            told.append(f"{row.title} on {task}: " + ", ".join(f"{e.value:.2g}" for _, _, e in points))
        panel.set_xticks(list(places.values()), [axis.label(p) for p in axis.points])
        panel.set(yscale="symlog", title=task, xlabel=axis.title)
        panel.legend(fontsize=8, frameon=False)
    what = analysis.protocol.error or "error"
    panels[0].set_ylabel(f"median {what}")
    alt = f"Median {what} at {axis.name} {', '.join(map(axis.label, axis.points))}. {'. '.join(told)}."
    return (Drawn("errors", f"Median {what}", alt, "Medians over seeds and test inputs, with 95% intervals.", figure),)


def _curve(panel: Axes, points: Sequence[tuple[float, Row, Estimate]], title: str, dashes: str) -> None:
    """A line with marks and intervals; an error without end is left out, and the legend says so."""
    kept = [(x, row, e) for x, row, e in points if e.value < float("inf")]
    if not kept:
        return
    kind = kind_of(kept[0][1])
    low = [e.value - e.low for _, _, e in kept]
    high = [min(e.high, 1e6) - e.value for _, _, e in kept]
    panel.errorbar(
        [x for x, _, _ in kept],
        [e.value for _, _, e in kept],
        yerr=[low, [max(0.0, h) for h in high]],
        color=COLOURS[kind],
        marker=MARKERS[kind],
        linestyle=dashes,
        capsize=2,
        label=title if len(kept) == len(points) else f"{title} (without an answer in places)",
    )
