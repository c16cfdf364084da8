"""Argument tuples: all ways to fill a production's holes with classes whose costs add up to a total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from synth.search.bank import Arguments, Bank
from synth.search.kernels.columns import combine

__all__ = ["argument_tuples"]


def argument_tuples(banks: Sequence[Bank], total: int, ordered: bool, size: int) -> Iterator[Arguments]:
    """All tuples of class numbers whose costs add up to `total`, in blocks of at most `size` rows.

    With `ordered`, of two arguments only tuples whose first number is no greater than the second.
    """
    block, held = np.empty((size, len(banks)), dtype=np.int32), 0
    for ranges in _splits(banks, total):
        starts = np.array([r.start for r in ranges], dtype=np.int64)
        sizes = np.array([len(r) for r in ranges], dtype=np.int64)
        count, begin = int(sizes.prod()), 0
        while begin < count:
            wanted = min(size - held, count - begin)
            held += int(combine(starts, sizes, begin, ordered, block[held : held + wanted]))
            begin += wanted
            if held == size:
                yield block
                block, held = np.empty((size, len(banks)), dtype=np.int32), 0
    if held:
        yield block[:held]


def _splits(banks: Sequence[Bank], total: int) -> Iterator[tuple[range, ...]]:
    """Ways to share a cost among arguments: for each, the range of classes of every argument's level."""
    first, rest = banks[0], banks[1:]
    if not rest:
        if classes := first.at(total):
            yield (classes,)
        return
    for level in range(1, total - len(rest) + 1):
        if classes := first.at(level):
            for others in _splits(rest, total - level):
                yield (classes, *others)
