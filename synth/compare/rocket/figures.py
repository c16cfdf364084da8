"""Figures of protocol `rocket`: the law along the mass ratio, and errors over the number of examples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from synth.compare.analysis import Analysis, Row
from synth.compare.figures import kind_of
from synth.compare.plots import COLOURS, Drawn, new_figure
from synth.compare.protocol import ORACLE
from synth.compare.rocket.landings import SOFT
from synth.compare.rocket.laws import FAR, INSIDE
from synth.compare.rocket.source import CURVE, HIT, LawSource, outcomes_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["far_errors", "new_planet", "speed_curves"]

_STYLES: Mapping[str, tuple[Any, str]] = MappingProxyType(
    {
        "formula": ("-", "o"),
        "net": ("-", "^"),
        "net_ensemble": ((0, (5, 1)), "d"),
        "net_log": ("--", "v"),
        "net_groups": (":", "<"),
        "net_sum": ("-.", ">"),
        "net_motion": ((0, (6, 2, 1, 2, 1, 2)), "P"),
        "gaussian_process": ("--", "s"),
        "boosting": (":", "p"),
        "operon": ("-.", "*"),
    }
)
"""Dashes and marker of each learner, as several share a colour."""
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


def _style(row: Row, *, marked: bool) -> dict[str, Any]:
    """How a learner is drawn: the colour of its side, dashes and a marker of its own."""
    dashes, marker = _STYLES.get(row.learner, ("-", "."))
    style = {"color": COLOURS[kind_of(row)], "linestyle": dashes}
    return {**style, "marker": marker, "markersize": 5} if marked else style


def _width(row: Row) -> float:
    """Thinner from fewer examples."""
    return 0.9 if row.learner == "net" and (row.size or 0) <= 100 else 1.7


def _one_seed(panel: Axes, rows: Sequence[Row], seed: int) -> list[str]:
    source = LawSource("delta_v", "delta_v")
    truth = outcomes_of(source.curve(seed)).tolist()
    panel.plot(CURVE, truth, color=COLOURS[ORACLE], linewidth=3.2, alpha=0.35, label="the law")
    few = min((row.size or 8 for row in rows if row.learner == "formula"), default=8)
    shown = source.measured(source.shown(seed, few)).columns
    ratios = shown["m0"] / shown["mf"]
    panel.plot(ratios, np.interp(ratios, CURVE, truth), "o", color=COLOURS[ORACLE], fillstyle="none", markersize=5)
    told = [f"the law {truth[-1]:.0f} m/s"]
    for row in rows:
        run = next((run for run in row.runs if run.seed == seed and _curve(run)), None)
        if run is not None:
            panel.plot(CURVE, _curve(run), label=row.title, linewidth=_width(row), **_style(row, marked=False))
            told.append(f"{row.title} {_curve(run)[-1]:.0f} m/s")
    panel.set_ylim(0, 1.35 * max(truth))
    return told


def _all_seeds(panel: Axes, rows: Sequence[Row]) -> None:
    source = LawSource("delta_v", "delta_v")
    panel.axhline(1.0, color=COLOURS[ORACLE], linewidth=3.2, alpha=0.35)
    for row in rows:
        shares = np.array([np.array(c) / outcomes_of(source.curve(r.seed)) for r in row.runs if (c := _curve(r))])
        style = _style(row, marked=False)
        panel.plot(CURVE, np.median(shares, axis=0), linewidth=_width(row), **style)
        panel.fill_between(CURVE, shares.min(axis=0), shares.max(axis=0), color=style["color"], alpha=0.12, linewidth=0)


def far_errors(analysis: Analysis) -> tuple[Drawn, ...]:
    """Median error far beyond the training range over the number of examples, a panel a task, three panels a figure."""
    tasks = [task for task in analysis.tasks if any(row.size for row in analysis.of_task(task))]
    wide = math.ceil(len(tasks) / max(1, math.ceil(len(tasks) / 3)))
    starts = range(0, len(tasks), max(1, wide))
    return tuple(_far_figure(analysis, tasks[low : low + wide], n) for n, low in enumerate(starts, 1))


def _far_figure(analysis: Analysis, tasks: Sequence[str], number: int) -> Drawn:
    figure, panels = new_figure(len(tasks), width=3.8, height=4.0)
    told: list[str] = []
    labels: dict[str, Any] = {}
    for panel, task in zip(panels, tasks, strict=True):
        learners = dict.fromkeys(row.learner for row in analysis.of_task(task) if row.size and row.ablates is None)
        for place, learner in enumerate(learners):
            shift = 1 + 0.05 * (place - len(learners) / 2)
            if line := _far_line(panel, analysis, task, learner, shift, told):
                labels.setdefault(analysis.protocol.title_of(learner), line)
        if task != "landing":  # where a hit is a speed, another share of each fall
            panel.axhline(HIT, color="#777", linewidth=0.8, linestyle=":")
        panel.set(xscale="log", yscale="log", xlabel="examples", title=task, xlim=(5, 20_000), ylim=(5e-7, 20))
    panels[0].set_ylabel("median relative error, far")
    figure.legend(labels.values(), labels.keys(), loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    alt = f"Median relative error far beyond the training range, by number of examples. {'. '.join(told)}."
    caption = (
        "Far: mass ratios 10 to 30, five or six stages, speeds and altitudes above those of the examples. Dotted: a "
        "hit, 0.5%; landings are told as shares of an unbraked fall. What is exact but for rounding stands at a "
        "millionth; points of one size stand a little apart."
    )
    return Drawn(f"far_{number}", f"How far off, far beyond the examples ({', '.join(tasks)})", alt, caption, figure)


def _far_line(panel: Axes, analysis: Analysis, task: str, learner: str, shift: float, told: list[str]) -> Any:
    """One learner's errors by number of examples, with intervals; None where it has no finite one."""
    by_size = analysis.by_size(task, learner)
    known = [(n, e) for n, row in sorted(by_size.items()) if (e := row.error_at(FAR)) and math.isfinite(e.value)]
    if not known:
        return None
    low, values, high = (np.clip([getattr(e, end) for _, e in known], 1e-6, 1e3) for end in ("low", "value", "high"))
    numbers = ", ".join(f"{v:.2g} from {n}" for (n, _), v in zip(known, values, strict=True))
    told.append(f"{analysis.protocol.title_of(learner)} on {task}: {numbers}")
    style = _style(next(iter(by_size.values())), marked=True)
    return panel.errorbar(
        [n * shift for n, _ in known], values, yerr=[values - low, high - values], capsize=2, linewidth=1.3, **style
    )


@dataclass(frozen=True)
class _Moment:
    """The words of the figure of a task on trials, its dotted lines, and the span of misses on the new planet."""

    name: str
    trials: str
    place: str
    does: str
    miss: str
    at_home: str
    there: str
    home_hits: float | None
    hits: float
    hit: str
    span: tuple[float, float]


_MOMENTS: Mapping[str, _Moment] = MappingProxyType(
    {
        "launch": _Moment(
            name="planet",
            trials="launches",
            place="planet with other gravity and air",
            does="launches at one target after the other",
            miss="Miss distance",
            at_home="miss, as a share of the distance",
            there="",
            home_hits=HIT,
            hits=HIT,
            hit="0.5%",
            span=(5e-5, 10),
        ),
        "landing": _Moment(
            name="moon",
            trials="landings",
            place="moon with other gravity",
            does="lands one lander after the other",
            miss="Speed of touchdown",
            at_home="touchdown, as a share of an unbraked fall",
            there="touchdown, m/s",
            home_hits=None,
            hits=SOFT,
            hit=f"{SOFT:g} m/s",
            span=(5e-2, 200),
        ),
    }
)


def new_planet(analysis: Analysis) -> tuple[Drawn, ...]:
    """Misses over launches and landings: at home by how many were learned from, then one by one on a new planet."""
    drawn = (_moment(analysis, task, words) for task, words in _MOMENTS.items())
    return tuple(figure for figure in drawn if figure is not None)


def _moment(analysis: Analysis, task: str, words: _Moment) -> Drawn | None:
    rows = [row for row in analysis.of_task(task) if row.size and row.ablates is None]
    rows = [row for row in rows if row is analysis.row(task, row.learner) or row.learner == "formula"]
    if not rows:
        return None
    figure, (home, new) = new_figure(2, width=5.2, height=4.0)
    told = []
    for learner in dict.fromkeys(row.learner for row in rows):
        by_size = analysis.by_size(task, learner)
        first = next(iter(by_size.values()))
        style = _style(first, marked=True)
        points = [(n, e.value) for n, row in sorted(by_size.items()) if (e := row.error_at(INSIDE)) is not None]
        home.plot([n for n, _ in points], [max(v, 1e-5) for _, v in points], label=_title(analysis, learner), **style)
        shown = by_size[min(by_size)] if first.side == "program" else by_size[max(by_size)]
        misses = _misses(shown)
        new.plot(range(1, len(misses) + 1), [max(v, 1e-5) for v in misses], **style)
        wasted = [int(str(run.details.get("wasted", 0))) for run in shown.runs]
        told.append(f"{_title(analysis, learner)}: first miss {misses[0]:.2g}, {words.trials} wasted {wasted}")
    for panel, hits, span in ((home, words.home_hits, (5e-5, 10)), (new, words.hits, words.span)):
        if hits is not None:
            panel.axhline(hits, color="#777", linewidth=0.8, linestyle=":")
        panel.set(yscale="log", ylim=span)
    home.set(xscale="log", xlim=(5, 2_000), xlabel=f"{words.trials} at home", ylabel=words.at_home, title="at home")
    new.axvline(0.5, color=COLOURS[ORACLE], linewidth=2)
    kind = words.place.split()[0]
    new.annotate(f"new {kind}", (0.6, words.span[1] / 2), fontsize=9)
    new.set(xlabel=f"{task} on the new {kind}", ylabel=words.there, title=f"on a {words.place}")
    new.set_xticks(range(1, 1 + max((len(_misses(row)) for row in rows), default=1)))
    handles, labels = home.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    caption = (
        f"Median miss. Right: each learner {words.does}, learns from what it has seen there, and stops at its first "
        f"hit (dotted: {words.hit}); who has hit stays at its last miss in the median."
    )
    return Drawn(words.name, f"The moment of the new {kind}", f"{words.miss}. {'. '.join(told)}.", caption, figure)


def _title(analysis: Analysis, learner: str) -> str:
    return analysis.protocol.title_of(learner)


def _misses(row: Row) -> list[float]:
    """Median miss of each launch on the new planet, over seeds; a seed that has hit keeps its last one."""
    listed = [found for run in row.runs if isinstance(found := run.details.get("misses"), list | tuple) and found]
    longest = max(map(len, listed), default=0)
    padded = [[*map(float, found), *[float(found[-1])] * (longest - len(found))] for found in listed]
    return [float(value) for value in np.median(padded, axis=0)] if padded else []
