"""Drawn inputs, examples and tasks: of the right type, within limits, the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_strategies import value_types

from dsl.errors import InterfaceError
from dsl.interpreter import run
from dsl.library import Library
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda
from dsl.type_system import INT, FunctionType, Range, Type, TypeConstructor, function_type, list_of
from dsl.values import fault_of, key
from tasks.sampling import INT_RANGE, LENGTHS, draw_examples, sample_inputs, sample_value, task_from_program
from tasks.task import InputRange, Task
from tasks.task_file import read_tasks

_INTS = list_of(INT)


def _task(text: str) -> Task:
    (task,) = read_tasks(text, CORE, name="sampling")
    return task


@given(value_types, st.integers(0, 1000))
def test_a_drawn_value_is_one_of_its_type(t: Type, seed: int) -> None:
    assert fault_of(sample_value(t, None, random.Random(seed)), t) is None


@given(st.integers(0, 1000))
def test_limits_are_kept(seed: int) -> None:
    limits = InputRange(length=Range(2, 4), items=InputRange(length=Range(1, 1), items=InputRange(values=Range(5, 6))))
    value = sample_value(list_of(_INTS), limits, random.Random(seed))
    assert isinstance(value, tuple)
    assert 2 <= len(value) <= 4
    assert set(value) <= {(5,), (6,)}


def test_defaults_are_what_the_module_says() -> None:
    rng = random.Random(0)
    drawn = [sample_value(_INTS, None, rng) for _ in range(500)]
    lengths = {len(xs) for xs in drawn if isinstance(xs, tuple)}
    items = {x for xs in drawn if isinstance(xs, tuple) for x in xs}
    assert lengths == set(range(LENGTHS.low, LENGTHS.high + 1))
    assert items == set(range(INT_RANGE.low, INT_RANGE.high + 1))


@pytest.mark.parametrize("t", [FunctionType((INT,), INT), TypeConstructor("grid"), list_of(TypeConstructor("grid"))])
def test_a_type_without_a_sampler_is_refused(t: Type) -> None:
    with pytest.raises(InterfaceError, match="expected a type whose values can be drawn, found"):
        sample_value(t, InputRange(length=Range(1, 1)), random.Random(0))


def test_inputs_differ_where_they_can() -> None:
    task = _task("task f(n: int) -> int\n    input n in 0..9\n    solution n\n")
    drawn = sample_inputs(task, 10, random.Random(0))
    assert sorted(drawn) == [(n,) for n in range(10)]
    assert len(sample_inputs(task, 12, random.Random(0))) == 12


def test_true_and_one_are_different_inputs() -> None:
    task = _task("task f(b: bool) -> bool\n    solution b\n")
    assert {key(x) for x in sample_inputs(task, 2, random.Random(0))} == {key((True,)), key((False,))}


def test_the_length_may_be_fixed() -> None:
    task = _task("task f(xs: list[int], n: int) -> int\n    input xs of length 0..3, items 0..1\n    solution n\n")
    for xs, n in sample_inputs(task, 5, random.Random(0), length=40):
        assert isinstance(xs, tuple)
        assert len(xs) == 40
        assert set(xs) <= {0, 1}
        assert isinstance(n, int)


def test_a_length_needs_a_list() -> None:
    task = _task("task f(n: int) -> int\n    solution n\n")
    with pytest.raises(
        InterfaceError, match=r"expected a task with a list or text among its inputs, found f\(n: int\)"
    ):
        sample_inputs(task, 1, random.Random(0), length=4)


def test_examples_come_from_the_solution() -> None:
    task = _task("task f(xs: list[int]) -> int\n    solution head(xs)\n")
    examples = draw_examples(task, 20, random.Random(3))
    assert examples == draw_examples(task, 20, random.Random(3))
    assert examples != draw_examples(task, 20, random.Random(4))
    assert task.solution is not None
    for example in examples:
        assert run(task.solution, example.arguments, CORE) == example.output
    assert all(example.arguments != ((),) for example in examples), "inputs on which it fails are drawn again"


def test_a_solution_that_always_fails_is_an_error() -> None:
    task = _task("task f(xs: list[int]) -> int\n    input xs of length 0..3\n    solution xs[7]\n")
    message = "the reference solution of 'f' failed on 200 drawn inputs in a row; the last: undefined in list.get"
    with pytest.raises(InterfaceError, match=message):
        draw_examples(task, 2, random.Random(0))


def test_a_task_without_a_solution_is_an_error() -> None:
    task = _task("task f(n: int) -> int\n    example 1 -> 1\n")
    with pytest.raises(InterfaceError, match="expected a task with a reference solution, found none in 'f'"):
        draw_examples(task, 2, random.Random(0))


def test_a_program_makes_a_task() -> None:
    request = function_type(_INTS, result=INT)
    program = parse("lambda xs: sum(xs) + 1", CORE, expected=request)
    assert isinstance(program, Lambda)
    task = task_from_program("more", program, request, CORE, rng=random.Random(0), n_examples=4, n_holdout=2)
    assert task.signature == "more(xs: list[int]) -> int"
    assert (len(task.examples), len(task.holdout)) == (4, 2)
    inputs = {key(example.arguments) for example in (*task.examples, *task.holdout)}
    assert len(inputs) == 6
    assert draw_examples(replace(task, examples=()), 6, random.Random(0)) == (*task.examples, *task.holdout)


def test_a_task_of_no_inputs_has_one_example_many_times() -> None:
    task = Task("three", (), FunctionType((), INT), Library(), solution=Lambda((), parse("3", CORE)))
    assert {e.output for e in draw_examples(task, 3, random.Random(0))} == {3}
