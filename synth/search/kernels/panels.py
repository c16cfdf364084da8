"""Panels: a few rows whose every subset has, in a table, the least bits of a term that is right on all of it.

What a set of rows costs is at least what its part in a panel costs, so a panel says at once that a side of a split has
no term, or only dear ones, and how dear two terms for some rows are at least (a pattern database, as in Culberson and
Schaeffer, "Pattern databases", 1998). A panel's rows are those that few terms are right on together.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from synth.search.kernels.compiled import compiled
from synth.search.kernels.masks import count_ones, has

__all__ = [
    "PANELS",
    "PANEL_ROWS",
    "Panels",
    "choose_panels",
    "cover_bits",
    "pair_bits",
    "pairs_on",
    "project",
    "projections",
]

PANELS = 4
PANEL_ROWS = 10


class Panels(NamedTuple):
    """`rows[k]` are the rows of panel k (-1 where it has fewer). Bit i of a subset's number stands for its i-th row.

    `covers[k, s]` are the least bits of a term for subset s, `pairs[k, s]` those of two terms, together. `holds[p, k]`
    and `fails[p, k]` are the subsets on which predicate p does so.
    """

    rows: np.ndarray
    covers: np.ndarray
    pairs: np.ndarray
    holds: np.ndarray
    fails: np.ndarray


@compiled
def choose_panels(index: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows of the panels, given the rarest first: each is the one that shares the fewest terms with those before.

    A row is in one panel at most.
    """
    count = len(rows)
    panels = max(1, min(PANELS, (count + PANEL_ROWS - 1) // PANEL_ROWS))
    chosen = np.full((panels, PANEL_ROWS), -1, dtype=np.int32)
    used = np.zeros(count, dtype=np.bool_)
    for k in range(panels):
        shared = np.zeros(count, dtype=np.int64)
        for place in range(PANEL_ROWS):
            best = -1
            for i in range(count):
                if not used[i] and (best < 0 or shared[i] < shared[best]):
                    best = i
            if best < 0:
                break
            used[best] = True
            chosen[k, place] = rows[best]
            for i in range(count):
                if not used[i]:
                    for block in range(len(index)):
                        shared[i] += count_ones(index[block, rows[i]] & index[block, rows[best]])
    return chosen


@compiled
def project(mask: np.ndarray, panel: np.ndarray) -> int:
    """The subset of a panel that is in a mask."""
    subset = 0
    for i in range(len(panel)):
        if panel[i] >= 0 and has(mask, panel[i]):
            subset |= 1 << i
    return subset


@compiled
def projections(masks: np.ndarray, panel: np.ndarray) -> np.ndarray:
    """The subset of a panel that is in each mask."""
    subsets = np.empty(len(masks), dtype=np.int64)
    for item in range(len(masks)):
        subsets[item] = project(masks[item], panel)
    return subsets


@compiled
def cover_bits(right: np.ndarray, bits: np.ndarray, panel: np.ndarray, most: int, miss_bits: float) -> np.ndarray:
    """For each subset of a panel, the least bits of a term for it, with up to `most` misses at their price."""
    table = np.full(1 << PANEL_ROWS, math.inf)
    for item in range(len(right)):
        subset = project(right[item], panel)
        table[subset] = min(table[subset], bits[item])
    for i in range(PANEL_ROWS):
        for subset in range(len(table)):
            if not (subset >> i) & 1:
                table[subset] = min(table[subset], table[subset | 1 << i])
    for _ in range(most):
        with_fewer = table.copy()
        for subset in range(len(table)):
            for i in range(PANEL_ROWS):
                if (subset >> i) & 1:
                    table[subset] = min(table[subset], with_fewer[subset ^ 1 << i] + miss_bits)
    return table


@compiled
def pair_bits(covers: np.ndarray) -> np.ndarray:
    """For each subset of a panel, the least bits of two terms that cover it together."""
    pairs = np.empty(len(covers))
    for subset in range(len(covers)):
        least, part = math.inf, subset
        while True:
            least = min(least, covers[part] + covers[subset ^ part])
            if part == 0:
                break
            part = (part - 1) & subset
        pairs[subset] = least
    return pairs


@compiled
def pairs_on(panels: Panels, mask: np.ndarray) -> float:
    """A bound: two terms that cover the rows of a mask have at least so many bits."""
    least = 0.0
    for k in range(len(panels.rows)):
        least = max(least, panels.pairs[k, project(mask, panels.rows[k])])
    return least
