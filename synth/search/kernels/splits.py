"""Compiled loops over predicates: which of them split a set of rows into parts that have terms, and which tell most."""

from __future__ import annotations

import math

import numpy as np

from synth.search.kernels.compiled import compiled
from synth.search.kernels.masks import cheapest_covers, count_ones, has
from synth.search.kernels.panels import Panels, pairs_on, project

__all__ = ["best_splits", "judge_splits", "label_rows", "mask_of", "pair_floors", "remaining_bits"]

_ONE = np.uint64(1)


@compiled
def mask_of(rows: np.ndarray, words: int) -> np.ndarray:
    """The mask of some rows."""
    mask = np.zeros(words, dtype=np.uint64)
    for row in rows:
        mask[row >> 6] |= _ONE << np.uint64(row & 63)
    return mask


@compiled
def _split(
    holds: np.ndarray, fails: np.ndarray, rows: np.ndarray, count: int, left: np.ndarray, right: np.ndarray
) -> tuple[int, int]:
    """Rows on which a predicate holds go left, those on which it fails right; returns how many of each."""
    lefts, rights = 0, 0
    for i in range(count):
        row = rows[i]
        if has(holds, row):
            left[lefts] = row
            lefts += 1
        elif has(fails, row):
            right[rights] = row
            rights += 1
    return lefts, rights


@compiled
def _panel_covers(panels: Panels, subsets: np.ndarray, predicate: int) -> tuple[float, float]:
    """A bound on the bits of a term for each side of a predicate, from the panels' parts of the rows."""
    left, right = 0.0, 0.0
    for k in range(len(subsets)):
        left = max(left, panels.covers[k, panels.holds[predicate, k] & subsets[k]])
        right = max(right, panels.covers[k, panels.fails[predicate, k] & subsets[k]])
    return left, right


@compiled
def _subsets(panels: Panels, mask: np.ndarray) -> np.ndarray:
    subsets = np.empty(len(panels.rows), dtype=np.int64)
    for k in range(len(subsets)):
        subsets[k] = project(mask, panels.rows[k])
    return subsets


@compiled
def judge_splits(
    start: int,
    holds: np.ndarray,
    fails: np.ndarray,
    rows: np.ndarray,
    most: int,
    term_index: np.ndarray,
    terms: int,
    panels: Panels,
    left_best: np.ndarray,
    right_best: np.ndarray,
    undefined: np.ndarray,
) -> int:
    """For predicates from `start` on: what `cheapest_covers` says of both sides; returns how many were judged.

    `undefined` counts the rows where a predicate has no value; it is -1 for one that leaves a side empty, is undefined
    too often, or has a term for neither side.
    """
    count, judged = len(rows), 0
    left, right = np.empty(count, dtype=np.int32), np.empty(count, dtype=np.int32)
    planes = np.empty(64, dtype=np.uint64)
    subsets = _subsets(panels, mask_of(rows, holds.shape[1]))
    for n in range(len(undefined)):
        p = start + n
        left_best[n], right_best[n], undefined[n] = -1, -1, -1
        left_bits, right_bits = _panel_covers(panels, subsets, p)
        if left_bits == math.inf and right_bits == math.inf:
            continue
        lefts, rights = _split(holds[p], fails[p], rows, count, left, right)
        lost = count - lefts - rights
        if lefts == 0 or rights == 0 or lost > most:
            continue
        undefined[n] = lost
        judged += 1
        if left_bits < math.inf:
            cheapest_covers(term_index, terms, left, lefts, most, planes, left_best[n])
        if right_bits < math.inf:
            cheapest_covers(term_index, terms, right, rights, most, planes, right_best[n])
    return judged


@compiled
def pair_floors(predicates: np.ndarray, sides: np.ndarray, words: np.ndarray, panels: Panels) -> np.ndarray:
    """For each predicate, a bound on the bits of two terms for one side: `sides` are the masks of where it is so."""
    floors = np.empty(len(predicates))
    for i in range(len(predicates)):
        floors[i] = pairs_on(panels, sides[predicates[i]] & words)
    return floors


@compiled
def best_splits(
    rows: np.ndarray,
    most: int,
    holds: np.ndarray,
    fails: np.ndarray,
    predicate_bits: np.ndarray,
    term_index: np.ndarray,
    term_bits: np.ndarray,
    panels: Panels,
    miss_bits: float,
    bound: float,
    limit: int,
    found: np.ndarray,
    found_bits: np.ndarray,
) -> tuple[int, int]:
    """The cheapest splits of the rows into two terms, exactly; returns how many were found, and judged.

    `found[i]` is a predicate and two terms; only splits cheaper than `bound` bits are found. A split that the panels
    show to be too dear is not judged.
    """
    count, room = len(rows), len(found)
    mask = mask_of(rows, holds.shape[1])
    floor, subsets = pairs_on(panels, mask), _subsets(panels, mask)
    left, right = np.empty(count, dtype=np.int32), np.empty(count, dtype=np.int32)
    planes = np.empty(64, dtype=np.uint64)
    left_best, right_best = np.empty(most + 1, dtype=np.int64), np.empty(most + 1, dtype=np.int64)
    terms = len(term_bits)
    n_found, judged = 0, 0
    for q in range(len(predicate_bits)):
        own = predicate_bits[q]
        if own + floor >= bound or judged >= limit:
            break
        left_bits, right_bits = _panel_covers(panels, subsets, q)
        if own + left_bits + right_bits >= bound:
            continue
        lefts, rights = _split(holds[q], fails[q], rows, count, left, right)
        lost = count - lefts - rights
        if lefts == 0 or rights == 0 or lost > most:
            continue
        judged += 1
        cheapest_covers(term_index, terms, left, lefts, most, planes, left_best)
        if left_best[most] < 0:
            continue
        cheapest_covers(term_index, terms, right, rights, most, planes, right_best)
        if right_best[most] < 0:
            continue
        for i in range(most + 1 - lost):
            for j in range(most + 1 - lost - i):
                a, b = left_best[i], right_best[j]
                if a < 0 or b < 0 or a == b:
                    continue
                bits = own + term_bits[a] + term_bits[b]
                if lost + i + j > 0:
                    bits += miss_bits * (lost + i + j)
                if bits < bound:
                    n_found = _insert(found, found_bits, n_found, q, a, b, bits)
                    if n_found == room:
                        bound = found_bits[room - 1]
    return n_found, judged


@compiled
def _insert(found: np.ndarray, found_bits: np.ndarray, n: int, q: int, a: int, b: int, bits: float) -> int:
    """Put a split in its place among the cheapest; the dearest falls out where there is no room. Returns how many."""
    if n < len(found):
        n += 1
    place = n - 1
    while place > 0 and found_bits[place - 1] > bits:
        found_bits[place] = found_bits[place - 1]
        found[place] = found[place - 1]
        place -= 1
    found_bits[place] = bits
    found[place, 0], found[place, 1], found[place, 2] = q, a, b
    return n


@compiled
def label_rows(
    masks: np.ndarray, bits: np.ndarray, rows: np.ndarray, words: np.ndarray, most: int, labels: np.ndarray
) -> int:
    """Label each row by a term that is right there, with few terms: greedy set cover, the cheaper of equal ones.

    `words` is the mask of the rows. Returns how many labels there are, -1 where `most` are too few. A row without any
    term keeps label -1.
    """
    open_rows = words.copy()
    for i in range(len(rows)):
        labels[i] = -1
    for label in range(most + 1):
        best, most_new = -1, np.int64(0)
        for item in range(len(masks)):
            new = np.int64(0)
            for w in range(len(open_rows)):
                new += count_ones(masks[item, w] & open_rows[w])
            if new > most_new:
                best, most_new = item, new
        if best < 0:
            return label
        if label == most:
            return -1
        for i in range(len(rows)):
            if labels[i] < 0 and has(masks[best], rows[i]):
                labels[i] = label
        for w in range(len(open_rows)):
            open_rows[w] &= ~masks[best, w]
    return -1


@compiled
def _entropy(counts: np.ndarray, total: int) -> float:
    """Bits that tell the labels of `total` rows, when their frequencies are known."""
    bits = 0.0
    for c in counts:
        if c > 0:
            bits -= c * math.log2(c / total)
    return bits


@compiled
def remaining_bits(
    holds: np.ndarray, fails: np.ndarray, rows: np.ndarray, labels: np.ndarray, n: int, most: int, out: np.ndarray
) -> int:
    """Bits that tell the labels once a predicate is known, for each predicate; infinite for one that does not split.

    Returns how many do split.
    """
    judged = 0
    left, right = np.empty(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int64)
    for p in range(len(holds)):
        left[:], right[:] = 0, 0
        lefts, rights = 0, 0
        for i in range(len(rows)):
            if has(holds[p], rows[i]):
                left[labels[i] + 1] += 1
                lefts += 1
            elif has(fails[p], rows[i]):
                right[labels[i] + 1] += 1
                rights += 1
        if lefts == 0 or rights == 0 or len(rows) - lefts - rights > most:
            out[p] = math.inf
            continue
        judged += 1
        out[p] = _entropy(left, lefts) + _entropy(right, rights)
    return judged
