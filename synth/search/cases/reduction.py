"""A case problem with everything left out that no best tree needs, laid out for the compiled loops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.search.cases.problem import Branch, CaseProblem, Leaf, Tree, packed_rows
from synth.search.kernels.masks import Masks, distinct_masks, index_of, keep_undominated
from synth.search.kernels.panels import Panels, choose_panels, cover_bits, pair_bits, projections

__all__ = ["Reduced", "number_in_problem", "reduce_problem"]

_DOMINANCE_WORK = 30_000_000
"""Words looked at, at most, to find terms that a cheaper one makes needless: some hundredths of a second."""


@dataclass(frozen=True, eq=False)
class Reduced:
    """Terms and predicates worth trying, the cheapest first, with masks both ways (see `kernels.masks`).

    `terms` and `predicates` are their numbers in the problem. `rows` are the rows that count, the rarest first; of
    `unlike` rows each is told from the others by some term or predicate.
    """

    terms: NDArray[np.int64]
    term_bits: NDArray[np.float64]
    right: Masks
    right_index: Masks
    predicates: NDArray[np.int64]
    predicate_bits: NDArray[np.float64]
    holds: Masks
    fails: Masks
    panels: Panels
    rows: NDArray[np.int32]
    unlike: NDArray[np.int32]


def reduce_problem(problem: CaseProblem) -> Reduced:
    """Leave out what cannot be in a cheapest tree.

    Of terms that are right on the same rows the cheapest is kept, and none that is right on fewer rows than a cheaper
    one. Of predicates that split alike (as a predicate and its negation do) the cheapest is kept, and none that does
    not split.
    """
    counted = packed_rows(problem.cares, problem.rows)
    terms, right = _distinct_terms(problem)
    index = index_of(right, problem.rows)
    order = _rarest_first(right, counted, problem.rows)
    kept = keep_undominated(right, index, order, _DOMINANCE_WORK)
    if not kept.all():
        terms, right = terms[kept], np.ascontiguousarray(right[kept])
        index = index_of(right, problem.rows)
        order = _rarest_first(right, counted, problem.rows)
    term_bits = problem.term_bits[terms]
    predicates = _distinct_predicates(problem, 2 * float(term_bits[0]) if len(terms) else 0.0)
    holds, fails = problem.holds[predicates] & problem.cares, problem.fails[predicates] & problem.cares
    unlike = _unlike(order, index, holds, fails, problem.rows)
    rows = order if problem.most_misses else unlike  # each miss is paid for, like rows or not
    return Reduced(
        terms,
        term_bits,
        right,
        index,
        predicates,
        problem.predicate_bits[predicates],
        holds,
        fails,
        _panels(problem, right, term_bits, holds, fails, choose_panels(index, rows)),
        rows,
        unlike,
    )


def number_in_problem(tree: Tree, reduced: Reduced) -> Tree:
    """A tree over the reduced problem as one over the problem itself."""
    match tree:
        case Leaf(term):
            return Leaf(int(reduced.terms[term]))
        case Branch(predicate, then, otherwise):
            number = int(reduced.predicates[predicate])
            return Branch(number, number_in_problem(then, reduced), number_in_problem(otherwise, reduced))


def _distinct_terms(problem: CaseProblem) -> tuple[NDArray[np.int64], Masks]:
    order = np.argsort(problem.term_bits, kind="stable")
    order = order[problem.term_bits[order] <= problem.most_bits]
    right = problem.right[order] & problem.cares
    some: NDArray[np.bool_] = (right != 0).any(axis=1)
    if problem.most_misses or not problem.cares.any():  # a term that is never right may stand where that is allowed
        some[:1] = True
    order, right = order[some], np.ascontiguousarray(right[some])
    first = distinct_masks(right)
    return order[first], np.ascontiguousarray(right[first])


def _distinct_predicates(problem: CaseProblem, least_terms: float) -> NDArray[np.int64]:
    order = np.argsort(problem.predicate_bits, kind="stable")
    room = problem.most_bits - problem.branch_bits - least_terms
    order = order[problem.predicate_bits[order] <= room]
    holds, fails = problem.holds[order] & problem.cares, problem.fails[order] & problem.cares
    splits = holds.any(axis=1) & fails.any(axis=1)
    order, holds, fails = order[splits], holds[splits], fails[splits]
    if not len(order):
        return order
    # Both orientations of a split have one key: the side that has the first row on which it is defined comes first.
    word = ((holds | fails) != 0).argmax(axis=1)
    line = np.arange(len(order))
    both = holds[line, word] | fails[line, word]
    lowest = both & (~both + np.uint64(1))
    turned = ((fails[line, word] & lowest) != 0)[:, None]
    keys = np.concatenate([np.where(turned, fails, holds), np.where(turned, holds, fails)], axis=1)
    kept: NDArray[np.int64] = order[distinct_masks(np.ascontiguousarray(keys))]
    return kept


def _rarest_first(right: Masks, counted: NDArray[np.int32], rows: int) -> NDArray[np.int32]:
    often = np.zeros(rows, dtype=np.int64)
    for start in range(0, len(right), 4096):
        part = np.ascontiguousarray(right[start : start + 4096]).view(np.uint8)
        often += np.unpackbits(part, axis=1, bitorder="little")[:, :rows].sum(axis=0, dtype=np.int64)
    return counted[np.argsort(often[counted], kind="stable")]


def _unlike(order: NDArray[np.int32], index: Masks, holds: Masks, fails: Masks, rows: int) -> NDArray[np.int32]:
    """Of rows that no term and no predicate tells apart, the first."""
    table = np.concatenate([index, index_of(holds, rows), index_of(fails, rows)])[:, order]
    first: NDArray[np.int32] = order[distinct_masks(np.ascontiguousarray(table.T))]
    return first


def _panels(
    problem: CaseProblem,
    right: Masks,
    bits: NDArray[np.float64],
    holds: Masks,
    fails: Masks,
    rows: NDArray[np.int32],
) -> Panels:
    covers = np.array([cover_bits(right, bits, r, problem.most_misses, problem.miss_bits or 0.0) for r in rows])
    sides = (np.array([projections(side, r) for r in rows]).T for side in (holds, fails))
    return Panels(rows, covers, np.array([pair_bits(c) for c in covers]), *map(np.ascontiguousarray, sides))
