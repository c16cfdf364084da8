"""Costs that depend on what stands above: the contexts of guidance, in a search that goes by cost levels.

A class is banked at what it costs where its root is cheapest. In a context its root may cost some steps more; never
less, so the classes that cost l steps in a context are all in the bank by the time that level l of it is closed, and a
context only has to put them in another order. So a grammar conditioned on parent and position is searched with the
same banks as one without (cf. Lee and others, "Accelerating search-based program synthesis using learned probabilistic
models", 2018, who search top-down for that).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from dsl.grammar import Production
from dsl.type_system import FunctionType, Type
from synth.guidance import WHOLE, Above
from synth.pcfg import Pcfg
from synth.search.bank import Bank
from synth.search.in_context import InContext, Source
from synth.search.scope import Captured, Head, Scope

__all__ = ["STEP_BITS", "Contexts", "cheapest", "steps_of"]

STEP_BITS = 0.5
"""Costs are bits rounded to this step, so that one cost level is one batch."""


def steps_of(bits: float) -> int:
    """A cost in steps; everything costs at least one."""
    return max(1, round(bits / STEP_BITS))


def cheapest(pcfg: Pcfg, t: Type, leaves: tuple[Production, ...]) -> tuple[tuple[Production, float], ...]:
    """What may fill a hole of a type, each with its bits where it is cheapest."""
    found = [pcfg.productions(t, leaves, above) for above in (None, *_contexts_of(pcfg, t))]
    return tuple((rows[0][0], min(bits for _, bits in rows)) for rows in zip(*found, strict=True))


def _contexts_of(pcfg: Pcfg, t: Type) -> list[Above]:
    """The contexts of guidance in which something of a type can stand."""
    named = pcfg.guidance.contexts
    if not named:
        return []
    places = {(p.key, i) for p in pcfg.grammar for i, part in enumerate(p.parameters) if _result(part) == t}
    return [above for above in named if above == WHOLE or above in places]


def _result(t: Type) -> Type:
    return t.result if isinstance(t, FunctionType) else t


_Extra: TypeAlias = Mapping[Production, int]


@dataclass(slots=True)
class Contexts:
    """The contexts of one search; `leaves` are those of a scope."""

    pcfg: Pcfg
    leaves: Callable[[Scope], tuple[Production, ...]]
    _sources: dict[tuple[int, frozenset[Above]], InContext] = field(default_factory=dict)
    _tables: dict[tuple[int, Type, frozenset[Above]], _Extra] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many contexts there are."""
        return len(self.pcfg.guidance.contexts)

    def source(self, scope: Scope, bank: Bank, aboves: Sequence[Above]) -> Source:
        """The classes of a bank in a scope, by what they cost in a context; in the cheapest of several."""
        if not self.count:
            return bank
        known = frozenset(above for above in aboves if above in self.pcfg.guidance.contexts)
        found = self._sources.get((id(bank), known))
        if found is None:
            table = self.extra(scope, bank.type, aboves)
            found = self._sources[id(bank), known] = InContext(bank, lambda head: _extra_of(scope, head, table))
        return found

    def extra(self, scope: Scope, t: Type, aboves: Sequence[Above]) -> _Extra:
        """What productions cost more in a context than where they are cheapest, in steps."""
        known = frozenset(above for above in aboves if above in self.pcfg.guidance.contexts)
        found = self._tables.get((id(scope), t, known))
        if found is None:
            leaves = self.leaves(scope)
            least = dict(cheapest(self.pcfg, t, leaves))
            rows = [self.pcfg.productions(t, leaves, above) for above in known or (None,)]
            found = self._tables[id(scope), t, known] = {
                same[0][0]: min(steps_of(bits) for _, bits in same) - steps_of(least[same[0][0]])
                for same in zip(*rows, strict=True)
            }
        return found

    @property
    def bytes_held(self) -> int:
        """Memory held, in bytes."""
        return sum(source.bytes_held for source in self._sources.values())


def _extra_of(scope: Scope, head: int, table: _Extra) -> int:
    """What a head of a scope costs more; of a captured class, what its own root would."""
    made = _root(scope, scope.heads[head])
    if not isinstance(made, Production):
        return 0
    found = table.get(made)
    if found is None:  # from outside: another production, of the same name
        found = min((extra for p, extra in table.items() if p.key == made.key), default=0)
    return found


def _root(scope: Scope, head: Head) -> Head:
    while isinstance(head, Captured):
        outer = scope.outer
        assert outer is not None, "only a lambda's scope captures"
        scope, bank = outer, outer.bank(head.type)
        head = scope.heads[int(bank.first_derivations(np.array([head.number]))[0][0])]
    return head
