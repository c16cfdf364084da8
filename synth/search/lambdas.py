"""The scopes of lambdas: made when first wanted, over universes taken from what the examples show."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dsl.grammar import Production
from dsl.program import Literal, Name, Variable
from dsl.type_system import FunctionType, Type
from synth.search.apply import Applier
from synth.search.column import Block, repeated
from synth.search.functions import Functions
from synth.search.kernels.convention import DEFINED
from synth.search.kernels.operations import CAPTURED, CONSTANT, operation_of
from synth.search.kernels.operations import PARAMETER as FROM_PARAMETER
from synth.search.nodes import Nodes
from synth.search.schedule import scope_key
from synth.search.scope import PARAMETER, Captured, Head, Scope, ScopeKey
from synth.search.universe import Observation, universe
from tasks.task import Spec

__all__ = ["Lambdas"]

_ROWS, _LEAST_A_ROW, _MOST_A_ROW = 60, 3, 10
"""Rows that a lambda's scope aims at, and how many argument tuples one outer row may have."""
_ROWS_DEEPER = 180
"""The same for a lambda inside a lambda."""
_NAMES = ("x", "y", "z", "w", "v", "u")


@dataclass(slots=True, repr=False)
class Lambdas:
    """All lambda scopes of a search, by key, and the functions over them."""

    spec: Spec
    top: Scope
    applier: Applier
    scopes: dict[ScopeKey, Scope] = field(default_factory=dict)
    _functions: dict[tuple[ScopeKey, Type], Functions] = field(default_factory=dict)

    def scope(self, key: ScopeKey) -> Scope:
        """The scope of a key."""
        if key.outer is None:
            return self.top
        found = self.scopes.get(key)
        if found is None:
            found = self.scopes[key] = self._make(key, self.scope(key.outer))
        return found

    def within(self, scope: Scope) -> list[Scope]:
        """The scopes made so far of lambdas directly inside a scope."""
        return [inner for inner in self.scopes.values() if inner.outer is scope]

    def inner(self, scope: Scope, t: FunctionType) -> Scope:
        """The scope, inside another, in which bodies of functions of a type are built."""
        return self.scope(scope_key(t, scope.key))

    def functions(self, scope: Scope, t: FunctionType) -> Functions:
        """All functions of a type that a scope can pass to words."""
        found = self._functions.get((scope.key, t))
        if found is None:
            applier = self.applier
            found = self._functions[scope.key, t] = Functions(
                t, self.inner(scope, t), self.inner, applier.compiler, applier.store, applier.largest
            )
        return found

    def _make(self, key: ScopeKey, outer: Scope) -> Scope:
        store = self.applier.store
        observed = self._observed(outer)
        aim = _ROWS if key.depth == 1 else _ROWS_DEEPER
        most = max(_LEAST_A_ROW, min(_MOST_A_ROW, aim // max(1, len(observed))))
        by_row = [universe(key.parameters, seen, most) for seen in observed]
        owner = np.repeat(np.arange(len(by_row), dtype=np.int64), [len(u) for u in by_row])
        cells = [[store.encode(v, t) for v, t in zip(row, key.parameters, strict=True)] for u in by_row for row in u]
        arguments = np.array(cells, dtype=np.int64).reshape(len(owner), len(key.parameters))
        scope = Scope(
            key,
            tuple(zip(self._free_names(outer), key.parameters, strict=False)),
            len(owner),
            store,
            outer.equivalence,
            outer,
            owner,
            arguments,
            nodes=Nodes(outer.rows),
        )
        self.fill_columns(scope)
        return scope

    def fill_columns(self, scope: Scope) -> None:
        """The columns of the parameters, from the scope's arguments, and of the outer variables, repeated."""
        assert scope.outer is not None
        for name, column in scope.outer.columns.items():
            scope.columns[name] = repeated(column, scope.owner)
        for position, (name, _) in enumerate(scope.variables):
            cells = np.ascontiguousarray(scope.arguments[:, position]).reshape(1, -1)
            column = Block(cells, np.full(cells.shape, DEFINED, dtype=np.uint8))
            scope.columns[name] = scope.columns[scope.key.parameter(position)] = column

    def _free_names(self, outer: Scope) -> list[str]:
        taken = set(self.spec.parameters)
        scope: Scope | None = outer
        while scope is not None:
            taken |= {name for name, _ in scope.variables}
            scope = scope.outer
        return [n for n in _NAMES if n not in taken] + [f"x{i}" for i in range(9) if f"x{i}" not in taken]

    def _observed(self, outer: Scope) -> list[list[Observation]]:
        """What is seen on each row of a scope: the inputs, for an example the output, and a lambda's own arguments."""
        if outer.outer is None:
            return self._observed_at_top()
        around = self._observed(outer.outer)
        store, types = outer.store, outer.key.parameters
        return [
            [(store.decode(int(c), t), t) for c, t in zip(cells, types, strict=True)] + around[owner]
            for cells, owner in zip(outer.arguments, outer.owner.tolist(), strict=True)
        ]

    def _observed_at_top(self) -> list[list[Observation]]:
        request = self.spec.type_request
        seen: list[list[Observation]] = []
        for example in self.spec.examples:
            inputs = list(zip(example.arguments, request.parameters, strict=True))
            seen.append([*inputs, (example.output, request.result)])
        seen.extend(list(zip(query, request.parameters, strict=True)) for query in self.spec.queries)
        return seen

    # ---- nodes ---------------------------------------------------------------------------------------------------

    def head_number(self, scope: Scope, head: Head) -> int:
        """The number of a head in a scope; in a lambda's scope also what its nodes do."""
        if not isinstance(head, Production | Captured):
            return scope.head_number(head)
        arity = 0 if isinstance(head, Captured) else len(head.parameters)
        operation = (0, 0) if scope.nodes is None else self.operation(scope, scope.nodes, head)
        return scope.head_number(head, arity, operation)

    def operation(self, scope: Scope, nodes: Nodes, head: Production | Captured) -> tuple[int, int]:
        """What the nodes of a head do in a lambda's scope: an operation and its constant."""
        outer = scope.outer
        assert outer is not None
        if isinstance(head, Captured):
            bank = outer.bank(head.type)
            slot = nodes.slot(head, bank.cells[head.number], bank.status[head.number])
            return CAPTURED, slot
        match head.head:
            case Literal(value):
                return CONSTANT, scope.store.encode(value, head.result)
            case Variable(name) if name in outer.columns:
                column = outer.columns[name]
                return CAPTURED, nodes.slot(head, column.cells[0], column.status[0])
            case Variable(name):
                return FROM_PARAMETER, int(name.removeprefix(PARAMETER).split(".")[1])
            case Name(word) if head.is_leaf:
                block = self.applier.constant(word, head.result, 1)
                return (CONSTANT, int(block.cells[0, 0])) if block.status[0, 0] == DEFINED else (0, 0)
            case Name(word):
                if any(isinstance(p, FunctionType) for p in head.parameters) or len(head.parameters) > 3:
                    return 0, 0
                return operation_of(word, head.parameters, head.result), 0
