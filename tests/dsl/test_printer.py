"""Text is a faithful form of programs, and reads as a person would write it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from strategies import Drawn, drawn_programs, polymorphic_types, word

from dsl.errors import ValueProblem
from dsl.inference import resolve
from dsl.library import Definition
from dsl.parser import parse, parse_type
from dsl.primitives import CORE
from dsl.printer import show
from dsl.program import Application, Lambda, Let, Literal, Name, Program, Variable
from dsl.type_system import INT, FunctionType, Type, list_of, show_type


@settings(max_examples=200)
@given(drawn_programs())
def test_parse_inverts_show(drawn: Drawn) -> None:
    """Nothing about a program is lost in print, whatever words share a name or are hidden."""
    text = show(drawn.program, drawn.library, variables=drawn.variables)
    assert parse(text, drawn.library, variables=drawn.variables) == drawn.program


@settings(max_examples=150)
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


X = Variable("x")

# ---- what a person would write --------------------------------------------------------------------------------------

WRITTEN = [
    "1 + 2 * 3 - 4",
    "(1 + 2) * 3",
    "1 - (2 - 3)",
    "2 ** 3 ** 2",
    "(2 ** 3) ** 2",
    "-2 ** 2",
    "(-2) ** 2",
    "2 ** -1",
    "n - -1",
    "-n",
    "-(n + 1)",
    "negate(1)",
    "-xs[0]",
    "7 // 2 % 3",
    "1.0 / 2.5e-07",
    "xs + ys",
    "'a' + \"it's\"",
    "xs[0]",
    "xs[-1]",
    "xs[1:n]",
    "xs[n + 1:]",
    "xs[:2][0]",
    "(xs + ys)[0]",
    "n in xs",
    "n not in xs + ys",
    "n not in xs or n == 1",
    "not (n == 1 or n < 2)",
    "n == 1 and n != 2 or n >= 3 and n <= 4",
    "(n == 1 or n > 2) and True",
    "(n < 1) == (n > 2)",
    "n if n < 1 else 2 if n < 2 else 3",
    "(n if n < 1 else 2) + 1",
    "1 if (True if n < 1 else False) else 2",
    "map(lambda x: x + 1, filter(is_even, xs))",
    "map(is_even, xs)",
    "fold(lambda a, x: a + x, 0, xs)",
    "fold(add, 0, xs)",
    "(lambda x: x)(1)",
    "(lambda x: lambda y: x)(1)(2)",
    "lambda: 1",
    "lambda x, y: (y, x, none)",
    "let x = n + 1 in x * x",
    "let x = 1 in let y = 2 in (x, y)",
    "let x = (let y = 1 in y) in x",
    "let x = (n in xs) in not x",
    "let f = lambda x: (x in xs) in f(n)",
    "let x = [n in xs, True] in x",
    "[n, 2]",
    "[1, 2]",
    "cons(1, [2])",
    "cons(n, xs)",
    "[[n], []]",
    "[(1, 'a'), (2, 'b')]",
    "some(1) == none",
    "sort(xs)[0] if not is_empty(xs) else -1",
    "?",
    "map(?f, filter(?p, xs))",
    "(?f : (int) -> int)(n)",
    "lambda map: list.map(map, xs)",
    "lambda x: int.add(x, x)",
    "lambda x: text.length(x)",
    "zip_with(lambda x, y: x * y, xs, xs[1:])",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_programs_are_shown_as_written(text: str) -> None:
    """Infix, subscripts, conditionals, fewest parentheses, short names."""
    variables = {"n": INT, "xs": list_of(INT), "ys": list_of(INT)}
    assert show(parse(text, CORE, variables=variables), CORE, variables=variables) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not (1 in [1])", "1 not in [1]"),
        ("int.add(1, 2)", "1 + 2"),
        ("add(1, 2)", "1 + 2"),
        ("list.map(int.is_even, [])", "map(is_even, [])"),
        ("get([1], 0)", "[1][0]"),
        ("bool.and(True, bool.not(False))", "True and not False"),
        ("control.if(True, 1, 2)", "1 if True else 2"),
        ("pair(1, 'a')", "(1, 'a')"),
        ("cons(?x, cons(1, []))", "[?x, 1]"),
        ("cons(1, cons(2, []))", "cons(1, cons(2, []))"),
        ("((1))", "1"),
        ("- (1)", "-1"),
        ("1_000", "1000"),
        ('"a"', "'a'"),
        ("(?f : (int) -> A)(1)", "?f(1)"),
    ],
)
def test_other_ways_to_write_it(text: str, expected: str) -> None:
    assert show(parse(text, CORE), CORE) == expected


def test_hidden_words_and_words_without_namespace() -> None:
    """Full names where the short one is taken; a leading dot where there is no namespace."""
    double = word("double", FunctionType((INT,), INT))
    mine = Definition("file.map", FunctionType((INT,), INT), parse("lambda x: x", CORE))
    library = CORE.extend(double).extend(mine, shadow=True)
    for text in ("map(1)", "list.map(is_even, [])", "double(1)", "lambda double: .double(double)"):
        assert show(parse(text, library), library) == text


def test_fragments_are_shown_without_knowing_their_variables() -> None:
    """Parts of a program, for messages; also programs that have no type."""
    fragment = Application(Name("int.add"), (Variable("x"), Literal(1)))
    assert show(fragment, CORE) == "x + 1"
    assert show(Application(Name("int.add"), (Literal(1), Literal("a"))), CORE) == "1 + 'a'"
    assert show(Application(Name("gone.word"), (Literal(1),)), CORE) == "gone.word(1)"


@pytest.mark.parametrize(
    "program",
    [
        Literal(float("nan")),
        Literal(None),
        Variable("not"),
        Lambda(("a b",), Literal(1)),
        Lambda(("x", "x"), X),
        Let("", Literal(1), X),
    ],
)
def test_programs_without_a_text(program: Program) -> None:
    with pytest.raises(ValueProblem):
        show(program, CORE)
