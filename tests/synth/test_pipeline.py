"""The front door from Python: a task in, a result out whose program can be called."""

from __future__ import annotations

import pytest

from dsl.primitives import CORE
from synth import Synthesizer, load_tasks
from synth.budget import StopReason
from synth.examples import task_from_examples
from synth.pipeline import Undefined, make_solver
from tasks.task import Task


@pytest.fixture
def doubling() -> Task:
    return task_from_examples(["[1, 2] -> [2, 4]", "[5] -> [10]", "[] -> []"], CORE)


@pytest.mark.parametrize("guide", ["none", "online"])
def test_a_solved_program_can_be_called(doubling: Task, guide: str) -> None:
    result = Synthesizer(guide=guide, evaluations=50_000).solve(doubling)
    assert result.status is StopReason.SOLVED
    assert result.program is not None
    assert result.program([10, 20, 30]) == (20, 40, 60)
    assert str(result.program) == result.text
    assert result.verdict.fits


def test_an_unsolved_task_has_no_program() -> None:
    task = task_from_examples(["[1, 2] -> [91, 17]", "[5] -> [3, 33]", "[] -> [4]"], CORE)
    result = Synthesizer(evaluations=500).solve(task)
    assert (result.status, result.program, result.text) == (StopReason.EVALUATIONS, None, None)


def test_a_call_without_a_value_says_why() -> None:
    result = Synthesizer(evaluations=5_000).solve(task_from_examples(["[4, 2] -> 4", "[7, 1, 3] -> 7"], CORE))
    assert result.program is not None
    with pytest.raises(Undefined, match="undefined"):
        result.program([])


def test_two_runs_give_the_same_program(doubling: Task) -> None:
    first, second = (Synthesizer(evaluations=50_000).solve(doubling) for _ in range(2))
    assert first.text == second.text


def test_an_unknown_guide_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a guide of none, online"):
        make_solver("oracle")


def test_shipped_suites_can_be_loaded_by_name() -> None:
    assert len(load_tasks("lists")) >= 60
