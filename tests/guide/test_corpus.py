"""Tasks to learn from are solved by their programs, worth solving, and the same for one seed; files keep them."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

from dsl.errors import InterfaceError
from dsl.interpreter import run
from dsl.primitives import CORE
from dsl.program import free_variables, names
from dsl.values import agree, key
from synth.guide.corpus import TrainingTask, read_corpus, write_corpus
from synth.guide.hindsight import Hindsight
from synth.pcfg import program_bits


def tasks_of(seed: int, count: int) -> list[TrainingTask]:
    maker = Hindsight(CORE, random.Random(seed), evaluations=3_000, from_banks=20, deeper=20)
    return list(itertools.islice(maker.tasks(), count))


TASKS = tasks_of(1, 60)


@pytest.mark.parametrize("task", TASKS, ids=range(len(TASKS)))
def test_the_program_solves_its_task(task: TrainingTask) -> None:
    for example in task.spec.examples:
        assert agree(run(task.program, example.arguments, CORE), example.output)
    bits = program_bits(task.program, task.spec)
    assert bits == task.bits


def test_tasks_are_worth_solving() -> None:
    for task in TASKS:
        outputs = [e.output for e in task.spec.examples]
        assert len(set(map(key, outputs))) > 1
        assert free_variables(task.program.body) & set(task.spec.parameters)
        for position in range(len(task.spec.parameters)):
            assert any(key(e.arguments[position]) != key(e.output) for e in task.spec.examples)


def test_there_are_both_kinds_and_many_words() -> None:
    assert {task.source for task in TASKS} == {"hindsight", "dream"}
    assert len({name for task in TASKS for name in names(task.program)}) > 25
    assert max(task.bits for task in TASKS) > 25


def test_one_seed_gives_the_same_tasks() -> None:
    assert tasks_of(1, 20) == TASKS[:20]
    assert tasks_of(2, 5) != TASKS[:5]


def test_a_file_keeps_tasks(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    assert write_corpus(path, TASKS[:30]) == 30
    assert write_corpus(path, TASKS[30:]) == len(TASKS) - 30
    for before, after in zip(TASKS, read_corpus([path], CORE), strict=True):
        assert after.program == before.program
        assert after.spec == before.spec
        assert (after.bits, after.source) == (round(before.bits, 2), before.source)


@pytest.mark.parametrize("line", ["", "{", "[]", '{"types": ["int"]}', '{"types": ["no such type"]}'])
def test_a_line_that_is_no_task_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "tasks.jsonl"
    write_corpus(path, TASKS[:1])
    with path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(InterfaceError, match="line 2"):
        list(read_corpus([path], CORE))
