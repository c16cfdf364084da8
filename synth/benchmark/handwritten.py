"""Two productions by hand: one compiled loop over all pairs of argument columns, as fast as we can write it.

The loop does what a bank must and nothing else: it evaluates `concat` or `take` on every row into a buffer, hashes the
column while writing it, looks the hash up in an open-addressing set, and appends a column that is new to a flat
buffer. No costs, masses, derivations, budgets or other words. It is the limit that the engine is measured against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["FlatLists", "concat_all", "flat_lists", "take_all"]

Array = NDArray[Any]
_FIRST = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True, slots=True)
class FlatLists:
    """Columns of lists: row r of column c is `items[starts[c * rows + r]:starts[c * rows + r + 1]]`."""

    items: Array
    starts: Array
    rows: int


def flat_lists(columns: Sequence[tuple[tuple[int, ...], ...]]) -> FlatLists:
    """Columns of lists in one buffer."""
    cells = [cell for column in columns for cell in column]
    items = np.array([item for cell in cells for item in cell], dtype=np.int64)
    starts = np.zeros(len(cells) + 1, dtype=np.int64)
    np.cumsum([len(cell) for cell in cells], out=starts[1:])
    return FlatLists(items, starts, len(columns[0]))


def concat_all(left: FlatLists, right: FlatLists) -> int:
    """How many different columns `concat` gives over all pairs."""
    return int(_concat_all(left.items, left.starts, right.items, right.starts, left.rows))


def take_all(counts: Sequence[tuple[int, ...]], lists: FlatLists) -> int:
    """How many different columns `take` gives over all pairs."""
    return int(_take_all(np.array(counts, dtype=np.int64), lists.items, lists.starts, lists.rows))


@njit(cache=True, inline="always")
def _stir(hash_so_far: Any, value: Any, factor: Any) -> Any:
    """One multiplication an item, as FxHash has it, and a shift that brings the high bits down again."""
    mixed = (hash_so_far ^ np.uint64(value)) * factor
    return mixed ^ (mixed >> np.uint64(32))


@njit(cache=True)
def _is_new(first: Any, second: Any, table: Array) -> bool:
    """Put a hash into the set; whether it was not there. A first half of zero is an empty slot, so one bit is lost."""
    first |= np.uint64(1)
    mask = np.uint64(len(table) - 1)
    slot = (second ^ (first >> np.uint64(29))) & mask
    while True:
        held = table[slot, 0]
        if held == 0:
            table[slot, 0], table[slot, 1] = first, second
            return True
        if held == first and table[slot, 1] == second:
            return False
        slot = (slot + np.uint64(1)) & mask


@njit(cache=True)
def _twice_as_large(table: Array) -> Array:
    grown = np.zeros((2 * len(table), 2), dtype=np.uint64)
    for slot in range(len(table)):
        if table[slot, 0] != 0:
            _is_new(table[slot, 0], table[slot, 1], grown)
    return grown


@njit(cache=True)
def _longer(array: Array, least: int) -> Array:
    grown = np.empty(max(least, 2 * len(array)), dtype=array.dtype)
    grown[: len(array)] = array
    return grown


@njit(cache=True)
def _concat_all(items: Array, starts: Array, other_items: Array, other_starts: Array, rows: int) -> int:
    table = np.zeros((1 << 12, 2), dtype=np.uint64)
    kept, ends = np.empty(1 << 12, dtype=np.int64), np.empty(1 << 10, dtype=np.int64)
    found, used = 0, 0
    for i in range((len(starts) - 1) // rows):
        for j in range((len(other_starts) - 1) // rows):
            room = starts[(i + 1) * rows] - starts[i * rows] + other_starts[(j + 1) * rows] - other_starts[j * rows]
            if used + room > len(kept):
                kept = _longer(kept, used + room)
            if (found + 1) * rows > len(ends):
                ends = _longer(ends, (found + 1) * rows)
            first, second, at = _FIRST, _SECOND, used
            for row in range(rows):
                for k in range(starts[i * rows + row], starts[i * rows + row + 1]):
                    item = items[k]
                    kept[at] = item
                    at += 1
                    first = _stir(first, item, _FIRST)
                    second = _stir(second, item, _SECOND)
                for k in range(other_starts[j * rows + row], other_starts[j * rows + row + 1]):
                    item = other_items[k]
                    kept[at] = item
                    at += 1
                    first = _stir(first, item, _FIRST)
                    second = _stir(second, item, _SECOND)
                ends[found * rows + row] = at
                first = _stir(first, at - used, _SECOND)  # where the row ends, so that rows do not run together
                second = _stir(second, at - used, _FIRST)
            if 2 * found > len(table):
                table = _twice_as_large(table)
            if _is_new(first, second, table):
                found += 1
                used = at
    return found


@njit(cache=True)
def _take_all(counts: Array, items: Array, starts: Array, rows: int) -> int:
    table = np.zeros((1 << 12, 2), dtype=np.uint64)
    kept, ends = np.empty(1 << 12, dtype=np.int64), np.empty(1 << 10, dtype=np.int64)
    found, used = 0, 0
    for i in range(len(counts)):
        for j in range((len(starts) - 1) // rows):
            room = starts[(j + 1) * rows] - starts[j * rows]
            if used + room > len(kept):
                kept = _longer(kept, used + room)
            if (found + 1) * rows > len(ends):
                ends = _longer(ends, (found + 1) * rows)
            first, second, at = _FIRST, _SECOND, used
            for row in range(rows):
                start, end = starts[j * rows + row], starts[j * rows + row + 1]
                for k in range(start, min(end, start + max(counts[i, row], 0))):
                    item = items[k]
                    kept[at] = item
                    at += 1
                    first = _stir(first, item, _FIRST)
                    second = _stir(second, item, _SECOND)
                ends[found * rows + row] = at
                first = _stir(first, at - used, _SECOND)
                second = _stir(second, at - used, _FIRST)
            if 2 * found > len(table):
                table = _twice_as_large(table)
            if _is_new(first, second, table):
                found += 1
                used = at
    return found
