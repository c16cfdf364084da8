"""Tasks with parts of their solution given: the same tasks, solved over the parts, as a guide reads them."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from dsl.interpreter import run
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda, Program, free_variables
from dsl.type_system import INT, FunctionType, Type, list_of
from dsl.values import agree, key
from synth.guide.arrays import inputs_of
from synth.guide.choices import Choices
from synth.guide.columns import columns_of, with_columns, written_out
from synth.guide.corpus import TrainingTask
from synth.guide.given_parts import with_given_parts
from synth.guide.hindsight import Hindsight
from synth.guide.places import Grounds, decisions_of
from synth.pcfg import program_bits
from tasks.task import Example, Spec

INTS = list_of(INT)
ROWS = (((3, 1, 2), 1), ((5, 4), 2), ((4, 0, 9, 4), 2), ((7, 2), 0))


def task_of(text: str, rows: tuple[tuple[object, ...], ...] = ROWS) -> TrainingTask:
    body = parse(text, CORE, expected=INTS, variables={"xs": INTS, "n": INT})
    program = Lambda(("xs", "n"), body)
    examples = tuple(Example(row, run(program, row, CORE)) for row in rows)
    return TrainingTask(Spec(("xs", "n"), FunctionType((INTS, INT), INTS), CORE, examples), program, 9.0, "replay")


def over(text: str, **more: Type) -> Program:
    return parse(text, CORE, expected=INTS, variables={"xs": INTS, "n": INT, **more})


def drawn(task: TrainingTask, count: int = 40) -> list[TrainingTask]:
    made = (with_given_parts(task, random.Random(seed)) for seed in range(count))
    return [task for task in made if task is not None]


@pytest.fixture(scope="module")
def tasks() -> list[TrainingTask]:
    maker = Hindsight(CORE, random.Random(11), evaluations=2_000, from_banks=60, deeper=60)
    return list(itertools.islice(maker.tasks(), 120))


def test_the_program_over_parts_solves_the_longer_task(tasks: list[TrainingTask]) -> None:
    changed = [(task, c) for n, task in enumerate(tasks) if (c := with_given_parts(task, random.Random(n))) is not None]
    assert len(changed) > 0.5 * len(tasks)
    for task, longer in changed:
        assert longer.spec.parameters[: len(task.spec.parameters)] == task.spec.parameters
        assert 1 <= len(longer.spec.parameters) - len(task.spec.parameters) <= 2
        assert free_variables(longer.program.body) - set(task.spec.parameters)  # a part is needed
        for before, example in zip(task.spec.examples, longer.spec.examples, strict=True):
            assert example.output == before.output
            assert example.arguments[: len(before.arguments)] == before.arguments
            assert agree(run(longer.program, example.arguments, CORE), example.output)
        assert longer.bits == program_bits(longer.program, longer.spec)
        assert decisions_of(longer.program, Grounds(longer.spec, Choices(CORE))) is not None


@pytest.mark.parametrize("text", ["take(n, sort(xs))", "map(lambda x: x + length(xs), take(n, reverse(xs)))"])
def test_a_guide_given_the_parts_reads_the_same_and_writes_the_solution_out(text: str) -> None:
    """What is learned is what `NeuralGuide.predict` asks, and what it makes of the answer."""
    task = task_of(text)
    for longer in drawn(task):
        names = longer.spec.parameters[2:]
        parts = [_part(task, tuple(e.arguments[2 + at] for e in longer.spec.examples)) for at in range(len(names))]
        columns = columns_of(task.spec, [(Lambda(("xs", "n"), part), 0.5) for part in parts], 2)
        asked, named = with_columns(task.spec, columns)
        assert asked == longer.spec
        assert (inputs_of(asked).tokens == inputs_of(longer.spec).tokens).all()
        assert list(written_out([(longer.program.body, 1.0)], named)) == [(task.program.body, 0.5)]


PARTS = ("sort(xs)", "reverse(xs)", "take(n, reverse(xs))", "length(xs)")


def _part(task: TrainingTask, values: tuple[object, ...]) -> Program:
    """The part that yields these values."""
    for text in PARTS:
        part = parse(text, CORE, variables={"xs": INTS, "n": INT})
        found = tuple(run(Lambda(("xs", "n"), part), e.arguments, CORE) for e in task.spec.examples)
        if key(found) == key(values):  # type: ignore[arg-type]
            return part
    raise AssertionError(values)


def test_of_two_parts_one_may_be_in_the_other() -> None:
    bodies = {task.program.body for task in drawn(task_of("tail(take(n, sort(xs)))"))}
    assert bodies == {
        over("tail(part1)", part1=INTS),  # the larger, alone or as the first of two
        over("tail(part2)", part1=INTS, part2=INTS),
        over("tail(take(n, part1))", part1=INTS),
    }


def test_every_place_of_a_part_gets_its_name() -> None:
    bodies = {task.program.body for task in drawn(task_of("sort(xs) + take(n, sort(xs))"))}
    assert over("part1 + take(n, part1)", part1=INTS) in bodies


def test_parts_are_given_inside_of_lambdas_too() -> None:
    bodies = {task.program.body for task in drawn(task_of("map(lambda x: x + length(xs), xs)"))}
    assert bodies == {over("map(lambda x: x + part1, xs)", part1=INT)}


@pytest.mark.parametrize(
    "text",
    [
        "reverse(xs)",  # has no part
        "map(lambda x: x + 1, xs)",  # only one that hangs on x
        "map(lambda xs: xs + 1, xs)",  # which has the name of an input
        "reverse(xs + [])",  # one that yields an input
        "map(lambda part1: part1 + length(xs), xs)",  # one whose name would be another's
    ],
)
def test_where_no_part_says_anything_new_none_is_given(text: str) -> None:
    assert drawn(task_of(text)) == []


def test_a_part_that_fails_on_an_example_is_not_given() -> None:
    bodies = {task.program.body for task in drawn(task_of("take(0 if n == 0 else maximum(xs) // n, sort(xs))"))}
    assert over("take(0 if n == 0 else part1 // n, sort(xs))", part1=INT) in bodies
    assert over("take(0 if n == 0 else part1, sort(xs))", part1=INT) not in bodies


def test_what_is_given_hangs_on_the_seed_alone(tasks: list[TrainingTask]) -> None:
    for task in tasks[::10]:
        assert drawn(task, 5) == drawn(replace(task), 5)
