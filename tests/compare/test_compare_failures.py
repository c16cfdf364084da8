"""Learners that fail, disks that are full: what becomes of a run, and of the others."""

from __future__ import annotations

import errno
import math
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from small_protocol import SMALL, make_small, with_learner

import synth.compare.manifest as manifest
import synth.compare.run_file as run_file
from dsl.errors import InterfaceError
from synth.compare import comparison_lines
from synth.compare.analysis import analyse
from synth.compare.cells import Cell, run_cell
from synth.compare.plots import Drawn
from synth.compare.protocol import Effort, Protocol
from synth.compare.records import DivergenceError, Outcome, Run, Score
from synth.compare.run_file import RunFile, read_runs
from synth.compare.runner import compare, time_left

EFFORT = SMALL.efforts["quick"]


def raising(error: BaseException) -> Any:
    def run(source: object, effort: Effort, cell: Cell) -> Run:
        raise error

    return run


class OutOfMemoryError(RuntimeError):
    """As torch calls it on an accelerator."""


@pytest.mark.parametrize(
    ("error", "outcome", "message"),
    [
        (DivergenceError("the loss is nan after 7 of 9 steps"), "diverged", "the loss is nan after 7 of 9 steps"),
        (MemoryError(), "out of memory", "MemoryError"),
        (OutOfMemoryError("CUDA out of memory"), "out of memory", "CUDA out of memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "out of memory", "allocate"),
        (RuntimeError("shapes differ"), "crash", "RuntimeError: shapes differ"),
        (KeyError("x"), "crash", "KeyError"),
    ],
)
def test_what_happens_to_a_learner_is_its_outcome(error: Exception, outcome: Outcome, message: str) -> None:
    found = run_cell(with_learner("gru", run=raising(error)), EFFORT, Cell("last_bit", "gru", 0), manifest="m")
    assert found is not None
    assert (found.outcome, found.side, found.failed) == (outcome, "net", True)
    assert message in found.message


def test_ctrl_c_is_no_result() -> None:
    protocol = with_learner("gru", run=raising(KeyboardInterrupt()))
    assert run_cell(protocol, EFFORT, Cell("last_bit", "gru", 0), manifest="m") is None


def told(*scores: Score, seed: int = 0) -> Any:
    return lambda source, effort, cell: Run.of(replace(cell, seed=cell.seed + seed), "trained", scores=scores)


@pytest.mark.parametrize(
    ("run", "outcome", "message"),
    [
        (told(Score(12, 0, 1, "0", errors=(math.nan,))), "diverged", "errors at length 12 are not a number"),
        (told(Score(99, 1, 1, "1")), "crash", "expected scores at points of the axis, found one at 99"),
        (told(seed=1), "crash", "expected the run of"),
        (lambda source, effort, cell: 7, "crash", "TypeError: expected a Run from the learner 'gru', found 7"),
        (told(Score(12, 0, 1, "0", errors=(math.inf,))), "trained", ""),
    ],
)
def test_a_run_that_is_not_of_the_cell_is_refused(run: Any, outcome: Outcome, message: str) -> None:
    found = run_cell(with_learner("gru", run=run), EFFORT, Cell("last_bit", "gru", 0), manifest="m")
    assert found is not None
    assert found.outcome == outcome
    assert message in found.message


def test_an_error_without_end_is_written_and_read() -> None:
    run = Run.of(Cell("t", "l", 0, 10), "trained", scores=(Score("far", 0, 2, "0", errors=(0.5, math.inf)),))
    assert "Infinity" not in str(run.to_json()["scores"])
    assert Run.from_json(run.to_json()) == run


def make_killed() -> Protocol:
    small = MappingProxyType({"quick": replace(EFFORT, tasks=("last_bit",), learners=("program", "gru"))})
    return replace(with_learner("gru", run=kill), efforts=small)


def kill(source: object, effort: Effort, cell: Cell) -> Run:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("killed")


def test_a_worker_that_the_system_kills_was_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "code_digest", lambda: "code")
    result = compare(make_killed, budget="quick", seeds=1, jobs=1, out=tmp_path, command="synth compare")
    outcomes = {run.learner: run.outcome for run in result.analysis.runs}
    assert outcomes == {"program": "correct", "gru": "out of memory"}
    assert not result.crashed, "no bug of ours"
    row = result.analysis.row("last_bit", "gru")
    assert row is not None
    assert row.by_point[12].value == 0


class FullDisk:
    """A file on a disk that takes no more."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self) -> None:
        self.flush()


def test_a_full_disk_is_said_and_what_was_written_stays(tmp_path: Path) -> None:
    store = RunFile.open(tmp_path, "m")
    done = Run.of(Cell("last_bit", "gru", 0), "trained", manifest="m")
    store.add(done)
    real, store._file = store._file, FullDisk()  # type: ignore[assignment]
    with pytest.raises(InterfaceError, match=r"No space left on device\nhint: free some space"):
        store.add(replace(done, seed=1))
    store.close()
    assert real is not None
    real.close()
    assert store.runs == [done]
    assert read_runs(tmp_path / "runs.jsonl") == (done,)


def test_a_report_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(InterfaceError, match="cannot write"):
        run_file.write_file(tmp_path / "report.html", "text")


def test_a_disk_that_fills_up_leaves_the_old_report_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report.html"
    run_file.write_file(report, "as it was")

    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:4])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InterfaceError, match=r"report\.html': No space left on device\nhint: free some space"):
        run_file.write_file(report, "as it is now")
    assert report.read_text(encoding="utf-8") == "as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_runs_that_were_moved_aside_come_back(tmp_path: Path) -> None:
    """A folder that is used for two protocols in turn keeps the runs of either."""
    for digest in ("a", "b", "a", "b"):
        store = RunFile.open(tmp_path, digest)
        store.add(Run.of(Cell("t", "l", len(store.runs)), "trained", manifest=digest))
        store.close()
    assert [run.seed for run in read_runs(tmp_path / "runs.jsonl")] == [0, 1]
    assert {run.manifest for run in read_runs(tmp_path / "runs.jsonl")} == {"b"}
    assert [run.seed for run in read_runs(tmp_path / "runs-a.jsonl")] == [0, 1]


def make_undrawn() -> Protocol:
    small = MappingProxyType({"quick": replace(EFFORT, tasks=("last_bit",), learners=("program",))})
    return replace(SMALL, figures=(no_figure,), efforts=small)


def no_figure(analysis: object) -> list[Drawn]:
    raise ValueError("no points")


def test_a_figure_that_fails_does_not_take_the_report_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "code_digest", lambda: "code")
    result = compare(make_undrawn, budget="quick", seeds=1, jobs=1, out=tmp_path, command="synth compare")
    told = "the figure no_figure was not drawn: ValueError: no points"
    assert result.problems == (told,)
    assert told in comparison_lines(result)
    assert told in result.report.read_text(encoding="utf-8")
    assert (tmp_path / "figures" / "prices.svg").exists()


def test_a_failed_learner_is_flagged_by_what_became_of_it() -> None:
    good = Run.of(Cell("last_bit", "program", 0), "correct", scores=(Score(12, 2, 2, "3"),))
    bad = Run.of(Cell("last_bit", "gru", 0), "diverged", side="net")
    rows = {row.learner: row.flaw for row in analyse(SMALL, EFFORT, range(1), [good, bad]).rows}
    assert rows == {"program": "", "gru": "diverged"}


def test_time_left_is_that_of_the_same_learners() -> None:
    runs = [replace(Run.of(Cell("t", "gru", seed), "trained"), wall_seconds=10.0) for seed in range(2)]
    todo = [Cell("t", "gru", seed) for seed in range(2, 6)]
    assert time_left(runs, todo, jobs=2) == 20.0
    assert time_left(runs, todo[:1], jobs=4) == 10.0
    assert time_left(runs, [*todo, Cell("t", "lstm", 0)], jobs=2) is None, "nothing to go by"
    assert time_left(runs, [], jobs=2) == 0.0


def test_threads_of_workers_are_one_and_the_environment_is_left_alone(tmp_path: Path) -> None:
    from synth.compare.runner import _one_thread_each

    before = dict(os.environ)
    with _one_thread_each():
        assert os.environ["OMP_NUM_THREADS"] == "1"
    assert dict(os.environ) == before


def test_who_failed_is_asked_what_the_others_were() -> None:
    good = Run.of(Cell("last_bit", "program", 0), "correct", scores=(Score(12, 2, 2, "3", errors=(0.0, 0.0)),))
    bad = Run.of(Cell("last_bit", "gru", 0), "diverged", side="net")
    row = analyse(SMALL, EFFORT, range(1), [good, bad]).row("last_bit", "gru")
    assert row is not None
    assert row.runs[0].scores == (Score(12, 0, 2, "0", errors=(math.inf, math.inf)),)


def test_make_small_is_what_workers_call() -> None:
    assert make_small() is SMALL
    assert "small_protocol" in sys.modules
