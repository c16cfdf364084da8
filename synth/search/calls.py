"""Watching over calls of Python functions: which word is running, how long words take, which break their declaration."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["CallMonitor"]

_BETWEEN_CHECKS = 64


@dataclass(slots=True)
class CallMonitor:
    """What a search learns about the words it calls; `announce` is told the word that runs now ("" for none)."""

    announce: Callable[[str], None] | None = None
    faults: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    count: Counter[str] = field(default_factory=Counter)
    _since: float = 0.0
    _ticks: int = 0

    def tick(self) -> bool:
        """Whether it is time to ask if the search must end; once in a while."""
        self._ticks += 1
        return self._ticks % _BETWEEN_CHECKS == 0

    def enter(self, word: str) -> None:
        """A user's word starts to run."""
        if self.announce is not None:
            self.announce(word)
        self._since = time.perf_counter()

    def leave(self, word: str) -> None:
        """It has come back."""
        self.seconds[word] += time.perf_counter() - self._since
        self.count[word] += 1
        if self.announce is not None:
            self.announce("")

    def fault(self, word: str) -> None:
        """A word broke its own declaration: another type, an exception it did not declare, or two answers to one question."""
        self.faults[word] += 1

    def slow(self, least: float = 0.1) -> dict[str, float]:
        """Words that take at least so many seconds a call."""
        means = {word: self.seconds[word] / n for word, n in self.count.items()}
        return {word: mean for word, mean in means.items() if mean >= least}
