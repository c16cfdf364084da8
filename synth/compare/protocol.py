"""A protocol: one comparison of learners on generated tasks, written down before it is run, as plain data.

A protocol says what is asked, how inputs are drawn, who learns from what, what counts, and what is expected. Runs,
fairness rules and reports read it; nothing in it runs anything. Functions in it are module-level ones, so that a
protocol can travel to worker processes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from dsl.errors import InterfaceError
from dsl.library import Library, nearest
from synth.solver import Solver
from tasks.suite import Suite

if TYPE_CHECKING:
    from torch.nn import Module

__all__ = [
    "CHANCE",
    "ORACLE",
    "TRAINED_ENOUGH",
    "BudgetName",
    "Contest",
    "Effort",
    "Lengths",
    "MakeNet",
    "NetLearner",
    "Prediction",
    "ProgramLearner",
    "Protocol",
    "ProtocolTask",
    "Side",
]

BudgetName: TypeAlias = Literal["quick", "standard"]
Side: TypeAlias = Literal["program", "net", "reference"]
MakeNet: TypeAlias = "Callable[[int, int], Module]"
"""From the numbers of input and of output tokens to a fresh net; called as `net(tokens, slots)`."""

ORACLE, CHANCE = "oracle", "chance"
"""The reference rows: the task's own solution, and a guess drawn evenly from the output tokens."""

TRAINED_ENOUGH = 0.95
"""Exact match on the training distribution from which on a net counts as trained (rule F6)."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths of inputs, all inclusive: what nets train on, what programs are shown, what is tested, what decides."""

    trained: tuple[int, int]
    shown: tuple[int, int]
    tested: tuple[int, ...]
    headline: int

    @property
    def inside(self) -> tuple[int, ...]:
        """Tested lengths that nets train on."""
        return tuple(n for n in self.tested if self.trained[0] <= n <= self.trained[1])

    @property
    def near(self) -> tuple[int, ...]:
        """Tested lengths up to half as long again as the longest trained one."""
        return tuple(n for n in self.tested if self.trained[1] < n <= self.trained[1] * 3 // 2)


@dataclass(frozen=True, slots=True)
class ProtocolTask:
    """A generator task of the protocol's suite, and a program over the program side's words that is known to be right.

    No solver is shown `reference`; it prices wrong programs, to tell bad luck in the draw of examples from failure.
    `examples` is how many pairs programs see. `headline` is off for tasks that one word solves (rule F10).
    """

    name: str
    summary: str
    reference: str
    examples: int
    headline: bool = True


@dataclass(frozen=True, slots=True)
class NetLearner:
    """A deep net: how to make one, its peak learning rate, and what it is, for people."""

    name: str
    title: str
    make: MakeNet
    learning_rate: float
    description: str


@dataclass(frozen=True, slots=True)
class ProgramLearner:
    """Program synthesis: the words it may use, and the solver."""

    name: str
    title: str
    tier: str
    words: Callable[[], Library]
    make_solver: Callable[[], Solver]
    description: str


def _no_steps() -> Mapping[str, int]:
    return {}


@dataclass(frozen=True)
class Effort:
    """What one run of a protocol may cost.

    `steps` are training steps for each task; each step is `batch` fresh inputs, in `lengths_per_batch` groups of one
    length each. `tests` is the number of test inputs for each length. Programs get `evaluations`, and `seconds` of
    CPU as a cap.
    """

    name: str
    tasks: tuple[str, ...]
    nets: tuple[str, ...]
    seeds: int
    steps: Mapping[str, int] = field(default_factory=_no_steps)
    batch: int = 96
    lengths_per_batch: int = 3
    tests: int = 200
    evaluations: int = 400_000
    seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is expected of a learner's exact match at one length, written down before the run.

    Exactly one of `at_least` and `at_most` is given.
    """

    task: str
    learner: str
    length: int
    why: str
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        assert (self.at_least is None) != (self.at_most is None), "one bound, either below or above"

    @property
    def bound(self) -> str:
        """The expectation in words.

        >>> Prediction("parity", "gru", 100, "", at_least=0.9).bound
        'at least 0.9'
        """
        return f"at least {self.at_least:g}" if self.at_least is not None else f"at most {self.at_most:g}"


@dataclass(frozen=True, slots=True)
class Contest:
    """A planned comparison: the program against a net, on one task, on the test inputs of one length."""

    task: str
    net: str
    length: int


@dataclass(frozen=True)
class Protocol:
    """One comparison, complete: tasks, learners, lengths, costs, expectations, and what may be held against it.

    `transductive` says whether learners are given the test inputs beforehand. `tuning` says how the nets' recipes
    were found. `figure` heads the strips. `threats` are printed in every report.
    """

    name: str
    title: str
    claim: str
    figure: str
    load: Callable[[], Suite]
    tasks: tuple[ProtocolTask, ...]
    lengths: Lengths
    program: ProgramLearner
    nets: tuple[NetLearner, ...]
    efforts: Mapping[str, Effort]
    predictions: tuple[Prediction, ...]
    contests: tuple[Contest, ...]
    threats: tuple[str, ...]
    tuning: str = ""
    transductive: bool = False

    def task(self, name: str) -> ProtocolTask:
        """The protocol's task of that name; KeyError if there is none."""
        return {task.name: task for task in self.tasks}[name]

    def net(self, name: str) -> NetLearner:
        """The net of that name; KeyError if there is none."""
        return {net.name: net for net in self.nets}[name]

    def effort(self, budget: str) -> Effort:
        """The effort of a budget; InterfaceError, with the nearest name, where there is none."""
        if budget in self.efforts:
            return self.efforts[budget]
        near = nearest(budget, self.efforts)
        raise InterfaceError(
            f"expected a budget of {self.name!r} ({', '.join(self.efforts)}), found {budget!r}",
            hint=f"did you mean {near!r}?" if near else None,
        )

    def side(self, learner: str) -> Side:
        """Which side a learner is on."""
        if learner == self.program.name:
            return "program"
        return "reference" if learner in (ORACLE, CHANCE) else "net"

    def title_of(self, learner: str) -> str:
        """How people call a learner."""
        titles = {self.program.name: self.program.title, ORACLE: "oracle", CHANCE: "chance"}
        return titles.get(learner) or self.net(learner).title

    def digest(self) -> str:
        """A content hash of everything that was fixed before the run."""
        told = (
            self.name,
            self.tasks,
            self.lengths,
            (self.program.name, self.program.tier, self.program.make_solver.__qualname__),
            tuple((net.name, net.make.__qualname__, net.learning_rate) for net in self.nets),
            self.predictions,
            self.contests,
            self.threats,
            self.transductive,
            self.load().digest(),
            self.program.words().digest(),
        )
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
