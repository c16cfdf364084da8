"""Argument tuples: all ways to fill a production's holes with classes whose costs add up to a total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from synth.search.bank import Arguments
from synth.search.in_context import InContext, Source
from synth.search.kernels.tuples import fill_tuples

__all__ = ["argument_tuples"]


def argument_tuples(sources: Sequence[Source], total: int, ordered: bool, size: int) -> Iterator[Arguments]:
    """All tuples of class numbers whose costs add up to `total`, in blocks of at most `size` rows.

    With `ordered`, of two arguments from one source only tuples whose first comes no later in it than the second.
    """
    spare = total - sum(source.least for source in sources)
    if spare < 0:
        return
    for source in sources:
        if isinstance(source, InContext):
            source.close(source.least + spare)
    if not _can_be(sources, total):
        return
    starts = np.stack([source.starts for source in sources])
    state = np.zeros(len(sources) + 2, dtype=np.int64)
    while not state[-1]:
        block = np.empty((size, len(sources)), dtype=np.int32)
        count = int(fill_tuples(starts, total, ordered, state, block))
        if count:
            for place, source in enumerate(sources):
                if isinstance(source, InContext):
                    block[:count, place] = source.numbers[block[:count, place]]
            yield block[:count]


def _can_be(sources: Sequence[Source], total: int) -> bool:
    """Whether some levels that have classes may add up; of one or two sources, whether they do."""
    match sources:
        case [only]:
            return bool(only.filled >> total & 1)
        case [one, two]:
            levels = one.filled & ((2 << total) - 1)
            while levels:
                level = levels.bit_length() - 1
                if two.filled >> (total - level) & 1:
                    return True
                levels ^= 1 << level
            return False
        case _:
            return sum(source.lowest for source in sources) <= total <= sum(source.highest for source in sources)
