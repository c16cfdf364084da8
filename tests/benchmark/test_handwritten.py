"""The loops by hand count what a Python set of the same columns counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from synth.benchmark.handwritten import concat_all, flat_lists, take_all

ROWS = 3
CELLS = st.lists(st.integers(-2, 2) | st.integers(-(2**63), 2**63 - 1), max_size=4).map(tuple)
COLUMNS = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=12)
COUNTS = st.lists(st.tuples(*[st.integers(-2, 6)] * ROWS), min_size=1, max_size=12)


@given(COLUMNS, COLUMNS)
def test_concat(left: list[tuple[tuple[int, ...], ...]], right: list[tuple[tuple[int, ...], ...]]) -> None:
    slow = {tuple(a + b for a, b in zip(p, q, strict=True)) for p in left for q in right}
    assert concat_all(flat_lists(left), flat_lists(right)) == len(slow)


@given(COUNTS, COLUMNS)
def test_take(counts: list[tuple[int, ...]], lists: list[tuple[tuple[int, ...], ...]]) -> None:
    slow = {tuple(xs[: max(n, 0)] for n, xs in zip(ns, column, strict=True)) for ns in counts for column in lists}
    assert take_all(counts, flat_lists(lists)) == len(slow)


def test_the_set_grows() -> None:
    """More columns than the tables start with, among them such as differ only in where a row ends."""
    columns = [((i,), (i, i + 1), ()) for i in range(60)] + [((i, i), (i + 1,), ()) for i in range(60)]
    slow = {tuple(a + b for a, b in zip(p, q, strict=True)) for p in columns for q in columns}
    assert concat_all(flat_lists(columns), flat_lists(columns)) == len(slow) > 4096
