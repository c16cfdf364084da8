"""What a search notes about the Python functions that it calls: which break their own declaration."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

__all__ = ["Calls"]

_BETWEEN_CHECKS = 64


@dataclass(slots=True)
class Calls:
    """`faults` counts, by word, results of another type, exceptions not declared, two answers to one question."""

    faults: Counter[str] = field(default_factory=Counter)
    _ticks: int = 0

    def tick(self) -> bool:
        """Whether it is time to ask if the search must end: once in a while."""
        self._ticks += 1
        return self._ticks % _BETWEEN_CHECKS == 0
