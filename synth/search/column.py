"""Columns: what a program yields on all rows of a scope, many programs at a time.

A *block* holds one row of cells per program. Dense types (int, bool, real) keep their cells as numbers; every other
type is *boxed*: its values are interned, and a cell is the number of its value. A cell may be undefined.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.type_system import BOOL, INT, REAL, Type

__all__ = ["Block", "Cells", "Interner", "Interners", "block_of", "cells_dtype", "hash_rows", "is_dense", "select"]

Cells: TypeAlias = NDArray[Any]
_DENSE: dict[Type, type[np.generic]] = {INT: np.int64, BOOL: np.bool_, REAL: np.float64}


def is_dense(t: Type) -> bool:
    """Whether cells of the type are numbers rather than interned values."""
    return t in _DENSE


def cells_dtype(t: Type) -> type[np.generic]:
    """The NumPy type of the cells of a column of type `t`."""
    return _DENSE.get(t, np.int32)


@dataclass(frozen=True, slots=True)
class Block:
    """n programs on r rows: `cells` (n, r), and `defined` (n, r) where a cell has a value. Undefined cells hold 0."""

    cells: Cells
    defined: NDArray[np.bool_]

    @property
    def shape(self) -> tuple[int, int]:
        """Programs and rows."""
        n, r = self.cells.shape
        return n, r


def select(block: Block, indices: NDArray[np.intp] | slice) -> Block:
    """Some of the programs of a block."""
    return Block(block.cells[indices], block.defined[indices])


@dataclass(slots=True)
class Interner:
    """Numbers for the values of one type, in order of first sight. Equal values of one type share a number."""

    values: list[object] = field(default_factory=list)
    numbers: dict[object, int] = field(default_factory=dict)

    def number(self, value: object) -> int:
        """The value's number, new if the value is."""
        found = self.numbers.get(value)
        if found is None:
            found = self.numbers[value] = len(self.values)
            self.values.append(value)
        return found


@dataclass(slots=True)
class Interners:
    """One interner for each boxed type."""

    by_type: dict[Type, Interner] = field(default_factory=dict)

    def __getitem__(self, t: Type) -> Interner:
        found = self.by_type.get(t)
        if found is None:
            found = self.by_type[t] = Interner()
        return found

    def cell(self, value: object, t: Type) -> Any:
        """The cell for a value."""
        return value if is_dense(t) else self[t].number(value)

    def value(self, cell: Any, t: Type) -> object:
        """The value of a cell, as the language has it."""
        return cell.item() if is_dense(t) else self[t].values[cell]


def block_of(values: Sequence[object], t: Type, interners: Interners, undefined: Iterable[int] = ()) -> Block:
    """The block of a single program with these values; positions in `undefined` have none."""
    missing = set(undefined)
    cells = np.zeros((1, len(values)), dtype=cells_dtype(t))
    defined = np.ones((1, len(values)), dtype=np.bool_)
    for position, value in enumerate(values):
        if position in missing:
            defined[0, position] = False
        else:
            cells[0, position] = interners.cell(value, t)
    return Block(cells, defined)


_GOLDEN = 0x9E3779B97F4A7C15
_SALT = np.uint64(0xD6E8FEB86659FD93)
_UNDEFINED = np.uint64(0xA0761D6478BD642F)


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): every input bit reaches every output bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def hash_rows(block: Block) -> NDArray[np.void]:
    """A 128-bit hash of each program's column, as (n,) items of 16 bytes; equal columns hash alike."""
    n, rows = block.shape
    cells = block.cells
    bits = cells.view(np.uint64) if cells.dtype == np.float64 else cells.astype(np.uint64)
    bits = np.where(block.defined, bits, _UNDEFINED)
    salts = np.arange(1, rows + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
    mixed = _mix(bits + salts)
    halves = np.empty((n, 2), dtype=np.uint64)
    halves[:, 0] = mixed.sum(axis=1, dtype=np.uint64)
    halves[:, 1] = _mix(mixed ^ _SALT).sum(axis=1, dtype=np.uint64)
    return halves.view("V16").reshape(n)
