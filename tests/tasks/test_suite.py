"""Suites: tasks by name, and a hash of what they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dsl.library import Library
from dsl.type_system import INT, REAL, FunctionType, list_of
from tasks.suite import Suite
from tasks.task import Example, Task, contradiction, parameter_names

_TASK = Task("same", ("n",), FunctionType((INT,), INT), Library(), examples=(Example((1,), 1),))


def test_a_task_is_found_by_its_name() -> None:
    suite = Suite("tiny", (_TASK,))
    assert suite["same"] is _TASK
    with pytest.raises(KeyError):
        suite["other"]


def test_the_hash_tells_what_the_tasks_are() -> None:
    digest = Suite("tiny", (_TASK,)).digest()
    assert Suite("other name", (_TASK,)).digest() == digest
    assert Suite("tiny", (replace(_TASK, holdout=(Example((2,), 2),)),)).digest() != digest


def test_only_equal_inputs_with_different_outputs_contradict() -> None:
    assert contradiction((Example((1,), 2), Example((True,), 3), Example((1,), 2))) is None
    found = contradiction((Example((1,), 2), Example((5,), 2), Example((1,), 3)))
    assert found is not None
    assert (found.first, found.second) == (0, 2)


def test_parameters_without_names_get_different_ones() -> None:
    names = parameter_names((INT,) * 5 + (REAL, list_of(list_of(INT))))
    assert names == ("n", "m", "k", "x1", "x2", "x", "xss")
