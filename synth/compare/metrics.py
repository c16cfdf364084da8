"""Numbers with intervals: shares, means over tasks and seeds, how far a learner holds, and paired tests.

Nothing here returns a bare accuracy; everything that a report shows is an `Estimate`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np

__all__ = [
    "CONFIDENCE",
    "HOLDS",
    "Contested",
    "Count",
    "Estimate",
    "bootstrap_mean",
    "bootstrap_ratio",
    "hierarchical_bootstrap",
    "holds_to",
    "holm",
    "mcnemar",
    "paired_difference",
    "wilson",
]

CONFIDENCE = 0.95
"""Coverage of every interval."""
HOLDS = 0.9
"""A learner holds at a length where the lower end of its interval is at least this."""
DRAWS = 10_000
"""Resamples of a bootstrap."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number, the ends of its 95% interval, how many units it rests on, and how the interval was made."""

    value: float
    low: float
    high: float
    n: int
    method: str

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True, slots=True)
class Count:
    """How many of how many were right."""

    right: int
    total: int

    @property
    def share(self) -> float:
        """The share that was right; not a number where there was nothing."""
        return self.right / self.total if self.total else math.nan

    def __add__(self, other: Count) -> Count:
        return Count(self.right + other.right, self.total + other.total)


@dataclass(frozen=True, slots=True)
class Contested:
    """A planned comparison: the difference of two shares, and p before and after Holm's correction."""

    difference: Estimate
    p: float
    p_holm: float | None = None


def wilson(count: Count) -> Estimate:
    """The Wilson interval of a share: right also where all or none are right. ValueError where there is nothing."""
    if count.total <= 0:
        raise ValueError("expected at least one trial")
    low, high = _wilson(count.right, count.total)
    return Estimate(count.share, low, high, count.total, "Wilson")


@cache
def _wilson(right: int, total: int) -> tuple[float, float]:
    from statsmodels.stats.proportion import proportion_confint  # costs a second, and not every command needs it

    low, high = proportion_confint(right, total, alpha=1 - CONFIDENCE, method="wilson")
    return float(low), float(high)


def hierarchical_bootstrap(
    tasks: Sequence[Sequence[Count]], rng: np.random.Generator, *, draws: int = DRAWS
) -> Estimate:
    """The mean share over tasks, seeds and test inputs, resampled in that order; percentile interval.

    The mean weighs tasks alike, and seeds alike within a task. The resampling of test inputs is a draw from the
    share's posterior under Jeffreys' prior, so that 200 right of 200 still has a width. With a single task the
    interval is about this task only. ValueError where a task has no count.
    """
    if not tasks or any(not seeds or any(c.total <= 0 for c in seeds) for seeds in tasks):
        raise ValueError("expected at least one trial of each seed, and one seed of each task")
    means = np.zeros(draws)
    for _ in tasks:
        resampled = np.stack([_resampled_task(seeds, rng, draws) for seeds in tasks])  # (tasks, draws)
        means += resampled[rng.integers(len(tasks), size=draws), np.arange(draws)] / len(tasks)
    value = float(np.mean([np.mean([c.share for c in seeds]) for seeds in tasks]))
    low, high = _percentiles(means)
    units = sum(map(len, tasks))
    return Estimate(value, min(low, value), max(high, value), units, "bootstrap over tasks, seeds and inputs")


def _resampled_task(seeds: Sequence[Count], rng: np.random.Generator, draws: int) -> np.ndarray:
    """Means of one task over resampled seeds and resampled inputs: (draws,)."""
    right = np.array([c.right for c in seeds], dtype=float)
    wrong = np.array([c.total - c.right for c in seeds], dtype=float)
    chosen = rng.integers(len(seeds), size=(draws, len(seeds)))
    means: np.ndarray = rng.beta(right[chosen] + 0.5, wrong[chosen] + 0.5).mean(axis=1)
    return means


def bootstrap_mean(values: Sequence[float], rng: np.random.Generator, *, draws: int = 2_000) -> Estimate:
    """The mean of values with a percentile bootstrap interval. ValueError where there are none."""
    if not values:
        raise ValueError("expected at least one value")
    array = np.array(values, dtype=float)
    means = array[rng.integers(len(array), size=(draws, len(array)))].mean(axis=1)
    low, high = _percentiles(means)
    return Estimate(float(array.mean()), low, high, len(array), "bootstrap")


def bootstrap_ratio(
    above: Sequence[float], below: Sequence[float], rng: np.random.Generator, *, draws: int = 2_000
) -> Estimate:
    """The ratio of two sums over the same units, the units resampled; percentile interval.

    ValueError where there are none, or where a value is not above zero.
    """
    pairs = np.array([above, below], dtype=float)
    if not pairs.size or pairs.min() <= 0:
        raise ValueError("expected at least one pair of values above zero")
    sums = pairs[:, rng.integers(pairs.shape[1], size=(draws, pairs.shape[1]))].sum(axis=2)
    low, high = _percentiles(sums[0] / sums[1])
    return Estimate(float(pairs[0].sum() / pairs[1].sum()), low, high, pairs.shape[1], "bootstrap")


def _percentiles(means: np.ndarray) -> tuple[float, float]:
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return float(low), float(high)


def holds_to(by_length: Mapping[int, Count], threshold: float = HOLDS) -> int | None:
    """L90: the longest tested length up to which every length has a Wilson interval above the threshold.

    Lengths with so few test inputs that even all right would not reach the threshold say nothing, and are passed over.
    None where the first telling length fails.

    >>> holds_to({1: Count(2, 2), 5: Count(200, 200), 10: Count(100, 200), 20: Count(200, 200)})
    5
    """
    longest: int | None = None
    for length, count in sorted(by_length.items()):
        if not count.total or wilson(Count(count.total, count.total)).low < threshold:
            continue
        if wilson(count).low < threshold:
            break
        longest = length
    return longest


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> float:
    """Exact p of McNemar's test: whether two learners are right on the same inputs equally often."""
    from statsmodels.stats.contingency_tables import mcnemar as test  # see `_wilson`

    pairs = list(zip(first, second, strict=True))
    table = [[sum(p == (a, b) for p in pairs) for b in (True, False)] for a in (True, False)]
    return float(test(table, exact=True).pvalue)


def paired_difference(first_only: int, second_only: int, total: int) -> Estimate:
    """The difference of two shares over the same tasks, from how many only the one and only the other got right.

    Tango, "Equivalence test and confidence interval for the difference in proportions for the paired-sample design",
    1998: the score interval, which has a width also where the two never differ. ValueError where there is nothing.

    >>> str(paired_difference(8, 2, 100)), str(paired_difference(0, 0, 100))
    ('0.06 [-0.00, 0.13]', '0.00 [-0.04, 0.04]')
    """
    if total <= 0:
        raise ValueError("expected at least one trial")
    value, z = (first_only - second_only) / total, NormalDist().inv_cdf((1 + CONFIDENCE) / 2)

    def score(difference: float) -> float:
        return _paired_score(first_only, second_only, total, difference)

    low = _crossing(lambda d: score(d) < z, -1.0, value)
    high = _crossing(lambda d: score(d) < -z, value, 1.0)
    return Estimate(value, low, high, total, "Tango")


def _paired_score(first_only: int, second_only: int, total: int, difference: float) -> float:
    """How many standard errors the difference seen lies above one that is assumed; falls as that grows."""
    b = (2 * total - first_only + second_only) * difference - first_only - second_only
    c = -second_only * difference * (1 - difference)
    share = (math.sqrt(max(0.0, b * b - 8 * total * c)) - b) / (4 * total)  # likeliest share that only the second got
    variance = total * (2 * share + difference * (1 - difference))
    distance = first_only - second_only - total * difference
    return (
        distance / math.sqrt(variance) if variance > 1e-12 else math.copysign(math.inf, distance) if distance else 0.0
    )


def _crossing(passed: Callable[[float], bool], low: float, high: float) -> float:
    """Where a condition that is false below and true above begins to hold."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if passed(middle) else (middle, high)
    return high


def holm(ps: Sequence[float]) -> list[float]:
    """P-values after Holm's correction for all planned comparisons, in the order given."""
    if not ps:
        return []
    from statsmodels.stats.multitest import multipletests  # see `_wilson`

    return [float(p) for p in multipletests(list(ps), method="holm")[1]]
