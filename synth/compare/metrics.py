"""Numbers with intervals: shares, means over tasks and seeds, how far a learner holds, and paired tests.

Nothing here returns a bare accuracy; everything that a report shows is an `Estimate`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import TypeVar

import numpy as np

__all__ = [
    "CONFIDENCE",
    "HOLDS",
    "Contested",
    "Count",
    "Discord",
    "Estimate",
    "bootstrap_mean",
    "bootstrap_quantile",
    "bootstrap_ratio",
    "hierarchical_bootstrap",
    "holds_to",
    "holm",
    "interquartile_mean",
    "mcnemar",
    "paired_bootstrap",
    "paired_difference",
    "wilson",
]

P = TypeVar("P")

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
class Discord:
    """Two learners on the same inputs: how many only the first, and only the second, got right, of how many."""

    first_only: int
    second_only: int
    total: int

    @classmethod
    def of(cls, first: np.ndarray, second: np.ndarray) -> Discord:
        """From truth values of the two, input by input."""
        return cls(int((first & ~second).sum()), int((second & ~first).sum()), len(first))

    @property
    def difference(self) -> float:
        """The first's share minus the second's."""
        return (self.first_only - self.second_only) / self.total


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
    means = _task_means(tasks, rng, draws).mean(axis=1)
    value = float(np.mean([_task_mean(seeds) for seeds in tasks]))
    return _interval(value, means, sum(map(len, tasks)), "bootstrap over tasks, seeds and inputs")


def interquartile_mean(tasks: Sequence[Sequence[Count]], rng: np.random.Generator, *, draws: int = DRAWS) -> Estimate:
    """The mean over the middle half of the tasks, with the interval of the hierarchical bootstrap.

    Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice", 2021; worth showing from
    eight tasks on. ValueError where there are fewer than four, or one has no count.
    """
    if len(tasks) < 4 or any(not seeds or any(c.total <= 0 for c in seeds) for seeds in tasks):
        raise ValueError("expected at least four tasks, each with a trial of each seed")
    means = _middle_mean(_task_means(tasks, rng, draws))
    value = float(_middle_mean(np.array([[_task_mean(seeds) for seeds in tasks]]))[0])
    return _interval(value, means, sum(map(len, tasks)), "bootstrap of the interquartile mean")


def _middle_mean(values: np.ndarray) -> np.ndarray:
    """(draws, tasks) -> (draws,): the mean of what is left when the lowest and highest quarters are cut off."""
    cut = values.shape[1] // 4
    kept: np.ndarray = np.sort(values, axis=1)[:, cut : values.shape[1] - cut].mean(axis=1)
    return kept


def _task_mean(seeds: Sequence[Count]) -> float:
    return float(np.mean([count.share for count in seeds]))


def _task_means(tasks: Sequence[Sequence[Count]], rng: np.random.Generator, draws: int) -> np.ndarray:
    """Means of resampled tasks over resampled seeds and resampled inputs: (draws, tasks)."""
    seeds = np.array([len(counts) for counts in tasks])
    padded = [[*counts, *[counts[0]] * (seeds.max() - len(counts))] for counts in tasks]
    right = np.array([[count.right for count in counts] for counts in padded], dtype=float)  # (tasks, most seeds)
    wrong = np.array([[count.total - count.right for count in counts] for counts in padded], dtype=float)
    task = rng.integers(len(tasks), size=(draws, len(tasks), 1))
    place = np.arange(seeds.max())  # (most seeds,)
    seed = (rng.random((draws, len(tasks), len(place))) * seeds[task]).astype(int)
    shares = rng.beta(right[task, seed] + 0.5, wrong[task, seed] + 0.5)
    counted = place < seeds[task]  # a task with fewer seeds has a mean of fewer
    means: np.ndarray = (shares * counted).sum(axis=2) / counted.sum(axis=2)
    return means


def bootstrap_quantile(
    seeds: Sequence[Sequence[float]], rng: np.random.Generator, *, quantile: float = 0.5, draws: int = 1_000
) -> Estimate:
    """The median (or another quantile) of errors over seeds and test inputs, both resampled; infinite errors count.

    ValueError where a seed has none.
    """
    if not seeds or any(not len(errors) for errors in seeds):
        raise ValueError("expected at least one error of each seed")
    pools = [np.array(errors, dtype=float) for errors in seeds]
    found = np.empty(draws)
    for draw in range(draws):
        chosen = (pools[seed] for seed in rng.integers(len(pools), size=len(pools)))
        found[draw] = _quantile(
            np.concatenate([pool[rng.integers(len(pool), size=len(pool))] for pool in chosen]), quantile
        )
    return _interval(_quantile(np.concatenate(pools), quantile), found, len(pools), "bootstrap over seeds and inputs")


def _quantile(values: np.ndarray, share: float) -> float:
    """A quantile that is one of the values, so that infinite ones do no harm."""
    return float(np.quantile(values, share, method="inverted_cdf"))


def paired_bootstrap(tasks: Sequence[Sequence[Discord]], rng: np.random.Generator, *, draws: int = DRAWS) -> Estimate:
    """The mean difference of two learners on the same inputs, over tasks, seeds and inputs, resampled in that order.

    The resampling of inputs is a draw from the posterior of the three shares (only the first, only the second, no
    difference) under Jeffreys' prior, so that there is a width also where the two never differ. ValueError for nothing.
    """
    if not tasks or any(not seeds or any(d.total <= 0 for d in seeds) for seeds in tasks):
        raise ValueError("expected at least one trial of each seed, and one seed of each task")
    means = np.zeros(draws)
    for _ in tasks:
        which = rng.integers(len(tasks), size=draws)
        for number, seeds in enumerate(tasks):
            mine = np.flatnonzero(which == number)
            means[mine] += _resampled_discord(seeds, rng, len(mine)) / len(tasks)
    value = float(np.mean([np.mean([d.difference for d in seeds]) for seeds in tasks]))
    return _interval(value, means, sum(map(len, tasks)), "paired bootstrap over tasks, seeds and inputs")


def _resampled_discord(seeds: Sequence[Discord], rng: np.random.Generator, draws: int) -> np.ndarray:
    """Differences of one task, its seeds and inputs resampled: (draws,)."""
    table = np.array(
        [[d.first_only, d.second_only, d.total - d.first_only - d.second_only] for d in seeds], dtype=float
    )
    chosen = table[rng.integers(len(seeds), size=(draws, len(seeds)))]  # (draws, seeds, 3)
    weights = rng.standard_gamma(chosen + 0.5)
    shares = weights / weights.sum(axis=2, keepdims=True)
    differences: np.ndarray = (shares[:, :, 0] - shares[:, :, 1]).mean(axis=1)
    return differences


def _interval(value: float, resampled: np.ndarray, units: int, method: str) -> Estimate:
    """An estimate from its resampled values; it always lies within its interval."""
    low, high = _percentiles(resampled)
    return Estimate(value, min(low, value), max(high, value), units, method)


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
    low, high = np.percentile(means, [tail, 100 - tail], method="linear" if np.isfinite(means).all() else "nearest")
    return float(low), float(high)


def holds_to(by_point: Mapping[P, Count], threshold: float = HOLDS) -> P | None:
    """L90: the last tested point, in the order given, up to which each has a Wilson interval above the threshold.

    Points with so few test inputs that even all right would not reach the threshold say nothing, and are passed over.
    None where the first telling point fails.

    >>> holds_to({1: Count(2, 2), 5: Count(200, 200), 10: Count(100, 200), 20: Count(200, 200)})
    5
    """
    last: P | None = None
    for point, count in by_point.items():
        if not count.total or wilson(Count(count.total, count.total)).low < threshold:
            continue
        if wilson(count).low < threshold:
            break
        last = point
    return last


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
