"""What each trick of the search buys: the same tasks with all tricks on, and with one of them off, paired by task."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from synth.benchmark.paired import Contrast, Shares, Sums, contrast_cells, right_cell, shares_of, sums_of
from synth.benchmark.trials import OURS, Outcome, without
from synth.compare.metrics import Estimate, bootstrap_mean, bootstrap_ratio

__all__ = ["HEADINGS", "Ablation", "Effect", "ablation_of"]

HEADINGS = (
    *("off", "solved", "of all", "p", "held out right", "of all", "p", "CPU-s", "off / on"),
    *("evaluations*", "CPU-s*", "tasks*"),
)
_SEED = 0
_SHORTEST = 0.01
"""CPU-seconds that every attempt counts for at least: below that, times are not worth comparing."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A trick switched off: its sums, and how they differ from those with all tricks on, which come first in contrasts.

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
    on, off = outcomes[OURS], [outcomes[without(trick)] for trick in tricks]
    pairs = zip(tricks, off, shares_of(on, off), strict=True)
    return Ablation(
        len(on), sums_of(on), tuple(_effect(trick, on, without_it, shares) for trick, without_it, shares in pairs)
    )


def _effect(trick: str, on: Mapping[str, Outcome], off: Mapping[str, Outcome], shares: Shares) -> Effect:
    both = [task for task in on if on[task].solved and off[task].solved]
    rng = np.random.default_rng(_SEED)
    return Effect(
        trick,
        sums_of(off),
        shares.solved,
        shares.right,
        bootstrap_ratio([_seconds(off[task]) for task in on], [_seconds(o) for o in on.values()], rng),
        _mean_ratio([(max(1, off[t].evaluations), max(1, on[t].evaluations)) for t in both], rng),
        _mean_ratio([(_seconds(off[t]), _seconds(on[t])) for t in both], rng),
    )


def _seconds(outcome: Outcome) -> float:
    return max(_SHORTEST, outcome.seconds)


def _mean_ratio(pairs: Sequence[tuple[float, float]], rng: np.random.Generator) -> Estimate | None:
    """The geometric mean of ratios, with its interval."""
    if not pairs:
        return None
    mean = bootstrap_mean([math.log2(off / on) for off, on in pairs], rng)
    return replace(mean, value=2**mean.value, low=2**mean.low, high=2**mean.high)


# --- as a table ----------------------------------------------------------------------------------------------------


def _sums_cells(sums: Sums) -> tuple[str, ...]:
    return (str(sums.solved.right), "", "", right_cell(sums), "", "", f"{sums.seconds:,.0f}", "", "", "", "")


def _row(effect: Effect) -> tuple[str, ...]:
    return (
        effect.trick,
        str(effect.off.solved.right),
        *contrast_cells(effect.solved),
        right_cell(effect.off),
        *contrast_cells(effect.right),
        f"{effect.off.seconds:,.0f}",
        str(effect.cpu),
        _cell(effect.evaluations, str),
        _cell(effect.cpu_to_solve, str),
        "0" if effect.evaluations is None else str(effect.evaluations.n),
    )


def _cell(estimate: Estimate | None, shown: Callable[[Estimate], str]) -> str:
    return "-" if estimate is None else shown(estimate)
