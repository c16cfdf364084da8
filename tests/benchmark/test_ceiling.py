"""Bounds on what could be solved, from lines made up beforehand and tasks that have solutions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.errors import DslError, InterfaceError
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda
from dsl.type_system import INT, FunctionType, list_of
from synth.benchmark.ceiling import HEADINGS, Ceiling, ceiling_of, solution_holds
from synth.workload import Item
from tasks.suite import BrokenTask
from tasks.task import Example, Task

LIST = list_of(INT)
TASK = Task(
    "flip",
    ("xs",),
    FunctionType((LIST,), LIST),
    CORE,
    (Example(((1, 2),), (2, 1)),),
    holdout=(Example(((1, 3, 2),), (2, 3, 1)),),
)


def solved_by(text: str) -> Task:
    return replace(TASK, solution=Lambda(("xs",), parse(text, CORE, expected=LIST, variables={"xs": LIST})))


def line(name: str, *programs: tuple[float, bool | None], status: str = "solved") -> dict[str, Any]:
    alternatives = [{"bits": bits, "holdout": right} for bits, right in programs]
    return {
        "task": name,
        "status": status,
        "fits": bool(programs),
        "holdout": any(right for _, right in programs) if not programs or programs[0][1] is not None else None,
        "alternatives": alternatives,
    }


def ceiling(*lines: dict[str, Any], within: float = 3.0) -> Ceiling:
    return ceiling_of([Item(each["task"], TASK) for each in lines], lines, within=within)


def test_a_solution_is_run_on_all_pairs() -> None:
    assert solution_holds(TASK) is None
    assert solution_holds(solved_by("reverse(xs)")) is True
    assert solution_holds(solved_by("append(tail(xs), head(xs))")) is False, "right on the example alone"
    assert solution_holds(solved_by("sort(xs)")) is False


@pytest.mark.parametrize(
    ("programs", "kind", "cheapest_wrong"),
    [
        ([(9.0, True)], "settled", 0),
        ([(9.0, True), (12.1, False)], "settled", 0),
        ([(9.0, True), (12.0, False)], "split", 0),
        ([(9.0, False), (11.0, True)], "split", 1),
        ([(9.0, False)], "misled", 1),
        ([(15.0, True), (9.0, False)], "misled", 1),
    ],
)
def test_what_near_programs_say(programs: list[tuple[float, bool]], kind: str, cheapest_wrong: int) -> None:
    found = ceiling(line("t", *programs))
    assert {name: getattr(found, name) for name in ("settled", "split", "misled")} == {
        "settled": 0, "split": 0, "misled": 0, kind: 1
    }  # fmt: skip
    assert found.cheapest_wrong == cheapest_wrong
    assert (found.at_least, found.at_most) == (int(kind == "settled"), int(kind != "misled"))


programs = st.lists(st.tuples(st.integers(1, 30).map(float), st.booleans()), max_size=6)


@given(st.lists(programs, min_size=1, max_size=12), st.floats(0, 10))
def test_the_bounds_hold_what_was_found(drawn: list[list[tuple[float, bool]]], within: float) -> None:
    found = ceiling(*(line(f"t{i}", *each) for i, each in enumerate(drawn)), within=within)
    assert found.settled + found.split + found.misled == found.solved == sum(map(bool, drawn))
    cheapest_right = found.solved - found.cheapest_wrong
    assert found.at_least <= cheapest_right <= found.at_most <= found.judged == len(drawn)
    assert found.expressible == sum(any(right for _, right in each) for each in drawn)
    assert all(len(row) == len(HEADINGS) for row in found.rows())


def test_what_cannot_be_solved_is_said() -> None:
    items = [Item("a", TASK), Item("b", TASK), Item("torn", BrokenTask("torn", DslError("torn"))), Item("e", TASK)]
    lines = [
        line("a", status="contradictory"),
        line("b", status="seconds"),
        line("torn", status="error") | {"holdout": None},
        line("e", status="error"),
    ]
    found = ceiling_of(items, lines)
    assert (found.tasks, found.hopeless, found.judged) == (4, 2, 3)
    assert (found.at_least, found.at_most) == (0, 2), "an attempt that crashed says nothing of its task"


def test_without_held_out_pairs_only_words_are_judged() -> None:
    found = ceiling(line("t", (9.0, None)))
    assert (found.expressible, found.judged, found.solved, found.at_most) == (1, 0, 0, 0)


def test_lines_of_one_answer_are_refused() -> None:
    with pytest.raises(InterfaceError, match="expected all answers that were found, found one for 't'"):
        ceiling(line("t") | {"fits": True})


def test_tasks_that_were_not_tried_do_not_count() -> None:
    assert ceiling_of([Item("a", TASK), Item("b", TASK)], [line("b", (1.0, True)), line("other")]).tasks == 1
