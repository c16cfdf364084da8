"""Streams of list tasks in waves: with hidden subroutines that later waves are made of, shuffled, and without.

A wave has subroutines, hidden programs drawn at random over the core words, and tasks whose solutions call them. The
subroutines of the next wave call those of this one, so a solution grows by a few words a wave, and what it grows by is
always a few words. Who learns the subroutines of a wave from its solved tasks has as much to find in the next one as
in this; who does not has more and more.

Nobody chooses the programs: seed and size decide, and that a program must be identifiable (`tasks.hidden_programs`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import TypeVar

from dsl.errors import InterfaceError
from dsl.library import Definition, nearest
from dsl.program import Lambda
from dsl.type_system import BOOL, INT, FunctionType
from tasks.drawn_programs import readable, words_in
from tasks.hidden_programs import INTS, HiddenTask, Subroutine, Workshop
from tasks.suite import Suite
from tasks.task import Task, parameter_names

__all__ = ["STREAMS", "Stream", "control", "cut", "draw_stream", "shuffled", "structured"]

_T = TypeVar("_T")

_RESTARTS = 500
_USERS = 6
"""Tasks for each subroutine of a wave, about."""
_FEWEST_SUBROUTINES = 2
_PATIENCE = 6
"""Restarts after which a twin may be off by a word more."""
_LARGEST = (6, 10, 14, 18)
"""The most words of an expanded task, by wave; the last goes on."""

_SUBROUTINE_TYPES: tuple[tuple[FunctionType, float], ...] = (
    (FunctionType((INTS,), INTS), 5.0),
    (FunctionType((INTS, INT), INTS), 2.0),
    (FunctionType((INTS,), INT), 2.0),
    (FunctionType((INT,), INT), 1.0),
    (FunctionType((INT,), BOOL), 1.0),
)
_TASK_TYPES: tuple[tuple[FunctionType, float], ...] = (
    (FunctionType((INTS,), INTS), 5.0),
    (FunctionType((INTS,), INT), 2.0),
    (FunctionType((INTS, INT), INTS), 2.0),
    (FunctionType((INTS, INT), INT), 1.0),
)
_OWN_AT_FIRST = (((2, 0), 3.0), ((3, 0), 1.0))
_OWN = (((1, 1), 6.0), ((2, 1), 1.0), ((1, 2), 1.0))
"""Words of its own, and calls of subroutines, that a task or a subroutine has, and how often; one of the first wave."""


@dataclass(frozen=True)
class Stream:
    """Tasks in the order in which they come, cut into waves by name.

    `subroutines` are the hidden programs that were shared, none in a control; `solution` of a task has no calls of
    them, but their bodies in place.
    """

    suite: Suite
    waves: tuple[tuple[str, ...], ...]
    subroutines: tuple[Definition, ...] = ()

    def __post_init__(self) -> None:
        assert [name for wave in self.waves for name in wave] == [task.name for task in self.suite], "all, in order"

    def of_wave(self, wave: int) -> tuple[Task, ...]:
        """The tasks of a wave, from 0."""
        wanted = set(self.waves[wave])
        return tuple(task for task in self.suite if task.name in wanted)


def cut(suite: Suite, waves: int) -> Stream:
    """A suite as a stream: its tasks in their order, in waves of equal size.

    Raises InterfaceError for fewer tasks than waves.

    >>> from dsl.primitives import CORE
    >>> from tasks.load import load_suite
    >>> [len(wave) for wave in cut(load_suite("tour", CORE), 2).waves]
    [1, 1]
    """
    return Stream(suite, _cut([task.name for task in suite], waves))


def _cut(ordered: Sequence[str], waves: int) -> tuple[tuple[str, ...], ...]:
    if not 1 <= waves <= len(ordered):
        raise InterfaceError(f"expected at least as many tasks as waves, found {len(ordered)} tasks for {waves} waves")
    ends = [len(ordered) * n // waves for n in range(waves + 1)]
    return tuple(tuple(ordered[start:end]) for start, end in pairwise(ends))


# ---- the three streams ----------------------------------------------------------------------------------------------


def structured(tasks: int = 40, waves: int = 4, seed: int = 0) -> Stream:
    """A stream whose waves are made of the hidden subroutines of the waves before. As seed and size say."""
    recipe = _Recipe.drawn(tasks, waves, seed)
    subroutines = tuple(_shown(s.definition) for wave in recipe.waves for s in wave.subroutines)
    return _stream("structured", [[hidden.task for hidden in wave.tasks] for wave in recipe.waves], subroutines)


def _shown(definition: Definition) -> Definition:
    """A subroutine with names that people can read."""
    assert isinstance(definition.program, Lambda), "a subroutine has parameters"
    assert isinstance(definition.type, FunctionType), "as above"
    return replace(definition, program=readable(definition.program, parameter_names(definition.type.parameters)))


def shuffled(tasks: int = 40, waves: int = 4, seed: int = 0) -> Stream:
    """The tasks of `structured` of the same size and seed, in an order that is drawn."""
    ordered = structured(tasks, waves, seed)
    order = list(ordered.suite.tasks)
    random.Random(f"shuffled:{seed}").shuffle(order)
    return Stream(Suite("shuffled", tuple(order)), _cut([task.name for task in order], waves), ordered.subroutines)


def control(tasks: int = 40, waves: int = 4, seed: int = 0) -> Stream:
    """As many tasks as `structured` has, of the same types and sizes, made the same way, with nothing shared.

    For each of its tasks one is drawn whose subroutines are its own: as many, of the same types, words and calls. Where
    none of the same size comes, one a word or two shorter or longer is taken.
    """
    recipe = _Recipe.drawn(tasks, waves, seed)
    workshop = Workshop(random.Random(f"control:{seed}"))
    made = [[_counterpart(workshop, hidden) for hidden in wave.tasks] for wave in recipe.waves]
    return _stream("control", made)


STREAMS: Mapping[str, Callable[[int, int, int], Stream]] = MappingProxyType(
    {"structured": structured, "shuffled": shuffled, "control": control}
)
"""The kinds of streams, each drawn by number of tasks, number of waves, and seed."""


def draw_stream(kind: str, tasks: int = 40, waves: int = 4, seed: int = 0) -> Stream:
    """The stream of a kind, of `STREAMS`; InterfaceError, with the nearest name, for another."""
    if kind not in STREAMS:
        near = nearest(kind, STREAMS)
        raise InterfaceError(
            f"expected a stream of {', '.join(STREAMS)}, found {kind!r}",
            hint=f"did you mean `{near}`?" if near else None,
        )
    return STREAMS[kind](tasks, waves, seed)


def _stream(name: str, waves: Sequence[Sequence[Task]], subroutines: tuple[Definition, ...] = ()) -> Stream:
    tasks = tuple(task for wave in waves for task in wave)
    return Stream(Suite(name, tasks), tuple(tuple(task.name for task in wave) for wave in waves), subroutines)


# ---- what a stream is made of ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Wave:
    subroutines: tuple[Subroutine, ...]
    tasks: tuple[HiddenTask, ...]


@dataclass(frozen=True)
class _Recipe:
    waves: tuple[_Wave, ...]

    @classmethod
    def drawn(cls, tasks: int, waves: int, seed: int) -> _Recipe:
        """Waves of subroutines and tasks. Raises InterfaceError where there are fewer tasks than waves."""
        numbers = _cut([f"task_{number:03}" for number in range(1, tasks + 1)], waves)
        workshop = Workshop(random.Random(f"structured:{seed}"))
        made: list[_Wave] = []
        for wave, task_names in enumerate(numbers):
            earlier = made[-1].subroutines if made else ()
            count = max(_FEWEST_SUBROUTINES, len(task_names) // _USERS)
            own = [_subroutine(workshop, wave, earlier) for _ in range(count)]
            hidden = [
                _hidden(workshop, name, wave, (own[at % count], *_others(own, at % count, workshop.rng)))
                for at, name in enumerate(task_names)
            ]
            workshop.rng.shuffle(hidden)
            made.append(_Wave(tuple(own), tuple(hidden)))
        return cls(tuple(made))


def _others(own: Sequence[Subroutine], at: int, rng: random.Random) -> list[Subroutine]:
    """The subroutines that a task may call besides the one that is its turn, in a drawn order."""
    rest = [subroutine for place, subroutine in enumerate(own) if place != at]
    rng.shuffle(rest)
    return rest


def _subroutine(workshop: Workshop, wave: int, earlier: tuple[Subroutine, ...]) -> Subroutine:
    """A subroutine that calls one or two of the wave before; a first one calls none."""
    rng = workshop.rng
    for _ in range(_RESTARTS):
        t = _one_of(_SUBROUTINE_TYPES, rng)
        words, calls = _one_of(_OWN if earlier else _OWN_AT_FIRST, rng)
        callees = tuple(rng.sample(earlier, min(calls, len(earlier))))
        made = workshop.subroutine(t, words, calls, callees, _at_most(_largest(wave) - 1))
        if made is not None:
            return made
    raise AssertionError("a subroutine can be drawn over any others")


def _hidden(workshop: Workshop, name: str, wave: int, callees: tuple[Subroutine, ...]) -> HiddenTask:
    """A task whose solution calls the first of the subroutines, and now and then another."""
    for _ in range(_RESTARTS):
        t = _one_of(_TASK_TYPES, workshop.rng)
        words, calls = _one_of(_OWN, workshop.rng)
        made = workshop.task(name, t, words, calls, callees[:calls], _at_most(_largest(wave)))
        if made is not None:
            return made
    raise AssertionError("a task can be drawn over any subroutine")


def _one_of(weighted: Sequence[tuple[_T, float]], rng: random.Random) -> _T:
    return rng.choices([thing for thing, _ in weighted], [weight for _, weight in weighted])[0]


def _largest(wave: int) -> int:
    return _LARGEST[min(wave, len(_LARGEST) - 1)]


def _at_most(most: int) -> Callable[[int], bool]:
    return lambda words: words <= most


def _counterpart(workshop: Workshop, hidden: HiddenTask) -> Task:
    """A task like another in type, size and make, with subroutines of its own."""
    size = _size(hidden.task)
    for restart in range(_RESTARTS):
        off = restart // _PATIENCE
        callees = _twins(workshop, hidden.callees, {}, 1 + off)
        if callees is None:
            continue
        task = hidden.task
        made = workshop.task(task.name, task.type_request, hidden.words, hidden.calls, callees, _near(size, off))
        if made is not None:
            return made.task
    raise AssertionError("some task of any type can be drawn")


def _near(size: int, off: int) -> Callable[[int], bool]:
    return lambda words: abs(words - size) <= off


def _twins(
    workshop: Workshop, subroutines: Sequence[Subroutine], known: dict[str, Subroutine], off: int
) -> tuple[Subroutine, ...] | None:
    """Subroutines of the same types and make, at most so many words shorter or longer, with callees of their own."""
    for subroutine in subroutines:
        name = subroutine.definition.name
        if name in known:
            continue
        callees = _twins(workshop, subroutine.callees, known, off)
        if callees is None:
            return None
        wanted = _near(words_in(subroutine.expanded), off)
        made = workshop.subroutine(subroutine.type, subroutine.words, subroutine.calls, callees, wanted)
        if made is None:
            return None
        known[name] = made
    return tuple(known[subroutine.definition.name] for subroutine in subroutines)


def _size(task: Task) -> int:
    assert task.solution is not None, "a task of a stream has one"
    return words_in(task.solution)
