"""Trials of contestants: what is run, what a line says, and that a run that was broken off can be gone on with."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dsl.errors import InterfaceError
from synth.attempt import TaskReport
from synth.benchmark.trials import (
    ENUMERATE,
    NAIVE,
    OURS,
    TRICKS,
    Outcome,
    Trial,
    Trials,
    _plan_of,
    finished_trials,
    line_of,
    outcomes_of,
    run_trials,
    spread,
    without,
)
from synth.budget import Budget
from synth.evaluate import Plan
from synth.pipeline import make_solver
from synth.search.switches import Switches
from synth.workload import read_library, read_workload

PLAN = Plan(("lists",), make_solver, Budget(evaluations=3_000), pattern="warm-up")
TRIALS = Trials(PLAN, (OURS, without("goals"), ENUMERATE, NAIVE), tasks=2)


def test_every_contestant_tries_every_task() -> None:
    found = dict(run_trials(TRIALS))
    names = [item.name for item in TRIALS.items()]
    assert list(found) == [Trial(name, contestant) for name in names for contestant in TRIALS.contestants]
    assert all(report.fits and report.holdout for report in found.values())
    assert len({report.evaluations for report in found.values()}) > 2, "contestants that differ work differently"


def test_what_is_skipped_or_stopped_is_not_run() -> None:
    everything = {Trial(item.name, c) for item in TRIALS.items() for c in TRIALS.contestants}
    assert not list(run_trials(TRIALS, skip=everything))
    assert not list(run_trials(TRIALS, stopping=lambda: True))


@pytest.mark.parametrize("trick", TRICKS)
def test_without_a_trick_is_without_that_one_alone(trick: str) -> None:
    assert _plan_of(PLAN, without(trick)) == replace(PLAN, switches=replace(Switches(), **{trick: False}))
    assert _plan_of(PLAN, without(trick)).switches != Switches()


@pytest.mark.parametrize("name", ["ours without", "ours without magic", "goals", "theirs"])
def test_unknown_contestants_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="expected ours, enumerate, naive or ours without a trick"):
        _plan_of(PLAN, name)


def test_a_few_tasks_are_spread_over_all() -> None:
    items = read_workload(("lists",), read_library())
    few = spread(items, 5)
    assert len({item.name for item in few}) == 5
    assert few[0] == items[0]
    assert few[-1] in items[len(items) // 2 :]
    assert spread(items, None) == spread(items, 10 * len(items)) == items


REPORT = TaskReport("easy", "solved", fits=True, holdout=True, seconds=0.25, evaluations=70)


def test_lines_are_read_back() -> None:
    easy = [line_of(TRIALS, Trial("easy", name), REPORT) for name in (OURS, NAIVE)]
    half = line_of(TRIALS, Trial("broken off", OURS), replace(REPORT, task="broken off"))
    lines = [json.loads(json.dumps(line)) for line in (*easy, half)]
    assert finished_trials(lines, TRIALS, "out") == {
        Trial("easy", OURS), Trial("easy", NAIVE), Trial("broken off", OURS)
    }  # fmt: skip
    assert outcomes_of(lines, (OURS, NAIVE)) == {
        name: {"easy": Outcome(True, 0.25, 70, True)} for name in (OURS, NAIVE)
    }


def test_lines_of_another_budget_are_not_gone_on_with() -> None:
    line = line_of(TRIALS, Trial("easy", OURS), REPORT)
    other = replace(TRIALS, plan=replace(PLAN, budget=Budget(seconds=1.0)))
    with pytest.raises(InterfaceError, match=r"out.jsonl: expected lines of trials with the budget \{.*1.0"):
        finished_trials([line], other, "out.jsonl")
    with pytest.raises(InterfaceError, match="found one with None"):
        finished_trials([REPORT.record()], TRIALS, "out.jsonl")
