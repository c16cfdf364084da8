"""The bank: the classes of programs found so far in one scope and of one type, by cost.

A class is all programs with one column. It keeps its cheapest derivations, the cheapest of each root production among
them, and its *mass*: the sum, over all derivations met, of the probability of each (the inside algorithm on the
automaton of behaviours).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.type_system import Type
from synth.search.column import Block, Column, Fresh, hash_column, interned
from synth.search.kernels.banking import gather, put, some_defined
from synth.search.kernels.columns import CLASS, DERIVATION, classify, rebuild
from synth.search.kernels.convention import Ints, Status
from synth.search.room import grown, zeros
from synth.search.store import Store

__all__ = ["DERIVATIONS_KEPT", "LEVELS", "Arguments", "Bank", "Derivation"]

Arguments: TypeAlias = NDArray[np.int32]
"""(n, k) class numbers, one column for each argument of a production."""

LEVELS = 240
"""The highest cost level that a search can reach."""
DERIVATIONS_KEPT = 4
"""Derivations that a class keeps, the cheapest first; as many more if they have a root production of their own."""
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a class was built: the scope's production by number, and the class of each argument."""

    production: int
    arguments: tuple[int, ...]


@dataclass(slots=True)
class _Derivations:
    """Derivations in order of finding; those of a class are linked lists."""

    width: int
    used: int = 0
    nodes: NDArray[np.void] = field(default_factory=lambda: np.zeros(0, dtype=DERIVATION))
    parts: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int32))

    def make_room(self, more: int, width: int) -> None:
        self.width = max(self.width, width)
        if self.used + more > len(self.nodes) or self.width > self.parts.shape[1]:
            self.nodes = grown(self.nodes, max(len(self.nodes), self.used + more), self.used)
            parts: NDArray[np.int32] = zeros((len(self.nodes), self.width), np.int32)
            parts[: self.used, : self.parts.shape[1]] = self.parts[: self.used]
            self.parts = parts

    def of(self, known: np.void) -> list[tuple[int, int, NDArray[np.int32]]]:
        """Those of a class, the first found first: where each is kept, its production, and its arguments."""
        found, at = [], int(known["last"]) if known["kept"] else -1
        while at >= 0:
            head, before = self.nodes[at].item()
            found.append((at, head, self.parts[at]))
            at = before
        return found[::-1]

    @property
    def bytes_held(self) -> int:
        return (self.nodes.nbytes + self.parts.nbytes) * self.used // max(1, len(self.nodes))


@dataclass(slots=True)
class Bank:
    """Classes of one type in one scope. Numbers are given in order of finding, so a cost level is a range."""

    type: Type
    rows: int
    store: Store
    equivalence: bool = True
    count: int = 0
    merged: int = 0
    """Programs that fell into a class already there."""
    cells: Ints = field(init=False)
    status: Status = field(init=False)
    classes: NDArray[np.void] = field(default_factory=lambda: np.zeros(64, dtype=CLASS))
    starts: Ints = field(default_factory=lambda: np.zeros(LEVELS + 2, dtype=np.int64))
    """`starts[level]` is the first class of a cost level; levels are opened in order."""
    opened: int = 0
    lowest: int = LEVELS
    highest: int = 0
    """The levels of the cheapest and of the dearest class."""
    filled: int = 0
    """A bit for each level that has classes."""
    arities: list[int] = field(default_factory=list)
    """The number of arguments of each of the scope's productions, by number; shared with the scope."""
    _derivations: _Derivations = field(default_factory=lambda: _Derivations(1))
    _table: NDArray[np.int32] = field(default_factory=lambda: np.zeros(128, dtype=np.int32))

    def __post_init__(self) -> None:
        self.cells = np.zeros((64, self.rows), dtype=np.int64)
        self.status = np.zeros((64, self.rows), dtype=np.uint8)

    @property
    def mass(self) -> NDArray[np.float64]:
        """The mass of each class."""
        return self.classes["mass"]

    @property
    def cost(self) -> NDArray[np.int16]:
        """The cost level of each class."""
        return self.classes["cost"]

    @property
    def least(self) -> int:
        """The level of the cheapest class."""
        return self.lowest

    @property
    def most(self) -> int:
        """The level of the dearest class; 0 where there is none."""
        return self.highest

    def open_level(self, level: int) -> None:
        """Close the levels below: what is added from now on costs `level`."""
        self.starts[self.opened + 1 :] = self.count
        self.opened = max(self.opened, level)

    def at(self, level: int) -> range:
        """Numbers of the classes of one cost level."""
        if not 0 <= level <= self.opened:
            return range(0)
        return range(int(self.starts[level]), int(self.starts[level + 1]))

    def block(self, numbers: NDArray[np.int32] | slice, rows: slice = slice(None)) -> Block:
        """The columns of some classes, or some of their rows."""
        if isinstance(numbers, slice):
            return Block(self.cells[numbers, rows], self.status[numbers, rows])
        first, end, _ = rows.indices(self.rows)
        shape = (len(numbers), end - first)
        block = Block(np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.uint8))
        gather(self.cells, self.status, numbers, first, block.cells, block.status)
        return block

    def add(
        self, column: Column, production: int, arguments: Arguments, mass: NDArray[np.float64], level: int
    ) -> NDArray[np.intp]:
        """Put programs into their classes; which of them, by position, opened new ones, numbered in this order.

        Programs undefined on every row are dropped. Without `equivalence` each program is a class of its own.
        """
        n = len(column.status)
        alive = np.empty(n, dtype=np.bool_)
        some_defined(column.status, alive)
        halves = hash_column(column, self.type, self.store)
        if not self.equivalence:
            halves[alive, 0] = np.arange(self.count, self.count + np.count_nonzero(alive), dtype=np.uint64)
        self._make_room(n)
        kept, fresh = self._derivations, np.empty(n, dtype=np.int64)
        kept.make_room(n, arguments.shape[1])
        count, used = classify(
            halves, alive, self._table, self.classes, self.count, level, fresh, production, arguments, mass,
            kept.nodes, kept.parts, kept.used, DERIVATIONS_KEPT,
        )  # fmt: skip
        kept.used = int(used)
        where = fresh[: int(count) - self.count]
        self.merged += n - len(where)
        if len(where):
            self._keep(column, where, level)
        return where

    def _keep(self, column: Column, where: NDArray[np.intp], level: int) -> None:
        if isinstance(column, Fresh):
            chosen = np.zeros(len(column.status), dtype=np.bool_)
            chosen[where] = True
            column = interned(column, self.store, chosen)
        put(column.cells, column.status, where, self.count, self.cells, self.status)
        self.count += len(where)
        self.starts[level + 1 :] = self.count
        self.lowest, self.highest = min(self.lowest, level), max(self.highest, level)
        self.filled |= 1 << level

    def _make_room(self, more: int) -> None:
        most = self.count + more
        if most > len(self.classes):
            self.classes = grown(self.classes, most, self.count)
            self.cells = grown(self.cells, len(self.classes), self.count)
            self.status = grown(self.status, len(self.classes), self.count)
        if 2 * most > len(self._table):
            self._table = zeros((1 << (2 * most - 1).bit_length(),), np.int32)
            rebuild(self.classes, self.count, self._table)

    def widen(self, more: int) -> None:
        """Make room for further rows of every class, undefined so far; `fill` them, then `settle`."""
        self.rows += more
        shape, known = (len(self.classes), self.rows), slice(0, self.count)
        cells: Ints = zeros(shape, np.int64)
        status: Status = zeros(shape, np.uint8)
        cells[known, :-more], status[known, :-more] = self.cells[known], self.status[known]
        self.cells, self.status = cells, status

    def fill(self, numbers: NDArray[np.intp], rows: slice, block: Block) -> None:
        """Say what some classes yield on some rows."""
        self.cells[numbers, rows], self.status[numbers, rows] = block.cells, block.status

    def settle(self) -> None:
        """Tell the classes apart by all rows that they have now."""
        if self.equivalence:
            halves = hash_column(self.block(slice(0, self.count)), self.type, self.store)
            known = self.classes[: self.count]
            known["one"], known["two"] = halves[:, 0], halves[:, 1]
        self._table.fill(0)
        rebuild(self.classes, self.count, self._table)

    def take_out(self, at: int) -> None:
        """Forget a derivation, which turned out to be of another class."""
        self._derivations.nodes[at]["head"] = _NOBODY

    def others(self) -> Iterator[tuple[int, int, int, NDArray[np.int32]]]:
        """Derivations after the first of their class: class, where it is kept, production and arguments."""
        known = self.classes[: self.count]
        for number in np.nonzero(known["kept"] > 1)[0].tolist():
            for at, head, parts in self._derivations.of(known[number])[1:]:
                if head != _NOBODY:
                    yield number, at, head, parts[: self.arities[head]]

    def derivations(self, number: int) -> list[Derivation]:
        """The derivations that a class has kept, the cheapest first."""
        return [
            Derivation(head, tuple(parts[: self.arities[head]].tolist()))
            for _, head, parts in self._derivations.of(self.classes[number])
            if head != _NOBODY
        ]

    def first_derivations(self, numbers: NDArray[np.intp]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Production (n,) and arguments (n, width) of the cheapest derivation of some classes."""
        at = self.classes["first"][numbers]
        return self._derivations.nodes["head"][at], self._derivations.parts[at]

    @property
    def full(self) -> bool:
        """Whether some class has met more derivations than it keeps."""
        return bool((self.classes["kept"][: self.count] >= DERIVATIONS_KEPT).any())

    @property
    def bytes_held(self) -> int:
        """Memory held, in bytes: what has been written of arrays that have room for more."""
        by_class = self.cells.nbytes + self.status.nbytes + self.classes.nbytes
        return by_class * self.count // len(self.classes) + self._table.nbytes + self._derivations.bytes_held
