"""Expressions, types and values read as written; limits met before anything recurses."""

from __future__ import annotations

import ast
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import types, values

from dsl.errors import DslError, ResourceError, SyntaxProblem, TypeProblem, UnknownNameError, ValueProblem
from dsl.inference import UNTYPED
from dsl.library import Library
from dsl.parser import parse, parse_file, parse_surface, parse_type, parse_value
from dsl.primitive import primitive
from dsl.primitives import CORE
from dsl.printer import show
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable
from dsl.type_system import (
    BOOL,
    INT,
    REAL,
    TEXT,
    FunctionType,
    Type,
    TypeConstructor,
    TypeVariable,
    list_of,
    option_of,
    tuple_of,
)
from dsl.values import Some, key, show_value

# ---- the same trees as Python ---------------------------------------------------------------------------------------

_NAMES = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Div: "/", ast.Mod: "%", ast.Pow: "**",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "x in y",
}  # fmt: skip


def from_python(node: ast.expr) -> Program:
    """The tree that Python's own parser makes, with our node types; ValueError for a chain of comparisons."""
    match node:
        case ast.Name(name):
            return Variable(name)
        case ast.Constant(value):
            return Literal(value)
        case ast.BinOp(left, operator, right):
            return Application(Name(_NAMES[type(operator)]), (from_python(left), from_python(right)))
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as value)):
            return Literal(-value)
        case ast.UnaryOp(operator, operand):
            return Application(Name("-x" if isinstance(operator, ast.USub) else "bool.not"), (from_python(operand),))
        case ast.BoolOp(operator, parts):
            name = Name("bool.and" if isinstance(operator, ast.And) else "bool.or")
            made = from_python(parts[0])
            for part in parts[1:]:
                made = Application(name, (made, from_python(part)))
            return made
        case ast.Compare(left, [ast.NotIn()], [right]):
            inside = Application(Name("x in y"), (from_python(left), from_python(right)))
            return Application(Name("bool.not"), (inside,))
        case ast.Compare(left, [operator], [right]):
            return Application(Name(_NAMES[type(operator)]), (from_python(left), from_python(right)))
        case ast.IfExp(test, chosen, other):
            return Application(Name("control.if"), tuple(map(from_python, (test, chosen, other))))
        case ast.Lambda(arguments, body):
            return Lambda(tuple(a.arg for a in arguments.args), from_python(body))
        case ast.Call(function, arguments):
            return Application(from_python(function), tuple(map(from_python, arguments)))
        case ast.Subscript(value, ast.Slice(lower, upper, None)):
            symbol = "x[a:b]" if lower and upper else "x[a:]" if lower else "x[:b]"
            parts = [part for part in (value, lower, upper) if part is not None]
            return Application(Name(symbol), tuple(map(from_python, parts)))
        case ast.Subscript(value, index):
            return Application(Name("x[i]"), (from_python(value), from_python(index)))
        case ast.Tuple([first, second]):
            return Application(Name("tuple.pair"), (from_python(first), from_python(second)))
    raise ValueError(ast.dump(node))


def _bigger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts made of smaller ones, with no parentheses but where drawn."""
    infix = ["+", "-", "*", "//", "/", "%", "**", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
    return st.one_of(
        st.tuples(inner, st.sampled_from(infix), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("-{}".format),
        inner.map("not {}".format),
        st.tuples(inner, inner, inner).map(lambda t: f"{t[0]} if {t[1]} else {t[2]}"),
        inner.map("lambda x, y: {}".format),
        st.tuples(inner, inner).map(lambda t: f"{t[0]}({t[1]}, b)"),
        st.tuples(inner, inner).map(lambda t: f"{t[0]}[{t[1]}]"),
        st.tuples(inner, inner).map(lambda t: f"{t[0]}[{t[1]}:{t[1]}]"),
        inner.map("xs[{}:]".format),
        inner.map("xs[:{}]".format),
        st.tuples(inner, inner).map(lambda t: f"({t[0]}, {t[1]})"),
    )


python_texts = st.recursive(st.sampled_from(["a", "b", "xs", "1", "2.5", "'t'"]), _bigger, max_leaves=8)


@given(python_texts)
def test_expressions_are_pythons(text: str) -> None:
    """Any text that is an expression of both languages is the same tree in both."""
    try:
        expected = from_python(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError):
        assume(False)
    assert parse_surface(text) == expected


@given(python_texts)
def test_what_python_refuses_is_refused(text: str) -> None:
    """A text that is no expression of Python's is none of ours; the error has a place."""
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        with pytest.raises(DslError) as caught:
            parse_surface(text)
        assert caught.value.span is not None


# ---- forms ----------------------------------------------------------------------------------------------------------

X, Y = Variable("x"), Variable("y")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("let x = 1 in x", Let("x", Literal(1), X)),
        ("let x = y in x in y", Let("x", Y, Application(Name("x in y"), (X, Y)))),
        ("let x = (x in y) in x", Let("x", Application(Name("x in y"), (X, Y)), X)),
        ("lambda: 1", Lambda((), Literal(1))),
        ("x()", Application(X, ())),
        ("?", Hole("", UNTYPED)),
        ("?f(x)", Application(Hole("f", UNTYPED), (X,))),
        ("(?f : list[A] where A: eq)", Hole("f", list_of(TypeVariable("A", "eq")))),
        ("list.map", Name("list.map")),
        (".double", Name(".double")),
        ("[]", Literal(())),
        ("[1, 2,\n # three\n 3,]", Literal((1, 2, 3))),
        ("[[1], [], [-2_000]]", Literal(((1,), (), (-2000,)))),
        ("[x]", Application(Name("list.cons"), (X, Literal(())))),
        ("[1, x]", Application(Name("list.cons"), (Literal(1), Application(Name("list.cons"), (X, Literal(())))))),
        ("(x, y, 1)", Application(Name("tuple.triple"), (X, Y, Literal(1)))),
        ("-1", Literal(-1)),
        ("--1", Application(Name("-x"), (Literal(-1),))),
        ("-0.0", Literal(-0.0)),
        ("-9223372036854775808", Literal(-(2**63))),
        ("1.5e-07", Literal(1.5e-07)),
        ("'it\\'s' ", Literal("it's")),
        ('"\\x41\\u00e9\\U0001f600\\n"', Literal("Aé😀\n")),
        ("\tx  # comment", X),
        ("x\r\n", X),
    ],
)
def test_forms(text: str, expected: Program) -> None:
    assert parse_surface(text) == expected


@pytest.mark.parametrize(
    "name",
    ["example", "input", "task", "def", "of", "length", "items", "s", "where", "eq", "syn", "query", "inn", "iff"],
)
def test_words_that_mean_something_elsewhere_are_names_here(name: str) -> None:
    """Keywords are contextual."""
    assert parse(f"lambda {name}: let y = {name} in {name} + y + 1", CORE) == parse(
        "lambda x: let y = x in x + y + 1".replace("x", name), CORE
    )
    text = f"task {name}({name}: int) -> int\n    example 1 -> 1\n    solution {name}\n    input {name} in 0..1"
    (task,) = parse_file(text).tasks
    assert (task.name, task.parameters[0].name, task.solution) == (name, name, Variable(name))


def test_bound_names_are_variables_and_others_words() -> None:
    """A parameter hides a word of its name; outside it the word is meant."""
    program = parse("map(lambda map: map, [1])", CORE)
    assert program == Application(Name("list.map"), (Lambda(("map",), Variable("map")), Literal((1,))))


def test_nodes_know_their_place() -> None:
    """Line, column and length of what a node was read from."""
    program = parse_surface("f(\n  (a + bc),\n  x)")
    assert isinstance(program, Application)
    place = program.arguments[0].span
    assert place is not None
    assert (place.line, place.column, place.length) == (2, 3, 8)


# ---- types ----------------------------------------------------------------------------------------------------------


def test_types() -> None:
    assert parse_type("() -> int") == FunctionType((), INT)
    assert parse_type("(int) -> (text) -> B") == FunctionType((INT,), FunctionType((TEXT,), TypeVariable("B")))
    assert parse_type("tuple[int, option[color]]") == tuple_of(INT, option_of(TypeConstructor("color")))


# ---- values ---------------------------------------------------------------------------------------------------------


@primitive
def red() -> int:
    """A constant."""
    return 7


def test_values_are_read_by_type() -> None:
    """The same spelling may be values of two types."""
    assert key(parse_value("2", REAL, CORE)) == key(2.0)
    assert key(parse_value("[1, 2.5]", list_of(REAL), CORE)) == key((1.0, 2.5))
    assert parse_value("[]", list_of(list_of(INT)), CORE) == ()
    assert parse_value("some((1, 'a'))", option_of(tuple_of(INT, TEXT)), CORE) == Some((1, "a"))
    assert parse_value("[none]", list_of(option_of(INT)), CORE) == (None,)
    assert parse_value("red", INT, Library.of(red)) == 7
    assert parse_value("[(1, 2), (3, 4)] # pairs", list_of(tuple_of(INT, INT)), CORE) == ((1, 2), (3, 4))


@given(st.data())
def test_every_value_can_be_written(data: st.DataObject) -> None:
    """What `show_value` writes is read back the same."""
    t: Type = data.draw(types(2, functions=False))
    value = data.draw(values(t))
    assert key(parse_value(show_value(value, t), t, CORE)) == key(value)


@pytest.mark.parametrize(
    ("text", "t", "error"),
    [
        ("2.5", INT, TypeProblem),
        ("[1, 'a']", list_of(INT), TypeProblem),
        ("[1, 2]", list_of(TEXT), TypeProblem),
        ("[1, 2]", INT, TypeProblem),
        ("[(1, 2)]", INT, TypeProblem),
        ("(1, 2)", list_of(INT), TypeProblem),
        ("(1, 2, 3)", tuple_of(INT, INT), TypeProblem),
        ("3", option_of(INT), TypeProblem),
        ("true", BOOL, UnknownNameError),
        ("nope", option_of(INT), UnknownNameError),
        ("9223372036854775808", INT, ValueProblem),
        ("[1, 9223372036854775808]", list_of(INT), ValueProblem),
        ("-1.0e999", REAL, ValueProblem),
        ("1 + 1", INT, SyntaxProblem),
    ],
)
def test_values_of_another_type(text: str, t: Type, error: type[DslError]) -> None:
    with pytest.raises(error) as caught:
        parse_value(text, t, CORE)
    assert caught.value.span is not None


# ---- limits ---------------------------------------------------------------------------------------------------------


REPEATED = [
    ("", "(", "1"),
    ("", ")", ""),
    ("", "[", ""),
    ("", "not ", "True"),
    ("", "-", "x"),
    ("", "2 ** ", "2"),
    ("", "lambda x: ", "x"),
    ("", "let x = 1 in ", "x"),
    ("", "1 if True else ", "2"),
    ("", "'", ""),
    ("", "'' ", ""),
    ("1", "+1", ""),
    ("x", "[0]", ""),
    ("f", "(1)", ""),
    ("True", " and True", ""),
    ("[1.5, x", ", x", "]"),
    ("[1.5", ", 1.5", "]"),
    ("[1", ", 1", "]"),
    ("f(1", ", 1", ")"),
]


@pytest.mark.parametrize("characters", [90_000, 1_500_000])
@pytest.mark.parametrize(("head", "repeated", "tail"), REPEATED)
def test_too_much_is_refused_in_time(head: str, repeated: str, tail: str, characters: int) -> None:
    """However deep or long: an error that says so, no recursion, within seconds."""
    text = head + repeated * (characters // len(repeated)) + tail
    start = time.process_time()
    with pytest.raises((ResourceError, SyntaxProblem, TypeProblem, UnknownNameError)) as caught:
        parse(text, CORE)
    assert time.process_time() - start < 4
    assert len(str(caught.value)) < 1000


def test_nesting_is_refused_at_once() -> None:
    """A hundred thousand parentheses, or a hundred million, cost next to nothing."""
    start = time.process_time()
    for depth in (100_000, 100_000_000):
        with pytest.raises(ResourceError):
            parse("(" * depth, CORE)
    (broken,) = parse_file(f"def f(x: int) -> int = {'(' * 100_000}x{')' * 100_000}").broken
    assert isinstance(broken.error, ResourceError)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "text",
    ["(int) -> " * 9000 + "int", "list[" * 9000 + "int" + "]" * 9000, "tuple[int, " * 60 + "int" + "]" * 60],
    ids=lambda text: text[:8],
)
def test_deep_types_are_refused(text: str) -> None:
    with pytest.raises(ResourceError):
        parse_type(text)


N = 90_000


@pytest.mark.parametrize("digits", ["9" * N, "-" + "9" * N, f"[1, {'9' * N}]", f"[{'9' * N}, x]"], ids=str.__len__)
def test_huge_numbers_are_refused(digits: str) -> None:
    with pytest.raises(ValueProblem):
        parse(digits, CORE, variables={"x": INT})


def test_the_deepest_programs_allowed_work() -> None:
    """Everything from text to text works at the depth limit."""
    for text in ("x" + " + 1" * 198, "not (" * 99 + "True" + ")" * 99, "some(" * 198 + "1" + ")" * 198):
        program = parse(text, CORE, variables={"x": INT})
        assert parse(show(program, CORE, variables={"x": INT}), CORE, variables={"x": INT}) == program


def test_text_that_is_no_text() -> None:
    for text in ("1 +\x00 2", "x" * 2_000_001):
        with pytest.raises((SyntaxProblem, ResourceError)):
            parse(text, CORE)


def test_parsing_keeps_no_state() -> None:
    """An error in one text does not show in the next."""
    for _ in range(3):
        with pytest.raises(SyntaxProblem):
            parse("1 +", CORE)
        assert parse("1", CORE) == Literal(1)


# ---- speed ----------------------------------------------------------------------------------------------------------


def test_task_files_are_read_fast() -> None:
    """The promise is 2,000 lines a second; measured in processor time, with room for a busy machine."""
    example = f"    example {list(range(10))} -> {list(range(-5, 5))}\n"
    head = "task t{}(xs: list[int]) -> list[int]\n    'What it does.'\n"
    tail = "    input xs: list[int] of length 0..10, items -9..99\n    solution map(lambda x: x + x, xs)\n\n"
    text = "".join(head.format(i) + example * 8 + tail for i in range(100))
    parse_file(example)
    start = time.process_time()
    assert len(parse_file(text).tasks) == 100
    assert text.count("\n") / (time.process_time() - start) > 2000
