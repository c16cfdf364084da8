"""Drawn programs: of the type and size that were asked for; put together, and taken apart, without a change of mind."""

from __future__ import annotations

import random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dsl.inference import resolve
from dsl.interpreter import run
from dsl.library import Definition
from dsl.primitives import CORE
from dsl.program import Lambda, names
from dsl.type_system import BOOL, INT, FunctionType, list_of
from dsl.values import Failure
from tasks.drawn_programs import Drawer, expanded, has_idle_part, readable, reductions, words_in
from tasks.sampling import sample_value

_INTS = list_of(INT)
_TYPES = (_INTS, INT, BOOL)
_REQUESTS = st.sampled_from(
    [
        FunctionType((_INTS,), _INTS),
        FunctionType((_INTS,), INT),
        FunctionType((_INTS, INT), _INTS),
        FunctionType((INT,), BOOL),
    ]
)


def _drawn(drawer: Drawer, request: FunctionType, words: int, callees: tuple[Definition, ...] = ()) -> Lambda | None:
    draws = (drawer.draw(request, words, callees, len(callees)) for _ in range(200))
    return next((program for program in draws if program is not None), None)


@given(_REQUESTS, st.integers(1, 5), st.integers(0, 10_000))
def test_a_draw_has_the_type_and_the_words_asked_for(request: FunctionType, words: int, seed: int) -> None:
    program = _drawn(Drawer(CORE, _TYPES, random.Random(seed)), request, words)
    if program is not None:
        assert resolve(program, CORE, expected=request).program == program
        assert words_in(program) == words
        assert not has_idle_part(program.body)


@given(_REQUESTS, st.integers(0, 1000))
def test_the_same_seed_draws_the_same(request: FunctionType, seed: int) -> None:
    one, other = (Drawer(CORE, _TYPES, random.Random(seed)) for _ in range(2))
    assert [one.draw(request, 3) for _ in range(20)] == [other.draw(request, 3) for _ in range(20)]


@settings(max_examples=50)
@given(st.integers(0, 10_000))
@example(425)  # an argument that the definition runs for no item fails where it is called, and not where it is put in
def test_definitions_put_in_place_mean_what_calls_of_them_mean(seed: int) -> None:
    rng = random.Random(seed)
    drawer = Drawer(CORE, _TYPES, rng)
    first = _drawn(drawer, FunctionType((_INTS, INT), _INTS), 2)
    assert first is not None
    one = Definition("hidden.one", FunctionType((_INTS, INT), _INTS), first)
    second = _drawn(drawer, FunctionType((_INTS,), _INTS), 1, (one,))
    if second is None:
        return
    two = Definition("hidden.two", FunctionType((_INTS,), _INTS), second)
    program = _drawn(drawer, FunctionType((_INTS,), _INTS), 1, (two,))
    if program is None:
        return
    whole = expanded(program, {"hidden.one": one, "hidden.two": two})
    assert isinstance(whole, Lambda)
    assert {"hidden.one", "hidden.two"}.isdisjoint(names(whole))
    library = CORE.extend(one, two)
    for _ in range(5):
        xs = sample_value(_INTS, None, rng)
        called = run(program, (xs,), library)
        # A call runs all its arguments, also one that the definition leaves unused and that fails.
        assert isinstance(called, Failure) or run(whole, (xs,), CORE) == called
        assert run(readable(whole, ("xs",)), (xs,), CORE) == run(whole, (xs,), CORE)


@given(_REQUESTS, st.integers(1, 4), st.integers(0, 10_000))
def test_a_reduction_is_another_program_of_the_type_and_no_longer(request: FunctionType, words: int, seed: int) -> None:
    drawer = Drawer(CORE, _TYPES, random.Random(seed))
    program = _drawn(drawer, request, words)
    if program is not None:
        found = list(reductions(program, request, drawer.grammar))
        assert found, "at least the whole can make way for a leaf"
        for other in found:
            assert other != program
            assert words_in(other) <= words
            assert resolve(other, CORE, expected=request).program == other


def test_what_could_be_left_out_is_found_by_a_reduction() -> None:
    request = FunctionType((_INTS,), _INTS)
    grammar = Drawer(CORE, _TYPES, random.Random(0)).grammar
    program = resolve(_parsed("lambda xs: sort(reverse(take(3, xs)))"), CORE, expected=request).program
    assert isinstance(program, Lambda)
    wanted = resolve(_parsed("lambda xs: sort(take(3, xs))"), CORE, expected=request).program
    assert wanted in set(reductions(program, request, grammar))


def _parsed(text: str) -> Lambda:
    from dsl.parser import parse

    program = parse(text, CORE)
    assert isinstance(program, Lambda)
    return program
