"""Text is a faithful form of programs, and reads as a person would write it."""

from __future__ import annotations

from hypothesis import given, settings
from strategies import Drawn, drawn_programs, polymorphic_types

from dsl.inference import resolve
from dsl.parser import parse, parse_type
from dsl.printer import show
from dsl.type_system import Type, show_type


@settings(max_examples=400)
@given(drawn_programs())
def test_parse_inverts_show(drawn: Drawn) -> None:
    """Nothing about a program is lost in print, whatever words share a name or are hidden."""
    text = show(drawn.program, drawn.library, variables=drawn.variables)
    assert parse(text, drawn.library, variables=drawn.variables) == drawn.program


@settings(max_examples=300)
@given(drawn_programs(holes=True))
def test_parse_inverts_show_of_sketches(drawn: Drawn) -> None:
    """The types of holes are kept too."""
    text = show(drawn.program, drawn.library, variables=drawn.variables)
    assert parse(text, drawn.library, variables=drawn.variables) == drawn.program


@settings(max_examples=200)
@given(drawn_programs(holes=True))
def test_parse_inverts_show_where_a_type_is_expected(drawn: Drawn) -> None:
    """What the place of a program says about its type may be used to write it shorter."""
    known = {"expected": drawn.type, "variables": drawn.variables}
    text = show(drawn.program, drawn.library, **known)
    assert parse(text, drawn.library, **known) == drawn.program
    assert resolve(drawn.program, drawn.library, **known).program == drawn.program


@given(polymorphic_types())
def test_parse_type_inverts_show_type(t: Type) -> None:
    """Types are kept, limits on variables included."""
    assert parse_type(show_type(t)) == t
