"""Compiled loops of the bank: hash whole columns, put programs into classes, keep how each class was derived.

A column's hash has 128 bits, two sums over its rows of what the finaliser of SplitMix64 makes of the row's content and
a salt of the row. Rows without a value count as a content of their own, which no cell has.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.search.kernels.compiled import compiled, embedded
from synth.search.kernels.convention import DEFINED, Ints, Status
from synth.search.kernels.interning import hash_sequence, mix

__all__ = ["agrees", "classify", "hash_cells", "hash_numbers", "hash_written", "rebuild", "record"]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xD6E8FEB86659FD93)
_NO_CONTENT = np.uint64(0xA0761D6478BD642F)
_NO_SECOND = np.uint64(0xE7037ED1A0B428DB)


# ---- Hashes of columns ----------------------------------------------------------------------------------------------


@embedded
def _halves_of_row(defined: bool, content: np.uint64, row: int) -> tuple[np.uint64, np.uint64]:
    """What one row adds to the two halves of its column's hash."""
    salt = np.uint64(row + 1) * _STEP
    if defined:
        first = mix(content + salt)
        return first, mix(first ^ _SECOND)
    # Of the contents just one gives the same first half, and then another second one.
    first = mix(_NO_CONTENT + salt)
    return first, mix(first ^ _NO_SECOND)


@compiled
def hash_cells(cells: Ints, status: Status, halves: NDArray[np.uint64]) -> None:
    """Hashes of n columns of numbers or boxed values, into `halves` (n, 2); `cells` and `status` are (n, rows)."""
    n, rows = cells.shape
    for i in range(n):
        one, two = np.uint64(0), np.uint64(0)
        for row in range(rows):
            first, second = _halves_of_row(status[i, row] == DEFINED, np.uint64(cells[i, row]), row)
            one += first
            two += second
        halves[i, 0], halves[i, 1] = one, two


@compiled
def hash_numbers(cells: Ints, status: Status, sequence_hashes: NDArray[np.uint64], halves: NDArray[np.uint64]) -> None:
    """Hashes of n columns of sequences by their numbers; `sequence_hashes` has each sequence's content hash."""
    n, rows = cells.shape
    for i in range(n):
        one, two = np.uint64(0), np.uint64(0)
        for row in range(rows):
            defined = status[i, row] == DEFINED
            content = sequence_hashes[cells[i, row]] if defined else np.uint64(0)
            first, second = _halves_of_row(defined, content, row)
            one += first
            two += second
        halves[i, 0], halves[i, 1] = one, two


@compiled
def hash_written(out: Ints, ends: Ints, status: Status, halves: NDArray[np.uint64]) -> None:
    """Hashes of n columns of sequences that a kernel has just written: the same that `hash_numbers` gives later.

    Entry i * rows + row of `out` and `ends` is row `row` of column i; `status` is (n, rows).
    """
    n, rows = status.shape
    start = 0
    for i in range(n):
        one, two = np.uint64(0), np.uint64(0)
        for row in range(rows):
            end = ends[i * rows + row]
            defined = status[i, row] == DEFINED
            content = hash_sequence(out, start, end) if defined else np.uint64(0)
            first, second = _halves_of_row(defined, content, row)
            one += first
            two += second
            start = end
        halves[i, 0], halves[i, 1] = one, two


# ---- Classes --------------------------------------------------------------------------------------------------------


@compiled
def classify(
    halves: NDArray[np.uint64],
    alive: NDArray[np.bool_],
    table: NDArray[np.int32],
    known: NDArray[np.uint64],
    count: int,
    numbers: Ints,
    fresh: Ints,
) -> int:
    """Find the class of each program of a block by its column's hash, making new ones; returns the count of classes.

    `numbers[i]` becomes the class of program i, -1 where it is not alive. New classes are numbered from `count` on in
    the order of the block: the k-th of them is first seen at position `fresh[k]`. `known` (class, 2) holds the hashes
    of all classes, and must have room for new ones; so must `table`, a power of two, of which at most half is used.
    """
    mask = np.uint64(len(table) - 1)
    before = count
    for i in range(len(halves)):
        if not alive[i]:
            numbers[i] = -1
            continue
        one, two = halves[i, 0], halves[i, 1]
        slot = one & mask
        while True:
            number = np.int64(table[slot])
            if number < 0:
                number = np.int64(count)
                table[slot] = number
                known[number, 0], known[number, 1] = one, two
                fresh[count - before] = i
                count += 1
                break
            if known[number, 0] == one and known[number, 1] == two:
                break
            slot = (slot + np.uint64(1)) & mask
        numbers[i] = number
    return count


@compiled
def rebuild(known: NDArray[np.uint64], count: int, table: NDArray[np.int32]) -> None:
    """Empty the table, and put the first `count` classes into it; for a table that has grown."""
    mask = np.uint64(len(table) - 1)
    table[:] = -1
    for number in range(count):
        slot = known[number, 0] & mask
        while table[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = number


# ---- Derivations ----------------------------------------------------------------------------------------------------


@compiled
def _has_production(production: int, at: int, next_: NDArray[np.int32], heads: NDArray[np.int32]) -> bool:
    """Whether a list of derivations that begins at `at` has one with the production."""
    while at >= 0:
        if heads[at] == production:
            return True
        at = next_[at]
    return False


@compiled
def record(
    numbers: Ints,
    production: int,
    arguments: NDArray[np.int32],
    probabilities: NDArray[np.float64],
    mass: NDArray[np.float64],
    kept: NDArray[np.uint8],
    first: NDArray[np.int32],
    last: NDArray[np.int32],
    next_: NDArray[np.int32],
    heads: NDArray[np.int32],
    parts: NDArray[np.int32],
    used: int,
    most_kept: int,
) -> int:
    """Add a block of programs to their classes, mass and derivation; returns how many derivations are kept in all.

    Program i is the production applied to the classes `arguments[i]`, and belongs to class `numbers[i]`, or to none if
    that is negative. Each class keeps its derivations in the order of finding, as a linked list: `first` and `last` of
    a class and `next_` of a derivation are places in `heads` (the production) and `parts` (its arguments); -1 ends.
    A class keeps the first `most_kept` (at most 127), and up to as many more whose production it has not yet: what the
    root of a program costs depends on where it stands. `next_`, `heads` and `parts` must have room for the block.
    """
    n, width = arguments.shape
    for i in range(n):
        c = numbers[i]
        if c < 0:
            continue
        mass[c] += probabilities[i]
        keeps = kept[c] < most_kept or (
            kept[c] < 2 * most_kept and not _has_production(production, first[c], next_, heads)
        )
        if keeps:
            heads[used] = production
            for k in range(width):
                parts[used, k] = arguments[i, k]
            next_[used] = -1
            if kept[c] == 0:
                first[c] = used
            else:
                next_[last[c]] = used
            last[c] = used
            kept[c] += 1
            used += 1
    return used


# ---- Wanted columns -------------------------------------------------------------------------------------------------


@compiled
def agrees(out: Ints, ends: Ints, status: Status, wanted: Ints) -> NDArray[np.bool_]:
    """For each entry that a kernel wrote, whether it has a value, and that is the sequence `wanted`."""
    n, length = len(ends), len(wanted)
    found = np.zeros(n, dtype=np.bool_)
    start = 0
    for i in range(n):
        if status[i] == DEFINED and ends[i] - start == length:
            same = True
            for k in range(length):
                if out[start + k] != wanted[k]:
                    same = False
                    break
            found[i] = same
        start = ends[i]
    return found
