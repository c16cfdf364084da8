"""One attempt: budgets, blame, and what the exit code makes of it."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from stub_solvers import Liar, Sleeve

from dsl.parser import parse
from dsl.primitives import CORE
from dsl.type_system import INT, FunctionType, list_of
from synth.attempt import DEFAULT_SECONDS, Blame, TaskReport, attempt, budget_for, report_of
from synth.budget import Budget, StopReason
from synth.commands.terminal import ExitCode, exit_code
from synth.report.task_text import task_lines
from synth.solver import Answer
from synth.verify import verify
from tasks.task import BudgetLine, Example, Spec, Task

LIST = list_of(INT)
BACK = Task("a/back", ("xs",), FunctionType((LIST,), LIST), CORE, (Example(((1, 2),), (2, 1)),))


def test_the_user_decides_then_the_task_then_ten_seconds() -> None:
    line = replace(BACK, budget=BudgetLine(evaluations=7, seconds=2.0))
    assert budget_for(line, Budget(seconds=1.0)) == Budget(seconds=1.0)
    assert budget_for(line, Budget(memory=5)) == Budget(7, 2.0, 5)
    assert budget_for(BACK, Budget()) == Budget(seconds=DEFAULT_SECONDS)


def test_a_solved_task_is_shown_by_the_last_part_of_its_name() -> None:
    report, verdict = attempt(BACK, Sleeve(), Budget(), name="a/back", seed=0)
    assert verdict is not None
    assert (report.definition, report.program) == ("back(xs) = reverse(xs)", "lambda xs: reverse(xs)")
    assert report.examples == (1, 1)


def test_a_task_without_examples_is_bad_input() -> None:
    report, _ = attempt(replace(BACK, examples=()), Sleeve(), Budget(), name="back", seed=0)
    assert (report.blame, report.status) == (Blame.INPUT, "error")


@dataclass(frozen=True)
class Hungry:
    """Runs out of memory."""

    name: str = "hungry"

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """No answer."""
        raise MemoryError


def test_a_machine_without_memory_is_nobodys_fault() -> None:
    report, _ = attempt(BACK, Hungry(), Budget(), name="back", seed=0)
    assert (report.status, report.blame) == ("memory", Blame.NOBODY)


FINE = TaskReport("fine", "solved", fits=True)
HARD = TaskReport("hard", "seconds")
TORN = TaskReport("torn", "error", blame=Blame.INPUT)
BUG = TaskReport("bug", "error", blame=Blame.BUG)


@pytest.mark.parametrize(
    ("reports", "interrupted", "code"),
    [
        ([FINE], False, ExitCode.ALL_SOLVED),
        ([FINE, HARD], False, ExitCode.SOME_NOT),
        ([FINE, HARD, TORN], False, ExitCode.BAD_INPUT),
        ([FINE, HARD, TORN, BUG], False, ExitCode.BUG),
        ([FINE, HARD, TORN, BUG], True, ExitCode.INTERRUPTED),
        ([], False, ExitCode.ALL_SOLVED),
    ],
)
def test_the_first_of_2_3_4_1_0_that_applies(reports: list[TaskReport], interrupted: bool, code: ExitCode) -> None:
    assert exit_code(reports, interrupted=interrupted) is code


@pytest.mark.parametrize("stop", list(StopReason))
def test_every_stop_reason_has_words(stop: StopReason) -> None:
    first = next(task_lines(TaskReport("task", stop.value)))
    assert first.text.startswith("✗ task  ")
    assert len(first.text) > len("✗ task  ")


def test_what_fits_and_misses_the_holdout_says_so() -> None:
    task = replace(BACK, holdout=(Example(((3, 4),), (9,)),))
    report, _ = attempt(task, Sleeve(), Budget(), name="back", seed=0)
    assert any("more examples would say what is meant" in line.text for line in task_lines(report))


def test_what_noise_lets_it_miss_is_said() -> None:
    task = replace(BACK, examples=(*BACK.examples, Example(((3, 4),), (9,))), noise=0.5)
    back = parse("lambda xs: reverse(xs)", CORE, expected=BACK.type_request)
    answer = Answer(back, StopReason.SOLVED)
    report = report_of("back", task, answer, verify(task, answer))
    assert (report.fits, report.examples, report.missed) == (True, (1, 2), (1,))
    assert any(line.text.strip() == "It misses example 2, as the noise allows." for line in task_lines(report))


def test_a_lie_comes_back_as_our_bug_with_its_trace() -> None:
    report, verdict = attempt(BACK, Liar(), Budget(), name="back", seed=0)
    assert verdict is None
    assert report.blame is Blame.BUG
    assert "EngineError" in report.trace
