"""Solved tasks to learn from: checked once, so that whatever comes later may rely on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dsl.errors import DslError
from dsl.grammar import Production
from dsl.inference import resolve
from dsl.interpreter import run
from dsl.library import Library
from dsl.program import Lambda, Let, Literal, Name, Program, Variable, children, free_variables, holes, walk
from dsl.type_system import FunctionType
from dsl.values import Failure, agree
from synth.learn.forms import inlined, named, nameless
from synth.pcfg import Pcfg, spec_pcfg, unlisted_literal_bits
from tasks.task import Example, Spec

__all__ = ["Attempt", "Corpus", "Dropped", "Solved", "program_cost"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a task: the program found, if any, and examples that it must give."""

    task: str
    program: Program | None
    type: FunctionType
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Solved:
    """A solved task: `program` is a resolved Lambda of the type; `inputs` are arguments to show it at work on."""

    task: str
    program: Lambda
    type: FunctionType
    inputs: tuple[tuple[object, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """A task's program that nothing is learned from, and why."""

    task: str
    reason: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """Solved tasks, each program once; `dropped` says what was left out."""

    solved: tuple[Solved, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    @classmethod
    def of(cls, attempts: Iterable[Attempt], library: Library) -> Corpus:
        """The attempts that solve their tasks; others are dropped with a reason, and nothing is raised.

        Dropped are: no program, holes or free variables in it, words that the library has not, another type than the
        task's, an example that it does not give, and a program that an earlier task has too.
        """
        solved: list[Solved] = []
        dropped: list[Dropped] = []
        seen: dict[tuple[Program, FunctionType], str] = {}
        for attempt in attempts:
            found = _checked(attempt, library)
            if isinstance(found, Solved):
                earlier = seen.setdefault((nameless(found.program), found.type), found.task)
                if earlier is found.task:
                    solved.append(found)
                    continue
                found = Dropped(attempt.task, f"duplicate: the program of {earlier}")
            dropped.append(found)
        return cls(tuple(solved), tuple(dropped))

    def bits(self, library: Library) -> float:
        """Description length of all programs under a library, in bits."""
        return math.fsum(program_cost(solved, library) for solved in self.solved)

    def __iter__(self) -> Iterator[Solved]:
        return iter(self.solved)

    def __len__(self) -> int:
        return len(self.solved)


# ---- checking -----------------------------------------------------------------------------------------------------


def _checked(attempt: Attempt, library: Library) -> Solved | Dropped:
    """The attempt as a solved task, or why it is none."""
    program = attempt.program
    if program is None:
        return Dropped(attempt.task, "unsolved: there is no program")
    if next(holes(program), None) is not None:
        return Dropped(attempt.task, "unsolved: the program has holes")
    if not isinstance(program, Lambda) or len(program.parameters) != len(attempt.type.parameters):
        wanted = len(attempt.type.parameters)
        return Dropped(attempt.task, f"ill-typed: expected a function of {wanted} parameters")
    try:
        found = resolve(program, library, expected=attempt.type)
    except DslError as error:
        return Dropped(attempt.task, f"ill-typed: {error.message}")
    assert isinstance(found.program, Lambda), "resolving keeps the form"
    if free := sorted(free_variables(found.program)):
        return Dropped(attempt.task, f"ill-typed: {free[0]} is bound nowhere")
    for number, example in enumerate(attempt.examples, 1):
        value = run(found.program, example.arguments, library)
        if isinstance(value, Failure) or not agree(value, example.output):
            return Dropped(attempt.task, f"unsolved: the program does not give the output of example {number}")
    inputs = tuple(example.arguments for example in attempt.examples)
    return Solved(attempt.task, found.program, attempt.type, inputs)


# ---- bits ---------------------------------------------------------------------------------------------------------


def program_cost(solved: Solved, library: Library) -> float:
    """Description length of one program under the search's distribution for its type, in bits.

    A program that this distribution has no way to build (a `let` put in its place first) costs what naming each of
    its nodes costs: it stays finite, and dear.
    """
    program = inlined(solved.program)
    names = tuple(f"given{place}" for place in range(len(solved.type.parameters)))
    form = named(nameless(program), names)
    assert isinstance(form, Lambda), "naming keeps the form"
    bits = math.inf if any(isinstance(node, Let) for node in walk(form)) else _built(form, solved.type, library)
    return bits if math.isfinite(bits) else _spelled(program, len(library.vocabulary), 0)


def _built(program: Lambda, t: FunctionType, library: Library) -> float:
    """Bits of a program whose parameters are called as those of all programs of its type are."""
    asked = (program_cost, t)
    known = library.derived.get(asked)
    if not isinstance(known, _Distribution):
        known = library.derived[asked] = _Distribution(*spec_pcfg(Spec(program.parameters, t, library, ())))
    return known.pcfg.bits(program.body, t.result, known.leaves)


@dataclass(frozen=True, slots=True)
class _Distribution:
    """Over the programs of a type: what the search has for a task of it of which it knows no examples."""

    pcfg: Pcfg
    leaves: tuple[Production, ...]


def _spelled(p: Program, words: int, scope: int) -> float:
    """Bits to write a program node by node, each out of all words and what is in scope, and a mark for its kind."""
    match p:
        case Name():
            own = math.log2(words + 1)
        case Variable():
            own = math.log2(scope + 1)
        case Literal(value):
            own = unlisted_literal_bits(value)
        case Lambda(parameters, _):
            scope += len(parameters)
            own = 0.0
        case _:
            own = 0.0
    return 2.0 + own + math.fsum(_spelled(part, words, scope) for part in children(p))
