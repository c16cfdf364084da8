"""The steps of a program: every part that computes, with its values, types right under lambdas and lets."""

from __future__ import annotations

from dsl.parser import parse, parse_type
from dsl.primitives import CORE
from dsl.program import Lambda
from dsl.type_system import FunctionType
from synth.report.steps import steps


def table(text: str, request: str, *inputs: tuple[object, ...]) -> list[tuple[int, str, tuple[str, ...]]]:
    t = parse_type(request)
    program = parse(text, CORE, expected=t)
    assert isinstance(t, FunctionType)
    assert isinstance(program, Lambda)
    return [(step.depth, step.text, step.values) for step in steps(program, t, inputs, CORE)]


def test_a_part_under_a_lambda_has_a_value_for_each_call() -> None:
    assert table("lambda xs: map(lambda x: x + 1, tail(xs))", "(list[int]) -> list[int]", ((7, 8, 9),), ((),)) == [
        (0, "map(lambda x: x + 1, tail(xs))", ("[9, 10]", "[]")),
        (2, "x + 1", ("9; 10", "")),
        (1, "tail(xs)", ("[8, 9]", "[]")),
    ]


def test_a_failure_is_shown_where_it_began() -> None:
    whole, part = table("lambda xs: head(xs) + 1", "(list[int]) -> int", ((),))
    assert whole[2] == ("",)
    assert part[1] == "head(xs)"
    assert part[2][0].startswith("<undefined in list.head")


def test_pairs_are_shown_as_pairs() -> None:
    rows = table("lambda n: let p = (n, [n]) in (p, n)", "(int) -> tuple[tuple[int, list[int]], int]", (3,))
    assert [values for _, _, values in rows] == [
        ("((3, [3]), 3)",),
        ("(3, [3])",),
        ("[3]",),
        ("((3, [3]), 3)",),
    ]


def test_a_branch_that_is_not_taken_has_no_value() -> None:
    rows = table("lambda n: n // 2 if n > 0 else n * 3", "(int) -> int", (8,), (-1,))
    values = {text: shown for _, text, shown in rows}
    assert values["n // 2"] == ("4", "")
    assert values["n * 3"] == ("", "-3")


def test_many_values_are_cut_short() -> None:
    rows = table("lambda xs: map(lambda x: x * x, xs)", "(list[int]) -> list[int]", (tuple(range(12)),))
    assert rows[1][2] == ("0; 1; 4; 9; 16; 25; 36; 49; ...",)
