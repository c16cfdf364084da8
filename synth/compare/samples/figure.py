"""Figures of the protocol `samples`: curves over the number of examples, what was needed, and what it took."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from synth.compare.analysis import Analysis, Row
from synth.compare.axis import Point
from synth.compare.curves import Needed, area_of, needed_examples
from synth.compare.figures import kind_of
from synth.compare.metrics import HOLDS, Estimate
from synth.compare.plots import COLOURS, MARKERS, Drawn
from synth.compare.protocol import ORACLE, Learner
from synth.compare.samples.source import INSIDE, LONGER

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["cost_curves", "needed_dots", "sample_curves"]

_COLUMNS = 4
_STYLES = {"program": ("-", ":"), "net": ("-", "-."), "same-prior": ("--",), "reference": (":", "--")}
"""Line styles of the learners of one kind, in their order."""


def sample_curves(analysis: Analysis) -> tuple[Drawn, ...]:
    """Exact match by number of examples, a panel a task: on inputs like the examples, and on longer ones."""
    return tuple(
        drawn
        for point, name, where in (
            (INSIDE, "samples", "fresh inputs like the examples"),
            (LONGER, "samples-longer", f"inputs of {LONGER}"),
        )
        if (drawn := _curves(analysis, point, name, where)) is not None
    )


def _curves(analysis: Analysis, point: Point, name: str, where: str) -> Drawn | None:
    tasks = [
        task for task in analysis.tasks if any(row.size and point in row.by_point for row in _rows(analysis, task))
    ]
    if not tasks:
        return None
    figure, panels = _panels(len(tasks), "exact match")
    needed = {(one.task, one.learner): one for one in needed_examples(analysis, (point,))}
    told = []
    for panel, task in zip(panels, tasks, strict=True):
        for learner, style, curve in _learners(analysis, task):
            points = [(size, row, e) for size, row in curve.items() if (e := row.by_point.get(point)) is not None]
            if points:
                _line(panel, learner, style, points)
                _tick(panel, kind_of(points[0][1]), needed.get((task, learner.name)))
                told.append(_in_words(learner, task, points, needed.get((task, learner.name))))
        _flat(panel, analysis, task, point)
        panel.set(title=task.replace("_", " "), xscale="log", ylim=(-0.08, 1.04), yticks=[0, 0.25, 0.5, 0.75, 1])
        panel.set_xlabel("number of examples")
        panel.xaxis.set_minor_formatter("")  # within one decade they would be told as 3 x 10^0
    _legend(figure, panels)
    caption = (
        f"Exact match on {where}, by the number of examples; 95% intervals over seeds and test inputs. A mark at the "
        f"foot stands at N90, the fewest examples from which a learner is right on {HOLDS:.0%} (median of seeds); who "
        "has none did not reach it with the examples tried. A black cross: some seed did not fit its own examples."
    )
    alt = f"Exact match on {where} against the number of examples. {' '.join(told)}"
    return Drawn(name, f"How many examples? Exact match on {where}", alt, caption, figure)


def _rows(analysis: Analysis, task: str) -> list[Row]:
    return [row for row in analysis.of_task(task) if row.ablates is None]


def _learners(analysis: Analysis, task: str) -> Iterator[tuple[Learner, object, dict[int, Row]]]:
    """Those who learn from counted examples, how their line looks, and their rows by size."""
    before: dict[str, int] = {}
    for learner in analysis.protocol.running(analysis.effort):
        curve = analysis.by_size(task, learner.name) if learner.ablates is None else {}
        if not curve:
            continue
        kind = kind_of(next(iter(curve.values())))
        styles = _STYLES.get(kind, ("-",))
        yield learner, styles[before.get(kind, 0) % len(styles)], dict(sorted(curve.items()))
        before[kind] = before.get(kind, 0) + 1


def _line(panel: Axes, learner: Learner, style: object, points: Sequence[tuple[int, Row, Estimate]]) -> None:
    kind = kind_of(points[0][1])
    sizes, estimates = [size for size, _, _ in points], [e for _, _, e in points]
    values, lows, highs = ([getattr(e, name) for e in estimates] for name in ("value", "low", "high"))
    colour, marker = COLOURS[kind], MARKERS[kind]
    hollow = style not in ("-", "--")
    face = "white" if hollow else colour
    look: dict[str, Any] = {"color": colour, "marker": marker, "linestyle": style, "markerfacecolor": face}
    panel.plot(sizes, values, label=learner.title, linewidth=1.6, markersize=5, zorder=3, **look)
    if kind == "program":
        errors = [
            [v - low for v, low in zip(values, lows, strict=True)],
            [h - v for v, h in zip(values, highs, strict=True)],
        ]
        panel.errorbar(sizes, values, yerr=errors, fmt="none", ecolor=colour, elinewidth=1.2, capsize=2, zorder=3)
    else:
        panel.fill_between(sizes, lows, highs, color=colour, alpha=0.15, linewidth=0)
    if any(not row.trained for _, row, _ in points):
        weak = [(size, e.value) for size, row, e in points if not row.trained]
        panel.plot(*zip(*weak, strict=True), linestyle="", marker="x", color="#111111", markersize=7, zorder=4)


def _tick(panel: Axes, kind: str, needed: Needed | None) -> None:
    """A mark at the foot where 90% was reached."""
    if needed is None or needed.median.censored:
        return
    panel.axvline(needed.median.size, ymin=0, ymax=0.07, color=COLOURS[kind], linewidth=2.4)
    panel.plot([needed.median.size], [-0.05], marker=MARKERS[kind], color=COLOURS[kind], markersize=5, clip_on=False)


def _flat(panel: Axes, analysis: Analysis, task: str, point: Point) -> None:
    """References that learn nothing, as level lines."""
    for row in _rows(analysis, task):
        if row.size is None and point in row.by_point:
            kind = kind_of(row)
            style = "-" if row.learner == ORACLE else "--"
            panel.axhline(
                row.by_point[point].value, color=COLOURS[kind], linestyle=style, linewidth=1, label=row.title, zorder=1
            )


def _in_words(learner: Learner, task: str, points: Sequence[tuple[int, Row, Estimate]], needed: Needed | None) -> str:
    told = ", ".join(f"{e.value:.2f} from {size:,}" for size, _, e in points)
    reached = "" if needed is None else f"; N90 {needed.median}"
    return f"{learner.title} on {task}: {told}{reached}."


def _panels(count: int, label: str, *, width: float = 3.6, height: float = 3.1) -> tuple[Figure, list[Axes]]:
    """Small panels, at most four in a row, all with one scale."""
    from matplotlib.figure import Figure  # most of a second, and only a report needs it

    columns = min(count, _COLUMNS)
    rows = math.ceil(count / columns)
    figure = Figure(figsize=(width * columns + 0.4, height * rows + 0.7), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).flatten().tolist()
    for spare in axes[count:]:
        spare.remove()
    for panel in axes[:count]:
        panel.spines[["top", "right"]].set_visible(False)
        panel.grid(color="#e4e6ea", linewidth=0.8)
        panel.set_axisbelow(True)
    for panel in axes[:count:columns]:
        panel.set_ylabel(label)
    return figure, axes[:count]


def _legend(figure: Figure, panels: Sequence[Axes]) -> None:
    """One legend below all panels."""
    shown: dict[str, Artist] = {}
    for panel in panels:
        for handle, text in zip(*panel.get_legend_handles_labels(), strict=True):
            shown.setdefault(text, handle)
    figure.legend(list(shown.values()), list(shown), loc="outside lower center", ncols=4, fontsize=8, frameon=False)


def needed_dots(analysis: Analysis) -> tuple[Drawn, ...]:
    """N90 of every learner, each seed a dot, and the area under its curve."""
    needed = [one for one in needed_examples(analysis) if analysis.protocol.learner(one.learner).ablates is None]
    if not needed:
        return ()
    tasks = list(dict.fromkeys(one.task for one in needed))
    learners = list(dict.fromkeys(one.learner for one in needed))
    figure, panels = _panels(len(tasks), "", width=3.4, height=0.35 * len(learners) + 1.2)
    most = max(seed.size for one in needed for seed in one.seeds)
    told = []
    for place, (panel, task) in enumerate(zip(panels, tasks, strict=True)):
        for one in (one for one in needed if one.task == task):
            at = learners.index(one.learner)
            _dots(panel, analysis, one, at, most)
            area = area_of(analysis, task, one.learner)
            told.append(f"{one.title} on {task}: N90 {one.median}" + ("" if area is None else f", area {area}") + ".")
        panel.set(xscale="log", title=task.replace("_", " "), xlabel="examples needed (N90)", xlim=(2, most * 30))
        panel.set_ylim(len(learners) - 0.4, -0.6)
        first = place % _COLUMNS == 0
        panel.set_yticks(range(len(learners)), [analysis.protocol.title_of(n) if first else "" for n in learners])
        panel.set_ylabel("")
    caption = (
        f"Each dot is a seed: the fewest examples from which {HOLDS:.0%} of fresh inputs are right, by the lower end "
        "of the interval; the bar is the median. An open triangle: not reached with the most examples tried. At the "
        "right, the area under the curve over the logarithm of the number of examples tried (1: right from the first "
        "on), with its interval."
    )
    return (Drawn("needed", "Examples needed", f"Examples needed for 90%. {' '.join(told)}", caption, figure),)


def _dots(panel: Axes, analysis: Analysis, one: Needed, at: int, most: int) -> None:
    row = next(iter(analysis.by_size(one.task, one.learner).values()))
    kind = kind_of(row)
    spread = [at + 0.12 * (n - (len(one.seeds) - 1) / 2) for n in range(len(one.seeds))]
    for seed, height in zip(one.seeds, spread, strict=True):
        face, marker = ("white", ">") if seed.censored else (COLOURS[kind], MARKERS[kind])
        panel.plot([seed.size], [height], marker=marker, color=COLOURS[kind], markerfacecolor=face, markersize=5)
    if not one.median.censored:
        panel.plot([one.median.size] * 2, [at - 0.35, at + 0.35], color=COLOURS[kind], linewidth=2)
    if (area := area_of(analysis, one.task, one.learner)) is not None:
        panel.text(most * 1.9, at, f"{area.value:.2f} [{area.low:.2f}, {area.high:.2f}]", fontsize=6.5, va="center")


def cost_curves(analysis: Analysis) -> tuple[Drawn, ...]:
    """Exact match inside against the CPU-seconds of learning, each number of examples a mark."""
    tasks = [task for task in analysis.tasks if any(row.size for row in _rows(analysis, task))]
    if not tasks:
        return ()
    figure, panels = _panels(len(tasks), "exact match")
    told = []
    for panel, task in zip(panels, tasks, strict=True):
        for learner, style, curve in _learners(analysis, task):
            rows = [row for row in curve.values() if INSIDE in row.by_point]
            points = [(max(row.cpu_seconds, 0.01), row.by_point[INSIDE].value) for row in rows]
            kind = kind_of(rows[0])
            look: dict[str, Any] = {
                "color": COLOURS[kind],
                "marker": MARKERS[kind],
                "linestyle": style,
                "linewidth": 0.9,
            }
            panel.plot(*zip(*points, strict=True), label=learner.title, markersize=5, **look)
            told.append(f"{learner.title} on {task}: {', '.join(f'{y:.2f} at {x:.2g} s' for x, y in points)}.")
        panel.set(title=task.replace("_", " "), xscale="log", ylim=(-0.04, 1.04), xlabel="CPU-seconds of learning")
    _legend(figure, panels)
    caption = "Exact match on fresh inputs like the examples, against what learning took (mean of seeds)."
    alt = f"Exact match against CPU-seconds of learning. {' '.join(told)}"
    return (Drawn("cost", "What learning took", alt, caption, figure),)
