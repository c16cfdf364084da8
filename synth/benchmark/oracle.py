"""What a guide could save: searches with the oracle's guidance beside the unguided one, in evaluations.

A solution is the task's own, or what an unguided search finds within the same budget, if held-out pairs do not refute
it. That favours easy tasks where there are no reference solutions, and the report says how many there were of each.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dsl.program import Lambda
from synth.attempt import TaskReport, program_of
from synth.benchmark.arms import NONE, Advice, arm_outcomes
from synth.benchmark.ceiling import solution_holds
from synth.benchmark.trials import Outcome
from synth.guide.oracle import oracle_guidance
from tasks.task import Task

__all__ = ["FROM_SEARCH", "FROM_TASK", "HEADINGS", "NOBODY", "ORACLES", "Oracle", "Summary", "summaries"]

ORACLES = {
    "bits": {"bits": True, "sketch": False},
    "sketch": {"bits": False, "sketch": True},
    "both": {"bits": True, "sketch": True},
    "contexts": {"bits": False, "sketch": False, "contexts": True},
    "subgoal": {"bits": False, "sketch": False, "subgoal": True},
}
"""What the oracle says, by name, as `oracle_guidance` is asked."""
FROM_TASK, FROM_SEARCH, NOBODY = "the task's solution", "what a search found", "no solution is known"
HEADINGS = ("the oracle says", "solved", "of", "unguided solves", "median saving", "least saving", "most saving")


@dataclass(frozen=True, slots=True)
class Oracle:
    """Says all that it knows of a task's solution, a kind in each arm."""

    @property
    def arms(self) -> tuple[str, ...]:
        """What it says."""
        return tuple(ORACLES)

    @property
    def identity(self) -> Mapping[str, object]:
        """It has no file that could be another."""
        return {}

    def __call__(self, task: Task, unguided: TaskReport) -> Advice:
        """Guidance in every arm; none at all where no solution is known."""
        solution, whose = _solution(task, unguided)
        if solution is None:
            return Advice(whose, {})
        return Advice(whose, {arm: oracle_guidance(task.spec, solution, **kinds) for arm, kinds in ORACLES.items()})


def _solution(task: Task, unguided: TaskReport) -> tuple[Lambda | None, str]:
    """A program that is right, and whose it is."""
    if isinstance(task.solution, Lambda) and solution_holds(task):
        return task.solution, FROM_TASK
    found = program_of(unguided, task) if unguided.fits and unguided.holdout is not False else None
    return found, NOBODY if found is None else FROM_SEARCH


@dataclass(frozen=True, slots=True)
class Summary:
    """One kind of guidance over all tasks with a known solution.

    Savings are unguided evaluations to the first fit over guided ones, on tasks that both solve.
    """

    says: str
    tasks: int
    solved: int
    unguided_solved: int
    savings: tuple[float, ...]

    def row(self) -> tuple[str, ...]:
        """A line of a table under `HEADINGS`."""
        known = self.savings
        figures = (statistics.median(known), min(known), max(known)) if known else ()
        shown = tuple(f"{figure:,.2f}" for figure in figures) or ("-",) * 3
        return (self.says, str(self.solved), str(self.tasks), str(self.unguided_solved), *shown)

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        return {**asdict(self), "median_saving": statistics.median(self.savings) if self.savings else None}


def summaries(lines: Sequence[Mapping[str, Any]]) -> tuple[Summary, ...]:
    """What each kind of guidance came to, over the tasks with a known solution, from the lines of a study."""
    outcomes = arm_outcomes(lines, (NONE, *ORACLES))
    return tuple(_summary(says, outcomes[NONE], outcomes[says]) for says in ORACLES)


def _summary(says: str, unguided: Mapping[str, Outcome], guided: Mapping[str, Outcome]) -> Summary:
    both = [(unguided[task], guided[task]) for task in unguided if unguided[task].solved and guided[task].solved]
    return Summary(
        says,
        len(guided),
        sum(outcome.solved for outcome in guided.values()),
        sum(outcome.solved for outcome in unguided.values()),
        tuple(without.evaluations / max(1, with_it.evaluations) for without, with_it in both),
    )
