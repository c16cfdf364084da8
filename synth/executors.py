"""Jobs on worker processes: results as they come, a watchdog for a worker that hangs, another for one that dies.

Every worker is a fresh interpreter (`spawn`), so it behaves the same on Linux and macOS and inherits no threads. A
worker is prepared once by `prepare(config, stop)` and then given jobs one at a time; config, jobs and results must
be plain data. What a job gives must depend on the job alone: the order in which results arrive does not count.
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
from typing import Generic, TypeVar

__all__ = ["Done", "Lost", "Prepare", "run_jobs"]

C = TypeVar("C")
J = TypeVar("J")
R = TypeVar("R")
Prepare = Callable[[C], Callable[[J], R]]
"""Makes a worker: from the config to a function from job to result."""

_POLL = 0.1
_PATIENCE = 5.0
"""Seconds that workers get to come back with what they have after a stop was asked for."""


@dataclass(frozen=True, slots=True)
class Done(Generic[J, R]):
    """A job and its result."""

    job: J
    result: R


@dataclass(frozen=True, slots=True)
class Lost(Generic[J]):
    """A job without a result: `hung` past the limit and was cut off, or its worker died (`reason` says how)."""

    job: J
    hung: bool
    reason: str


@dataclass(slots=True)
class _Worker(Generic[J]):
    """A process, the job it has, and when it took it up (`inf` while it still prepares itself)."""

    process: SpawnProcess
    connection: Connection
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
    context = multiprocessing.get_context("spawn")
    waiting = deque(jobs)

    def start() -> _Worker[J]:
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(prepare, config, theirs, os.getpid()), daemon=True)
        _start_deaf_to_interrupts(process)
        theirs.close()
        return _Worker(process, ours)

    team = [start() for _ in range(min(workers, len(waiting)))]
    deadline: float | None = None
    try:
        while team:
            if deadline is None and stopping():
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
                event: Done[J, R] | Lost[J] | None = _collect(worker, limit)
                if event is None:
                    continue
                answered, worker.job = True, None
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


def _collect(worker: _Worker[J], limit: float | None) -> Done[J, R] | Lost[J] | None:
    """The result of a worker's job, or how it was lost; None while it still runs."""
    assert worker.job is not None
    try:
        if worker.connection.poll():
            message = worker.connection.recv()
            if worker.ready:
                return Done(worker.job, message)
            worker.ready, worker.since = True, time.monotonic()
    except (EOFError, ConnectionError):
        worker.process.join(_PATIENCE)
        return Lost(worker.job, False, f"its process ended with code {worker.process.exitcode}")
    if limit is not None and time.monotonic() - worker.since > limit:
        return Lost(worker.job, True, f"no answer after {limit:g} s, cut off")
    return None


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


def _serve(prepare: Prepare[C, J, R], config: C, connection: Connection, parent: int) -> None:
    """The life of a worker process: one job after the other, until the other end hangs up.

    Ctrl-C is for the parent, which passes it on; between jobs it means nothing here.
    """
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    sys.stdout = sys.stderr  # stdout is for results; a user's primitive may print
    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
    work = prepare(config)
    connection.send("ready")
    while True:
        try:
            job = connection.recv()
        except (EOFError, ConnectionError):
            return
        connection.send(work(job))


def _die_with(parent: int) -> None:
    """End this process soon after its parent was killed, whatever it is doing."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
