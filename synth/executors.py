"""Jobs on worker processes: results as they come, a watchdog for a worker that hangs, another for one that dies.

Every worker is a fresh interpreter (`spawn`), so it behaves the same on Linux and macOS and inherits no threads. A
worker is prepared once by `prepare(config)` and then given jobs one at a time; config, jobs and results must be plain
data. What a job gives must depend on the job alone: the order in which results arrive does not count. A linked worker
can say where it is, and which word it is calling, so that a hang has a name.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeAlias, TypeVar

from synth.watchdog import Board, CallMonitor

__all__ = ["Done", "Link", "Lost", "Prepare", "PrepareLinked", "Told", "run_jobs", "run_linked"]

C = TypeVar("C")
J = TypeVar("J")
R = TypeVar("R")
Prepare = Callable[[C], Callable[[J], R]]
"""Makes a worker: from the config to a function from job to result."""

_POLL = 0.1
_NOTES_APART = 0.12
"""Seconds between two notes of a worker; those in between are dropped."""
_PATIENCE = 5.0
"""Seconds that workers get to come back with what they have after a stop was asked for."""


@dataclass(frozen=True, slots=True)
class Done(Generic[J, R]):
    """A job and its result."""

    job: J
    result: R


@dataclass(frozen=True, slots=True)
class Told(Generic[J]):
    """A note from a job that still runs."""

    job: J
    note: Any


@dataclass(frozen=True, slots=True)
class Lost(Generic[J]):
    """A job without a result: `hung` past the limit and was cut off, or its worker died (`reason` says how).

    `word` is what the worker was calling then, and for how many seconds, where it is linked and said so; `code` its
    exit code where it died.
    """

    job: J
    hung: bool
    reason: str
    word: str | None = None
    code: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Link:
    """What a linked worker is given: whom to tell of calls, and a way to say where it is (now and then)."""

    monitor: CallMonitor
    tell: Callable[[Any], None]


PrepareLinked: TypeAlias = Callable[[C, Link], Callable[[J], R]]
"""As Prepare, for linked workers."""


@dataclass(slots=True)
class _Worker(Generic[J]):
    """A process, the job it has, and when it took it up (`inf` while it still prepares itself)."""

    process: SpawnProcess
    connection: Connection
    board: Board | None = None
    job: J | None = None
    ready: bool = False
    since: float = math.inf


def run_jobs(
    prepare: Prepare[C, J, R],
    config: C,
    jobs: Sequence[J],
    *,
    workers: int,
    limit: float | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Done[J, R] | Lost[J]]:
    """Run all jobs on up to `workers` processes and give each result as it arrives.

    A job that takes more than `limit` wall-seconds (start-up not counted) is cut off, its worker replaced. Once
    `stopping()` is true no job is started, running ones are asked to end by SIGINT (once, as by a Ctrl-C), and those
    that do not within a few seconds are left out.
    """
    for event in _run(prepare, config, jobs, _Rules(workers, lambda job: limit, stopping)):
        assert not isinstance(event, Told), "only linked workers tell"
        yield event


def run_linked(
    prepare: PrepareLinked[C, J, R],
    config: C,
    jobs: Sequence[J],
    *,
    workers: int,
    limit: Callable[[J], float | None] = lambda job: None,
    call_limit: float | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Done[J, R] | Told[J] | Lost[J]]:
    """As run_jobs, with linked workers: their notes come between the results, and what hung is named.

    `limit` gives the wall-seconds of a job. A single call that the worker's monitor was told of, and that takes more
    than `call_limit` wall-seconds, is cut off too.
    """
    yield from _run(prepare, config, jobs, _Rules(workers, limit, stopping, call_limit, linked=True))


@dataclass(frozen=True, slots=True)
class _Rules(Generic[J]):
    workers: int
    limit: Callable[[J], float | None]
    stopping: Callable[[], bool]
    call_limit: float | None = None
    linked: bool = False


def _run(
    prepare: Callable[..., Callable[[J], R]], config: object, jobs: Sequence[J], rules: _Rules[J]
) -> Iterator[Done[J, R] | Told[J] | Lost[J]]:
    context = multiprocessing.get_context("spawn")
    waiting = deque(jobs)

    def start() -> _Worker[J]:
        ours, theirs = context.Pipe()
        board = Board.shared(context) if rules.linked else None
        process = context.Process(target=_serve, args=(prepare, config, theirs, os.getpid(), board), daemon=True)
        _start_deaf_to_interrupts(process)
        theirs.close()
        return _Worker(process, ours, board)

    team = [start() for _ in range(min(rules.workers, len(waiting)))]
    deadline: float | None = None
    try:
        while team:
            if deadline is None and rules.stopping():
                waiting.clear()
                for worker in team:
                    _interrupt(worker)
                deadline = time.monotonic() + _PATIENCE
            _hand_out(team, waiting)
            for idle in [worker for worker in team if worker.job is None]:
                _end(idle)
                team.remove(idle)
            if deadline is not None and time.monotonic() > deadline:
                return
            answered = False
            for worker in list(team):
                event: Done[J, R] | Told[J] | Lost[J] | None = _collect(worker, rules)
                if event is None:
                    continue
                answered = True
                if not isinstance(event, Told):
                    worker.job = None
                yield event
                if isinstance(event, Lost):
                    _end(worker)
                    team.remove(worker)
                    if waiting:
                        team.append(start())
            if not answered:
                wait([worker.connection for worker in team], timeout=_POLL)
    finally:
        for worker in team:
            _end(worker)


def _hand_out(team: Sequence[_Worker[J]], waiting: deque[J]) -> None:
    for worker in team:
        if worker.job is None and waiting:
            worker.job = waiting.popleft()
            worker.since = time.monotonic() if worker.ready else math.inf
            worker.connection.send(worker.job)


def _collect(worker: _Worker[J], rules: _Rules[J]) -> Done[J, R] | Told[J] | Lost[J] | None:
    """The result of a worker's job, or how it was lost; None while it still runs."""
    assert worker.job is not None
    try:
        if worker.connection.poll():
            kind, content = worker.connection.recv()
            if kind == "note":
                return Told(worker.job, content)
            if worker.ready:
                return Done(worker.job, content)
            worker.ready, worker.since = True, time.monotonic()
    except (EOFError, ConnectionError):
        worker.process.join(_PATIENCE)
        code = worker.process.exitcode
        word, seconds = _calling(worker)
        return Lost(worker.job, False, f"its process ended with code {code}{_during(word)}", word, code, seconds)
    limit = rules.limit(worker.job)
    word, seconds = _calling(worker)
    if limit is not None and time.monotonic() - worker.since > limit:
        return Lost(worker.job, True, f"no answer after {limit:g} s, cut off{_during(word)}", word, None, seconds)
    if word is not None and rules.call_limit is not None and seconds > rules.call_limit:
        return Lost(
            worker.job, True, f"no answer from {word} after {rules.call_limit:g} s, cut off", word, None, seconds
        )
    return None


def _calling(worker: _Worker[J]) -> tuple[str | None, float]:
    """The word that a worker is calling, and since how many seconds."""
    found = None if worker.board is None else worker.board.read()
    return (None, 0.0) if found is None else found


def _during(word: str | None) -> str:
    return "" if word is None else f" while calling {word}"


def _end(worker: _Worker[J]) -> None:
    worker.connection.close()
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join()


def _interrupt(worker: _Worker[J]) -> None:
    if worker.process.pid is not None and worker.process.is_alive():
        os.kill(worker.process.pid, signal.SIGINT)


def _start_deaf_to_interrupts(process: SpawnProcess) -> None:
    """Start a process with Ctrl-C blocked from its first moment, until it has left the terminal's process group."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(
    prepare: Callable[..., Callable[[J], R]], config: object, connection: Connection, parent: int, board: Board | None
) -> None:
    """The life of a worker process: one job after the other, until the other end hangs up.

    Ctrl-C is for the parent, which passes it on; between jobs it means nothing here.
    """
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    sys.stdout = sys.stderr  # stdout is for results; a user's primitive may print
    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
    linked = () if board is None else (Link(CallMonitor(board), _teller(connection)),)
    work = prepare(config, *linked)
    connection.send(("ready", None))
    while True:
        try:
            job = connection.recv()
        except (EOFError, ConnectionError):
            return
        connection.send(("done", work(job)))


def _teller(connection: Connection) -> Callable[[Any], None]:
    """Sends notes to the parent, a few a second at most."""
    last = -math.inf

    def tell(note: Any) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _NOTES_APART:
            last = now
            connection.send(("note", note))

    return tell


def _die_with(parent: int) -> None:
    """End this process soon after its parent was killed, whatever it is doing."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
