"""The cheapest trees of up to three leaves, found by looking at all that could be cheaper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.search.cases.problem import Branch, Leaf
from synth.search.cases.state import CaseSearch
from synth.search.kernels.splits import judge_splits, mask_of, pair_floors

__all__ = ["search_exactly"]

_BLOCK = 1024
"""Predicates judged between two looks at whether the search must end."""


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A predicate of the root with one term on one side: what is left is to split the other side."""

    least: float
    """A tree with this anchor has at least so many bits."""
    bits: float
    """Of the root and its term, and of the misses so far."""
    predicate: int
    term: int
    term_comes_first: bool
    misses: int


def search_exactly(search: CaseSearch, leaves: int) -> None:
    """Find the cheapest trees of up to `leaves` (at most three) leaves. Raises Stopped where the search must end."""
    search.count(0)
    if not len(search.reduced.terms):
        return
    for term in search.covers(search.reduced.rows, search.problem.most_misses).tolist():
        if term >= 0:
            search.offer(Leaf(term))
    search.count(1)
    if leaves >= 2 and len(search.reduced.predicates):
        anchors = _split_all_rows(search)
        if leaves >= 3:
            _split_once_more(search, anchors)


def _split_all_rows(search: CaseSearch) -> list[_Anchor]:
    """All trees of two leaves; and the predicates that leave one side to a single term."""
    reduced, most = search.reduced, search.problem.most_misses
    least = search.problem.branch_bits + 2 * float(reduced.term_bits[0])
    anchors: list[_Anchor] = []
    start = 0
    while start < len(reduced.predicates) and reduced.predicate_bits[start] + least < search.bound:
        n = min(_BLOCK, search.room(), len(reduced.predicates) - start)
        left, right = np.empty((n, most + 1), dtype=np.int64), np.empty((n, most + 1), dtype=np.int64)
        undefined = np.empty(n, dtype=np.int64)
        judged = judge_splits(
            start, reduced.holds, reduced.fails, reduced.rows, most, reduced.right_index,
            len(reduced.terms), reduced.panels, left, right, undefined,
        )  # fmt: skip
        _offer_pairs(search, start, left, right, undefined)
        anchors += _anchors(search, start, left, undefined, term_comes_first=True)
        anchors += _anchors(search, start, right, undefined, term_comes_first=False)
        search.count(judged)
        start += n
    return anchors


def _offer_pairs(
    search: CaseSearch,
    start: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    undefined: NDArray[np.int64],
) -> None:
    most = search.problem.most_misses
    bits = np.append(search.reduced.term_bits, np.inf)  # number -1, no term, costs too much
    own = search.problem.branch_bits + search.reduced.predicate_bits[start : start + len(left)]
    for i in range(most + 1):
        for j in range(most + 1 - i):
            missed = undefined + i + j
            cost = own + bits[left[:, i]] + bits[right[:, j]] + search.miss_bits * missed
            fine = (undefined >= 0) & (missed <= most) & (left[:, i] != right[:, j]) & (cost < search.bound)
            good = np.nonzero(fine)[0]
            for p in good[np.argsort(cost[good], kind="stable")].tolist():
                if cost[p] >= search.bound:
                    break
                search.offer(Branch(start + p, Leaf(int(left[p, i])), Leaf(int(right[p, j]))))


def _anchors(
    search: CaseSearch,
    start: int,
    best: NDArray[np.int64],
    undefined: NDArray[np.int64],
    *,
    term_comes_first: bool,
) -> list[_Anchor]:
    made: list[_Anchor] = []
    reduced, most = search.reduced, search.problem.most_misses
    other_side = reduced.fails if term_comes_first else reduced.holds
    rows = mask_of(reduced.rows, other_side.shape[1])
    split_bits = float(reduced.predicate_bits[0]) + search.problem.branch_bits
    for j in range(most + 1):
        new = (best[:, j] >= 0) & (undefined >= 0) & (undefined + j <= most)
        if j:  # one more miss must buy another term
            new &= best[:, j] != best[:, j - 1]
        roots = np.nonzero(new)[0]
        terms, missed = best[roots, j], undefined[roots] + j
        bits = reduced.predicate_bits[start + roots] + reduced.term_bits[terms] + search.problem.branch_bits
        bits += search.miss_bits * missed
        least = bits + split_bits + pair_floors(start + roots, other_side, rows, reduced.panels)
        made += [
            _Anchor(
                float(least[i]), float(bits[i]), start + int(roots[i]), int(terms[i]), term_comes_first, int(missed[i])
            )
            for i in np.nonzero(least < search.bound)[0]
        ]
    return made


def _split_once_more(search: CaseSearch, anchors: list[_Anchor]) -> None:
    """All trees of three leaves, the cheapest first, until none can be cheap enough."""
    for anchor in sorted(anchors, key=lambda anchor: anchor.least):
        if anchor.least >= search.bound:
            return
        then, otherwise = search.sides(anchor.predicate, search.reduced.rows)
        rows = otherwise if anchor.term_comes_first else then
        if len(rows) < 2:
            continue
        bound = search.bound - anchor.bits - search.problem.branch_bits
        for split in search.splits(rows, search.problem.most_misses - anchor.misses, bound, search.most):
            parts = (Leaf(anchor.term), split.tree) if anchor.term_comes_first else (split.tree, Leaf(anchor.term))
            search.offer(Branch(anchor.predicate, *parts))
