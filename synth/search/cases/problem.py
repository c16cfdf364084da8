"""What a learner of case splits is given, the trees it makes, and what a tree does on the rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from synth.search.kernels.masks import Masks, pack

__all__ = [
    "Branch",
    "CaseProblem",
    "Leaf",
    "Tree",
    "case_problem",
    "leaves",
    "misses",
    "packed_rows",
    "rows_reached",
    "tree_bits",
]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A term, by its number in the problem."""

    term: int


@dataclass(frozen=True, slots=True)
class Branch:
    """`if predicate then ... else ...`, the predicate by its number in the problem."""

    predicate: int
    then: Tree
    otherwise: Tree


Tree: TypeAlias = Leaf | Branch


@dataclass(frozen=True, eq=False)
class CaseProblem:
    """Which terms are right, and where predicates hold or fail, on some rows; and the bits of everything.

    `right`, `holds` and `fails` are masks (see `pack`). A predicate that neither holds nor fails on a row is undefined
    there. `cares` is the mask of the rows that count: on the others a tree may do anything. `branch_bits` are those of
    one `if`. A tree may cost `most_bits`.

    With `miss_bits`, a tree may be wrong on `most_misses` rows and pays that much for each. With `row_bits` (what it
    takes to list each row's output, see `listing_bits`), only trees that are worth their bits are given.
    """

    rows: int
    right: Masks
    term_bits: NDArray[np.float64]
    holds: Masks
    fails: Masks
    predicate_bits: NDArray[np.float64]
    cares: Masks
    branch_bits: float
    most_bits: float = math.inf
    miss_bits: float | None = None
    most_misses: int = 0
    row_bits: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        words = max(1, -(-self.rows // 64))
        assert self.right.shape == (len(self.term_bits), words), "a mask and bits for each term"
        assert self.holds.shape == self.fails.shape == (len(self.predicate_bits), words), "masks for each predicate"
        assert self.cares.shape == (words,), "one bit a row"
        assert self.most_misses == 0 or self.miss_bits is not None, "misses must have a price"
        assert self.row_bits is None or len(self.row_bits) == self.rows, "bits for each row"


def case_problem(
    right: NDArray[np.bool_],
    term_bits: NDArray[np.floating],
    holds: NDArray[np.bool_],
    defined: NDArray[np.bool_],
    predicate_bits: NDArray[np.floating],
    *,
    branch_bits: float,
    free: NDArray[np.bool_] | None = None,
    most_bits: float = math.inf,
    miss_bits: float | None = None,
    most_misses: int = 0,
    row_bits: NDArray[np.float64] | None = None,
) -> CaseProblem:
    """A problem from plain matrices: `right` is (terms, rows), `holds` and `defined` are (predicates, rows)."""
    rows = right.shape[1]
    cares = np.ones(rows, dtype=np.bool_) if free is None else ~free
    return CaseProblem(
        rows,
        pack(right),
        np.asarray(term_bits, dtype=np.float64),
        pack(holds & defined),
        pack(~holds & defined),
        np.asarray(predicate_bits, dtype=np.float64),
        pack(cares[None, :])[0],
        branch_bits,
        most_bits,
        miss_bits,
        most_misses,
        row_bits,
    )


def packed_rows(mask: Masks, rows: int) -> NDArray[np.int32]:
    """Numbers of the rows in one mask.

    >>> packed_rows(np.array([0b101], dtype=np.uint64), 3).tolist()
    [0, 2]
    """
    bits = np.unpackbits(np.ascontiguousarray(mask, dtype="<u8").view(np.uint8), bitorder="little")[:rows]
    return np.nonzero(bits)[0].astype(np.int32)


def leaves(tree: Tree) -> int:
    """How many leaves a tree has.

    >>> leaves(Branch(0, Leaf(1), Leaf(2)))
    2
    """
    match tree:
        case Leaf():
            return 1
        case Branch(_, then, otherwise):
            return leaves(then) + leaves(otherwise)
        case _:
            assert_never(tree)


def rows_reached(tree: Tree, problem: CaseProblem) -> Iterator[tuple[Leaf, Masks]]:
    """Each leaf with the mask of the rows that reach it, from left to right."""
    yield from _reached(tree, problem, problem.cares)


def _reached(tree: Tree, problem: CaseProblem, mask: Masks) -> Iterator[tuple[Leaf, Masks]]:
    match tree:
        case Leaf():
            yield tree, mask
        case Branch(predicate, then, otherwise):
            yield from _reached(then, problem, mask & problem.holds[predicate])
            yield from _reached(otherwise, problem, mask & problem.fails[predicate])
        case _:
            assert_never(tree)


def misses(tree: Tree, problem: CaseProblem) -> int:
    """On how many rows that count a tree is wrong or undefined."""
    good = np.zeros_like(problem.cares)
    for leaf, mask in rows_reached(tree, problem):
        good |= mask & problem.right[leaf.term]
    return int(np.bitwise_count(problem.cares & ~good).sum())


def tree_bits(tree: Tree, problem: CaseProblem) -> float:
    """Description length of a tree: its terms, predicates and `if`s, and the price of its misses."""
    wrong = misses(tree, problem)
    return _own_bits(tree, problem) + (wrong * problem.miss_bits if wrong and problem.miss_bits is not None else 0.0)


def _own_bits(tree: Tree, problem: CaseProblem) -> float:
    match tree:
        case Leaf(term):
            return float(problem.term_bits[term])
        case Branch(predicate, then, otherwise):
            own = problem.branch_bits + float(problem.predicate_bits[predicate])
            return own + _own_bits(then, problem) + _own_bits(otherwise, problem)
        case _:
            assert_never(tree)
