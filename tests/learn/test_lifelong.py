"""Lifelong runs: who meets what when, equal computing time, and going on after any kill."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_up_arms import SUITE, MadeUp, met_by

from dsl.errors import DslError, InterfaceError
from synth.learn.arms import Outcome, Sleep, Word
from synth.learn.lifelong import LifelongPlan, run_lifelong

_ARMS = (MadeUp("learns", seconds=0.3, gain=100), MadeUp("does not"))


@pytest.fixture
def plan(tmp_path: Path) -> LifelongPlan:
    path = tmp_path / "numbers.syn"
    path.write_text(SUITE, encoding="utf-8")
    return LifelongPlan(str(path), waves=3, evaluations=250)


def _run(plan: LifelongPlan, out: Path, arms: tuple[MadeUp, ...] = _ARMS, **how: Any) -> list[dict[str, Any]]:
    return _plain(run_lifelong(plan, arms, out, jobs=0, **how).lines)


def _plain(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """As a file has them."""
    return [json.loads(json.dumps(line)) for line in lines]


def test_every_arm_meets_every_task_once_wave_after_wave(plan: LifelongPlan, tmp_path: Path) -> None:
    lines = _run(plan, tmp_path / "out")
    wanted = [(wave, f"number_{2 * wave + at}") for wave in range(3) for at in range(2)]
    assert met_by(lines, "learns") == met_by(lines, "does not") == wanted
    assert [line["kind"] for line in lines].count("sleep") == 6


def test_a_wave_is_met_with_what_was_learned_before_it(plan: LifelongPlan, tmp_path: Path) -> None:
    lines = _run(plan, tmp_path / "out")
    words = {line["task"]: line["learned"] for line in lines if line["kind"] == "attempt" and line["arm"] == "learns"}
    assert words["number_1"] == []
    assert words["number_2"] == words["number_4"] == ["learned.w0"]


def test_an_arm_gets_as_much_time_as_the_one_that_learns(plan: LifelongPlan, tmp_path: Path) -> None:
    """What sleeping took is added to its searches: its failed attempts are done again with more evaluations."""
    lines = _run(plan, tmp_path / "out", (MadeUp("learns", seconds=5.0), MadeUp("does not", step=1_000)))
    spent = {}
    for arm in ("learns", "does not"):
        final = {line["task"]: line for line in lines if line["kind"] == "attempt" and line["arm"] == arm}
        sleeps = [line["seconds"] for line in lines if line["kind"] == "sleep" and line["arm"] == arm]
        spent[arm] = sum(line["seconds"] for line in final.values()) + sum(sleeps[:-1])
    assert spent["does not"] >= 0.98 * spent["learns"] > 10
    more = [line for line in lines if line["kind"] == "attempt" and line["turn"] > 0]
    assert more
    assert all(line["arm"] == "does not" and line["allowed"] > 250 for line in more)
    assert all(line["wave"] > 0 for line in more), "before the first sleep there is nothing to make good"


def test_no_time_is_taken_away(plan: LifelongPlan, tmp_path: Path) -> None:
    lines = _run(plan, tmp_path / "out", (MadeUp("learns", step=1), MadeUp("does not", step=1_000)))
    assert {line["allowed"] for line in lines if line["kind"] == "attempt"} == {250}
    assert all(line["turn"] == 0 for line in lines if line["kind"] == "attempt")


@pytest.mark.parametrize("kept", range(0, 25, 3))
def test_a_run_goes_on_where_it_was_stopped(plan: LifelongPlan, tmp_path: Path, kept: int) -> None:
    plan = replace(plan, again=True)
    whole = _run(plan, tmp_path / "whole")
    assert len(whole) > 24
    out, seen = tmp_path / "out", 0

    def count(line: object) -> None:
        nonlocal seen
        seen += 1

    first = run_lifelong(plan, _ARMS, out, jobs=0, stopping=lambda: seen >= kept, tell=count)
    assert first.interrupted
    assert len(first.lines) < len(whole)
    assert _run(plan, out) == whole
    assert _run(plan, out) == whole, "nothing is done twice"


def test_a_line_half_written_is_cut_off(plan: LifelongPlan, tmp_path: Path) -> None:
    whole = _run(plan, tmp_path / "out")
    path = tmp_path / "out" / "outcomes.jsonl"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert _run(plan, tmp_path / "out") == whole


def test_more_seeds_go_on_with_a_run(tmp_path: Path) -> None:
    plan = LifelongPlan("structured", tasks=2, waves=1, seed=5, evaluations=250)
    arms = (_Fails("fails"),)
    one = _run(plan, tmp_path / "out", arms)
    two = _run(replace(plan, seeds=2), tmp_path / "out", arms)
    assert two[: len(one)] == one
    assert {line["seed"] for line in two[len(one) :]} == {6}
    assert sorted(path.name for path in (tmp_path / "out").glob("*.syn")) == [
        "structured-5-hidden.syn",
        "structured-5.syn",
        "structured-6-hidden.syn",
        "structured-6.syn",
    ]


class _Fails(MadeUp):
    """Fails on everything."""

    def attempt(self, task: Any, evaluations: int) -> Outcome:
        return Outcome(task.name, False, False, 0.1, evaluations)


def test_another_plan_is_refused(plan: LifelongPlan, tmp_path: Path) -> None:
    _run(plan, tmp_path / "out")
    with pytest.raises(InterfaceError, match="found one where evaluations is 250, not 300"):
        _run(replace(plan, evaluations=300), tmp_path / "out")


def test_an_arm_that_learns_something_else_is_refused(plan: LifelongPlan, tmp_path: Path) -> None:
    _run(plan, tmp_path / "out")
    path = tmp_path / "out" / "outcomes.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"text": "text"', '"text": "other"'), encoding="utf-8")
    with pytest.raises(InterfaceError, match="expected learns to learn after wave 1 what it had learned"):
        _run(plan, tmp_path / "out")


def test_a_file_of_something_else_is_refused(plan: LifelongPlan, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "outcomes.jsonl").write_text('{"task": 1}\n', encoding="utf-8")
    with pytest.raises(InterfaceError, match="expected a line that `synth learn lifelong` wrote"):
        _run(plan, tmp_path / "out")


def test_tasks_that_may_use_different_words_are_refused(plan: LifelongPlan, tmp_path: Path) -> None:
    path = tmp_path / "numbers.syn"
    path.write_text(SUITE + "    forbid sort\n", encoding="utf-8")
    with pytest.raises(InterfaceError, match="expected a suite whose tasks may all use the same words"):
        _run(plan, tmp_path / "out")


def test_a_suite_with_a_broken_task_is_refused(plan: LifelongPlan, tmp_path: Path) -> None:
    (tmp_path / "numbers.syn").write_text(SUITE + "\ntask bad(xs: list[int]) -> int\n    example [1] -> [2]\n")
    with pytest.raises(DslError, match="expected int, found a list"):
        _run(plan, tmp_path / "out")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused(plan: LifelongPlan, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(InterfaceError, match="cannot write"):
        _run(plan, tmp_path / "closed" / "out")


def test_a_file_in_place_of_the_folder_is_refused(plan: LifelongPlan, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(InterfaceError, match="cannot write"):
        _run(plan, tmp_path / "out")


def test_outcomes_and_sleeps_survive_a_file() -> None:
    word = Word("learned.a", "def a -> int = 1", ("learned.b",), 2, 1.5, ("t",))
    sleep = Sleep(1.0, (word,), 2.0, 3.0, 4.0, ("t",), ("u",))
    outcome = Outcome("t", True, False, 0.5, 10, 7, 3.5, "lambda xs: xs", ("learned.a",), "solved")
    assert Sleep.from_json(json.loads(json.dumps(sleep.to_json()))) == sleep
    assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome
