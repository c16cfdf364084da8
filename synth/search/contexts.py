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
from dsl.type_system import Type
from synth.guidance import Above
from synth.pcfg import Pcfg, parameter
from synth.search.bank import Bank
from synth.search.context_costs import ContextCosts
from synth.search.in_context import InContext, Source
from synth.search.scope import TOP, Captured, Head, Scope, ScopeKey

__all__ = ["STEP_BITS", "Contexts", "scope_leaves", "steps_of"]

STEP_BITS = 0.5
"""Costs are bits rounded to this step, so that one cost level is one batch."""


def steps_of(bits: float) -> int:
    """A cost in steps; everything costs at least one."""
    return max(1, round(bits / STEP_BITS))


def scope_leaves(key: ScopeKey | None, leaves: tuple[Production, ...]) -> tuple[Production, ...]:
    """The leaves of a scope: the task's own at the top, fewer and others inside lambdas."""
    if key is None or key == TOP:
        return leaves
    bound = tuple(parameter(key.parameter(i), p, i) for i, p in enumerate(key.parameters))
    return Pcfg.lambda_leaves(bound, scope_leaves(key.outer, leaves))


_Extra: TypeAlias = Mapping[Production, int]


@dataclass(slots=True)
class Contexts:
    """The contexts of one search; `leaves` are those of its top scope."""

    costs: ContextCosts
    leaves: tuple[Production, ...]
    _sources: dict[tuple[int, frozenset[Above]], InContext] = field(default_factory=dict)
    _tables: dict[tuple[ScopeKey, Type, frozenset[Above]], _Extra] = field(default_factory=dict)
    _leaves: dict[ScopeKey, tuple[Production, ...]] = field(default_factory=dict)
    _names: dict[ScopeKey, list[str]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many contexts there are."""
        return len(self.costs.pcfg.guidance.contexts)

    def source(self, scope: Scope, bank: Bank, aboves: Sequence[Above]) -> Source:
        """The classes of a bank in a scope, by what they cost in a context; in the cheapest of several."""
        if not self.count:
            return bank
        known = self._known(aboves)
        found = self._sources.get((id(bank), known))
        if found is None:
            found = self._sources[id(bank), known] = InContext(bank, self._extra_of_heads(scope, bank.type, aboves))
        return found

    def _extra_of_heads(self, scope: Scope, t: Type, aboves: Sequence[Above]) -> Callable[[int], int]:
        """What a head of a scope costs more in a context, by its number; of a captured class, what its root would."""
        by_name: dict[str, int] = {}
        for production, steps in self.extra(scope, t, aboves).items():
            by_name[production.key] = min(steps, by_name.get(production.key, steps))
        return lambda head: by_name.get(self._root_name(scope, head), 0)

    def _root_name(self, scope: Scope, head: int) -> str:
        """The name of the production that a head is, or that a class captured from outside has at its root."""
        names = self._names.setdefault(scope.key, [])
        for number in range(len(names), head + 1):
            root = _root(scope, scope.heads[number])
            names.append(root.key if isinstance(root, Production) else "")
        return names[head]

    def extra(self, scope: Scope, t: Type, aboves: Sequence[Above]) -> _Extra:
        """What productions cost more in a context than where they are cheapest, in steps."""
        known = self._known(aboves)
        found = self._tables.get((scope.key, t, known))
        if found is None:
            table = self.costs.table(t, self._leaves_of(scope))
            pairs = zip(table.within(known).tolist(), table.cheapest.tolist(), strict=True)
            more = [steps_of(bits) - steps_of(least) for bits, least in pairs]
            found = self._tables[scope.key, t, known] = dict(zip(table.productions, more, strict=True))
        return found

    def _known(self, aboves: Sequence[Above]) -> frozenset[Above]:
        return frozenset(above for above in aboves if above in self.costs.pcfg.guidance.contexts)

    def _leaves_of(self, scope: Scope) -> tuple[Production, ...]:
        found = self._leaves.get(scope.key)
        if found is None:
            found = self._leaves[scope.key] = scope_leaves(scope.key, self.leaves)
        return found

    @property
    def bytes_held(self) -> int:
        """Memory held, in bytes."""
        return sum(source.bytes_held for source in self._sources.values())


def _root(scope: Scope, head: Head) -> Head:
    while isinstance(head, Captured):
        outer = scope.outer
        assert outer is not None, "only a lambda's scope captures"
        scope, bank = outer, outer.bank(head.type)
        head = scope.heads[int(bank.first_derivations(np.array([head.number]))[0][0])]
    return head
