"""`synth eval` from the inside: lines, resuming, counting, and blame."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import stub_solvers

from dsl.errors import InterfaceError
from synth.attempt import Blame, TaskReport
from synth.budget import Budget
from synth.evaluate import FIELDS, Plan, Records, evaluate, summarise

SUITE = """
task back(xs: list[int]) -> list[int]
    example [1, 2] -> [2, 1]
    holdout [3, 4, 5] -> [5, 4, 3]

task hopeless(xs: list[int]) -> list[int]
    example [1, 2] -> [7]

task count(xs: list[int]) -> int
    example [1, 2] -> 2
    example [] -> 0

task torn(xs: list[int]) -> int
    example [1, 2] -> [2]
"""


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    path = tmp_path / "suite.syn"
    path.write_text(SUITE)
    return Plan((str(path),), stub_solvers.make_sleeve, Budget(evaluations=100))


def run(plan: Plan, **options: object) -> dict[str, TaskReport]:
    return {report.task: report for report in evaluate(plan, **options)}  # type: ignore[arg-type]


def test_every_task_gets_one_report(plan: Plan) -> None:
    reports = run(plan)
    assert {name: (r.status, r.fits, r.holdout) for name, r in reports.items()} == {
        "back": ("solved", True, True),
        "hopeless": ("evaluations", False, None),
        "count": ("solved", True, None),
        "torn": ("error", False, None),
    }
    assert reports["torn"].blame is Blame.INPUT
    assert reports["hopeless"].near[0].text == "xs"


def test_results_do_not_depend_on_workers_or_order(plan: Plan) -> None:
    assert run(plan) == run(plan, workers=2)


def test_a_solver_that_lies_or_crashes_is_our_bug(plan: Plan) -> None:
    lies = run(replace(plan, make_solver=stub_solvers.make_liar, pattern="back"))["back"]
    assert (lies.status, lies.blame) == ("error", Blame.BUG)
    assert "gives [1, 2] in example 1" in lies.message
    crash = run(replace(plan, make_solver=stub_solvers.make_crasher, pattern="back"))["back"]
    assert (crash.blame, crash.holdout) == (Blame.BUG, False)
    assert "ZeroDivisionError: a bug in a search" in crash.trace


def test_skipped_tasks_are_not_run(plan: Plan) -> None:
    assert set(run(plan, skip={"back", "torn"})) == {"hopeless", "count"}


def test_lines_have_exactly_the_fields(plan: Plan, tmp_path: Path) -> None:
    records = Records.open(tmp_path / "out.jsonl")
    for report in evaluate(plan):
        records.add(report.record())
    records.close()
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert all(tuple(line) == FIELDS for line in lines)


def test_a_file_cut_off_in_a_line_can_be_resumed(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    whole = json.dumps(dict.fromkeys(FIELDS) | {"task": "done", "fits": True})
    path.write_text(f"{whole}\n{whole[:20]}")
    records = Records.open(path, resume=True)
    assert records.finished == {"done"}
    records.add(dict.fromkeys(FIELDS) | {"task": "next"})
    records.close()
    assert [json.loads(line)["task"] for line in path.read_text().splitlines()] == ["done", "next"]


def test_without_resume_a_file_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old\n")
    Records.open(path).close()
    assert path.read_text() == ""


@pytest.mark.parametrize("line", ["no json", "[1]", '{"task": "x"}'])
def test_a_file_of_something_else_is_not_resumed(tmp_path: Path, line: str) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(InterfaceError, match=r"out\.jsonl:1: expected a line that `synth eval` wrote"):
        Records.open(path, resume=True)
    assert path.read_text() == line + "\n"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InterfaceError, match="cannot write"):
        Records.open(tmp_path / "no" / "such" / "folder.jsonl")


def test_the_summary_counts(plan: Plan) -> None:
    summary = summarise([report.record() for report in evaluate(plan)])
    assert str(summary).startswith("solved 2/4, held out right 1/4, median 0.25 s, ")
    assert str(summary).endswith("3 without holdout, 1 error, 1 evaluations")


def test_the_summary_of_nothing() -> None:
    assert str(summarise([])).startswith("solved 0/0, held out right 0/0, median - s, ")
