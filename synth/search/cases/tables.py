"""Decision tables: what a column (or two, or three) says decides which term is right, value by value.

A table is written as `if`s that compare a key with one constant after the other, with one case left for the end. Each
case has a version space: the mask of all terms, constants among them, that are right on all rows with that value of
the key. Where a case has none, the next key tells its rows apart (cf. Pooch, "Translation of decision tables", 1974,
on turning tables into nested tests). Of all terms, the cheapest is taken for a case, and for the end the one that saves
most.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from synth.search.cases.problem import Branch, CaseProblem, Leaf, Tree, packed_rows, tree_bits
from synth.search.cases.worth import enumerating_bits, is_worth_it
from synth.search.kernels.masks import Masks, index_of, pack

__all__ = ["Keys", "LearnedTable", "Table", "learn_table", "with_table"]

_WIDTHS = (64, 8, 5)
"""Of how many keys, the cheapest, tables of one, two and three keys are made."""
_CHUNK = 64
"""Blocks of terms that are weighed for the end of a table at once."""


@dataclass(frozen=True, eq=False)
class Keys:
    """The columns that tables may ask, the cheapest first, and the constants for their values and for the outputs.

    `values` is (keys, rows), equal where the values of a key are, with a value on each row that counts; `test_bits`
    (keys, rows) those of asking whether a key has the value that it has on a row. `outputs` is (rows,), equal where
    the outputs are; `constant_bits` (rows,) those of an output as a constant, infinite where there is none.
    """

    values: NDArray[np.int64]
    test_bits: NDArray[np.float64]
    outputs: NDArray[np.int64]
    constant_bits: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as a tree. Its leaves are the problem's terms and, numbered after them, `constants`.

    A branch has the number of a test, which is a key and the row whose value is asked for; a constant is the row whose
    output it is.
    """

    tree: Tree
    tests: tuple[tuple[int, int], ...]
    constants: tuple[int, ...]
    bits: float


@dataclass(frozen=True, slots=True)
class LearnedTable:
    """The cheapest table that was found, if any was, and how many candidates (choices of keys) were judged."""

    table: Table | None
    candidates: int


def learn_table(
    problem: CaseProblem,
    keys: Keys,
    *,
    limit: int | None = None,
    most_unpaid: int = 1,
    check: Callable[[], bool] = lambda: False,
) -> LearnedTable:
    """The cheapest table over the first keys that is right on all rows that count, if it is worth its bits.

    A problem with `row_bits` asks that (see `is_worth_it`); rows count once where no key and no output tells them
    apart. Tables do not miss rows, also where the problem lets trees do so.
    """
    unlike = _unlike(problem, keys)
    if problem.row_bits is not None:
        listed = math.nextafter(enumerating_bits(problem.row_bits, unlike), -math.inf)
        problem = replace(problem, most_bits=min(problem.most_bits, listed))
    search = _Search(problem, keys, packed_rows(problem.cares, problem.rows))
    best: Table | None = None
    bound = math.nextafter(problem.most_bits, math.inf)
    for numbers in _choices(len(keys.values) if len(unlike) else 0):
        if search.candidates == limit or check():
            break
        found = search.table(numbers, bound)
        if found is not None and is_worth_it(found.tree, with_table(problem, keys, found), unlike, most_unpaid):
            best, bound = found, found.bits
    return LearnedTable(best, search.candidates)


def with_table(problem: CaseProblem, keys: Keys, table: Table) -> CaseProblem:
    """The problem with a table's constants as further terms, and its tests for predicates."""
    tests = np.array(table.tests, dtype=np.int64).reshape(-1, 2)
    same = keys.values[tests[:, 0]] == keys.values[tests[:, 0], tests[:, 1]][:, None]
    constants = np.array(table.constants, dtype=np.int64)
    return replace(
        problem,
        right=np.concatenate([problem.right, pack(keys.outputs[constants][:, None] == keys.outputs)]),
        term_bits=np.concatenate([problem.term_bits, keys.constant_bits[constants]]),
        holds=pack(same),
        fails=pack(~same),
        predicate_bits=keys.test_bits[tests[:, 0], tests[:, 1]],
    )


def _choices(count: int) -> Iterator[tuple[int, ...]]:
    """Up to three keys, in the order in which they are asked."""
    for size, width in enumerate(_WIDTHS, 1):
        yield from itertools.permutations(range(min(count, width)), size)


def _unlike(problem: CaseProblem, keys: Keys) -> NDArray[np.int32]:
    """Of rows that count and that no key and no output tells apart, the first."""
    counted = packed_rows(problem.cares, problem.rows)
    described = np.vstack([keys.values, keys.outputs])[:, counted]
    first: NDArray[np.int32] = counted[np.sort(np.unique(described, axis=1, return_index=True)[1])]
    return first


@dataclass(frozen=True, slots=True)
class _Case:
    """What is done on some rows, over terms numbered by cost, and its bits."""

    tree: Tree
    bits: float


@dataclass(slots=True)
class _Search:
    problem: CaseProblem
    keys: Keys
    rows: NDArray[np.int32]
    candidates: int = 0
    bits: NDArray[np.float64] = field(init=False)
    """Of the terms and constants together, the cheapest first."""
    _numbers: NDArray[np.int64] = field(init=False)
    _constants: NDArray[np.int64] = field(init=False)
    _right: Masks = field(init=False)
    """(rows, blocks): which terms are right on a row."""
    _tests: dict[tuple[int, int], int] = field(default_factory=dict)
    _judged: dict[bytes, list[NDArray[np.float64]]] = field(default_factory=dict)
    """For each way to divide the rows by one key, what the tests of the keys that do so cost."""

    def __post_init__(self) -> None:
        problem, keys = self.problem, self.keys
        spelt = self.rows[np.isfinite(keys.constant_bits[self.rows])]
        self._constants = np.sort(spelt[np.unique(keys.outputs[spelt], return_index=True)[1]]).astype(np.int64)
        constants = pack(keys.outputs[self._constants][:, None] == keys.outputs)
        bits = np.concatenate([problem.term_bits, keys.constant_bits[self._constants]])
        order = np.argsort(bits, kind="stable")
        self._numbers = order[bits[order] <= problem.most_bits]
        self.bits = bits[self._numbers]
        right = np.concatenate([problem.right, constants])[self._numbers]
        self._right = np.ascontiguousarray(index_of(np.ascontiguousarray(right), problem.rows).T)

    def table(self, numbers: tuple[int, ...], bound: float) -> Table | None:
        """The cheapest table that asks these keys in this order, below `bound` bits; counted if it can be that."""
        first, *others = numbers
        if not len(self.bits) or self._floor(first) >= bound or (not others and self._is_dearer(first)):
            return None
        self.candidates += 1
        self._tests.clear()
        found = self._lookup(self.rows, numbers)
        if found is None or found.bits >= bound:
            return None
        constants: dict[int, int] = {}
        tree = self._numbered(found.tree, constants)
        return self._exactly(Table(tree, tuple(self._tests), tuple(constants), found.bits))

    def _exactly(self, table: Table) -> Table:
        return replace(table, bits=tree_bits(table.tree, with_table(self.problem, self.keys, table)))

    def _floor(self, key: int) -> float:
        """What a table with this key costs at least."""
        test = float(self.keys.test_bits[key, self.rows].min())
        return self.problem.branch_bits + test + 2 * float(self.bits[0])

    def _is_dearer(self, key: int) -> bool:
        """Whether an earlier key divides the rows in the same way, at no more bits."""
        values, bits = self.keys.values[key, self.rows], self.keys.test_bits[key, self.rows]
        _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
        alike = self._judged.setdefault(first[inverse].tobytes(), [])
        if any((earlier <= bits).all() for earlier in alike):
            return True
        alike.append(bits)
        return False

    def _lookup(self, rows: NDArray[np.int32], numbers: tuple[int, ...]) -> _Case | None:
        """The cheapest table over some rows; None where a case has no term and no key is left, or not all are used."""
        key, *others = numbers
        values = self.keys.values[key, rows]
        order = np.argsort(values, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(values[order]) != 0])
        spaces: Masks = np.bitwise_and.reduceat(self._right[rows[order]], starts, axis=0)
        fitted: NDArray[np.bool_] = (spaces != 0).any(axis=1)
        needless = bool(others) and len(rows) == len(self.rows) and bool(fitted.all())
        if len(starts) < 2 or needless or not (others or fitted.all()):
            return None
        groups = np.split(rows[order], starts[1:])
        cases = [
            self._cheapest(space) if fits else self._lookup(group, tuple(others))
            for group, space, fits in zip(groups, spaces, fitted, strict=True)
        ]
        known = [case for case in cases if case is not None]
        return self._chain(key, groups, known, spaces, fitted) if len(known) == len(cases) else None

    def _cheapest(self, space: NDArray[np.uint64]) -> _Case:
        block = int(np.flatnonzero(space)[0])
        word = int(space[block])
        term = 64 * block + (word & -word).bit_length() - 1
        return _Case(Leaf(term), float(self.bits[term]))

    def _chain(
        self,
        key: int,
        groups: list[NDArray[np.int32]],
        cases: list[_Case],
        spaces: Masks,
        fitted: NDArray[np.bool_],
    ) -> _Case:
        """The cases one after the other, in the order of the rows, and the cheapest end."""
        asked = self.problem.branch_bits + np.array([self.keys.test_bits[key, group[0]] for group in groups])
        saved = asked + np.array([case.bits for case in cases])
        last = int(np.argmax(asked))
        end, left_out = cases[last], np.arange(len(groups)) == last
        bits = float(saved.sum() - asked[last])
        term, gain = self._shared_end(spaces, np.where(fitted, saved, 0.0))
        if float(saved.sum()) - gain < bits:
            end, bits = _Case(Leaf(term), float(self.bits[term])), float(saved.sum()) - gain
            left_out = fitted & (spaces[:, term >> 6] >> np.uint64(term & 63) & np.uint64(1) != 0)
        tree = end.tree
        for number in sorted(np.flatnonzero(~left_out).tolist(), key=lambda number: -int(groups[number][0])):
            tree = Branch(self._test(key, int(groups[number][0])), cases[number].tree, tree)
        return _Case(tree, bits)

    def _shared_end(self, spaces: Masks, saved: NDArray[np.float64]) -> tuple[int, float]:
        """The term that, as the end of a table, saves most, and how much."""
        best, most = 0, -math.inf
        for start in range(0, spaces.shape[1], _CHUNK):
            part = np.ascontiguousarray(spaces[:, start : start + _CHUNK], dtype="<u8").view(np.uint8)
            bits = self.bits[64 * start : 64 * (start + _CHUNK)]
            if float(saved.sum() - bits[0]) <= most:
                break
            fits = np.unpackbits(part, axis=1, bitorder="little")[:, : len(bits)]
            gains = saved @ fits - bits
            chosen = int(np.argmax(gains))
            if gains[chosen] > most:
                best, most = 64 * start + chosen, float(gains[chosen])
        return best, most

    def _test(self, key: int, row: int) -> int:
        return self._tests.setdefault((key, row), len(self._tests))

    def _numbered(self, tree: Tree, constants: dict[int, int]) -> Tree:
        """A tree over terms by cost as one over the problem's terms and, after them, the constants that it has."""
        match tree:
            case Leaf(term):
                number, own = int(self._numbers[term]), len(self.problem.term_bits)
                if number < own:
                    return Leaf(number)
                return Leaf(own + constants.setdefault(int(self._constants[number - own]), len(constants)))
            case Branch(test, then, otherwise):
                return Branch(test, self._numbered(then, constants), self._numbered(otherwise, constants))
