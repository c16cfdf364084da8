"""The kernels of list words against the words' Python functions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kernel_harness import (
    MOST,
    NO_VALUE,
    OUTCOMES,
    drawn_rows,
    encoded,
    expected_outcome,
    result_type,
    run_kernel,
    same,
)

from dsl.library import Library
from dsl.primitive import Primitive
from dsl.primitives import CORE, list_changes, list_parts, lists
from dsl.type_system import BOOL, INT, TEXT, FunctionType, Type, apply, list_of, show_type, tuple_of
from dsl.values import INT_MAX, INT_MIN
from synth.search.kernels.convention import DEFINED, NESTED_ROOM, OUTSIDE, UNDEFINED
from synth.search.kernels.lists import KERNELS
from synth.search.store import Store

ITEMS: tuple[Type, ...] = (INT, BOOL, list_of(INT), tuple_of(INT, INT), TEXT)
PLACES = (INT_MIN, INT_MIN + 1, -601, -600, -4, -3, -2, -1, 0, 1, 2, 3, 4, 600, 601, INT_MAX - 1, INT_MAX)
"""Indices, counts and steps about the ends of lists of 0, 3 and 600 items, and the limits of 64 bits."""
LISTS = ((), (5, 6, 7), tuple(range(600)))


def parameters_of(word: str, item: Type) -> tuple[Type, ...]:
    """The types of a word's arguments for one type of items; the second values of pairs are texts."""
    t = CORE[word].type
    assert isinstance(t, FunctionType)
    return tuple(apply({"A": item, "B": TEXT}, p) for p in t.parameters)


def words_and_items() -> Iterator[tuple[str, Type]]:
    for word in KERNELS:
        generic = parameters_of(word, INT) != parameters_of(word, BOOL)
        yield from ((word, item) for item in (ITEMS if generic else ITEMS[:1]))


def wanted_outcome(word: str, arguments: Sequence[Any], result: Type, most: int) -> Any:
    """What the word gives; a sequence of sequences of which one is too long counts as too long."""
    kind = KERNELS[word].result
    value = expected_outcome(word, arguments, result, kind, most)
    return NO_VALUE if kind == "nested" and value is not NO_VALUE and any(len(v) > most for v in value) else value


def compare(word: str, parameters: Sequence[Type], rows: Sequence[tuple[Sequence[Any], int]], most: int) -> None:
    result, store = result_type(word, parameters), Store()
    status = np.array([s for _, s in rows], dtype=np.uint8)
    columns = encoded(store, parameters, [arguments for arguments, _ in rows], status)
    found = run_kernel(store, KERNELS[word], columns, result, status, most)
    for (arguments, s), outcome in zip(rows, found, strict=True):
        wanted = OUTCOMES[s] if s in OUTCOMES else wanted_outcome(word, arguments, result, most)
        assert same(outcome, wanted), f"{word}{tuple(arguments)}, most {most}: expected {wanted!r}, found {outcome!r}"


def test_every_word_of_lists_has_a_kernel() -> None:
    assert set(KERNELS) == set(Library.of(lists, list_changes, list_parts).entries)


@pytest.mark.parametrize(
    ("word", "item"), list(words_and_items()), ids=lambda v: v if isinstance(v, str) else show_type(v)
)
def test_a_kernel_is_its_word(word: str, item: Type) -> None:
    parameters = parameters_of(word, item)

    @settings(max_examples=25 if item == INT else 8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(drawn_rows(parameters), st.sampled_from(MOST))
    def check(rows: list[tuple[tuple[Any, ...], int]], most: int) -> None:
        compare(word, parameters, rows, most)

    check()


@pytest.mark.parametrize("word", [w for w in KERNELS if INT in parameters_of(w, INT)])
@pytest.mark.parametrize("most", [0, 1, 3, 600])
def test_indices_counts_and_steps_at_all_limits(word: str, most: int) -> None:
    parameters = parameters_of(word, INT)
    drawn = [PLACES if t == INT else LISTS for t in parameters]
    compare(word, parameters, [(arguments, DEFINED) for arguments in itertools.product(*drawn)], most)


@pytest.mark.parametrize("word", KERNELS)
def test_no_entry_without_a_value_is_looked_at(word: str) -> None:
    """Cells of such entries mean nothing: they may not even be the number of a sequence."""
    arguments = [np.full(3, 2**40, dtype=np.int64) for _ in parameters_of(word, INT)]
    status = np.array([UNDEFINED, OUTSIDE, UNDEFINED], dtype=np.uint8)
    result = result_type(word, parameters_of(word, INT))
    assert run_kernel(Store(), KERNELS[word], arguments, result, status, 5) == [OUTCOMES[int(s)] for s in (0, 2, 0)]


def least_most(word: str, arguments: Sequence[Any]) -> int:
    """The least `most` with which the word's result is not too long."""
    entry = CORE[word]
    assert isinstance(entry, Primitive)
    value = entry.function(*arguments)
    if KERNELS[word].result == "list":
        return len(value)
    inner = [len(v) for v in value]
    return max(len(value), *inner, -(-sum(inner) // NESTED_ROOM))


def assert_defined_from(least: int, word: str, arguments: Sequence[Any]) -> None:
    parameters = parameters_of(word, INT)
    for most in range(least + 2):
        status, store = np.ones(1, dtype=np.uint8), Store()
        columns = encoded(store, parameters, [arguments], status)
        run_kernel(store, KERNELS[word], columns, result_type(word, parameters), status, most)
        assert (status[0] == DEFINED) == (most >= least), most


@pytest.mark.parametrize("word", [word for word, kernel in KERNELS.items() if kernel.result != "cell"])
def test_a_result_is_undefined_exactly_where_it_is_too_long(word: str) -> None:
    numbers = iter((2, 3, 1))
    values: dict[Type, tuple[Any, ...]] = {
        list_of(INT): (5, 6, 7, 8),
        list_of(TEXT): ("a", "b", "c"),
        list_of(list_of(INT)): ((1, 2), (3, 4, 5)),
        list_of(tuple_of(INT, TEXT)): ((1, "a"),) * 3,
    }
    arguments = [next(numbers) if t == INT else values[t] for t in parameters_of(word, INT)]
    assert_defined_from(least_most(word, arguments), word, arguments)


@pytest.mark.parametrize(
    ("word", "arguments", "least"),
    [
        ("list.prefixes", ((1,) * 15,), 16),
        ("list.suffixes", ((1,) * 18,), 22),
        ("list.windows", (8, (1,) * 27), 20),
        ("list.windows", (9, (1,) * 22), 16),
        ("list.chunk", (9, (1,) * 18), 9),
        ("list.transpose", (((1,) * 9,) * 9,), 11),
        ("list.transpose", (((1,) * 3,) * 9,), 9),
    ],
)
def test_a_sequence_of_sequences_may_be_too_long_in_three_ways(
    word: str, arguments: tuple[Any, ...], least: int
) -> None:
    """There may be too many inner ones, one may be too long, and all together may be."""
    assert least_most(word, arguments) == least
    assert_defined_from(least, word, arguments)
