"""Small compiled steps that the kernels of list words share: finding a sequence, placing an index, copying cells.

They are inlined by LLVM: called, each would count a reference to its arrays, which costs more than copying a few cells.
"""

from __future__ import annotations

from synth.search.kernels.compiled import embedded
from synth.search.kernels.convention import Ints, Lists

__all__ = ["copy_cells", "cut_place", "ends_of", "item_place", "taken"]


@embedded
def ends_of(lists: Lists, number: int) -> tuple[int, int]:
    """Where a sequence's cells begin and end in `lists.items`."""
    return lists.starts[number], lists.starts[number + 1]


@embedded
def taken(count: int, length: int) -> int:
    """How many items of a list of this length `count` takes: at least 0, at most all."""
    return min(max(count, 0), length)


@embedded
def cut_place(index: int, length: int) -> int:
    """The place where Python cuts a list at an index, from 0 to its length."""
    # Only a negative index is added to, so nothing overflows.
    return min(index, length) if index >= 0 else max(index + length, 0)


@embedded
def item_place(index: int, length: int) -> int:
    """The place of the item at Python's index, or -1 outside the list."""
    place = index if index >= 0 else index + length
    return place if 0 <= place < length else -1


@embedded
def copy_cells(items: Ints, start: int, end: int, out: Ints, at: int) -> int:
    """Copy `items[start:end]` to `out[at:]`; returns where the copy ends."""
    for k in range(end - start):
        out[at + k] = items[start + k]
    return at + end - start
