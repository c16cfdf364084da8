"""The bank's compiled loops against slow twins in plain Python."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dsl.values import INT_MAX, INT_MIN
from synth.search.kernels.columns import (
    CLASS,
    DERIVATION,
    agrees,
    classify,
    hash_cells,
    hash_numbers,
    hash_written,
    rebuild,
    same_cells,
)
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
        h = (h ^ cell % WORD) * STEP % WORD
        h ^= h >> 32
    return mixed(h)


def column_hash(contents: list[int | None]) -> tuple[int, int]:
    """The two halves of a column's hash, from each row's content; None for no value."""
    one = two = 0
    for row, content in enumerate(contents, 1):
        first = mixed(((0xA0761D6478BD642F if content is None else content) + row * STEP) % WORD)
        one += first
        second = (first ^ first >> 32) * (0xE7037ED1A0B428DB if content is None else 0xD6E8FEB86659FD93) % WORD
        two += second ^ second >> 29
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
BLOCKS = st.lists(st.tuples(st.integers(0, 5), st.lists(st.tuples(HALVES, st.booleans()), max_size=12)), max_size=8)
ARITIES = [0, 1, 1, 2, 3, 3]


class Ledger:
    """What `classify` writes into, and its slow twin, a dictionary of classes with their derivations."""

    def __init__(self, capacity: int, width: int) -> None:
        self.table = np.zeros(16, dtype=np.int32)
        self.classes = np.full(capacity * CLASS.itemsize, 7, dtype=np.uint8).view(CLASS)
        self.derivations = np.full(capacity * DERIVATION.itemsize, 7, dtype=np.uint8).view(DERIVATION)
        self.parts = np.full((capacity, width), -5, dtype=np.int32)
        self.count = self.used = 0
        self.twin = dict[tuple[int, int], list[tuple[int, tuple[int, ...]]]]()
        self.twin_mass = defaultdict[tuple[int, int], float](float)

    def add(
        self, block: list[tuple[tuple[int, int], bool]], production: int, arguments: NDArray[np.int32], most_kept: int
    ) -> None:
        halves = np.array([h for h, _ in block], dtype=np.uint64).reshape(len(block), 2)
        alive = np.array([a for _, a in block], dtype=np.bool_)
        probabilities = 0.5 ** np.arange(1, len(block) + 1)
        fresh = np.full(len(block), -9, dtype=np.int64)
        if 2 * (self.count + len(block)) > len(self.table):
            self.table = np.zeros(4 * len(self.table), dtype=np.int32)
            rebuild(self.classes, self.count, self.table)
        count, self.used = classify(
            halves, alive, self.table, self.classes, self.count, 3, fresh, production, arguments, probabilities,
            self.derivations, self.parts, self.used, most_kept,
        )  # fmt: skip
        new = []
        for position, (h, a) in enumerate(block):
            if not a:
                continue
            if h not in self.twin:
                self.twin[h] = []
                new.append(position)
            self.twin_mass[h] += float(probabilities[position])
            ways = self.twin[h]
            known = {head % 64 for head, _ in ways}
            if len(ways) < most_kept or (len(ways) < 2 * most_kept and production % 64 not in known):
                ways.append((production, tuple(arguments[position].tolist())))
        assert fresh[: count - self.count].tolist() == new
        self.count = count

    def ways(self, number: int, arities: list[int]) -> list[tuple[int, tuple[int, ...]]]:
        known = self.classes[number]
        found, at = [], int(known["last"]) if known["kept"] else -1
        while at >= 0:
            head, before = self.derivations[at].item()
            found.append((head, tuple(self.parts[at, : arities[head]].tolist())))
            at = before
        return found[::-1]


@settings(deadline=None)
@given(BLOCKS, st.integers(0, 3))
def test_programs_of_one_hash_are_one_class_with_its_first_derivations_and_one_of_more_productions(
    blocks: list[tuple[int, list[tuple[tuple[int, int], bool]]]], most_kept: int
) -> None:
    """Block after block against a dictionary; the few hashes drawn collide in the table's slots and in each half."""
    ledger = Ledger(capacity=128, width=3)
    for step, (production, block) in enumerate(blocks):
        shape = (len(block), ARITIES[production])
        arguments = (np.arange(shape[0] * shape[1], dtype=np.int32) + 100 * step).reshape(shape)
        ledger.add(block, production, arguments, most_kept)
    known = ledger.classes[: ledger.count]
    assert list(zip(known["one"].tolist(), known["two"].tolist(), strict=True)) == list(ledger.twin)
    assert [ledger.ways(number, ARITIES) for number in range(ledger.count)] == list(ledger.twin.values())
    assert known["mass"].tolist() == [ledger.twin_mass[h] for h in ledger.twin]
    assert known["kept"].tolist() == [len(ways) for ways in ledger.twin.values()]
    assert set(known["cost"].tolist()) <= {3}
    firsts = [(int(c["first"]), ledger.derivations[c["first"]]["head"]) for c in known if c["kept"]]
    assert [head for _, head in firsts] == [ways[0][0] for ways in ledger.twin.values() if ways]
    assert ledger.used == sum(map(len, ledger.twin.values()))
    assert (ledger.parts[ledger.used :] == -5).all()


def test_the_most_derivations_that_a_class_can_be_asked_to_keep() -> None:
    ledger = Ledger(capacity=400, width=1)
    for production in range(2):
        ledger.add([((1, 1), True)] * 200, production, np.zeros((200, 1), dtype=np.int32), 127)
    for production in range(2, 200):
        ledger.add([((1, 1), True)], production, np.zeros((1, 1), dtype=np.int32), 127)
    assert [p for p, _ in ledger.ways(0, [1] * 200)] == [0] * 127 + list(range(1, 64))


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


@settings(deadline=None)
@given(st.lists(st.tuples(st.tuples(*[st.integers(0, 2)] * 3), st.tuples(*[STATUS] * 3))))
def test_where_programs_have_the_wanted_cells(programs: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
    cells = np.array([c for c, _ in programs], dtype=np.int64).reshape(len(programs), 3)
    status = np.array([s for _, s in programs], dtype=np.uint8).reshape(len(programs), 3)
    right = np.zeros(cells.shape, dtype=np.bool_)
    same_cells(cells, status, np.array([0, 1, 2]), right)
    assert right.tolist() == ((cells == [0, 1, 2]) & (status == DEFINED)).tolist()
