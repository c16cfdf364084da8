"""Compiled enumeration of argument tuples: all ways to fill holes with classes whose costs add up to a total."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.search.kernels.compiled import compiled
from synth.search.kernels.convention import Ints

__all__ = ["fill_tuples"]


@compiled
def fill_tuples(starts: Ints, total: int, ordered: bool, state: Ints, out: NDArray[np.int32]) -> int:
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


@compiled
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


@compiled
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
