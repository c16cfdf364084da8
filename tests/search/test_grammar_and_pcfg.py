"""Productions at the types in play, and the distribution that weights make of them."""

from __future__ import annotations

import math

import pytest
from specs import INTS, REVERSE, T0, spec_of

from dsl.grammar import grammar_of, types_in_play
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda
from dsl.type_system import BOOL, INT, FunctionType, TypeConstructor, has_order, list_of
from synth.guidance import Guidance
from synth.pcfg import literal_bits, literal_productions, mined_literals, program_bits, spec_pcfg
from tasks.task import Spec

REQUEST = FunctionType((INTS,), INTS)


def test_types_in_play_grow_from_the_request() -> None:
    ranks = types_in_play(REQUEST, CORE)
    assert ranks[INTS] == ranks[INT] == ranks[BOOL] == 0
    assert ranks[list_of(INTS)] == 1
    assert all(t in ranks for t in (list_of(BOOL), TypeConstructor("tuple", (INT, INT))))


def test_every_production_is_an_instance_of_its_word() -> None:
    ranks = types_in_play(REQUEST, CORE)
    for production in grammar_of(CORE, ranks):
        assert production.result in ranks
        assert production.weight > 0
        assert len(production.parameters) == len(CORE[production.key].parameters)


def test_order_is_asked_only_of_types_that_have_it() -> None:
    ranks = types_in_play(REQUEST, CORE)
    maxima = [p for p in grammar_of(CORE, ranks) if p.key == "list.maximum"]
    assert maxima
    assert all(has_order(p.result) for p in maxima)


def test_unreachable_types_are_named() -> None:
    color = TypeConstructor("color")
    request = FunctionType((INTS,), color)
    grammar = grammar_of(CORE, types_in_play(request, CORE))
    assert color in grammar.missing_for(color, ())
    assert grammar.missing_for(INTS, spec_pcfg(REVERSE)[1]) == ()


@pytest.mark.parametrize("library", [CORE, T0])
def test_the_productions_of_a_type_share_one_whole(library: object) -> None:
    pcfg, leaves = spec_pcfg(spec_of(((1,), (2,)), ((3,), (4,)), library=library))  # type: ignore[arg-type]
    for t in pcfg.grammar.ranks:
        bits = [bits for _, bits in pcfg.productions(t, leaves)]
        assert not bits or sum(2.0**-b for b in bits) == pytest.approx(1.0)


def body(text: str) -> Lambda:
    return Lambda(("xs",), parse(text, CORE, expected=INTS, variables={"xs": INTS}))


def test_longer_programs_cost_more_bits() -> None:
    short, long = (program_bits(body(text), REVERSE) for text in ("reverse(xs)", "reverse(reverse(xs))"))
    assert short is not None
    assert long is not None
    assert 0 < short < long


def test_a_renamed_input_costs_the_same() -> None:
    renamed = Lambda(("zs",), parse("reverse(zs)", CORE, expected=INTS, variables={"zs": INTS}))
    assert program_bits(renamed, REVERSE) == program_bits(body("reverse(xs)"), REVERSE)


def test_lambdas_and_words_as_functions_have_a_price() -> None:
    named, written = (program_bits(body(f"filter({f}, xs)"), REVERSE) for f in ("is_even", "lambda x: is_even(x)"))
    assert named is not None
    assert named == pytest.approx(written)


def test_a_program_outside_the_grammar_has_none() -> None:
    assert program_bits(body("map(lambda x: x + 1, xs)"), spec_of(((1,), (2,)), library=T0)) is None


def test_guidance_makes_a_word_cheaper() -> None:
    plain = program_bits(body("reverse(xs)"), REVERSE)
    guided = program_bits(body("reverse(xs)"), REVERSE, Guidance("test", {"list.reverse": -3.0}))
    assert plain is not None
    assert guided is not None
    assert guided < plain


def test_constants_are_mined_from_what_outputs_share() -> None:
    spec = spec_of(((1, 2), (1, 2, 7, 3)), ((), (7, 3)), ((5,), (5, 7, 3)))
    assert (INTS, (7, 3), 1.0) in mined_literals(spec)
    assert any(value == 7 for _, value, _ in mined_literals(spec))


def test_nothing_is_mined_from_one_example() -> None:
    assert mined_literals(spec_of(((1, 2), (1, 2, 7, 3)))) == []


def test_constants_come_in_the_order_of_the_types() -> None:
    """An order of their hashes would be another in every process."""
    types = [list_of(t) for t in (INT, BOOL, INTS, list_of(BOOL), list_of(INTS))]
    spec = spec_of(((1,), (1,)))
    for order in (types, types[::-1], types[2:] + types[:2]):
        assert [p.result for p in literal_productions(spec, order)] == order


def test_spelling_a_constant_costs_bits() -> None:
    assert literal_bits(1000) > literal_bits(3) > 0
    assert math.isfinite(literal_bits((1, "a", 2.0, True)))


def test_mining_a_constant_never_makes_it_dearer() -> None:
    def bits(spec: Spec) -> float:
        pcfg, leaves = spec_pcfg(spec)
        return next(b for p, b in pcfg.productions(INT, leaves) if p.key == "literal:0")

    shared = spec_of(((0, 1), (1,)), ((0, 3), (2,)))
    assert bits(shared) <= bits(REVERSE) + 0.01
