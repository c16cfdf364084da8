"""Compiled loops that number sequences of cells by content: hashing, and open addressing in one table.

A sequence's hash is over its length and its cells in order; it ends with the finaliser of SplitMix64 (Steele, Lea and
Flood, "Fast splittable pseudorandom number generators", 2014). Two sequences of one hash are compared cell by cell.
"""

from __future__ import annotations

import numpy as np

from synth.search.kernels.compiled import compiled, embedded
from synth.search.kernels.convention import DEFINED, Ints, Status

__all__ = ["AHEAD", "fill_table", "hash_sequence", "hash_sequences", "intern_sequences", "mix"]

AHEAD = 256
"""Entries whose places in a table are fetched from memory together."""


@compiled
def mix(x: np.uint64) -> np.uint64:
    """Every input bit reaches every output bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@compiled
def hash_sequence(items: Ints, start: int, end: int) -> np.uint64:
    """The content hash of the cells `items[start:end]`: a multiplication for each, stirred well only at the end."""
    h = np.uint64(end - start) + np.uint64(0x9E3779B97F4A7C15)
    for i in range(start, end):
        h = (h ^ np.uint64(items[i])) * np.uint64(0x9E3779B97F4A7C15)
        h ^= h >> np.uint64(32)
    return mix(h)


@compiled
def hash_sequences(items: Ints, start: int, ends: Ints, status: Status, hashes: np.ndarray) -> None:
    """The hash of each defined entry's sequence; entry 0 begins at `start`, entry i ends where the next begins."""
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

    `items`, `starts` and `hashes` must have room for all of them, `table` (a power of two) for twice as many; it has
    numbers plus 1.
    """
    mask = np.uint64(len(table) - 1)
    start = 0
    given = np.empty(AHEAD, dtype=np.uint64)
    guesses, places = np.empty(AHEAD, dtype=np.int64), np.empty(AHEAD, dtype=np.int64)
    for i in range(len(ends)):
        if i % AHEAD == 0:
            hash_sequences(out, start, ends[i : i + AHEAD], status[i : i + AHEAD], given)
            _touch(status[i : i + AHEAD], given, items, starts, hashes, table, guesses, places)
        end = ends[i]
        if status[i] == DEFINED:
            h = given[i % AHEAD]
            slot = h & mask
            while True:
                known = np.int64(table[slot]) - 1
                if known < 0:
                    table[slot] = count + 1
                    hashes[count] = h
                    at = starts[count]
                    for k in range(end - start):
                        items[at + k] = out[start + k]
                    starts[count + 1] = at + end - start
                    numbers[i] = count
                    count += 1
                    break
                if hashes[known] == h:
                    at = starts[known]
                    length = starts[known + 1] - at
                    if length == end - start and _same(out, start, items, at, length):
                        numbers[i] = known
                        break
                slot = (slot + np.uint64(1)) & mask
        start = end
    return count


@embedded
def _touch(
    status: Status,
    given: np.ndarray,
    items: Ints,
    starts: Ints,
    hashes: np.ndarray,
    table: np.ndarray,
    guesses: Ints,
    places: Ints,
) -> None:
    """Look at what some sequences will be compared with: without branches, memory answers all looks at once."""
    mask = np.uint64(len(table) - 1)
    for i in range(len(status)):
        guess = np.int64(table[given[i] & mask]) - 1
        guesses[i] = guess if guess > 0 else 0
    for i in range(len(status)):
        places[i] = starts[guesses[i]]
    for i in range(len(status)):
        guesses[i] = np.int64(hashes[guesses[i]]) ^ items[places[i]]  # written, so that it is not left out


@compiled
def fill_table(hashes: np.ndarray, count: int, table: np.ndarray) -> None:
    """Put the first `count` sequences into an empty table."""
    mask = np.uint64(len(table) - 1)
    for number in range(count):
        slot = hashes[number] & mask
        while table[slot]:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = number + 1
