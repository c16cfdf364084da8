"""Banks of terms and predicates over two ints, as a search finds them, for the tests of case splits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.search.cases import CaseProblem, case_problem

Ints = NDArray[np.int64]

_OPERATIONS: tuple[Callable[[Ints, Ints], Ints], ...] = (
    np.add,
    np.subtract,
    np.multiply,
    np.maximum,
    np.minimum,
)


@dataclass(frozen=True, eq=False)
class CaseBank:
    """Columns of terms and of predicates (undefined where a divisor is zero), the cheapest first, with their bits."""

    terms: Ints
    term_bits: NDArray[np.float64]
    holds: NDArray[np.bool_]
    defined: NDArray[np.bool_]
    predicate_bits: NDArray[np.float64]

    def problem(self, wanted: Ints, **options: object) -> CaseProblem:
        """The problem of getting some outputs."""
        right = self.terms == wanted
        return case_problem(
            right, self.term_bits, self.holds, self.defined, self.predicate_bits, branch_bits=3.5, **options
        )  # type: ignore[arg-type]


def drawn_rows(rng: np.random.Generator, rows: int) -> Ints:
    """Pairs of ints, as inputs are drawn for tasks."""
    return rng.integers(-9, 20, size=(rows, 2))


def case_bank(rows: Ints, terms: int, predicates: int) -> CaseBank:
    """The cheapest terms and predicates over the pairs of ints, all with different columns."""
    columns, bits = _grow(rows, terms)
    small = min(len(columns), max(30, int(np.sqrt(2 * predicates))))
    left, right = np.meshgrid(np.arange(small), np.arange(small), indexing="ij")
    a, b = columns[left.ravel()], columns[right.ravel()]
    pair_bits = bits[left.ravel()] + bits[right.ravel()] + 3.0
    divides = np.where(b == 0, 1, b)
    holds = np.concatenate([a < b, a == b, a % divides == 0])
    defined = np.concatenate([np.ones((2 * len(a), len(rows)), dtype=bool), b != 0])
    all_bits = np.concatenate([pair_bits, pair_bits + 0.5, pair_bits + 2.0])
    order = np.argsort(all_bits, kind="stable")[:predicates]
    return CaseBank(columns, bits, holds[order], defined[order], all_bits[order])


def _grow(rows: Ints, count: int) -> tuple[Ints, NDArray[np.float64]]:
    """Level by level, as a bottom-up search goes; one column each."""
    leaves = [rows[:, 0], rows[:, 1], *(np.full(len(rows), c) for c in (0, 1, 2, 3, 5, 10))]
    columns, bits = np.array(leaves), np.array([2.0, 2.0, 4.0, 4.0, 4.5, 5.0, 5.0, 5.5])
    known = 0
    while known < len(columns) < count:
        known = len(columns)
        left, right = np.triu_indices(min(known, int(np.sqrt(count)) + 8))
        new = [operation(columns[left], columns[right]) for operation in _OPERATIONS]
        cost = np.tile(bits[left] + bits[right] + 3.5, len(_OPERATIONS))
        columns, bits = np.concatenate([columns, *new]), np.concatenate([bits, cost])
        order = np.argsort(bits, kind="stable")
        columns, bits = columns[order], bits[order]
        first = np.sort(np.unique(columns, axis=0, return_index=True)[1])
        columns, bits = columns[first], bits[first]
    return columns[:count], bits[:count]
