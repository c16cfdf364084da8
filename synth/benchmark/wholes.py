"""Figures of whole processes: bytes a class, time to start, two workers against one, memory against what is allowed."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from dsl.errors import InterfaceError
from synth.benchmark.measure import Figure, Sample, alternate, figure_of, ratio_of
from synth.benchmark.processes import SYNTH, Ran, child, run_process
from synth.benchmark.result import PartResult, Target
from synth.benchmark.settings import Settings

__all__ = ["measure_bytes", "measure_jobs", "measure_memory", "measure_startup"]

_TRIVIAL = ("solve", "--example", "[1, 2] -> [2, 4]", "--example", "[5] -> [10]")
_HARD = """
task never(xs: list[int]) -> list[int]
    example [3, 1, 2, 44, 5] -> [91, 7, 1055, 23]
    example [5, 5, 8, 13, 21, 34] -> [8, 977]
    example [60, -2, 9, 9, 1] -> [3011, 5, 5]
    example [7, 70, 17, 1, 2, 0, 2] -> [-640, 12]
    example [11, 4, 4, 39, 8] -> [2203]
"""


def measure_bytes(settings: Settings) -> PartResult:
    """Memory for a banked class of list columns: of the process (counts), of what Python and NumPy allocated."""
    resident, traced = child("bank", str(settings.banked)), child("bank", str(settings.banked), "trace")
    by_process, by_allocation = (found["held"] / found["classes"] for found in (resident, traced))
    return PartResult(
        "bytes_per_class",
        {
            "bytes": Figure.exactly(by_process),
            "bytes_traced": Figure.exactly(by_allocation),
            "bytes_own_estimate": Figure.exactly(resident["estimated"] / resident["classes"]),
            "resident_over_traced": Figure.exactly(by_process / by_allocation),
            "resident_over_own_estimate": Figure.exactly(resident["held"] / resident["estimated"]),
        },
        {"bytes": Target(400, at_most=True)},
        {"classes": resident["classes"]},
    )


def measure_startup(settings: Settings) -> PartResult:
    """Wall time of a trivial `synth solve`, process start included; and of a first run with nothing compiled."""
    run_process((*SYNTH, *_TRIVIAL))  # fills the caches
    warm = [_succeeded(run_process((*SYNTH, *_TRIVIAL))) for _ in range(settings.starts)]
    with tempfile.TemporaryDirectory() as empty:
        environment = {"NUMBA_CACHE_DIR": empty}
        first = child("first", environment=environment)
    with tempfile.TemporaryDirectory() as empty:
        answered = _succeeded(run_process((*SYNTH, *_TRIVIAL), {"NUMBA_CACHE_DIR": empty}))
    return PartResult(
        "startup_seconds",
        {
            "answer": figure_of([ran.wall for ran in warm]),
            "answer_cpu": figure_of([ran.cpu for ran in warm]),
            "first_evaluation_uncompiled": Figure.exactly(first["first"]),
            "search_uncompiled": Figure.exactly(first["whole"]),
            "answer_uncompiled": Figure.exactly(answered.wall),
        },
        {"answer": Target(1.5, at_most=True), "first_evaluation_uncompiled": Target(10, at_most=True)},
    )


def _succeeded(ran: Ran) -> Ran:
    if ran.code != 0:
        raise InterfaceError(f"a measured command ended with code {ran.code}:\n{ran.out}{ran.err}")
    return ran


def measure_jobs(settings: Settings) -> PartResult:
    """Wall time of `synth eval` on one worker process over that on two; the same evaluations for every task."""
    words = ("eval", "lists", "--limit", str(settings.jobs_tasks), "--evaluations", str(settings.jobs_evaluations))

    def run(jobs: str) -> Callable[[], Sample]:
        return lambda: Sample(settings.jobs_tasks, _finished(run_process((*SYNTH, *words, "--jobs", jobs))).wall)

    samples = alternate({"one": run("1"), "two": run("2")}, min(3, settings.repeats), warm_up=False)
    return PartResult(
        "jobs",
        {
            "speedup": ratio_of(samples["two"], samples["one"]),
            "seconds_one": figure_of([s.seconds for s in samples["one"]]),
            "seconds_two": figure_of([s.seconds for s in samples["two"]]),
        },
        {"speedup": Target(1.7)},
        {"tasks": settings.jobs_tasks, "cores": os.cpu_count(), "load_at_the_end": round(os.getloadavg()[0], 2)},
    )


def _finished(ran: Ran) -> Ran:
    """A run of `synth eval` that came to its end, whether all tasks were solved or not."""
    return ran if ran.code == 1 else _succeeded(ran)


def measure_memory(settings: Settings) -> PartResult:
    """The most memory of `synth solve --memory SIZE` on a task that wants more, over SIZE and what any run needs."""
    with tempfile.TemporaryDirectory() as folder:
        task = Path(folder) / "never.syn"
        task.write_text(_HARD, encoding="utf-8")
        baseline = statistics.median([child("run", *_TRIVIAL)["peak"] for _ in range(3)])
        limits = ("--memory", str(settings.memory), "--timeout", str(settings.memory_seconds))
        peak = child("run", "solve", str(task), *limits)["peak"]
    return PartResult(
        "memory",
        {
            "peak_over_allowed": Figure.exactly(peak / (baseline + settings.memory)),
            "used_of_allowed": Figure.exactly((peak - baseline) / settings.memory),
        },
        {"peak_over_allowed": Target(1.2, at_most=True)},
        {"baseline_bytes": baseline, "peak_bytes": peak, "allowed_bytes": settings.memory},
    )
