"""Functions that a sketch writes out, one for each filling of the gaps in its body, as words are given them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsl.compiler import Compiled
from dsl.program import Lambda, Program, free_variables
from dsl.type_system import FunctionType, Type
from synth.search.apply import Applier
from synth.search.brief import brief
from synth.search.column import Block
from synth.search.functions import Callables, exact_function
from synth.search.kernels.convention import Ints
from synth.search.kernels.machine import FRAME, Table, fill_slots
from synth.search.scope import Scope

__all__ = ["BodyFunctions", "Moved"]

_DEEPEST_BODY = 40
"""Levels of a body that compiled code runs."""


@dataclass(slots=True)
class BodyFunctions:
    """Bodies in a lambda's scope: what each yields there, its node, and the program that it is, by number."""

    type: FunctionType
    scope: Scope
    block: Block
    nodes: NDArray[np.int32]
    program: Callable[[int], Program]
    applier: Applier
    _table: Table | None = None
    _bodies: dict[int, tuple[Compiled, tuple[str, ...]]] = field(default_factory=dict)
    _exact: dict[tuple[int, int], Callable[..., object]] = field(default_factory=dict)

    def table(self) -> Table:
        """The functions as compiled words see them."""
        if self._table is None:
            scope, nodes = self.scope, self.scope.nodes
            assert nodes is not None, "a lambda's scope has nodes"
            slots = np.full(1 << (4 * scope.rows + 1).bit_length(), -1, dtype=np.int32)
            fill_slots(scope.owner, scope.arguments, scope.rows, slots)
            self._table = Table(
                np.ascontiguousarray(self.block.cells),
                np.ascontiguousarray(self.block.status),
                slots,
                scope.owner,
                scope.arguments,
                self.nodes,
                nodes.operation,
                nodes.parts,
                nodes.constant,
                nodes.captured,
                nodes.captured_status,
                np.zeros(FRAME * _DEEPEST_BODY, dtype=np.int64),
            )
        return self._table

    def exact(self, number: int, row: int) -> Callable[..., object]:
        """One function on one outer row, right on every argument: its body is run."""
        found = self._exact.get((number, row))
        if found is None:
            body, outer = self._body(number)
            values = tuple(self._value(name, row) for name in outer)
            arity = len(self.type.parameters)
            found = self._exact[number, row] = exact_function(body, values, arity, self.applier.largest)
        return found

    def _body(self, number: int) -> tuple[Compiled, tuple[str, ...]]:
        found = self._bodies.get(number)
        if found is None:
            body, mine = self.program(number), tuple(name for name, _ in self.scope.variables)
            outer = tuple(sorted(free_variables(body) - set(mine)))
            found = self._bodies[number] = brief(self.applier.compiler, Lambda((*outer, *mine), body)), outer
        return found

    def _value(self, name: str, row: int) -> object:
        """The value of a variable from around on an outer row; parameters always have one."""
        assert self.scope.outer is not None, "a lambda's scope has an outer scope"
        return self.applier.store.decode(int(self.scope.outer.columns[name].cells[0, row]), _type_of(name, self.scope))


def _type_of(name: str, scope: Scope | None) -> Type:
    while scope is not None:
        for known, t in scope.variables:
            if known == name:
                return t
        scope = scope.outer
    raise AssertionError(f"no scope has {name}")


@dataclass(frozen=True, slots=True)
class Moved:
    """Functions used deeper inside than where they are written: `rows` are their outer rows, by the row at hand.

    Words that are given several functions, whose rows may differ, ask for each of them; no compiled word is.
    """

    functions: Callables
    rows: Ints

    def table(self) -> Table:
        """Never asked for."""
        raise AssertionError("no compiled word is given several functions")

    def exact(self, number: int, row: int) -> Callable[..., object]:
        """One function on one row."""
        return self.functions.exact(number, int(self.rows[row]))
