"""The state of one search for case trees: what was found, what was judged, and what may still be."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from synth.search.cases.problem import Branch, CaseProblem, Leaf, Tree, tree_bits
from synth.search.cases.reduction import Reduced, number_in_problem
from synth.search.kernels.masks import cheapest_covers
from synth.search.kernels.splits import best_splits

__all__ = ["CaseSearch", "Rows", "Split", "Stopped"]

Rows = NDArray[np.int32]
_UNLIMITED = 2**62


class Stopped(Exception):  # noqa: N818 - the end of a search, not an error
    """The candidates are used up, or the caller wants an end."""


@dataclass(frozen=True, slots=True)
class Split:
    """A predicate with one term on each side, numbered as in the reduced problem, and its bits without the `if`."""

    predicate: int
    then: int
    otherwise: int
    bits: float

    @property
    def tree(self) -> Branch:
        """The split as a tree."""
        return Branch(self.predicate, Leaf(self.then), Leaf(self.otherwise))


@dataclass(slots=True)
class CaseSearch:
    """Trees found so far, the best first, under a limit of candidates; trees are kept in the problem's own numbers."""

    problem: CaseProblem
    reduced: Reduced
    most: int
    accept: Callable[[Tree], bool]
    limit: int | None = None
    check: Callable[[], bool] = lambda: False
    candidates: int = 0
    found: list[tuple[float, Tree]] = field(default_factory=list)

    @property
    def bound(self) -> float:
        """A tree must cost less than this to be of use."""
        if len(self.found) == self.most:
            return self.found[-1][0]
        return math.nextafter(self.problem.most_bits, math.inf)

    @property
    def miss_bits(self) -> float:
        """The price of a row on which a tree is wrong."""
        return self.problem.miss_bits or 0.0

    def count(self, judged: int) -> None:
        """Note candidates judged; raises Stopped where the search must end."""
        self.candidates += judged
        if self.room() <= 0 or self.check():
            raise Stopped

    def room(self) -> int:
        """Candidates that may still be judged."""
        return _UNLIMITED if self.limit is None else self.limit - self.candidates

    def offer(self, tree: Tree) -> None:
        """Keep a tree of the reduced problem if it is right, worth its bits, new, and among the best."""
        own = number_in_problem(tree, self.reduced)
        bits = tree_bits(own, self.problem)
        if bits >= self.bound or any(own == other for _, other in self.found) or not self.accept(own):
            return
        self.found.append((bits, own))
        self.found.sort(key=lambda pair: pair[0])
        del self.found[self.most :]

    def covers(self, rows: Rows, most: int) -> NDArray[np.int64]:
        """For each number of misses up to `most`, the cheapest term with no more of them on some rows, or -1."""
        best = np.empty(most + 1, dtype=np.int64)
        planes = np.empty(64, dtype=np.uint64)
        reduced = self.reduced
        cheapest_covers(reduced.right_index, len(reduced.terms), rows, len(rows), most, planes, best)
        return best

    def splits(self, rows: Rows, most: int, bound: float, keep: int) -> Iterator[Split]:
        """The cheapest splits of some rows into two terms, at most `keep`, below `bound` bits (without the `if`).

        Exact where it runs to the end. Raises Stopped after what it found where the search must end.
        """
        reduced = self.reduced
        found, bits = np.zeros((keep, 3), dtype=np.int64), np.full(keep, np.inf)
        n, judged = best_splits(
            rows, most, reduced.holds, reduced.fails, reduced.predicate_bits, reduced.right_index, reduced.term_bits,
            reduced.panels, self.miss_bits, bound, self.room(), found, bits,
        )  # fmt: skip
        for (predicate, then, otherwise), cost in zip(found[:n].tolist(), bits[:n].tolist(), strict=True):
            yield Split(predicate, then, otherwise, cost)
        self.count(judged)

    def sides(self, predicate: int, rows: Rows) -> tuple[Rows, Rows]:
        """The rows on which a predicate holds, and those on which it fails."""
        word, bit = rows >> 6, (rows & 63).astype(np.uint64)
        holds = (self.reduced.holds[predicate, word] >> bit) & np.uint64(1) != 0
        fails = (self.reduced.fails[predicate, word] >> bit) & np.uint64(1) != 0
        return rows[holds], rows[fails]
