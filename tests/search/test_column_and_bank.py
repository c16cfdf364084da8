"""Columns hash alike exactly when they are alike; the bank keeps classes, levels, derivations and mass."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dsl.type_system import BOOL, INT, REAL, Type, list_of
from synth.search.bank import DERIVATIONS_KEPT, Bank, Derivation
from synth.search.column import Block, Interners, block_of, hash_rows

INTS = list_of(INT)


def columns(values: st.SearchStrategy[object]) -> st.SearchStrategy[list[list[object]]]:
    return st.integers(1, 5).flatmap(lambda rows: st.lists(st.lists(values, min_size=rows, max_size=rows), min_size=2))


def stack(rows: list[list[object]], t: Type, interners: Interners) -> Block:
    blocks = [block_of(row, t, interners) for row in rows]
    return Block(np.concatenate([b.cells for b in blocks]), np.concatenate([b.defined for b in blocks]))


@given(columns(st.integers(-(2**63), 2**63 - 1)))
def test_hashes_tell_columns_apart(drawn: list[list[object]]) -> None:
    hashes = hash_rows(stack(drawn, INT, Interners())).tolist()
    for a, left in zip(hashes, drawn, strict=True):
        for b, right in zip(hashes, drawn, strict=True):
            assert (a == b) == (left == right)


@given(columns(st.lists(st.integers(0, 2), max_size=3).map(tuple)))
def test_boxed_columns_hash_alike_when_their_values_are_equal(drawn: list[list[object]]) -> None:
    hashes = hash_rows(stack(drawn, INTS, Interners())).tolist()
    assert len(set(hashes)) == len({tuple(row) for row in drawn})


def test_an_undefined_cell_is_not_a_zero() -> None:
    some, none = (block_of([0, 1], INT, Interners(), undefined) for undefined in ([], [0]))
    assert hash_rows(some).tolist() != hash_rows(none).tolist()


def test_interners_keep_values_of_each_type() -> None:
    interners = Interners()
    for value, t in (((1, 2), INTS), ((True,), list_of(BOOL)), (2.5, REAL), (7, INT), (False, BOOL)):
        block = block_of([value], t, interners)
        assert interners.value(block.cells[0, 0], t) == value


def add(bank: Bank, rows: list[list[object]], level: int, production: int = 0) -> range:
    block = stack(rows, bank.type, Interners())
    return bank.add(block, production, np.zeros((len(rows), 0), np.int32), np.full(len(rows), 0.25), level)


def test_a_class_is_all_programs_with_one_column() -> None:
    bank = Bank(INT, rows=2)
    bank.open_level(1)
    assert list(add(bank, [[1, 2], [3, 4], [1, 2]], 1)) == [0, 1]
    bank.open_level(2)
    assert list(add(bank, [[3, 4], [5, 6]], 2, production=9)) == [2]
    assert list(bank.at(1)) == [0, 1]
    assert list(bank.at(2)) == [2]
    assert bank.mass[:3].tolist() == [0.5, 0.5, 0.25]
    assert bank.derivations[1] == [Derivation(0, ()), Derivation(9, ())]


def test_derivations_kept_are_the_first_few() -> None:
    bank = Bank(INT, rows=1)
    bank.open_level(1)
    for production in range(DERIVATIONS_KEPT + 3):
        add(bank, [[1]], 1, production)
    assert [d.production for d in bank.derivations[0]] == list(range(DERIVATIONS_KEPT))


def test_programs_without_any_value_are_dropped() -> None:
    bank = Bank(INT, rows=2)
    bank.open_level(1)
    block = Block(np.zeros((1, 2), np.int64), np.zeros((1, 2), np.bool_))
    assert not bank.add(block, 0, np.zeros((1, 0), np.int32), np.ones(1), 1)


def test_a_bank_grows_without_losing_anything() -> None:
    bank = Bank(INT, rows=1)
    bank.open_level(1)
    add(bank, [[i] for i in range(500)], 1)
    assert bank.cells[:500, 0].tolist() == list(range(500))
    assert bank.bytes_held > 500 * 8
