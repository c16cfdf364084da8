"""What tests of compiled kernels share: a kernel over drawn columns, against the Python function of its word.

`check_kernel` draws rows of arguments (extremes, duplicates, empty and long lists among them), puts them into a store,
calls the kernel once for all, takes the results out, and compares. Entries that have no value on entry must keep that
mark, and write nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.primitive import Primitive
from dsl.primitives import CORE
from dsl.type_system import (
    BOOL,
    INT,
    REAL,
    TEXT,
    FunctionType,
    Substitution,
    Type,
    TypeConstructor,
    apply,
    instantiate,
    show_type,
    unify,
)
from dsl.values import INT_MAX, INT_MIN, Some, TooLarge, Undefined, conforms, key
from synth.search.kernels.convention import DEFINED, NESTED_ROOM, OUTSIDE, UNDEFINED, Ints, Kernel, Status
from synth.search.store import Store

EDGES = [
    *(INT_MIN, INT_MIN + 1, -(2**62), -(2**32), -3_037_000_500, -11, -3, -2, -1, 0, 1, 2, 3, 4, 7, 9, 10),
    *(2**31, 2**32 - 1, 3_037_000_499, 3_037_000_500, 2**53 + 1, 2**62, INT_MAX - 1, INT_MAX),
]
REAL_EDGES = [
    *(0.0, -0.0, 0.5, -0.5, 1.0, 1.5, -1.5, 2.5, -2.0, 0.1, 0.49999999999999994, 1e16, -1e16, 1e300, -1e300),
    *(1.7976931348623157e308, 5e-324, 1e-300, 2.0**52 + 0.5, 2.0**63, -(2.0**63), 2.0**62, 709.9, 1e-7),
]
MOST = (2, 12, 1000)
"""Longest results that checks allow, by turns: nearly all are too long, some are, none is."""


class NoValue:
    """The outcome of an entry without a value; `outside`: a function was asked what it does not know."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


NO_VALUE, OUTSIDE_VALUE = NoValue("no value"), NoValue("outside")
OUTCOMES = {UNDEFINED: NO_VALUE, OUTSIDE: OUTSIDE_VALUE}


# ---- What arguments are drawn --------------------------------------------------------------------------------------


def cell_values(t: Type) -> st.SearchStrategy[Any]:
    """Values of a ground type: small ones that are often equal, the limits, now and then long lists."""
    match t:
        case TypeConstructor("int"):
            return st.integers(-3, 9) | st.sampled_from(EDGES) | st.integers(INT_MIN, INT_MAX)
        case TypeConstructor("bool"):
            return st.booleans()
        case TypeConstructor("real"):
            return st.sampled_from(REAL_EDGES) | st.floats(allow_nan=False, allow_infinity=False) | st.floats(-9, 9)
        case TypeConstructor("text"):
            return st.sampled_from(["", "a", "b", "ab", "é"])
        case TypeConstructor("list", (item,)):
            # Most lists from a strategy of small items, so that equal ones and sums within 64 bits are common.
            return _short_lists(_small(item)) | _short_lists(cell_values(item)) | _long_lists(item)
        case TypeConstructor("tuple", items):
            return st.tuples(*map(cell_values, items))
        case TypeConstructor("option", (item,)):
            return st.none() | st.builds(Some, cell_values(item))
        case _:
            raise AssertionError(f"no values of type {show_type(t)}")


def _small(t: Type) -> st.SearchStrategy[Any]:
    match t:
        case TypeConstructor("int"):
            return st.integers(-2, 4)
        case TypeConstructor("real"):
            return st.sampled_from([0.0, -0.0, 0.5, -1.5, 0.1, 0.2, 3.0])
        case TypeConstructor("list", (item,)):
            return _short_lists(_small(item), 3)
        case TypeConstructor("tuple", items):
            return st.tuples(*map(_small, items))
        case TypeConstructor("option", (item,)):
            return st.none() | st.builds(Some, _small(item))
        case _:
            return cell_values(t)


def _short_lists(items: st.SearchStrategy[Any], most: int = 7) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, max_size=most).map(tuple)


def _long_lists(item: Type) -> st.SearchStrategy[tuple[Any, ...]]:
    """Lists of a few different items, and lists of many different ints, too long to be drawn item by item."""
    length, seed = st.sampled_from([11, 12, 13, 31, 34, 70, 600]), st.integers(0, 2**32)
    pool = st.lists(cell_values(item) if item in (INT, BOOL, REAL, TEXT) else _small(item), min_size=1, max_size=9)
    found = st.builds(lambda n, s, p: tuple(Random(s).choices(p, k=n)), length, seed, pool)
    if item == INT:
        found |= st.builds(lambda n, s: tuple(Random(s).choices(range(-n, n), k=n)), length, seed)
    return found


def drawn_rows(parameters: Sequence[Type]) -> st.SearchStrategy[list[tuple[tuple[Any, ...], int]]]:
    """Rows of arguments, each with its status on entry: mostly defined."""
    status = st.sampled_from([DEFINED] * 8 + [UNDEFINED, OUTSIDE])
    return st.lists(st.tuples(st.tuples(*map(cell_values, parameters)), status), min_size=1, max_size=8)


# ---- What the word says --------------------------------------------------------------------------------------------


def result_type(word: str, parameters: Sequence[Type]) -> Type:
    """The type that a word of the language gives for arguments of these types."""
    t = instantiate(CORE[word].type, (f"~{i}" for i in count()))
    assert isinstance(t, FunctionType), f"{word} is a constant"
    substitution: Substitution = {}
    assert len(t.parameters) == len(parameters)
    for declared, given_type in zip(t.parameters, parameters, strict=True):
        assert unify(declared, given_type, substitution), f"{word} takes no {show_type(given_type)}"
    return apply(substitution, t.result)


def expected_outcome(word: str, arguments: Sequence[Any], result: Type, kind: str, most: int) -> Any:
    """What the word's Python function gives, or `NO_VALUE`."""
    entry = CORE[word]
    assert isinstance(entry, Primitive)
    try:
        value = entry.function(*arguments)
    except (Undefined, TooLarge, OverflowError, MemoryError, *entry.raises):
        return NO_VALUE
    assert conforms(value, result), f"{word}{tuple(arguments)} gave {value!r}"
    return value if _is_held(value) and not is_too_long(value, kind, most) else NO_VALUE


def _is_held(value: Any) -> bool:
    """Whether all numbers of a value are numbers of the language."""
    match value:
        case int():
            return INT_MIN <= value <= INT_MAX
        case float():
            return math.isfinite(value)
        case tuple():
            return all(map(_is_held, value))
        case Some(inner):
            return _is_held(inner)
        case _:
            return True


def is_too_long(value: Any, kind: str, most: int) -> bool:
    """Whether a kernel has no room for a result."""
    if kind == "cell":
        return False
    parts = _sequence(value)
    inner = [len(_sequence(part)) for part in parts] if kind == "nested" else [0]
    return len(parts) > most or max(inner, default=0) > most or sum(inner) > NESTED_ROOM * most


def _sequence(value: Any) -> tuple[Any, ...]:
    return (value.value,) if isinstance(value, Some) else () if value is None else value


def same(a: Any, b: Any) -> bool:
    """Whether two outcomes are the same: types and all, but there is one zero only."""
    return a is b or (not isinstance(a, NoValue) and not isinstance(b, NoValue) and key(_plain(a)) == key(_plain(b)))


def _plain(value: Any) -> Any:
    match value:
        case float():
            return value + 0.0
        case tuple():
            return tuple(map(_plain, value))
        case Some(inner):
            return Some(_plain(inner))
        case _:
            return value


# ---- What the kernel says ------------------------------------------------------------------------------------------


@dataclass
class Buffer:
    """An array that a kernel may fill, with a margin behind it that it must leave alone."""

    whole: Ints
    room: int

    @classmethod
    def of(cls, room: int) -> Buffer:
        return cls(np.full(room + 64, -77, dtype=np.int64), room)

    @property
    def array(self) -> Ints:
        return self.whole[: self.room]

    def check(self) -> None:
        assert (self.whole[self.room :] == -77).all(), "the kernel wrote behind the end of a buffer"


def encoded(store: Store, parameters: Sequence[Type], rows: Sequence[Sequence[Any]], status: Status) -> list[Ints]:
    """The columns of the arguments; entries that are not defined hold 0."""
    return [
        np.array(
            [store.encode(row[place], t) if s == DEFINED else 0 for row, s in zip(rows, status, strict=True)],
            dtype=np.int64,
        )
        for place, t in enumerate(parameters)
    ]


def run_kernel(
    store: Store, kernel: Kernel, arguments: Iterable[Any], result: Type, status: Status, most: int
) -> list[Any]:
    """The outcome of each entry of one call. `arguments` is everything that stands before `lists`.

    `status` is changed as the kernel changes it.
    """
    before, n = status.copy(), len(status)
    cells, ends = Buffer.of(n if kernel.result == "cell" else most * n), Buffer.of(n)
    match kernel.result:
        case "cell":
            kernel.loop(*arguments, store.lists, status, cells.array)
            numbers = np.where(status == DEFINED, cells.array, 0)
        case "list":
            kernel.loop(*arguments, store.lists, status, most, cells.array, ends.array)
            _check_ends(ends.array, status, most)
            numbers = store.intern(cells.array, ends.array, status)
        case "nested":
            cells, inner = Buffer.of(NESTED_ROOM * most * n), Buffer.of(most * n)
            kernel.loop(*arguments, store.lists, status, most, cells.array, inner.array, ends.array)
            _check_ends(ends.array, status, most)
            used = inner.array[: ends.array[-1]]
            assert (np.diff(used, prepend=0) >= 0).all()
            inner.check()
            numbers = store.intern_nested(cells.array, inner.array, ends.array, status)
    cells.check()
    ends.check()
    assert (status[before != DEFINED] == before[before != DEFINED]).all(), "an entry without a value got one"
    return [
        store.decode(int(number), result) if s == DEFINED else OUTCOMES[int(s)]
        for number, s in zip(numbers, status, strict=True)
    ]


def _check_ends(ends: Ints, status: Status, most: int) -> None:
    lengths = np.diff(ends, prepend=0)
    assert (lengths >= 0).all(), ends
    assert (lengths <= most).all(), ends
    assert not lengths[status != DEFINED].any(), "an entry without a value wrote something"


# ---- The comparison ------------------------------------------------------------------------------------------------


def compare(
    word: str, kernel: Kernel, parameters: Sequence[Type], rows: Sequence[tuple[Sequence[Any], int]], most: int
) -> None:
    """Assert that the kernel gives, for each row (arguments, and status on entry), what the word gives."""
    result, store = result_type(word, parameters), Store()
    status = np.array([s for _, s in rows], dtype=np.uint8)
    columns = encoded(store, parameters, [arguments for arguments, _ in rows], status)
    found = run_kernel(store, kernel, columns, result, status, most)
    for (arguments, s), outcome in zip(rows, found, strict=True):
        wanted = OUTCOMES.get(s) or expected_outcome(word, arguments, result, kernel.result, most)
        assert same(outcome, wanted), f"{word}{tuple(arguments)}, most {most}: expected {wanted!r}, found {outcome!r}"


def check_kernel(word: str, kernel: Kernel, *parameters: Type, examples: int = 60) -> None:
    """Assert that a kernel without function arguments is its word, on drawn rows of arguments of these types."""

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(drawn_rows(parameters), st.sampled_from(MOST))
    def check(rows: list[tuple[tuple[Any, ...], int]], most: int) -> None:
        compare(word, kernel, parameters, rows, most)

    check()


def words_of(namespace: str, functions: bool = True) -> Iterator[str]:
    """The language's words of a namespace; without those that take a function, if so asked."""
    for name, entry in CORE.entries.items():
        parameters = entry.type.parameters if isinstance(entry.type, FunctionType) else ()
        if name.startswith(f"{namespace}.") and (functions or not any(isinstance(p, FunctionType) for p in parameters)):
            yield name
