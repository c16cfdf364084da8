"""Repair: near misses one part away from a solution lead to it, soon, and within the lane's share."""

from __future__ import annotations

import pytest
from specs import INTS, spec_of

from dsl.inference import UNTYPED
from dsl.interpreter import run
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda, Program, holes, names, walk
from dsl.values import Failure, agree
from synth.budget import Budget
from synth.search.lanes import take_turns
from synth.search.repair import cuts
from synth.search.search import Search
from synth.search.switches import Switches
from synth.solver import NearMiss
from tasks.task import Spec

INPUTS = ((3, 1, 2, 8), (6, 5, 0, 9, 4), (), (7, 7, -3), (2, 4), (10, -1, 5, 6, 6, 1))


def program(text: str) -> Lambda:
    return Lambda(("xs",), parse(text, CORE, expected=INTS, variables={"xs": INTS}))


def task(solution: str) -> Spec:
    outcomes = [(xs, run(program(solution), (xs,), CORE)) for xs in INPUTS]
    return spec_of(*((xs, o) for xs, o in outcomes if not isinstance(o, Failure)))


def plant(search: Search, near: Lambda) -> None:
    """Let the search know of a program that is right on some examples."""
    examples = search.spec.examples
    right = tuple(i for i, e in enumerate(examples) if is_right(near, e.arguments, e.output))
    assert 0 < len(right) < len(examples)
    search.engine.judge.near[right] = NearMiss(near, right, 30.0)


def is_right(found: Program, arguments: tuple[object, ...], output: object) -> bool:
    outcome = run(found, arguments, CORE)
    return not isinstance(outcome, Failure) and agree(outcome, output)


def evaluations_to_hit(spec: Spec, near: str, switches: Switches, most: int) -> int:
    meter = Budget().start()
    search = Search(spec, meter, switches=switches)
    plant(search, program(near))
    take_turns(search.lanes, lambda: bool(search.hits.found) or meter.evaluations >= most)
    found = bool(search.hits.found)
    search.release()
    return meter.evaluations if found else most


PLANTED = {
    "a function inside": (
        "map(lambda x: x * x + 1, filter(is_even, xs))",
        "map(lambda x: x * x + 1, filter(lambda y: y > 7, xs))",
    ),
    "a list that is consed to": ("cons(sum(xs) * 3, reverse(sort(xs)))", "cons(sum(xs) * 3, reverse(xs))"),
}


@pytest.mark.parametrize(("solution", "near"), PLANTED.values(), ids=PLANTED)
def test_a_near_miss_one_part_away_is_repaired(solution: str, near: str) -> None:
    """Within 25,000 evaluations of all lanes, where the search without repair has nothing after as many again."""
    assert evaluations_to_hit(task(solution), near, Switches(goals=False, cases=False), 25_000) < 25_000
    off = Switches(goals=False, cases=False, repair=False)
    assert evaluations_to_hit(task(solution), near, off, 50_000) >= 50_000


def test_repair_can_be_turned_off() -> None:
    assert len(Search(task("reverse(xs)"), Budget().start(), switches=Switches(repair=False)).lanes) == 1
    assert len(Search(task("reverse(xs)"), Budget().start()).lanes) == 2


def test_it_keeps_to_its_share() -> None:
    search = Search(task("map(lambda x: x * 17 + sum(xs), sort(xs))"), Budget().start())
    plant(search, program("map(lambda x: x * 17, sort(xs))"))
    take_turns(search.lanes, lambda: search.engine.meter.evaluations >= 15_000)
    unguided, repair = (lane.meter.evaluations for lane in search.lanes)
    assert 0 < repair < 0.15 * unguided + 17_000


def test_what_is_cut_out_is_each_part_once() -> None:
    whole = program("map(lambda x: x + 1, filter(is_even, xs))").body
    found = list(cuts(whole))
    assert len(found) == len(set(found))
    parts = [p for p in walk(whole) if not isinstance(p, Lambda)]
    words = len(list(names(whole))) - 1  # `is_even` is an argument, the others are applied
    assert len(found) == len(parts) - words - 1
    assert all([h.type for h in holes(cut)] == [UNTYPED] for cut in found)
