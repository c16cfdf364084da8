"""Hidden programs for streams of tasks: drawn over the core words and over each other, and only if identifiable.

A program is *identifiable* if it is defined on all inputs of the pool, not the same on all of them, without a part that
could be left out (`tasks.drawn_programs.reductions`), and told from all of these, and from some thousand programs of
one or two words, by the examples chosen for it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from dsl.compiler import Compiler
from dsl.library import Definition
from dsl.program import Lambda, names
from dsl.type_system import BOOL, INT, FunctionType, Range, Type, list_of
from dsl.values import Failure, size_of
from tasks.domains.lists import LISTS
from tasks.drawn_programs import Drawer, expanded, has_idle_part, readable, reductions, words_in
from tasks.sampling import sample_inputs
from tasks.task import Example, InputRange, Task, parameter_names

__all__ = ["INTS", "HiddenTask", "Subroutine", "Workshop"]

INTS = list_of(INT)
_LISTS = InputRange(length=Range(3, 8), items=InputRange(values=Range(-5, 9)))
_NUMBERS = InputRange(values=Range(1, 4))
_ROWS = 24
"""Inputs in the pool of a type request; examples and held-out pairs are taken from it."""
_EXAMPLES, _HELD_OUT = 5, 12
_LARGEST_INT, _LONGEST = 100_000, 30
_FUEL, _NESTING = 3_000, 60
_APART = 3
"""On how many examples a program must differ from what it is told from: on one, an exception would do instead."""
_APART_SHARE = 2
"""A part must matter on one in so many inputs of the pool."""
_SIMPLE = 4_000
"""How many draws of one and two words a hidden program is compared with, for each type request."""
_TRIES, _CHOICES = 500, 12


@dataclass(frozen=True)
class Subroutine:
    """A hidden program: its definition over the core words and `callees`; how many words and calls it has itself."""

    definition: Definition
    words: int
    calls: int
    callees: tuple[Subroutine, ...]
    expanded: Lambda

    @property
    def type(self) -> FunctionType:
        """Its type."""
        assert isinstance(self.definition.type, FunctionType)
        return self.definition.type


@dataclass(frozen=True)
class HiddenTask:
    """A task, and what its solution is made of."""

    task: Task
    words: int
    calls: int
    callees: tuple[Subroutine, ...]


_Row = tuple[object, ...]


@dataclass
class Workshop:
    """Draws the programs of one stream; `columns` are those of the tasks that it has made."""

    rng: random.Random
    drawer: Drawer = field(init=False)
    compiler: Compiler = field(init=False)
    pools: dict[tuple[Type, ...], tuple[_Row, ...]] = field(default_factory=dict)
    simple: dict[FunctionType, set[tuple[object, ...]]] = field(default_factory=dict)
    columns: set[object] = field(default_factory=set)
    made: int = 0

    def __post_init__(self) -> None:
        self.drawer = Drawer(LISTS.library, (INTS, INT, BOOL), self.rng)
        self.compiler = Compiler(LISTS.library)

    def subroutine(
        self,
        t: FunctionType,
        words: int,
        calls: int,
        callees: tuple[Subroutine, ...],
        wanted: Callable[[int], bool],
    ) -> Subroutine | None:
        """A subroutine of a type, with so many words and calls, whose expanded size is as wanted; None if none came."""
        rows = self._pool(t)
        for program, whole in self._drawn(t, words, calls, callees, wanted):
            column = self._column(whole, rows)
            if column is None or not _is_telling(column, t) or self._is_simple(t, column):
                continue
            if not self._all_parts_matter(whole, t, rows, column):
                continue
            self.made += 1
            return Subroutine(Definition(f"hidden.s{self.made}", t, program), words, calls, callees, whole)
        return None

    def task(
        self,
        name: str,
        t: FunctionType,
        words: int,
        calls: int,
        callees: tuple[Subroutine, ...],
        wanted: Callable[[int], bool],
    ) -> HiddenTask | None:
        """A task whose solution has so many words and calls, and an expanded size as wanted; None if none came."""
        rows = self._pool(t)
        for _, whole in self._drawn(t, words, calls, callees, wanted):
            column = self._column(whole, rows)
            if column is None or not _is_telling(column, t) or (t, column) in self.columns:
                continue
            chosen = self._telling_rows(whole, t, rows, column)
            if chosen is not None:
                self.columns.add((t, column))
                return HiddenTask(_task(name, whole, t, rows, column, chosen), words, calls, callees)
        return None

    def _drawn(
        self,
        t: FunctionType,
        words: int,
        calls: int,
        callees: tuple[Subroutine, ...],
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

    def _column(self, program: Lambda, rows: Sequence[_Row], *, whole: bool = True) -> tuple[object, ...] | None:
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
    limits = tuple((p, _LISTS if of == INTS else _NUMBERS) for p, of in zip(parameters, t.parameters, strict=True))
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
