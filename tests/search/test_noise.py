"""Noise: whatever finds a program, the examples that it misses are paid for once, and the best is not crowded out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specs import spec_of

from dsl.parser import parse, parse_surface
from dsl.primitives import CORE
from dsl.printer import show
from dsl.program import Lambda, Program
from dsl.type_system import INT, list_of
from synth.budget import Budget
from synth.search.hits import Hits
from synth.search.search import Search
from synth.search.switches import Switches
from tasks.sketches import read_sketch
from tasks.task import Spec

DOUBLED = replace(
    spec_of(((1, 2), (2, 4)), ((5,), (10,)), ((0, 3), (0, 6)), ((4, 1), (9, 2)), ((6, 8, 7), (12, 16, 14))), noise=0.25
)
"""The fourth is wrong."""
WORDS = ("control.if", "order.lt", "int.add", "int.multiply")
TWO_CASES = replace(
    spec_of(
        *((n, n * n if n < 6 else n + 5 if n != 9 else 77) for n in range(14)),
        types=(INT,),
        result=INT,
        library=replace(CORE, entries={word: CORE.entries[word] for word in WORDS}),
    ),
    noise=0.1,
)
"""The tenth is wrong."""


def searched(spec: Spec, *sketches: str, evaluations: int = 20_000, **switches: bool) -> Search:
    forms = tuple(read_sketch(parse_surface(s), spec.library, spec.parameters, spec.type_request) for s in sketches)
    spec = replace(spec, sketches=forms)
    search = Search(spec, Budget(evaluations=evaluations).start(), switches=Switches(**switches), beyond=1.0)
    search.run()
    return search


@pytest.mark.parametrize(
    ("spec", "sketches", "on"),
    [
        (DOUBLED, (), {"repair": False, "cases": False}),
        (DOUBLED, ("map(?f, xs)",), {"repair": False, "cases": False}),
        (DOUBLED, ("map((?f : (int) -> int), ?)",), {"repair": True}),
        (TWO_CASES, (), {"repair": False}),
    ],
)
def test_every_lane_charges_for_misses_alike(spec: Spec, sketches: tuple[str, ...], on: dict[str, bool]) -> None:
    """A hit costs what the prior says of its program (whose parts are rounded, or not) and its misses, once."""
    search = searched(spec, *sketches, **on)
    assert any(hit.missed for hit in search.hits.found)
    for hit in search.hits.found:
        own = search.cost(hit.program)
        assert own is not None
        assert abs(hit.level - own - search.hits.price(hit.missed)) <= 3
    if spec is TWO_CASES:
        assert search.engine.cases is not None
        assert search.engine.cases.trees > 0


def test_sketches_and_enumeration_rank_alike() -> None:
    """With a sketch line or without, the same program is the best, at the same price."""
    plain, sketched = searched(DOUBLED).hits.best(), searched(DOUBLED, "map((?f : (int) -> int), ?)").hits.best()
    assert plain is not None
    assert sketched is not None
    variables = {"xs": list_of(INT)}
    assert show(plain.program.body, DOUBLED.library, variables=variables) == "map(lambda x: x + x, xs)"
    assert (sketched.program, sketched.missed) == (plain.program, plain.missed) == (plain.program, (3,))
    assert abs(sketched.level - plain.level) <= 2


FEW = replace(spec_of(*((n, 3) for n in range(4)), types=(INT,), result=INT), noise=0.5)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60)), min_size=1, max_size=150))
def test_the_cheapest_hits_are_kept(drawn: list[tuple[int, int]]) -> None:
    """However many came before."""
    spec = replace(FEW, noise=0.0)
    hits = Hits(spec, Budget().start(), lambda program: 0)
    for number, level in drawn:
        # different programs that all yield 3
        program = Lambda(("n",), parse_body(f"3 if n == {number} else 3"))
        hits.add(program, level)
    first: dict[int, int] = {}
    for number, level in drawn:
        first.setdefault(number, level)
    assert sorted(hit.level for hit in hits.found) == sorted(first.values())[: Hits.KEPT]


def parse_body(text: str) -> Program:
    return parse(text, FEW.library, expected=INT, variables={"n": INT})


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 300))
def test_of_many_that_fit_those_that_miss_least_are_taken(seed: int, count: int) -> None:
    hits = Hits(FEW, Budget().start(), lambda program: 0)
    right = np.random.default_rng(seed).random((count, 4)) < 0.7
    chosen = hits.cheapest(right)
    prices = [hits.price(np.nonzero(~line)[0].tolist()) for line in right]
    fitting = [p for p, line in zip(prices, right, strict=True) if (~line).sum() <= 2]
    assert [prices[i] for i in chosen] == sorted(fitting)[: Hits.KEPT]
    assert len(set(chosen.tolist())) == len(chosen)
