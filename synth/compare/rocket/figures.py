"""Figures of protocol `rocket`: the law along the mass ratio, and errors over the number of examples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from synth.compare.analysis import Analysis, Row
from synth.compare.figures import kind_of
from synth.compare.plots import COLOURS, MARKERS, Drawn, new_figure
from synth.compare.protocol import ORACLE
from synth.compare.rocket.laws import FAR, INSIDE
from synth.compare.rocket.source import CURVE, HIT, LawSource, outcomes_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["far_errors", "new_planet", "speed_curves"]

_DASHES = ("--", ":", "-.", (0, (5, 1, 1, 1)))
_DRAWN = ("formula", "net", "net_log", "net_groups")
_TRAINED = ((1.5, 2.4), (2.8, 4.0))


def speed_curves(analysis: Analysis) -> tuple[Drawn, ...]:
    """What learners say of one rocket at all mass ratios: one seed in full, and all seeds as shares of the truth."""
    rows = [row for row in analysis.of_task("delta_v") if row.learner in _DRAWN and any(map(_curve, row.runs))]
    rows = [row for row in rows if _is_shown(analysis, row)]
    if not rows:
        return ()
    figure, (left, right) = new_figure(2, width=5.6, height=4.2)
    told = _one_seed(left, rows, analysis.seeds[0])
    _all_seeds(right, rows)
    for panel in (left, right):
        for low, high in _TRAINED:
            panel.axvspan(low, high, color="#dfe6ee", zorder=0, linewidth=0)
        panel.set(xscale="log", xlabel="mass ratio (shaded: shown in examples)")
        panel.set_xticks([1.5, 2, 4, 10, 30], ["1.5", "2", "4", "10", "30"])
        panel.minorticks_off()
    left.set(ylabel="speed gained, m/s", title=f"one rocket, seed {analysis.seeds[0]}")
    right.set(ylabel="said / true", title="all seeds: median, and from lowest to highest", ylim=(0.2, 1.4))
    left.legend(fontsize=8, frameon=False)
    alt = f"Speed gained over the mass ratio, seed {analysis.seeds[0]}. At mass ratio 30: {'; '.join(told)}."
    caption = (
        "One rocket, all else within the training range. Left: the law (black), the points that the formula learned "
        "from (rings: other rockets' mass ratios, on the curve), and what learners say. Right: the same over all seeds."
    )
    return (Drawn("speed", "The law along the mass ratio", alt, caption, figure),)


def _is_shown(analysis: Analysis, row: Row) -> bool:
    """Formulas from their fewest examples, nets from their fewest and their most."""
    sizes = sorted(analysis.by_size(row.task, row.learner))
    if row.learner == "formula":
        return row.size == sizes[0]
    return row.size == sizes[-1] or (row.learner == "net" and row.size == sizes[0])


def _curve(run: object) -> list[float]:
    found = getattr(run, "details", {}).get("curve") or []
    return [math.nan if value is None else float(value) for value in found]


def _style(row: Row, place: int) -> dict[str, Any]:
    kind = kind_of(row)
    return {"color": COLOURS[kind], "linestyle": "-" if kind == "program" else _DASHES[place % len(_DASHES)]}


def _one_seed(panel: Axes, rows: Sequence[Row], seed: int) -> list[str]:
    source = LawSource("delta_v", "delta_v")
    truth = outcomes_of(source.curve(seed)).tolist()
    panel.plot(CURVE, truth, color=COLOURS[ORACLE], linewidth=3.2, alpha=0.35, label="the law")
    few = min((row.size or 8 for row in rows if row.learner == "formula"), default=8)
    shown = source.measured(source.shown(seed, few)).columns
    ratios = shown["m0"] / shown["mf"]
    panel.plot(ratios, np.interp(ratios, CURVE, truth), "o", color=COLOURS[ORACLE], fillstyle="none", markersize=5)
    told = [f"the law {truth[-1]:.0f} m/s"]
    for place, row in enumerate(rows):
        run = next((run for run in row.runs if run.seed == seed and _curve(run)), None)
        if run is not None:
            panel.plot(CURVE, _curve(run), label=row.title, linewidth=1.6, **_style(row, place))
            told.append(f"{row.title} {_curve(run)[-1]:.0f} m/s")
    panel.set_ylim(0, 1.35 * max(truth))
    return told


def _all_seeds(panel: Axes, rows: Sequence[Row]) -> None:
    source = LawSource("delta_v", "delta_v")
    panel.axhline(1.0, color=COLOURS[ORACLE], linewidth=3.2, alpha=0.35)
    for place, row in enumerate(rows):
        shares = np.array([np.array(c) / outcomes_of(source.curve(r.seed)) for r in row.runs if (c := _curve(r))])
        style = _style(row, place)
        panel.plot(CURVE, np.median(shares, axis=0), linewidth=1.6, **style)
        panel.fill_between(CURVE, shares.min(axis=0), shares.max(axis=0), color=style["color"], alpha=0.12, linewidth=0)


def far_errors(analysis: Analysis) -> tuple[Drawn, ...]:
    """Median error far beyond the training range over the number of examples, a panel a task."""
    tasks = [task for task in analysis.tasks if any(row.size for row in analysis.of_task(task))]
    if not tasks:
        return ()
    figure, panels = new_figure(len(tasks), width=3.6, height=3.8)
    told = []
    for panel, task in zip(panels, tasks, strict=True):
        learners = dict.fromkeys(row.learner for row in analysis.of_task(task) if row.size and row.ablates is None)
        for place, learner in enumerate(learners):
            by_size = analysis.by_size(task, learner)
            points = [
                (n, e) for n, row in sorted(by_size.items()) if (e := row.error_at(FAR)) and math.isfinite(e.value)
            ]
            if not points:
                continue
            row = next(iter(by_size.values()))
            kind = kind_of(row)
            low = [max(e.low, 1e-6) for _, e in points]
            values = [max(e.value, 1e-6) for _, e in points]
            high = [min(max(e.high, 1e-6), 1e3) for _, e in points]
            panel.errorbar(
                [n for n, _ in points],
                values,
                yerr=[np.subtract(values, low), np.maximum(0, np.subtract(high, values))],
                color=COLOURS[kind],
                marker=MARKERS[kind],
                markersize=4,
                linestyle="-" if kind == "program" else _DASHES[place % len(_DASHES)],
                capsize=2,
                label=analysis.protocol.title_of(learner),
            )
            numbers = ", ".join(f"{v:.2g} from {n}" for (n, _), v in zip(points, values, strict=True))
            told.append(f"{analysis.protocol.title_of(learner)} on {task}: {numbers}")
        panel.axhline(HIT, color="#777", linewidth=0.8, linestyle=":")
        panel.set(xscale="log", yscale="log", xlabel="examples", title=task, ylim=(5e-7, 20))
    panels[0].set_ylabel("median relative error, far")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    alt = f"Median relative error far beyond the training range, by number of examples. {'. '.join(told)}."
    caption = "Far: mass ratios 10 to 30, five or six stages, speeds above those of the examples. Dotted: a hit, 0.5%."
    return (Drawn("far", "How far off, far beyond the examples", alt, caption, figure),)


def new_planet(analysis: Analysis) -> tuple[Drawn, ...]:
    """Miss distance over launches: at home by how many were learned from, then launch by launch on a new planet."""
    rows = [row for row in analysis.of_task("launch") if row.size and row.ablates is None]
    rows = [row for row in rows if row is analysis.row("launch", row.learner) or row.learner == "formula"]
    if not rows:
        return ()
    figure, (home, new) = new_figure(2, width=5.2, height=4.0)
    told = []
    for place, learner in enumerate(dict.fromkeys(row.learner for row in rows)):
        by_size = analysis.by_size("launch", learner)
        kind = kind_of(next(iter(by_size.values())))
        style: dict[str, Any] = {
            "color": COLOURS[kind],
            "marker": MARKERS[kind],
            "linestyle": "-" if kind == "program" else _DASHES[place % len(_DASHES)],
        }
        points = [(n, e.value) for n, row in sorted(by_size.items()) if (e := row.error_at(INSIDE)) is not None]
        home.plot([n for n, _ in points], [max(v, 1e-5) for _, v in points], label=_title(analysis, learner), **style)
        misses = _misses(by_size[min(by_size)] if kind == "program" else by_size[max(by_size)])
        new.plot(range(1, len(misses) + 1), [max(v, 1e-5) for v in misses], **style)
        wasted = [int(str(run.details.get("wasted", 0))) for run in by_size[max(by_size)].runs]
        told.append(f"{_title(analysis, learner)}: first miss {misses[0]:.2g}, launches wasted {wasted}")
    for panel in (home, new):
        panel.axhline(HIT, color="#777", linewidth=0.8, linestyle=":")
        panel.set(yscale="log", ylim=(5e-5, 10))
    home.set(xscale="log", xlabel="launches at home", ylabel="miss, as a share of the distance", title="at home")
    new.axvline(0.5, color=COLOURS[ORACLE], linewidth=2)
    new.annotate("new planet", (0.6, 5), fontsize=9)
    new.set(xlabel="launch on the new planet", title="on a planet with other gravity and air")
    new.set_xticks(range(1, 1 + max((len(_misses(row)) for row in rows), default=1)))
    handles, labels = home.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    caption = (
        "Median miss. Right: each learner launches at one target after the other, learns from what it has seen there, "
        "and stops at its first hit (dotted: 0.5%); who has hit stays at its last miss in the median."
    )
    return (Drawn("planet", "The moment of the new planet", f"Miss distance. {'. '.join(told)}.", caption, figure),)


def _title(analysis: Analysis, learner: str) -> str:
    return analysis.protocol.title_of(learner)


def _misses(row: Row) -> list[float]:
    """Median miss of each launch on the new planet, over seeds; a seed that has hit keeps its last one."""
    listed = [found for run in row.runs if isinstance(found := run.details.get("misses"), list | tuple) and found]
    longest = max(map(len, listed), default=0)
    padded = [[*map(float, found), *[float(found[-1])] * (longest - len(found))] for found in listed]
    return [float(value) for value in np.median(padded, axis=0)] if padded else []
