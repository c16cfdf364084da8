"""The bank: the classes of programs found so far in one scope and of one type, by cost.

A class is all programs with one column. It keeps its cheapest derivations and its *mass*: the sum, over the
derivations found, of the probability of each (the inside algorithm on the automaton of behaviours).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.type_system import Type
from synth.search.column import Block, cells_dtype, hash_rows, select

__all__ = ["DERIVATIONS_KEPT", "Arguments", "Bank", "Derivation"]

Arguments: TypeAlias = NDArray[np.int32]
"""(n, k) class numbers, one column for each argument of a production."""

DERIVATIONS_KEPT = 4
"""Derivations that a class keeps, the cheapest (first found) first."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a class was built: the scope's production by number, and the class of each argument."""

    production: int
    arguments: tuple[int, ...]


@dataclass(slots=True)
class Bank:
    """Classes of one type in one scope. Numbers are given in order of finding, so a cost level is a range."""

    type: Type
    rows: int
    equivalence: bool = True
    count: int = 0
    cells: NDArray[np.generic] = field(init=False)
    defined: NDArray[np.bool_] = field(init=False)
    mass: NDArray[np.float64] = field(init=False)
    cost: NDArray[np.int32] = field(init=False)
    derivations: list[list[Derivation]] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    """`starts[level]` is the first class of a cost level; levels are closed in order."""
    _seen: dict[bytes, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._grow(64)

    def _grow(self, capacity: int) -> None:
        old = self.count
        cells = np.zeros((capacity, self.rows), dtype=cells_dtype(self.type))
        defined = np.zeros((capacity, self.rows), dtype=np.bool_)
        mass, cost = np.zeros(capacity), np.zeros(capacity, dtype=np.int32)
        if old:
            cells[:old], defined[:old] = self.cells[:old], self.defined[:old]
            mass[:old], cost[:old] = self.mass[:old], self.cost[:old]
        self.cells, self.defined, self.mass, self.cost = cells, defined, mass, cost

    def open_level(self, level: int) -> None:
        """Close the levels below: what is added from now on costs `level`."""
        while len(self.starts) <= level:
            self.starts.append(self.count)

    def at(self, level: int) -> range:
        """Numbers of the classes of one closed cost level."""
        if level < 0 or level >= len(self.starts):
            return range(0)
        end = self.starts[level + 1] if level + 1 < len(self.starts) else self.count
        return range(self.starts[level], end)

    def block(self, numbers: NDArray[np.int32], rows: slice = slice(None)) -> Block:
        """The columns of some classes, or some of their rows."""
        return Block(self.cells[numbers, rows], self.defined[numbers, rows])

    def add(self, block: Block, production: int, arguments: Arguments, mass: NDArray[np.float64], level: int) -> range:
        """Put programs into their classes; returns the numbers of the classes that are new.

        Programs undefined on every row are dropped. Without `equivalence` each program is a class of its own.
        """
        alive = block.defined.any(axis=1)
        if not alive.all():
            keep = np.nonzero(alive)[0]
            block, arguments, mass = select(block, keep), arguments[keep], mass[keep]
        keys: list[bytes] = hash_rows(block).tolist()
        first, next_number = self.count, self.count
        numbers = np.empty(len(keys), dtype=np.int64)
        fresh: list[int] = []
        seen = self._seen
        for position, key in enumerate(keys):
            known = seen.get(key)
            if known is None or not self.equivalence:
                seen[key] = known = next_number
                next_number += 1
                fresh.append(position)
            numbers[position] = known
        self._store(select(block, np.array(fresh, dtype=np.intp)), level)
        np.add.at(self.mass, numbers, mass)
        self._derive(numbers, production, arguments)
        return range(first, self.count)

    def _store(self, block: Block, level: int) -> None:
        n, _ = block.shape
        if self.count + n > len(self.mass):
            self._grow(max(2 * len(self.mass), self.count + n))
        part = slice(self.count, self.count + n)
        self.cells[part], self.defined[part], self.cost[part] = block.cells, block.defined, level
        self.count += n
        self.derivations.extend([] for _ in range(n))

    def _derive(self, numbers: NDArray[np.int64], production: int, arguments: Arguments) -> None:
        kept = self.derivations
        for number, parts in zip(numbers.tolist(), arguments.tolist(), strict=True):
            ways = kept[number]
            if len(ways) < DERIVATIONS_KEPT:
                ways.append(Derivation(production, tuple(parts)))

    @property
    def bytes_held(self) -> int:
        """Memory held, in bytes: arrays as allocated, hash table and derivations estimated."""
        arrays = self.cells.nbytes + self.defined.nbytes + self.mass.nbytes + self.cost.nbytes
        return arrays + len(self._seen) * 150 + self.count * 240
