"""Budgets: how much work a solver may do, how much it did, and why it ended."""

from __future__ import annotations

import enum
import mmap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Budget", "Meter", "Spent", "StopReason"]

_PAGES = Path("/proc/self/statm")
"""Where Linux says how many pages of a process are in memory; elsewhere only estimates count."""
_FULL = 0.8
"""The share of the memory allowed at which a search must make do with what it holds; the rest is for what goes on."""


def _resident() -> int:
    """Bytes of this process that are in memory; 0 where the system does not say."""
    try:
        return int(_PAGES.read_bytes().split()[1]) * mmap.PAGESIZE
    except (OSError, IndexError, ValueError):
        return 0


class StopReason(enum.Enum):
    """Why a search ended, as data."""

    SOLVED = "solved"
    EXHAUSTED = "exhausted"
    """Every program up to the largest size was tried."""
    EVALUATIONS = "evaluations"
    SECONDS = "seconds"
    MEMORY = "memory"
    INTERRUPTED = "interrupted"
    UNREACHABLE = "unreachable"
    """No program of the library has the type that was asked for."""
    CONTRADICTORY = "contradictory"
    """Two examples have the same input and different outputs."""
    ABSTAINED = "abstained"
    """A program was found, and too little of the posterior is on its behaviour to claim it."""
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Budget:
    """Allowed work. `evaluations` decides; `seconds` (CPU-seconds of this search) and `memory` (bytes) are
    caps; a search that is short of memory goes on with what it holds.

    Wall time is capped at three times `seconds`. To do a search again, `full_at` says after how many evaluations memory
    was short then (infinite, if it never was); what is held now does not count.
    """

    evaluations: int | None = None
    seconds: float | None = None
    memory: int | None = None
    full_at: float | None = None

    def start(self, interrupted: Callable[[], bool] = lambda: False) -> Meter:
        """A running meter; `interrupted` is asked whether the user wants an end."""
        return Meter(self, interrupted)


class Spent(Exception):  # noqa: N818 - no error: how a search that is deep in its work comes to its end
    """The budget ended; `reason` says which part of it."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(slots=True)
class Meter:
    """Work done so far, against a budget. One evaluation is one production applied to one tuple of arguments."""

    budget: Budget
    interrupted: Callable[[], bool] = lambda: False
    whole: Meter | None = None
    """The meter of the whole search, for the meter of a part."""
    evaluations: int = 0
    bytes_held: int = 0
    not_counted: float = 0.0
    """CPU-seconds that were spent on compiling or loading kernels, once on a machine: not the search's own. They are
    noted at the meter of the whole search."""
    full_at: int | None = None
    """The evaluations after which memory was short, noted at the meter of the whole search; None while it is not."""
    _at_start: int = field(default_factory=_resident)
    _cpu: float = field(default_factory=time.process_time)
    _wall: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """CPU-seconds since the start of the whole search, compiling not counted."""
        whole = self.root
        return time.process_time() - whole._cpu - whole.not_counted

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What happens inside is not charged to the search."""
        cpu, wall, resident = time.process_time(), time.monotonic(), _resident()
        try:
            yield
        finally:
            self.root._at_start += max(0, _resident() - resident)
            self.discount(time.process_time() - cpu, time.monotonic() - wall)

    def discount(self, cpu: float, wall: float) -> None:
        """Take back CPU- and wall-seconds."""
        whole = self.root
        whole.not_counted += cpu
        whole._wall += wall

    def branch(self) -> Meter:
        """A meter of its own for a part of the search; what it counts is counted here, too, and ends here."""
        return Meter(self.budget, self.interrupted, whole=self)

    def count(self, evaluations: int) -> None:
        """Count work."""
        self.evaluations += evaluations
        if self.whole is not None:
            self.whole.count(evaluations)

    @property
    def root(self) -> Meter:
        """The meter of the whole search."""
        return self if self.whole is None else self.whole.root

    def hold(self, bytes_held: int) -> None:
        """Say how much memory the part that this meter is for holds now."""
        if self.whole is not None:
            self.whole.hold(self.whole.bytes_held - self.bytes_held + bytes_held)
        self.bytes_held = bytes_held

    @property
    def memory_used(self) -> int:
        """Bytes that the whole search takes: what its parts hold, or what the process has grown by, if that is more."""
        whole = self.root
        return max(whole.bytes_held, _resident() - whole._at_start)

    def is_full(self) -> bool:
        """Whether the memory allowed was found used up, now or when this was asked before."""
        whole = self.root
        if whole.full_at is None and whole._runs_short():
            whole.full_at = whole.evaluations
        return whole.full_at is not None

    def _runs_short(self) -> bool:
        if self.budget.full_at is not None:
            return self.evaluations >= self.budget.full_at
        return self.budget.memory is not None and self.memory_used > _FULL * self.budget.memory

    def spent(self) -> StopReason | None:
        """Why the search must end now, or None."""
        if self.whole is not None:
            return self.whole.spent()
        budget = self.budget
        if self.interrupted():
            return StopReason.INTERRUPTED
        if budget.evaluations is not None and self.evaluations >= budget.evaluations:
            return StopReason.EVALUATIONS
        if budget.seconds is not None and (
            self.seconds >= budget.seconds or time.monotonic() - self._wall >= 3 * budget.seconds
        ):
            return StopReason.SECONDS
        return None

    def check(self) -> None:
        """Raise Spent where the search must end now."""
        reason = self.spent()
        if reason is not None:
            raise Spent(reason)

    def remaining(self) -> int | None:
        """Evaluations left, or None for no limit."""
        if self.whole is not None:
            return self.whole.remaining()
        return None if self.budget.evaluations is None else max(0, self.budget.evaluations - self.evaluations)
