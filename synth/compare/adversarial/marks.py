"""From which inputs are right, by strength of the attack, to scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from synth.compare.records import Score, pack_bits

__all__ = ["Marks", "scores_of", "share"]

Marks: TypeAlias = Sequence[bool] | NDArray[np.bool_]
"""Which inputs are right."""


def scores_of(rights: Mapping[int, Marks]) -> tuple[Score, ...]:
    """A score for each strength, in order.

    >>> [(score.point, score.right, score.total) for score in scores_of({0: [True, True], 1: [True, False]})]
    [(0, 2, 2), (1, 1, 2)]
    """
    found = []
    for strength, marks in sorted(rights.items()):
        told = [bool(mark) for mark in marks]
        found.append(Score(strength, sum(told), len(told), pack_bits(told)))
    return tuple(found)


def share(marks: Marks) -> float:
    """The share that is right; 0 of nothing."""
    return sum(map(bool, marks)) / len(marks) if len(marks) else 0.0
