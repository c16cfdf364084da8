"""Argument tuples against itertools: all whose costs add up, each once, in one order, whatever the size of blocks."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.type_system import INT
from synth.search.bank import Bank
from synth.search.column import Block
from synth.search.store import Store
from synth.search.tuples import argument_tuples


def bank_with(counts: list[int]) -> Bank:
    """A bank with so many classes of cost 1, 2, 3, ..."""
    bank = Bank(INT, 1, Store(), arities=[0])
    for level, count in enumerate(counts, 1):
        bank.open_level(level)
        if count:
            cells = np.arange(bank.count, bank.count + count, dtype=np.int64)[:, None]
            none = np.zeros((count, 0), dtype=np.int32)
            bank.add(Block(cells, np.ones((count, 1), dtype=np.uint8)), 0, none, np.ones(count), level)
    return bank


def slow_tuples(banks: list[Bank], total: int, ordered: bool) -> list[tuple[int, ...]]:
    """By the levels of the arguments, the last argument's changing fastest, then by number."""
    ways = itertools.product(*[range(1, total + 1)] * len(banks))
    found = [
        numbers
        for levels in ways
        if sum(levels) == total
        for numbers in itertools.product(*(bank.at(level) for bank, level in zip(banks, levels, strict=True)))
    ]
    return [numbers for numbers in found if not ordered or numbers[0] <= numbers[1]]


COUNTS = st.lists(st.integers(0, 3), min_size=1, max_size=5).map(lambda counts: counts if any(counts) else [*counts, 1])


@given(st.lists(COUNTS, min_size=1, max_size=4), st.integers(0, 16), st.integers(1, 9))
def test_every_tuple_is_there_once_and_in_order(counts: list[list[int]], total: int, size: int) -> None:
    banks = list(map(bank_with, counts))
    blocks = list(argument_tuples(banks, total, False, size))
    assert all(block.dtype == np.int32 and block.flags.c_contiguous for block in blocks)
    assert all(len(block) == size for block in blocks[:-1])
    assert all(0 < len(block) <= size for block in blocks)
    found = [tuple(row) for block in blocks for row in block.tolist()]
    assert found == slow_tuples(banks, total, False)


@given(COUNTS, st.integers(0, 10), st.integers(1, 9))
def test_of_two_orders_one_is_enough(counts: list[int], total: int, size: int) -> None:
    bank = bank_with(counts)
    found = [tuple(row) for block in argument_tuples([bank, bank], total, True, size) for row in block.tolist()]
    assert found == slow_tuples([bank, bank], total, True)
    both = {pair for a, b in found for pair in ((a, b), (b, a))}
    assert both == set(slow_tuples([bank, bank], total, False))


@pytest.mark.parametrize("total", [0, 1, 3, 6, 8, 9, 100])
def test_totals_out_of_reach_give_no_block(total: int) -> None:
    cheap, dear = bank_with([0, 1, 1]), bank_with([1, 0, 0, 0, 1])
    inside = total in (3, 8)
    assert bool(list(argument_tuples([cheap, dear], total, False, 4))) == inside


def test_banks_that_grow_while_tuples_are_taken_show_what_they_had() -> None:
    """Programs of a level are built from cheaper ones, and put where the next tuples come from."""
    bank = bank_with([2, 2])
    expected: list[Any] = slow_tuples([bank, bank], 3, False)
    bank.open_level(3)
    found: list[Any] = []
    for block in argument_tuples([bank, bank], 3, False, 1):
        found += map(tuple, block.tolist())
        cells = np.full((1, 1), 1_000 + len(found), dtype=np.int64)
        bank.add(Block(cells, np.ones((1, 1), dtype=np.uint8)), 0, np.zeros((1, 0), dtype=np.int32), np.ones(1), 3)
    assert found == expected
    assert len(bank.at(3)) == len(expected) == 8
