"""Which cells of a list are different, and how often each occurs: by a hash table that serves all lists of a column.

A place in the table holds the number of a cell, and the stamp of the list it is about: what an earlier list has left
counts as free, so that nothing is ever cleared. A kernel makes one tally, before its loop: compiled code counts the
references to arrays that are made within a loop, at ten times the cost of the loop.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from synth.search.kernels.compiled import compiled
from synth.search.kernels.convention import DEFINED, Ints, Lists, Status
from synth.search.kernels.interning import mix

__all__ = ["Tally", "counted", "is_counted", "longest", "tally_for"]

_BITS = 32
_NUMBER = (1 << _BITS) - 1


class Tally(NamedTuple):
    """The different cells seen, in order of first sight, how often each was, and a table of their numbers."""

    cells: Ints
    times: Ints
    table: Ints


@compiled
def longest(xs: Ints, lists: Lists, status: Status) -> int:
    """The length of the longest of all defined sequences."""
    found = 0
    for i in range(len(xs)):
        if status[i] == DEFINED:
            found = max(found, lists.starts[xs[i] + 1] - lists.starts[xs[i]])
    return found


@compiled
def tally_for(length: int) -> Tally:
    """A tally with room for so many cells at least."""
    room = 32
    while room < length:
        room *= 2
    return Tally(np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64), np.zeros(2 * room, dtype=np.int64))


@compiled
def counted(items: Ints, start: int, end: int, tally: Tally, count: int, stamp: int) -> int:
    """Count these cells; returns how many different ones were seen under this stamp (at least 1), `count` before."""
    for k in range(start, end):
        slot = _slot(items[k], tally, stamp)
        held = tally.table[slot]
        if held >> _BITS == stamp:
            tally.times[held & _NUMBER] += 1
        else:
            tally.table[slot] = stamp << _BITS | count
            tally.cells[count], tally.times[count] = items[k], 1
            count += 1
    return count


@compiled
def is_counted(cell: int, tally: Tally, stamp: int) -> bool:
    """Whether a cell was seen under this stamp."""
    return bool(tally.table[_slot(cell, tally, stamp)] >> _BITS == stamp)


@compiled
def _slot(cell: int, tally: Tally, stamp: int) -> np.uint64:
    """Where the table holds a cell, or would hold it."""
    mask = np.uint64(len(tally.table) - 1)
    slot = mix(np.uint64(cell)) & mask
    while tally.table[slot] >> _BITS == stamp and tally.cells[tally.table[slot] & _NUMBER] != cell:
        slot = (slot + np.uint64(1)) & mask
    return slot
