"""The figure of `bodies`: one row a task, and in it one strip over the test length for each body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from synth.compare.analysis import Analysis, Row
from synth.compare.bodies.verdicts import COMPILED, FINETUNED, FRESH, TRACED, judge_bodies
from synth.compare.figures import kind_of, percent, shade
from synth.compare.plots import Drawn

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["body_strips"]

_STRIP = 0.34
"""Height of a strip in inches."""


def body_strips(analysis: Analysis) -> tuple[Drawn, ...]:
    """Exact match of every body by length, task under task; nothing where no body was run."""
    from matplotlib.figure import Figure  # most of a second, and only a report needs it

    axis = analysis.protocol.axis
    tasks = [(judged, _rows(analysis, judged.task)) for t in analysis.tasks if (judged := judge_bodies(analysis, t))]
    if not tasks:
        return ()
    heights = [len(rows) for _, rows in tasks]
    figure = Figure(figsize=(8.6, _STRIP * sum(heights) + 0.62 * len(tasks) + 0.3), layout="constrained")
    panels = figure.subplots(len(tasks), 1, squeeze=False, height_ratios=heights)[:, 0]
    told = []
    for panel, (judged, rows) in zip(panels, tasks, strict=True):
        _draw(panel, analysis, rows)
        panel.set_title(f"{judged.task}: {judged.kind}", loc="left", fontsize=10, fontweight="bold")
        told.append(f"{judged.task} is {judged.kind}. " + " ".join(_in_words(analysis, row) for row in rows))
    panels[-1].set_xlabel(axis.title, fontsize=9)
    alt = f"Exact match of each body by {axis.title}, one row a task. {' '.join(told)}"
    caption = (
        "Per cent of test inputs exactly right, all seeds together; the box is the training range. Hatched: there is "
        "no such body. The verdict over each row is made from the 95% intervals at the greatest length."
    )
    return (Drawn("bodies", "One program, four bodies", alt, caption, figure),)


def _rows(analysis: Analysis, task: str) -> list[Row]:
    order = (COMPILED, FINETUNED, TRACED, FRESH)
    rows = [row for row in analysis.of_task(task) if row.learner in order]
    return sorted(rows, key=lambda row: (order.index(row.learner), row.size or 0))


def _draw(panel: Axes, analysis: Analysis, rows: Sequence[Row]) -> None:
    from matplotlib.patches import Rectangle  # as above

    axis = analysis.protocol.axis
    for place, row in enumerate(rows):
        there = not _missing(row)
        for column, point in enumerate(axis.points):
            estimate = row.by_point.get(point) if there else None
            share = estimate.value if estimate is not None else 0.0
            fill = shade(kind_of(row), share) if estimate is not None else "#ffffff"
            hatch = None if there else "////"
            panel.add_patch(
                Rectangle((column, place), 0.96, 0.86, facecolor=fill, edgecolor="#c9ced6", hatch=hatch, linewidth=0.4)
            )
            if estimate is not None:
                ink = "#ffffff" if share > 0.5 else "#222222"
                panel.text(column + 0.48, place + 0.45, percent(share), ha="center", va="center", fontsize=7, color=ink)
    inside = sum(not axis.beyond(point) for point in axis.points)
    panel.add_patch(Rectangle((-0.05, -0.08), inside + 0.06, len(rows) + 0.04, fill=False, edgecolor="#333333"))
    panel.set(xlim=(-0.1, len(axis.points)), ylim=(len(rows) + 0.05, -0.15))
    panel.set_xticks([n + 0.48 for n in range(len(axis.points))], [axis.label(p) for p in axis.points], fontsize=8)
    panel.set_yticks([n + 0.43 for n in range(len(rows))], [_label(row) for row in rows], fontsize=8)
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)


def _missing(row: Row) -> bool:
    return all(run.outcome == "no program in time" or run.stop == "no machine" for run in row.runs)


def _label(row: Row) -> str:
    return row.title if row.trained or _missing(row) else f"{row.title}, under-trained"


def _in_words(analysis: Analysis, row: Row) -> str:
    if _missing(row):
        return f"{row.title}: there is none."
    axis = analysis.protocol.axis
    ends = [point for point in dict.fromkeys((*axis.inside[-1:], axis.headline)) if point in row.by_point]
    told = " and ".join(f"{percent(row.by_point[p].value)} per cent at {axis.at(p)}" for p in ends)
    return f"{_label(row)}: {told}."
