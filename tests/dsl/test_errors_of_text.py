"""The messages for programs, types and values that are wrong: every one recorded, with the usual mistakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from error_messages import messages

from dsl.library import Library
from dsl.parser import parse, parse_type, parse_value
from dsl.primitives import CORE
from dsl.type_system import BOOL, INT, REAL, TEXT, FunctionType, Type, TypeVariable, list_of, option_of, tuple_of

GOLDEN = Path(__file__).parent.parent / "golden"
Golden = Callable[[Path, str], None]
VARIABLES: Mapping[str, Type] = {"xs": list_of(INT), "n": INT, "s": TEXT, "ws": list_of(TEXT)}


SYNTAX = [
    "", "# only a comment", "1 +", "map(lambda x: x + 1, xs", "[1, 2", "xs[0", "(1, 2", "f(x\n  y)", "f(\n  x,\n  y",
    "a if b", "a if b else", "let x = 1", "let x = 1 in", "lambda x", "lambda x x: x", "lambda x, x: x", "lambda: ",
    "not", "1 < 2 < 3", "a == b in c", "x = 3", "let x 1 in x", "lambda if: 3", "let in = 3 in 4", "f x", "f [x]",
    "2x", "1e5", "1.", ".5", "x.5", "1 2", "'a' 'b'", "f'abc'", "a && b", "a || b", "!a", "~a", "a ^ b", "a; b",
    "{1: 2}", "a ? b : c", "if a then b else c", "[x for x in xs]", "xs[1:2:3]", "xs[:]", "xs[]", "f(,)", "f(1,,2)",
    "x ++ y", "x ** ** y", "x -> y", "λx. x", "‘a’", "–1", "x ≤ y", "x\\\n+ 1", "'abc", '"abc', "'a\\qb'", "'\\xg1'",
    "(1, 2, 3, 4)", ")", "(]", "f(x]", "(a b)", "(?f : )", "(?f list)", "[1, 'a']", "[1, 2.0]", "[[1], 2]",
    "9223372036854775808", "[1, 9223372036854775808]", "-9223372036854775809", "1.0e999", "x\x00", "@", "`map`",
]  # fmt: skip

TYPES = [
    "map(lambda x: x + 1, ws)", "filter(lambda x: x * 2, xs)", "filter(lambda x: [x], xs)", "n + s", "xs + 1", "-s",
    "n + 1.5", "n / 2", "1.5 // 2.0", "xs[s]", "xs[s:]", "n in s", "xs in xs", "[xs, n]", "not n", "n and True",
    "n if n else 2", "1 if True else 'a'", "map(xs, lambda x: x)", "map(lambda x, y: x, xs)", "length(n)", "n(3)",
    "head(xs, 2)", "head()", "fold(lambda a, x: a + x, 0)", "map == map", "(lambda x: x) == (lambda y: y)",
    "sort([is_even])", "maximum([some(1)])", "lambda x: x(x)", "lambda x: x + x", "?f + ?f", "(?f + 1, ?f + 'a')",
    "(?f(1), ?f + 1)", "sum(ws)", "[[1], ['a']]", "pi(1)", "let f = lambda x: x in f(1, 2)", "(lambda x: x)(1, 2)",
    "let p = lambda x: (x, x) in " + "p(" * 30 + "1" + ")" * 30,
]  # fmt: skip

NAMES = [
    "fliter(is_even, xs)", "nope(xs)", "lambda items: item", "xs.length", "xs.map(is_even)", "int.ad(1, 2)", "f.g",
    "true", "null", "None", "len(xs)", "?f(x)",
]  # fmt: skip

EXPECTED = [
    ("xs", TEXT), ("2", REAL), ("lambda x: x", INT), ("lambda x, y: x", FunctionType((INT,), INT)),
    ("lambda x: 1", FunctionType((TypeVariable("A"),), TypeVariable("A"))),
    ("lambda x: x + 1", FunctionType((TypeVariable("A"),), TypeVariable("A"))),
    ("lambda x: x < x", FunctionType((TypeVariable("A"),), BOOL)),
    ("lambda x: x < x", FunctionType((TypeVariable("A", "eq"),), BOOL)),
    ("map(?f, xs)", TEXT), ("head", INT),
]  # fmt: skip

TYPE_TEXTS = [
    "", "list", "tuple", "list[", "list[int", "list[int, int]", "int[int]", "tuple[int]", "A[int]", "(int)", "(int) ->",
    "int ->", "->", "str", "float", "List[int]", "Int", "A where B: eq", "A where A: big", "A where A: eq, A: ordered",
    "list(int)", "int | text", "int int",
]  # fmt: skip

VALUES = [
    ("2.5", INT), ("'a'", INT), ("[1, 2]", INT), ("[1, 'a']", list_of(INT)), ("[1, 2]", list_of(TEXT)),
    ("(1, 2)", list_of(INT)),
    ("[(1, 2)]", tuple_of(INT, INT)), ("(1, 2, 3)", tuple_of(INT, INT)), ("3", option_of(INT)),
    ("nome", option_of(INT)), ("true", BOOL), ("red", INT), ("1 + 1", INT), ("[1 2]", list_of(INT)),
    ("[1, 2", list_of(INT)),
    ("{1}", INT), ("", INT), ("9223372036854775808", INT), ("some()", option_of(INT)), ("lambda x: x", INT),
]  # fmt: skip


def test_syntax_errors(golden: Golden) -> None:
    golden(GOLDEN / "errors_syntax.txt", messages((repr(t), lambda t=t: parse(t, CORE)) for t in SYNTAX))


def test_type_errors(golden: Golden) -> None:
    cases = ((t[:60], lambda t=t: parse(t, CORE, variables=VARIABLES)) for t in TYPES)
    golden(GOLDEN / "errors_types.txt", messages(cases))


def test_type_errors_where_a_type_is_expected(golden: Golden) -> None:
    cases = ((text, lambda text=text, t=t: parse(text, CORE, expected=t, variables=VARIABLES)) for text, t in EXPECTED)
    golden(GOLDEN / "errors_expected.txt", messages(cases))


def test_unknown_names(golden: Golden) -> None:
    cases = [(t, lambda t=t: parse(t, CORE, variables=VARIABLES)) for t in NAMES]
    cases += [(f"{t} without words", lambda t=t: parse(t, Library())) for t in ("1 + 1", "[?x]", "not True", "-?x")]
    golden(GOLDEN / "errors_names.txt", messages(cases))


def test_errors_in_types(golden: Golden) -> None:
    golden(GOLDEN / "errors_type_texts.txt", messages((repr(t), lambda t=t: parse_type(t)) for t in TYPE_TEXTS))


def test_errors_in_values(golden: Golden) -> None:
    cases = ((repr(text), lambda text=text, t=t: parse_value(text, t, CORE)) for text, t in VALUES)
    golden(GOLDEN / "errors_values.txt", messages(cases))


def test_limits(golden: Golden) -> None:
    texts = {
        "201 parentheses": "(" * 201 + "1" + ")" * 201,
        "deep without brackets": "not " * 300 + "True",
        "a long expression": "1 + " * 30_000 + "1",
        "a long list": f"[{', '.join(['1'] * 10_001)}]",
        "a long list of lists": f"[{', '.join(['[1]'] * 6_000)}]",
        "a long text": repr("a" * 10_001),
        "a huge int": "9" * 5000,
        "lists in lists": "[" * 60 + "]" * 60,
    }
    cases = [(title, lambda text=text: parse(text, CORE)) for title, text in texts.items()]
    cases.append(("a deep type", lambda: parse_type("(int) -> " * 60 + "int")))
    golden(GOLDEN / "errors_limits.txt", messages(cases))
