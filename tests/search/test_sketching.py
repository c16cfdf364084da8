"""Sketches: what fills them, that columns are what the interpreter says, and that nobody else is disturbed."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specs import INTS, spec_of
from task_strategies import sketches

from dsl.forms import has_form
from dsl.interpreter import run
from dsl.parser import parse_surface
from dsl.primitives import CORE
from dsl.program import Application, Lambda, Let, Variable, call, children, names
from dsl.type_system import INT, FunctionType
from dsl.values import Failure, agree, size_of
from synth.budget import Budget, StopReason
from synth.guidance import Guidance
from synth.search.column import interned
from synth.search.engine import Engine
from synth.search.filler import Filler
from synth.search.filling import Fillings
from synth.search.forward import BottomUp
from synth.search.hits import Hits
from synth.search.kernels.convention import DEFINED
from synth.search.lanes import take_turns
from synth.search.search import Search
from synth.search.skeleton import Called
from synth.search.sketch_reading import Unfillable, skeleton_of
from synth.search.sketching import Sketching
from synth.search.switches import Switches
from synth.solver import Answer
from tasks.sketches import read_sketch
from tasks.task import Example, Spec

REQUEST = FunctionType((INTS, INT), INTS)
INPUTS = (((3, 1, 2), 2), ((), 0), ((5, 5, -7, 0), -1), ((9,), 1), ((4, 8, 6, 7, 7, 2), 3))
ODD = Spec(
    ("xs", "n"),
    REQUEST,
    CORE,
    tuple(Example(a, o) for a, o in zip(INPUTS, ((91, 17), (48,), (), (66, 3), (5,)), strict=True)),
)
"""Outputs that no small program gives."""


def sketch(text: str, spec: Spec = ODD) -> Lambda:
    return read_sketch(parse_surface(text), spec.library, spec.parameters, spec.type_request)


def lane(*sketches: Lambda, spec: Spec = ODD, kernels: bool = True) -> Sketching:
    spec = replace(spec, sketches=sketches)
    meter = Budget().start()
    hits = Hits(spec, meter, lambda program: 0)
    return Sketching(spec, meter, hits, [(s, 1.0) for s in sketches], switches=Switches(kernels=kernels))


def check_fillings(lane: Sketching, evaluations: int, most: int = 400, rng: random.Random | None = None) -> int:
    """Compare columns of fillings from the lane's banks with the interpreter; how many were compared."""
    rng = rng or random.Random(0)
    (skeleton, _), engine, spec = lane.skeletons[0], lane.engine, lane.spec
    while lane.meter.evaluations < evaluations and next(lane._building, "ended") != "ended":
        pass
    filler = Filler(engine, skeleton, lane.meter, lane.hits, lane.meanings)
    if any(bank.count == 0 for bank in filler.banks):
        return 0
    chosen = {tuple(rng.randrange(bank.count) for bank in filler.banks) for _ in range(most)}
    largest = engine.applier.largest
    numbers = np.array(sorted(chosen), dtype=np.int32).reshape(len(chosen), len(filler.banks))
    fillings = Fillings(engine, skeleton, numbers, meanings=lane.meanings)
    strict = any(isinstance(part, Called) for part in skeleton.runs)  # arguments count even where they are not used
    with fillings.drafted():
        block = interned(fillings.outputs(np.arange(len(numbers)), slice(None)), engine.store)
    for position in range(len(numbers)):
        program = fillings.program(position)
        for row, example in enumerate(spec.examples):
            outcome = run(program, example.arguments, spec.library)
            if block.status[position, row] == DEFINED:
                value = engine.store.decode(int(block.cells[position, row]), spec.type_request.result)
                assert agree(outcome, value), (program, example.arguments, outcome, value)
            else:
                assert isinstance(outcome, Failure) or size_of(outcome) > largest or strict, program
    return len(numbers)


TEXTS = {
    "plain": "take(?, reverse(?))",
    "the whole": "?",
    "two functions": "map(?f, filter(?p, xs))",
    "inside a lambda": "map(lambda x: ? + x, xs)",
    "inside a lambda, a list": "flat_map(lambda x: take(x, ?), xs)",
    "inside a lambda in a lambda": "map(lambda x: sum(map(lambda y: x * ? - y, xs)), xs)",
    "two parameters, outside the universe": "[fold(lambda a, b: a * 3 + ?, 7, xs)]",
    "functions inside a lambda": "map(lambda x: sum(map(?f, filter(lambda y: y < ?, xs))), xs)",
    "in function position": "?f(xs)",
    "in function position, of a part": "?f(sort(xs), length(xs) * 3)",
    "in function position, twice": "?f(xs) + ?f(reverse(xs))",
    "in function position, of a hole": "?f(filter(?p, xs))",
    "in function position, in a lambda": "map(lambda x: ?f(x * 2, n), xs)",
    "in function position and passed on": "map(?f, xs) + [?f(n)]",
    "in function position, three arguments": "?f(list.sum(?), n, xs) + ?f(list.sum(?), 3, xs)",
    "a let's value": "let k = ? in [k, k + n]",
    "a let's value that holes see": "let k = length(filter(?p, xs)) in take(k, ?)",
    "a let's value that functions see": "let ys = filter(?p, xs) in map(?f, ys)",
    "a let's value that a lambda sees": "let k = ? in map(lambda x: x * ?, filter(lambda y: y % k == 0, xs))",
    "a let that is the same for all": "let s = sum(xs) in map(lambda x: ? - x, [s, n])",
    "a let's value is a function": "let f = lambda x: x * ? in map(f, map(f, xs)) + [f(n)]",
    "a let inside a lambda": "map(lambda x: let k = x * n in k + ?, xs)",
    "named, in and out of a lambda": "map(lambda x: x * ?k, [?k, n])",
    "named, in two lambdas": "map(lambda x: x + ?k, filter(lambda x: x < ?k, xs))",
    "a function passed on to two words": "map(?f, filter(lambda x: ?f(x) > n, xs))",
    "choices": "xs if ? else take(?, xs)",
    "words that take functions of any type": "sort_by(lambda x: [x % 2, ?], xs)",
    "a word as a function": "map(int.negate, filter(?p, xs))",
    "no gap that counts": "let it = (? : int) in xs",
}


@pytest.mark.parametrize("kernels", [True, False])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_columns_are_what_the_interpreter_says(text: str, kernels: bool) -> None:
    assert check_fillings(lane(sketch(text), kernels=kernels), 4_000 if kernels else 1_500, 120) > 0


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_is_filled_has_the_form_of_the_sketch(text: str) -> None:
    filled = lane(sketch(text))
    (skeleton, _), wanted = filled.skeletons[0], sketch(text)
    while filled.meter.evaluations < 2_000 and next(filled._building, "ended") != "ended":
        pass
    filler = Filler(filled.engine, skeleton, filled.meter, filled.hits, filled.meanings)
    numbers = np.array([[bank.count - 1 - i for bank in filler.banks] for i in range(3)], dtype=np.int32)
    for position in range(3 if skeleton.spaces else 1):
        program = Fillings(filled.engine, skeleton, numbers, meanings=filled.meanings).program(position)
        assert has_form(program, wanted), (program, wanted)


@settings(max_examples=30)
@given(sketches(("xs", "n"), REQUEST, CORE), st.randoms(use_true_random=False))
def test_columns_of_drawn_sketches_are_what_the_interpreter_says(drawn: Lambda, rng: random.Random) -> None:
    try:
        made = lane(drawn)
    except Unfillable:
        return
    if made.skeletons:
        check_fillings(made, 2_000, 40, rng)


# ---- Searching ------------------------------------------------------------------------------------------------------

SQUARES_OF_EVENS = spec_of(((1, 2, 3, 4), (4, 16)), ((6, 5, 0, 9), (36, 0)), ((-2, 7), (4,)))
SUM_AND_LAST = spec_of(((1, 2, 3, 4), 14), ((6, 5, 0, 9), 29), ((-2, 7), 12), result=INT)
PLAIN = Switches(repair=False, goals=False)


def solve(spec: Spec, *texts: str, evaluations: int = 6_000, switches: Switches = PLAIN) -> Answer:
    spec = replace(spec, sketches=tuple(sketch(text, spec) for text in texts))
    return BottomUp(switches=switches).solve(spec, Budget(evaluations=evaluations), rng=random.Random(0))


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (SQUARES_OF_EVENS, "map(?f, filter(?p, xs))"),
        (SQUARES_OF_EVENS, "map(lambda x: x * ?, ?)"),
        (SQUARES_OF_EVENS, "let ys = filter(?p, xs) in map(?f, ys)"),
        (SQUARES_OF_EVENS, "let k = ? in map(lambda x: x * ?, filter(lambda y: y % k == 0, xs))"),
        (SUM_AND_LAST, "?f(sum(xs))"),
        (SUM_AND_LAST, "fold(lambda a, b: a + ?, ?, xs)"),
        (SUM_AND_LAST, "fold(?f, ?, xs)"),
    ],
)
def test_sketches_are_solved_within_6000_evaluations(spec: Spec, text: str) -> None:
    answer = solve(spec, text)
    assert answer.stop is StopReason.SOLVED
    assert answer.program is not None
    assert has_form(answer.program, sketch(text, spec))
    for example in spec.examples:
        assert run(answer.program, example.arguments, spec.library) == example.output


def test_without_its_sketch_the_task_takes_ten_times_as_long() -> None:
    assert solve(SQUARES_OF_EVENS, "map(?f, filter(?p, xs))").stop is StopReason.SOLVED
    assert solve(SQUARES_OF_EVENS, evaluations=60_000).stop is StopReason.EVALUATIONS


def test_holes_of_one_name_are_filled_by_one_program() -> None:
    cubes = spec_of(((1, 2, 3), (1, 16, 81)), ((-2, 5), (16, 625)), ((10,), (10_000,)))
    answer = solve(cubes, "map(?f, map(?f, xs))")
    assert isinstance(answer.program, Lambda)
    outer = answer.program.body
    _, function, inner = children(outer)
    assert children(inner)[1] == function
    assert "int.multiply" in list(names(function)) or "int.square" in list(names(function))


def test_budgets_are_met_exactly() -> None:
    for evaluations in (1_000, 1_001, 2_345):
        answer = solve(ODD, "map(?f, filter(?p, take(?, xs)))", evaluations=evaluations)
        assert (answer.stop, answer.evaluations) == (StopReason.EVALUATIONS, evaluations)


def test_a_sketch_without_solutions_does_not_stand_in_the_way() -> None:
    hopeless = ("reverse(?) if ? else cons(?, ?)", "cons(99, map(lambda x: ? - ? * ?, drop(?, xs)))")
    assert solve(SQUARES_OF_EVENS, *hopeless, "map(?f, filter(?p, xs))", evaluations=20_000).stop is StopReason.SOLVED


def test_a_likelier_sketch_gets_more_of_the_work() -> None:
    texts = ("map(?f, filter(?p, xs))", "map(?g, reverse(filter(?p, xs)))")
    weights = (0.9, 0.1)
    sketches = [(sketch(t), w) for t, w in zip(texts, weights, strict=True)]
    meter = Budget().start()
    made = Sketching(ODD, meter, Hits(ODD, meter, lambda program: 0), sketches)
    for _ in made.steps():
        if meter.evaluations > 60_000:
            break
    likely, unlikely = (work.done for work in made.works)
    assert 7 <= likely / unlikely <= 11


def test_a_guides_sketches_are_filled_too() -> None:
    guidance = Guidance("test", sketches=((sketch("map(?f, filter(?p, xs))", SQUARES_OF_EVENS), 0.7),))
    solver = BottomUp(guidance, PLAIN)
    assert solver.solve(SQUARES_OF_EVENS, Budget(evaluations=6_000), rng=random.Random(0)).stop is StopReason.SOLVED


def test_sketches_can_be_turned_off() -> None:
    off = Switches(sketches=False, repair=False, goals=False)
    answer = solve(SQUARES_OF_EVENS, "map(?f, filter(?p, xs))", switches=off)
    assert answer.stop is StopReason.EVALUATIONS


SAME = Lambda(("y",), Variable("y"))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (Lambda(("xs",), call("list.reverse", sketch("?").body)), "parameters"),
        (Lambda(("xs", "n"), call("list.no_such_word", sketch("?").body)), "library"),
        (Lambda(("xs", "n"), call("list.sum", sketch("?").body)), "types fit"),
        (sketch("map((lambda x: x) if ? else (lambda x: n), xs)"), "written out"),
        (Lambda(("xs", "n"), Let("f", Application(SAME, (SAME,)), sketch("?").body)), "a function"),
    ],
)
def test_what_cannot_be_filled_is_refused_with_a_reason(wrong: Lambda, why: str) -> None:
    with pytest.raises(Unfillable, match=why):
        skeleton_of(wrong, CORE, REQUEST)
    assert [(given, why in reason) for given, reason in lane(wrong).refused] == [(wrong, True)]


# ---- The unguided lane is not disturbed -----------------------------------------------------------------------------


def worked(spec: Spec, switches: Switches, evaluations: int) -> tuple[Engine, int]:
    """The unguided engine after so much work of its own, and the work of all lanes."""
    meter = Budget().start()
    search = Search(spec, meter, switches=switches)
    take_turns(search.lanes, lambda: search.engine.meter.evaluations >= evaluations)
    return search.engine, meter.evaluations


@pytest.mark.parametrize("goals", [True, False])
def test_the_unguided_lane_is_the_same_with_and_without_the_others(goals: bool) -> None:
    spec = replace(ODD, sketches=(sketch("map(?f, filter(?p, take(?, xs)))"), sketch("map(lambda x: ? + x, ?)")))
    alone, few = worked(spec, Switches(sketches=False, repair=False, goals=goals), 40_000)
    beside, many = worked(spec, Switches(goals=goals), 40_000)
    assert many > 1.6 * few
    assert state_of(alone) == state_of(beside)


def state_of(engine: Engine) -> list[object]:
    """All that a search has built, but for what depends on the numbering of values."""
    state: list[object] = [engine.meter.evaluations, engine.level]
    for scope in engine.scopes:
        state += [scope.key, tuple(scope.heads), scope.rows, tuple(scope.banks)]
        if scope.nodes is not None:
            state += [scope.nodes.count, len(scope.nodes.captured)]
        for bank in scope.banks.values():
            known = slice(0, bank.count)
            state += [bank.count, bank.merged, bank.opened, bank.mass[known].tolist(), bank.cost[known].tolist()]
            state += [bank.starts.tolist(), bank.status[known].tolist()]
            state += [bank.derivations(number) for number in range(bank.count)]
    return state
