"""Decision tables as a part of the search: which columns may be asked, what asking costs, and tables as programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Production, leaf
from dsl.program import Literal
from dsl.type_system import BOOL, INT, TEXT, Type, TypeConstructor
from synth.pcfg import unlisted_literal_bits
from synth.search.cases import Keys
from synth.search.kernels.convention import DEFINED
from synth.search.schedule import STEP_BITS, Place
from synth.search.scope import Choice, Scope
from synth.search.store import Store
from synth.search.surroundings import Built, Part, Taken

__all__ = ["TableKeys", "constant"]

_KEYS = 64
"""The classes that tables may ask: so many, the cheapest."""
_EQUALS = "order.eq"


@dataclass(slots=True)
class TableKeys:
    """The classes of a scope that a table may ask; `choices` are the scope's productions, by result type.

    `costs` remembers what constants cost in the scope, for as long as its owner likes.
    """

    scope: Scope
    choices: Mapping[Type, tuple[Choice, ...]]
    store: Store
    costs: dict[tuple[Type, int], int]
    columns: list[tuple[Type, int]] = field(default_factory=list)
    """Type and number of each key, the cheapest first."""
    _equalities: dict[Type, Production] = field(default_factory=dict)

    def keys(self, wanted: Sequence[int], outputs: Sequence[object], t: Type) -> Keys:
        """What a table over this scope may ask; `wanted` are the rows that count, `outputs` (of all rows) theirs."""
        rows = self.scope.rows
        found = sorted(self._of_all_types(np.array(wanted, dtype=np.int64)), key=lambda key: key[0])[:_KEYS]
        self.columns = [(kind, number) for _, kind, number in found]
        values, test_bits = np.zeros((len(found), rows), dtype=np.int64), np.zeros((len(found), rows))
        for position, (cost, kind, number) in enumerate(found):
            values[position] = self.scope.bank(kind).cells[number]
            cells = values[position, wanted].tolist()
            test_bits[position, wanted] = [(cost + self._cost(kind, cell)) * STEP_BITS for cell in cells]
        codes, constant_bits = np.full(rows, -1, dtype=np.int64), np.full(rows, np.inf)
        for row in wanted:
            codes[row] = self.store.encode(outputs[row], t)
            if _has_constants(t):
                constant_bits[row] = self._cost(t, int(codes[row])) * STEP_BITS
        return Keys(values, test_bits, codes, constant_bits)

    def test(self, place: Place, key: int, row: int) -> Part:
        """The question whether a key has the value that it has on a row."""
        t, number = self.columns[key]
        value = self.store.decode(int(self.scope.bank(t).cells[number, row]), t)
        return Built(self._equalities[t], (Taken((place[0], t), number), constant(value, t)))

    def _of_all_types(self, wanted: NDArray[np.int64]) -> list[tuple[int, Type, int]]:
        """The cheapest classes that say different things on the rows that count, with what asking costs, in steps."""
        found: list[tuple[int, Type, int]] = []
        for choice in self.choices.get(BOOL, ()) if len(wanted) else ():
            production = choice.production
            if production.key != _EQUALS or not _has_constants(t := production.parameters[0]):
                continue
            bank = self.scope.banks.get(t)
            if bank is None:
                continue
            self._equalities[t] = production
            n = min(bank.count, _KEYS)
            cells, status = bank.cells[:n][:, wanted], bank.status[:n][:, wanted]
            some = (status == DEFINED).all(axis=1) & (cells != cells[:, :1]).any(axis=1)
            found += [(choice.cost + int(bank.cost[i]), t, i) for i in np.flatnonzero(some).tolist()]
        return found

    def _cost(self, t: Type, cell: int) -> int:
        """What a constant costs, in steps: as the grammar has it, or spelt out."""
        if (t, cell) not in self.costs:
            literal = Literal(self.store.decode(cell, t))
            listed = [choice.cost for choice in self.choices.get(t, ()) if choice.production.head == literal]
            self.costs[t, cell] = min(listed, default=round(unlisted_literal_bits(literal.value) / STEP_BITS))
        return self.costs[t, cell]


def constant(value: object, t: Type) -> Built:
    """A constant as a part of a program."""
    return Built(leaf(Literal(value), t, 1.0), ())


def _has_constants(t: Type) -> bool:
    """Whether every value of a type can be written as a constant."""
    if isinstance(t, TypeConstructor) and t.name == "list":
        return _has_constants(t.arguments[0])
    return t in (INT, BOOL, TEXT)
