"""Compiled loops of the bank: hash whole columns, put programs into classes, keep how each class was derived.

A column's hash has 128 bits, two sums over its rows: of what the finaliser of SplitMix64 makes of the row's content and
a salt of the row, and of that shifted and multiplied. Rows without a value count as a content of their own, which no
cell has.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.search.kernels.compiled import compiled, embedded
from synth.search.kernels.convention import DEFINED, Ints, Status
from synth.search.kernels.interning import AHEAD, hash_sequence, mix

__all__ = [
    "CLASS",
    "DERIVATION",
    "agrees",
    "classify",
    "hash_cells",
    "hash_numbers",
    "hash_written",
    "rebuild",
    "same_cells",
]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xD6E8FEB86659FD93)
_NO_CONTENT = np.uint64(0xA0761D6478BD642F)
_NO_SECOND = np.uint64(0xE7037ED1A0B428DB)


# ---- Hashes of columns ----------------------------------------------------------------------------------------------


@embedded
def _other_half(first: np.uint64, factor: np.uint64) -> np.uint64:
    """Half a finaliser: `first` is stirred well already, but sums of it must say nothing of sums of this."""
    second = (first ^ (first >> np.uint64(32))) * factor
    return second ^ (second >> np.uint64(29))


@embedded
def _halves_of_row(defined: bool, content: np.uint64, row: int) -> tuple[np.uint64, np.uint64]:
    """What one row adds to the two halves of its column's hash."""
    salt = np.uint64(row + 1) * _STEP
    if defined:
        first = mix(content + salt)
        return first, _other_half(first, _SECOND)
    # Of the contents just one gives the same first half, and then another second one.
    first = mix(_NO_CONTENT + salt)
    return first, _other_half(first, _NO_SECOND)


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

CLASS = np.dtype(
    [
        ("one", np.uint64),
        ("two", np.uint64),
        ("heads", np.uint64),
        ("mass", np.float64),
        ("first", np.int32),
        ("last", np.int32),
        ("cost", np.int16),
        ("kept", np.uint8),
    ],
    align=True,
)
"""What is known of a class besides its column, together, since a look into memory costs more than all the rest.

The two halves of its column's hash; which productions it was derived by, modulo 64, as bits; its mass; the first and
the last of the `kept` derivations; its cost level.
"""
DERIVATION = np.dtype([("head", np.int32), ("before", np.int32)])
"""A derivation: its production, and the derivation of its class that was found before it, -1 for none."""


@compiled
def classify(
    halves: NDArray[np.uint64],
    alive: NDArray[np.bool_],
    table: NDArray[np.int32],
    classes: NDArray[np.void],
    count: int,
    level: int,
    fresh: Ints,
    production: int,
    arguments: NDArray[np.int32],
    probabilities: NDArray[np.float64],
    derivations: NDArray[np.void],
    parts: NDArray[np.int32],
    used: int,
    most_kept: int,
) -> tuple[int, int]:
    """Put a block of programs into classes by their columns' hashes; the count of classes and of derivations then.

    Program i is the production applied to the classes `arguments[i]`; those that are not `alive` are left out. New
    classes, of cost `level`, are numbered from `count` on in the order of the block: the k-th of them is first seen at
    position `fresh[k]`. `classes` (of CLASS), `derivations` (of DERIVATION) and `parts`, their arguments, must have
    room for the block; so must `table`, a power of two, at most half used; it has numbers of classes plus 1.

    A class keeps its first `most_kept` derivations (at most 127) in the order of finding, and up to as many more whose
    production, by its bit, it has not yet: what the root of a program costs depends on where it stands.
    """
    bit = np.uint64(1) << np.uint64(production & 63)
    mask = np.uint64(len(table) - 1)
    before, width = count, arguments.shape[1]
    guesses = np.empty(AHEAD, dtype=np.int64)
    for i in range(len(halves)):
        if i % AHEAD == 0:
            _touch(halves[i : i + AHEAD], table, classes, guesses)
        if not alive[i]:
            continue
        one, two = halves[i, 0], halves[i, 1]
        slot = one & mask
        while True:
            number = np.int64(table[slot]) - 1
            if number < 0:
                number = np.int64(count)
                table[slot] = number + 1
                _open(classes[number], one, two, level)
                fresh[count - before] = i
                count += 1
                break
            if classes[number]["one"] == one and classes[number]["two"] == two:
                break
            slot = (slot + np.uint64(1)) & mask
        found = classes[number]
        found["mass"] += probabilities[i]
        kept = found["kept"]
        if kept < most_kept or (kept < 2 * most_kept and not found["heads"] & bit):
            found["heads"] |= bit
            derivations[used]["head"] = production
            derivations[used]["before"] = found["last"]
            for k in range(width):
                parts[used, k] = arguments[i, k]
            if kept == 0:
                found["first"] = used
            found["last"] = used
            found["kept"] = kept + 1
            used += 1
    return count, used


@embedded
def _open(made: np.void, one: np.uint64, two: np.uint64, level: int) -> None:
    made["one"] = one
    made["two"] = two
    made["heads"] = np.uint64(0)
    made["mass"] = 0.0
    made["cost"] = level
    made["last"] = -1
    made["kept"] = 0


@embedded
def _touch(halves: NDArray[np.uint64], table: NDArray[np.int32], classes: NDArray[np.void], guesses: Ints) -> None:
    """Look where the classes of some programs will be looked for: without branches, memory answers all at once."""
    mask = np.uint64(len(table) - 1)
    for i in range(len(halves)):
        guess = np.int64(table[halves[i, 0] & mask]) - 1
        guesses[i] = guess if guess > 0 else 0
    for i in range(len(halves)):
        guesses[i] = np.int64(classes[guesses[i]]["kept"])  # written, so that it is not left out


@compiled
def rebuild(classes: NDArray[np.void], count: int, table: NDArray[np.int32]) -> None:
    """Put the first `count` classes into an empty table."""
    mask = np.uint64(len(table) - 1)
    for number in range(count):
        slot = classes[number]["one"] & mask
        while table[slot]:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = number + 1


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


@compiled
def same_cells(cells: Ints, status: Status, wanted: Ints, right: NDArray[np.bool_]) -> None:
    """Where n programs have the wanted cells, into `right` (n, rows); `wanted` has one for each row."""
    n, rows = right.shape
    for i in range(n):
        for row in range(rows):
            right[i, row] = status[i, row] == DEFINED and cells[i, row] == wanted[row]
