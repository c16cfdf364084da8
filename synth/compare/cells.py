"""One cell of a comparison: one learner, one task, one seed, from the data to a finished `Run`.

Whatever happens to a learner is its run's outcome, so that one that fails does not take the others with it.
"""

from __future__ import annotations

import math
import resource
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from synth.compare.protocol import Effort, Protocol
from synth.compare.records import Cell, DivergenceError, Outcome, Run

__all__ = ["Cell", "run_cell"]


def run_cell(protocol: Protocol, effort: Effort, cell: Cell, *, manifest: str) -> Run | None:
    """Run one cell; None where Ctrl-C came before there was a result."""
    started, spent = time.monotonic(), _cpu_seconds()
    learner = protocol.learner(cell.learner)
    try:
        with _listening():
            run = learner.run(protocol.source(cell.task), effort, cell)
            _check(protocol, cell, run)
    except KeyboardInterrupt:
        return None
    except Exception as error:  # the boundary: the run says what went wrong
        told = str(error) if isinstance(error, DivergenceError) else f"{type(error).__name__}: {error}".rstrip(": ")
        run = Run.of(cell, _outcome_of(error), message=told, details={"trace": traceback.format_exc()})
    return replace(
        run,
        side=learner.side,
        manifest=manifest,
        wall_seconds=round(time.monotonic() - started, 3),
        process_cpu_seconds=round(_cpu_seconds() - spent, 3),
    )


def _outcome_of(error: Exception) -> Outcome:
    """What an exception of a learner comes to."""
    if isinstance(error, DivergenceError):
        return "diverged"
    # torch says it in words of its own, and on an accelerator in a class of its own that must not be imported here
    starved = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    starved = starved or (isinstance(error, RuntimeError) and "can't allocate memory" in str(error))
    return "out of memory" if starved else "crash"


def _check(protocol: Protocol, cell: Cell, run: object) -> None:
    """Refuse what is no run of the cell or of the axis; DivergenceError for errors that are no numbers."""
    if not isinstance(run, Run):
        raise TypeError(f"expected a Run from the learner {cell.learner!r}, found {run!r}"[:200])
    if run.key != cell.key:
        raise ValueError(f"expected the run of {cell.key}, found one of {run.key}")
    for score in (*run.scores, *run.peeked):
        if score.point not in protocol.axis.points:
            raise ValueError(f"expected scores at points of the axis, found one at {score.point!r}")
        if score.errors is not None and any(math.isnan(error) for error in score.errors):
            raise DivergenceError(f"errors at {protocol.axis.at(score.point)} are not a number")


def _cpu_seconds() -> float:
    """CPU-seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@contextmanager
def _listening() -> Iterator[None]:
    """Let Ctrl-C interrupt, also in a worker process, which is deaf to it between cells."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
