"""A guide that is asked in the course of a search: when, how often, at what cost, and the same again in a replay."""

from __future__ import annotations

import json
import random
import time
from functools import cache

import pytest
from fake_guides import Mute, Steady
from specs import EVENS, KEEP_GREATER, NOTHING_SIMPLE, RUNNING_SUM, spec_of

from dsl.parser import parse
from dsl.program import Lambda
from dsl.type_system import INT, list_of
from synth.budget import Budget, StopReason
from synth.guidance import UNGUIDED, Guidance, Later
from synth.guide.asking import off
from synth.recorded_guidance import read_guidance, recorded_guidance
from synth.search.forward import BottomUp
from synth.search.switches import Switches
from synth.solver import Answer
from tasks.task import Spec

INTS = list_of(INT)
SQUARES_OF_EVENS = spec_of(((3, 1, 4), (16,)), ((2, 5, 6), (4, 36)), ((8, 7), (64,)))
WRONG = {"list.map": 5.0, "list.filter": 5.0, "list.fold": 5.0, "list.scan": 5.0, "int.add": 5.0, "list.reverse": -5.0}
RIGHT = {"list.filter": -4.0, "list.map": -4.0, "int.multiply": -4.0, "int.is_even": -4.0}
NO_GOALS = Switches(goals=False)
SPECS = (EVENS, KEEP_GREATER, RUNNING_SUM, SQUARES_OF_EVENS)


def solve(spec: Spec, guide: BottomUp, evaluations: int = 900_000) -> Answer:
    return guide.solve(spec, Budget(evaluations=evaluations), rng=random.Random(0))


@cache
def unguided_answer(number: int) -> Answer:
    """What the search without a guide makes of one of `SPECS`: made once, for all guides compared with it."""
    return solve(SPECS[number], BottomUp(switches=NO_GOALS))


def sketch(text: str, spec: Spec) -> Lambda:
    variables = dict(zip(spec.parameters, spec.type_request.parameters, strict=True))
    body = parse(text, spec.library, expected=spec.type_request.result, variables=variables)
    return Lambda(spec.parameters, body)


@pytest.mark.parametrize("after", [0, 1_000, 20_000])
@pytest.mark.parametrize("number", range(len(SPECS)))
def test_a_guide_that_misleads_costs_at_most_as_much_again(number: int, after: int) -> None:
    spec, unguided = SPECS[number], unguided_answer(number)
    sketches = ((sketch("reverse(map(?f, ?))", spec), 0.3), (sketch("map(?f, sort(?))", spec), 0.1))
    guide = Steady(WRONG, sketches)
    guided = solve(spec, BottomUp(switches=NO_GOALS, later=Later(guide.predict, after)))
    assert guided.stop is unguided.stop is StopReason.SOLVED
    block = 20_000  # what one block of programs may take, for each of three lanes
    assert guided.evaluations <= 2 * unguided.evaluations + 3 * block
    assert guided.bits is not None
    assert unguided.bits is not None
    assert guided.bits <= unguided.bits


def test_a_guide_that_knows_saves_work() -> None:
    unguided = unguided_answer(SPECS.index(SQUARES_OF_EVENS))
    guide = Steady(RIGHT, ((sketch("map(?f, filter(is_even, xs))", SQUARES_OF_EVENS), 0.5),))
    guided = solve(SQUARES_OF_EVENS, BottomUp(switches=NO_GOALS, later=Later(guide.predict, 500)))
    assert guided.stop is StopReason.SOLVED
    assert guided.evaluations < unguided.evaluations
    assert guided.guided_by == "steady (asked after 500 evaluations)"


def test_it_is_asked_once_and_not_before_its_time() -> None:
    guide = Steady(WRONG)
    short = solve(NOTHING_SIMPLE, BottomUp(later=Later(guide.predict, 3_000)), 3_000)
    assert (guide.asked, short.guidance, short.guided_by) == ([], UNGUIDED, "none")
    plain = solve(NOTHING_SIMPLE, BottomUp(), 3_000)
    assert (short.evaluations, short.near_misses) == (plain.evaluations, plain.near_misses)
    solve(NOTHING_SIMPLE, BottomUp(later=Later(guide.predict, 3_000)), 20_000)
    assert guide.asked == [NOTHING_SIMPLE]


@pytest.mark.parametrize("after", [0, 700])
@pytest.mark.parametrize("with_sketches", [False, True])
def test_the_same_again_from_the_record_without_the_guide(after: int, with_sketches: bool) -> None:
    sketches = ((sketch("map(?f, filter(?p, xs))", SQUARES_OF_EVENS), 0.4),) if with_sketches else ()
    guide = Steady({"list.filter": -1.25, "list.sum": 2.0}, sketches)
    for evaluations in (600, 2_500, 60_000):
        then = solve(SQUARES_OF_EVENS, BottomUp(later=Later(guide.predict, after), switches=NO_GOALS), evaluations)
        data = json.loads(json.dumps(recorded_guidance(then.guidance, SQUARES_OF_EVENS)))
        told = read_guidance(data, SQUARES_OF_EVENS)
        now = solve(SQUARES_OF_EVENS, BottomUp(told, switches=NO_GOALS), evaluations)
        assert same(now) == same(then)


def same(answer: Answer) -> tuple[object, ...]:
    return (answer.program, answer.stop, answer.evaluations, answer.bits, answer.near_misses, answer.guided_by)


def test_a_guide_that_cannot_help_leaves_the_search_as_it_is() -> None:
    with pytest.raises(Exception, match="no encoder for type grid"):
        Mute().predict(EVENS)
    plain = solve(NOTHING_SIMPLE, BottomUp(), 30_000)
    answer = solve(NOTHING_SIMPLE, BottomUp(later=Later(lambda _: off("no encoder for type grid"), 1_000)), 30_000)
    assert answer.guided_by == "off (no encoder for type grid)"
    assert same(answer)[:-1] == same(plain)[:-1]


def test_a_task_with_sketches_of_its_own_asks_nobody() -> None:
    guide = Steady(WRONG)
    base = SQUARES_OF_EVENS
    form = sketch("map(?f, filter(?p, xs))", base)
    spec = Spec(base.parameters, base.type_request, base.library, base.examples, sketches=(form,))
    answer = solve(spec, BottomUp(later=Later(guide.predict, 100)), 30_000)
    assert (answer.stop, guide.asked) == (StopReason.SOLVED, [])


def test_the_time_of_asking_is_not_the_search_s() -> None:
    def slow(spec: Spec) -> Guidance:
        end = time.process_time() + 0.5
        while time.process_time() < end:
            pass
        return Guidance("slow", {"list.map": -1.0})

    begun = time.process_time()
    answer = solve(NOTHING_SIMPLE, BottomUp(later=Later(slow, 1_000)), 5_000)
    assert answer.guided_by.startswith("slow")
    assert answer.seconds <= time.process_time() - begun - 0.45
