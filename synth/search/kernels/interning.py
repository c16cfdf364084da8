"""Compiled loops that number sequences of cells by content: hashing, and open addressing in one table.

A sequence's hash is over its length and its cells in order, by the finaliser of SplitMix64 (Steele, Lea and Flood,
"Fast splittable pseudorandom number generators", 2014). Two sequences of one hash are compared cell by cell.
"""

from __future__ import annotations

import numpy as np

from synth.search.kernels.compiled import compiled
from synth.search.kernels.convention import DEFINED, Ints, Status

__all__ = ["fill_table", "hash_sequence", "hash_sequences", "intern_sequences", "mix"]


@compiled
def mix(x: np.uint64) -> np.uint64:
    """Every input bit reaches every output bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@compiled
def hash_sequence(items: Ints, start: int, end: int) -> np.uint64:
    """The content hash of the cells `items[start:end]`."""
    h = np.uint64(end - start) + np.uint64(0x9E3779B97F4A7C15)
    for i in range(start, end):
        h = mix(h ^ np.uint64(items[i])) + np.uint64(0x9E3779B97F4A7C15)
    return mix(h)


@compiled
def hash_sequences(items: Ints, ends: Ints, status: Status, hashes: np.ndarray) -> None:
    """The hash of each defined entry's sequence; entry i ends at `ends[i]`, where the next begins."""
    start = 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            hashes[i] = hash_sequence(items, start, ends[i])
        start = ends[i]


@compiled
def _same(items: Ints, start: int, stored: Ints, at: int, length: int) -> bool:
    k = 0
    while k < length and items[start + k] == stored[at + k]:
        k += 1
    return bool(k == length)


@compiled
def intern_sequences(
    out: Ints,
    ends: Ints,
    status: Status,
    items: Ints,
    starts: Ints,
    hashes: np.ndarray,
    table: np.ndarray,
    count: int,
    numbers: Ints,
) -> int:
    """Number the sequences of all defined entries, storing those that are new; returns the new count of sequences.

    `items`, `starts` and `hashes` must have room for all of them, `table` (a power of two) for twice as many.
    """
    mask = np.uint64(len(table) - 1)
    start = 0
    for i in range(len(ends)):
        end = ends[i]
        if status[i] == DEFINED:
            h = hash_sequence(out, start, end)
            slot = h & mask
            while True:
                known = table[slot]
                if known < 0:
                    table[slot] = count
                    hashes[count] = h
                    at = starts[count]
                    for k in range(end - start):
                        items[at + k] = out[start + k]
                    starts[count + 1] = at + end - start
                    numbers[i] = count
                    count += 1
                    break
                at = starts[known]
                length = starts[known + 1] - at
                if hashes[known] == h and length == end - start and _same(out, start, items, at, length):
                    numbers[i] = known
                    break
                slot = (slot + np.uint64(1)) & mask
        start = end
    return count


@compiled
def fill_table(hashes: np.ndarray, count: int, table: np.ndarray) -> None:
    """Put the first `count` sequences into an empty table (all entries -1)."""
    mask = np.uint64(len(table) - 1)
    for number in range(count):
        slot = hashes[number] & mask
        while table[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = number
