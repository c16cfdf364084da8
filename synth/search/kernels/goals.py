"""Compiled loops over goals: which columns meet one, and hashes of columns for looking exact goals up."""

from __future__ import annotations

import numpy as np

from synth.search.kernels.compiled import compiled
from synth.search.kernels.convention import DEFINED, Ints, Status, real_of_cell
from synth.search.kernels.interning import mix

__all__ = ["ANY_VALUE", "IDLE", "WANTED", "hash_columns", "matching"]

WANTED, ANY_VALUE, IDLE = 0, 1, 2
"""What a goal asks of a row: one of some values; any value at all; nothing (the part is not run there)."""


@compiled
def _close(cell: int, wanted: int) -> bool:
    """Whether two reals count as equal: within relative 1e-6 or absolute 1e-9, as `dsl.values.agree` has it."""
    if cell == wanted:
        return True
    a, b = real_of_cell(cell), real_of_cell(wanted)
    return abs(a - b) <= max(1e-6 * max(abs(a), abs(b)), 1e-9)


@compiled
def _accepts(cell: int, wanted: Ints, start: int, end: int, real: bool) -> bool:
    k = start
    while k < end and cell != wanted[k] and not (real and _close(cell, wanted[k])):
        k += 1
    return k < end


@compiled
def matching(
    cells: np.ndarray,
    status: np.ndarray,
    wanted: Ints,
    ends: Ints,
    free: Status,
    order: Ints,
    real: bool,
    out: Ints,
) -> int:
    """Write into `out` the numbers of the first columns that meet a goal; returns how many (`out` may be too short).

    `wanted[ends[r - 1]:ends[r]]` are the acceptable cells of row r; rows are looked at in the given order.
    """
    found = 0
    for n in range(len(cells)):
        if found == len(out):
            break
        right = True
        for r in order:
            if free[r] == IDLE:
                continue
            if status[n, r] != DEFINED:
                right = False
                break
            start = ends[r - 1] if r else 0
            if free[r] == WANTED and not _accepts(cells[n, r], wanted, start, ends[r], real):
                right = False
                break
        if right:
            out[found] = n
            found += 1
    return found


@compiled
def hash_columns(cells: np.ndarray, status: np.ndarray, hashes: np.ndarray) -> None:
    """A hash of each column that is defined on every row; 0 for the others."""
    for n in range(len(cells)):
        h = np.uint64(0x9E3779B97F4A7C15)
        for r in range(cells.shape[1]):
            if status[n, r] != DEFINED:
                h = np.uint64(0)
                break
            h = mix(h ^ np.uint64(cells[n, r])) + np.uint64(0x9E3779B97F4A7C15)
        hashes[n] = h
