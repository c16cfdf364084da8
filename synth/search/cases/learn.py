"""The learner of case splits: the cheapest trees of `if`s over terms that are right on some rows only."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from synth.search.cases.exact import search_exactly
from synth.search.cases.greedy import search_greedily
from synth.search.cases.problem import (
    Branch,
    CaseProblem,
    Leaf,
    Tree,
    misses,
    tree_bits,
)
from synth.search.cases.reduction import reduce_problem
from synth.search.cases.state import CaseSearch, Stopped
from synth.search.cases.worth import enumerating_bits, is_worth_it
from synth.search.kernels.masks import Masks

__all__ = ["EXACT_LEAVES", "CaseTree", "Learned", "alternatives", "learn_cases"]

EXACT_LEAVES = 3
"""Trees of up to so many leaves are searched exactly."""


@dataclass(frozen=True, slots=True)
class CaseTree:
    """A tree, its bits (the price of misses included) and the number of rows on which it is wrong."""

    tree: Tree
    bits: float
    misses: int


@dataclass(frozen=True, slots=True)
class Learned:
    """Trees, the best first; how many candidates were judged; whether nothing was left out.

    A candidate is one predicate judged on one set of rows, or one look for a single term. `complete` says that no tree
    of up to three leaves (within the limit of leaves) is cheaper than the first, of those worth their bits.
    """

    trees: tuple[CaseTree, ...]
    candidates: int
    complete: bool


def learn_cases(
    problem: CaseProblem,
    *,
    most: int = 4,
    limit: int | None = None,
    left: int | None = None,
    most_leaves: int = 6,
    most_depth: int = 4,
    most_unpaid: int = 1,
    check: Callable[[], bool] = lambda: False,
) -> Learned:
    """The cheapest trees that are right on all rows that count, at most `most`, each of other terms or predicates.

    Up to three leaves the search is exact; where it finds nothing, a greedy search looks for trees of up to
    `most_leaves` leaves. At most `limit` candidates are judged, half of them kept for the greedy search. After `left`
    candidates everything ends; until then all goes as if there were more. `check` is asked now and then whether to
    stop. In a problem with `row_bits`, a tree must be shorter than the list of outputs, and all but `most_unpaid` of
    its leaves shorter than theirs: one case that a single row shows may be real.
    """
    reduced = reduce_problem(problem)
    if problem.row_bits is not None:
        listed = math.nextafter(enumerating_bits(problem.row_bits, reduced.unlike), -math.inf)
        problem = replace(problem, most_bits=min(problem.most_bits, listed))
    search = CaseSearch(
        problem, reduced, most, lambda tree: is_worth_it(tree, problem, reduced.unlike, most_unpaid), check=check
    )
    search.limit = _least(limit if limit is None or most_leaves <= EXACT_LEAVES else (limit + 1) // 2, left)
    complete = _runs_out(lambda: search_exactly(search, min(most_leaves, EXACT_LEAVES)))
    if not search.found and not check():
        search.limit = _least(limit, left)
        _runs_out(lambda: search_greedily(search, most_leaves, most_depth))
    trees = tuple(CaseTree(tree, bits, misses(tree, problem)) for bits, tree in search.found)
    return Learned(trees, search.candidates, complete)


def _least(*limits: int | None) -> int | None:
    """The lowest of some limits, where there are any."""
    return min((limit for limit in limits if limit is not None), default=None)


def _runs_out(run: Callable[[], None]) -> bool:
    """Run a search; whether it came to its own end."""
    try:
        run()
    except Stopped:
        return False
    return True


def alternatives(problem: CaseProblem, tree: Tree, most: int) -> tuple[CaseTree, ...]:
    """Trees with one term or predicate of a right tree replaced by another that does as well, the cheapest first.

    Where `learn_cases` keeps the cheapest of terms that are right on the same rows, this gives the others, which may
    differ on inputs that are no rows. Exact only for a tree without misses.
    """
    found = itertools.chain(_with_other_terms(problem, tree, most), _with_other_predicates(problem, tree, most))
    trees = sorted((CaseTree(t, tree_bits(t, problem), misses(t, problem)) for t in found), key=lambda t: t.bits)
    allowed = misses(tree, problem)
    return tuple(t for t in trees if t.misses <= allowed and t.bits <= problem.most_bits)[:most]


def _with_other_terms(problem: CaseProblem, tree: Tree, most: int) -> Iterator[Tree]:
    for path, leaf, mask in _nodes(problem, tree, problem.cares, ()):
        if isinstance(leaf, Leaf):
            needed = mask & problem.right[leaf.term]
            fits = np.nonzero(((problem.right & needed) == needed).all(axis=1))[0]
            for term in fits[np.argsort(problem.term_bits[fits], kind="stable")][: most + 1].tolist():
                if term != leaf.term:
                    yield _replaced(tree, path, Leaf(term))


def _with_other_predicates(problem: CaseProblem, tree: Tree, most: int) -> Iterator[Tree]:
    for path, branch, mask in _nodes(problem, tree, problem.cares, ()):
        if isinstance(branch, Branch):
            holds, fails = mask & problem.holds[branch.predicate], mask & problem.fails[branch.predicate]
            same = ((problem.holds & mask) == holds).all(axis=1) & ((problem.fails & mask) == fails).all(axis=1)
            turned = ((problem.holds & mask) == fails).all(axis=1) & ((problem.fails & mask) == holds).all(axis=1)
            fits = np.nonzero(same | turned)[0]
            for other in fits[np.argsort(problem.predicate_bits[fits], kind="stable")][: most + 1].tolist():
                if other != branch.predicate:
                    parts = (branch.then, branch.otherwise) if same[other] else (branch.otherwise, branch.then)
                    yield _replaced(tree, path, Branch(other, *parts))


def _nodes(
    problem: CaseProblem, tree: Tree, mask: Masks, path: tuple[bool, ...]
) -> Iterator[tuple[tuple[bool, ...], Tree, Masks]]:
    """Each node with the way to it (True for `then`) and the rows that reach it."""
    yield path, tree, mask
    if isinstance(tree, Branch):
        yield from _nodes(problem, tree.then, mask & problem.holds[tree.predicate], (*path, True))
        yield from _nodes(problem, tree.otherwise, mask & problem.fails[tree.predicate], (*path, False))


def _replaced(tree: Tree, path: tuple[bool, ...], new: Tree) -> Tree:
    if not path:
        return new
    assert isinstance(tree, Branch), "a way leads through branches"
    if path[0]:
        return replace(tree, then=_replaced(tree.then, path[1:], new))
    return replace(tree, otherwise=_replaced(tree.otherwise, path[1:], new))
