"""Lanes: parts of a search that take turns, evaluation by evaluation, so that none can hold up the first.

The first lane is the unguided search, in its own order. Every other lane may work a *share* of what the first has done,
and a smaller one once it has done so much that it is not likely to come to anything any more.
With shares that add up to at most 1, a program that the first lane finds after n evaluations is found after at most
2 n evaluations of all lanes, and a block more of each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from synth.budget import Meter

__all__ = ["Lane", "Latecomers", "side_by_side", "take_turns"]


@dataclass(slots=True, eq=False)
class Lane:
    """A search that works a block at a time, counted by a meter of its own."""

    steps: Iterator[None]
    meter: Meter
    share: float = 1.0
    apart: bool = False
    """Whether it looks where the first lane never does, and so goes on when that has ended."""
    hopeful: float = math.inf
    """The evaluations up to which it has its share; from then on it has `tail` in place of it."""
    tail: float = 0.0

    def allowed(self, first: int) -> float:
        """How many evaluations it may have done when the first lane has done so many."""
        whole = self.share * first
        return whole if whole <= self.hopeful else self.hopeful + self.tail * (first - self.hopeful / self.share)


@dataclass(frozen=True)
class Latecomers:
    """Lanes that join when the first lane has done `after` evaluations; `make` is called then, and at most once.

    They may catch up at once: what counts is the share of all that the first lane has done.
    """

    after: int
    make: Callable[[], Sequence[Lane]]


def take_turns(lanes: Sequence[Lane], over: Callable[[], bool], late: Latecomers | None = None) -> None:
    """Work the lanes, the first one first, until it is `over` or nothing is left to look at.

    A lane that had nothing to do waits until the first has worked again.
    """
    first, *others = lanes
    waiting, idle = list(others), list[Lane]()
    while not over():
        if late is not None and first.meter.evaluations >= late.after:
            waiting += late.make()
            late = None
        due = (n for n in waiting if n.meter.evaluations < n.allowed(first.meter.evaluations) and n not in idle)
        lane = next(due, first)
        before = lane.meter.evaluations
        if next(lane.steps, _ENDED) is _ENDED:
            if lane is first:
                _finish([n for n in waiting if n.apart], over)
                return
            waiting.remove(lane)
        elif lane is first:
            idle.clear()
        elif lane.meter.evaluations == before:
            idle.append(lane)


def _finish(lanes: list[Lane], over: Callable[[], bool]) -> None:
    """Work lanes in proportion to their shares to their end."""
    while lanes and not over():
        lane = min(lanes, key=lambda lane: lane.meter.evaluations / lane.share)
        if next(lane.steps, _ENDED) is _ENDED:
            lanes.remove(lane)


def side_by_side(lanes: Sequence[Lane]) -> Iterator[None]:
    """Work lanes in proportion to their shares, as one; those that have nothing to do now are passed over."""
    active = list(lanes)
    while active:
        idle = True
        for lane in sorted(active, key=lambda lane: lane.meter.evaluations / lane.share):
            before = lane.meter.evaluations
            if next(lane.steps, _ENDED) is _ENDED:
                active.remove(lane)
                idle = False
            elif lane.meter.evaluations > before:
                idle = False
            if not idle:
                break
        yield


class _Ended:
    """Stands for the end of a lane's steps."""


_ENDED = _Ended()
