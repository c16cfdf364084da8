"""How many examples it takes: N90 for each seed, its median with what was not reached, and means over all tasks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from synth.compare.analysis import Analysis
from synth.compare.axis import Point
from synth.compare.metrics import (
    HOLDS,
    Count,
    Estimate,
    bootstrap_mean,
    hierarchical_bootstrap,
    interquartile_mean,
    wilson,
)
from synth.compare.streams import random_stream

__all__ = [
    "MANY_TASKS",
    "Across",
    "Needed",
    "Reached",
    "across_tasks",
    "area_of",
    "area_under",
    "needed_examples",
    "reached",
    "survival_median",
]

MANY_TASKS = 8
"""From so many tasks on the interquartile mean is shown beside the mean."""


@dataclass(frozen=True, slots=True)
class Reached:
    """The fewest examples at which something was reached; where it was not, `censored`: the most that were tried."""

    size: int
    censored: bool = False

    def __str__(self) -> str:
        return f"more than {self.size:,}" if self.censored else f"{self.size:,}"


def reached(curve: Mapping[int, Count], threshold: float = HOLDS) -> Reached:
    """N90: the smallest number of examples whose Wilson interval lies above the threshold. ValueError for no sizes.

    >>> str(reached({10: Count(50, 100), 100: Count(99, 100)})), str(reached({10: Count(50, 100)}))
    ('100', 'more than 10')
    """
    if not curve:
        raise ValueError("expected at least one number of examples")
    for size, count in sorted(curve.items()):
        if count.total and wilson(count).low >= threshold:
            return Reached(size)
    return Reached(max(curve), censored=True)


def survival_median(found: Sequence[Reached]) -> Reached:
    """The median of numbers some of which were not reached, by the estimate of Kaplan and Meier (1958).

    It is itself not reached where more than half are left when the largest number was tried. ValueError for nothing.

    >>> str(survival_median([Reached(10), Reached(100), Reached(100, censored=True)]))
    '100'
    """
    if not found:
        raise ValueError("expected at least one")
    left, surviving = len(found), 1.0
    for size in sorted({one.size for one in found}):
        here = [one for one in found if one.size == size]
        surviving *= 1 - sum(not one.censored for one in here) / left
        if surviving <= 0.5:
            return Reached(size)
        left -= len(here)
    return Reached(max(one.size for one in found), censored=True)


@dataclass(frozen=True, slots=True)
class Needed:
    """How many examples a learner needed on a task, seed by seed, and the median; points of the training range."""

    task: str
    learner: str
    title: str
    seeds: tuple[Reached, ...]
    median: Reached


def needed_examples(analysis: Analysis, points: Sequence[Point] = ()) -> tuple[Needed, ...]:
    """N90 of every learner whose number of examples counts, at some points (else those of the training range).

    Who was asked so few questions that even all right would not show is left out.
    """
    at = tuple(points) or analysis.protocol.axis.inside
    found = []
    for task in analysis.tasks:
        for learner in dict.fromkeys(row.learner for row in analysis.of_task(task) if row.size is not None):
            curves: dict[int, dict[int, Count]] = {}
            for size, row in analysis.by_size(task, learner).items():
                for run in row.runs:
                    curves.setdefault(run.seed, {})[size] = run.over(at)
            if not any(_telling(count) for curve in curves.values() for count in curve.values()):
                continue
            seeds = tuple(reached(curve) for _, curve in sorted(curves.items()))
            found.append(Needed(task, learner, analysis.protocol.title_of(learner), seeds, survival_median(seeds)))
    return tuple(found)


def _telling(count: Count) -> bool:
    """Whether all right would lie above the threshold."""
    return count.total > 0 and wilson(Count(count.total, count.total)).low >= HOLDS


@dataclass(frozen=True, slots=True)
class Across:
    """A learner over all tasks: at each group of points the mean, and the interquartile mean where tasks are many."""

    title: str
    learner: str
    tasks: int
    means: tuple[Estimate | None, ...]
    middles: tuple[Estimate | None, ...]


def across_tasks(analysis: Analysis) -> tuple[Across, ...]:
    """Every learner that ran on all tasks that count, with the most examples it had; nothing for a single task."""
    tasks = [task for task in analysis.tasks if analysis.protocol.task(task).headline]
    if len(tasks) < 2:
        return ()
    found = []
    for learner in analysis.protocol.running(analysis.effort):
        rows = [row for task in tasks if (row := analysis.row(task, learner.name)) is not None]
        if len(rows) < len(tasks) or learner.ablates is not None:
            continue
        means: list[Estimate | None] = []
        middles: list[Estimate | None] = []
        for group in analysis.groups:
            counts = [[c for run in row.runs if (c := run.over(group.points)).total] for row in rows]
            rng = random_stream("across", learner.name, group.title)
            known = all(counts)
            means.append(hierarchical_bootstrap(counts, rng) if known else None)
            middles.append(interquartile_mean(counts, rng) if known and len(tasks) >= MANY_TASKS else None)
        found.append(Across(learner.title, learner.name, len(tasks), tuple(means), tuple(middles)))
    return tuple(found)


def area_under(curve: Mapping[int, float]) -> float:
    """The mean of a curve over the logarithm of the number of examples, by trapezoids: 1 is right everywhere.

    ValueError for fewer than two numbers of examples.

    >>> area_under({10: 0.0, 100: 1.0, 1000: 1.0})
    0.75
    """
    if len(curve) < 2:
        raise ValueError("expected at least two numbers of examples")
    places = [(math.log10(size), share) for size, share in sorted(curve.items())]
    area = sum((right - left) * (low + high) / 2 for (left, low), (right, high) in pairwise(places))
    return area / (places[-1][0] - places[0][0])


def area_of(analysis: Analysis, task: str, learner: str, points: Sequence[Point] = ()) -> Estimate | None:
    """The area under a learner's curve at some points (else those of the training range), seeds resampled.

    None where it learned from fewer than two numbers of examples.
    """
    at = tuple(points) or analysis.protocol.axis.inside
    curves: dict[int, dict[int, float]] = {}
    for size, row in analysis.by_size(task, learner).items():
        for run in row.runs:
            if (count := run.over(at)).total:
                curves.setdefault(run.seed, {})[size] = count.share
    whole = max(map(len, curves.values()), default=0)
    if whole < 2:
        return None
    areas = [area_under(curve) for curve in curves.values() if len(curve) == whole]
    return bootstrap_mean(areas, random_stream("area", task, learner, *at))
