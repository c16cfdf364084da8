"""Solutions out of results of `synth eval` and out of the directory of a run of `synth learn`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsl.errors import InterfaceError
from dsl.printer import show
from dsl.type_system import show_type
from synth.learn.module_changes import read_own
from synth.learn.plan import LearnPlan, StoredPlan
from synth.learn.solutions import Results, read_results, solutions_of
from synth.run_record import run_of
from synth.store import Attempted, RunStore
from synth.workload import read_library

TASKS = """\
syn 1
def helper(n: int) -> int = n * 7

task same(xs: list[real]) -> list[real]
    example [1.5] -> [1.5]

task seven(n: int) -> int
    example 1 -> 7
"""
MODULE = "syn 1\ndef next(n: int) -> int = n + 1\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tasks.syn").write_text(TASKS, encoding="utf-8")
    (tmp_path / "mine.syn").write_text(MODULE, encoding="utf-8")
    return tmp_path


def _line(task: str, program: str | None) -> str:
    return json.dumps({"task": task, "fits": program is not None, "program": program, "evaluations": 3}) + "\n"


def _shown(results: Results, module: str = "mine.syn") -> tuple[list[str], list[tuple[str, str]], bool]:
    words = read_own(module, read_library()).words
    found = solutions_of(results, words)
    all_words = words.extend(*found.own_words)
    shown = [f"{s.task}: {show(s.program, all_words, expected=s.type)} : {show_type(s.type)}" for s in found.solved]
    return shown, [(d.task, d.reason) for d in found.unread], found.untyped


def test_programs_without_their_tasks_have_the_types_that_their_words_give_them(folder: Path) -> None:
    lines = [
        _line("a", "lambda n: next(n)"),
        _line("b", None),
        _line("c", "lambda xs: xs"),
        _line("d", "lambda n: gone(n)"),
    ]
    (folder / "r.jsonl").write_text("".join(lines), encoding="utf-8")
    shown, unread, untyped = _shown(read_results(folder / "r.jsonl"))
    assert shown == ["a: lambda n: next(n) : (int) -> int", "c: lambda xs: xs : (int) -> int"]
    assert unread == [("d", "expected a variable or a word of the library, found `gone`")]
    assert untyped


def test_a_run_beside_its_results_says_the_types_and_the_tasks_own_words(folder: Path) -> None:
    lines = [_line("same", "lambda xs: xs"), _line("seven", "lambda n: helper(n)")]
    (folder / "r.jsonl").write_text("".join(lines), encoding="utf-8")
    record = run_of(LearnPlan(("tasks.syn",), 1).searching("none"), "eval")
    (folder / "r.run.json").write_text(json.dumps(record.to_json()), encoding="utf-8")
    shown, unread, untyped = _shown(read_results(folder / "r.jsonl"))
    assert shown == ["same: lambda xs: xs : (list[real]) -> list[real]", "seven: lambda n: helper(n) : (int) -> int"]
    assert (unread, untyped) == ([], False)


def test_tasks_that_are_gone_are_done_without(folder: Path) -> None:
    (folder / "r.jsonl").write_text(_line("same", "lambda xs: xs"), encoding="utf-8")
    record = run_of(LearnPlan(("tasks.syn",), 1).searching("none"), "eval")
    (folder / "r.run.json").write_text(json.dumps(record.to_json()), encoding="utf-8")
    (folder / "tasks.syn").unlink()
    shown, _, untyped = _shown(read_results(folder / "r.jsonl"))
    assert shown == ["same: lambda xs: xs : (int) -> int"]
    assert untyped


def test_a_last_line_that_a_kill_left_half_written_does_not_count(folder: Path) -> None:
    (folder / "r.jsonl").write_text(_line("a", "lambda n: n") + '{"task": "b", "fi', encoding="utf-8")
    assert list(read_results(folder / "r.jsonl").texts) == ["a"]


@pytest.mark.parametrize("text", ["syn 1\n", '{"task": "a"}\n', "[1]\n", '{"task": "a", "fi\n{"task": "b"}\n'])
def test_other_files_are_refused_with_the_line(folder: Path, text: str) -> None:
    (folder / "r.jsonl").write_text(_line("a", "lambda n: n") + text, encoding="utf-8")
    with pytest.raises(InterfaceError, match="expected a line that `synth eval` wrote") as caught:
        read_results(folder / "r.jsonl")
    assert caught.value.path == f"{folder / 'r.jsonl'}:2"


def test_other_directories_are_refused(folder: Path) -> None:
    with pytest.raises(InterfaceError, match="expected the directory of a run"):
        read_results(folder)


def test_of_a_runs_programs_those_found_with_just_these_words_count(folder: Path) -> None:
    """Then the latest that can be read."""
    words = read_own("mine.syn", read_library()).words
    plan = LearnPlan(("tasks.syn",), 1)
    with RunStore.open(folder / "run", create=True) as store:
        store.set_plan(StoredPlan.of(plan, (), {}).to_json())
        attempts = [
            ("seven", 1, words.digest(), "lambda n: next(n)"),
            ("seven", 2, "another", "lambda n: n * 7"),
            ("same", 1, "another", "lambda xs: xs"),
            ("same", 2, "third", "lambda xs: gone(xs)"),
            ("unsolved", 1, "another", None),
        ]
        for task, iteration, library, text in attempts:
            record = {
                "task": task,
                "status": "",
                "fits": text is not None,
                "evaluations": 1,
                "seconds": 0.1,
                "program": text,
            }
            store.add_attempt(Attempted(library, "none", task, iteration, record))
    shown, unread, untyped = _shown(read_results(folder / "run"))
    assert sorted(shown) == [
        "same: lambda xs: xs : (list[real]) -> list[real]",
        "seven: lambda n: next(n) : (int) -> int",
    ]
    assert (unread, untyped) == ([], False)
