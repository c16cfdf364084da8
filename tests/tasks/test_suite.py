"""Suites: tasks by name, and a hash of what they are."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.library import Library
from dsl.type_system import INT, REAL, FunctionType, list_of
from tasks.suite import Suite
from tasks.task import Example, Spec, Task, allowed_misses, contradiction, fewest_misses, missed, parameter_names

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
    assert Suite("tiny", (replace(_TASK, noise=0.1),)).digest() != digest


def test_only_equal_inputs_with_different_outputs_contradict() -> None:
    assert contradiction((Example((1,), 2), Example((True,), 3), Example((1,), 2))) is None
    found = contradiction((Example((1,), 2), Example((5,), 2), Example((1,), 3)))
    assert found is not None
    assert (found.first, found.second) == (0, 2)


def test_parameters_without_names_get_different_ones() -> None:
    names = parameter_names((INT,) * 5 + (REAL, list_of(list_of(INT))))
    assert names == ("n", "m", "k", "x1", "x2", "x", "xss")


@given(st.lists(st.builds(Example, st.tuples(st.integers(0, 2)), st.integers(0, 2)), max_size=6))
def test_the_fewest_misses_are_those_of_the_best_table(examples: list[Example]) -> None:
    """Against trying every function from the inputs to the outputs; none are missed only without a contradiction."""
    inputs = sorted({example.arguments for example in examples})
    tables = product(range(3), repeat=len(inputs))
    best = min(len(missed(examples, [t[inputs.index(e.arguments)] for e in examples])) for t in tables)
    assert fewest_misses(examples) == best
    assert (best == 0) == (contradiction(tuple(examples)) is None)


def test_true_is_not_one() -> None:
    assert fewest_misses((Example((1,), 1), Example((True,), 2), Example((1,), True))) == 1
    assert missed((Example((1,), 1), Example((1,), 1), Example((1,), 0.1 + 0.2)), (True, 1, 0.3)) == (0,)


@given(st.integers(0, 99), st.integers(0, 1000))
def test_a_share_in_percent_allows_what_integers_say(percent: int, count: int) -> None:
    assert allowed_misses(percent / 100, count) == percent * count // 100


def test_a_spec_counts_the_misses_it_allows() -> None:
    spec = Spec(("n",), FunctionType((INT,), INT), Library(), (Example((1,), 1),) * 7, noise=0.3)
    assert spec.allowed_misses == 2
