"""What a search notes about the Python functions that it calls: which break their own declaration."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

__all__ = ["Calls"]


@dataclass(slots=True)
class Calls:
    """`faults` counts, by word, results of another type, exceptions not declared, two answers to one question."""

    faults: Counter[str] = field(default_factory=Counter)
