"""Parts are run, their values are read as inputs, and sketches over them are sketches of the task."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from dsl.compiler import compile_program
from dsl.inference import resolve
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda, Program, free_variables, holes, walk
from dsl.type_system import INT, FunctionType, Type, list_of
from synth.conformance import check_guide
from synth.guide.columns import columns_of, joined, with_columns, written_out
from synth.guide.model import GuideNet, Sizes
from synth.guide.predict import NeuralGuide
from tasks.task import Example, Spec

INTS = list_of(INT)
PAIRS = (((3, 1, 2), 1, (1,)), ((5, 4), 2, (4, 5)), ((4, 0, 9), 2, (0, 4)))
SMALLEST = Spec(("xs", "n"), FunctionType((INTS, INT), INTS), CORE, tuple(Example((xs, n), ys) for xs, n, ys in PAIRS))


def body(text: str, t: Type = INTS, **more: Type) -> Program:
    return parse(text, CORE, expected=t, variables={"xs": INTS, "n": INT, **more})


def whole(text: str, t: Type = INTS) -> Lambda:
    return Lambda(("xs", "n"), body(text, t))


def test_columns_are_what_programs_yield() -> None:
    programs = [(whole("sort(xs)"), 0.5), (whole("length(xs)", INT), 0.25), (whole("n + 1", INT), 0.1)]
    columns = columns_of(SMALLEST, programs, 8)
    assert [c.values for c in columns] == [((1, 2, 3), (4, 5), (0, 4, 9)), (3, 2, 3), (2, 3, 3)]
    assert [(c.type, c.probability) for c in columns] == [(INTS, 0.5), (INT, 0.25), (INT, 0.1)]
    assert columns_of(SMALLEST, programs, 1) == columns[:1]


@pytest.mark.parametrize(
    "text",
    [
        "xs + []",  # an input
        "reverse(reverse(sort(xs)))",  # the column before
        "cons(1 // (n - 2), xs)",  # fails on some examples
    ],
)
def test_what_says_nothing_new_is_no_column(text: str) -> None:
    programs = [(whole("sort(xs)"), 0.5), (whole(text), 0.5), (whole("take(n, xs)"), 0.25)]
    assert [c.body for c in columns_of(SMALLEST, programs, 8)] == [body("sort(xs)"), body("take(n, xs)")]


def test_a_program_over_other_names_is_one_over_the_parameters() -> None:
    other = Lambda(("a", "xs"), parse("take(xs, sort(a))", CORE, expected=INTS, variables={"a": INTS, "xs": INT}))
    (column,) = columns_of(SMALLEST, [(other, 1.0)], 8)
    assert column.body == body("take(n, sort(xs))")


def test_a_function_is_no_column() -> None:
    word = Lambda(("xs", "n"), parse("negate", CORE, expected=FunctionType((INT,), INT)))
    assert columns_of(SMALLEST, [(word, 1.0)], 8) == ()


def test_a_longer_spec_asks_for_the_same() -> None:
    spec = replace(SMALLEST, parameters=("part1", "n"))
    columns = columns_of(
        spec, [(Lambda(("part1", "n"), parse("sort(part1)", CORE, expected=INTS, variables={"part1": INTS})), 1.0)], 8
    )
    longer, named = with_columns(spec, columns)
    assert longer.parameters == ("part1", "n", "part2")
    assert named == {"part2": columns[0]}
    assert longer.type_request == FunctionType((INTS, INT, INTS), INTS)
    assert [e.arguments for e in longer.examples] == [(xs, n, tuple(sorted(xs))) for xs, n, _ in PAIRS]
    assert [e.output for e in longer.examples] == [e.output for e in spec.examples]


def test_a_program_over_columns_yields_what_it_does_written_out() -> None:
    columns = columns_of(SMALLEST, [(whole("sort(xs)"), 0.5), (whole("n + 1", INT), 0.25)], 8)
    longer, named = with_columns(SMALLEST, columns)
    texts = (
        "take(n, part1)",
        "map(lambda x: x + part2, part1)",
        "filter(lambda part2: part2 > 1, part1)",  # another part2
        "xs",  # has no column, and is left out
    )
    made = [(body(text, part1=INTS, part2=INT), 0.5) for text in texts]
    found = list(written_out(made, named))
    assert [(b, p) for b, p in found] == [
        (body("take(n, sort(xs))"), 0.25),
        (body("map(lambda x: x + (n + 1), sort(xs))"), 0.125),
        (body("filter(lambda part2: part2 > 1, sort(xs))"), 0.25),
    ]
    for (over, _), (out, _) in zip(made, found, strict=False):
        run, again = (
            compile_program(Lambda(spec.parameters, b), CORE) for spec, b in ((longer, over), (SMALLEST, out))
        )
        for one, other in zip(longer.examples, SMALLEST.examples, strict=True):
            assert run(one.arguments) == again(other.arguments)


def test_sketches_of_both_add_up_to_one_at_most() -> None:
    a, b, c = body("sort(xs)"), body("reverse(xs)"), body("tail(xs)")
    assert joined([(a, 0.2), (b, 0.1)], [(b, 0.2), (c, 0.05)], 2) == [(b, pytest.approx(0.3)), (a, 0.2)]
    many = joined([(a, 0.75), (b, 0.25)], [(c, 1.0)], 9)
    assert many == [(c, 0.5), (a, 0.375), (b, 0.125)]


# ---- in a network ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def net() -> GuideNet:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return GuideNet(Sizes(32, 32, 1, 2)).eval()


def test_given_columns_are_in_sketches_and_subgoals(net: GuideNet) -> None:
    guide = NeuralGuide(net, sketches=60)
    part = whole("zip_with(lambda x, y: x * 3 - y, xs, sort(xs))")  # nothing that it would come by
    without, said = guide.predict(SMALLEST), guide.predict(SMALLEST, [(part, 0.9)])
    assert (said.bits, said.contexts) == (without.bits, without.contexts)
    added = {sketch for sketch, _ in said.sketches} - {sketch for sketch, _ in without.sketches}
    assert added
    assert all(part.body in walk(sketch.body) for sketch in added)
    inside = whole("sort(xs)")
    assert dict(said.subgoals)[inside] > dict(without.subgoals).get(inside, 0.0)
    assert sum(p for _, p in said.sketches) <= 1


def test_sketches_over_columns_are_well_typed(net: GuideNet) -> None:
    guide = NeuralGuide(net, sketches=60, subgoals=2)
    programs = [(whole("sort(xs)"), 0.8), (whole("length(xs)", INT), 0.6)]
    variables = {"xs": INTS, "n": INT}
    for sketch, _ in guide.predict(SMALLEST, programs).sketches:
        assert free_variables(sketch.body) <= variables.keys()
        assert resolve(sketch.body, CORE, expected=INTS, variables=variables)
        assert all(hole.type is not None for hole in holes(sketch))


def test_a_guide_with_subgoals_passes_the_checks(net: GuideNet) -> None:
    assert [f for f in check_guide(NeuralGuide(net, sketches=30, subgoals=2), SMALLEST) if not f.passed] == []
