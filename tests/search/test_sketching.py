"""Sketches: what fills them, that columns are what the interpreter says, and that nobody else is disturbed."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specs import INTS
from task_strategies import sketches

from dsl.forms import has_form
from dsl.interpreter import run
from dsl.parser import parse_surface
from dsl.primitives import CORE
from dsl.program import Lambda
from dsl.type_system import INT, FunctionType
from dsl.values import Failure, agree, size_of
from synth.budget import Budget
from synth.search.column import interned
from synth.search.filler import Filler
from synth.search.filling import Fillings
from synth.search.hits import Hits
from synth.search.kernels.convention import DEFINED
from synth.search.skeleton import Called
from synth.search.sketch_reading import Unfillable
from synth.search.sketching import Sketching
from synth.search.switches import Switches
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
    return Sketching(spec, meter, hits, switches=Switches(kernels=kernels))


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
                too_large = not isinstance(outcome, Failure) and size_of(outcome) > engine.applier.largest
                assert isinstance(outcome, Failure) or too_large or strict, program
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


@settings(max_examples=60)
@given(sketches(("xs", "n"), REQUEST, CORE), st.randoms(use_true_random=False))
def test_columns_of_drawn_sketches_are_what_the_interpreter_says(drawn: Lambda, rng: random.Random) -> None:
    try:
        made = lane(drawn)
    except Unfillable:
        return
    if made.skeletons:
        check_fillings(made, 2_000, 40, rng)
