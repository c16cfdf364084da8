"""`synth eval`: every task of some suites, one JSON line each as it finishes, and a summary that counts them.

A line has the fields `task status fits holdout seconds evaluations program size bits attempts mass alternatives`. The
`mass` is the answer's share of the posterior, null where one answer was asked for and nothing of its mass;
`alternatives` are the behaviours found, the answer first, each with `program bits mass holdout`. Lines are appended
and flushed one by one, so a killed run leaves a readable file and can be resumed.
"""

from __future__ import annotations

import json
import math
import os
import signal
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Protocol

from dsl.errors import InterfaceError
from synth.attempt import Blame, TaskReport, attempt, budget_for, unreadable, without_answer
from synth.budget import Budget, StopReason
from synth.examples import task_from_examples
from synth.executors import Done, Link, Lost, Told, run_linked
from synth.guidance import Guidance
from synth.recorded_guidance import read_guidance
from synth.report.task_text import times
from synth.search.switches import Switches
from synth.solver import Explanation, Progress, Solver
from synth.watchdog import CallMonitor, limit_memory
from synth.workload import Item, read_library, read_workload
from tasks.suite import BrokenTask
from tasks.task import Task

__all__ = [
    "FIELDS",
    "Plan",
    "Records",
    "Repeat",
    "SolverFactory",
    "Summary",
    "evaluate",
    "prepare_worker",
    "summarise",
]

FIELDS = (
    "task", "status", "fits", "holdout", "seconds", "evaluations", "program", "size", "bits", "attempts", "mass",
    "alternatives",
)  # fmt: skip
_GRACE = 120.0
"""Wall-seconds past three times its CPU budget after which a task is cut off. A search that compiles its first kernels
on a busy machine needs them; one that a user's primitive has caught is cut off by the time of the call."""
_LONGEST_CALL = 60.0
"""Wall-seconds that one call of a user's primitive may take, whatever the budget."""


class SolverFactory(Protocol):
    """Makes the solver of a task; a module-level function, so that worker processes can be told of it by name."""

    def __call__(
        self,
        guide: str,
        progress: Callable[[Progress], None] | None = None,
        *,
        switches: Switches | None = None,
        top: int = 1,
        min_mass: float = 0.0,
        guidance: Guidance | None = None,
    ) -> Solver:
        """A solver guided by `guide` (`none` or `online`) that tells `progress` where it is."""
        ...


@dataclass(frozen=True, slots=True)
class Repeat:
    """What an earlier run of a task came to, to be had again: work counted, and the guidance given then, as data.

    `full_at` are the evaluations after which memory was short, if it was.
    """

    evaluations: int
    guidance: Mapping[str, Any] = field(default_factory=dict)
    full_at: int | None = None

    def budget(self, memory: int | None) -> Budget:
        """The budget that ends a search where it ended, and makes memory short where it was short."""
        return Budget(self.evaluations, None, memory, math.inf if self.full_at is None else self.full_at)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to solve and how, as plain data: two runs of one plan give the same programs (budgets in evaluations).

    `sketches` and `noise` belong to the task of `examples`. `top` is how many different behaviours are wanted a task,
    `min_mass` how likely the first must be to be claimed.
    `repeats` has tasks whose search is to end where it ended before. With `with_parts` the reports of solved tasks have
    the values of every part; with `live` searches tell where they are.
    """

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
    examples: tuple[str, ...] = ()
    sketches: tuple[str, ...] = ()
    noise: float = 0.0
    switches: Switches = field(default_factory=Switches)
    top: int = 1
    min_mass: float = 0.0
    repeats: Mapping[str, Repeat] = field(default_factory=dict)
    with_parts: bool = False
    live: bool = False

    def items(self, monitor: CallMonitor | None = None) -> tuple[Item, ...]:
        """The tasks of the plan, read anew; the monitor is told of calls of the user's primitives.

        Raises DslError for sources that cannot be used.
        """
        library = read_library(self.primitive_files, self.module_files, monitor)
        if self.examples:
            task = task_from_examples(self.examples, library, sketches=self.sketches, noise=self.noise)
            return (Item(task.name, task),)
        return read_workload(
            self.sources, library, pattern=self.pattern, limit=self.limit, hidden=self.hidden, seed=self.seed
        )

    def attempt(self, item: Item, progress: Callable[[Progress], None] | None = None) -> TaskReport:
        """Attempt one task of the plan, here and now."""
        if isinstance(item.content, BrokenTask):
            return unreadable(item.name, item.content.error)
        repeat = self.repeats.get(item.name)
        solver = self.make_solver(
            self.guide,
            progress,
            switches=self.switches,
            top=self.top,
            min_mass=self.min_mass,
            guidance=read_guidance(repeat.guidance, item.content.spec) if repeat and repeat.guidance else None,
        )
        budget = self.budget if repeat is None else repeat.budget(self.budget.memory)
        report, _ = attempt(item.content, solver, budget, name=item.name, seed=self.seed, with_parts=self.with_parts)
        return report

    def seconds(self, task: Task, name: str) -> float | None:
        """The wall-seconds after which an attempt at a task is cut off; None for no limit."""
        if name in self.repeats:
            return None
        seconds = budget_for(task, self.budget).seconds
        return None if seconds is None else 3 * seconds + _GRACE


def evaluate(
    plan: Plan,
    *,
    workers: int = 1,
    skip: Iterable[str] = (),
    stopping: Callable[[], bool] = lambda: False,
    tell: Callable[[str, Progress], None] | None = None,
    items: Sequence[Item] | None = None,
) -> Iterator[TaskReport]:
    """Attempt every task of the plan but those in `skip`, on worker processes; reports come as tasks finish.

    `items` are the plan's own, where they have been read already.

    After `stopping()` the reports of running tasks still come, with the status `interrupted` where nothing was found.
    `tell` hears where searches are, by task, if the plan is `live`.
    """
    done = frozenset(skip)
    open_tasks: dict[str, Task] = {}
    for item in plan.items() if items is None else items:
        if item.name in done:
            continue
        if isinstance(item.content, BrokenTask):
            yield unreadable(item.name, item.content.error)
        else:
            open_tasks[item.name] = item.content
    events = run_linked(
        prepare_worker,
        plan,
        tuple(open_tasks),
        workers=workers,
        limit=lambda name: plan.seconds(open_tasks[name], name),
        call_limit=_LONGEST_CALL,
        stopping=stopping,
    )
    for event in events:
        match event:
            case Told(name, progress):
                if tell is not None:
                    tell(name, progress)
            case Lost():
                yield _lost(event, open_tasks[event.job])
            case Done(_, report):
                yield report


def prepare_worker(plan: Plan, link: Link) -> Callable[[str], TaskReport]:
    """What a worker process does with the id of a task; it reads the plan's tasks itself.

    Where words of the user's are loaded, the worker may not take the whole memory of the machine.
    """
    monitor = link.monitor
    if plan.primitive_files:
        limit_memory(_memory_for(plan.budget))
    items = {item.name: item for item in plan.items(monitor)}

    def work(name: str) -> TaskReport:
        monitor.clear()
        report = plan.attempt(items[name], link.tell if plan.live else None)
        return _with_calls(report, monitor)

    return work


def _memory_for(budget: Budget) -> int:
    """Bytes that a worker may take: twice what its search may hold, else half the machine, two GiB at most."""
    if budget.memory is not None:
        return 2 * budget.memory + 2**28
    return min(2**31, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)


def _with_calls(report: TaskReport, monitor: CallMonitor) -> TaskReport:
    """The report with what the monitor saw: slow words, and words that ran out of memory."""
    slow, hungry = monitor.slow(), monitor.out_of_memory
    if not slow and not hungry:
        return report
    found = report.explanation or Explanation()
    faults = {**found.faults, **{word: found.faults.get(word, 0) + n for word, n in hungry.items()}}
    lines = [report.message, *(f"{word} ran out of memory ({times(n)})" for word, n in hungry.items())]
    return replace(
        report,
        message="\n".join(line for line in lines if line),
        explanation=replace(found, faults=faults, slow={**found.slow, **slow}),
    )


def _lost(event: Lost[str], task: Task) -> TaskReport:
    """The report of a task whose worker hung or died; a word of the user's that was running then is to blame."""
    if event.hung:
        stop, message, blame = StopReason.SECONDS, event.reason, Blame.NOBODY
    elif event.word is not None and event.code == -signal.SIGKILL:
        stop, blame = StopReason.MEMORY, Blame.NOBODY
        message = f"{event.reason}, most likely because memory ran out"
    else:
        stop, message = StopReason.ERROR, event.reason
        blame = Blame.BUG if event.word is None else Blame.INPUT
    report = without_answer(event.job, task, stop, message, blame)
    if event.word is None:
        return report
    return replace(report, explanation=Explanation(slow={event.word: round(event.seconds, 1)}))


@dataclass(slots=True)
class Records:
    """A file of result lines, or only their memory where `path` is None.

    Every line has at least the `fields`; `command` is the one that writes such lines.
    """

    path: Path | None
    fields: Sequence[str] = FIELDS
    command: str = "synth eval"
    lines: list[Mapping[str, object]] = field(default_factory=list)
    _file: IO[str] | None = None

    @classmethod
    def open(
        cls, path: Path | None, *, resume: bool = False, fields: Sequence[str] = FIELDS, command: str = "synth eval"
    ) -> Records:
        """Start a file anew, or (`resume`) keep its whole lines and cut off a last one that a kill left half written.

        Raises InterfaceError for a file that cannot be written, or that holds something else.
        """
        records = cls(path, fields, command)
        if path is None:
            return records
        try:
            if resume and path.exists():
                records.lines, end = records._read_lines(path)
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

    def _read_lines(self, path: Path) -> tuple[list[Mapping[str, object]], int]:
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
            if not isinstance(record, dict) or not set(self.fields) <= record.keys():
                raise InterfaceError(
                    f"{path}:{number}: expected a line that `{self.command}` wrote, found {line[:60]!r}",
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
