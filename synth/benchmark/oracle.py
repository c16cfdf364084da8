"""What a guide could save: searches with the oracle's guidance beside the unguided one, in evaluations.

A solution is the task's own, or what an unguided search finds within the same budget, if held-out pairs do not refute
it. That favours easy tasks where there are no reference solutions, and the report says how many there were of each.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from dsl.program import Lambda
from synth.benchmark.ceiling import solution_holds
from synth.budget import Budget
from synth.guidance import UNGUIDED, Guidance
from synth.guide.oracle import oracle_guidance
from synth.pipeline import make_solver
from synth.verify import verify
from synth.workload import Item
from tasks.task import Task

__all__ = ["CONTESTANTS", "HEADINGS", "OracleLine", "Summary", "oracle_lines", "summaries"]

CONTESTANTS = ("bits", "sketch", "both")
"""What the oracle says."""
HEADINGS = ("the oracle says", "solved", "of", "unguided solves", "median saving", "least saving", "most saving")


@dataclass(frozen=True, slots=True)
class OracleLine:
    """One task: whose the solution is (`task`, `search`, or none), and evaluations to the first fit, None for none."""

    task: str
    solution: str | None
    unguided: int | None
    guided: dict[str, int | None]


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


def oracle_lines(items: Iterable[Item], budget: Budget, *, seed: int = 0) -> Iterator[OracleLine]:
    """Every readable task, searched unguided and in each guided way, one after the other."""
    for item in items:
        if isinstance(item.content, Task):
            yield _line(item.name, item.content, budget, seed)


def _line(name: str, task: Task, budget: Budget, seed: int) -> OracleLine:
    found = _solution(task, budget, seed)
    if found is None:
        return OracleLine(name, None, None, dict.fromkeys(CONTESTANTS))
    whose, solution = found
    says = {
        "bits": oracle_guidance(task.spec, solution, sketch=False),
        "sketch": oracle_guidance(task.spec, solution, bits=False),
        "both": oracle_guidance(task.spec, solution),
    }
    return OracleLine(
        name,
        whose,
        _cost(task, UNGUIDED, budget, seed),
        {how: _cost(task, says[how], budget, seed) for how in CONTESTANTS},
    )


def _cost(task: Task, guidance: Guidance, budget: Budget, seed: int) -> int | None:
    return make_solver(guidance=guidance).solve(task.spec, budget, rng=random.Random(seed)).first_fit


def _solution(task: Task, budget: Budget, seed: int) -> tuple[str, Lambda] | None:
    if isinstance(task.solution, Lambda) and solution_holds(task):
        return "task", task.solution
    answer = make_solver().solve(task.spec, budget, rng=random.Random(seed))
    verdict = verify(task, answer)
    if isinstance(answer.program, Lambda) and verdict.fits and verdict.holdout is not False:
        return "search", answer.program
    return None


def summaries(lines: Sequence[OracleLine]) -> tuple[Summary, ...]:
    """What each kind of guidance came to, over the tasks with a known solution."""
    known = [line for line in lines if line.solution is not None]
    return tuple(_summary(says, known) for says in CONTESTANTS)


def _summary(says: str, lines: Sequence[OracleLine]) -> Summary:
    pairs = [(line.unguided, line.guided[says]) for line in lines]
    return Summary(
        says,
        len(lines),
        sum(guided is not None for _, guided in pairs),
        sum(unguided is not None for unguided, _ in pairs),
        tuple(u / max(1, g) for u, g in pairs if u is not None and g is not None),
    )
