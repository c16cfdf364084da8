"""Columns hash alike exactly when they are alike, whichever way their values are kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import types, values

from dsl.type_system import INT, Type, list_of
from synth.search.column import Block, Fresh, block_of, hash_column, interned, repeated, some_rows
from synth.search.kernels.convention import DEFINED, UNDEFINED
from synth.search.store import Store

INTS = list_of(INT)
NONE = object()
"""Stands for a row without a value."""


@st.composite
def columns(draw: Any, t: Type | None = None) -> tuple[Type, list[list[Any]]]:
    """A type, and some columns of its values of one length; few different values, so that columns are often equal."""
    t = draw(types(2, functions=False)) if t is None else t
    pool = [NONE, *draw(st.lists(values(t), min_size=1, max_size=3))]
    rows = draw(st.integers(1, 4))
    return t, draw(st.lists(st.lists(st.sampled_from(pool), min_size=rows, max_size=rows), min_size=1, max_size=8))


def block(found: list[list[Any]], t: Type, store: Store) -> Block:
    """Columns as one block."""
    blocks = [block_of([v if v is not NONE else None for v in c], t, store, _missing(c)) for c in found]
    return Block(np.concatenate([b.cells for b in blocks]), np.concatenate([b.status for b in blocks]))


def fresh(found: list[list[Any]]) -> Fresh:
    """Columns of lists of ints as a kernel writes them."""
    cells = [() if v is NONE else v for column in found for v in column]
    out = np.array([x for xs in cells for x in xs], dtype=np.int64)
    ends = np.cumsum(np.array(list(map(len, cells)), dtype=np.int64))
    status = np.array([[v is not NONE for v in column] for column in found], dtype=np.uint8)
    return Fresh(out, ends, status)


def _missing(column: list[Any]) -> list[int]:
    return [i for i, v in enumerate(column) if v is NONE]


@given(columns())
def test_hashes_are_equal_exactly_where_columns_are(drawn: tuple[Type, list[list[Any]]]) -> None:
    t, found = drawn
    store = Store()
    hashes = list(map(tuple, hash_column(block(found, t, store), t, store).tolist()))
    for a, left in zip(hashes, found, strict=True):
        for b, right in zip(hashes, found, strict=True):
            assert (a == b) == (left == right)


@given(columns(INTS))
def test_lists_just_written_hash_as_they_will_once_they_are_numbered(drawn: tuple[Type, list[list[Any]]]) -> None:
    _, found = drawn
    store = Store()
    written = fresh(found)
    before = hash_column(written, INTS, store)
    numbered = interned(written, store)
    assert np.array_equal(before, hash_column(numbered, INTS, store))
    assert np.array_equal(numbered.cells, block(found, INTS, store).cells)


@given(columns(INTS), st.data())
def test_only_what_is_kept_is_numbered(drawn: tuple[Type, list[list[Any]]], data: st.DataObject) -> None:
    _, found = drawn
    store = Store()
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=len(found), max_size=len(found))))
    numbered = interned(fresh(found), store, keep)
    assert store.count == len({v for column, k in zip(found, keep, strict=True) for v in column if k and v is not NONE})
    for position in np.nonzero(keep)[0].tolist():
        for row, value in enumerate(found[position]):
            if value is not NONE:
                assert store.decode(int(numbered.cells[position, row]), INTS) == value


def test_a_block_is_its_own_numbering() -> None:
    made = block_of([1, 2], INT, Store())
    assert interned(made, Store()) is made


def test_a_missing_value_is_not_a_zero() -> None:
    store = Store()
    there, missing = block_of([0, 1], INT, store), block_of([0, 1], INT, store, undefined=[0])
    assert missing.status.tolist() == [[UNDEFINED, DEFINED]]
    assert hash_column(there, INT, store).tolist() != hash_column(missing, INT, store).tolist()


def test_rows_chosen_and_repeated() -> None:
    made = block_of([7, 8, 9], INT, Store(), undefined=[1])
    assert some_rows(made, slice(1, 3)).cells.tolist() == [[0, 9]]
    assert some_rows(made, slice(1, 3)).status.tolist() == [[UNDEFINED, DEFINED]]
    again = repeated(made, np.array([2, 0, 2]))
    assert again.cells.tolist() == [[9, 7, 9]]
    assert again.status.tolist() == [[DEFINED] * 3]
