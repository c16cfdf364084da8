"""Worker processes: every job answered once, in any order, whatever a worker does."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from synth.executors import Done, Lost, run_jobs


def prepare(config: int) -> Callable[[str], int]:
    """A worker that adds, hangs, dies, or waits to be stopped."""

    def work(job: str) -> int:
        match job.split():
            case ["hang"]:
                time.sleep(60)
            case ["die"]:
                os._exit(7)
            case ["wait", path]:
                return wait_for_interrupt(Path(path))
            case [number]:
                return int(number) + config
        raise AssertionError(job)

    return work


def wait_for_interrupt(path: Path) -> int:
    seen: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    path.touch()
    while not seen:
        time.sleep(0.01)
    return -1


def test_every_job_is_done_once() -> None:
    jobs = [str(n) for n in range(20)]
    done = list(run_jobs(prepare, 100, jobs, workers=2))
    assert sorted((d.job, d.result) for d in done if isinstance(d, Done)) == sorted((j, int(j) + 100) for j in jobs)


def test_a_worker_that_hangs_is_cut_off_and_replaced() -> None:
    events = list(run_jobs(prepare, 0, ["hang", "1", "2"], workers=1, limit=0.5))
    assert events == [Lost("hang", True, "no answer after 0.5 s, cut off"), Done("1", 1), Done("2", 2)]


def test_a_worker_that_dies_is_replaced() -> None:
    events = list(run_jobs(prepare, 0, ["die", "1"], workers=1))
    assert events == [Lost("die", False, "its process ended with code 7", code=7), Done("1", 1)]


def test_a_stop_ends_running_jobs_and_starts_no_more(tmp_path: Path) -> None:
    waiting = tmp_path / "waiting"
    events = list(run_jobs(prepare, 0, [f"wait {waiting}", "1"], workers=1, stopping=waiting.exists))
    assert events == [Done(f"wait {waiting}", -1)]


def test_no_jobs_need_no_workers() -> None:
    assert list(run_jobs(prepare, 0, [], workers=2)) == []
