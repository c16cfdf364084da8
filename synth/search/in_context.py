"""A bank in another order: its classes by what they cost where something certain stands above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from synth.search.bank import LEVELS, Bank
from synth.search.kernels.convention import Ints
from synth.search.room import grown

__all__ = ["InContext", "Source"]


@dataclass(slots=True, eq=False)
class InContext:
    """The classes of a bank by what they cost in a context: `numbers[starts[l] : starts[l + 1]]` cost l steps there.

    `extra` says what each of the scope's heads costs more than where it is cheapest.
    """

    bank: Bank
    extra: Callable[[int], int]
    numbers: NDArray[np.int32] = field(default_factory=lambda: np.zeros(64, dtype=np.int32))
    starts: Ints = field(default_factory=lambda: np.zeros(LEVELS + 2, dtype=np.int64))
    lowest: int = LEVELS
    highest: int = 0
    filled: int = 0
    """A bit for each level that has classes."""
    most: int = 0
    """The most steps that any of its classes costs, those that are still to come included."""
    closed: int = 0
    """The level up to which all is in `numbers`."""
    _known: int = 0
    _used: int = 0
    _later: dict[int, list[NDArray[np.int32]]] = field(default_factory=dict)
    _extras: list[int] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many classes there are, at any level."""
        return self.bank.count

    @property
    def least(self) -> int:
        """What none of its classes costs less than, in any context."""
        return self.bank.lowest

    def close(self, level: int) -> None:
        """Put in order all that costs up to `level`; the bank must have all classes of that level."""
        self._take_up()
        for closing in range(self.closed + 1, level + 1):
            for numbers in self._later.pop(closing, ()):
                self._append(numbers, closing)
            self.starts[closing + 1 :] = self._used
        self.closed = max(self.closed, level)

    def _append(self, numbers: NDArray[np.int32], level: int) -> None:
        stop = self._used + len(numbers)
        if stop > len(self.numbers):
            self.numbers = grown(self.numbers, stop, self._used)
        self.numbers[self._used : stop] = numbers
        self._used = stop
        self.lowest, self.highest = min(self.lowest, level), max(self.highest, level)
        self.filled |= 1 << level

    def _take_up(self) -> None:
        """Note what new classes cost."""
        bank = self.bank
        if self._known == bank.count:
            return
        fresh = np.arange(self._known, bank.count)
        self._known = bank.count
        heads, _ = bank.first_derivations(fresh)
        for head in range(len(self._extras), int(heads.max()) + 1):
            self._extras.append(self.extra(head))
        level = bank.cost[fresh].astype(np.int64) + np.array(self._extras, dtype=np.int64)[heads]
        level = np.maximum(level, self.closed + 1)
        for each in np.unique(level).tolist():
            self._later.setdefault(each, []).append(fresh[level == each].astype(np.int32))
            self.most = max(self.most, each)

    @property
    def bytes_held(self) -> int:
        """Memory held, in bytes."""
        return self.numbers.nbytes + sum(part.nbytes for parts in self._later.values() for part in parts)


Source: TypeAlias = Bank | InContext
"""What an argument's classes are taken from, by cost level."""
