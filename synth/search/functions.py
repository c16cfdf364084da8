"""Functions as the search passes them to words: tables over a universe, and exact evaluation outside it.

Compiled words get a `Table`: what every body yields over its scope's rows, and the bodies as nodes that compiled code
runs on any other arguments. Words in plain Python get a callable for each (function, outer row), which runs the body
by the compiler's closures and remembers what it gave.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.compiler import Compiler
from dsl.grammar import Production
from dsl.program import Application, Lambda, Program, Variable
from dsl.type_system import FunctionType, Type
from dsl.values import Failure, Undefined
from synth.search.kernels.convention import DEFINED, Ints
from synth.search.kernels.machine import FRAME, Table, fill_slots
from synth.search.scope import Captured, InnerScopes, Scope
from synth.search.store import Store

__all__ = ["Callables", "Functions", "exact_function"]

Body: TypeAlias = Callable[[tuple[object, ...]], object]
"""A compiled body: what it captures and its arguments in, an outcome out."""

_EXACT_KEPT = 20_000
"""Callables kept at once; the oldest go first."""
_DEEPEST_BODY = 40
"""Levels of a body that compiled code runs."""


class _ExactTable(dict[Any, Any]):
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


def exact_function(body: Body, captured: tuple[object, ...], arity: int, largest: int) -> Callable[..., object]:
    """A function that runs a body and remembers what it gave; raises Undefined where that is nothing, or too long."""
    table = _ExactTable(body, captured, arity, largest)
    if arity == 1:
        return table.__getitem__
    return lambda *arguments: table[arguments]


class Callables(Protocol):
    """Functions of one type, by number, as words are given them."""

    def table(self) -> Table:
        """The functions as compiled words see them."""
        ...

    def exact(self, number: int, row: int) -> Callable[..., object]:
        """One function on one outer row, right on every argument."""
        ...


@dataclass(slots=True)
class Functions:
    """All functions of one type over a lambda's scope, numbered as the body's bank numbers its classes."""

    type: FunctionType
    scope: Scope
    inner: InnerScopes
    compiler: Compiler
    store: Store
    largest: int
    _slots: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    _stack: Ints = field(default_factory=lambda: np.zeros(FRAME * _DEEPEST_BODY, dtype=np.int64))
    _generation: int = -1
    _exact: dict[tuple[int, int], Callable[..., object]] = field(default_factory=dict)
    _bodies: dict[int, tuple[Body, tuple[object, ...]]] = field(default_factory=dict)

    def table(self) -> Table:
        """The functions as compiled words see them; to be asked for anew after the scope has changed."""
        scope, bank, nodes = self.scope, self.scope.bank(self.type.result), self.scope.nodes
        assert nodes is not None, "a lambda's scope has nodes"
        if self._generation != scope.generation:
            self._generation = scope.generation
            self._slots = np.full(1 << (4 * scope.rows + 1).bit_length(), -1, dtype=np.int32)
            fill_slots(scope.owner, scope.arguments, scope.rows, self._slots)
        return Table(
            bank.cells[: bank.count],
            bank.status[: bank.count],
            self._slots,
            scope.owner,
            scope.arguments,
            nodes.of(self.type.result),
            nodes.operation,
            nodes.parts,
            nodes.constant,
            nodes.captured,
            nodes.captured_status,
            self._stack,
        )

    def exact(self, number: int, row: int) -> Callable[..., object]:
        """One function on one outer row, right on every argument: its own body is run, results are kept."""
        found = self._exact.get((number, row))
        if found is None:
            body, captured = self._body(number)
            arity = len(self.type.parameters)
            values = self._captured_values(captured, row)
            if len(self._exact) >= _EXACT_KEPT:
                self._exact.pop(next(iter(self._exact)))
            made = _undefined if values is None else exact_function(body, values, arity, self.largest)
            found = self._exact[number, row] = made
        return found

    def _body(self, number: int) -> tuple[Body, tuple[object, ...]]:
        found = self._bodies.get(number)
        if found is None:
            captured: dict[object, str] = {}
            body = self._runtime_body(self.scope, self.type.result, number, captured)
            names = (*captured.values(), *(name for name, _ in self.scope.variables))
            compiled = self.compiler.compile(Lambda(names, body))
            found = self._bodies[number] = (compiled, tuple(captured))
        return found

    def _runtime_body(self, scope: Scope, t: Type, number: int, captured: dict[object, str]) -> Program:
        """The body with what it captures as variables, so that a call does not compute it again."""
        derivation = scope.banks[t].derivations(number)[0]
        head = scope.heads[derivation.production]
        if isinstance(head, Captured):
            if scope is self.scope:
                return Variable(captured.setdefault(head, f"captured {len(captured)}"))
            assert scope.outer is not None
            return self._runtime_body(scope.outer, head.type, head.number, captured)
        if not isinstance(head, Production):
            return head
        if head.is_leaf:
            return self._runtime_leaf(scope, head, captured)
        parts = zip(head.parameters, derivation.arguments, strict=True)
        return Application(head.head, tuple(self._runtime_argument(scope, p, n, captured) for p, n in parts))

    def _runtime_argument(self, scope: Scope, t: Type, number: int, captured: dict[object, str]) -> Program:
        if not isinstance(t, FunctionType):
            return self._runtime_body(scope, t, number, captured)
        inner = self.inner(scope, t)
        names = tuple(name for name, _ in inner.variables)
        return Lambda(names, self._runtime_body(inner, t.result, number, captured))

    def _runtime_leaf(self, scope: Scope, head: Production, captured: dict[object, str]) -> Program:
        named = scope.named(head.head)
        mine = {name for s in _up_to(scope, self.scope) for name, _ in s.variables}
        if isinstance(named, Variable) and named.name not in mine:
            captured.setdefault(head, named.name)
        return named

    def _captured_values(self, captured: tuple[object, ...], row: int) -> tuple[object, ...] | None:
        """What the body takes from outside, on one outer row; None where a part of it is undefined there."""
        outer = self.scope.outer
        assert outer is not None, "a function's scope has an outer scope"
        values: list[object] = []
        for what in captured:
            if isinstance(what, Captured):
                bank = outer.banks[what.type]
                cell, status, t = bank.cells[what.number, row], bank.status[what.number, row], what.type
            else:
                assert isinstance(what, Production)
                block = outer.columns[str(what.head.name)]  # type: ignore[union-attr]
                cell, status, t = block.cells[0, row], block.status[0, row], what.result
            if status != DEFINED:
                return None
            values.append(self.store.decode(int(cell), t))
        return tuple(values)


def _up_to(scope: Scope, last: Scope) -> list[Scope]:
    """The scope and those around it, up to and with `last`."""
    found = [scope]
    while found[-1] is not last:
        outer = found[-1].outer
        assert outer is not None
        found.append(outer)
    return found
