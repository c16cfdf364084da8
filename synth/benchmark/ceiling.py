"""How many tasks of a suite could be got right at all: what words can say, and what the examples tell apart.

Neither can be known exactly, so both are bounded. From below: a reference solution that is right, or a program found
that is. From above: by the tasks whose own examples, under our prior over programs, point to another program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dsl.errors import InterfaceError
from synth.budget import StopReason
from synth.verify import judge
from synth.workload import Item
from tasks.suite import BrokenTask
from tasks.task import Task

__all__ = ["HEADINGS", "WITHIN", "Ceiling", "ceiling_of", "solution_holds"]

HEADINGS = ("of the tasks", "tasks", "of")
WITHIN = 3.0
"""Bits within which two programs are about equally likely."""
_HOPELESS = frozenset({StopReason.CONTRADICTORY.value, StopReason.UNREACHABLE.value})


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Counts of tasks.

    Of all `tasks`, some come `with_solution`, which may be right on all pairs (`solution_right`); a program that is
    right on all pairs is known for `expressible`; `hopeless` are contradictory, of a type without words, or unreadable.

    The others are about the `judged` tasks, which have held-out pairs, and to the `solved` among them, for which
    programs that fit were found. "Near" are those within some bits of the cheapest that fits. `settled`: all near ones
    are right on the held-out pairs. `split`: near ones are right and wrong. `misled`: all near ones are wrong.
    `cheapest_wrong`: the cheapest is.
    """

    tasks: int
    with_solution: int
    solution_right: int
    expressible: int
    hopeless: int
    judged: int
    judged_hopeless: int
    solved: int
    cheapest_wrong: int
    settled: int
    split: int
    misled: int
    within: float

    @property
    def at_least(self) -> int:
        """Judged tasks that are within reach: a program that fits is right, and no other comes near."""
        return self.settled

    @property
    def at_most(self) -> int:
        """Judged tasks less those that are hopeless, and those whose examples point to wrong programs only."""
        return self.judged - self.judged_hopeless - self.misled

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        return {
            **asdict(self),
            "contested": self.split + self.misled,
            "at_least": self.at_least,
            "at_most": self.at_most,
        }

    def rows(self) -> list[tuple[str, str, str]]:
        """Lines of a table under `HEADINGS`."""
        near = f"within {self.within:g} bits of the cheapest that fits"
        lines = (
            ("the reference solution is right on all pairs", self.solution_right, self.with_solution),
            ("a program that is right on all pairs is known", self.expressible, self.tasks),
            ("contradictory, without words for the type, or unreadable", self.hopeless, self.tasks),
            ("programs that fit the examples were found", self.solved, self.judged),
            ("the cheapest of them is wrong on held-out pairs", self.cheapest_wrong, self.solved),
            (f"settled: every program {near} is right", self.settled, self.solved),
            (f"split: of the programs {near} some are wrong", self.split, self.solved),
            (f"misled: every program {near} is wrong", self.misled, self.solved),
            ("ceiling, at least: settled", self.at_least, self.judged),
            ("ceiling, at most: neither misled nor hopeless", self.at_most, self.judged),
        )
        return [(text, str(count), str(of)) for text, count, of in lines]


def solution_holds(task: Task) -> bool | None:
    """Whether the reference solution, read back from its text, is right on all pairs; None where there is none."""
    if task.solution is None:
        return None
    verdict = judge(task, task.solution)
    return verdict.fits and verdict.holdout is not False


def ceiling_of(items: Sequence[Item], lines: Iterable[Mapping[str, Any]], *, within: float = WITHIN) -> Ceiling:
    """The counts, over the items that have a line of `synth eval`. Raises InterfaceError for lines of one answer."""
    known = {line["task"]: line for line in lines}
    tried = [(item, known[item.name]) for item in items if item.name in known]
    fitting = {item.name: _fitting(line) for item, line in tried}
    solutions = {item.name: solution_holds(item.content) if isinstance(item.content, Task) else None
                 for item, _ in tried}  # fmt: skip
    found_right = {name for name, programs in fitting.items() if any(right is not False for _, right in programs)}
    hopeless = {i.name for i, line in tried if line["status"] in _HOPELESS or isinstance(i.content, BrokenTask)}
    judged = {item.name for item, line in tried if line["holdout"] is not None}
    near = {name: _near(programs, within) for name, programs in fitting.items() if programs and name in judged}
    return Ceiling(
        tasks=len(tried),
        with_solution=sum(holds is not None for holds in solutions.values()),
        solution_right=sum(holds is True for holds in solutions.values()),
        expressible=sum(solutions[name] is True or name in found_right for name in known if name in solutions),
        hopeless=len(hopeless),
        judged=len(judged),
        judged_hopeless=len(hopeless & judged),
        solved=len(near),
        cheapest_wrong=sum(not min(fitting[name], key=lambda p: p[0])[1] for name in near),
        settled=sum(all(rights) for rights in near.values()),
        split=sum(any(rights) and not all(rights) for rights in near.values()),
        misled=sum(not any(rights) for rights in near.values()),
        within=within,
    )


def _fitting(line: Mapping[str, Any]) -> list[tuple[float, bool | None]]:
    """Bits of every behaviour found that fits, and whether it is right on the held-out pairs; None without any."""
    if line["fits"] and not line["alternatives"]:
        raise InterfaceError(
            f"expected all answers that were found, found one for {line['task']!r}",
            hint="ask for several: synth eval SUITE --attempts 64 --out FILE.jsonl",
        )
    return [(a["bits"], a["holdout"]) for a in line["alternatives"]]


def _near(programs: Sequence[tuple[float, bool | None]], within: float) -> list[bool]:
    cheapest = min(bits for bits, _ in programs)
    return [right is True for bits, right in programs if bits <= cheapest + within]
