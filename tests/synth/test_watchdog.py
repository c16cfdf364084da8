"""User primitives that hang, hoard, crash or lie: the search survives, and the word is named."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path

import bad_primitives
import pytest

from synth.attempt import Blame, TaskReport
from synth.budget import Budget
from synth.evaluate import Plan, evaluate
from synth.executors import Done, Link, Lost, Told, run_linked
from synth.pipeline import make_solver
from synth.watchdog import Board, CallMonitor, watched
from synth.workload import read_library

ODD = ("1 -> 17", "2 -> 977", "3 -> -55")
"""Nothing short fits."""


@pytest.fixture
def attempt_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., TaskReport]:
    """Attempt a task with one bad word loaded, under a short wall cap."""
    monkeypatch.setattr("synth.evaluate._GRACE", 6.0)

    def run(word: str, *examples: str, **budget: object) -> TaskReport:
        path = bad_primitives.write(tmp_path, word)
        chosen = Budget(**({"seconds": 0.5} | budget))  # type: ignore[arg-type]
        plan = Plan((), make_solver, chosen, primitive_files=(str(path),), examples=examples or ODD)
        (report,) = evaluate(plan)
        return report

    return run


@pytest.mark.parametrize("word", ["backtrack", "tower"])
def test_a_loop_in_c_is_cut_off_and_named(attempt_with: Callable[..., TaskReport], word: str) -> None:
    report = attempt_with(word)
    assert (report.status, report.blame, report.answered) == ("seconds", Blame.NOBODY, False)
    assert report.message == f"no answer after 7.5 s, cut off while calling {word}.{word}"
    assert report.explanation is not None
    assert report.explanation.slow[f"{word}.{word}"] > 1


def test_a_slow_word_is_named_with_its_seconds(attempt_with: Callable[..., TaskReport]) -> None:
    report = attempt_with("nap")
    assert report.status == "seconds"
    assert report.explanation is not None
    assert 0.9 < report.explanation.slow["nap.nap"] < 1.5


@pytest.mark.parametrize("word", ["hoard", "poor"])
def test_a_word_without_memory_is_survived_and_named(attempt_with: Callable[..., TaskReport], word: str) -> None:
    report = attempt_with(word, evaluations=300, seconds=None, memory=20_000_000)
    assert report.answered, report
    assert f"{word}.{word} ran out of memory" in report.message
    assert report.explanation is not None
    assert report.explanation.faults[f"{word}.{word}"] >= 1


def test_a_value_that_is_no_number_is_no_value(attempt_with: Callable[..., TaskReport]) -> None:
    report = attempt_with("blank", "1 -> 0.5", "2 -> 0.25", evaluations=2_000, seconds=None)
    assert report.answered, report
    assert report.blame is Blame.NOBODY


def test_a_random_word_is_blamed_and_not_the_search(attempt_with: Callable[..., TaskReport]) -> None:
    bits = [f"{n} -> {n * 7919 % 13 % 2}" for n in range(1, 6)]
    reports = [attempt_with("dice", *bits, evaluations=400, seconds=None) for _ in range(4)]
    assert all(report.blame is not Blame.BUG for report in reports), reports
    for report in reports:
        if report.blame is Blame.INPUT:
            assert report.message.endswith("dice.dice gives different values for the same arguments")


def test_a_word_that_crashes_the_process_is_to_blame(attempt_with: Callable[..., TaskReport]) -> None:
    report = attempt_with("crash")
    assert (report.status, report.blame) == ("error", Blame.INPUT)
    assert report.message == "its process ended with code -11 while calling crash.crash"


def test_a_process_killed_in_a_word_most_likely_ran_out_of_memory(attempt_with: Callable[..., TaskReport]) -> None:
    report = attempt_with("eaten")
    assert (report.status, report.blame) == ("memory", Blame.NOBODY)
    assert "while calling eaten.eaten, most likely because memory ran out" in report.message


def test_the_other_tasks_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth.evaluate._GRACE", 2.0)
    path = bad_primitives.write(tmp_path, "backtrack")
    tasks = tmp_path / "tasks.syn"
    tasks.write_text(
        "task bad(n: int) -> int\n    example 1 -> 17\n    example 2 -> 977\n\n"
        "task good(xs: list[bool]) -> list[bool]\n    uses list.reverse\n    example [True, False] -> [False, True]\n"
    )
    plan = Plan((str(tasks),), make_solver, Budget(seconds=0.5), primitive_files=(str(path),))
    assert {r.task: r.status for r in evaluate(plan)} == {"bad": "seconds", "good": "solved"}


def test_calls_are_counted_and_nested_calls_come_back_to_the_outer_one() -> None:
    board = Board.shared(multiprocessing.get_context("spawn"))
    monitor = CallMonitor(board)
    monitor.enter("outer")
    monitor.enter("inner")
    assert (board.read() or ("",))[0] == "inner"
    monitor.leave()
    assert (board.read() or ("",))[0] == "outer"
    time.sleep(0.15)
    monitor.leave()
    assert board.read() is None
    assert dict(monitor.calls) == {"outer": 1, "inner": 1}
    assert list(monitor.slow()) == ["outer"]
    monitor.clear()
    assert monitor.slow() == {}


def test_a_word_that_raises_is_left_too(tmp_path: Path) -> None:
    monitor = CallMonitor()
    library = read_library([str(bad_primitives.write(tmp_path, "poor"))], (), monitor)
    with pytest.raises(MemoryError):
        library["poor.poor"].function(1)  # type: ignore[union-attr]
    assert (monitor.calls["poor.poor"], monitor.out_of_memory["poor.poor"]) == (1, 1)


def test_watching_changes_neither_names_nor_hashes(tmp_path: Path) -> None:
    plain = read_library([str(bad_primitives.write(tmp_path, "nap"))])
    seen = watched(plain, ["nap.nap"], CallMonitor())
    assert seen.digests() == plain.digests()
    assert seen.shorts == plain.shorts


def prepare(config: str, link: Link) -> Callable[[int], int]:
    """A worker that tells where it is, and hangs in a word where the job is negative."""

    def work(job: int) -> int:
        link.tell(f"{config} {job}")
        if job < 0:
            link.monitor.enter("mine.word")
            time.sleep(30)
        return job

    return work


def test_linked_workers_tell_and_a_long_call_is_cut_off() -> None:
    events = list(run_linked(prepare, "at", [1, -2, 3], workers=1, call_limit=0.5))
    assert [e.note for e in events if isinstance(e, Told)][:1] == ["at 1"]
    assert [e.result for e in events if isinstance(e, Done)] == [1, 3]
    (lost,) = (e for e in events if isinstance(e, Lost))
    assert (lost.job, lost.hung, lost.word) == (-2, True, "mine.word")
    assert lost.reason == "no answer from mine.word after 0.5 s, cut off"
