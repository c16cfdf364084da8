"""Columns: what a program yields on all rows of a scope, many programs at a time.

A *block* holds one row of cells (see `store.py`) for each program, and what is known of each cell. The sequences that
a kernel has just written are *fresh*: only those of programs that turn out to be new are ever numbered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.type_system import Type
from synth.search.kernels.columns import hash_cells, hash_numbers, hash_written
from synth.search.kernels.convention import DEFINED, UNDEFINED, Ints, Status
from synth.search.store import Store, is_sequence

__all__ = ["Block", "Column", "Fresh", "Halves", "block_of", "hash_column", "interned", "repeated", "some_rows"]

Halves: TypeAlias = NDArray[np.uint64]
"""(n, 2) the two halves of each program's column hash."""


@dataclass(frozen=True, slots=True)
class Block:
    """n programs on r rows: `cells` (n, r), and `status` (n, r), which says where a cell has a value."""

    cells: Ints
    status: Status


@dataclass(frozen=True, slots=True)
class Fresh:
    """n programs on r rows whose values are sequences not yet numbered.

    The sequence of program i on row j ends at `ends[i * r + j]` in `out`. `status` is (n, r).
    """

    out: Ints
    ends: Ints
    status: Status


Column: TypeAlias = Block | Fresh


def block_of(values: Sequence[object], t: Type, store: Store, undefined: Iterable[int] = ()) -> Block:
    """The block of a single program with these values; positions in `undefined` have none."""
    missing = set(undefined)
    cells = np.zeros((1, len(values)), dtype=np.int64)
    status = np.full((1, len(values)), DEFINED, dtype=np.uint8)
    for position, value in enumerate(values):
        if position in missing:
            status[0, position] = UNDEFINED
        else:
            cells[0, position] = store.encode(value, t)
    return Block(cells, status)


def interned(column: Column, store: Store, keep: NDArray[np.bool_] | None = None) -> Block:
    """The column as a block; of fresh sequences only those of the programs in `keep` are numbered."""
    if isinstance(column, Block):
        return column
    status = column.status if keep is None else column.status * keep[:, None]
    numbers = store.intern(column.out, column.ends, status.reshape(-1))
    return Block(numbers.reshape(column.status.shape), column.status)


def hash_column(column: Column, t: Type, store: Store) -> Halves:
    """A 128-bit hash of each program's column; equal columns hash alike, whether their values are numbered or not."""
    halves = np.empty((len(column.status), 2), dtype=np.uint64)
    if isinstance(column, Fresh):
        hash_written(column.out, column.ends, column.status, halves)
    elif is_sequence(t):
        hash_numbers(column.cells, column.status, store.hashes, halves)
    else:
        hash_cells(column.cells, column.status, halves)
    return halves


def some_rows(block: Block, rows: slice) -> Block:
    """The same programs on some of their rows."""
    return Block(block.cells[:, rows], block.status[:, rows])


def repeated(block: Block, rows: Ints) -> Block:
    """A block whose row j is row `rows[j]` of another."""
    return Block(block.cells[:, rows], block.status[:, rows])
