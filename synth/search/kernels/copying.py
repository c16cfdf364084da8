"""Small compiled steps that the kernels of list words share: finding a sequence, placing an index, copying cells."""

from __future__ import annotations

from numba import njit

from synth.search.kernels.convention import UNDEFINED, Ints, Lists, Status

__all__ = ["copy_cells", "copy_stretch", "cut_place", "ends_of", "item_place", "taken"]


@njit(cache=True)
def ends_of(lists: Lists, number: int) -> tuple[int, int]:
    """Where a sequence's cells begin and end in `lists.items`."""
    return lists.starts[number], lists.starts[number + 1]


@njit(cache=True)
def taken(count: int, length: int) -> int:
    """How many items of a list of this length `count` takes: at least 0, at most all."""
    return min(max(count, 0), length)


@njit(cache=True)
def cut_place(index: int, length: int) -> int:
    """The place where Python cuts a list at an index, from 0 to its length."""
    # Only a negative index is added to, so nothing overflows.
    return min(index, length) if index >= 0 else max(index + length, 0)


@njit(cache=True)
def item_place(index: int, length: int) -> int:
    """The place of the item at Python's index, or -1 outside the list."""
    place = index if index >= 0 else index + length
    return place if 0 <= place < length else -1


@njit(cache=True)
def copy_cells(items: Ints, start: int, end: int, out: Ints, at: int) -> int:
    """Copy `items[start:end]` to `out[at:]`; returns where the copy ends."""
    for k in range(end - start):
        out[at + k] = items[start + k]
    return at + end - start


@njit(cache=True)
def copy_stretch(items: Ints, start: int, end: int, status: Status, i: int, most: int, out: Ints, at: int) -> int:
    """`items[start:end]` as the whole result of entry i, undefined if it is too long; returns where the result ends."""
    if end - start > most:
        status[i] = UNDEFINED
        return at
    return copy_cells(items, start, end, out, at)
