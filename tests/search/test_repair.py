"""Repair: near misses one part away from a solution lead to it, soon; and inverses only leave out what cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specs import INTS, spec_of

from dsl.inference import UNTYPED
from dsl.interpreter import run
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda, Program, holes, names, walk
from dsl.type_system import INT, Type
from dsl.values import Failure, agree
from synth.budget import Budget, Meter
from synth.pcfg import spec_pcfg
from synth.search.engine import Engine
from synth.search.filler import Filler
from synth.search.filling import Fillings
from synth.search.goals import matches
from synth.search.hits import Hits
from synth.search.lanes import take_turns
from synth.search.repair import Repair, cuts
from synth.search.residuals import residual_of
from synth.search.search import Search
from synth.search.sketch_reading import skeleton_of
from synth.search.switches import Switches
from synth.solver import NearMiss
from tasks.task import Spec

INPUTS = ((3, 1, 2, 8), (6, 5, 0, 9, 4), (), (7, 7, -3), (2, 4), (10, -1, 5, 6, 6, 1))


def program(text: str, result: Type = INTS) -> Lambda:
    return Lambda(("xs",), parse(text, CORE, expected=result, variables={"xs": INTS}))


def task(solution: str, result: Type = INTS) -> Spec:
    outcomes = [(xs, run(program(solution, result), (xs,), CORE)) for xs in INPUTS]
    return spec_of(*((xs, o) for xs, o in outcomes if not isinstance(o, Failure)), result=result)


def plant(search: Search, near: Lambda) -> None:
    """Let the search know of a program that is right on some examples."""
    examples = search.spec.examples
    right = tuple(i for i, e in enumerate(examples) if agree_on(near, e.arguments, e.output))
    assert 0 < len(right) < len(examples)
    search.engine.judge.keep(NearMiss(near, right, 30.0))


def agree_on(found: Program, arguments: tuple[object, ...], output: object) -> bool:
    outcome = run(found, arguments, CORE)
    return not isinstance(outcome, Failure) and agree(outcome, output)


PLANTED = {
    "a function inside": (
        "map(lambda x: x * x + 1, filter(is_even, xs))",
        "map(lambda x: x * x + 1, filter(lambda y: y > 7, xs))",
    ),
    "inside a lambda": (
        "map(lambda x: x * length(xs) - 1, filter(is_odd, xs))",
        "map(lambda x: x * 4 - 1, filter(is_odd, xs))",
    ),
    "the end of a list": ("take(3, reverse(sort(map(square, xs))))", "take(2, reverse(sort(map(square, xs))))"),
    "a fold's step": ("[fold(lambda a, b: a * 2 + b, 5, xs)]", "[fold(lambda a, b: a * 2 + 6, 5, xs)]"),
    "a list that is consed to": ("cons(sum(xs) * 3, reverse(sort(xs)))", "cons(sum(xs) * 3, reverse(xs))"),
}


@pytest.mark.parametrize("goals", [True, False])
@pytest.mark.parametrize(("solution", "near"), PLANTED.values(), ids=PLANTED)
def test_a_near_miss_one_part_away_is_repaired(solution: str, near: str, goals: bool) -> None:
    """Within 25,000 evaluations of all lanes, where the search without repair has nothing after 100,000."""
    switches = Switches(goals=goals, cases=False)
    assert evaluations_to_hit(task(solution), near, switches, 25_000) < 25_000
    assert evaluations_to_hit(task(solution), near, Switches(goals=False, repair=False), 100_000) >= 100_000


def evaluations_to_hit(spec: Spec, near: str, switches: Switches, most: int) -> int:
    meter = Budget().start()
    search = Search(spec, meter, switches=switches)
    plant(search, program(near))
    take_turns(search.lanes, lambda: bool(search.hits.found) or meter.evaluations >= most)
    return meter.evaluations if search.hits.found else most


def test_repair_can_be_turned_off() -> None:
    assert len(Search(task("reverse(xs)"), Budget().start(), switches=Switches(repair=False)).lanes) == 1
    assert len(Search(task("reverse(xs)"), Budget().start()).lanes) == 2


def test_it_keeps_to_its_share() -> None:
    spec = task("map(lambda x: x * 17 + sum(xs), sort(xs))")
    search = Search(spec, Budget().start(), switches=Switches(goals=False, cases=False))
    plant(search, program("map(lambda x: x * 17, sort(xs))"))
    take_turns(search.lanes, lambda: search.engine.meter.evaluations >= 40_000)
    unguided, repair = (lane.meter.evaluations for lane in search.lanes)
    assert 1_000 < repair < 0.15 * unguided + 17_000


def test_what_is_cut_out_is_each_part_once() -> None:
    whole = program("map(lambda x: x + 1, filter(is_even, xs))").body
    found = list(cuts(whole))
    assert len(found) == len(set(found))
    parts = [p for p in walk(whole) if not isinstance(p, Lambda)]
    words = len(list(names(whole))) - 1  # `is_even` is an argument, the others are applied
    assert len(found) == len(parts) - words - 1
    assert all([h.type for h in holes(cut)] == [UNTYPED] for cut in found)


# ---- Residual goals -------------------------------------------------------------------------------------------------


def engine_after(spec: Spec, evaluations: int) -> tuple[Engine, Meter, Hits]:
    meter = Budget().start()
    hits = Hits(spec, meter, lambda program: 0)
    pcfg, leaves = spec_pcfg(spec)
    engine = Engine(spec, pcfg, leaves, meter, hits, Switches(goals=False))
    for _ in engine.steps():
        if meter.evaluations >= evaluations:
            break
    return engine, meter, hits


SOLUTIONS = (
    ("reverse(cons(sum(xs), xs))", INTS),
    ("append(sort(xs), maximum(xs) - 1)", INTS),
    ("cons(1, cons(length(xs), reverse(xs)))", INTS),
    ("reverse(concat([1, 2], take(2, xs)))", INTS),
    ("length(xs) * 2 + sum(xs)", INT),
    ("negate(maximum(xs) - length(xs))", INT),
)


@settings(max_examples=12)
@given(st.sampled_from(SOLUTIONS), st.data())
def test_every_class_that_is_right_meets_the_residual_goal(solved: tuple[str, Type], data: st.DataObject) -> None:
    spec = task(*solved)
    engine, meter, hits = engine_after(spec, 3_000)
    body = data.draw(st.sampled_from(list(cuts(program(*solved).body))))
    skeleton = skeleton_of(Lambda(("xs",), body), CORE, spec.type_request)
    goal = residual_of(engine, skeleton, meter)
    filler = Filler(engine, skeleton, meter, hits)
    (bank,) = filler.banks
    fillings = Fillings(engine, skeleton, np.arange(bank.count, dtype=np.int32)[:, None])
    with fillings.drafted():
        fitting = filler.fitting(fillings).tolist()
    if goal is not None:
        found = matches(goal, bank.cells[: bank.count], bank.status[: bank.count]).tolist()
        assert set(fitting) <= set(found)
        assert len(found) <= len(fitting) + bank.count // 4


def test_a_hole_under_words_with_inverses_has_a_goal() -> None:
    spec = task("reverse(cons(sum(xs), sort(xs)))")
    engine, meter, _ = engine_after(spec, 500)
    body = program("reverse(cons(sum(xs), sort(xs)))").body
    holed = [cut for cut in cuts(body) if list(names(cut)) == ["list.reverse", "list.cons", "list.sum"]]
    skeleton = skeleton_of(Lambda(("xs",), holed[0]), CORE, spec.type_request)
    goal = residual_of(engine, skeleton, meter)
    assert goal is not None
    assert goal.wishes(engine.store) == tuple((tuple(sorted(xs)),) for xs in INPUTS)


# ---- Order ----------------------------------------------------------------------------------------------------------


def test_new_near_misses_are_taken_up_and_nothing_is_tried_twice() -> None:
    spec = task("map(lambda x: x * 17 + sum(xs), sort(xs))")
    engine, _, hits = engine_after(spec, 20_000)
    meter = Budget().start()
    repair = Repair(engine, meter, hits)
    tried: list[tuple[Lambda, int]] = []
    original = Filler.attempt

    def attempt(self: Filler, numbers: np.ndarray, level: int = 0) -> None:
        (sketch,) = (item.sketch for item in items if item.filler is self)
        tried.extend((sketch, n) for n in numbers[:, 0].tolist())
        original(self, numbers, level)

    items, steps = repair.attempts.all, repair.steps()
    engine.judge.keep(NearMiss(program("map(lambda x: x * 17, sort(xs))"), (2,), 10.0))
    near = program("map(lambda x: x * 17 + 5, sort(xs))")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Filler, "attempt", attempt)
        for _ in range(150):
            next(steps)
        known = len(items)
        engine.judge.keep(NearMiss(near, (0, 2, 4), 10.0))
        for _ in range(300):
            next(steps)
    assert 5 <= known < len(items)
    assert len(tried) > 500
    assert len(tried) == len(set(tried))
    assert {item.sketch.body for item in items[known:]} <= set(cuts(near.body))
    assert {item.sketch.body for item in items[known:] if item.tried} & set(cuts(near.body))
