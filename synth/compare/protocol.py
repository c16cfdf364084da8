"""A protocol: one comparison of learners, written down before it is run, as plain data.

A protocol says what is asked, who learns from what, where everyone is tested, what counts, and what is expected. Runs,
fairness rules and reports read it. What its tasks are made of, and how its learners learn, is its own: the harness
hands a learner the source of a task's data, an effort and a cell, and gets a `Run` back. Functions in it are
module-level ones, so that a protocol can be made again in worker processes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dsl.errors import InterfaceError
from dsl.library import Library, nearest
from synth.compare.axis import Axis, Point
from synth.compare.records import Cell, Run, Side
from synth.compare.streams import identity_of

if TYPE_CHECKING:
    from synth.compare.analysis import Analysis
    from synth.compare.explained import Explain
    from synth.compare.plots import Drawn
    from synth.compare.verdicts import Finding

__all__ = [
    "CHANCE",
    "ORACLE",
    "TRAINED_ENOUGH",
    "Contest",
    "Effort",
    "Learner",
    "Prediction",
    "Protocol",
    "ProtocolTask",
    "RunLearner",
    "Tuning",
]

ORACLE, CHANCE = "oracle", "chance"
"""Names of the usual reference rows: the task's own solution, and a guess."""

TRAINED_ENOUGH = 0.95
"""Exact match on the training distribution from which on a net counts as trained (rule F6)."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ProtocolTask:
    """A task of a protocol.

    `headline` is off for tasks that are shown but do not count: those that one word solves (rule F10), and controls.
    `author` says whose task it is; `public` whether a language model may have read it, `renamed` that its words were
    changed so that it has not. `input_space` names what learners are given, `attacks` the kinds of attack that are run
    on it (rule F16).
    """

    name: str
    summary: str
    headline: bool = True
    author: str = "ours"
    public: bool = False
    renamed: bool = False
    input_space: str = ""
    attacks: tuple[Literal["adaptive", "black box"], ...] = ()


@dataclass(frozen=True)
class Effort:
    """What one run of a protocol may cost.

    `learners` are the names of those that run, all where none are given; `only` names the tasks of those that do not
    run on all. `sizes` says from how many examples a learner learns, a run each, by `task/learner` or learner; a
    learner that is not in it has one run, of whatever its data is. `steps` are training steps by `task/learner`,
    learner or task, the first of these that is there. `batch` is what one step sees, `tests` the number of test inputs
    for each point. Programs get `evaluations`, and `seconds` of CPU as a cap. `settings` are numbers of the protocol's
    own.
    """

    name: str
    tasks: tuple[str, ...]
    seeds: int
    learners: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: _NOTHING)
    steps: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    batch: int = 96
    tests: int = 200
    evaluations: int = 400_000
    seconds: float = 20.0
    settings: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    device: str = "cpu"

    def steps_of(self, task: str, learner: str) -> int:
        """Training steps of a learner on a task; 0 where they are not counted.

        >>> Effort("quick", ("sort",), 2, steps={"sort": 100, "gru": 200}).steps_of("sort", "gru")
        200
        """
        return next((self.steps[key] for key in (f"{task}/{learner}", learner, task) if key in self.steps), 0)

    def sizes_of(self, learner: str, task: str = "") -> tuple[int | None, ...]:
        """From how many examples a learner learns, by `task/learner` or learner; None where that is not counted.

        >>> effort = Effort("quick", ("sort",), 2, sizes={"gru": (10, 100), "sort/gru": (10,)})
        >>> effort.sizes_of("gru"), effort.sizes_of("gru", "sort"), effort.sizes_of("chance", "sort")
        ((10, 100), (10,), (None,))
        """
        return next((self.sizes[key] for key in (f"{task}/{learner}", learner) if key in self.sizes), (None,))

    def runs_on(self, learner: str, task: str) -> bool:
        """Whether a learner runs on a task."""
        return task in self.only.get(learner, self.tasks)

    def to_json(self) -> dict[str, Any]:
        """The effort as plain data."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: dict(v) if isinstance(v, Mapping) else v for name, v in values.items()}


RunLearner: TypeAlias = Callable[[Any, Effort, Cell], Run]
"""How a learner learns and is tested: from the source of a task's data, the effort and the cell to what came of it.

It may raise `DivergenceError`, MemoryError or anything else: that is then the run's outcome.
"""


@dataclass(frozen=True)
class Learner:
    """Someone who learns, or a reference: what it is called, which side it is on, and how it runs.

    `learns_from` and `recipe` are for people. `words` and `tier` are what a program may be made of. `code` is the
    source that a net's design and recipe consist of, as functions, classes or `module:name`; the prior ledger prices
    both. `ablates` names the learner of which this is a variant, for the ablations: such a one is in no finding.
    `language_model` says that one that may have read public tasks takes part (rule F17).
    """

    name: str
    title: str
    side: Side
    run: RunLearner
    description: str
    learns_from: str = ""
    recipe: str = ""
    words: Callable[[], Library] | None = None
    tier: str = ""
    code: tuple[str | Callable[..., object], ...] = ()
    ablates: str | None = None
    language_model: bool = False


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is expected of a learner at one point, written down before the run.

    Exactly one of `at_least` and `at_most` is given. `measure` is the share that is exactly right, or the median error.
    `size` is from how many examples, where that is counted.
    """

    task: str
    learner: str
    point: Point
    why: str
    at_least: float | None = None
    at_most: float | None = None
    size: int | None = None
    measure: Literal["exact", "error"] = "exact"

    def __post_init__(self) -> None:
        assert (self.at_least is None) != (self.at_most is None), "one bound, either below or above"

    @property
    def bound(self) -> str:
        """The expectation in words.

        >>> Prediction("parity", "gru", 100, "", at_least=0.9).bound
        'at least 0.9'
        """
        return f"at least {self.at_least:g}" if self.at_least is not None else f"at most {self.at_most:g}"

    @property
    def does_well(self) -> bool:
        """Whether it is expected of the learner to do well."""
        return (self.at_least is not None) == (self.measure == "exact")


@dataclass(frozen=True, slots=True)
class Contest:
    """A planned comparison of two learners on the test inputs of one task and one point, the first minus the second."""

    task: str
    first: str
    second: str
    point: Point
    first_size: int | None = None
    second_size: int | None = None


@dataclass(frozen=True, slots=True)
class Tuning:
    """How recipes were found: in words, and how many configurations were tried for each side (rule F4)."""

    text: str
    tried: Mapping[str, int] = field(default_factory=lambda: _NOTHING)


def _no_hashes() -> Mapping[str, str]:
    return _NOTHING


@dataclass(frozen=True)
class Protocol:
    """One comparison, complete: tasks, learners, points, costs, expectations, and what may be held against it.

    `source` gives the data of a task, by its name, in whatever form the protocol's learners want it; `hashes` gives
    content hashes of what that data is made of. `question` is what findings answer, `given` what nets learn from, in
    words ("fresh data of length 1 to 10 without end"). `figure` heads the strips; `closeness` heads the figure of how
    close answers were and is empty where that is not measured; `error` names the real-valued error. `figures` are drawn
    besides. `findings` replaces the usual sentences where they do not fit. `explain` says how the program came to an
    answer, for the side-by-side view (`explained.explain_pairs` does, where tasks are pairs). `transductive` says
    whether learners are given the test inputs beforehand. `encoding` says what everyone is given (rule F14).
    `development` are the tasks on which things were tuned (rule F3). `threats` are printed in every report.
    `example_bits` is what one example costs in bits for someone who knows nothing, by task, for the prior ledger.
    """

    name: str
    title: str
    claim: str
    question: str
    source: Callable[[str], Any]
    tasks: tuple[ProtocolTask, ...]
    axis: Axis
    learners: tuple[Learner, ...]
    efforts: Mapping[str, Effort]
    predictions: tuple[Prediction, ...] = ()
    contests: tuple[Contest, ...] = ()
    threats: tuple[str, ...] = ()
    tuning: Tuning = field(default_factory=lambda: Tuning(""))
    given: str = "the same data"
    figure: str = "Exact match"
    closeness: str = ""
    error: str = ""
    figures: tuple[Callable[[Analysis], Sequence[Drawn]], ...] = ()
    findings: Callable[[Analysis], Sequence[Finding]] | None = None
    explain: Explain | None = None
    hashes: Callable[[], Mapping[str, str]] = _no_hashes
    encoding: str = ""
    development: tuple[str, ...] = ()
    example_bits: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    trained_enough: float = TRAINED_ENOUGH
    transductive: bool = False

    def task(self, name: str) -> ProtocolTask:
        """The protocol's task of that name; KeyError if there is none."""
        return {task.name: task for task in self.tasks}[name]

    def learner(self, name: str) -> Learner:
        """The learner of that name; KeyError if there is none."""
        return {learner.name: learner for learner in self.learners}[name]

    def of_side(self, *sides: Side) -> tuple[Learner, ...]:
        """All learners of some sides, without ablations."""
        return tuple(one for one in self.learners if one.side in sides and one.ablates is None)

    @cached_property
    def program(self) -> Learner | None:
        """The learner that findings are about: the first of the program side, else the first hybrid."""
        return next(iter((*self.of_side("program"), *self.of_side("hybrid"))), None)

    def effort(self, budget: str) -> Effort:
        """The effort of a budget; InterfaceError, with the nearest name, where there is none."""
        if budget in self.efforts:
            return self.efforts[budget]
        near = nearest(budget, self.efforts)
        raise InterfaceError(
            f"expected a budget of {self.name!r} ({', '.join(self.efforts)}), found {budget!r}",
            hint=f"did you mean {near!r}?" if near else None,
        )

    def running(self, effort: Effort) -> tuple[Learner, ...]:
        """The learners that an effort runs, in the protocol's order."""
        return tuple(one for one in self.learners if not effort.learners or one.name in effort.learners)

    def title_of(self, learner: str) -> str:
        """How people call a learner."""
        return self.learner(learner).title

    def digest(self) -> str:
        """A content hash of everything that was fixed before the run."""
        learners = tuple(
            (one.name, one.side, one.tier, identity_of(one.run), one.ablates, one.words and one.words().digest())
            for one in self.learners
        )
        told = (
            self.name,
            self.tasks,
            self.axis,
            learners,
            self.predictions,
            self.contests,
            self.threats,
            self.transductive,
            self.encoding,
            self.trained_enough,
            identity_of(self.source),
            sorted(self.hashes().items()),
        )
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]

    def check(self) -> None:
        """Raise InterfaceError where the parts do not fit together, so that nothing is run in vain."""
        tasks, learners = [t.name for t in self.tasks], [one.name for one in self.learners]
        for kind, found in (("task", tasks), ("learner", learners)):
            if len(set(found)) < len(found):
                raise InterfaceError(f"{self.name}: expected different names, found a {kind} twice in {found}")
        for where, task, names, point in self._mentions():
            if task not in tasks:
                raise InterfaceError(f"{self.name}, {where}: expected a task ({', '.join(tasks)}), found {task!r}")
            if unknown := [name for name in names if name not in learners]:
                raise InterfaceError(
                    f"{self.name}, {where}: expected a learner ({', '.join(learners)}), found {unknown[0]!r}"
                )
            if point not in self.axis.points:
                raise InterfaceError(f"{self.name}, {where}: expected a point of the axis, found {point!r}")

    def _mentions(self) -> list[tuple[str, str, tuple[str, ...], Point]]:
        """Everything that names a task, learners and a point, with where it stands."""
        headline = self.axis.headline
        return [
            *(("a prediction", p.task, (p.learner,), p.point) for p in self.predictions),
            *(("a contest", c.task, (c.first, c.second), c.point) for c in self.contests),
            *((f"effort {e.name}", task, e.learners, headline) for e in self.efforts.values() for task in e.tasks),
            *(
                (f"effort {e.name}", task, (name,), headline)
                for e in self.efforts.values()
                for name, tasks in e.only.items()
                for task in tasks
            ),
        ]
