"""Lifelong: streams of tasks met by several arms, wave after wave, each arm learning between waves as it does.

The first arm is the one that learns; the others are given as much computing time. Where one has spent less on waves and
sleeps together, those of its attempts at the last wave that failed are done again with more evaluations, until it has
spent as much. An attempt with more evaluations begins with what one with fewer does, so it counts once, as the longer.

All that happens is a line in `outcomes.jsonl`, written at once, and what it depends on is in the lines before it: the
same command goes on with what a killed one left. The tasks are in files of their own beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from dsl.errors import InterfaceError
from dsl.library import Library, nearest
from dsl.module_file import write_module
from synth.evaluate import Records
from synth.executors import Done, Lost, run_jobs
from synth.learn.arms import Arm, Outcome, Sleep, lost
from tasks.domains.lists import LISTS
from tasks.load import load_suite
from tasks.streams import STREAMS, Stream, cut, draw_stream
from tasks.suite import Suite
from tasks.task import Task
from tasks.write_task import write_tasks

__all__ = ["AGAIN", "ATTEMPT", "SLEEP", "LifelongPlan", "Run", "run_lifelong"]

PLAN, ATTEMPT, AGAIN, SLEEP = "plan", "attempt", "again", "sleep"
"""The kinds of lines; `again` are attempts at earlier tasks after the last wave, which count as nobody's work."""
_FIELDS = ("kind",)
_COMMAND = "synth learn lifelong"
_VERSION = 1
_TURNS = 4
"""How often attempts are done again with more work, until an arm has spent what it may."""
_TOO_LITTLE, _TOO_LITTLE_AT_LAST = 0.1, 0.02
"""Less than this share more evaluations is not worth to begin anew; it is left for the next wave, but for the last."""
_GRACE, _SLOWEST = 300.0, 200.0
"""Wall-seconds for an attempt, besides what it takes at so many evaluations a second; then it is cut off."""


@dataclass(frozen=True, slots=True)
class LifelongPlan:
    """What is to be run. `stream` is one of `STREAMS`, or a suite to be taken in its order, whatever `tasks` says.

    There is a stream for each seed from `seed` on, `seeds` of them, each of so many waves. `again`: after the last wave
    earlier tasks are searched once more.
    """

    stream: str = "structured"
    tasks: int = 40
    waves: int = 4
    seed: int = 0
    seeds: int = 1
    evaluations: int = 200_000
    again: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)
    """What the arms were made with, as plain data; another one is another run."""

    def to_json(self) -> dict[str, Any]:
        """Plain data, for the first line."""
        return {"kind": PLAN, "version": _VERSION, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Run:
    """The lines of a run, and whether it was stopped before its end."""

    lines: tuple[Mapping[str, Any], ...]
    interrupted: bool


class _Stopped(Exception):  # noqa: N818 - no error: how a run that is deep in its work comes to its end
    """The user wants an end."""


def run_lifelong(
    plan: LifelongPlan,
    arms: Sequence[Arm],
    out: Path,
    *,
    jobs: int = 1,
    stopping: Callable[[], bool] = lambda: False,
    tell: Callable[[Mapping[str, Any]], None] = lambda line: None,
) -> Run:
    """Run a plan in a folder, or what is left of it; each line is told when it is written.

    With `jobs` 0 nothing runs in other processes. Raises InterfaceError for a folder that cannot be written or that has
    another run, and for a suite whose tasks may use different words; DslError for one that cannot be read.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InterfaceError(f"cannot write {str(out)!r}: {error.strerror or error}") from None
    records = Records.open(out / "outcomes.jsonl", resume=True, fields=_FIELDS, command=_COMMAND)
    with closing(records):
        _begin(records, plan, out)
        try:
            for seed in range(plan.seed, plan.seed + plan.seeds):
                stream, source = _stream(plan, seed, out)
                _Running(plan, seed, stream, source, records, jobs, stopping, tell).run(arms)
        except _Stopped:
            return Run(tuple(records.lines), True)
        return Run(tuple(records.lines), False)


def _begin(records: Records, plan: LifelongPlan, out: Path) -> None:
    """Write the first line; raises InterfaceError where there is another one."""
    if not records.lines:
        records.add(plan.to_json())
        return
    first, wanted = dict(records.lines[0]), plan.to_json()
    # More seeds go on with the run that there is.
    if {**first, "seeds": 0} != {**wanted, "seeds": 0}:
        other = next((key for key in wanted if key != "seeds" and first.get(key) != wanted[key]), "kind")
        raise InterfaceError(
            f"expected a new folder, or one of the same run, found one where {other} is {first.get(other)!r}, "
            f"not {wanted.get(other)!r}",
            path=str(out),
            hint="give the options of then, or another --out",
        )


def _stream(plan: LifelongPlan, seed: int, out: Path) -> tuple[Stream, str]:
    """The stream of a seed, and the suite that it can be read from; drawn only once."""
    if plan.stream not in STREAMS:
        return cut(_uniform(_named_suite(plan.stream)), plan.waves), plan.stream
    path = out / f"{plan.stream}-{seed}.syn"
    if not path.exists():
        drawn = draw_stream(plan.stream, plan.tasks, plan.waves, seed)
        if drawn.subroutines:
            hidden = write_module(drawn.subroutines, LISTS.library)
            (out / f"{plan.stream}-{seed}-hidden.syn").write_text(hidden, encoding="utf-8")
        unfinished = path.with_suffix(".part")
        unfinished.write_text(write_tasks(drawn.suite.tasks), encoding="utf-8")
        unfinished.replace(path)
    return cut(_uniform(load_suite(str(path), LISTS.library)), plan.waves), str(path)


def _named_suite(name: str) -> Suite:
    """The suite that is to be taken as a stream; an unknown name may be a mistyped stream's."""
    try:
        return load_suite(name, LISTS.library)
    except InterfaceError as error:
        near = nearest(name, STREAMS)
        if near is None:
            raise
        raise InterfaceError(
            f"expected a stream ({', '.join(STREAMS)}) or a suite, found {name!r}", hint=f"did you mean {near!r}?"
        ) from error


def _uniform(suite: Suite) -> Suite:
    """The suite, if all its tasks can be read and may use the same words; InterfaceError otherwise."""
    if suite.broken:
        raise suite.broken[0].error
    digests = {id(task.library): task.library.digest() for task in suite}
    if len(set(digests.values())) > 1:
        raise InterfaceError(
            f"expected a suite whose tasks may all use the same words, found {suite.name!r}, whose tasks may not",
            hint="a library that is learned from some tasks is of use to others that may use the same words",
        )
    shared: Library | None = next((task.library for task in suite), None)
    return replace(suite, tasks=tuple(replace(task, library=shared) for task in suite if shared is not None))


# ---- one stream -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Job:
    """One attempt: which task, with how much work."""

    task: str
    evaluations: int


@dataclass
class _Running:
    """One stream, as its arms meet it."""

    plan: LifelongPlan
    seed: int
    stream: Stream
    source: str
    records: Records
    jobs: int
    stopping: Callable[[], bool]
    tell: Callable[[Mapping[str, Any]], None]

    def run(self, arms: Sequence[Arm]) -> None:
        now = list(arms)
        for wave in range(len(self.stream.waves)):
            tasks = self.stream.of_wave(wave)
            for arm in now:
                self._attempt(arm, ATTEMPT, wave, 0, [_Job(task.name, self.plan.evaluations) for task in tasks])
            for arm in now[1:]:
                self._catch_up(now[0], arm, wave)
            now = [self._slept(arm, wave, tasks) for arm in now]
        if self.plan.again:
            earlier = [name for names in self.stream.waves[:-1] for name in names]
            for arm in now:
                jobs = [_Job(name, self.plan.evaluations) for name in earlier]
                self._attempt(arm, AGAIN, len(self.stream.waves), 0, jobs)

    def _lines(self, kind: str, arm: str, wave: int | None = None) -> Iterator[Mapping[str, Any]]:
        for line in self.records.lines:
            of_arm = line["kind"] == kind and line["seed"] == self.seed and line["arm"] == arm
            if of_arm and wave in (None, line["wave"]):
                yield line

    def _add(self, kind: str, arm: str, wave: int, more: Mapping[str, Any]) -> None:
        line = {"kind": kind, "stream": self.plan.stream, "seed": self.seed, "arm": arm, "wave": wave, **more}
        self.records.add(line)
        self.tell(line)

    def _attempt(self, arm: Arm, kind: str, wave: int, turn: int, jobs: Sequence[_Job]) -> None:
        """Attempt the tasks that have no line of the turn yet."""
        done = {line["task"] for line in self._lines(kind, arm.name, wave) if line["turn"] == turn}
        waiting = [job for job in jobs if job.task not in done]
        for job, outcome in self._outcomes(arm, waiting):
            self._add(kind, arm.name, wave, {"turn": turn, "allowed": job.evaluations, **outcome.to_json()})
        if self.stopping():
            raise _Stopped

    def _outcomes(self, arm: Arm, jobs: Sequence[_Job]) -> Iterator[tuple[_Job, Outcome]]:
        if not self.jobs:
            work = _worker(self.stream.suite, arm)
            for job in jobs:
                if self.stopping():
                    return
                yield job, work(job)
            return
        most = max((job.evaluations for job in jobs), default=0)
        limit = _GRACE + most / _SLOWEST
        config = (self.source, arm)
        for event in run_jobs(_prepare, config, jobs, workers=self.jobs, limit=limit, stopping=self.stopping):
            match event:
                case Done(job, outcome):
                    if outcome.status != "interrupted":
                        yield job, outcome
                case Lost(job, _, reason):
                    yield job, lost(job.task, reason, event.seconds)

    def _final(self, arm: str, wave: int, before: int = _TURNS + 1) -> dict[str, Mapping[str, Any]]:
        """By task, the last of the lines of attempts at a wave."""
        lines = [line for line in self._lines(ATTEMPT, arm, wave) if line["turn"] < before]
        return {line["task"]: line for line in sorted(lines, key=lambda line: int(line["turn"]))}

    def _spent(self, arm: str, wave: int, before: int = _TURNS + 1) -> tuple[float, int]:
        """CPU-seconds of an arm up to its attempts at a wave, sleeps included; and the evaluations of the attempts."""
        seconds = sum(line["seconds"] for line in self._lines(SLEEP, arm) if line["wave"] < wave)
        evaluations = 0
        for earlier in range(wave + 1):
            turns = before if earlier == wave else _TURNS + 1
            for line in self._final(arm, earlier, turns).values():
                seconds += line["seconds"]
                evaluations += line["evaluations"]
        return seconds, evaluations

    def _catch_up(self, first: Arm, arm: Arm, wave: int) -> None:
        """Give an arm that has spent less than the first one more work for what it failed on, until it has not."""
        wanted, _ = self._spent(first.name, wave)
        for turn in range(1, _TURNS + 1):
            spent, evaluations = self._spent(arm.name, wave, turn)
            failed = {task: line for task, line in self._final(arm.name, wave, turn).items() if not line["fits"]}
            if not failed or spent >= wanted or spent <= 0:
                return
            more = math.ceil((wanted - spent) * evaluations / spent / len(failed))
            is_last = wave == len(self.stream.waves) - 1
            if more < (_TOO_LITTLE_AT_LAST if is_last else _TOO_LITTLE) * self.plan.evaluations:
                return
            self._attempt(arm, ATTEMPT, wave, turn, [_Job(t, line["allowed"] + more) for t, line in failed.items()])

    def _slept(self, arm: Arm, wave: int, tasks: Sequence[Task]) -> Arm:
        """The arm with what it learns from a wave; it is learned anew where it was before, and is the same then."""
        final = self._final(arm.name, wave)
        grown, sleep = arm.after_wave([(task, Outcome.from_json(final[task.name])) for task in tasks])
        known = next(self._lines(SLEEP, arm.name, wave), None)
        if known is None:
            self._add(SLEEP, arm.name, wave, sleep.to_json())
        elif [word.text for word in Sleep.from_json(known).words] != [word.text for word in sleep.words]:
            raise InterfaceError(
                f"expected {arm.name} to learn after wave {wave + 1} what it had learned, found something else",
                path=str(self.records.path),
                hint="the run was begun by another version; give another --out",
            )
        if self.stopping():
            raise _Stopped
        return grown


def _prepare(config: tuple[str, Arm]) -> Callable[[_Job], Outcome]:
    """What a worker process does with a job."""
    source, arm = config
    return _worker(_uniform(load_suite(source, LISTS.library)), arm)


def _worker(suite: Suite, arm: Arm) -> Callable[[_Job], Outcome]:
    tasks = {task.name: task for task in suite}
    return lambda job: arm.attempt(tasks[job.task], job.evaluations)
