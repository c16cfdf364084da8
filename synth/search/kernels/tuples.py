"""Compiled enumeration of argument tuples: all ways to fill holes with classes whose costs add up to a total."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.search.kernels.compiled import compiled, embedded
from synth.search.kernels.convention import Ints

__all__ = ["fill_tuples"]


@compiled
def fill_tuples(starts: Ints, total: int, ordered: bool, state: Ints, out: NDArray[np.int32]) -> np.int64:
    """The next argument tuples whose costs add up to `total`, as many as fit into `out`; how many were written.

    Classes of cost level l of argument k are numbered from `starts[k, l]` up to `starts[k, l + 1]`. `state` begins as
    zeros: a level for each argument, the next tuple among those of these levels, and whether it is all over. With
    `ordered`, of two arguments only tuples whose first number is no greater than the second are written.
    """
    width = len(starts)
    kept = np.int64(0)
    if state[0] == 0:
        _spread(state, width, 0, total)
    while state[width + 1] == 0:
        last = width - 1
        first, size = starts[last, state[last]], starts[last, state[last] + 1] - starts[last, state[last]]
        prefixes = 1
        for k in range(last):
            prefixes *= starts[k, state[k] + 1] - starts[k, state[k]]
        at = state[width]
        while at < prefixes * size:
            prefix = at // size
            begin, end = first + at - prefix * size, first + size
            _decode(starts, state, last, prefix, out[kept])
            if ordered and begin < out[kept, 0]:
                begin = min(np.int64(out[kept, 0]), end)
            wrote = end - begin if end - begin < len(out) - kept else len(out) - kept
            for j in range(wrote):
                for k in range(last):
                    out[kept + j, k] = out[kept, k]
                out[kept + j, last] = begin + j
            kept += wrote
            at = prefix * size + begin + wrote - first
            if kept == len(out):
                state[width] = at
                return kept
        state[width] = 0
        _next_levels(state, width, total)
    return kept


@embedded
def _decode(starts: Ints, state: Ints, last: int, prefix: int, out: NDArray[np.int32]) -> None:
    """Write the arguments before the last one, given the number of their tuple among those of these levels."""
    for k in range(last - 1, -1, -1):
        size = starts[k, state[k] + 1] - starts[k, state[k]]
        out[k] = starts[k, state[k]] + prefix % size
        prefix //= size


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
