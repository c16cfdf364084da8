"""Sketches filled over another search's banks: whose turn it is, what is tried, once each, and nothing is disturbed."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from specs import INTS, NOTHING_SIMPLE, spec_of

from dsl.forms import has_form
from dsl.interpreter import run
from dsl.parser import parse_surface
from dsl.program import Hole, Lambda, call
from dsl.values import Failure, agree
from synth.budget import Budget
from synth.pcfg import spec_pcfg
from synth.search.attempts import Attempt, Attempts
from synth.search.engine import Engine
from synth.search.filler import Filler
from synth.search.hits import Hits
from synth.search.sketch_reading import skeleton_of
from synth.search.switches import Switches
from tasks.sketches import read_sketch
from tasks.task import Spec

INPUTS = ((3, 1, 2, 8), (6, 5, 0, 9, 4), (7, 7, -3), (2, 4), (10, -1, 5, 6, 6, 1))
SORTED_TWICE = spec_of(*((xs, tuple(sorted(xs)) + tuple(sorted(xs))) for xs in INPUTS))
SORTED = spec_of(*((xs, tuple(sorted(xs))) for xs in INPUTS))
INCREASED = spec_of(*((xs, tuple(x + 1 for x in xs)) for xs in INPUTS))


class Trial:
    """An engine, attempts over it, and all that was tried: which sketch, which classes, at which level."""

    def __init__(self, spec: Spec = NOTHING_SIMPLE, portion: int = 8, goals: bool = False) -> None:
        pcfg, leaves = spec_pcfg(spec)
        own = Budget().start()
        self.engine = Engine(
            spec, pcfg, leaves, own, Hits(spec, own, lambda program: 0), Switches(goals=goals, repair=False)
        )
        self.building = self.engine.steps()
        self.meter = Budget().start()
        self.hits = Hits(spec, self.meter, lambda program: 0)
        self.attempts = Attempts(self.engine, self.meter, self.hits, portion)
        self.tried: list[tuple[Lambda, tuple[int, ...], int]] = []

    def sketch(self, text: str) -> Lambda:
        spec = self.engine.spec
        return read_sketch(parse_surface(text), spec.library, spec.parameters, spec.type_request)

    def add(self, text: str, against: float = 0.0) -> Attempt:
        self.attempts.add(self.sketch(text), against)
        return self.attempts.all[-1]

    def build(self, evaluations: int) -> None:
        """Let the engine do so much work in all, which ends in the middle of a level, as in a search."""
        while self.engine.meter.evaluations < evaluations:
            next(self.building)

    def work(self, turns: int = 10**9) -> list[Attempt]:
        """So many turns, or all that there is to do; whose they were."""
        had: list[Attempt] = []
        with self._watched():
            while len(had) < turns and (chosen := self.attempts.next()) is not None:
                had.append(chosen)
                for _ in self.attempts.work():
                    pass
        return had

    @contextmanager
    def _watched(self) -> Iterator[None]:
        original = Filler.attempt

        def attempt(filler: Filler, numbers: np.ndarray, level: int = 0) -> None:
            (item,) = (item for item in self.attempts.all if item.filler is filler)
            self.tried.extend((item.sketch, tuple(row), level) for row in numbers.tolist())
            original(filler, numbers, level)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Filler, "attempt", attempt)
            yield

    def numbers(self, item: Attempt) -> list[tuple[int, ...]]:
        return [numbers for sketch, numbers, _ in self.tried if sketch is item.sketch]


# ---- Whose turn it is ------------------------------------------------------------------------------------------------


@given(st.floats(0, 20), st.integers(0, 10**6), st.integers(0, 10**6))
def test_twice_the_work_counts_like_a_bit(against: float, work: int, other: int) -> None:
    sketch = Lambda(("xs",), parse_surface("xs"))
    one = Attempt(sketch, against, work=work)
    assert one.priority == pytest.approx(against + math.log2(1 + work))
    assert Attempt(sketch, against, work=2 * work + 1).priority == pytest.approx(one.priority + 1)
    assert (Attempt(sketch, against, work=other).priority < one.priority) == (
        math.log2(1 + other) + against < one.priority
    )


def test_the_likelier_comes_first_and_of_equals_the_earlier() -> None:
    trial = Trial()
    late, first, second = trial.add("reverse(?)", 5.0), trial.add("sort(?)", 1.0), trial.add("tail(?)", 1.0)
    trial.build(500)
    assert trial.work(2) == [first, second]
    assert late.work == 0


def test_turns_go_to_whoever_has_the_least_against_it_and_the_least_work() -> None:
    trial = Trial(portion=2)
    for text, against in (
        ("reverse(?)", 3.0),
        ("sort(?)", 0.0),
        ("take(?, xs)", 1.0),
        ("map(?f, filter(?p, xs))", 2.0),
    ):
        trial.add(text, against)
    trial.build(1_000)
    for _ in range(400):
        before = {id(item): item.priority for item in trial.attempts.all}
        (chosen,) = trial.work(1) or (None,)
        if chosen is None:
            return
        waiting = {id(item) for item in trial.attempts._waiting}
        rivals = [before[id(item)] for item in trial.attempts.all if id(item) not in waiting and item is not chosen]
        assert all(before[id(chosen)] <= rival for rival in rivals)
    raise AssertionError("expected an end of what there is to try")


def test_a_sketch_that_cannot_be_filled_is_dropped() -> None:
    trial = Trial()
    trial.attempts.add(Lambda(("xs", "ys"), trial.sketch("reverse(?)").body), -9.0)
    trial.attempts.add(Lambda(("xs",), call("no.such_word", Hole("", INTS))), -8.0)
    fine = trial.add("sort(?)")
    trial.build(300)
    assert set(map(id, trial.work())) == {id(fine)}
    assert [item.work for item in trial.attempts.all[:2]] == [0, 0]


def test_nothing_is_tried_before_there_is_anything() -> None:
    trial = Trial()
    item = trial.add("map(?f, filter(?p, xs))")
    assert trial.work() == []
    assert item.filler is None
    trial.build(3_000)
    assert item in trial.work()


def test_a_skeleton_that_is_given_is_not_made_again() -> None:
    trial = Trial()
    sketch = trial.sketch("sort(?)")
    skeleton = skeleton_of(sketch, trial.engine.spec.library, trial.engine.spec.type_request)
    trial.attempts.add(sketch, 0.0, skeleton)
    trial.build(300)
    assert trial.work()
    assert trial.attempts.all[0].skeleton is skeleton


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("sort(?)", True),
        ("take(?, sort(?))", True),
        ("map(lambda x: x * 2, filter(lambda y: y > 1, ?))", True),
        ("map(?f, xs)", False),  # bodies are in banks of their own
        ("map(lambda x: x * ?, xs)", False),
        ("map(list.length, (? : list[list[int]]))", True),
        ("flatten(flatten((? : list[list[list[int]]])))", False),  # lists of lists of lists are no use to the search
    ],
)
def test_banks_that_are_soon_there_are_known(text: str, there: bool) -> None:
    trial = Trial()
    skeleton = skeleton_of(trial.sketch(text), trial.engine.spec.library, trial.engine.spec.type_request)
    assert trial.attempts.has_banks(skeleton) == there


# ---- One hole --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["reverse(?)", "map(lambda x: x * ?, xs)", "map(?f, sort(xs))", "?"])
def test_every_class_is_tried_once_and_the_cheapest_first(text: str) -> None:
    trial = Trial()
    item = trial.add(text)
    for evaluations in (300, 1_000, 6_000):
        trial.build(evaluations)
        trial.work()
        count = item.filler.banks[0].count if item.filler else 0
        assert trial.numbers(item) == [(n,) for n in range(count)]
        assert trial.work() == []
    assert item.tried == count > 8


def test_portions_grow_as_what_was_tried() -> None:
    trial = Trial(portion=4)
    item = trial.add("reverse(?)")
    trial.build(6_000)
    sizes = []
    while trial.work(1):
        sizes.append(item.tried - sum(sizes))
    assert sizes[:5] == [4, 4, 8, 16, 32]
    assert sum(sizes) == len(trial.numbers(item)) == trial.engine.top.bank(INTS).count


def test_work_is_what_the_meter_counts() -> None:
    trial = Trial(portion=4)
    items = [trial.add("reverse(sort(?))"), trial.add("take(?, ?)")]
    trial.build(1_000)
    turns = Counter(map(id, trial.work()))
    for item in items:
        assert item.work >= turns[id(item)] > 0
    whole = sum(item.work for item in items)
    assert 50 < trial.meter.evaluations <= whole <= trial.meter.evaluations + turns.total()


# ---- A hole whose goal is known --------------------------------------------------------------------------------------

BACKWARDS = (
    (SORTED_TWICE, "? + sort(xs)"),
    (SORTED_TWICE, "sort(xs) + reverse(?)"),
    (SORTED, "reverse(reverse(?))"),
    (SORTED, "cons(?, tail(sort(xs)))"),
)


@pytest.mark.parametrize(("spec", "text"), BACKWARDS)
def test_a_goal_leaves_out_only_what_is_wrong(spec: Spec, text: str) -> None:
    """With inverses and without, the same programs come out; with them less is run."""
    found, tried, works = [], [], []
    for goals in (True, False):
        trial = Trial(spec, goals=goals)
        item = trial.add(text)
        for evaluations in (500, 6_000):
            trial.build(evaluations)
            trial.work()
        assert (item.goal is not None) == goals
        assert item.filler is not None
        assert item.tried == item.filler.banks[0].count
        found.append({hit.program for hit in trial.hits.found})
        tried.append(trial.numbers(item))
        works.append(trial.meter.evaluations)
        assert trial.attempts.next() is None
    assert found[0] == found[1] != set()
    assert set(tried[0]) < set(tried[1])
    assert len(set(tried[0])) == len(tried[0])
    assert works[0] < works[1] / 4


@pytest.mark.parametrize("text", ["map(?f, sort(xs))", "filter(lambda x: x > ?, xs)"])
def test_where_no_inverse_leads_there_is_no_goal(text: str) -> None:
    trial = Trial(SORTED_TWICE, goals=True)
    item = trial.add(text)
    trial.build(5_000)
    trial.work()
    assert item.goal is None
    assert item.tried > 8


# ---- Several holes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["take(?, ?)", "concat(?, sort(?))", "map(?f, filter(?p, xs))", "?a + reverse(?b) + ?a"]
)
def test_fillings_of_several_holes_come_by_what_they_cost_together(text: str) -> None:
    trial = Trial()
    item = trial.add(text)
    for evaluations in (300, 1_000, 4_000):
        trial.build(evaluations)
        trial.work()
    assert item.filler is not None
    assert item.skeleton is not None
    costs = [bank.cost[: bank.count].astype(int).tolist() for bank in item.filler.banks]
    tried = [(numbers, level) for _, numbers, level in trial.tried]
    assert all(sum(c[n] for c, n in zip(costs, numbers, strict=True)) == level for numbers, level in tried)
    assert [level for _, level in tried] == sorted(level for _, level in tried)
    wanted = {
        numbers
        for numbers in itertools.product(*(range(len(c)) for c in costs))
        if sum(c[n] for c, n in zip(costs, numbers, strict=True)) <= item.tried
    }
    assert len(tried) == len(wanted) > 8
    assert {numbers for numbers, _ in tried} == wanted


@pytest.mark.parametrize("text", ["take(?, ?)", "map(?f, filter(?p, xs))"])
def test_no_level_is_tried_before_all_that_it_needs_is_built(text: str) -> None:
    """Nothing that comes later to a bank would have belonged to a level that was tried."""
    trial = Trial()
    item = trial.add(text)
    trial.build(300)
    for evaluations in (600, 1_200, 4_000):
        trial.work()
        before = item.tried, len(trial.tried)
        trial.build(evaluations)
        if item.filler is not None:
            costs = [bank.cost[: bank.count].astype(int).tolist() for bank in item.filler.banks]
            pairs = itertools.product(*(range(len(c)) for c in costs))
            sums = (sum(c[n] for c, n in zip(costs, numbers, strict=True)) for numbers in pairs)
            assert sum(total <= before[0] for total in sums) == before[1]
    assert trial.work()


# ---- What comes of it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("goals", [True, False])
@pytest.mark.parametrize("text", ["sort(?) + ?", "concat(?, sort(xs))", "?a + ?a", "map(?f, xs)"])
def test_what_is_found_fits_and_has_the_form_of_its_sketch(text: str, goals: bool) -> None:
    spec = INCREASED if text.startswith("map") else SORTED_TWICE
    trial = Trial(spec, goals=goals)
    trial.add(text)
    trial.build(3_000)
    trial.work()
    assert trial.hits.found
    for hit in trial.hits.found:
        assert has_form(hit.program, trial.sketch(text))
        for example in spec.examples:
            outcome = run(hit.program, example.arguments, spec.library)
            assert not isinstance(outcome, Failure)
            assert agree(outcome, example.output)


def test_the_engine_whose_banks_are_filled_from_is_not_disturbed() -> None:
    with_attempts, alone = Trial(), Trial()
    for text in ("reverse(?)", "take(?, ?)", "map(?f, filter(?p, xs))", "map(lambda x: x * ?, sort(?))"):
        with_attempts.add(text)
    for evaluations in range(300, 6_000, 600):
        with_attempts.build(evaluations)
        with_attempts.work(20)
        alone.build(evaluations)
    assert with_attempts.meter.evaluations > 500
    engines = with_attempts.engine, alone.engine
    assert engines[0].meter.evaluations == engines[1].meter.evaluations
    assert engines[0].levels == engines[1].levels
    for t, bank in engines[1].top.banks.items():
        other = engines[0].top.banks[t]
        assert other.count == bank.count
        assert (other.cost == bank.cost).all()
        assert [str(engines[0].program(t, n)) for n in range(bank.count)] == [
            str(engines[1].program(t, n)) for n in range(bank.count)
        ]
