"""The suites that we ship: right, well formed, and not copied."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

import pytest

from dsl.interpreter import run
from dsl.primitives import CORE
from dsl.program import Lambda, Variable, call
from dsl.type_system import FunctionType, Substitution, Type, TypeConstructor, show_type, unify
from dsl.values import Failure, agree, key, size_of
from tasks.load import load_suite, shipped_suites
from tasks.loaders import dreamcoder, lambdabeam, rule
from tasks.sampling import draw_examples
from tasks.suite import Suite
from tasks.task import Example, Task, contradiction

SUITES = {shipped.name: load_suite(shipped.name, CORE) for shipped in shipped_suites()}
TASKS = [pytest.param(task, id=f"{name}:{task.name}") for name, suite in SUITES.items() for task in suite]
GIVEN = [pytest.param(task, id=f"{n}:{task.name}") for n, s in SUITES.items() for task in s if not task.is_generator]
LISTS = SUITES["lists"]


@pytest.mark.parametrize("task", TASKS)
def test_the_solution_is_right_on_every_pair(task: Task) -> None:
    assert task.solution is not None
    for pair in (*task.examples, *task.holdout):
        assert agree(run(task.solution, pair.arguments, task.library), pair.output)


@pytest.mark.parametrize("task", TASKS)
def test_the_input_lines_fit_the_solution(task: Task) -> None:
    """More examples can be drawn, and rarely fail."""
    assert len(draw_examples(task, 30, random.Random(0))) == 30
    assert len(dict(task.inputs)) == len(task.inputs)


@pytest.mark.parametrize("task", GIVEN)
def test_a_task_is_well_formed(task: Task) -> None:
    assert task.description.endswith(".")
    assert 3 <= len(task.examples) <= 10
    assert len(task.holdout) >= 2
    assert contradiction((*task.examples, *task.holdout)) is None
    inputs = [key(pair.arguments) for pair in (*task.examples, *task.holdout)]
    assert len(set(inputs)) == len(inputs), "no input twice, none of the holdout among the examples"
    assert len({key(pair.output) for pair in task.examples}) > 1, "a constant must not do"


@pytest.mark.parametrize("task", GIVEN)
def test_the_holdout_asks_for_more_than_the_examples(task: Task) -> None:
    """A longer list, a larger number or an empty list: something that no example shows."""
    size = _items if any(map(_is_list, task.type_request.parameters)) else _magnitude
    sizes = [size(pair.arguments) for pair in task.examples]
    assert any(not min(sizes) <= size(pair.arguments) <= max(sizes) for pair in task.holdout)


def _is_list(t: Type) -> bool:
    return isinstance(t, TypeConstructor) and t.name == "list"


def _items(arguments: tuple[object, ...]) -> int:
    return sum(size_of(argument) - 1 for argument in arguments)


def _magnitude(value: object) -> int:
    return sum(map(_magnitude, value)) if isinstance(value, tuple) else abs(value) if isinstance(value, int) else 0


@pytest.mark.parametrize("task", list(LISTS), ids=lambda task: task.name)
def test_exactly_the_tasks_of_one_word_are_warm_up(task: Task) -> None:
    fitting = [p for p in _one_word_programs(task) if _right(p, task.examples, task)]
    assert all(_right(p, task.holdout, task) for p in fitting), "another word fits the examples only"
    assert bool(fitting) == ("warm-up" in task.tags)


def _right(program: Lambda, pairs: tuple[Example, ...], task: Task) -> bool:
    outcomes = (run(program, pair.arguments, task.library) for pair in pairs)
    return all(
        not isinstance(outcome, Failure) and agree(outcome, pair.output)
        for outcome, pair in zip(outcomes, pairs, strict=True)
    )


def _one_word_programs(task: Task) -> Iterator[Lambda]:
    """Every word without function parameters, applied to the inputs in any way that the types allow."""
    for entry in task.library:
        match entry.type:
            case FunctionType(parameters, result) if not any(isinstance(p, FunctionType) for p in parameters):
                for places in product(range(len(task.parameters)), repeat=len(parameters)):
                    if _fits(task, parameters, result, places):
                        arguments = (Variable(task.parameters[place]) for place in places)
                        yield Lambda(task.parameters, call(entry.name, *arguments))


def _fits(task: Task, parameters: tuple[Type, ...], result: Type, places: tuple[int, ...]) -> bool:
    found: Substitution = {}
    inputs = (task.type_request.parameters[place] for place in places)
    return unify(result, task.result_type, found) and all(
        unify(parameter, given, found) for parameter, given in zip(parameters, inputs, strict=True)
    )


def test_the_list_suite_is_large_and_varied() -> None:
    assert len(LISTS) >= 100
    assert {show_type(task.result_type) for task in LISTS} >= {
        "int", "bool", "list[int]", "list[bool]", "list[list[int]]", "option[int]", "tuple[int, int]"
    }  # fmt: skip
    assert {len(task.parameters) for task in LISTS} == {1, 2}
    warm_ups = sum("warm-up" in task.tags for task in LISTS)
    assert 20 <= warm_ups <= len(LISTS) // 3


def _telling(suites: Iterable[Suite]) -> dict[str, set[object]]:
    """The pairs of every task, but for trivial ones: no list of two items or more."""
    return {
        f"{suite.name}:{task.name}": {
            key((pair.arguments, pair.output))
            for pair in (*task.examples, *task.holdout)
            if size_of(pair.arguments) > len(pair.arguments) + 2
        }
        for suite in suites
        for task in suite
    }


def test_no_task_repeats_the_examples_of_an_outside_set(data_folder: Path) -> None:
    """Short lists may meet by chance: one pair of a task, no more."""
    outside = _telling(
        [
            rule.load(data_folder / "lists/rule250.json", CORE),
            lambdabeam.load(data_folder / "lists/lambdabeam_handwritten.json", CORE),
            lambdabeam.load(data_folder / "lists/lambdabeam_synthetic.json", CORE),
            dreamcoder.load(data_folder / "dreamcoder/list_tasks.json", CORE),
        ]
    )
    for name, pairs in _telling(SUITES.values()).items():
        for other, others in outside.items():
            assert len(pairs & others) <= 1, (name, other)
