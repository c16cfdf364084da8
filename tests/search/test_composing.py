"""Definitions run by kernels give what they give run as programs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typed_programs import values

from dsl.grammar import Production
from dsl.library import Definition, Library
from dsl.module_file import definitions_of
from dsl.parser import parse_file
from dsl.primitives import CORE
from dsl.program import Name
from dsl.type_system import INT, FunctionType, Type, apply, type_variables
from synth.budget import Budget
from synth.search.apply import Applier
from synth.search.calls import Calls
from synth.search.column import block_of, interned
from synth.search.composed import composition_of
from synth.search.kernels.ready import Kernels
from synth.search.store import Store

MODULE = """syn 1

def doubled(n: int) -> int = n + n
def plus(n: int, m: int) -> int = n * 3 + m
def above(n: int, xs: list[int]) -> list[int] = filter(lambda x: x > n, xs)
def sorted_above(n: int, xs: list[int]) -> list[int] = reverse(sort(above(n, xs)))
def all_doubled(xs: list[int]) -> list[int] = map(doubled, xs)
def less_first(xs: list[int]) -> list[int] = map(lambda x: x - head(xs), tail(xs))
def weighted(xs: list[int]) -> int = fold(lambda a, x: a * 2 + plus(x, length(xs)), 0, xs)
def steps(xs: list[int]) -> list[int] = zip_with(lambda x, y: y - x, xs, tail(xs))
def clipped(n: int, xs: list[int]) -> list[int] = map(lambda x: (x if x < n and x > 0 else n), xs)
def best(xs: list[int]) -> int = (maximum(xs) if length(xs) > 1 else head(xs) // 2)
def pairs(xs: list[A]) -> list[tuple[A, A]] = zip(xs, reverse(xs))
def rows(xs: list[int]) -> list[list[int]] = map(lambda xs: reverse(xs), group(sort(xs)))
def up_to(n: int) -> int = sum(range(0, n + 1))
def largest_by(xs: list[list[A]]) -> list[A] = argmax(length, xs)
"""

COMPOSED = {
    "doubled",
    "plus",
    "above",
    "sorted_above",
    "all_doubled",
    "less_first",
    "weighted",
    "steps",
    "clipped",
    "best",
    "pairs",
    "up_to",
    "largest_by",
}
MADE = definitions_of(parse_file(MODULE), CORE, "made")
LIBRARY: Library = CORE.extend(MADE)
DEFINITIONS = [entry for entry in MADE if isinstance(entry, Definition)]


def _production(entry: Definition) -> Production:
    t = apply({v.name: INT for v in type_variables(entry.type)}, entry.type)
    assert isinstance(t, FunctionType)
    return Production(Name(entry.name), t.parameters, t.result, 1.0, entry.name)


def _outcomes(production: Production, rows: list[tuple[object, ...]], enabled: bool, largest: int) -> list[object]:
    """What the search gets for each tuple of arguments; None where there is no value."""
    store = Store()
    applier = Applier(LIBRARY, store, largest, lambda: None, _Eager(enabled, Budget().start()), Calls())
    columns = [block_of([row[i] for row in rows], t, store) for i, t in enumerate(production.parameters)]
    block = interned(applier.apply(production, columns, np.arange(len(rows), dtype=np.int64)), store)
    cells, status = block.cells[0], block.status[0]
    t = production.result
    return [store.decode(int(c), t) if s else None for c, s in zip(cells, status, strict=True)]


class _Eager(Kernels):
    """Kernels that are compiled however few cells there are."""

    def find(self, production: Production, cells: int):  # type: ignore[no-untyped-def]
        return super().find(production, 10**6)


def _rows(types: tuple[Type, ...]) -> st.SearchStrategy[list[tuple[object, ...]]]:
    return st.lists(st.tuples(*map(values, types)), min_size=1, max_size=8)


def test_definitions_of_words_with_kernels_are_run_by_kernels() -> None:
    """But for one whose lambda does more than compiled code runs on any argument."""
    made = {entry.short for entry in DEFINITIONS if composition_of(_production(entry), LIBRARY, 64) is not None}
    assert made == COMPOSED


@pytest.mark.parametrize("entry", DEFINITIONS, ids=lambda entry: entry.short)
def test_kernels_and_programs_give_the_same(entry: Definition) -> None:
    """Also at the ends of the integers, without items, and where a list between two words is too long to keep."""
    production = _production(entry)

    @settings(max_examples=25)
    @given(_rows(production.parameters), st.sampled_from((4, 64)))
    def check(rows: list[tuple[object, ...]], largest: int) -> None:
        assert _outcomes(production, rows, True, largest) == _outcomes(production, rows, False, largest)

    check()


def test_a_body_of_too_many_steps_is_left_to_the_interpreter() -> None:
    """It may have no value there for want of fuel, which compiled code does not count."""
    entry = LIBRARY["made.all_doubled"]
    assert isinstance(entry, Definition)
    assert composition_of(_production(entry), LIBRARY, 9_000) is None
