"""Trees of more than three leaves: the splits that tell most, tried in order, and exact search below them.

A node is split by the predicate that saves the most bits: what it takes to tell the rows' labels before, less what
it takes after (information gain, in bits), less the predicate's own. Labels come from a greedy cover of the rows by
terms (as in Alur, Radhakrishna and Udupa, "Scaling enumerative program synthesis via divide and conquer", 2017).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from synth.search.cases.problem import Branch, Leaf, Tree, leaves
from synth.search.cases.state import CaseSearch, Rows, Stopped
from synth.search.kernels.splits import label_rows, mask_of, remaining_bits

__all__ = ["search_greedily"]

_WIDTH = (6, 3, 2)
"""How many predicates are tried at a node of depth 0, 1, 2; one below that."""


@dataclass(frozen=True, slots=True)
class _Grown:
    """A tree over some rows, its bits (misses too) and how many rows it is wrong on."""

    tree: Tree
    bits: float
    misses: int


@dataclass(slots=True)
class _Grower:
    search: CaseSearch
    depth: int
    _known: dict[tuple[bytes, int, int], _Grown] = field(default_factory=dict)
    _failed: dict[tuple[bytes, int, int], float] = field(default_factory=dict)
    """Below how many bits nothing was found."""

    def grow(self, rows: Rows, most_leaves: int, most_misses: int, bound: float, depth: int) -> _Grown | None:
        """The cheapest tree found for some rows, below `bound` bits."""
        key = (np.sort(rows).tobytes(), most_leaves, most_misses)
        known = self._known.get(key)
        if known is not None:
            return known if known.bits < bound else None
        if bound <= self._failed.get(key, -math.inf):
            return None
        found = self._small(rows, most_leaves, most_misses, bound)
        if found is None and most_leaves > 2 and depth < self.depth:
            found = self._large(rows, most_leaves, most_misses, bound, depth)
        if found is None:
            self._failed[key] = bound
        else:
            self._known[key] = found
        return found

    def _small(self, rows: Rows, most_leaves: int, most_misses: int, bound: float) -> _Grown | None:
        """One leaf, or two, exactly."""
        search = self.search
        best: _Grown | None = None
        for missed, term in enumerate(search.covers(rows, most_misses).tolist()):
            bits = float(search.reduced.term_bits[term]) + search.miss_bits * missed if term >= 0 else math.inf
            if bits < min(bound, best.bits if best else math.inf):
                best = _Grown(Leaf(term), bits, missed)
        search.count(1)
        if best is None and most_leaves >= 2 and len(rows) >= 2:
            own = search.problem.branch_bits
            for split in search.splits(rows, most_misses, bound - own, 1):
                best = _Grown(split.tree, split.bits + own, most_misses if search.problem.most_misses else 0)
        return best

    def _large(self, rows: Rows, most_leaves: int, most_misses: int, bound: float, depth: int) -> _Grown | None:
        search = self.search
        best: _Grown | None = None
        for predicate in self._promising(rows, most_leaves, most_misses, _WIDTH[depth] if depth < len(_WIDTH) else 1):
            own = search.problem.branch_bits + float(search.reduced.predicate_bits[predicate])
            least = own + float(search.reduced.term_bits[0])
            if least >= bound:
                continue
            then, otherwise = search.sides(predicate, rows)
            lost = len(rows) - len(then) - len(otherwise)
            own += search.miss_bits * lost
            # The smaller side first: it is the likelier to need one term, and what it leaves goes to the other.
            turned = len(otherwise) < len(then)
            small, big = (otherwise, then) if turned else (then, otherwise)
            one = self.grow(small, most_leaves - 1, most_misses - lost, bound - least, depth + 1)
            if one is None:
                continue
            rest = most_leaves - leaves(one.tree), most_misses - lost - one.misses
            two = self.grow(big, *rest, bound - own - one.bits, depth + 1)
            if two is None:
                continue
            pair = (two.tree, one.tree) if turned else (one.tree, two.tree)
            best = _Grown(Branch(predicate, *pair), own + one.bits + two.bits, lost + one.misses + two.misses)
            bound = best.bits
        return best

    def _promising(self, rows: Rows, most_leaves: int, most_misses: int, width: int) -> list[int]:
        """The predicates that save most, the best first; none where the rows need far too many terms."""
        search, reduced = self.search, self.search.reduced
        if search.room() < len(reduced.predicates):
            raise Stopped
        mask = mask_of(rows, reduced.right.shape[1])
        labels = np.empty(len(rows), dtype=np.int64)
        n = label_rows(reduced.right, reduced.term_bits, rows, mask, 2 * most_leaves, labels)
        if n < 2 or int((labels < 0).sum()) > most_misses:
            return []
        after = np.empty(len(reduced.predicates))
        judged = remaining_bits(reduced.holds, reduced.fails, rows, labels, n, most_misses, after)
        cost = after + reduced.predicate_bits
        chosen = np.argsort(cost, kind="stable")[:width]
        search.count(judged)
        return [int(p) for p in chosen if math.isfinite(cost[p])]


def search_greedily(search: CaseSearch, most_leaves: int, most_depth: int) -> None:
    """Look for a tree of more than three leaves. Raises Stopped where the search must end."""
    search.count(0)
    if most_leaves < 4 or not len(search.reduced.terms) or not len(search.reduced.predicates):
        return
    grown = _Grower(search, most_depth).grow(
        search.reduced.rows, most_leaves, search.problem.most_misses, search.bound, 0
    )
    if grown is not None:
        search.offer(grown.tree)
