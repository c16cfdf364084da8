"""Tidying makes programs pleasant to read, and never changes what they mean."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from specs import INTS
from strategies import programs, values

from dsl.interpreter import run
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.printer import show
from dsl.program import Lambda, Program
from dsl.type_system import INT
from dsl.values import Failure, key
from synth.search.tidy import tidy

VARIABLES = {"xs": INTS, "n": INT}


def read(text: str) -> Program:
    return parse(text, CORE, expected=INTS, variables=VARIABLES)


@settings(max_examples=300)
@given(programs(CORE, INTS, VARIABLES, max_depth=4), values(INTS), values(INT))
def test_the_meaning_stays(program: Program, xs: object, n: object) -> None:
    before, after = (run(Lambda(("xs", "n"), p), (xs, n), CORE) for p in (program, tidy(program)))
    if isinstance(before, Failure):
        assert isinstance(after, Failure)
    else:
        assert key(before) == key(after)


@given(programs(CORE, INTS, VARIABLES, max_depth=4))
def test_what_is_tidy_stays_as_it_is(program: Program) -> None:
    assert tidy(tidy(program)) == tidy(program)


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("map(lambda x: negate(x), xs)", "map(negate, xs)"),
        ("map(lambda x: x + n, xs)", "map(lambda x: x + n, xs)"),
        ("zip_with(lambda a, b: max(a, b), xs, xs)", "zip_with(max, xs, xs)"),
        ("zip_with(lambda a, b: max(b, a), xs, xs)", "zip_with(lambda a, b: max(b, a), xs, xs)"),
        ("scan(lambda y, x: y + x, 0, xs)", "scan(add, 0, xs)"),
        ("scan(lambda y, z: y + 2 * z, 0, xs)", "scan(lambda acc, x: acc + 2 * x, 0, xs)"),
        ("fold_right(lambda y, z: cons(y + 1, z), [], xs)", "fold_right(lambda x, acc: cons(x + 1, acc), [], xs)"),
        (  # x is taken inside, where the item is meant
            "fold(lambda x, y: filter(lambda x: x > y, xs), [], xs)",
            "fold(lambda acc, y: filter(lambda x: x > y, xs), [], xs)",
        ),
        (  # acc is taken inside
            "fold(lambda x, y: filter(lambda acc: acc > y, x), [], xs)",
            "fold(lambda x, y: filter(lambda acc: acc > y, x), [], xs)",
        ),
    ],
)
def test_what_becomes_of(text: str, tidied: str) -> None:
    assert show(tidy(read(text)), CORE, expected=INTS, variables=VARIABLES) == tidied
