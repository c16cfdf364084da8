"""The bank: the classes of programs found so far in one scope and of one type, by cost.

A class is all programs with one column. It keeps its cheapest derivations, the cheapest of each root production among
them, and its *mass*: the sum, over all derivations met, of the probability of each (the inside algorithm on the
automaton of behaviours).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from dsl.type_system import Type
from synth.search.column import Block, Column, Fresh, Halves, hash_column, interned
from synth.search.kernels.banking import gather, put, some_defined
from synth.search.kernels.columns import classify, rebuild, record
from synth.search.kernels.convention import Ints, Status
from synth.search.store import Store

__all__ = ["DERIVATIONS_KEPT", "LEVELS", "Arguments", "Bank", "Derivation"]

Arguments: TypeAlias = NDArray[np.int32]
"""(n, k) class numbers, one column for each argument of a production."""

LEVELS = 240
"""The highest cost level that a search can reach."""
DERIVATIONS_KEPT = 4
"""Derivations that a class keeps, the cheapest first; as many more if they have a root production of their own."""
_NOBODY = -1
_S = TypeVar("_S", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a class was built: the scope's production by number, and the class of each argument."""

    production: int
    arguments: tuple[int, ...]


@dataclass(slots=True)
class _Derivations:
    """Linked lists of derivations, one list a class: `first` and `last` by class, the rest by derivation."""

    width: int
    used: int = 0
    kept: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, dtype=np.uint8))
    first: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    last: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    next: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    heads: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    parts: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int32))

    def make_room(self, classes: int, more: int, width: int) -> None:
        if classes > len(self.kept):
            self.kept = _grown(self.kept, classes)
            self.first, self.last = _grown(self.first, classes), _grown(self.last, classes)
        self.width = max(self.width, width)
        if self.used + more > len(self.heads) or self.width > self.parts.shape[1]:
            size = max(len(self.heads), self.used + more)
            self.next, self.heads = _grown(self.next, size), _grown(self.heads, size)
            parts = np.zeros((len(self.heads), self.width), dtype=np.int32)
            parts[: len(self.parts), : self.parts.shape[1]] = self.parts
            self.parts = parts

    def of(self, number: int) -> Iterator[tuple[int, NDArray[np.int32]]]:
        at = int(self.first[number]) if self.kept[number] else -1
        while at >= 0:
            yield int(self.heads[at]), self.parts[at]
            at = int(self.next[at])

    def bytes_held(self, classes: int) -> int:
        by_class = self.kept.nbytes + self.first.nbytes + self.last.nbytes
        each = self.next.nbytes + self.heads.nbytes + self.parts.nbytes
        return by_class * classes // max(1, len(self.kept)) + each * self.used // max(1, len(self.heads))


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
    mass: NDArray[np.float64] = field(init=False)
    cost: NDArray[np.int32] = field(init=False)
    starts: Ints = field(default_factory=lambda: np.zeros(LEVELS + 2, dtype=np.int64))
    """`starts[level]` is the first class of a cost level; levels are opened in order."""
    opened: int = 0
    lowest: int = LEVELS
    highest: int = 0
    """The levels of the cheapest and of the dearest class."""
    arities: list[int] = field(default_factory=list)
    """The number of arguments of each of the scope's productions, by number; shared with the scope."""
    _derivations: _Derivations = field(default_factory=lambda: _Derivations(1))
    _known: Halves = field(default_factory=lambda: np.zeros((64, 2), dtype=np.uint64))
    _table: NDArray[np.int32] = field(default_factory=lambda: np.full(128, -1, dtype=np.int32))

    def __post_init__(self) -> None:
        self.cells = np.zeros((64, self.rows), dtype=np.int64)
        self.status = np.zeros((64, self.rows), dtype=np.uint8)
        self.mass = np.zeros(64)
        self.cost = np.zeros(64, dtype=np.int32)

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
        numbers, fresh = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
        count = int(classify(halves, alive, self._table, self._known, self.count, numbers, fresh))
        where = fresh[: count - self.count]
        self.merged += n - len(where)
        if len(where):
            self._keep(column, where, level)
        kept = self._derivations
        kept.make_room(len(self.mass), n, arguments.shape[1])
        kept.used = int(
            record(
                numbers, production, arguments, mass, self.mass, kept.kept, kept.first, kept.last, kept.next,
                kept.heads, kept.parts, kept.used, DERIVATIONS_KEPT,
            )
        )  # fmt: skip
        return where

    def _keep(self, column: Column, where: NDArray[np.intp], level: int) -> None:
        if isinstance(column, Fresh):
            chosen = np.zeros(len(column.status), dtype=np.bool_)
            chosen[where] = True
            column = interned(column, self.store, chosen)
        put(column.cells, column.status, where, self.count, self.cells, self.status)
        self.cost[self.count : self.count + len(where)] = level
        self.count += len(where)
        self.starts[level + 1 :] = self.count
        self.lowest, self.highest = min(self.lowest, level), max(self.highest, level)

    def _make_room(self, more: int) -> None:
        most = self.count + more
        if most > len(self.mass):
            size = max(most, len(self.mass) + len(self.mass) // 2)
            self.cells, self.status = _grown(self.cells, size), _grown(self.status, size)
            self.mass, self.cost = _grown(self.mass, size), _grown(self.cost, size)
            self._known = _grown(self._known, size)
        if 2 * most > len(self._table):
            self._table = np.full(1 << (2 * most - 1).bit_length(), -1, dtype=np.int32)
            rebuild(self._known, self.count, self._table)

    def widen(self, more: int) -> None:
        """Make room for further rows of every class, undefined so far; `fill` them, then `settle`."""
        self.rows += more
        cells, status = np.zeros((len(self.mass), self.rows), np.int64), np.zeros((len(self.mass), self.rows), np.uint8)
        cells[:, :-more], status[:, :-more] = self.cells, self.status
        self.cells, self.status = cells, status

    def fill(self, numbers: NDArray[np.intp], rows: slice, block: Block) -> None:
        """Say what some classes yield on some rows."""
        self.cells[numbers, rows], self.status[numbers, rows] = block.cells, block.status

    def settle(self) -> None:
        """Tell the classes apart by all rows that they have now."""
        if self.equivalence:
            self._known[: self.count] = hash_column(self.block(slice(0, self.count)), self.type, self.store)
        self._table.fill(-1)
        rebuild(self._known, self.count, self._table)

    def take_out(self, at: int) -> None:
        """Forget a derivation, which turned out to be of another class."""
        self._derivations.heads[at] = _NOBODY

    def others(self) -> Iterator[tuple[int, int, int, NDArray[np.int32]]]:
        """Derivations after the first of their class: class, where it is kept, production and arguments."""
        kept = self._derivations
        for number in np.nonzero(kept.kept[: self.count] > 1)[0].tolist():
            at = int(kept.next[kept.first[number]])
            while at >= 0:
                if (head := int(kept.heads[at])) != _NOBODY:
                    yield number, at, head, kept.parts[at, : self.arities[head]]
                at = int(kept.next[at])

    def derivations(self, number: int) -> list[Derivation]:
        """The derivations that a class has kept, the cheapest first."""
        arities = self.arities
        return [
            Derivation(head, tuple(parts[: arities[head]].tolist()))
            for head, parts in self._derivations.of(number)
            if head != _NOBODY
        ]

    def first_derivations(self, numbers: NDArray[np.intp]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Production (n,) and arguments (n, width) of the cheapest derivation of some classes."""
        at = self._derivations.first[numbers]
        return self._derivations.heads[at], self._derivations.parts[at]

    @property
    def full(self) -> bool:
        """Whether some class has met more derivations than it keeps."""
        return bool((self._derivations.kept[: self.count] >= DERIVATIONS_KEPT).any())

    @property
    def bytes_held(self) -> int:
        """Memory held, in bytes: what has been written of arrays that have room for more."""
        by_class = self.cells.nbytes + self.status.nbytes + self.mass.nbytes + self.cost.nbytes + self._known.nbytes
        return by_class * self.count // len(self.mass) + self._table.nbytes + self._derivations.bytes_held(self.count)


def _grown(array: NDArray[_S], size: int) -> NDArray[_S]:
    """The array with room for `size` entries along its first axis, at least twice as many as before.

    Room that is not used yet takes no memory: the system gives zeroed pages when they are first written.
    """
    made = np.zeros((max(size, 2 * len(array), 64), *array.shape[1:]), dtype=array.dtype)
    made[: len(array)] = array
    return made
