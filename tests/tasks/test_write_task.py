"""Tasks to text and back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from task_strategies import tasks

from dsl.errors import InterfaceError
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda
from dsl.type_system import INT, FunctionType, Range, list_of
from tasks.task import BudgetLine, Example, InputRange, Task
from tasks.task_file import read_tasks
from tasks.write_task import write_task, write_tasks

_INTS = list_of(INT)
_TYPES = {"xs": _INTS, "n": INT}
_TASK = Task(
    name="twins",
    parameters=("xs", "n"),
    type_request=FunctionType((_INTS, INT), _INTS),
    library=CORE.without(["sort"]),
    examples=(Example(((1, 2), 3), (1, 2)), Example(((), -1), ())),
    queries=(((5,), 0),),
    holdout=(Example(((7,), 0), (7,)),),
    description="It's the same.\nTwice.",
    inputs=(
        ("xs", InputRange(length=Range(0, 3), items=InputRange(values=Range(-9, 9)))),
        ("n", InputRange(values=Range(0, 5))),
    ),
    forbid=("sort",),
    sketches=(
        Lambda(("xs", "n"), parse("take(?n, ?)", CORE, expected=_INTS, variables=_TYPES)),
        Lambda(("xs", "n"), parse("(?f : (list[int], int) -> list[int])(xs, n)", CORE, variables=_TYPES)),
    ),
    noise=0.05,
    budget=BudgetLine(200_000, 1.5),
    tags=frozenset({"warm-up", "easy"}),
)
_TEXT = """\
task twins(xs: list[int], n: int) -> list[int]
    "It's the same."
    "Twice."
    example [1, 2], 3 -> [1, 2]
    example [], -1 -> []
    query   [5], 0
    holdout [7], 0 -> [7]
    input   xs: list[int] of length 0..3, items -9..9
    input   n: int in 0..5
    forbid  sort
    sketch  take(?n, ?)
    sketch  ?f(xs, n)
    noise   5%
    tags    easy, warm-up
    budget  200_000 evaluations, 1.5 s
"""


def test_a_task_reads_as_a_person_would_write_it() -> None:
    assert write_task(_TASK) == _TEXT


@settings(max_examples=150)
@given(tasks())
def test_reading_inverts_writing(task: Task) -> None:
    """Text is a faithful form: nothing about a task is lost in print."""
    suite = read_tasks(write_task(task), CORE, name="drawn")
    assert not suite.broken, str(suite.broken[0].error)
    assert suite.tasks == (task,)
    assert write_task(suite.tasks[0]) == write_task(task)


@settings(max_examples=20)
@given(tasks(), tasks())
def test_a_file_of_tasks_reads_back(one: Task, other: Task) -> None:
    other = replace(other, name=f"{one.name}_2")
    assert read_tasks(write_tasks((one, other)), CORE, name="drawn").tasks == (one, other)


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(InterfaceError, match="expected a name that a task file can have"):
        write_task(replace(_TASK, name="folder/file:twins"))
