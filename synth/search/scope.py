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
from synth.search.bank import Bank, Derivation
from synth.search.column import Block
from synth.search.universe import Arguments

__all__ = ["PARAMETER", "Captured", "Choice", "Head", "InnerScopes", "Plan", "Scope", "ScopeKey"]


PARAMETER = "parameter "
"""What a lambda's parameters are called in productions, before a scope gives them names."""


@dataclass(frozen=True, slots=True)
class ScopeKey:
    """What tells lambda scopes apart: the parameters' types, and whether bodies may build lists."""

    parameters: tuple[Type, ...]
    structured: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A production with its cost in steps and its probability."""

    production: Production
    cost: int
    probability: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A choice made ready for the inner loop: the bank of each argument (of a function, its bodies), its number as
    a head, whether only ordered pairs of arguments are tried, and how many tuples make a block.
    """

    choice: Choice
    banks: tuple[Bank, ...]
    head: int
    ordered: bool
    block: int


@dataclass(frozen=True, slots=True)
class Captured:
    """A class of the outer scope, used as a leaf inside a lambda."""

    type: Type
    number: int


Head: TypeAlias = Production | Captured
InnerScopes: TypeAlias = "Callable[[FunctionType], Scope]"
"""Finds the scope in which bodies of functions of a type are built."""


@dataclass(slots=True)
class Scope:
    """One scope and its banks. `heads` is what derivations refer to by number.

    `outer_row[r]` is the outer row that row r belongs to; `starts[e]:starts[e + 1]` are the rows of outer row e.
    """

    variables: tuple[tuple[str, Type], ...]
    rows: int
    equivalence: bool = True
    outer: Scope | None = None
    outer_row: NDArray[np.intp] | None = None
    starts: tuple[int, ...] = ()
    universe: tuple[tuple[Arguments, ...], ...] = ()
    columns: dict[str, Block] = field(default_factory=dict)
    banks: dict[Type, Bank] = field(default_factory=dict)
    heads: list[Head] = field(default_factory=list)
    plans: dict[Type, list[Plan]] = field(default_factory=dict)
    _head_numbers: dict[Head, int] = field(default_factory=dict)
    _programs: dict[tuple[Type, int], Program] = field(default_factory=dict)

    def bank(self, t: Type) -> Bank:
        """The bank of a type, made when first asked for."""
        found = self.banks.get(t)
        if found is None:
            found = self.banks[t] = Bank(t, self.rows, self.equivalence)
        return found

    def head_number(self, head: Head) -> int:
        """The number by which derivations name a head."""
        found = self._head_numbers.get(head)
        if found is None:
            found = self._head_numbers[head] = len(self.heads)
            self.heads.append(head)
        return found

    def lift(self, block: Block) -> Block:
        """A block of the outer scope, repeated for the rows of this one."""
        assert self.outer_row is not None, "only a lambda's scope has an outer one"
        return Block(block.cells[:, self.outer_row], block.defined[:, self.outer_row])

    def program(self, t: Type, number: int, inner: InnerScopes) -> Program:
        """The program of a class's cheapest derivation."""
        known = self._programs.get((t, number))
        if known is None:
            known = self._programs[t, number] = self.derived(self.banks[t].derivations[number][0], inner)
        return known

    def derived(self, derivation: Derivation, inner: InnerScopes) -> Program:
        """The program of one derivation."""
        head = self.heads[derivation.production]
        if isinstance(head, Captured):
            assert self.outer is not None, "only a lambda's scope captures"
            return self.outer.program(head.type, head.number, inner)
        if head.is_leaf:
            return self.named(head.head)
        parts = zip(head.parameters, derivation.arguments, strict=True)
        return Application(head.head, tuple(self._argument(t, number, inner) for t, number in parts))

    def named(self, head: Name | Variable | Literal) -> Program:
        """A leaf as it stands in a program; a lambda's parameters have their names from the scope."""
        match head:
            case Variable(name) if name.startswith(PARAMETER):
                return Variable(self.variables[int(name.removeprefix(PARAMETER))][0])
            case _:
                return head

    def _argument(self, t: Type, number: int, inner: InnerScopes) -> Program:
        if isinstance(t, FunctionType):
            scope = inner(t)
            names = tuple(name for name, _ in scope.variables)
            return Lambda(names, scope.program(t.result, number, inner))
        return self.program(t, number, inner)

    @property
    def bytes_held(self) -> int:
        """Memory held by the banks, in bytes."""
        return sum(bank.bytes_held for bank in self.banks.values())
