"""Functions as tables: a lambda is known to the search by what its body yields over its universe.

Each (function class, outer row) has a table from arguments to results. Tables that agree are shared, so that a word
such as `filter` runs once for all functions that agree on a row's items. Arguments outside the universe are never
guessed: they end the shared run, and the function's own body is run on them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.compiler import Compiler
from dsl.program import Application, Lambda, Program, Variable
from dsl.type_system import FunctionType, Type
from dsl.values import Failure, Undefined
from synth.search.bank import Bank, Derivation
from synth.search.column import Block, Interners, hash_rows, is_dense
from synth.search.scope import Captured, Scope

__all__ = ["Functions", "OutsideUniverse", "Table"]

Body: TypeAlias = Callable[[tuple[object, ...]], object]
"""A compiled body: what it captures and its arguments in, an outcome out."""

_EXACT_KEPT = 20_000
"""Exact tables kept at once; the oldest go first."""


class OutsideUniverse(BaseException):
    """A shared table was asked about arguments outside its universe."""


class Table(dict[Any, Any]):
    """Arguments (bare for one parameter, a tuple for more) to results; some are known to have none."""

    __slots__ = ("undefined",)

    def __init__(self) -> None:
        super().__init__()
        self.undefined: set[Any] = set()

    def __missing__(self, arguments: Any) -> Any:
        if arguments in self.undefined:
            raise Undefined
        raise OutsideUniverse


class ExactTable(dict[Any, Any]):
    """Arguments to results for one function on one outer row: filled in by running the body."""

    __slots__ = ("arity", "body", "captured", "largest")

    def __init__(self, body: Body, captured: tuple[object, ...], arity: int, largest: int) -> None:
        super().__init__()
        self.body, self.captured, self.arity, self.largest = body, captured, arity, largest

    def __missing__(self, arguments: Any) -> Any:
        given = (arguments,) if self.arity == 1 else arguments
        outcome = self.body((*self.captured, *given))
        if isinstance(outcome, Failure) or (isinstance(outcome, tuple | str) and len(outcome) > self.largest):
            raise Undefined
        self[arguments] = outcome
        return outcome


def _undefined(*arguments: object) -> object:
    """A function that captures something undefined."""
    raise Undefined


def _as_function(table: dict[Any, Any], arity: int) -> Callable[..., object]:
    if arity == 1:
        return table.__getitem__
    return lambda *arguments: table[arguments]


@dataclass(slots=True)
class Functions:
    """All functions of one type over a lambda's scope, numbered as the body's bank numbers its classes."""

    type: FunctionType
    scope: Scope
    compiler: Compiler
    interners: Interners
    largest: int
    _ids: NDArray[np.int32] = field(init=False)
    _known: int = 0
    _by_segment: list[dict[bytes, int]] = field(init=False)
    _origin: list[tuple[int, int]] = field(default_factory=list)
    _shared: dict[int, Callable[..., object]] = field(default_factory=dict)
    _exact: dict[tuple[int, int], Callable[..., object]] = field(default_factory=dict)
    _bodies: dict[int, tuple[Body, tuple[object, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        outer_rows = len(self.scope.universe)
        self._ids = np.zeros((64, outer_rows), dtype=np.int32)
        self._by_segment = [{} for _ in range(outer_rows)]

    @property
    def bank(self) -> Bank:
        """The bodies."""
        return self.scope.bank(self.type.result)

    def table_ids(self, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """(n, outer rows) numbers of the functions' shared tables."""
        if self._known < self.bank.count:
            self._extend()
        return self._ids[numbers]

    def _extend(self) -> None:
        bank, first = self.bank, self._known
        if bank.count > len(self._ids):
            grown = np.zeros((max(bank.count, 2 * len(self._ids)), self._ids.shape[1]), dtype=np.int32)
            grown[:first] = self._ids[:first]
            self._ids = grown
        fresh = slice(first, bank.count)
        for row, known in enumerate(self._by_segment):
            part = slice(self.scope.starts[row], self.scope.starts[row + 1])
            keys: list[bytes] = hash_rows(Block(bank.cells[fresh, part], bank.defined[fresh, part])).tolist()
            for number, key in enumerate(keys, first):
                table = known.get(key)
                if table is None:
                    table = known[key] = len(self._origin)
                    self._origin.append((number, row))
                self._ids[number, row] = table
        self._known = bank.count

    def shared(self, table: int) -> Callable[..., object]:
        """A shared table as a Python function; raises OutsideUniverse where it does not know."""
        found = self._shared.get(table)
        if found is None:
            found = self._shared[table] = _as_function(self._fill(*self._origin[table]), len(self.type.parameters))
        return found

    def _fill(self, number: int, row: int) -> Table:
        scope, bank = self.scope, self.bank
        part = slice(scope.starts[row], scope.starts[row + 1])
        cells, defined = bank.cells[number, part], bank.defined[number, part].tolist()
        values: list[Any] = cells.tolist()
        if not is_dense(self.type.result):
            kept = self.interners[self.type.result].values
            values = [kept[c] if d else None for c, d in zip(values, defined, strict=True)]
        table, single = Table(), len(self.type.parameters) == 1
        for arguments, value, known in zip(scope.universe[row], values, defined, strict=True):
            where = arguments[0] if single else arguments
            if known:
                table[where] = value
            else:
                table.undefined.add(where)
        return table

    def exact(self, number: int, row: int) -> Callable[..., object]:
        """One function on one outer row, right on every argument: its own body is run, results are kept."""
        found = self._exact.get((number, row))
        if found is None:
            body, captured = self._body(number)
            arity = len(self.type.parameters)
            values = self._captured_values(captured, row)
            if len(self._exact) >= _EXACT_KEPT:
                self._exact.pop(next(iter(self._exact)))
            found = _undefined if values is None else _as_function(ExactTable(body, values, arity, self.largest), arity)
            self._exact[number, row] = found
        return found

    def _body(self, number: int) -> tuple[Body, tuple[object, ...]]:
        found = self._bodies.get(number)
        if found is None:
            captured: dict[object, str] = {}
            body = self._runtime_body(self.type.result, number, captured)
            names = (*captured.values(), *(name for name, _ in self.scope.variables))
            compiled = self.compiler.compile(Lambda(names, body))
            found = self._bodies[number] = (compiled, tuple(captured))
        return found

    def _runtime_body(self, t: Type, number: int, captured: dict[object, str]) -> Program:
        """The body with what it captures as variables, so that a call does not compute it again."""
        derivation: Derivation = self.scope.banks[t].derivations[number][0]
        head = self.scope.heads[derivation.production]
        if isinstance(head, Captured):
            return Variable(captured.setdefault(head, f"captured {len(captured)}"))
        if head.is_leaf:
            named = self.scope.named(head.head)
            if isinstance(named, Variable) and named.name not in {n for n, _ in self.scope.variables}:
                captured.setdefault(named.name, named.name)
            return named
        parts = zip(head.parameters, derivation.arguments, strict=True)
        return Application(head.head, tuple(self._runtime_body(p, n, captured) for p, n in parts))

    def _captured_values(self, captured: tuple[object, ...], row: int) -> tuple[object, ...] | None:
        """What the body takes from outside, on one outer row; None where a part of it is undefined there."""
        outer = self.scope.outer
        assert outer is not None, "a function's scope has an outer scope"
        values: list[object] = []
        for what in captured:
            if isinstance(what, Captured):
                bank = outer.banks[what.type]
                if not bank.defined[what.number, row]:
                    return None
                values.append(self.interners.value(bank.cells[what.number, row], what.type))
            else:
                t = dict(outer.variables)[str(what)]
                values.append(self.interners.value(outer.columns[str(what)].cells[0, row], t))
        return tuple(values)
