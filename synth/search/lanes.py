"""Lanes: parts of a search that take turns, evaluation by evaluation, so that none can hold up the first.

The first lane is the unguided search, in its own order. Every other lane may work a *share* of what the first has done.
With shares that add up to at most 1, a program that the first lane finds after n evaluations is found after at most
2 n evaluations of all lanes, and one block more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from synth.budget import Meter

__all__ = ["Lane", "take_turns"]


@dataclass(slots=True)
class Lane:
    """A search that works a block at a time, counted by a meter of its own."""

    steps: Iterator[None]
    meter: Meter
    share: float = 1.0


def take_turns(lanes: Sequence[Lane], over: Callable[[], bool]) -> None:
    """Work the lanes, the first one first, until it is `over` or has nothing left, and then what the others may do."""
    first, *others = lanes
    waiting = list(others)
    while not over():
        behind = next((n for n in waiting if n.meter.evaluations < n.share * first.meter.evaluations), None)
        lane = behind or first
        if next(lane.steps, _ENDED) is _ENDED:
            if lane is first:
                return
            waiting.remove(lane)


class _Ended:
    """Stands for the end of a lane's steps."""


_ENDED = _Ended()
