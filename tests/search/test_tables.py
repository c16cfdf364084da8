"""Decision tables: least bits as by brute force, relabellings found by the search, and mere lists of rows refused."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specs import spec_of

from dsl.interpreter import run
from dsl.printer import show
from dsl.type_system import INT
from synth.budget import Budget
from synth.search import case_search
from synth.search.cases import (
    CaseProblem,
    Keys,
    case_problem,
    learn_table,
    listing_bits,
    misses,
    tree_bits,
    with_table,
)
from synth.search.search import Search
from synth.search.switches import Switches
from tasks.task import Spec

# --- the slow twin -----------------------------------------------------------------------------------------------


@st.composite
def drawn(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, Keys, CaseProblem]:
    """A small problem: which terms are right, their bits, keys; whole numbers of bits, perhaps free rows."""
    rows, terms, keys = draw(st.integers(1, 7)), draw(st.integers(0, 4)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    right = rng.random((terms, rows)) < draw(st.sampled_from((0.3, 0.6)))
    term_bits = rng.integers(1, 9, terms).astype(float)
    values = rng.integers(0, draw(st.integers(2, 4)), (keys, rows))
    base = np.sort(rng.integers(1, 9, keys)).astype(float)
    spelt = rng.integers(1, 9, 5).astype(float)  # a value, in whichever key, has its price
    outputs = rng.integers(0, 3, rows)
    constant_bits = np.where(outputs < draw(st.integers(0, 3)), 4.0 + outputs, np.inf)
    given_keys = Keys(values, base[:, None] + spelt[values], outputs, constant_bits)
    free = rng.random(rows) < draw(st.sampled_from((0.0, 0.3)))
    none = np.zeros((0, rows), dtype=bool)
    problem = case_problem(right, term_bits, none, none, np.zeros(0), branch_bits=2.0, free=free)
    return right, term_bits, given_keys, problem


def least_bits(options: list[tuple[int, float, np.ndarray]], keys: Keys, rows: list[int], asked: list[int]) -> float:
    """Of a table that asks keys in order, by trying every term for every case, and each of them for the end."""
    key, *others = asked
    groups: dict[int, list[int]] = {}
    for row in rows:
        groups.setdefault(int(keys.values[key, row]), []).append(row)
    if len(groups) < 2:
        return math.inf
    choices: list[list[tuple[int, float]]] = []
    for number, group in enumerate(groups.values()):
        fitting = [(name, bits) for name, bits, right in options if right[group].all()]
        if not fitting and others:
            fitting = [(-1 - number, least_bits(options, keys, group, others))]
        choices.append(fitting)
    tests = [float(keys.test_bits[key, group[0]]) for group in groups.values()]
    best = math.inf
    for chosen in itertools.product(*choices):
        for last, bits in chosen:
            asked_for = [2.0 + test + own for test, (name, own) in zip(tests, chosen, strict=True) if name != last]
            best = min(best, bits + sum(asked_for))
    return best


@settings(max_examples=200, deadline=None)
@given(drawn())
def test_finds_the_least_bits(made: tuple[np.ndarray, np.ndarray, Keys, CaseProblem]) -> None:
    right, term_bits, keys, problem = made
    counted = [row for row in range(problem.rows) if int(problem.cares[0]) >> row & 1]
    options = [(number, float(bits), right[number]) for number, bits in enumerate(term_bits)]
    for row in counted:
        if math.isfinite(keys.constant_bits[row]):
            code = int(keys.outputs[row])
            options.append((100 + code, float(keys.constant_bits[row]), keys.outputs == code))
    orders = [o for size in (1, 2, 3) for o in itertools.permutations(range(len(keys.values)), size)]
    least = min((least_bits(options, keys, counted, list(order)) for order in orders), default=math.inf)
    learned = learn_table(problem, keys)
    assert (learned.table.bits if learned.table else math.inf) == least
    if learned.table is not None:
        whole = with_table(problem, keys, learned.table)
        assert misses(learned.table.tree, whole) == 0
        assert tree_bits(learned.table.tree, whole) == learned.table.bits


@settings(max_examples=50, deadline=None)
@given(drawn(), st.integers(0, 6))
def test_judges_no_more_candidates_than_allowed(
    made: tuple[np.ndarray, np.ndarray, Keys, CaseProblem], limit: int
) -> None:
    *_, keys, problem = made
    learned = learn_table(problem, keys, limit=limit)
    assert learned.candidates <= limit
    assert learned == learn_table(problem, keys, limit=limit)
    assert learn_table(problem, keys, check=lambda: True).candidates == 0


def relabelled(rows: int, kinds: int, seed: int) -> tuple[CaseProblem, Keys]:
    """One key of so many values, each with an output of its own; no term is right anywhere."""
    rng = np.random.default_rng(seed)
    values = np.concatenate([np.arange(kinds), rng.integers(0, kinds, rows - kinds)])
    outputs = rng.permutation(90)[:kinds][values]
    spelt = np.full(rows, 20.0)
    none = np.zeros((0, rows), dtype=bool)
    listed = listing_bits(outputs.tolist())
    problem = case_problem(none, np.zeros(0), none, none, np.zeros(0), branch_bits=4.0, row_bits=listed)
    number = np.arange(rows)  # another column, by which all rows differ
    return problem, Keys(np.array([values, number]), np.array([9.0 + spelt / 4, 99.0 + spelt]), outputs, spelt)


@pytest.mark.parametrize("seed", range(5))
def test_a_table_that_enumerates_the_rows_loses(seed: int) -> None:
    """It exists, and is given where rows repeat what it says often enough."""
    problem, keys = relabelled(8, 8, seed)
    assert learn_table(problem, keys).table is None
    assert learn_table(replace(problem, row_bits=None), keys).table is not None
    problem, keys = relabelled(90, 5, seed)
    found = learn_table(problem, keys).table
    assert found is not None
    assert len(found.tests) == 4


# --- the search --------------------------------------------------------------------------------------------------

LABELS = {1: 3, 2: 7, 3: 1, 4: 12, 5: 40}


def mapped(labels: dict[int, int], lists: int = 6, items: int = 8, seed: int = 4) -> Spec:
    rng = random.Random(seed)
    drawn = [tuple(rng.choice(list(labels)) for _ in range(items)) for _ in range(lists)]
    return spec_of(*((xs, tuple(labels[x] for x in xs)) for xs in drawn))


def found(spec: Spec, evaluations: int, **switches: bool) -> Search:
    search = Search(spec, Budget(evaluations=evaluations).start(), switches=Switches(**switches))
    search.run()
    return search


@pytest.mark.parametrize(
    ("labels", "evaluations"),
    [(LABELS, 2_000), ({2: 50, 4: 6, 7: 31, 9: 2}, 7_000), ({1: 0, 2: 9, 3: 4, 5: 20, 8: 77}, 2_000)],
)
def test_a_relabelling_of_items_is_found(
    labels: dict[int, int], evaluations: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By tables, and not by trees alone with four times the work; and it is right on other lists."""
    spec = mapped(labels)
    hit = found(spec, evaluations).hits.best()
    assert hit is not None
    (other,) = mapped(labels, lists=1, items=5, seed=9).examples
    assert run(hit.program, other.arguments, spec.library) == other.output, show(hit.program, spec.library)
    assert found(spec, evaluations, cases=False).hits.best() is None
    monkeypatch.setattr(case_search, "_TABLES_SHARE", 0.0)
    assert found(spec, 4 * evaluations).hits.best() is None


def test_a_relabelling_of_arguments_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over examples: two arguments, of which one decides what is done with the other."""
    rng = random.Random(3)
    labels = {11: 40, 23: 7, 31: 55, 47: 18}
    pairs = [((n := rng.choice(list(labels)), rng.randrange(100)), labels[n]) for _ in range(72)]
    spec = spec_of(*pairs, types=(INT, INT), result=INT)
    hit = found(spec, 4_000).hits.best()
    assert hit is not None
    assert all(run(hit.program, (a, 5), spec.library) == label for a, label in labels.items())
    monkeypatch.setattr(case_search, "_TABLES_SHARE", 0.0)
    assert found(spec, 16_000).hits.best() is None


@pytest.mark.parametrize("seed", range(4))
def test_random_outputs_are_not_claimed(seed: int) -> None:
    """A table could list them, item by item or example by example."""
    rng = random.Random(seed)
    lists = [tuple(rng.sample(range(90), 5)) for _ in range(4)]
    items = spec_of(*((xs, tuple(rng.randrange(90) for _ in xs)) for xs in lists))
    numbers = spec_of(*((n, rng.randrange(90)) for n in rng.sample(range(90), 8)), types=(INT,), result=INT)
    for spec in (items, numbers):
        search = found(spec, 10_000)
        assert search.hits.best() is None
        assert search.engine.cases is not None
        assert search.engine.cases.tables == 0


def test_a_search_with_tables_is_the_same_twice() -> None:
    one, two = (found(mapped(LABELS), 5_000) for _ in range(2))
    assert [(h.program, h.level) for h in one.hits.found] == [(h.program, h.level) for h in two.hits.found]
    assert one.meter.evaluations == two.meter.evaluations == 5_000


@pytest.mark.parametrize("spec", [mapped(LABELS, lists=4), mapped({1: 3, 2: 7, 3: 1})])
def test_a_search_that_ends_early_went_the_same_way_until_then(spec: Spec) -> None:
    """The budget only cuts: what a search had found by some evaluations it finds with just so many allowed."""
    whole = found(spec, 9_000)
    search = Search(spec, Budget(evaluations=whole.meter.evaluations).start())
    search.run()
    assert [(h.program, h.level) for h in search.hits.found] == [(h.program, h.level) for h in whole.hits.found]
    first = whole.hits.first_at
    if first:
        cut = found(spec, first)
        assert cut.hits.found[:1] == whole.hits.found[:1]
        assert cut.meter.evaluations == first
