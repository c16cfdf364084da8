"""The spelling of constants."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import types, values

from dsl.errors import Span, ValueProblem
from dsl.literals import read_text, show_literal, show_text
from dsl.parser import parse_surface
from dsl.program import Literal
from dsl.type_system import TypeConstructor, list_of


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_real_has_a_spelling(value: float) -> None:
    assert parse_surface(show_literal(value)) == Literal(value)


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_int_has_a_spelling(value: int) -> None:
    assert parse_surface(show_literal(value)) == Literal(value)


@given(st.text())
def test_every_text_has_two_spellings(value: str) -> None:
    assert parse_surface(show_literal(value)) == Literal(value)
    assert read_text(show_text(value), Span(1, 1)) == value


@given(st.data())
def test_lists_of_constants_have_a_spelling(data: st.DataObject) -> None:
    t = data.draw(types(2, functions=False).filter(_literal))
    value = data.draw(values(t))
    assert parse_surface(show_literal(value)) == Literal(value)


def _literal(t: object) -> bool:
    if not isinstance(t, TypeConstructor) or not t.arguments:
        return isinstance(t, TypeConstructor)
    return t == list_of(t.arguments[0]) and _literal(t.arguments[0])


@pytest.mark.parametrize("value", [math.nan, math.inf, None, object()], ids=["nan", "inf", "none", "object"])
def test_what_has_no_spelling(value: object) -> None:
    with pytest.raises(ValueProblem):
        show_literal(value)
