"""Trials: every task of some suites given to several contestants, on worker processes, one JSON line a trial.

A contestant is our search, our search without one of its tricks, plain enumeration, or the naive enumerator. Trials of
one task follow each other, so that a run that is broken off leaves pairs, and what slows the machine slows all.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from dsl.errors import InterfaceError
from synth.attempt import Blame, TaskReport, without_answer
from synth.benchmark.adapter import make_ready
from synth.benchmark.naive import Naive
from synth.benchmark.workloads import list_columns
from synth.budget import Budget, StopReason
from synth.evaluate import Plan
from synth.executors import Done, Link, Lost, Told, run_linked
from synth.search.enumerate import Enumerate
from synth.search.switches import Switches
from synth.solver import Solver
from synth.watchdog import limit_memory
from synth.workload import Item, read_library
from tasks.suite import BrokenTask
from tasks.task import Task

__all__ = [
    "ENUMERATE",
    "NAIVE",
    "OURS",
    "TRICKS",
    "Outcome",
    "Trial",
    "Trials",
    "finished_trials",
    "line_of",
    "other_trials",
    "outcomes_of",
    "readable_items",
    "run_trials",
    "spread",
    "warm_up",
    "without",
]

OURS, ENUMERATE, NAIVE = "ours", "enumerate", "naive"
TRICKS = tuple(field.name for field in fields(Switches))
"""The tricks of the search, each of which can be switched off."""
_WITHOUT = "ours without "


def without(trick: str) -> str:
    """The name of the contestant that is our search without one of its tricks."""
    return f"{_WITHOUT}{trick}"


@dataclass(frozen=True, slots=True)
class Trial:
    """A task, by its name, and the contestant that is to solve it."""

    task: str
    contestant: str


@dataclass(frozen=True, slots=True)
class Trials:
    """What is tried, as plain data: the tasks and budget of a plan, contestants, and how many tasks at most."""

    plan: Plan
    contestants: tuple[str, ...]
    tasks: int | None = None

    def items(self) -> tuple[Item, ...]:
        """The tasks, read anew; those that cannot be read are left out."""
        return readable_items(self.plan, self.tasks)

    @property
    def allowed(self) -> dict[str, object]:
        """The budget of each trial."""
        return asdict(self.plan.budget)


def readable_items(plan: Plan, count: int | None) -> tuple[Item, ...]:
    """So many of the tasks of a plan, evenly spread, but for those that cannot be read."""
    return tuple(item for item in spread(plan.items(), count) if not isinstance(item.content, BrokenTask))


def spread(items: Sequence[Item], count: int | None) -> tuple[Item, ...]:
    """So many of the items, evenly spread over them, since suites go from easy to hard."""
    wanted = len(items) if count is None else min(count, len(items))
    return tuple(items[position * len(items) // wanted] for position in range(wanted))


def run_trials(
    trials: Trials,
    *,
    workers: int = 1,
    skip: Collection[Trial] = (),
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[Trial, TaskReport]]:
    """Every trial but those in `skip`; reports come as they are ready. What was interrupted gives none."""
    tasks = {item.name: item.content for item in trials.items() if isinstance(item.content, Task)}
    wanted = [Trial(name, contestant) for name in tasks for contestant in trials.contestants]
    events = run_linked(
        _prepare,
        trials,
        [trial for trial in wanted if trial not in skip],
        workers=workers,
        limit=lambda trial: trials.plan.seconds(tasks[trial.task], trial.task),
        stopping=stopping,
    )
    for event in events:
        match event:
            case Done(trial, report):
                if report.fits or report.status != StopReason.INTERRUPTED.value:
                    yield trial, report
            case Lost(trial, _, reason):
                lost = without_answer(trial.task, tasks[trial.task], StopReason.ERROR, reason, Blame.NOBODY)
                yield trial, replace(lost, seconds=trials.plan.budget.seconds or event.seconds)
            case Told():
                raise AssertionError("no search of a trial tells where it is")


def _prepare(trials: Trials, link: Link) -> Callable[[Trial], TaskReport]:
    """What a worker process does with a trial; before the first, everything is compiled that compiles once."""
    items = {item.name: item for item in trials.items()}
    plans = {contestant: _plan_of(trials.plan, contestant) for contestant in trials.contestants}
    if trials.plan.budget.memory is not None:  # plain enumeration and the naive one have no limit of their own
        limit_memory(2 * trials.plan.budget.memory + 2**28)
    warm_up(plan.make_solver(plan.guide, switches=plan.switches) for plan in plans.values())

    def work(trial: Trial) -> TaskReport:
        gc.collect()
        begin = time.process_time()
        report = plans[trial.contestant].attempt(items[trial.task])
        # An attempt that ended in a lack of memory has used time, too, though no solver is left to say how much.
        return report if report.answered else replace(report, seconds=time.process_time() - begin)

    return work


def warm_up(solvers: Iterable[Solver]) -> None:
    """Make this process fit for measurements in CPU time: compile what is compiled once, and let each solver work."""
    make_ready(read_library())
    for solver in solvers:
        solver.solve(list_columns(), Budget(evaluations=2_000), rng=random.Random(0))
    gc.collect()
    gc.freeze()  # what all searches share: looking through it, now and then, costs Python as much as an easy task


def _plan_of(plan: Plan, contestant: str) -> Plan:
    if contestant == OURS:
        return plan
    if contestant == ENUMERATE:
        return replace(plan, make_solver=_make_enumerate)
    if contestant == NAIVE:
        return replace(plan, make_solver=_make_naive)
    trick = contestant.removeprefix(_WITHOUT)
    if trick in TRICKS and contestant == without(trick):
        return replace(plan, switches=replace(plan.switches, **{trick: False}))
    raise ValueError(f"expected {OURS}, {ENUMERATE}, {NAIVE} or {without('a trick')}, found {contestant!r}")


def _make_enumerate(guide: str, progress: object = None, **how: object) -> Solver:
    return Enumerate()


def _make_naive(guide: str, progress: object = None, **how: object) -> Solver:
    return Naive()


# --- trials on file ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial came to: whether its program fits, re-checked from its text, its CPU-seconds, and its evaluations.

    `right` says the same of the held-out pairs; None where there are none.
    """

    solved: bool
    seconds: float
    evaluations: int = 0
    right: bool | None = None


def line_of(trials: Trials, trial: Trial, report: TaskReport) -> dict[str, object]:
    """The line of a trial: that of `synth eval`, with who it was and what was allowed."""
    return report.record() | {"contestant": trial.contestant, "allowed": trials.allowed}


def finished_trials(lines: Iterable[Mapping[str, Any]], trials: Trials, path: str) -> frozenset[Trial]:
    """The trials that have a line. Raises InterfaceError where a line is of something else, or of another budget."""
    found = set()
    for line in lines:
        if "contestant" not in line or line.get("allowed") != trials.allowed:
            raise other_trials(trials.allowed, line.get("allowed"), path)
        found.add(Trial(line["task"], line["contestant"]))
    return frozenset(found)


def other_trials(wanted: object, found: object, path: str) -> InterfaceError:
    """The error where a file that is to be gone on with has lines of another budget than wanted."""
    return InterfaceError(
        f"expected lines of trials with the budget {wanted}, found one with {found}",
        path=path,
        hint="give the budget of then, or another --out, or leave out --resume to start the file anew",
    )


def outcomes_of(lines: Iterable[Mapping[str, Any]], contestants: Sequence[str]) -> dict[str, dict[str, Outcome]]:
    """By contestant and task, the outcomes of all tasks that every one of these contestants has tried."""
    found: dict[str, dict[str, Outcome]] = {contestant: {} for contestant in contestants}
    for line in lines:
        if line["contestant"] in found:
            outcome = Outcome(line["fits"], line["seconds"], line["evaluations"], line["holdout"])
            found[line["contestant"]][line["task"]] = outcome
    whole = set.intersection(*(set(outcomes) for outcomes in found.values()))
    return {contestant: {task: outcomes[task] for task in sorted(whole)} for contestant, outcomes in found.items()}
