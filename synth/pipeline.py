"""The path of one task, and the front door from Python: spec, search, answer, verdict. The file to read first."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from dsl.compiler import compile_program
from dsl.library import Library
from dsl.program import Program
from dsl.values import Failure
from synth.budget import Budget, StopReason
from synth.guidance import UNGUIDED, Guidance, Later
from synth.guide.asking import AUTO, is_guide_file, later_for
from synth.search.forward import BottomUp
from synth.search.switches import Switches
from synth.selection import Selective
from synth.solver import Answer, Progress, Solver
from synth.verify import Verdict, verify
from tasks.task import Task

__all__ = ["GUIDES", "Result", "SolvedProgram", "Synthesizer", "Undefined", "make_solver"]

GUIDES = ("none", "online", AUTO)
"""What can guide a search, beside a file: nothing, weights learned from partial solutions, or the guide shipped."""


class Undefined(ArithmeticError):  # noqa: N818 - named as the language names it
    """A solved program was called on arguments for which it has no value."""


def make_solver(
    guide: str = "none",
    progress: Callable[[Progress], None] | None = None,
    *,
    switches: Switches | None = None,
    top: int = 1,
    min_mass: float = 0.0,
    guidance: Guidance | None = None,
) -> Solver:
    """The columnar search under a guide of `GUIDES`, or one in a file (see `load_guide`); ValueError for other names.

    `top` and `min_mass` say how many behaviours it may answer with, and how likely the first must be to be claimed.
    `guidance` recorded by an earlier search is read in place of asking the guide again.
    """
    if guide not in GUIDES and not is_guide_file(guide):
        raise ValueError(f"expected a guide of {', '.join(GUIDES)} or the name of a file, found {guide!r}")
    tricks = Switches() if switches is None else switches
    online = guide == "online"
    asked: Later | None = None if online or guide == "none" or guidance is not None else later_for(guide)
    given = UNGUIDED if online or guidance is None else guidance
    return Selective(BottomUp(given, tricks, progress, top, min_mass > 0, online, asked), top, min_mass)


@dataclass(frozen=True)
class SolvedProgram:
    """A program that can be called: lists are given as lists or tuples, and come back as tuples.

    Calling it raises Undefined where the program has no value, with the reason.
    """

    program: Program
    text: str
    library: Library

    def __call__(self, *arguments: object) -> object:
        """The program's value on these arguments."""
        outcome = compile_program(self.program, self.library)(tuple(map(_frozen, arguments)))
        if isinstance(outcome, Failure):
            raise Undefined(str(outcome))
        return outcome

    def __str__(self) -> str:
        return self.text


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


@dataclass(frozen=True)
class Result:
    """What came of a task: the search's answer, and what re-checking it from its text found."""

    task: Task
    answer: Answer
    verdict: Verdict

    @property
    def status(self) -> StopReason:
        """Why the search ended; SOLVED means a program that is right on every example."""
        return self.answer.stop

    @property
    def program(self) -> SolvedProgram | None:
        """The program, ready to be called; None where there is none."""
        if self.verdict.program is None or self.verdict.text is None:
            return None
        return SolvedProgram(self.verdict.program, self.verdict.text, self.task.library)

    @property
    def text(self) -> str | None:
        """The program's body as a person would write it."""
        return self.verdict.text


@dataclass(frozen=True)
class Synthesizer:
    """Solves tasks.

    `guide` is one of `GUIDES`, or the name of a file with a guide. `evaluations` decides how far a search goes, the
    same on every machine; `seconds` of CPU time and `memory` in bytes are caps. With none of the three, ten
    CPU-seconds. `iterations` is how often `fit` solves and learns. `library_`, of one that was fitted, has the words
    that it began with and those that it learned (in the namespace `learned`).
    """

    guide: str = "none"
    evaluations: int | None = None
    seconds: float | None = None
    memory: int | None = None
    random_state: int = 0
    iterations: int = 3
    library_: Library | None = field(default=None, repr=False, hash=False)

    def solve(self, task: Task) -> Result:
        """Search for a program that is right on every example, and judge it by the holdout too.

        A fitted one uses the words that it learned, but for those that stand for words that the task does not have.
        """
        if self.library_ is not None:
            from synth.learn.words import with_learned  # what only learning needs

            task = replace(task, library=with_learned(task.library, self.library_))
        seconds = 10.0 if self.evaluations is None and self.seconds is None else self.seconds
        budget = Budget(self.evaluations, seconds, self.memory)
        answer = make_solver(self.guide).solve(task.spec, budget, rng=random.Random(self.random_state))
        return Result(task, answer, verify(task, answer))

    def fit(self, tasks: Iterable[Task]) -> Synthesizer:
        """A synthesizer that has learned words from solving these tasks; this one stays as it is.

        Some of the tasks judge what is learned from the others. For many tasks, several processes, and a run that may
        be broken off, there is `synth learn`.
        """
        from synth.learn.fitting import fit  # as above

        return replace(self, library_=fit(tasks, self))
