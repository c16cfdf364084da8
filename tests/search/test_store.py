"""The store keeps every value as one cell: equal values of a type have equal cells, and come back as they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import types, values

from dsl.type_system import BOOL, INT, REAL, TEXT, Type, TypeConstructor, list_of, option_of, tuple_of
from dsl.values import INT_MAX, INT_MIN, Some
from synth.search.kernels.convention import DEFINED, UNDEFINED, cell_of_real, real_of_cell
from synth.search.store import Store, is_boxed, is_sequence

INTS = list_of(INT)
PLAIN = types(3, functions=False)
REALS = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def values_of_a_type(draw: Any, least: int = 0) -> tuple[Type, list[Any]]:
    """A type without functions, and values of it, some of them drawn twice."""
    t = draw(PLAIN)
    found = draw(st.lists(values(t), min_size=least, max_size=8))
    return t, found + draw(st.lists(st.sampled_from(found), max_size=3) if found else st.just([]))


@given(values_of_a_type(), values_of_a_type())
def test_what_goes_in_comes_out(first: tuple[Type, list[Any]], second: tuple[Type, list[Any]]) -> None:
    """Whatever else is in the store, of the same type or of another one."""
    store = Store()
    cells = [(t, v, store.encode(v, t)) for t, found in (first, second) for v in found]
    for t, value, cell in cells:
        back = store.decode(cell, t)
        assert back == value
        assert type(back) is type(value)


@given(values_of_a_type(least=1), st.data())
def test_cells_are_equal_exactly_where_values_are(drawn: tuple[Type, list[Any]], data: st.DataObject) -> None:
    """Also when values of another type, kept in the same buffer, come between."""
    t, found = drawn
    store = Store()
    other = data.draw(PLAIN)
    cells = []
    for value in found:
        cells.append(store.encode(value, t))
        store.encode(data.draw(values(other)), other)
    for a, left in zip(found, cells, strict=True):
        for b, right in zip(found, cells, strict=True):
            assert (left == right) == (a == b), (a, b)


@given(values_of_a_type())
def test_many_together_are_the_same_as_one_by_one(drawn: tuple[Type, list[Any]]) -> None:
    t, found = drawn
    store = Store()
    together = store.encode_all(found, t)
    assert together.dtype == np.int64
    assert together.tolist() == [store.encode(value, t) for value in found]
    assert store.decode_all(together.tolist(), t) == found == [store.decode(int(c), t) for c in together]


@given(st.lists(REALS, min_size=2))
def test_cells_of_reals_stand_in_the_order_of_the_numbers(numbers: list[float]) -> None:
    store = Store()
    cells = store.encode_all(numbers, REAL).tolist()
    for x, a in zip(numbers, cells, strict=True):
        for y, b in zip(numbers, cells, strict=True):
            assert (a < b) == (x < y)


@given(REALS | st.sampled_from([0.0, -0.0, 5e-324, -5e-324, 1.7976931348623157e308]))
def test_reals_are_turned_into_cells_as_compiled_code_does_it(number: float) -> None:
    store = Store()
    cell = store.encode(number, REAL)
    assert cell == cell_of_real(number)
    assert store.decode(cell, REAL) == real_of_cell(cell) == number


def test_the_two_zeros_are_one() -> None:
    store = Store()
    assert store.encode(0.0, REAL) == store.encode(-0.0, REAL)
    assert store.encode((0.0, 1.0), list_of(REAL)) == store.encode((-0.0, 1.0), list_of(REAL))


@pytest.mark.parametrize("number", [INT_MIN, -1, 0, INT_MAX])
def test_an_int_is_its_own_cell(number: int) -> None:
    assert Store().encode(number, INT) == number


@given(st.lists(st.lists(st.integers(-2, 2), max_size=4).map(tuple), max_size=9), st.data())
def test_sequences_that_a_kernel_wrote_are_those_that_were_encoded(lists: list[Any], data: st.DataObject) -> None:
    """Entries that are not defined get 0 and store nothing."""
    status = np.array(data.draw(st.lists(st.booleans(), min_size=len(lists), max_size=len(lists))), dtype=np.uint8)
    written = np.array([x for xs in lists for x in xs], dtype=np.int64)
    ends = np.cumsum(np.array([len(xs) for xs in lists], dtype=np.int64))
    store = Store()
    numbers = store.intern(written, ends, status)
    kept = [xs for xs, s in zip(lists, status, strict=True) if s == DEFINED]
    assert store.count == len(set(kept))
    for xs, number, known in zip(lists, numbers.tolist(), status.tolist(), strict=True):
        assert number == (0 if known == UNDEFINED else store.encode(xs, INTS))


@given(st.lists(st.lists(st.lists(st.integers(0, 1), max_size=2).map(tuple), max_size=3).map(tuple), max_size=6))
def test_nested_sequences_that_a_kernel_wrote(nested: list[Any]) -> None:
    store = Store()
    inner = [xs for xss in nested for xs in xss]
    cells = np.array([x for xs in inner for x in xs], dtype=np.int64)
    inner_ends = np.cumsum(np.array([len(xs) for xs in inner], dtype=np.int64))
    ends = np.cumsum(np.array([len(xss) for xss in nested], dtype=np.int64))
    numbers = store.intern_nested(cells, inner_ends, ends, np.full(len(nested), DEFINED, dtype=np.uint8))
    assert numbers.tolist() == [store.encode(xss, list_of(INTS)) for xss in nested]


def test_it_grows_without_losing_anything() -> None:
    """Thousands of sequences, far beyond what a new store has room for, one by one and in one go."""
    lists = [(*range(i % 7, i % 7 + i % 5), i) for i in range(3_000)]
    store = Store()
    cells = [store.encode(xs, INTS) for xs in lists[:1_000]]
    cells += store.encode_all(lists[1_000:], INTS).tolist()
    assert len(set(cells)) == store.count == len(lists)
    assert store.decode_all(cells, INTS) == lists
    assert [store.encode(xs, INTS) for xs in lists] == cells
    assert store.bytes_held > 8 * sum(map(len, lists))


def test_one_sequence_of_cells_may_be_values_of_many_types() -> None:
    """The cell of (1, 0) as a list of ints is that of (True, False) as a list of bools; each comes out as its type."""
    store = Store()
    pair = tuple_of(INT, BOOL)
    assert store.encode((1, 0), INTS) == store.encode((True, False), list_of(BOOL)) == store.encode((1, False), pair)
    cell = store.encode((1, 0), INTS)
    assert repr(store.decode(cell, INTS)) == "(1, 0)"
    assert repr(store.decode(cell, list_of(BOOL))) == "(True, False)"
    assert repr(store.decode(cell, pair)) == "(1, False)"


@dataclass(frozen=True)
class Chess:
    """A value of a user's own type."""

    square: str


def test_values_of_a_users_type_are_numbered() -> None:
    chess = TypeConstructor("chess")
    store = Store()
    a, b = Chess("a1"), Chess("b2")
    assert store.encode_all([a, b, Chess("a1")], chess).tolist() == [0, 1, 0]
    assert store.decode(store.encode((a, b), list_of(chess)), list_of(chess)) == (a, b)
    assert store.decode(store.encode(Some(b), option_of(chess)), option_of(chess)) == Some(b)
    assert store.encode("a1", TEXT) == 0  # numbers of one boxed type say nothing about another


@given(PLAIN)
def test_a_type_is_kept_in_one_way(t: Type) -> None:
    assert [t in (INT, BOOL, REAL), is_sequence(t), is_boxed(t)].count(True) == 1
