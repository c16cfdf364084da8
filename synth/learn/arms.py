"""Who meets a stream of tasks: an arm attempts them, and sleeps after each wave; searches are arms, nets may be.

An arm is a value. What it has learned after a wave is another arm, with which the next wave is met.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Protocol

from dsl.errors import DslError
from dsl.library import Definition, Library
from dsl.module_file import show_definition
from dsl.parser import parse
from dsl.program import Lambda, names
from dsl.type_system import INT, FunctionType, apply, type_variables
from synth.attempt import TaskReport, attempt, program_of
from synth.budget import Budget, StopReason
from synth.learn.compression import Compression
from synth.learn.corpus import Attempt, Corpus, Solved, program_cost
from synth.learn.words import without_words
from synth.pipeline import make_solver
from synth.verify import judge
from tasks.task import Task

__all__ = ["Arm", "Compress", "Outcome", "SearchArm", "Sleep", "Wake", "Word", "extended", "lost", "search"]

Wake = Callable[[Task, Budget, int], TaskReport]
"""Attempts a task within a budget; the int seeds what is random in it."""
Compress = Callable[[Corpus, Library], Compression]
"""Learns definitions from solved tasks, over a library that may have some already."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an arm came to on a task: right on the examples (`fits`), on the held-out pairs (`right`), and what it cost.

    `program` is its text, where the arm has one, and `learned` are the learned words in it. `first_fit` are the
    evaluations after which the first program that fits was found. A net leaves out what it does not have.
    """

    task: str
    fits: bool
    right: bool
    seconds: float
    evaluations: int = 0
    first_fit: int | None = None
    bits: float | None = None
    program: str | None = None
    learned: tuple[str, ...] = ()
    status: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self) | {"learned": list(self.learned)}

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Outcome:
        """The outcome that a line holds, among other things."""
        found = {f.name: line[f.name] for f in fields(cls)}
        return cls(**found | {"learned": tuple(found["learned"])})


@dataclass(frozen=True, slots=True)
class Word:
    """A learned word: its definition as text, the learned words that it calls, and what `Learned` says of it."""

    name: str
    text: str
    calls: tuple[str, ...]
    uses: int
    saved_bits: float
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sleep:
    """What an arm learned after a wave.

    `library_bits` is the description length of all its learned words, `corpus_bits` that of its programs with them,
    and `plain_bits` that of the same programs with no learned word in them. Of the tasks that it was right on before,
    `kept` are those on which it still is, by name; `lost` are the others.
    """

    seconds: float = 0.0
    words: tuple[Word, ...] = ()
    library_bits: float = 0.0
    corpus_bits: float = 0.0
    plain_bits: float = 0.0
    kept: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Sleep:
        """What a line holds, among other things."""
        found = {f.name: line[f.name] for f in fields(cls)}
        words = tuple(
            Word(**word | {"calls": tuple(word["calls"]), "tasks": tuple(word["tasks"])}) for word in found["words"]
        )
        return cls(**found | {"words": words, "kept": tuple(found["kept"]), "lost": tuple(found["lost"])})


class Arm(Protocol):
    """Whoever can be given a stream. It must be plain data: copies of it work in other processes."""

    @property
    def name(self) -> str:
        """A short name for tables and files."""
        ...

    def attempt(self, task: Task, evaluations: int) -> Outcome:
        """Attempt a task with so much work allowed, looking at no more of it than its spec; judged by all of it.

        The same arm, task and work come to the same, and with more work to no less.
        """
        ...

    def after_wave(self, met: Sequence[tuple[Task, Outcome]]) -> tuple[Arm, Sleep]:
        """The arm with what it learned from a wave's tasks, each with its outcome; and what that was."""
        ...


@dataclass(frozen=True)
class SearchArm:
    """A search over a library that grows after each wave by what `compress` learns; by nothing, where that is None.

    `met` are the tasks solved so far, with their programs rewritten with what was learned since.
    """

    name: str
    wake: Wake
    compress: Compress | None = None
    memory: int | None = None
    seed: int = 0
    learned: tuple[Definition, ...] = ()
    met: tuple[_Met, ...] = ()

    def __getstate__(self) -> dict[str, object]:
        """Copies in other processes attempt tasks, and learn nothing: what they would learn from stays here."""
        return {**self.__dict__, "met": ()}

    def attempt(self, task: Task, evaluations: int) -> Outcome:
        """Search with the library of now."""
        known = replace(task, library=extended(task.library, self.learned))
        report = self.wake(known, Budget(evaluations, None, self.memory), self.seed)
        program = program_of(report, known)
        own = {definition.name for definition in self.learned}
        return Outcome(
            task=task.name,
            fits=report.fits,
            right=report.fits and report.holdout is not False,
            seconds=round(report.seconds, 4),
            evaluations=report.evaluations,
            first_fit=report.first_fit,
            bits=report.bits,
            program=report.program,
            learned=tuple(sorted(own & set(names(program)))) if program is not None else (),
            status=report.status,
        )

    def after_wave(self, met: Sequence[tuple[Task, Outcome]]) -> tuple[SearchArm, Sleep]:
        """Compress all programs found so far, and see whether they still do what they did."""
        known = (*self.met, *(made for task, outcome in met if (made := self._met(task, outcome)) is not None))
        if self.compress is None or not known:
            return replace(self, met=known), _judged(known, self.learned)
        begin = time.process_time()
        library = extended(known[0].task.library, self.learned)
        corpus = Corpus.of([item.attempt for item in known], library)
        compression = self.compress(corpus, library)
        seconds = time.process_time() - begin
        rewritten = {solved.task: solved.program for solved in compression.corpus}
        now = tuple(replace(item, program=rewritten.get(item.task.name, item.program)) for item in known)
        learned = (*self.learned, *_added(library, compression.library))
        sleep = replace(_judged(now, learned), seconds=round(seconds, 4), words=_words(compression, learned))
        return replace(self, learned=learned, met=now), sleep

    def _met(self, task: Task, outcome: Outcome) -> _Met | None:
        """A task that was solved, with its program; None for another."""
        if not outcome.fits or outcome.program is None:
            return None
        library = extended(task.library, self.learned)
        try:
            program = parse(outcome.program, library, expected=task.type_request)
        except DslError:  # an auxiliary word that no text names
            return None
        return _Met(task, program, outcome.right) if isinstance(program, Lambda) else None


@dataclass(frozen=True)
class _Met:
    """A task that was solved: its program as it is now, and whether the one found was right on the held-out pairs."""

    task: Task
    program: Lambda
    right: bool

    @property
    def attempt(self) -> Attempt:
        return Attempt(self.task.name, self.program, self.task.type_request, self.task.examples)


def search(task: Task, budget: Budget, seed: int) -> TaskReport:
    """The search that `synth solve` runs, unguided."""
    report, _ = attempt(task, make_solver(), budget, name=task.name, seed=seed)
    return report


def lost(task: str, reason: str, seconds: float) -> Outcome:
    """The outcome of an attempt whose process died or hung."""
    return Outcome(task, fits=False, right=False, seconds=seconds, status=f"{StopReason.ERROR.value}: {reason}")


def extended(library: Library, learned: tuple[Definition, ...]) -> Library:
    """A library with learned words; the same object each time, so that what is worked out from it is kept."""
    if not learned:
        return library
    asked = (extended, learned)
    known = library.derived.get(asked)
    if not isinstance(known, Library):
        known = library.derived[asked] = library.extend(*learned)
    return known


def _added(before: Library, after: Library) -> Iterable[Definition]:
    """The definitions that a library has and an earlier one has not, each after those that it uses."""
    return (e for e in after if isinstance(e, Definition) and e.name not in before)


def _words(compression: Compression, learned: tuple[Definition, ...]) -> tuple[Word, ...]:
    own = {definition.name for definition in learned}
    return tuple(
        Word(
            item.definition.name,
            show_definition(replace(item.definition, documentation=""), compression.library).strip(),
            tuple(sorted(own & set(names(item.definition.program)))),
            item.uses,
            round(item.saved_bits, 2),
            item.tasks,
        )
        for item in compression.learned
    )


def _judged(now: tuple[_Met, ...], learned: tuple[Definition, ...]) -> Sleep:
    """The programs of all tasks met, run on all their pairs again, and what all of it takes in bits."""
    if not now:
        return Sleep()
    library = extended(now[0].task.library, learned)
    plain = [replace(item, program=without_words(item.program, learned)) for item in now]
    right = [item for item in now if item.right]
    kept = [item.task.name for item in right if _is_right(item, library)]
    return Sleep(
        library_bits=round(sum(_definition_bits(d, library) for d in learned), 2),
        corpus_bits=round(_programs_bits(now, library), 2),
        plain_bits=round(_programs_bits(plain, now[0].task.library), 2),
        kept=tuple(kept),
        lost=tuple(item.task.name for item in right if item.task.name not in kept),
    )


def _is_right(item: _Met, library: Library) -> bool:
    verdict = judge(replace(item.task, library=library), item.program)
    return verdict.fits and verdict.holdout is not False


def _programs_bits(items: Iterable[_Met], library: Library) -> float:
    solved = (Solved(item.task.name, item.program, item.task.type_request) for item in items)
    return sum(program_cost(program, library) for program in solved)


def _definition_bits(definition: Definition, library: Library) -> float:
    """Bits of a definition's body, as those of a program of its type, with ints for what its type leaves open."""
    t = apply({v.name: INT for v in type_variables(definition.type)}, definition.type)
    program = definition.program
    if isinstance(t, FunctionType) and isinstance(program, Lambda):
        return program_cost(Solved(definition.name, program, t), library)
    return program_cost(Solved(definition.name, Lambda((), program), FunctionType((), t)), library)
