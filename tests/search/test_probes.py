"""Probes: like the examples' inputs, none of them, the same for one seed."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from specs import INTS, KEEP_GREATER, spec_of
from strategies import types, values

from dsl.type_system import BOOL, INT, TEXT, Type, TypeConstructor, function_type, list_of, tuple_of
from dsl.values import conforms, key
from synth.search.probes import probes_for
from tasks.task import Spec


@st.composite
def drawn_specs(draw: st.DrawFn) -> Spec:
    """One or two parameters of drawn types, and a few inputs for them."""
    parameters = draw(st.lists(types(2, functions=False), min_size=1, max_size=2))
    inputs = draw(st.lists(st.tuples(*map(values, parameters)), min_size=1, max_size=4))
    pairs = [(i if len(parameters) > 1 else i[0], 0) for i in inputs]
    return spec_of(*pairs, types=tuple(parameters), result=INT)


@given(drawn_specs(), st.integers(0, 12), st.integers(0, 2**32))
def test_probes_are_new_inputs_of_the_right_types(spec: Spec, count: int, seed: int) -> None:
    probes = probes_for(spec, random.Random(seed), count)
    known = {key(e.arguments) for e in spec.examples}
    assert len(probes) <= count
    assert len(known | {key(p) for p in probes}) == len(known) + len(probes)
    for probe in probes:
        for value, t in zip(probe, spec.type_request.parameters, strict=True):
            assert conforms(value, t)
    assert probes == probes_for(spec, random.Random(seed), count)


def test_probes_are_as_many_as_asked_for_where_types_allow_it() -> None:
    assert len(probes_for(KEEP_GREATER, random.Random(1), 50)) == 50
    assert len(probes_for(spec_of((True, 1), types=(BOOL,), result=INT), random.Random(1), 50)) == 1


def test_fresh_lists_are_like_those_seen() -> None:
    """Lengths and items stay near the examples'; some probes are an example's list with one change."""
    spec = spec_of(((3, 40, 7), 1), ((10, 11, 12, 13), 2), result=INT)
    probes = [probe[0] for probe in probes_for(spec, random.Random(0), 60)]
    assert all(isinstance(xs, tuple) and 2 <= len(xs) <= 5 for xs in probes)
    assert all(1 <= x <= 42 for xs in probes for x in xs)  # type: ignore[attr-defined]
    assert any(sum(a != b for a, b in zip(xs, (3, 40, 7), strict=False)) == 1 for xs in probes)  # type: ignore[call-overload]


def test_texts_keep_their_letters() -> None:
    spec = spec_of(("ab-12", 1), ("c-3", 2), types=(TEXT,), result=INT)
    probes = [str(probe[0]) for probe in probes_for(spec, random.Random(0), 60)]
    assert all(set(text) <= set("abcdefghijklmnopqrstuvwxyz-0123456789") for text in probes)
    assert sum("-" in text for text in probes) > 30


def test_a_type_without_a_sampler_takes_the_values_seen() -> None:
    shape: Type = TypeConstructor("shape")
    spec = spec_of((("round", 2), 1), (("square", 5), 2), types=(shape, INT), result=INT)
    probes = probes_for(spec, random.Random(0), 20)
    assert len(probes) >= 4
    assert {shape_of for shape_of, _ in probes} == {"round", "square"}
    unseen = spec_of(((), 1), types=(list_of(shape),), result=INT)
    assert probes_for(unseen, random.Random(0), 5) == ()


def test_parts_of_a_tuple_have_their_own_values() -> None:
    pairs = list_of(tuple_of(INT, TEXT))
    spec = spec_of((((1, "a"), (2, "b")), 0), (((3, "c"),), 0), types=(pairs,), result=INT)
    for (probe,) in probes_for(spec, random.Random(3), 40):
        assert conforms(probe, pairs)


def test_a_spec_without_inputs_or_examples_has_none() -> None:
    assert probes_for(Spec((), function_type(result=INT), KEEP_GREATER.library, ()), random.Random(0), 5) == ()
    empty = Spec(("xs",), function_type(INTS, result=INTS), KEEP_GREATER.library, ())
    assert probes_for(empty, random.Random(0), 5) == ()
