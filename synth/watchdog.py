"""Who is to blame when a user's primitive hangs: which word a worker is calling, seen from outside.

A primitive that loops inside C never comes back to Python, so nothing in its own process can stop it. A worker
therefore writes the word it is about to call into memory shared with its parent; the parent cuts the process off when
its time is up, and names the word.
"""

from __future__ import annotations

import functools
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from multiprocessing.context import BaseContext
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dsl.library import Library
from dsl.primitive import Primitive

__all__ = ["SLOW_SECONDS", "Board", "CallMonitor", "limit_memory", "watched"]

SLOW_SECONDS = 0.1
"""A word that takes longer than this a call is named."""
_LONGEST_NAME = 240


@dataclass(frozen=True, slots=True)
class Board:
    """Memory that a worker and its parent share: the word being called, and since when."""

    word: Any
    since: Any

    @classmethod
    def shared(cls, context: BaseContext) -> Board:
        """A board that can be handed to one process that is about to start."""
        return cls(context.RawArray("c", _LONGEST_NAME + 1), context.RawValue("d", 0.0))

    def name(self, word: str) -> None:
        """Say which word `since` is about; a name stays until there is another."""
        self.word.value = word.encode()[:_LONGEST_NAME]

    def read(self) -> tuple[str, float] | None:
        """The word that is being called and for how many seconds, or None between calls (`since` is 0)."""
        since: float = self.since.value
        name: bytes = self.word.value
        return (name.decode("utf-8", "replace"), time.monotonic() - since) if since else None


@dataclass(slots=True)
class CallMonitor:
    """Told of every call of a user's primitive: writes its name on the board, and adds up what calls cost.

    Calls may be nested, as when a primitive is given a function that calls another.
    """

    board: Board | None = None
    calls: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    out_of_memory: Counter[str] = field(default_factory=Counter)
    """Calls, by word, that raised MemoryError."""
    _open: list[tuple[str, float]] = field(default_factory=list)
    _named: str = ""

    def enter(self, word: str) -> None:
        """A word is about to be called."""
        now = time.monotonic()
        self._open.append((word, now))
        self._show(word, now)

    def leave(self, calls: int = 1) -> None:
        """The word entered last has come back, by a value or an exception, after that many calls."""
        word, since = self._open.pop()
        self.calls[word] += calls
        self.seconds[word] += time.monotonic() - since  # type: ignore[assignment]  # a Counter may count in floats
        if self._open:
            self._show(*self._open[-1])
        elif self.board is not None:
            self.board.since.value = 0.0

    def _show(self, word: str, since: float) -> None:
        if self.board is not None:
            if word is not self._named:  # most often the word of the call before
                self.board.since.value = 0.0
                self.board.name(word)
                self._named = word
            self.board.since.value = since

    def slow(self) -> dict[str, float]:
        """The words that take more than 0.1 s a call on average, slowest first, with the seconds."""
        mean = {word: self.seconds[word] / max(1, count) for word, count in self.calls.items()}
        return {w: s for w, s in sorted(mean.items(), key=lambda item: -item[1]) if s > SLOW_SECONDS}

    def clear(self) -> None:
        """Forget what was counted, before the next task."""
        for counter in (self.calls, self.seconds, self.out_of_memory):
            counter.clear()


def watched(library: Library, words: Iterable[str], monitor: CallMonitor) -> Library:
    """The library with these primitives telling the monitor of each call, inverses included."""
    chosen = frozenset(words)
    entries = {
        name: _watched(entry, monitor) if name in chosen and isinstance(entry, Primitive) else entry
        for name, entry in library.entries.items()
    }
    return replace(library, entries=MappingProxyType(entries))


def _watched(primitive: Primitive, monitor: CallMonitor) -> Primitive:
    name = primitive.name
    inverses = tuple(
        replace(inverse, function=_telling(inverse.function, f"{name} (inverse for {inverse.parameter})", monitor))
        for inverse in primitive.inverses
    )
    lazy = primitive.lazy and _telling(primitive.lazy, name, monitor)
    return replace(primitive, function=_telling(primitive.function, name, monitor), inverses=inverses, lazy=lazy)


def _telling(function: Callable[..., Any], name: str, monitor: CallMonitor) -> Callable[..., Any]:
    enter, leave = monitor.enter, monitor.leave

    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        enter(name)
        try:
            return function(*arguments)
        except MemoryError:
            monitor.out_of_memory[name] += 1
            raise
        finally:
            leave()

    return call


def limit_memory(allowance: int) -> None:
    """Let this process take that many bytes more than it has; further allocations raise MemoryError.

    So a primitive that allocates without end dies alone, not with the machine. Only Linux counts what a process holds
    in a way that can be limited; elsewhere nothing is limited.
    """
    if sys.platform != "linux":
        return
    held = next(
        (int(line.split()[1]) * 1024 for line in Path("/proc/self/status").read_text().splitlines()
         if line.startswith("VmData")), 0,
    )  # fmt: skip
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = held + allowance
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard < 0 else min(wanted, hard), hard))
