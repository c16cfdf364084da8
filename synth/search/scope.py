"""Scopes: the variables in reach, the rows they are seen on, and the classes built over them.

The top scope's rows are the examples and queries. A lambda's scope has, for each row of the scope around it, the
argument tuples of its universe; what the lambda captures are columns of the outer scope, repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Production
from dsl.program import Application, Lambda, Literal, Name, Program, Variable
from dsl.type_system import FunctionType, Type
from synth.search.bank import Arguments, Bank, Derivation
from synth.search.column import Block, Column
from synth.search.in_context import Source
from synth.search.kernels.convention import Ints
from synth.search.nodes import Nodes
from synth.search.store import Store

__all__ = ["PARAMETER", "TOP", "Captured", "Choice", "Head", "InnerScopes", "Plan", "Scope", "ScopeKey"]


PARAMETER = "parameter "
"""What a lambda's parameters are called in productions, before a scope gives them names: `parameter 1.0`."""


@dataclass(frozen=True, slots=True)
class ScopeKey:
    """What tells scopes apart: the parameters' types, whether bodies may build lists, and the scope around."""

    parameters: tuple[Type, ...]
    structured: bool
    outer: ScopeKey | None = None
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.parameters, self.structured, self.outer)))

    def __hash__(self) -> int:  # kept: places are looked up by it all the time
        return self._hash

    @property
    def depth(self) -> int:
        """How many lambdas deep it is; the top scope has depth 0."""
        return 0 if self.outer is None else 1 + self.outer.depth

    def parameter(self, position: int) -> str:
        """What a parameter is called in productions."""
        return f"{PARAMETER}{self.depth}.{position}"


TOP = ScopeKey((), True)
"""The scope of the task's own parameters."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A production with its cost in steps and its probability."""

    production: Production
    cost: int
    probability: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A choice made ready for the inner loop: the bank of each argument (of a function, its bodies), and the order in
    which its classes are taken from there; its number as a head, whether only ordered pairs of arguments are tried, and
    how many tuples make a block. As a whole program it costs `extra` steps more.
    """

    choice: Choice
    banks: tuple[Bank, ...]
    sources: tuple[Source, ...]
    head: int
    ordered: bool
    block: int
    extra: int = 0


@dataclass(frozen=True, slots=True)
class Captured:
    """A class of the outer scope, used as a leaf inside a lambda."""

    type: Type
    number: int


Head: TypeAlias = Production | Captured | Program
"""A production, a class of the outer scope, or a whole program (from a sketch)."""
InnerScopes: TypeAlias = "Callable[[Scope, FunctionType], Scope]"
"""Finds, from a scope, the scope in which bodies of functions of a type are built."""


@dataclass(slots=True, repr=False)
class Scope:
    """One scope and its banks. `heads` is what derivations refer to by number.

    `owner[r]` is the outer row that row r belongs to, `arguments[r]` the cells of the parameters there.
    """

    key: ScopeKey
    variables: tuple[tuple[str, Type], ...]
    rows: int
    store: Store
    equivalence: bool = True
    outer: Scope | None = None
    owner: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    arguments: Ints = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    columns: dict[str, Block] = field(default_factory=dict)
    banks: dict[Type, Bank] = field(default_factory=dict)
    heads: list[Head] = field(default_factory=list)
    plans: dict[Type, list[Plan]] = field(default_factory=dict)
    nodes: Nodes | None = None
    generation: int = 0
    """How often the scope's rows have grown."""
    _arities: list[int] = field(default_factory=list)
    _operations: list[tuple[int, int]] = field(default_factory=list)
    _head_numbers: dict[Head, int] = field(default_factory=dict)
    _programs: dict[tuple[Type, int], Program] = field(default_factory=dict)

    def bank(self, t: Type) -> Bank:
        """The bank of a type, made when first asked for."""
        found = self.banks.get(t)
        if found is None:
            found = self.banks[t] = Bank(t, self.rows, self.store, self.equivalence, arities=self._arities)
        return found

    def head_number(self, head: Head, arity: int = 0, operation: tuple[int, int] = (0, 0)) -> int:
        """The number by which derivations name a head; `operation` is what its node does, with its constant."""
        found = self._head_numbers.get(head)
        if found is None:
            found = self._head_numbers[head] = len(self.heads)
            self.heads.append(head)
            self._arities.append(arity)
            self._operations.append(operation)
        return found

    def add(
        self, t: Type, column: Column, head: int, arguments: Arguments, mass: NDArray[np.float64], level: int
    ) -> range:
        """Put programs into the classes of a type; the numbers of the classes that are new."""
        bank = self.bank(t)
        first = bank.count
        where = bank.add(column, head, arguments, mass, level)
        if self.nodes is not None and len(where):
            self.nodes.add(t, *self._operations[head], self._node_parts(head, arguments[where]), len(where))
        return range(first, bank.count)

    def _node_parts(self, head: int, arguments: Arguments) -> NDArray[np.int32]:
        made = self.heads[head]
        assert self.nodes is not None
        if not isinstance(made, Production) or self._operations[head][0] == 0 or made.is_leaf:
            return np.zeros((len(arguments), 0), dtype=np.int32)
        columns = [self.nodes.of(t)[arguments[:, i]] for i, t in enumerate(made.parameters)]
        return np.stack(columns, axis=1)

    # ---- programs ------------------------------------------------------------------------------------------------

    def program(self, t: Type, number: int, inner: InnerScopes) -> Program:
        """The program of a class's cheapest derivation."""
        known = self._programs.get((t, number))
        if known is None:
            known = self._programs[t, number] = self.derived(self.banks[t].derivations(number)[0], inner)
        return known

    def derived(self, derivation: Derivation, inner: InnerScopes) -> Program:
        """The program of one derivation."""
        head = self.heads[derivation.production]
        if isinstance(head, Captured):
            assert self.outer is not None, "only a lambda's scope captures"
            return self.outer.program(head.type, head.number, inner)
        if not isinstance(head, Production):
            return head
        if head.is_leaf:
            return self.named(head.head)
        parts = zip(head.parameters, derivation.arguments, strict=True)
        return Application(head.head, tuple(self.argument(t, number, inner) for t, number in parts))

    def named(self, head: Name | Variable | Literal) -> Program:
        """A leaf as it stands in a program; a lambda's parameters have their names from the scope."""
        if not isinstance(head, Variable) or not head.name.startswith(PARAMETER):
            return head
        depth, position = map(int, head.name.removeprefix(PARAMETER).split("."))
        scope: Scope | None = self
        while scope is not None and scope.key.depth != depth:
            scope = scope.outer
        assert scope is not None, "a lambda's parameters are used inside it"
        return Variable(scope.variables[position][0])

    def argument(self, t: Type, number: int, inner: InnerScopes) -> Program:
        """The program of an argument: for a function type the lambda of a body's class."""
        if isinstance(t, FunctionType):
            scope = inner(self, t)
            names = tuple(name for name, _ in scope.variables)
            return Lambda(names, scope.program(t.result, number, inner))
        return self.program(t, number, inner)

    @property
    def bytes_held(self) -> int:
        """Memory held by banks and nodes, in bytes."""
        nodes = 0 if self.nodes is None else self.nodes.bytes_held
        return nodes + sum(bank.bytes_held for bank in self.banks.values()) + 500 * len(self._programs)
