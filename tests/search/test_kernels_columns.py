"""The bank's compiled loops against slow twins in plain Python."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dsl.values import INT_MAX, INT_MIN
from synth.search.kernels.columns import agrees, classify, hash_cells, hash_numbers, hash_written, rebuild, record
from synth.search.kernels.convention import DEFINED, OUTSIDE, UNDEFINED
from synth.search.store import Store

WORD = 2**64
STEP = 0x9E3779B97F4A7C15
CELLS = st.integers(-2, 3) | st.sampled_from([INT_MIN, INT_MAX]) | st.integers(INT_MIN, INT_MAX)
STATUS = st.sampled_from([DEFINED] * 4 + [UNDEFINED, OUTSIDE])


def mixed(x: int) -> int:
    """The finaliser of SplitMix64 on Python's ints."""
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % WORD
    return x ^ (x >> 31)


def sequence_hash(cells: tuple[int, ...]) -> int:
    h = (len(cells) + STEP) % WORD
    for cell in cells:
        h = (mixed(h ^ cell % WORD) + STEP) % WORD
    return mixed(h)


def column_hash(contents: list[int | None]) -> tuple[int, int]:
    """The two halves of a column's hash, from each row's content; None for no value."""
    one = two = 0
    for row, content in enumerate(contents, 1):
        first = mixed(((0xA0761D6478BD642F if content is None else content) + row * STEP) % WORD)
        one += first
        two += mixed(first ^ (0xE7037ED1A0B428DB if content is None else 0xD6E8FEB86659FD93))
    return one % WORD, two % WORD


def tables(items: st.SearchStrategy[Any]) -> st.SearchStrategy[list[list[tuple[Any, int]]]]:
    """Columns of one number of rows: for each row an item and a status."""
    return st.integers(0, 4).flatmap(
        lambda rows: st.lists(st.lists(st.tuples(items, STATUS), min_size=rows, max_size=rows), max_size=6)
    )


def status_of(table: list[list[tuple[Any, int]]]) -> NDArray[np.uint8]:
    rows = len(table[0]) if table else 0
    return np.array([[s for _, s in column] for column in table], dtype=np.uint8).reshape(len(table), rows)


def pairs_of(halves: NDArray[np.uint64]) -> list[tuple[int, int]]:
    return [(int(one), int(two)) for one, two in halves]


# ---- Hashes ---------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(tables(CELLS))
def test_a_hash_of_cells_is_that_of_the_slow_twin(table: list[list[tuple[int, int]]]) -> None:
    status = status_of(table)
    cells = np.array([[cell for cell, _ in column] for column in table], dtype=np.int64).reshape(status.shape)
    halves = np.zeros((len(table), 2), dtype=np.uint64)
    hash_cells(cells, status, halves)
    expected = [column_hash([cell % WORD if s == DEFINED else None for cell, s in column]) for column in table]
    assert pairs_of(halves) == expected


@settings(deadline=None)
@given(tables(st.lists(CELLS, max_size=5).map(tuple)))
def test_sequences_hash_alike_as_written_and_by_their_numbers(table: list[list[tuple[tuple[int, ...], int]]]) -> None:
    status = status_of(table)
    written = [cells if s == DEFINED else () for column in table for cells, s in column]
    out = np.array([cell for cells in written for cell in cells], dtype=np.int64)
    ends = np.cumsum([len(cells) for cells in written], dtype=np.int64)
    before, after = np.zeros((2, len(table), 2), dtype=np.uint64)
    hash_written(out, ends, status, before)
    store = Store()
    numbers = store.intern(out, ends, status.reshape(-1)).reshape(status.shape)
    numbers[status != DEFINED] = 2**40  # means nothing, and must not be looked up
    hash_numbers(numbers, status, store.hashes, after)
    expected = [column_hash([sequence_hash(cells) if s == DEFINED else None for cells, s in c]) for c in table]
    assert pairs_of(before) == pairs_of(after) == expected


def test_no_cell_hashes_like_a_missing_one() -> None:
    """The cell that gives the first half of a missing row gives another second half."""
    cells = np.array([[0xA0761D6478BD642F - WORD], [0]], dtype=np.int64)
    status = np.array([[DEFINED], [UNDEFINED]], dtype=np.uint8)
    halves = np.zeros((2, 2), dtype=np.uint64)
    hash_cells(cells, status, halves)
    assert halves[0, 0] == halves[1, 0]
    assert halves[0, 1] != halves[1, 1]


def test_equal_cells_in_other_rows_hash_differently() -> None:
    cells = np.array([[1, 2, 3], [3, 2, 1], [2, 1, 3], [1, 1, 1], [2, 2, 2]], dtype=np.int64)
    halves = np.zeros((5, 2), dtype=np.uint64)
    hash_cells(cells, np.ones((5, 3), dtype=np.uint8), halves)
    assert len(set(halves[:, 0].tolist())) == len(set(halves[:, 1].tolist())) == 5


# ---- Classes --------------------------------------------------------------------------------------------------------

HALVES = st.tuples(*[st.sampled_from([0, 1, 16, 32, 2**63, WORD - 1])] * 2)
BLOCKS = st.lists(st.lists(st.tuples(HALVES, st.booleans()), max_size=12), max_size=5)


@settings(deadline=None)
@given(BLOCKS)
def test_programs_of_one_hash_are_one_class(blocks: list[list[tuple[tuple[int, int], bool]]]) -> None:
    """Block after block against a dictionary; the few hashes drawn collide in the table's slots and in each half."""
    table, known = np.full(16, -1, dtype=np.int32), np.zeros((64, 2), dtype=np.uint64)
    count, twin = 0, dict[tuple[int, int], int]()
    for block in blocks:
        halves = np.array([h for h, _ in block], dtype=np.uint64).reshape(len(block), 2)
        alive = np.array([a for _, a in block], dtype=np.bool_)
        numbers, fresh = np.full(len(block), -9, dtype=np.int64), np.full(len(block), -9, dtype=np.int64)
        if 2 * (count + len(block)) > len(table):
            table = np.full(4 * len(table), 7, dtype=np.int32)
            rebuild(known, count, table)
        new_count = classify(halves, alive, table, known, count, numbers, fresh)
        new = []
        for position, (h, a) in enumerate(block):
            if a and h not in twin:
                twin[h] = len(twin)
                new.append(position)
        assert numbers.tolist() == [twin[h] if a else -1 for h, a in block]
        assert fresh[: new_count - count].tolist() == new
        count = new_count
        assert pairs_of(known[:count]) == list(twin)


# ---- Derivations ----------------------------------------------------------------------------------------------------


class Ledger:
    """What `record` writes into, and its slow twin."""

    def __init__(self, classes: int, capacity: int, width: int) -> None:
        self.mass, self.kept = np.zeros(classes), np.zeros(classes, dtype=np.uint8)
        self.first, self.last = np.full((2, classes), -1, dtype=np.int32)
        self.next, self.heads = np.full((2, capacity), -5, dtype=np.int32)
        self.parts = np.full((capacity, width), -5, dtype=np.int32)
        self.used = 0
        self.twin = defaultdict[int, list[tuple[int, tuple[int, ...]]]](list)
        self.twin_mass = defaultdict[int, float](float)

    def record(self, numbers: list[int], production: int, arguments: NDArray[np.int32], most_kept: int) -> None:
        probabilities = 0.5 ** np.arange(1, len(numbers) + 1)
        found = np.array(numbers, dtype=np.int64)
        links = (self.mass, self.kept, self.first, self.last, self.next, self.heads, self.parts)
        self.used = record(found, production, arguments, probabilities, *links, self.used, most_kept)
        for number, parts, p in zip(numbers, arguments.tolist(), probabilities.tolist(), strict=True):
            if number >= 0:
                self.twin_mass[number] += p
                ways = self.twin[number]
                if len(ways) < most_kept or (len(ways) < 2 * most_kept and production not in dict(ways)):
                    ways.append((production, tuple(parts)))

    def derivations(self, number: int, arities: list[int]) -> list[tuple[int, tuple[int, ...]]]:
        ways, at = [], int(self.first[number])
        while at >= 0:
            production = int(self.heads[at])
            ways.append((production, tuple(self.parts[at, : arities[production]].tolist())))
            at = int(self.next[at])
        return ways


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.lists(st.integers(-1, 3), max_size=8)), max_size=8), st.integers(0, 3))
def test_a_class_keeps_its_first_derivations_and_one_of_more_productions(
    blocks: list[tuple[int, list[int]]], most_kept: int
) -> None:
    arities = [0, 1, 1, 2, 3, 3]
    ledger = Ledger(classes=4, capacity=64, width=3)
    for step, (production, numbers) in enumerate(blocks):
        shape = (len(numbers), arities[production])
        arguments = (np.arange(shape[0] * shape[1], dtype=np.int32) + 100 * step).reshape(shape)
        ledger.record(numbers, production, arguments, most_kept)
    assert [ledger.derivations(c, arities) for c in range(4)] == [ledger.twin[c] for c in range(4)]
    assert ledger.mass.tolist() == [ledger.twin_mass[c] for c in range(4)]
    assert ledger.kept.tolist() == [len(ledger.twin[c]) for c in range(4)]
    assert ledger.used == sum(map(len, ledger.twin.values()))
    assert (ledger.heads[ledger.used :] == -5).all()


def test_the_most_derivations_that_a_class_can_be_asked_to_keep() -> None:
    ledger = Ledger(classes=1, capacity=400, width=1)
    for production in range(2):
        ledger.record([0] * 200, production, np.zeros((200, 1), dtype=np.int32), 127)
    for production in range(2, 200):
        ledger.record([0], production, np.zeros((1, 1), dtype=np.int32), 127)
    assert [p for p, _ in ledger.derivations(0, [1] * 200)] == [0] * 127 + list(range(1, 128))


# ---- Wanted columns -------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.tuples(st.lists(st.integers(0, 1), max_size=2), STATUS)), st.lists(st.integers(0, 1), max_size=2))
def test_entries_agree_with_the_sequence_wanted(entries: list[tuple[list[int], int]], wanted: list[int]) -> None:
    written = [cells if s == DEFINED else [] for cells, s in entries]
    out = np.array([cell for cells in written for cell in cells], dtype=np.int64)
    ends = np.cumsum([len(cells) for cells in written], dtype=np.int64)
    status = np.array([s for _, s in entries], dtype=np.uint8)
    found = agrees(out, ends, status, np.array(wanted, dtype=np.int64))
    assert found.tolist() == [s == DEFINED and cells == wanted for cells, s in entries]
