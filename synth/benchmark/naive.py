"""The naive enumerator: bottom-up search as a careful person writes it in plain Python, to measure ours against.

A column is a tuple of values, a set of columns is the test for observational equivalence, programs are made one at a
time. Productions, costs, the order of levels and the universes of lambdas are those of our own search, and the words
are the same Python functions: what differs is how a program is run and stored. It has no lambdas inside lambdas.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice, product, repeat
from typing import Any, TypeAlias

from dsl.compiler import Compiled, Compiler
from dsl.grammar import Production
from dsl.library import Definition
from dsl.program import Application, Lambda, Literal, Name, Program, Variable
from dsl.type_system import INT, REAL, TEXT, FunctionType, Type, TypeConstructor
from dsl.values import INT_MAX, INT_MIN, Failure, Undefined, agree
from synth.budget import Budget, Meter, StopReason
from synth.pcfg import spec_pcfg
from synth.search.forward import hopeless, interruptible, unreachable
from synth.search.schedule import CAPTURE_COST, SCALARS, STEP_BITS, Place, Schedule, schedule, scope_key
from synth.search.scope import PARAMETER, TOP, Choice, ScopeKey
from synth.search.tidy import tidy
from synth.search.universe import universe
from synth.solver import Answer
from tasks.task import Spec

__all__ = ["Naive", "columns_of"]

Column: TypeAlias = tuple[Any, ...]
Class: TypeAlias = tuple[Column, "Production | None", tuple[Any, ...]]
"""A column, the production that made it, and its arguments' classes; without production, a class captured outside."""

_LEVELS = 200
_CHUNK = 256
"""Programs between two looks at the clock."""
_CAPTURED_AT_MOST, _CAPTURED_LISTS_UP_TO = 40, 12
_UNDEFINED = object()


@dataclass(frozen=True)
class Naive:
    """Bottom-up enumeration in plain Python: tuples, a set, one program at a time."""

    @property
    def name(self) -> str:
        """A short name for tables and logs."""
        return "naive"

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """The first program, by cost, that is right on every example, or why there is none."""
        if (answer := hopeless(spec)) is not None or (answer := unreachable(*spec_pcfg(spec), spec)) is not None:
            return answer
        with interruptible() as interrupted:
            meter = budget.start(interrupted)
            search = _search_for(spec, meter)
            stop, program, level = search.run()
        bits = level * STEP_BITS if program is not None else None
        return Answer(program, stop, meter.evaluations, meter.seconds, bits)


def columns_of(spec: Spec, t: Type, evaluations: int) -> list[Column]:
    """The columns of a type that the search finds within some evaluations, cheapest first, undefined ones left out."""
    search = _search_for(spec, Budget(evaluations=evaluations).start())
    search.run()
    levels = (search.pools.get(((TOP, t), cost), ()) for cost in range(_LEVELS))
    return [column for pools in levels for pool in pools if pool.whole for column in pool.columns]


def _search_for(spec: Spec, meter: Meter) -> _Search:
    pcfg, leaves = spec_pcfg(spec)
    return _Search(spec, schedule(pcfg, leaves, spec.type_request.result), meter)


class _Spent(Exception):  # noqa: N818 - control flow inside this file
    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Pool:
    """Classes of one place and cost, their columns beside them; `whole`: all of them have a value on every row."""

    whole: bool
    columns: list[Column] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)


class _Table(dict[Any, Any]):
    """A lambda on one row of the outer scope: results by argument; where it knows none, its body is run."""

    __slots__ = ("body", "inputs")

    def __init__(self, body: Callable[[], Compiled], inputs: tuple[object, ...]) -> None:
        super().__init__()
        self.body, self.inputs = body, inputs

    def __missing__(self, arguments: tuple[object, ...]) -> object:
        outcome = self.body()((*self.inputs, *arguments))
        if isinstance(outcome, Failure):
            raise Undefined
        self[arguments] = outcome
        return outcome


@dataclass(slots=True)
class _Search:
    """One search: pools by place and cost, and the columns seen in each place."""

    spec: Spec
    plan: Schedule
    meter: Meter
    pools: dict[tuple[Place, int], tuple[_Pool, _Pool]] = field(default_factory=dict)
    hit: Class | None = None
    _goal: Place = field(init=False)
    _inputs: list[tuple[object, ...]] = field(init=False)
    _largest: int = field(init=False)
    _compiler: Compiler = field(init=False)
    _seen: dict[Place, set[Column]] = field(default_factory=dict)
    _rows: dict[ScopeKey, list[tuple[int, tuple[object, ...]]]] = field(default_factory=dict)
    _functions: dict[tuple[FunctionType, int], list[_Pool]] = field(default_factory=dict)
    _granted: int = 0

    def __post_init__(self) -> None:
        self._goal = (TOP, self.spec.type_request.result)
        self._inputs = [*(e.arguments for e in self.spec.examples), *self.spec.queries]
        self._compiler = Compiler(self.spec.library)
        values = (v for e in self.spec.examples for v in (*e.arguments, e.output))
        self._largest = max(64, 4 * max(map(_longest, values), default=0))

    def run(self) -> tuple[StopReason, Program | None, int]:
        """Level by level, what is farthest from the goal first; the program found is a complete one."""
        goal = self._goal
        try:
            for level in range(1, _LEVELS):
                for distance, place in self.plan.places:
                    if place != goal and level > distance and place[0].depth <= 1:
                        self._build(place, level - distance)
                self._build(goal, level)
                if self.hit is not None:
                    program = tidy(Lambda(self.spec.parameters, self._program(TOP, self.hit)))
                    return StopReason.SOLVED, program, level
        except _Spent as spent:
            return spent.reason, None, level
        finally:
            self.meter.evaluations -= self._granted  # what was allowed and not used
            self._granted = 0
        return StopReason.EXHAUSTED, None, _LEVELS

    def _build(self, place: Place, cost: int) -> None:
        """All programs of a place and cost."""
        key, t = place
        self.pools[place, cost] = (_Pool(True), _Pool(False))
        if key != TOP:
            for outer in self._captured(t, cost - CAPTURE_COST):
                column = tuple([outer[0][row] for row, _ in self._rows_of(key)])
                self._leaf(place, cost, column, None, (outer,))
        for choice in self.plan.choices[key].get(t, ()):
            if self.hit is not None:
                return
            parameters = choice.production.parameters
            if not parameters:
                if choice.cost == cost:
                    self._leaf(place, cost, self._leaf_column(key, choice.production), choice.production, ())
            elif choice.cost < cost and (key == TOP or not any(isinstance(p, FunctionType) for p in parameters)):
                self._combine(place, cost, choice)

    def _combine(self, place: Place, cost: int, choice: Choice) -> None:
        """The inner loop: one production on all argument tuples that bring its programs to this cost."""
        production, seen = choice.production, self._seen.setdefault(place, set())
        call, exceeds = self._function(production), self._limit(production.result)
        careful = self._row_by_row(production, call, exceeds)
        whole, partial = self.pools[place, cost]
        left, known = self._granted, len(seen)
        for pools in self._splits(place[0], production.parameters, cost - choice.cost):
            direct = all(pool.whole for pool in pools)
            pairs = zip(product(*[p.columns for p in pools]), product(*[p.classes for p in pools]), strict=True)
            for arguments, classes in pairs:
                if not left:
                    left = self._grant()
                left -= 1
                checked = not direct
                try:
                    column = tuple(map(call, *arguments)) if direct else careful(arguments)
                    if direct and exceeds is not None and exceeds(column):
                        column, checked = careful(arguments), True
                except Exception:  # undefined on some row; which, is found out row by row
                    column, checked = careful(arguments), True
                seen.add(column)
                if len(seen) == known:  # asking `column in seen` first would hash the column twice
                    continue
                known += 1
                made = (column, production, classes)
                if not checked or _UNDEFINED not in column:
                    whole.columns.append(column)
                    whole.classes.append(made)
                    if self._is_wanted(place, column):
                        self.hit, self._granted = made, left
                        return
                elif any(cell is not _UNDEFINED for cell in column):
                    partial.columns.append(column)
                    partial.classes.append(made)
        self._granted = left

    def _grant(self) -> int:
        """Programs allowed until the next look at the budget; raises when it is spent."""
        self._granted = 0
        if (reason := self.meter.spent()) is not None:
            raise _Spent(reason)
        left = self.meter.remaining()
        allowed = _CHUNK if left is None else min(_CHUNK, left)
        self.meter.evaluations += allowed
        return allowed

    def _leaf(
        self, place: Place, cost: int, column: Column, production: Production | None, parts: tuple[Class, ...]
    ) -> None:
        """Count and keep a program without arguments of its own."""
        self._granted = (self._granted or self._grant()) - 1
        seen = self._seen.setdefault(place, set())
        if column in seen or all(cell is _UNDEFINED for cell in column):
            return
        seen.add(column)
        pool = self.pools[place, cost][_UNDEFINED in column]
        pool.columns.append(column)
        pool.classes.append((column, production, parts))
        if self._is_wanted(place, column):
            self.hit = (column, production, parts)

    def _is_wanted(self, place: Place, column: Column) -> bool:
        if place != self._goal:
            return False
        return all(agree(cell, e.output) for cell, e in zip(column, self.spec.examples, strict=False))

    # ---- arguments -----------------------------------------------------------------------------------------------

    def _splits(self, key: ScopeKey, parameters: tuple[Type, ...], total: int) -> Iterator[tuple[_Pool, ...]]:
        """Pools for the arguments whose costs add up to `total`."""
        first, rest = parameters[0], parameters[1:]
        if not rest:
            yield from ((pool,) for pool in self._argument(key, first, total) if pool.classes)
            return
        for cost in range(1, total):
            for pool in self._argument(key, first, cost):
                if pool.classes:
                    yield from ((pool, *others) for others in self._splits(key, rest, total - cost))

    def _argument(self, key: ScopeKey, t: Type, cost: int) -> Sequence[_Pool]:
        if not isinstance(t, FunctionType):
            return self.pools.get(((key, t), cost), ())
        found = self._functions.get((t, cost))
        if found is None:
            inner = scope_key(t, key)
            made = self.pools.get(((inner, t.result), cost))
            if made is None:
                return ()  # bodies of this cost are not built yet, and nothing that is built now can use them
            bodies = [body for pool in made for body in pool.classes]
            columns = [self._as_functions(inner, body) for body in bodies]
            found = self._functions[t, cost] = [_Pool(True, columns, bodies)]
        return found

    def _as_functions(self, key: ScopeKey, body: Class) -> Column:
        """A lambda's body as one function for each outer row."""
        compiled = cache(lambda: self._compiler.compile(self._lambda(key, body, self.spec.parameters)))
        tables = [_Table(compiled, inputs) for inputs in self._inputs]
        for (row, arguments), value in zip(self._rows_of(key), body[0], strict=True):
            if value is not _UNDEFINED:
                tables[row][arguments] = value
        return tuple([_function_of(table) for table in tables])

    def _captured(self, t: Type, cost: int) -> Iterator[Class]:
        if t not in SCALARS and cost > _CAPTURED_LISTS_UP_TO:
            return
        pools = self.pools.get(((TOP, t), cost), ())
        yield from islice((outer for pool in pools for outer in pool.classes), _CAPTURED_AT_MOST)

    # ---- running words -------------------------------------------------------------------------------------------

    def _function(self, production: Production) -> Callable[..., Any]:
        assert isinstance(production.head, Name)
        entry = self.spec.library[production.head.name]
        return self._compiled(entry) if isinstance(entry, Definition) else entry.function

    def _compiled(self, entry: Definition) -> Callable[..., Any]:
        run = self._compiler.compile(entry.program)

        def call(*arguments: object) -> object:
            outcome = run(arguments)
            if isinstance(outcome, Failure):
                raise Undefined
            return outcome

        return call

    def _row_by_row(
        self, production: Production, call: Callable[..., Any], exceeds: Callable[[Column], bool] | None
    ) -> Callable[[Sequence[Column]], Column]:
        """The column where a word, or an argument, may be undefined on some rows."""
        entry = self.spec.library[production.key]
        lazy = None if isinstance(entry, Definition) else entry.lazy

        def cell(values: tuple[Any, ...]) -> Any:
            def force(position: int) -> Any:
                if values[position] is _UNDEFINED:
                    raise Undefined
                return values[position]

            try:
                value = call(*map(force, range(len(values)))) if lazy is None else lazy(force)
            except Exception:  # a word may raise what it likes; the program has no value here
                return _UNDEFINED
            return _UNDEFINED if exceeds is not None and exceeds((value,)) else value

        return lambda columns: tuple([cell(values) for values in zip(*columns, strict=True)])

    def _limit(self, t: Type) -> Callable[[Column], bool] | None:
        """Whether some value of a column is larger than a search keeps; None for types that have no limit."""
        largest = self._largest
        if t == INT:
            return lambda column: max(column) > INT_MAX or min(column) < INT_MIN
        if t == REAL:
            return lambda column: not all(map(math.isfinite, column))
        if t == TEXT or (isinstance(t, TypeConstructor) and t.name == "list"):
            return lambda column: max(map(len, column)) > largest
        return None

    # ---- scopes --------------------------------------------------------------------------------------------------

    def _rows_of(self, key: ScopeKey) -> list[tuple[int, tuple[object, ...]]]:
        """Rows of a scope: the outer row, and the values of the lambda's parameters."""
        found = self._rows.get(key)
        if found is None:
            found = self._rows[key] = self._make_rows(key)
        return found

    def _make_rows(self, key: ScopeKey) -> list[tuple[int, tuple[object, ...]]]:
        if key == TOP:
            return [(row, ()) for row in range(len(self._inputs))]
        request, examples = self.spec.type_request, self.spec.examples
        most = max(3, min(10, 60 // len(self._inputs)))
        rows: list[tuple[int, tuple[object, ...]]] = []
        for row, inputs in enumerate(self._inputs):
            seen = list(zip(inputs, request.parameters, strict=True))
            if row < len(examples):
                seen.append((examples[row].output, request.result))
            rows += zip(repeat(row), universe(key.parameters, seen, most))
        return rows

    def _leaf_column(self, key: ScopeKey, production: Production) -> Column:
        rows = self._rows_of(key)
        match production.head:
            case Literal(value):
                return (value,) * len(rows)
            case Variable(name) if name.startswith(PARAMETER):
                return tuple([arguments[_position_of(name)] for _, arguments in rows])
            case Variable(name):
                return tuple([self._inputs[row][self.spec.parameters.index(name)] for row, _ in rows])
            case Name(word):
                outcome = self._compiler.compile(Lambda((), Name(word)))(())
                return (_UNDEFINED if isinstance(outcome, Failure) else outcome,) * len(rows)

    # ---- programs ------------------------------------------------------------------------------------------------

    def _program(self, key: ScopeKey, made: Class) -> Program:
        _, production, parts = made
        if production is None:
            return self._program(TOP, parts[0])
        head = production.head
        if production.is_leaf:
            if isinstance(head, Variable) and head.name.startswith(PARAMETER):
                return Variable(self._names(key)[_position_of(head.name)])
            return head
        arguments = zip(production.parameters, parts, strict=True)
        return Application(head, tuple([self._part(key, t, part) for t, part in arguments]))

    def _part(self, key: ScopeKey, t: Type, part: Class) -> Program:
        return self._lambda(scope_key(t, key), part) if isinstance(t, FunctionType) else self._program(key, part)

    def _lambda(self, key: ScopeKey, body: Class, before: tuple[str, ...] = ()) -> Lambda:
        return Lambda((*before, *self._names(key)), self._program(key, body))

    def _names(self, key: ScopeKey) -> tuple[str, ...]:
        free = (name for name in ("x", "y", "z", "w", "v", "u") if name not in self.spec.parameters)
        return tuple(islice(free, len(key.parameters)))


def _position_of(parameter: str) -> int:
    """Which parameter of a lambda its name in productions, `parameter DEPTH.POSITION`, means."""
    return int(parameter.rpartition(".")[2])


def _function_of(table: _Table) -> Callable[..., Any]:
    return lambda *arguments: table[arguments]


def _longest(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    return max(len(value), *map(_longest, value), 0) if isinstance(value, tuple) else 0
