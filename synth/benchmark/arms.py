"""The same task searched in several ways, its *arms*, which differ in guidance alone; a JSON line a task.

The arms of a task are worked off by one worker process, one after the other: what slows the machine slows all, and
whoever says what guides them is asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from synth.attempt import Blame, TaskReport, attempt, without_answer
from synth.benchmark.trials import Outcome, other_trials, readable_items, warm_up
from synth.budget import StopReason
from synth.evaluate import Plan
from synth.executors import Done, Lost, run_jobs
from synth.guidance import Guidance
from synth.pipeline import make_solver
from synth.workload import Item
from tasks.task import Task

__all__ = [
    "ARM_FIELDS",
    "NONE",
    "ONLINE",
    "Advice",
    "Adviser",
    "Study",
    "TaskStudy",
    "arm_outcomes",
    "run_study",
    "studied",
    "study_line",
]

NONE, ONLINE = "none", "online"
"""The arm without guidance, which every study has, and that of weights which the search learns by itself."""
ARM_FIELDS = ("task", "allowed", "said_by", "arms")


@dataclass(frozen=True, slots=True)
class Advice:
    """What guides the arms of one task, by their names, and who says so; None for what a search learns by itself.

    A task without arms has nothing to compare.
    """

    said_by: str
    arms: Mapping[str, Guidance | None]


class Adviser(Protocol):
    """Says what guides the arms of a task; plain data, so that worker processes can be told of it."""

    @property
    def arms(self) -> tuple[str, ...]:
        """The names of all arms that there may be, beside the one without guidance."""
        ...

    @property
    def identity(self) -> Mapping[str, object]:
        """What decides all that it says, as plain data: studies with another one cannot be gone on with."""
        ...

    def __call__(self, task: Task, unguided: TaskReport) -> Advice:
        """Advice for a task, whose unguided search came to this."""
        ...


@dataclass(frozen=True, slots=True)
class Study:
    """Every task of a plan in all arms; `tasks` of them at most, spread over all."""

    plan: Plan
    adviser: Adviser
    tasks: int | None = None

    def items(self) -> tuple[Item, ...]:
        """The tasks, read anew; those that cannot be read are left out."""
        return readable_items(self.plan, self.tasks)

    @property
    def arms(self) -> tuple[str, ...]:
        """All arms, the unguided one first."""
        return (NONE, *self.adviser.arms)

    @property
    def allowed(self) -> dict[str, object]:
        """The budget of each search, and what else decides its result."""
        return {**asdict(self.plan.budget), "seed": self.plan.seed, **self.adviser.identity}


@dataclass(frozen=True, slots=True)
class TaskStudy:
    """What came of one task: who said what guided its arms, and the report of each."""

    said_by: str
    reports: Mapping[str, TaskReport]

    @property
    def is_whole(self) -> bool:
        """Whether no search was interrupted."""
        return all(report.status != StopReason.INTERRUPTED.value for report in self.reports.values())


def run_study(
    study: Study, *, workers: int = 1, skip: Collection[str] = (), stopping: Callable[[], bool] = lambda: False
) -> Iterator[tuple[str, TaskStudy]]:
    """Every task but those in `skip`, by its name, as it is ready. What was interrupted is left out."""
    tasks = {item.name: item.content for item in study.items() if isinstance(item.content, Task)}
    todo = [name for name in tasks if name not in skip]
    for event in run_jobs(_prepare, study, todo, workers=workers, stopping=stopping):
        match event:
            case Done(name, found):
                if found.is_whole:
                    yield name, found
            case Lost(name, _, reason):
                yield (
                    name,
                    TaskStudy("", {NONE: without_answer(name, tasks[name], StopReason.ERROR, reason, Blame.BUG)}),
                )


def _prepare(study: Study) -> Callable[[str], TaskStudy]:
    """What a worker process does with the name of a task."""
    tasks = {item.name: item.content for item in study.items() if isinstance(item.content, Task)}
    warm_up((make_solver(),))
    return lambda name: _study_of(study, name, tasks[name])


def _study_of(study: Study, name: str, task: Task) -> TaskStudy:
    unguided = _report(study.plan, name, task, None)
    found = TaskStudy("", {NONE: unguided})
    if not found.is_whole:
        return found
    advice = study.adviser(task, unguided)
    found = replace(found, said_by=advice.said_by)
    for arm, guidance in advice.arms.items():
        # Guidance that says nothing gives the unguided search over again.
        silent = guidance is not None and not guidance.helps
        report = unguided if silent else _report(study.plan, name, task, guidance, ONLINE if guidance is None else NONE)
        found = replace(found, reports={**found.reports, arm: report})
        if not found.is_whole:
            break
    return found


def _report(plan: Plan, name: str, task: Task, guidance: Guidance | None, guide: str = NONE) -> TaskReport:
    solver = make_solver(guide, switches=plan.switches, guidance=guidance)
    report, _ = attempt(task, solver, plan.budget, name=name, seed=plan.seed)
    return report


# --- studies on file -----------------------------------------------------------------------------------------------


def study_line(study: Study, name: str, found: TaskStudy) -> dict[str, object]:
    """The line of a task: of each arm, what came of it."""
    arms = {arm: _arm_record(report) for arm, report in found.reports.items()}
    return {"task": name, "allowed": study.allowed, "said_by": found.said_by, "arms": arms}


def _arm_record(report: TaskReport) -> dict[str, object]:
    return {
        "fits": report.fits,
        "holdout": report.holdout,
        "first_fit": report.first_fit if report.fits else None,
        "evaluations": report.evaluations,
        "seconds": round(report.seconds, 3),
        "program": report.program,
    }


def studied(lines: Iterable[Mapping[str, Any]], study: Study, path: str) -> frozenset[str]:
    """The tasks that have a line. Raises InterfaceError where a line is of another budget, guide or seed."""
    found = set()
    for line in lines:
        if line["allowed"] != study.allowed:
            raise other_trials(study.allowed, line["allowed"], path)
        found.add(str(line["task"]))
    return frozenset(found)


def arm_outcomes(lines: Sequence[Mapping[str, Any]], arms: Sequence[str]) -> dict[str, dict[str, Outcome]]:
    """By arm and task, the outcomes of all tasks that were searched in every one of these arms.

    The evaluations of one that was solved are those to the first program that fits.
    """
    whole = [line for line in lines if set(arms) <= line["arms"].keys()]
    return {arm: {line["task"]: _outcome(line["arms"][arm]) for line in whole} for arm in arms}


def _outcome(record: Mapping[str, Any]) -> Outcome:
    first = record["first_fit"]
    return Outcome(
        record["fits"], record["seconds"], record["evaluations"] if first is None else first, record["holdout"]
    )
