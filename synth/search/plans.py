"""Choices made ready for the inner loop: where their arguments come from, in which order, and how many at a time."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.grammar import Production
from dsl.library import Library
from dsl.primitive import Primitive
from dsl.type_system import FunctionType, Type, TypeConstructor
from synth.guidance import WHOLE
from synth.search.contexts import Contexts
from synth.search.in_context import Source
from synth.search.kernels.convention import NESTED_ROOM
from synth.search.lambdas import Lambdas
from synth.search.schedule import SCALARS
from synth.search.scope import Choice, Plan, Scope
from synth.search.store import is_sequence
from synth.search.switches import Switches

__all__ = ["Planner"]

_BLOCK_CELLS = 40_000
"""Cells that a block of programs aims at; and, of lists, the cells that its results may need in all."""
_BLOCK_ITEMS = 1_000_000
_BUFFERS = 160
"""Buffers take a tenth of the memory allowed: two of them, of 8 bytes a cell."""
_BLOCK_LEAST, _BLOCK_MOST = 32, 16_384


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes the plans of one search; `memory` is what it may use, in bytes."""

    library: Library
    lambdas: Lambdas
    contexts: Contexts
    memory: int | None
    switches: Switches

    def plan(self, scope: Scope, choice: Choice) -> Plan:
        """A choice of a scope, made ready."""
        production = choice.production
        inner = [self.lambdas.inner(scope, p) if isinstance(p, FunctionType) else scope for p in production.parameters]
        results = [p.result if isinstance(p, FunctionType) else p for p in production.parameters]
        banks = tuple(where.bank(t) for where, t in zip(inner, results, strict=True))
        ordered = self.switches.symmetry and self._commutes(production)
        places = [[(production.key, i)] for i in range(len(banks))]
        if ordered:  # both are taken from one source
            places = [[above for (above,) in places]] * len(places)
        around = zip(inner, banks, places, strict=True)
        sources: tuple[Source, ...] = tuple(self.contexts.source(where, bank, above) for where, bank, above in around)
        extra, head = 0, self.lambdas.head_number(scope, production)
        if scope.outer is None and self.contexts.count:
            extra = self.contexts.extra(scope, production.result, (WHOLE,))[production]
        return Plan(choice, banks, sources, head, ordered, self._size(scope, production.result), extra)

    def _size(self, scope: Scope, result: Type) -> int:
        """How many programs make a block."""
        rows = max(1, scope.rows)  # of some types no value is known
        size = _BLOCK_CELLS // rows
        if result not in SCALARS:
            room = self.lambdas.applier.largest * (NESTED_ROOM if _is_nested(result) else 1)
            items = _BLOCK_ITEMS if self.memory is None else min(_BLOCK_ITEMS, self.memory // _BUFFERS)
            size = min(size, items // (rows * room))
        return max(_BLOCK_LEAST, min(_BLOCK_MOST, size))

    def _commutes(self, production: Production) -> bool:
        entry = self.library.entries.get(production.key)
        laws = entry.laws if isinstance(entry, Primitive) else ()
        return len(production.parameters) == 2 and any(law.name == "commutative" for law in laws)


def _is_nested(t: Type) -> bool:
    """Whether values of the type are sequences of sequences."""
    return isinstance(t, TypeConstructor) and any(map(is_sequence, t.arguments))
