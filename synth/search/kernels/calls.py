"""Which calls of a Python function a column needs: its different argument tuples, found by hashing."""

from __future__ import annotations

import numpy as np

from synth.search.kernels.compiled import compiled
from synth.search.kernels.convention import DEFINED, Ints, Status
from synth.search.kernels.interning import mix

__all__ = ["distinct_rows"]

_STEP = np.uint64(0x9E3779B97F4A7C15)


@compiled
def distinct_rows(keys: Ints, status: Status, places: Ints, firsts: Ints) -> int:
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
            h = mix(h ^ np.uint64(keys[i, k])) + _STEP
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
