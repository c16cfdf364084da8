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
from dsl.primitive import Primitive
from dsl.primitives import CORE
from dsl.program import Application, Lambda, Literal, Name, Program, Variable
from dsl.type_system import FunctionType, Type
from dsl.values import INT_MAX, INT_MIN, Failure, TooLarge, Undefined
from synth.search.brief import brief
from synth.search.checks import is_kept
from synth.search.kernels.convention import DEFINED, Ints
from synth.search.kernels.machine import FRAME, Table, fill_slots
from synth.search.scope import Captured, InnerScopes, Scope
from synth.search.store import Store

__all__ = ["Callables", "FunctionColumn", "Functions", "exact_function", "undefined_function"]

Steps: TypeAlias = "tuple[tuple[int, Any, int], ...]"
"""What a plain body does, arguments before the word: the kind of step, what with, and how many arguments."""
_PARAMETER, _CONSTANT, _CAPTURED, _CALL = range(4)
Body: TypeAlias = Callable[[tuple[object, ...]], object]
"""A compiled body: what it captures and its arguments in, an outcome out."""

_SAYS_UNDEFINED = (ArithmeticError, IndexError, ValueError, TooLarge)
"""What words of ours raise where they have no value; an Undefined of their own passes through."""
_EXACT_KEPT = 2_000
"""Callables, and bodies made ready to run, that are kept at once."""
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


def undefined_function(*arguments: object) -> object:
    """A function that captures something undefined."""
    raise Undefined


def _as_function(table: dict[Any, Any], arity: int) -> Callable[..., object]:
    if arity == 1:
        return table.__getitem__
    return lambda *arguments: table[arguments]


class _PlainTable(dict[Any, Any]):
    """The same for a body of words that run all their arguments: its steps, one after the other, on a stack."""

    __slots__ = ("arity", "captured", "largest", "steps")

    def __init__(self, steps: Steps, captured: tuple[object, ...], arity: int, largest: int) -> None:
        super().__init__()
        self.steps, self.captured, self.arity, self.largest = steps, captured, arity, largest

    def __missing__(self, arguments: Any) -> Any:
        given = (arguments,) if self.arity == 1 else arguments
        stack: list[Any] = []
        for kind, what, count in self.steps:
            if kind == _CALL:
                values = stack[-count:]
                del stack[-count:]
                try:
                    value = what(*values)
                except _SAYS_UNDEFINED:
                    raise Undefined from None
                if type(value) is int:
                    if not INT_MIN <= value <= INT_MAX:
                        raise Undefined
                elif type(value) is tuple and not is_kept(value, self.largest):
                    raise Undefined
                stack.append(value)
            elif kind == _PARAMETER:
                stack.append(given[what])
            elif kind == _CONSTANT:
                stack.append(what)
            else:
                stack.append(self.captured[what])
        self[arguments] = stack[0]
        return stack[0]


def exact_function(body: Body, captured: tuple[object, ...], arity: int, largest: int) -> Callable[..., object]:
    """A function that runs a body and remembers what it gave; raises Undefined where that is nothing, or too long."""
    return _as_function(_ExactTable(body, captured, arity, largest), arity)


class Callables(Protocol):
    """Functions of one type, by number, as words are given them."""

    def table(self) -> Table:
        """The functions as compiled words see them."""
        ...

    def exact(self, number: int, row: int) -> Callable[..., object]:
        """One function on one outer row, right on every argument."""
        ...


@dataclass(frozen=True, slots=True)
class FunctionColumn:
    """An argument position filled by functions: one number for each program."""

    functions: Callables
    numbers: NDArray[np.int32]


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
    _plains: dict[tuple[Type, int], tuple[Steps, tuple[object, ...]] | None] = field(default_factory=dict)
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
            if len(self._exact) >= _EXACT_KEPT:
                self._exact.pop(next(iter(self._exact)))
            found = self._exact[number, row] = self._make_exact(number, row)
        return found

    def _make_exact(self, number: int, row: int) -> Callable[..., object]:
        arity = len(self.type.parameters)
        for kept in (self._plains, self._bodies):
            if len(kept) >= _EXACT_KEPT:
                kept.clear()
        plain = self._plain(self.type.result, number)
        if plain is not None:
            steps, taken = plain
            values = self._captured_values(taken, row)
            if values is None:
                return undefined_function
            return _as_function(_PlainTable(steps, values, arity, self.largest), arity)
        body, captured = self._body(number)
        values = self._captured_values(captured, row)
        return undefined_function if values is None else exact_function(body, values, arity, self.largest)

    def _plain(self, t: Type, number: int) -> tuple[Steps, tuple[object, ...]] | None:
        """The steps of a body, and what it captures; None for one that has lambdas, or words that leave parts unrun."""
        if (t, number) not in self._plains:
            captured: list[object] = []
            steps: list[tuple[int, Any, int]] = []
            plain = self._collect(t, number, steps, captured)
            self._plains[t, number] = (tuple(steps), tuple(captured)) if plain else None
        return self._plains[t, number]

    def _collect(self, t: Type, number: int, steps: list[tuple[int, Any, int]], captured: list[object]) -> bool:
        derivation = self.scope.banks[t].derivations(number)[0]
        head = self.scope.heads[derivation.production]
        if isinstance(head, Captured):
            return self._capture(head, steps, captured)
        if not isinstance(head, Production):
            return False
        if not head.is_leaf:
            entry = self.compiler.library.entries.get(head.key)
            if not isinstance(entry, Primitive) or entry.lazy is not None or CORE.entries.get(head.key) is not entry:
                return False
            for part, argument in zip(head.parameters, derivation.arguments, strict=True):
                if isinstance(part, FunctionType) or not self._collect(part, argument, steps, captured):
                    return False
            steps.append((_CALL, entry.function, len(head.parameters)))
            return True
        own = [self.scope.key.parameter(i) for i in range(len(self.type.parameters))]
        match head.head:
            case Literal(value):
                steps.append((_CONSTANT, value, 0))
            case Variable(name) if name in own:
                steps.append((_PARAMETER, own.index(name), 0))
            case Variable():
                return self._capture(head, steps, captured)
            case Name():
                return False
        return True

    @staticmethod
    def _capture(what: object, steps: list[tuple[int, Any, int]], captured: list[object]) -> bool:
        if what not in captured:
            captured.append(what)
        steps.append((_CAPTURED, captured.index(what), 0))
        return True

    def _body(self, number: int) -> tuple[Body, tuple[object, ...]]:
        found = self._bodies.get(number)
        if found is None:
            captured: dict[object, str] = {}
            body = self._runtime_body(self.scope, self.type.result, number, captured)
            names = (*captured.values(), *(name for name, _ in self.scope.variables))
            compiled = brief(self.compiler, Lambda(names, body))
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
