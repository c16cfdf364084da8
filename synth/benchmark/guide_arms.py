"""What each thing that a guide says buys: the same tasks, the same evaluations, and one kind of its guidance alone."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from synth.attempt import TaskReport
from synth.benchmark.arms import NONE, ONLINE, Advice, arm_outcomes
from synth.benchmark.paired import Contrast, Shares, Sums, contrast_cells, right_cell, shares_of, sums_of
from synth.benchmark.trials import Outcome
from synth.guidance import Guidance
from synth.guide.asking import Asking
from synth.run_record import guide_digests
from tasks.task import Task

__all__ = ["ALL", "GUIDED_ARMS", "HEADINGS", "KINDS", "ArmEffect", "GuideArms", "PartByPart", "guide_arms_of", "only"]

KINDS = ("contexts", "sketches", "subgoals", "bits")
"""The fields of `Guidance` that a search goes by."""
ALL = "all"
GUIDED_ARMS = (ONLINE, *(f"{kind} only" for kind in KINDS), ALL)
HEADINGS = (
    *("guided by", "solved", "of all", "p", "held out right", "of all", "p"),
    *("none / guided*", "worst guided / none*", "tasks*", "CPU-s"),
)


@dataclass(frozen=True, slots=True)
class PartByPart:
    """Asks the guide in a file once a task, and gives each arm one kind of what it says."""

    path: Path

    @property
    def arms(self) -> tuple[str, ...]:
        """What guides: what the search learns, each kind alone, and all together."""
        return GUIDED_ARMS

    @property
    def identity(self) -> Mapping[str, object]:
        """The guide, by its content."""
        return {"guide": sorted(guide_digests(str(self.path)).values())}

    def __call__(self, task: Task, unguided: TaskReport) -> Advice:
        """What the guide says of a task; a guide that cannot help leaves its arms as the search is without."""
        said = replace(Asking(self.path)(task.spec), after=0)
        parts = {f"{kind} only": only(said, kind) for kind in KINDS}
        return Advice(said.source, {ONLINE: None, **parts, ALL: said})


def only(said: Guidance, kind: str) -> Guidance:
    """Guidance with one kind of what it says, and nothing else.

    >>> said = Guidance("a guide", {"list.map": -1.0}, contexts={("", 0): {"list.map": 0.0}})
    >>> only(said, "bits") == Guidance("a guide", {"list.map": -1.0})
    True
    """
    nothing = Guidance()
    return replace(said, **{other: getattr(nothing, other) for other in KINDS if other != kind})


@dataclass(frozen=True, slots=True)
class ArmEffect:
    """A way of guiding: its sums, and how its shares differ from those without guidance, which come first.

    `savings` are the evaluations to the first program that fits, without over with guidance, on each task that both
    solve.
    """

    guided_by: str
    sums: Sums
    solved: Contrast
    right: Contrast | None
    savings: tuple[float, ...]

    @property
    def median_saving(self) -> float | None:
        """Median of the evaluations without / with guidance."""
        return statistics.median(self.savings) if self.savings else None

    @property
    def worst(self) -> float | None:
        """The most that guidance cost on a task: evaluations with / without."""
        return 1 / min(self.savings) if self.savings else None


@dataclass(frozen=True, slots=True)
class GuideArms:
    """All ways of guiding, over the tasks searched in every one; of `silent` of them the guide had nothing to say."""

    tasks: int
    silent: int
    unguided: Sums
    effects: tuple[ArmEffect, ...]

    def to_json(self) -> dict[str, object]:
        """Plain data; effects by what guides."""
        arms = {
            effect.guided_by: {**asdict(effect), "median_saving": effect.median_saving, "worst": effect.worst}
            for effect in self.effects
        }
        return {"tasks": self.tasks, "silent": self.silent, NONE: asdict(self.unguided), "arms": arms}

    def rows(self) -> list[tuple[str, ...]]:
        """Lines of a table under `HEADINGS`; savings above one say that guidance saves work."""
        unguided = self.unguided
        first = (NONE, str(unguided.solved.right), "", "", right_cell(unguided), "", "", "", "", "")
        return [(*first, f"{unguided.seconds:,.0f}"), *(_row(effect) for effect in self.effects)]


def guide_arms_of(lines: Sequence[Mapping[str, Any]]) -> GuideArms:
    """The effects, from the lines of a study with at least one task searched in every way."""
    outcomes = arm_outcomes(lines, (NONE, *GUIDED_ARMS))
    unguided, guided = outcomes[NONE], [outcomes[arm] for arm in GUIDED_ARMS]
    shares = shares_of(unguided, guided)
    effects = (_effect(arm, unguided, outcomes[arm], s) for arm, s in zip(GUIDED_ARMS, shares, strict=True))
    silent = sum(line["task"] in unguided and line["said_by"].startswith("off (") for line in lines)
    return GuideArms(len(unguided), silent, sums_of(unguided), tuple(effects))


def _effect(arm: str, unguided: Mapping[str, Outcome], guided: Mapping[str, Outcome], shares: Shares) -> ArmEffect:
    both = [(unguided[task], guided[task]) for task in unguided if unguided[task].solved and guided[task].solved]
    savings = tuple(max(1, without.evaluations) / max(1, with_it.evaluations) for without, with_it in both)
    return ArmEffect(arm, sums_of(guided), shares.solved, shares.right, savings)


def _row(effect: ArmEffect) -> tuple[str, ...]:
    return (
        effect.guided_by,
        str(effect.sums.solved.right),
        *contrast_cells(effect.solved),
        right_cell(effect.sums),
        *contrast_cells(effect.right),
        *("-" if figure is None else f"{figure:,.2f}" for figure in (effect.median_saving, effect.worst)),
        str(len(effect.savings)),
        f"{effect.sums.seconds:,.0f}",
    )
