"""Streams of list tasks in waves: with hidden subroutines that later waves are made of, shuffled, and without.

A wave has subroutines, hidden programs drawn at random over the core words, and tasks whose solutions call them. The
subroutines of the next wave call those of this one, so a solution grows by a few words a wave, and what it grows by is
always a few words. Who learns the subroutines of a wave from its solved tasks has as much to find in the next one as
in this; who does not has more and more.

A drawn program is taken only if it is *identifiable*: defined on all inputs of the stream's pool, not the same on all
of them, without a part that could be left out (`tasks.drawn_programs.reductions`), and told by its task's examples from
all of these, from some thousand programs of one or two words, and from the hidden programs of other tasks. Nobody looks
at a stream's programs before it is drawn; seed and size decide.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dsl.compiler import Compiler
from dsl.errors import InterfaceError
from dsl.library import Definition, nearest
from dsl.program import Lambda, names
from dsl.type_system import BOOL, INT, FunctionType, Range, Type, list_of
from dsl.values import Failure, size_of
from tasks.domains.lists import LISTS
from tasks.drawn_programs import Drawer, expanded, has_idle_part, readable, reductions, words_in
from tasks.sampling import sample_inputs
from tasks.suite import Suite
from tasks.task import Example, InputRange, Task, parameter_names

__all__ = ["STREAMS", "Stream", "control", "cut", "draw_stream", "shuffled", "structured"]

_INTS = list_of(INT)
_LISTS = InputRange(length=Range(3, 8), items=InputRange(values=Range(-5, 9)))
_NUMBERS = InputRange(values=Range(1, 4))
_ROWS = 24
"""Inputs in the pool of a type request; examples and held-out pairs are taken from it."""
_EXAMPLES, _HELD_OUT = 5, 12
_USERS = 6
"""Tasks for each subroutine of a wave, about."""
_FEWEST_SUBROUTINES = 2
_LARGEST_INT, _LONGEST = 100_000, 30
_FUEL, _NESTING = 3_000, 60
_APART = 2
"""On how many examples a program must differ from what it is told from: on one, an exception would do instead."""
_APART_SHARE = 3
"""A part must matter on one in so many inputs of the pool."""
_SIMPLE = 4_000
"""How many draws of one and two words a hidden program is compared with, for each type request."""
_TRIES, _RESTARTS, _CHOICES = 500, 500, 12
_LARGEST = (6, 10, 14, 18)
"""The most words of an expanded task, by wave; the last goes on."""

_SUBROUTINE_TYPES: tuple[tuple[FunctionType, float], ...] = (
    (FunctionType((_INTS,), _INTS), 5.0),
    (FunctionType((_INTS, INT), _INTS), 2.0),
    (FunctionType((_INTS,), INT), 2.0),
    (FunctionType((INT,), INT), 1.0),
    (FunctionType((INT,), BOOL), 1.0),
)
_TASK_TYPES: tuple[tuple[FunctionType, float], ...] = (
    (FunctionType((_INTS,), _INTS), 5.0),
    (FunctionType((_INTS,), INT), 2.0),
    (FunctionType((_INTS, INT), _INTS), 2.0),
    (FunctionType((_INTS, INT), INT), 1.0),
)
_FIRST_WORDS = ((2, 2.0), (3, 1.0))
"""Words of a first wave's subroutine, and how often it has so many."""
_OWN = (((1, 1), 4.0), ((2, 1), 1.0), ((1, 2), 1.0))
"""Words of its own, and calls of the wave's subroutines, that a later subroutine or a task has, and how often."""


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

    >>> from tasks.load import load_suite
    >>> [len(wave) for wave in cut(load_suite("tour"), 2).waves]
    [1, 1]
    """
    return Stream(suite, _cut([task.name for task in suite], waves))


def _cut(ordered: Sequence[str], waves: int) -> tuple[tuple[str, ...], ...]:
    if not 1 <= waves <= len(ordered):
        raise InterfaceError(f"expected at least as many tasks as waves, found {len(ordered)} tasks for {waves} waves")
    ends = [len(ordered) * n // waves for n in range(waves + 1)]
    return tuple(tuple(ordered[start:end]) for start, end in zip(ends, ends[1:], strict=False))


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

    For each of its tasks one is drawn whose subroutines are its own: as many, of the same types, words and calls.
    """
    recipe = _Recipe.drawn(tasks, waves, seed)
    workshop = _Workshop(random.Random(f"control:{seed}"))
    made = [[_counterpart(workshop, hidden) for hidden in wave.tasks] for wave in recipe.waves]
    return _stream("control", made)


STREAMS: Mapping[str, Callable[[int, int, int], Stream]] = {
    "structured": structured,
    "shuffled": shuffled,
    "control": control,
}


def draw_stream(kind: str, tasks: int = 40, waves: int = 4, seed: int = 0) -> Stream:
    """The stream of a kind, of `STREAMS`; InterfaceError, with the nearest name, for another."""
    if kind not in STREAMS:
        near = nearest(kind, STREAMS)
        raise InterfaceError(
            f"expected a stream of {', '.join(STREAMS)}, found {kind!r}", hint=f"did you mean `{near}`?" if near else None
        )
    return STREAMS[kind](tasks, waves, seed)


def _stream(name: str, waves: Sequence[Sequence[Task]], subroutines: tuple[Definition, ...] = ()) -> Stream:
    tasks = tuple(task for wave in waves for task in wave)
    return Stream(Suite(name, tasks), tuple(tuple(task.name for task in wave) for wave in waves), subroutines)


# ---- what a stream is made of ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Subroutine:
    """A hidden program: its definition over the core words and `callees`; how many words and calls it has itself."""

    definition: Definition
    words: int
    calls: int
    callees: tuple[_Subroutine, ...]
    expanded: Lambda

    @property
    def type(self) -> FunctionType:
        assert isinstance(self.definition.type, FunctionType)
        return self.definition.type


@dataclass(frozen=True)
class _Hidden:
    """A task, and what its solution is made of."""

    task: Task
    words: int
    calls: int
    callees: tuple[_Subroutine, ...]


@dataclass(frozen=True)
class _Wave:
    subroutines: tuple[_Subroutine, ...]
    tasks: tuple[_Hidden, ...]


@dataclass(frozen=True)
class _Recipe:
    waves: tuple[_Wave, ...]

    @classmethod
    def drawn(cls, tasks: int, waves: int, seed: int) -> _Recipe:
        """Waves of subroutines and tasks. Raises InterfaceError where there are fewer tasks than waves."""
        numbers = _cut([f"task_{number:03}" for number in range(1, tasks + 1)], waves)
        workshop = _Workshop(random.Random(f"structured:{seed}"))
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


def _others(own: Sequence[_Subroutine], at: int, rng: random.Random) -> list[_Subroutine]:
    """The subroutines that a task may call besides the one that is its turn, in a drawn order."""
    rest = [subroutine for place, subroutine in enumerate(own) if place != at]
    rng.shuffle(rest)
    return rest


def _subroutine(workshop: _Workshop, wave: int, earlier: tuple[_Subroutine, ...]) -> _Subroutine:
    """A subroutine that calls one or two of the wave before; a first one calls none."""
    for _ in range(_RESTARTS):
        (t,) = workshop.rng.choices(*zip(*_SUBROUTINE_TYPES, strict=True))
        if earlier:
            ((words, calls),) = workshop.rng.choices(*zip(*_OWN, strict=True))
            callees = tuple(workshop.rng.sample(earlier, min(calls, len(earlier))))
        else:
            (words,), calls, callees = workshop.rng.choices(*zip(*_FIRST_WORDS, strict=True)), 0, ()
        largest = _LARGEST[min(wave, len(_LARGEST) - 1)] - 1
        made = workshop.subroutine(t, words, calls, callees, lambda size, most=largest: size <= most)
        if made is not None:
            return made
    raise AssertionError("a subroutine can be drawn over any others")


def _hidden(workshop: _Workshop, name: str, wave: int, callees: tuple[_Subroutine, ...]) -> _Hidden:
    """A task whose solution calls the first of the subroutines, and now and then another."""
    largest = _LARGEST[min(wave, len(_LARGEST) - 1)]
    for _ in range(_RESTARTS):
        (t,) = workshop.rng.choices(*zip(*_TASK_TYPES, strict=True))
        ((words, calls),) = workshop.rng.choices(*zip(*_OWN, strict=True))
        made = workshop.hidden(name, t, words, calls, callees[:calls], lambda size: size <= largest)
        if made is not None:
            return made
    raise AssertionError("a task can be drawn over any subroutine")


def _counterpart(workshop: _Workshop, hidden: _Hidden) -> Task:
    """A task like another in type, size and make, with subroutines of its own."""
    size = _size(hidden.task)
    for _ in range(_RESTARTS):
        twins: dict[str, _Subroutine] = {}
        callees = tuple(_twin(workshop, callee, twins) for callee in hidden.callees)
        if any(callee is None for callee in callees):
            continue
        found = tuple(callee for callee in callees if callee is not None)
        made = workshop.hidden(
            hidden.task.name, hidden.task.type_request, hidden.words, hidden.calls, found, lambda words: words == size
        )
        if made is not None:
            return made.task
    raise AssertionError("a task of any size that was drawn before can be drawn again")


def _twin(workshop: _Workshop, subroutine: _Subroutine, twins: dict[str, _Subroutine]) -> _Subroutine | None:
    name = subroutine.definition.name
    if name not in twins:
        callees = [_twin(workshop, callee, twins) for callee in subroutine.callees]
        if any(callee is None for callee in callees):
            return None
        size = words_in(subroutine.expanded)
        found = tuple(callee for callee in callees if callee is not None)
        made = workshop.subroutine(
            subroutine.type, subroutine.words, subroutine.calls, found, lambda words: words == size
        )
        if made is None:
            return None
        twins[name] = made
    return twins[name]


def _size(task: Task) -> int:
    assert task.solution is not None, "a task of a stream has one"
    return words_in(task.solution)


# ---- drawing --------------------------------------------------------------------------------------------------------

_Row = tuple[object, ...]


@dataclass
class _Workshop:
    """Draws the programs of one stream; `columns` are those of the tasks that it has made."""

    rng: random.Random
    drawer: Drawer = field(init=False)
    compiler: Compiler = field(init=False)
    pools: dict[tuple[Type, ...], tuple[_Row, ...]] = field(default_factory=dict)
    simple: dict[FunctionType, set[tuple[object, ...]]] = field(default_factory=dict)
    columns: set[object] = field(default_factory=set)
    made: int = 0

    def __post_init__(self) -> None:
        self.drawer = Drawer(LISTS.library, (_INTS, INT, BOOL), self.rng)
        self.compiler = Compiler(LISTS.library)

    def subroutine(
        self,
        t: FunctionType,
        words: int,
        calls: int,
        callees: tuple[_Subroutine, ...],
        wanted: Callable[[int], bool],
    ) -> _Subroutine | None:
        """A subroutine of a type, with so many words and calls, whose expanded size is as wanted; None if none came."""
        rows = self._pool(t)
        for program, whole in self._drawn(t, words, calls, callees, wanted):
            column = self._column(whole, rows)
            if column is None or not _is_telling(column, t) or self._is_simple(t, column):
                continue
            if not self._all_parts_matter(whole, t, rows, column):
                continue
            self.made += 1
            return _Subroutine(Definition(f"hidden.s{self.made}", t, program), words, calls, callees, whole)
        return None

    def hidden(
        self,
        name: str,
        t: FunctionType,
        words: int,
        calls: int,
        callees: tuple[_Subroutine, ...],
        wanted: Callable[[int], bool],
    ) -> _Hidden | None:
        """A task whose solution has so many words and calls, and an expanded size as wanted; None if none came."""
        rows = self._pool(t)
        for _, whole in self._drawn(t, words, calls, callees, wanted):
            column = self._column(whole, rows)
            if column is None or not _is_telling(column, t) or (t, column) in self.columns:
                continue
            chosen = self._telling_rows(whole, t, rows, column)
            if chosen is not None:
                self.columns.add((t, column))
                return _Hidden(_task(name, whole, t, rows, column, chosen), words, calls, callees)
        return None

    def _drawn(
        self,
        t: FunctionType,
        words: int,
        calls: int,
        callees: tuple[_Subroutine, ...],
        wanted: Callable[[int], bool],
    ) -> Iterator[tuple[Lambda, Lambda]]:
        """Programs that call all of the callees, as drawn and expanded; only those of a wanted size."""
        definitions = [callee.definition for callee in callees]
        bodies = {c.definition.name: replace(c.definition, program=c.expanded) for c in callees}
        for _ in range(_TRIES):
            program = self.drawer.draw(t, words, definitions, calls)
            if program is None or not bodies.keys() <= set(names(program)):
                continue
            whole = expanded(program, bodies)
            assert isinstance(whole, Lambda), "putting definitions in place keeps the form"
            if wanted(words_in(whole)) and not has_idle_part(whole.body):
                yield program, whole

    def _pool(self, t: FunctionType) -> tuple[_Row, ...]:
        if t.parameters not in self.pools:
            self.pools[t.parameters] = sample_inputs(_blank("pool", t), _ROWS, self.rng)
        return self.pools[t.parameters]

    def _is_simple(self, t: FunctionType, column: tuple[object, ...]) -> bool:
        """Whether one of the simple programs does the same on the whole pool."""
        return column in self._simple(t)

    def _simple(self, t: FunctionType) -> set[tuple[object, ...]]:
        """The columns of simple programs of a type: what one and two words come to, as far as draws have shown."""
        if t not in self.simple:
            rows = self._pool(t)
            drawn = (self.drawer.draw(t, 1 + number % 2) for number in range(_SIMPLE))
            columns = (self._column(program, rows, whole=False) for program in drawn if program is not None)
            self.simple[t] = {column for column in columns if column is not None}
        return self.simple[t]

    def _column(
        self, program: Lambda, rows: Sequence[_Row], *, whole: bool = True
    ) -> tuple[object, ...] | None:
        """The outputs on all rows, as keys; None where one is missing or too large to be an example.

        Not `whole`: a missing output is in the column as None.
        """
        run = self.compiler.bounded(program, fuel=_FUEL, nesting=_NESTING)
        column: list[object] = []
        for row in rows:
            output = run(row)
            poor = isinstance(output, Failure) or _is_poor(output)
            if poor and whole:
                return None
            column.append(None if poor else output)
        return tuple(column)

    def _all_parts_matter(
        self, program: Lambda, t: FunctionType, rows: Sequence[_Row], column: Sequence[object]
    ) -> bool:
        """Whether everything less a part of the program yields something else on many of the rows."""
        others = reductions(program, t, self.drawer.grammar)
        return all(self._is_apart(other, rows, column, len(rows) // _APART_SHARE) for other in others)

    def _is_apart(self, program: Lambda, rows: Sequence[_Row], column: Sequence[object], least: int) -> bool:
        """Whether a program yields something else on at least so many rows."""
        run = self.compiler.bounded(program, fuel=_FUEL, nesting=_NESTING)
        apart = 0
        for at, (row, output) in enumerate(zip(rows, column, strict=True)):
            apart += run(row) != output
            if apart >= least or apart + len(rows) - at <= least:
                break
        return apart >= least

    def _telling_rows(
        self, program: Lambda, t: FunctionType, rows: tuple[_Row, ...], column: tuple[object, ...]
    ) -> tuple[int, ...] | None:
        """Rows for examples that tell the program from its reductions and from simple programs; None if none came."""
        if not self._all_parts_matter(program, t, rows, column):
            return None
        others = list(reductions(program, t, self.drawer.grammar))
        for _ in range(_CHOICES):
            chosen = tuple(self.rng.sample(range(len(rows)), _EXAMPLES))
            some, outputs = [rows[at] for at in chosen], tuple(column[at] for at in chosen)
            if not _is_telling(outputs, t) or not all(self._is_apart(o, some, outputs, _APART) for o in others):
                continue
            if all(_differing(simple, column, chosen) >= _APART for simple in self._simple(t)):
                return chosen
        return None


def _differing(one: Sequence[object], other: Sequence[object], places: Sequence[int]) -> int:
    return sum(one[at] != other[at] for at in places)


def _is_telling(column: Sequence[object], t: FunctionType) -> bool:
    """Whether outputs say enough: truth values are of both kinds, others mostly different and not mostly empty."""
    different, whole = len(set(column)), len(column)
    if t.result == BOOL:
        return whole <= 5 * min(column.count(False), column.count(True))
    return 5 * different >= 3 * whole and 4 * sum(output == () for output in column) <= whole


def _is_poor(output: object) -> bool:
    """Whether an output is too large to be an example of anything."""
    return size_of(output) > _LONGEST or _largest(output) > _LARGEST_INT


def _largest(value: object) -> int:
    if isinstance(value, tuple):
        return max(map(_largest, value), default=0)
    return abs(value) if isinstance(value, int) else 0


def _blank(name: str, t: FunctionType) -> Task:
    """A task without examples, whose inputs are those of all streams."""
    parameters = parameter_names(t.parameters)
    limits = tuple((p, _LISTS if of == _INTS else _NUMBERS) for p, of in zip(parameters, t.parameters, strict=True))
    return Task(name, parameters, t, LISTS.library, inputs=limits)


def _task(
    name: str, program: Lambda, t: FunctionType, rows: Sequence[_Row], column: Sequence[object], chosen: Sequence[int]
) -> Task:
    """A task whose examples are the chosen rows, and whose held-out pairs are the first of the others."""
    blank = _blank(name, t)
    held = [at for at in range(len(rows)) if at not in chosen][:_HELD_OUT]
    return replace(
        blank,
        examples=tuple(Example(rows[at], column[at]) for at in chosen),
        holdout=tuple(Example(rows[at], column[at]) for at in held),
        solution=readable(program, blank.parameters),
    )
