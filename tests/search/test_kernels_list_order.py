"""Kernels of list words that compare or add up items against the words' Python functions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_harness import check_kernel, compare, result_type

from dsl.library import Library
from dsl.primitives import CORE, list_order
from dsl.type_system import (
    BOOL,
    INT,
    REAL,
    TEXT,
    FunctionType,
    Type,
    TypeConstructor,
    apply,
    list_of,
    option_of,
    tuple_of,
    type_variables,
)
from synth.search.kernels import kernel_for
from synth.search.kernels.convention import DEFINED
from synth.search.kernels.list_order import KERNELS, next_gap

SCALARS: tuple[Type, ...] = (INT, BOOL, REAL)
FLAT: tuple[Type, ...] = (list_of(INT), tuple_of(BOOL, REAL))
OTHERS: tuple[Type, ...] = (TEXT, option_of(INT), list_of(list_of(INT)), tuple_of(INT, TEXT))


def parameters_of(word: str, item: Type) -> tuple[Type, ...]:
    declared = CORE[word].type
    assert isinstance(declared, FunctionType)
    return tuple(apply({v.name: item for v in type_variables(declared)}, p) for p in declared.parameters)


def constraint_of(word: str) -> str | None:
    """What the word asks of its items: order, equality, or (None) that they are ints."""
    return next((v.constraint for v in type_variables(CORE[word].type)), None)


def words() -> Iterator[tuple[str, Type]]:
    items = {None: (INT,), "ordered": SCALARS + FLAT, "eq": SCALARS + FLAT + OTHERS}
    yield from ((word, item) for word in KERNELS for item in items[constraint_of(word)])


@pytest.mark.parametrize(("word", "item"), list(words()), ids=str)
def test_a_kernel_is_its_word(word: str, item: Type) -> None:
    parameters = parameters_of(word, item)
    kernel = kernel_for(word, parameters, result_type(word, parameters))
    assert kernel is not None
    check_kernel(word, kernel, *parameters, examples=40 if item == INT else 12)


def test_every_word_has_a_kernel() -> None:
    assert set(Library.of(list_order).entries) == set(KERNELS)


@pytest.mark.parametrize("item", OTHERS, ids=str)
def test_what_is_in_no_order_of_cells_is_not_sorted_by_cells(item: Type) -> None:
    refused = {word for word in KERNELS if constraint_of(word) == "ordered"}
    assert refused == {"list.maximum", "list.minimum", "list.sort", "list.is_sorted"}
    for word in refused:
        if not (isinstance(item, TypeConstructor) and item.name == "option"):
            parameters = parameters_of(word, item)
            assert kernel_for(word, parameters, result_type(word, parameters)) is None


HUGE = 10_000


def huge_lists() -> list[tuple[int, ...]]:
    """Lists as long as the language allows: in order, turned, shuffled, of few items and of many, waves."""
    rng = Random(3)
    shuffled = list(range(HUGE))
    rng.shuffle(shuffled)
    return [
        tuple(range(HUGE)),
        tuple(range(HUGE, 0, -1)),
        tuple(shuffled),
        (7,) * HUGE,
        tuple(rng.choices(range(-5, 5), k=HUGE)),
        tuple(rng.choices(range(-(2**61), 2**61), k=HUGE)),
        tuple((i * 2**32) % 2**62 for i in range(HUGE)),
        tuple(i % 97 for i in range(HUGE)),
    ]


@pytest.mark.parametrize("word", [word for word in KERNELS if constraint_of(word) is not None])
def test_the_longest_lists_take_no_time(word: str) -> None:
    parameters = parameters_of(word, INT)
    rows = []
    for xs in huge_lists():
        lists = iter((xs, xs[::-3]))
        rows.append((tuple(7 if p == INT else next(lists) for p in parameters), DEFINED))
    kernel = kernel_for(word, parameters, result_type(word, parameters))
    assert kernel is not None
    compare(word, kernel, parameters, rows[:1], HUGE)  # compiled, if it was not
    begun = time.perf_counter()
    compare(word, kernel, parameters, rows, HUGE)
    assert time.perf_counter() - begun < 10, "8 lists: what is quadratic takes minutes"


def test_an_empty_list_and_its_neighbour_in_the_store_are_different() -> None:
    rows = [(((), (1, 2)), DEFINED), (((1, 2), ()), DEFINED), (((), ()), DEFINED), (((3,), (3,)), DEFINED)]
    for word in ("list.union", "list.intersect", "list.difference"):
        compare(word, KERNELS[word], (list_of(INT), list_of(INT)), rows, 9)


@given(st.integers(0, 20_000))
def test_gaps_fall_to_one_and_end(length: int) -> None:
    gaps = []
    gap = next_gap(length)
    while gap:
        gaps.append(gap)
        gap = next_gap(gap)
    assert gaps == sorted(set(gaps), reverse=True)
    assert all(gap < length for gap in gaps)
    assert length < 2 or gaps[-1] == 1
