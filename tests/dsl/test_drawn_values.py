"""Drawn values: of their type, the same for the same seed, and shrinkable."""

from __future__ import annotations

from random import Random
from typing import NewType

import pytest

from dsl.drawn_values import Drawer, DrawnFunction, UndrawableError, ground, show_drawn, shrink, smaller
from dsl.library import Library
from dsl.primitive import primitive
from dsl.type_system import (
    BOOL,
    INT,
    REAL,
    TEXT,
    Range,
    Type,
    TypeConstructor,
    TypeVariable,
    apply,
    function_type,
    list_of,
    option_of,
    tuple_of,
)
from dsl.values import Some, conforms, fault_of

Color = NewType("Color", int)
COLOR = TypeConstructor("color")
PLAIN = [INT, BOOL, REAL, TEXT, list_of(list_of(INT)), tuple_of(INT, TEXT), option_of(option_of(BOOL))]
NO_WORDS = Drawer(Library())


@primitive
def red() -> Color:
    """A color."""
    return Color(1)


@primitive
def lighter(color: Color) -> Color:
    """Another color."""
    return Color(color + 1)


@pytest.mark.parametrize("t", PLAIN, ids=str)
def test_values_are_of_their_type(t: Type) -> None:
    rng = Random(1)
    assert all(fault_of(NO_WORDS.draw(t, rng), t) is None for _ in range(200))


def test_ints_keep_to_declared_bounds() -> None:
    rng = Random(1)
    assert {NO_WORDS.draw(INT, rng, bounds=Range(2, 4)) for _ in range(50)} == {2, 3, 4}


def test_variables_become_plain_types() -> None:
    rng, t = Random(1), list_of(TypeVariable("A"))
    assert {apply(ground(t, rng), t) for _ in range(100)} >= {list_of(INT), list_of(TEXT), list_of(list_of(INT))}
    assert conforms(NO_WORDS.draw(t, rng), t)


def test_drawn_functions_are_functions() -> None:
    """The same for the same arguments, whatever else was asked in between."""
    t = function_type(INT, list_of(INT), result=BOOL)
    arguments = [(x, (x, y)) for x in range(-3, 4) for y in range(3)]
    for seed in range(30):
        f, again = (NO_WORDS.draw(t, Random(seed)) for _ in range(2))
        assert isinstance(f, DrawnFunction)
        assert isinstance(again, DrawnFunction)
        assert [f(*a) for a in arguments] == [again(*a) for a in reversed(arguments)][::-1]


def test_drawn_functions_as_text() -> None:
    t = function_type(INT, result=INT)
    table = DrawnFunction(t, NO_WORDS, seed=3)
    assert str(table) == "(a function with no calls)"
    assert str(table(1)) in str(table)
    assert str(DrawnFunction(t, NO_WORDS, constant=Some(5))) == "lambda x: 5"
    assert str(DrawnFunction(function_type(BOOL, INT, result=INT), NO_WORDS, place=1)) == "lambda x0, x1: x1"
    assert show_drawn(Some((1, 2)), option_of(list_of(INT))) == "some([1, 2])"


def test_values_of_a_domain_are_made_by_its_words() -> None:
    drawer = Drawer(Library.of(red, lighter))
    rng = Random(1)
    found = [drawer.draw(COLOR, rng) for _ in range(50)]
    assert set(found) >= {1, 2, 3}
    assert set(found) <= set(range(1, 6))


def test_a_type_that_nothing_makes_is_said_to_be_so() -> None:
    with pytest.raises(UndrawableError, match="no word of the library makes a value of type color"):
        Drawer(Library.of(lighter)).draw(COLOR, Random(1))


@pytest.mark.parametrize("t", PLAIN, ids=str)
def test_shrinking_ends_at_the_simplest(t: Type) -> None:
    rng = Random(2)
    simplest = {"int": 0, "bool": False, "real": 0.0, "text": "", "list": (), "tuple": (0, ""), "option": None}
    for _ in range(20):
        value = NO_WORDS.draw(t, rng)
        assert all(conforms(other, t) for other in smaller(value, t))
        assert isinstance(t, TypeConstructor)
        assert shrink((value,), (t,), lambda _: True, tries=2000) == (simplest[t.name],)


def test_shrinking_keeps_what_fails() -> None:
    t = list_of(INT)
    (found,) = shrink(((5, 40, 7, -3),), (t,), lambda values: sum(x > 6 for x in values[0]) > 0)  # type: ignore[attr-defined]
    assert found == (7,)


def test_functions_shrink_to_constants() -> None:
    t = function_type(INT, result=INT)
    table = DrawnFunction(t, NO_WORDS, seed=3)
    table(1)
    (found,) = shrink((table,), (t,), lambda values: callable(values[0]))
    assert str(found) == "lambda x: 0"
