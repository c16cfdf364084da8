"""Compiled loops over blocks of columns: hashing, finding the class of each program, keeping derivations."""

from __future__ import annotations

import numpy as np
from numba import njit

from synth.search.kernels.convention import DEFINED, Ints, Status
from synth.search.kernels.interning import hash_sequence, mix

__all__ = ["agrees", "classify", "distinct", "fill_tuples", "hash_cells", "hash_numbers", "hash_written", "rebuild", "record"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SALT = np.uint64(0xD6E8FEB86659FD93)
_MISSING = np.uint64(0xA0761D6478BD642F)


@njit(cache=True)
def _join(halves: np.ndarray, i: int, j: int, h: np.uint64) -> None:
    mixed = mix(h + np.uint64(j + 1) * _GOLDEN)
    halves[i, 0] += mixed
    halves[i, 1] += mix(mixed ^ _SALT)


@njit(cache=True)
def hash_cells(cells: Ints, status: Status, halves: np.ndarray) -> None:
    n, rows = cells.shape
    for i in range(n):
        halves[i, 0] = halves[i, 1] = np.uint64(0)
        for j in range(rows):
            _join(halves, i, j, np.uint64(cells[i, j]) if status[i, j] == DEFINED else _MISSING)


@njit(cache=True)
def hash_numbers(cells: Ints, status: Status, sequence_hashes: np.ndarray, halves: np.ndarray) -> None:
    n, rows = cells.shape
    for i in range(n):
        halves[i, 0] = halves[i, 1] = np.uint64(0)
        for j in range(rows):
            _join(halves, i, j, sequence_hashes[cells[i, j]] if status[i, j] == DEFINED else _MISSING)


@njit(cache=True)
def hash_written(out: Ints, ends: Ints, status: Status, halves: np.ndarray) -> None:
    n, rows = status.shape
    start = 0
    k = 0
    for i in range(n):
        halves[i, 0] = halves[i, 1] = np.uint64(0)
        for j in range(rows):
            end = ends[k]
            _join(halves, i, j, hash_sequence(out, start, end) if status[i, j] == DEFINED else _MISSING)
            start = end
            k += 1


@njit(cache=True)
def classify(
    halves: np.ndarray,
    alive: np.ndarray,
    table: np.ndarray,
    known: np.ndarray,
    count: int,
    numbers: Ints,
    fresh: Ints,
) -> int:
    mask = np.uint64(len(table) - 1)
    first = count
    for i in range(len(halves)):
        if not alive[i]:
            numbers[i] = -1
            continue
        a, b = halves[i, 0], halves[i, 1]
        slot = a & mask
        while True:
            found = table[slot]
            if found < 0:
                table[slot] = count
                known[count, 0] = a
                known[count, 1] = b
                numbers[i] = count
                fresh[count - first] = i
                count += 1
                break
            if known[found, 0] == a and known[found, 1] == b:
                numbers[i] = found
                break
            slot = (slot + np.uint64(1)) & mask
    return count


@njit(cache=True)
def rebuild(known: np.ndarray, count: int, table: np.ndarray) -> None:
    mask = np.uint64(len(table) - 1)
    for number in range(count):
        slot = known[number, 0] & mask
        while table[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = number


@njit(cache=True)
def record(
    numbers: Ints,
    production: int,
    arguments: np.ndarray,
    probabilities: np.ndarray,
    mass: np.ndarray,
    kept: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    next_: np.ndarray,
    heads: np.ndarray,
    parts: np.ndarray,
    used: int,
    most_kept: int,
) -> int:
    n, width = arguments.shape
    for i in range(n):
        c = numbers[i]
        if c < 0:
            continue
        mass[c] += probabilities[i]
        if kept[c] >= most_kept:
            if kept[c] >= 2 * most_kept:
                continue
            d = first[c]
            while d >= 0 and heads[d] != production:
                d = next_[d]
            if d >= 0:
                continue
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


@njit(cache=True)
def agrees(out: Ints, ends: Ints, status: Status, wanted: Ints) -> np.ndarray:
    result = np.zeros(len(ends), dtype=np.bool_)
    start = 0
    for i in range(len(ends)):
        end = ends[i]
        if status[i] == DEFINED and end - start == len(wanted):
            same = True
            for k in range(len(wanted)):
                if out[start + k] != wanted[k]:
                    same = False
                    break
            result[i] = same
        start = end
    return result


@njit(cache=True)
def fill_tuples(starts: Ints, total: int, ordered: bool, state: Ints, out: np.ndarray) -> int:
    """The next argument tuples whose costs add up to `total`, as many as fit into `out`; how many were written.

    Classes of cost level l of argument k are numbered from `starts[k, l]` up to `starts[k, l + 1]`. `state` begins as
    zeros: a level for each argument, the next tuple among those of these levels, and whether it is all over. With
    `ordered`, of two arguments only tuples whose first number is no greater than the second are written.
    """
    width = len(starts)
    kept = 0
    if state[0] == 0:
        _spread(state, width, 0, total)
    while state[width + 1] == 0:
        count = 1
        for k in range(width):
            level = state[k]
            count *= starts[k, level + 1] - starts[k, level]
        at = state[width]
        while at < count:
            if kept == len(out):
                state[width] = at
                return kept
            flat = at
            for k in range(width - 1, -1, -1):
                level = state[k]
                size = starts[k, level + 1] - starts[k, level]
                out[kept, k] = starts[k, level] + flat % size
                flat //= size
            if not ordered or out[kept, 0] <= out[kept, 1]:
                kept += 1
            at += 1
        state[width] = 0
        _next_levels(state, width, total)
    return kept


@njit(cache=True)
def _spread(state: Ints, width: int, first: int, total: int) -> None:
    """Level 1 for arguments `first` and on, but for the last, which gets what is left; over if that is nothing."""
    left = total
    for k in range(width - 1):
        if k >= first:
            state[k] = 1
        left -= state[k]
    state[width - 1] = left
    if left < 1:
        state[width + 1] = 1


@njit(cache=True)
def _next_levels(state: Ints, width: int, total: int) -> None:
    """The next way to share the total among the arguments, the first argument's level rising last."""
    k = width - 2
    while k >= 0:
        state[k] += 1
        used = 0
        for j in range(k + 1):
            used += state[j]
        if total - used >= width - 1 - k:
            _spread(state, width, k + 1, total)
            return
        k -= 1
    state[width + 1] = 1


@njit(cache=True)
def distinct(keys: Ints, status: Status, places: Ints, firsts: Ints) -> int:
    """Number the different rows of `keys` (m, k), looking at defined entries only; how many there are.

    `places[i]` is the number of entry i's row, `firsts[p]` an entry that has row number p.
    """
    m, width = keys.shape
    size = 64
    while size < 2 * m:
        size *= 2
    table = np.full(size, -1, np.int32)
    mask = np.uint64(size - 1)
    count = 0
    for i in range(m):
        if status[i] != DEFINED:
            continue
        h = np.uint64(0)
        for k in range(width):
            h = mix(h ^ np.uint64(keys[i, k])) + _GOLDEN
        slot = h & mask
        while True:
            found = table[slot]
            if found < 0:
                table[slot] = count
                firsts[count] = i
                places[i] = count
                count += 1
                break
            at = firsts[found]
            same = True
            for k in range(width):
                if keys[at, k] != keys[i, k]:
                    same = False
                    break
            if same:
                places[i] = found
                break
            slot = (slot + np.uint64(1)) & mask
    return count
