"""What each trick of the search buys: the same tasks with all tricks on, and with one of them off, paired by task."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from synth.benchmark.trials import OURS, Outcome, without
from synth.compare.metrics import Count, Estimate, bootstrap_mean, bootstrap_ratio, holm, mcnemar, paired_difference

__all__ = ["HEADINGS", "Ablation", "Contrast", "Effect", "Sums", "ablation_of"]

HEADINGS = (
    *("off", "solved", "of all", "p", "held out right", "of all", "p", "CPU-s", "off / on"),
    *("evaluations*", "CPU-s*", "tasks*"),
)
_SEED = 0
_SHORTEST = 0.01
"""CPU-seconds that every attempt counts for at least: below that, times are not worth comparing."""


@dataclass(frozen=True, slots=True)
class Sums:
    """A contestant's attempts at all tasks: how many solved, right where held out, and the CPU-seconds in all."""

    solved: Count
    right: Count
    seconds: float


@dataclass(frozen=True, slots=True)
class Contrast:
    """With and without, on the same tasks: tasks that only the one got and only the other, and what that comes to.

    `difference` is the share without less the share with; `p` that of McNemar's exact test, `p_holm` after Holm's
    correction over all tricks.
    """

    only_on: int
    only_off: int
    difference: Estimate
    p: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class Effect:
    """A trick switched off: its sums, and how they differ from those with all tricks on.

    `right` is None where no task has held-out pairs. `cpu` is the ratio, off to on, of the CPU-seconds on all tasks,
    those not solved included. `evaluations` and `cpu_to_solve` are geometric means of the same ratio over the tasks
    that both solved; None where there are none.
    """

    trick: str
    off: Sums
    solved: Contrast
    right: Contrast | None
    cpu: Estimate
    evaluations: Estimate | None
    cpu_to_solve: Estimate | None


@dataclass(frozen=True, slots=True)
class Ablation:
    """The effects of all tricks, over the tasks that were tried in every way."""

    tasks: int
    on: Sums
    effects: tuple[Effect, ...]

    def to_json(self) -> dict[str, object]:
        """Plain data; effects by trick."""
        return {
            "tasks": self.tasks,
            "all_on": asdict(self.on),
            "off": {effect.trick: asdict(effect) for effect in self.effects},
        }

    def rows(self) -> list[tuple[str, ...]]:
        """Lines of a table under `HEADINGS`; ratios above one say that the trick saves work."""
        return [("nothing", *_sums_cells(self.on)), *(_row(effect) for effect in self.effects)]


def ablation_of(outcomes: Mapping[str, Mapping[str, Outcome]], tricks: Sequence[str]) -> Ablation:
    """The effects, from outcomes by contestant and task: all contestants on the same tasks, at least one."""
    on = outcomes[OURS]
    effects = [_effect(trick, on, outcomes[without(trick)]) for trick in tricks]
    return Ablation(len(on), _sums(on), tuple(_corrected(effects)))


def _effect(trick: str, on: Mapping[str, Outcome], off: Mapping[str, Outcome]) -> Effect:
    judged = [task for task, outcome in on.items() if outcome.right is not None]
    both = [task for task in on if on[task].solved and off[task].solved]
    rng = np.random.default_rng(_SEED)
    return Effect(
        trick,
        _sums(off),
        _contrast([o.solved for o in on.values()], [off[task].solved for task in on]),
        _contrast([on[t].right is True for t in judged], [off[t].right is True for t in judged]) if judged else None,
        bootstrap_ratio([_seconds(off[task]) for task in on], [_seconds(o) for o in on.values()], rng),
        _mean_ratio([(max(1, off[t].evaluations), max(1, on[t].evaluations)) for t in both], rng),
        _mean_ratio([(_seconds(off[t]), _seconds(on[t])) for t in both], rng),
    )


def _sums(outcomes: Mapping[str, Outcome]) -> Sums:
    found = list(outcomes.values())
    return Sums(
        Count(sum(o.solved for o in found), len(found)),
        Count(sum(o.right is True for o in found), sum(o.right is not None for o in found)),
        round(sum(o.seconds for o in found), 3),
    )


def _seconds(outcome: Outcome) -> float:
    return max(_SHORTEST, outcome.seconds)


def _contrast(on: Sequence[bool], off: Sequence[bool]) -> Contrast:
    pairs = list(zip(on, off, strict=True))
    only_on, only_off = pairs.count((True, False)), pairs.count((False, True))
    p = mcnemar(on, off) if only_on + only_off else 1.0
    return Contrast(only_on, only_off, paired_difference(only_off, only_on, len(pairs)), p, p)


def _mean_ratio(pairs: Sequence[tuple[float, float]], rng: np.random.Generator) -> Estimate | None:
    """The geometric mean of ratios, with its interval."""
    if not pairs:
        return None
    mean = bootstrap_mean([math.log2(off / on) for off, on in pairs], rng)
    return replace(mean, value=2**mean.value, low=2**mean.low, high=2**mean.high)


def _corrected(effects: Sequence[Effect]) -> list[Effect]:
    solved = holm([effect.solved.p for effect in effects])
    right = iter(holm([effect.right.p for effect in effects if effect.right is not None]))
    return [
        replace(
            effect,
            solved=replace(effect.solved, p_holm=p),
            right=None if effect.right is None else replace(effect.right, p_holm=next(right)),
        )
        for effect, p in zip(effects, solved, strict=True)
    ]


# --- as a table ----------------------------------------------------------------------------------------------------


def _sums_cells(sums: Sums) -> tuple[str, ...]:
    return (str(sums.solved.right), "", "", _right_cell(sums), "", "", f"{sums.seconds:,.0f}", "", "", "", "")


def _right_cell(sums: Sums) -> str:
    return str(sums.right.right) if sums.right.total else "-"


def _row(effect: Effect) -> tuple[str, ...]:
    return (
        effect.trick,
        str(effect.off.solved.right),
        *_contrast_cells(effect.solved),
        _right_cell(effect.off),
        *_contrast_cells(effect.right),
        f"{effect.off.seconds:,.0f}",
        str(effect.cpu),
        _cell(effect.evaluations, str),
        _cell(effect.cpu_to_solve, str),
        "0" if effect.evaluations is None else str(effect.evaluations.n),
    )


def _cell(estimate: Estimate | None, shown: Callable[[Estimate], str]) -> str:
    return "-" if estimate is None else shown(estimate)


def _contrast_cells(contrast: Contrast | None) -> tuple[str, str]:
    if contrast is None:
        return "-", "-"
    d = contrast.difference
    return f"{100 * d.value:+.1f}% [{100 * d.low:+.1f}, {100 * d.high:+.1f}]", f"{contrast.p_holm:.2g}"
