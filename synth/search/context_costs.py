"""What productions cost in every context at once: the contexts of guidance over the grammar, as tables.

`Pcfg.productions` says the same, one context at a time; a search asks for all of them, in some forty scopes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Production
from dsl.type_system import FunctionType, Type
from synth.guidance import WHOLE, Above
from synth.pcfg import Pcfg

__all__ = ["ContextCosts", "CostTable"]

_Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CostTable:
    """What may fill a hole of one type in one scope: `bits` (1 + contexts, productions), outside any context first.

    `rows` says which row a context has; contexts in which the type cannot stand have none.
    """

    productions: tuple[Production, ...]
    bits: _Floats
    rows: dict[Above, int]

    @property
    def cheapest(self) -> _Floats:
        """(productions,) what each costs where it is cheapest."""
        least: _Floats = self.bits.min(axis=0)
        return least

    def within(self, aboves: Iterable[Above]) -> _Floats:
        """(productions,) what each costs in the cheapest of some contexts; without any, what it costs outside them."""
        known = [self.rows[above] for above in aboves if above in self.rows]
        least: _Floats = self.bits[known or [0]].min(axis=0)
        return least


@dataclass(slots=True)
class ContextCosts:
    """The tables of a grammar under guidance."""

    pcfg: Pcfg
    _tables: dict[tuple[Type, tuple[Production, ...]], CostTable] = field(default_factory=dict)
    _words: dict[Type, tuple[list[Above], _Floats]] = field(default_factory=dict)
    _contexts: dict[Type, list[Above]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = self.pcfg.guidance.contexts
        places: dict[Above, set[Type]] = {}
        for production in self.pcfg.grammar if named else ():
            for place, t in enumerate(production.parameters):
                places.setdefault((production.key, place), set()).add(t.result if isinstance(t, FunctionType) else t)
        for t in self.pcfg.grammar.ranks:
            self._contexts[t] = [a for a in named if a == WHOLE or t in places.get(a, ())]

    def cheapest(self, t: Type, leaves: tuple[Production, ...]) -> Iterable[tuple[Production, float]]:
        """What may fill a hole of a type, each with its bits where it is cheapest."""
        if not self._contexts.get(t):
            return self.pcfg.productions(t, leaves)
        table = self.table(t, leaves)
        return zip(table.productions, table.cheapest.tolist(), strict=True)

    def table(self, t: Type, leaves: tuple[Production, ...]) -> CostTable:
        """The table of a type in a scope with these leaves."""
        found = self._tables.get((t, leaves))
        if found is None:
            found = self._tables[t, leaves] = self._made(t, leaves)
        return found

    def _made(self, t: Type, leaves: tuple[Production, ...]) -> CostTable:
        usual = self.pcfg.productions(t, leaves)
        productions, bits = tuple(p for p, _ in usual), np.array([b for _, b in usual])
        contexts = self._contexts.get(t, [])
        if not contexts or not usual:
            return CostTable(productions, bits[None, :], {})
        words = len(self.pcfg.grammar[t])
        inside = self._words.get(t)
        if inside is None:
            inside = self._words[t] = contexts, self._weights(contexts, productions[:words], bits[:words])
        outside = self._weights(contexts, productions[words:], bits[words:])
        weights = np.concatenate([inside[1], outside], axis=1)
        costs = np.log2(weights.sum(axis=1, keepdims=True)) - np.log2(weights)
        return CostTable(productions, np.vstack([bits, costs]), {above: i for i, above in enumerate(contexts, 1)})

    def _weights(self, contexts: Sequence[Above], productions: Sequence[Production], bits: _Floats) -> _Floats:
        """(contexts, productions) weights; those of one name share what it gets as they do outside any context."""
        keys = [p.key for p in productions]
        usual, totals = 2.0**-bits, dict.fromkeys(keys, 0.0)
        for key, probability in zip(keys, usual.tolist(), strict=True):
            totals[key] += probability
        shares = usual / np.array([totals[key] for key in keys]) if keys else usual
        named = [self.pcfg.guidance.contexts[above] for above in contexts]
        dearest = [max(costs.values(), default=0.0) for costs in named]
        rows = [[costs.get(key, most) for key in keys] for costs, most in zip(named, dearest, strict=True)]
        weights: _Floats = 2.0 ** -np.array(rows, dtype=np.float64).reshape(len(contexts), len(keys)) * shares
        return weights
