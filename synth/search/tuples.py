"""Argument tuples: all ways to fill a production's holes with classes whose costs add up to a total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from synth.search.bank import Arguments, Bank
from synth.search.kernels.tuples import fill_tuples

__all__ = ["argument_tuples"]


def argument_tuples(banks: Sequence[Bank], total: int, ordered: bool, size: int) -> Iterator[Arguments]:
    """All tuples of class numbers whose costs add up to `total`, in blocks of at most `size` rows.

    With `ordered`, of two arguments only tuples whose first number is no greater than the second.
    """
    if not sum(bank.lowest for bank in banks) <= total <= sum(bank.highest for bank in banks):
        return
    starts = np.stack([bank.starts for bank in banks])
    state = np.zeros(len(banks) + 2, dtype=np.int64)
    while not state[-1]:
        block = np.empty((size, len(banks)), dtype=np.int32)
        count = int(fill_tuples(starts, total, ordered, state, block))
        if count:
            yield block[:count]
