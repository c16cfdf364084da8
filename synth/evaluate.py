"""`synth eval`: every task of some suites, one JSON line each as it finishes, and a summary that counts them.

A line has the fields `task status fits holdout seconds evaluations program size bits attempts`. Lines are appended
and flushed one by one, so a killed run leaves a readable file and can be resumed.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from dsl.errors import InterfaceError
from synth.attempt import Blame, TaskReport, attempt, unreadable, without_answer
from synth.budget import Budget, StopReason
from synth.executors import Lost, run_jobs
from synth.solver import Progress, Solver
from synth.workload import Item, read_library, read_workload
from tasks.suite import BrokenTask
from tasks.task import Task

__all__ = ["FIELDS", "Plan", "Records", "SolverFactory", "Summary", "evaluate", "prepare_worker", "summarise"]

FIELDS = ("task", "status", "fits", "holdout", "seconds", "evaluations", "program", "size", "bits", "attempts")
_GRACE = 15.0
"""Wall-seconds past three times its CPU budget after which a task is cut off."""


class SolverFactory(Protocol):
    """Makes the solver of a run; a module-level function, so that worker processes can be told of it by name."""

    def __call__(self, guide: str, progress: Callable[[Progress], None] | None = None) -> Solver:
        """A solver guided by `guide` (`none` or `online`) that tells `progress` where it is."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What to solve and how, as plain data: two runs of one plan give the same programs (budgets in evaluations)."""

    sources: tuple[str, ...]
    make_solver: SolverFactory
    budget: Budget = field(default_factory=Budget)
    guide: str = "none"
    seed: int = 0
    hidden: float = 0.0
    limit: int | None = None
    pattern: str | None = None
    primitive_files: tuple[str, ...] = ()
    module_files: tuple[str, ...] = ()

    def items(self) -> tuple[Item, ...]:
        """The tasks of the plan, read anew. Raises DslError for sources that cannot be used."""
        library = read_library(self.primitive_files, self.module_files)
        return read_workload(
            self.sources, library, pattern=self.pattern, limit=self.limit, hidden=self.hidden, seed=self.seed
        )


def evaluate(
    plan: Plan,
    *,
    workers: int = 1,
    skip: Iterable[str] = (),
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[TaskReport]:
    """Attempt every task of the plan but those in `skip`, on worker processes; reports come as tasks finish.

    After `stopping()` the reports of running tasks still come, with the status `interrupted` where nothing was found.
    """
    done = frozenset(skip)
    open_tasks: dict[str, Task] = {}
    for item in plan.items():
        if item.name in done:
            continue
        if isinstance(item.content, BrokenTask):
            yield unreadable(item.name, item.content.error)
        else:
            open_tasks[item.name] = item.content
    limit = None if plan.budget.seconds is None else 3 * plan.budget.seconds + _GRACE
    for event in run_jobs(prepare_worker, plan, tuple(open_tasks), workers=workers, limit=limit, stopping=stopping):
        yield _lost(event, open_tasks[event.job]) if isinstance(event, Lost) else event.result


def prepare_worker(plan: Plan) -> Callable[[str], TaskReport]:
    """What a worker process does with the id of a task; it reads the plan's tasks itself."""
    items = {item.name: item.content for item in plan.items()}
    solver = plan.make_solver(plan.guide)

    def work(name: str) -> TaskReport:
        task = items[name]
        assert not isinstance(task, BrokenTask), "only readable tasks are handed out"
        report, _ = attempt(task, solver, plan.budget, name=name, seed=plan.seed)
        return report

    return work


def _lost(event: Lost[str], task: Task) -> TaskReport:
    reason, blame = (StopReason.SECONDS, Blame.NOBODY) if event.hung else (StopReason.ERROR, Blame.BUG)
    return without_answer(event.job, task, reason, event.reason, blame)


@dataclass(slots=True)
class Records:
    """A file of result lines, or only their memory where `path` is None."""

    path: Path | None
    lines: list[Mapping[str, object]] = field(default_factory=list)
    _file: IO[str] | None = None

    @classmethod
    def open(cls, path: Path | None, *, resume: bool = False) -> Records:
        """Start a file anew, or (`resume`) keep its whole lines and cut off a last one that a kill left half written.

        Raises InterfaceError for a file that cannot be written, or that holds something else.
        """
        records = cls(path)
        if path is None:
            return records
        try:
            if resume and path.exists():
                records.lines, end = _read_lines(path)
                os.truncate(path, end)
            records._file = path.open("a" if resume else "w", encoding="utf-8")
        except OSError as error:
            raise InterfaceError(f"cannot write {str(path)!r}: {error.strerror or error}") from None
        return records

    def add(self, record: Mapping[str, object]) -> str:
        """Write one line, at once; returns it without its line end."""
        self.lines.append(record)
        line = json.dumps(record, ensure_ascii=False)
        if self._file is not None:
            self._file.write(line + "\n")
            self._file.flush()
        return line

    @property
    def finished(self) -> frozenset[str]:
        """Ids of the tasks that have a line."""
        return frozenset(str(record["task"]) for record in self.lines)

    def close(self) -> None:
        """Close the file; the lines stay."""
        if self._file is not None:
            self._file.close()


def _read_lines(path: Path) -> tuple[list[Mapping[str, object]], int]:
    """The records of all whole lines, and where they end, in bytes."""
    records: list[Mapping[str, object]] = []
    end = 0
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), 1):
        if not line.endswith(b"\n"):
            break  # the run was killed while it wrote this one
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict) or not set(FIELDS) <= record.keys():
            raise InterfaceError(
                f"{path}:{number}: expected a line that `synth eval` wrote, found {line[:60]!r}",
                hint="give another --out, or leave out --resume to start the file anew",
            )
        records.append(record)
        end += len(line)
    return records, end


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over result lines; `median_seconds` is over the tasks solved, None where there are none."""

    tasks: int
    solved: int
    held_out_right: int
    without_holdout: int
    median_seconds: float | None
    evaluations: int
    statuses: Mapping[str, int]

    def __str__(self) -> str:
        median = "-" if self.median_seconds is None else f"{self.median_seconds:.2f}"
        parts = [
            f"solved {self.solved}/{self.tasks}",
            f"held out right {self.held_out_right}/{self.tasks}",
            f"median {median} s",
            f"{self.evaluations:,} evaluations",
        ]
        if self.without_holdout:
            parts.append(f"{self.without_holdout} without holdout")
        parts += [f"{count} {status}" for status, count in self.statuses.items() if status != "solved"]
        return ", ".join(parts)


def summarise(records: Sequence[Mapping[str, object]]) -> Summary:
    """Count result lines."""
    solved = [r for r in records if r["fits"] is True]
    seconds = [float(s) for r in solved if isinstance(s := r["seconds"], int | float)]
    statuses: dict[str, int] = {}
    for record in records:
        statuses[str(record["status"])] = statuses.get(str(record["status"]), 0) + 1
    return Summary(
        tasks=len(records),
        solved=len(solved),
        held_out_right=sum(r["holdout"] is True for r in records),
        without_holdout=sum(r["holdout"] is None for r in records),
        median_seconds=statistics.median(seconds) if seconds else None,
        evaluations=sum(e for r in records if isinstance(e := r["evaluations"], int)),
        statuses=dict(sorted(statuses.items())),
    )
