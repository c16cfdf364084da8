"""How figures are taken: contestants by turns in one process, CPU time, medians, and the spread beside them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Figure", "Sample", "alternate", "figure_of", "ratio_of", "timed"]


@dataclass(frozen=True, slots=True)
class Sample:
    """Work done (programs, say) and the CPU-seconds that it took."""

    work: int
    seconds: float

    @property
    def rate(self) -> float:
        """Work a CPU-second."""
        return self.work / max(self.seconds, 1e-9)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number: the median of its repeats, the least and the greatest."""

    value: float
    low: float
    high: float
    repeats: int = 1

    @classmethod
    def exactly(cls, value: float) -> Figure:
        """A number that was taken once."""
        return cls(value, value, value)


def figure_of(values: Sequence[float]) -> Figure:
    """The median of some values, with their spread.

    >>> figure_of([3.0, 1.0, 2.0])
    Figure(value=2.0, low=1.0, high=3.0, repeats=3)
    """
    return Figure(statistics.median(values), min(values), max(values), len(values))


def ratio_of(ours: Sequence[Sample], theirs: Sequence[Sample]) -> Figure:
    """How many times as fast we are: turn by turn, so that what slows the machine slows both, then the median.

    >>> ratio_of([Sample(60, 1.0), Sample(30, 1.0)], [Sample(20, 1.0), Sample(10, 1.0)]).value
    3.0
    """
    return figure_of([a.rate / b.rate for a, b in zip(ours, theirs, strict=True)])


def timed(work: Callable[[], int]) -> Sample:
    """Run some work, which says how much it was, on a heap without garbage."""
    gc.collect()
    begin = time.process_time()
    done = work()
    return Sample(done, time.process_time() - begin)


def alternate(
    contestants: Mapping[str, Callable[[], Sample]], repeats: int, *, warm_up: bool = True
) -> dict[str, list[Sample]]:
    """Samples of all contestants, taken A B A B; before that each has one turn that does not count."""
    if warm_up:
        for contestant in contestants.values():
            contestant()
    samples: dict[str, list[Sample]] = {name: [] for name in contestants}
    for _ in range(repeats):
        for name, contestant in contestants.items():
            samples[name].append(contestant())
    return samples
