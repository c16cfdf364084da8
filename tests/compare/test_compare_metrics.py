"""Intervals cover what they claim to cover, and tests and lengths agree with counting by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from synth.compare.metrics import (
    Count,
    bootstrap_mean,
    bootstrap_ratio,
    hierarchical_bootstrap,
    holds_to,
    holm,
    mcnemar,
    paired_difference,
    wilson,
)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.98])
def test_wilson_covers_the_true_share(share: float) -> None:
    rights = np.random.default_rng(0).binomial(200, share, size=2_000)
    inside = [(e := wilson(Count(int(right), 200))).low <= share <= e.high for right in rights]
    assert 0.92 <= np.mean(inside) <= 0.98


def test_wilson_has_a_width_where_all_are_right() -> None:
    estimate = wilson(Count(200, 200))
    assert estimate.value == 1.0
    assert 0.97 < estimate.low < 1.0 == estimate.high


def test_wilson_refuses_nothing() -> None:
    with pytest.raises(ValueError, match="at least one"):
        wilson(Count(0, 0))


def test_the_bootstrap_mean_covers_the_true_mean() -> None:
    rng = np.random.default_rng(1)
    inside = []
    for _ in range(300):
        estimate = bootstrap_mean(list(rng.beta(2, 1, size=100)), rng, draws=400)
        inside.append(estimate.low <= 2 / 3 <= estimate.high)
    assert 0.90 <= np.mean(inside) <= 0.985


def simulated(rng: np.random.Generator, tasks: int, seeds: int) -> list[list[Count]]:
    """Tasks differ, seeds differ within a task, inputs differ within a seed; the mean over all is one half."""
    counts = []
    for _ in range(tasks):
        task = rng.normal(0, 1)
        shares = 1 / (1 + np.exp(-(task + rng.normal(0, 0.5, size=seeds))))
        counts.append([Count(int(rng.binomial(100, share)), 100) for share in shares])
    return counts


def test_the_hierarchical_bootstrap_covers_the_mean_over_tasks() -> None:
    """With 12 tasks of 5 seeds; percentile intervals of few units are a little short, and stay close."""
    rng = np.random.default_rng(2)
    inside = []
    for _ in range(150):
        estimate = hierarchical_bootstrap(simulated(rng, 12, 5), rng, draws=200)
        inside.append(estimate.low <= 0.5 <= estimate.high)
    assert 0.88 <= np.mean(inside) <= 0.99


def test_the_bootstrap_of_one_task_covers_its_own_mean() -> None:
    """Seeds of one task, drawn around its share."""
    rng = np.random.default_rng(3)
    inside = []
    for _ in range(300):
        shares = rng.beta(8, 2, size=8)
        seeds = [Count(int(rng.binomial(200, share)), 200) for share in shares]
        estimate = hierarchical_bootstrap([seeds], rng, draws=400)
        inside.append(estimate.low <= 0.8 <= estimate.high)
    assert 0.86 <= np.mean(inside) <= 0.99


def test_the_bootstrap_keeps_a_width_where_all_are_right() -> None:
    estimate = hierarchical_bootstrap([[Count(200, 200)] * 2], np.random.default_rng(0))
    assert estimate.value == estimate.high == 1.0
    assert 0.97 < estimate.low < 1.0


def test_the_bootstrap_weighs_tasks_alike() -> None:
    tasks = [[Count(10, 10)], [Count(0, 1000), Count(0, 1000)]]
    assert hierarchical_bootstrap(tasks, np.random.default_rng(0)).value == 0.5


@pytest.mark.parametrize("tasks", [[], [[]], [[Count(0, 0)]]])
def test_the_bootstrap_refuses_nothing(tasks: list[list[Count]]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        hierarchical_bootstrap(tasks, np.random.default_rng(0))


def test_a_learner_holds_to_the_last_length_before_it_falls() -> None:
    counts = {10: Count(200, 200), 20: Count(150, 200), 40: Count(200, 200)}
    assert holds_to(counts) == 10
    assert holds_to({1: Count(2, 2), 10: Count(0, 200)}) is None
    assert holds_to({1: Count(2, 2)}) is None, "two inputs say nothing"


def test_mcnemar_is_a_sign_test_on_the_differing_inputs() -> None:
    first = [True] * 30 + [False] * 10
    second = [True] * 18 + [False] * 12 + [True] * 3 + [False] * 7
    assert math.isclose(mcnemar(first, second), binomtest(12, 15, 0.5).pvalue)


def test_holm_multiplies_the_smallest_by_the_number_of_tests() -> None:
    assert holm([0.03, 0.01, 0.5]) == pytest.approx([0.06, 0.03, 0.5])
    assert holm([]) == []


@pytest.mark.parametrize(("first", "second"), [(0.05, 0.02), (0.2, 0.1), (0.3, 0.3), (0.02, 0.0)])
def test_the_paired_difference_covers_the_true_one(first: float, second: float) -> None:
    rng = np.random.default_rng(5)
    drawn = rng.multinomial(80, [first, second, 1 - first - second], size=1_000)
    estimates = [paired_difference(int(a), int(b), 80) for a, b, _ in drawn]
    assert np.mean([e.low <= first - second <= e.high for e in estimates]) >= 0.935


@pytest.mark.parametrize("total", [1, 7, 60])
def test_the_paired_difference_is_that_of_the_score_test(total: int) -> None:
    """Its ends are where Tango's statistic is the normal deviate; signs turn when the sides do; nothing is certain."""
    z = 1.959963984540054
    for first in range(0, total + 1, 3):
        for second in range(0, total + 1 - first, 2):
            found, turned = paired_difference(first, second, total), paired_difference(second, first, total)
            assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), abs=1e-9)
            assert found.low <= found.value <= found.high
            assert found.high - found.low > 0
            for end, sign in ((found.low, 1), (found.high, -1)):
                if abs(end) < 1 - 1e-9:
                    assert score(first, second, total, end) == pytest.approx(sign * z, abs=1e-4)
    assert paired_difference(0, 0, total).high == pytest.approx(z * z / (total + z * z))
    with pytest.raises(ValueError, match="at least one"):
        paired_difference(0, 0, 0)


def score(first: int, second: int, total: int, difference: float) -> float:
    """Tango's statistic, with the constrained likeliest share found by search and not by formula."""

    def likelihood(share: float) -> float:
        cells = ((first, share + difference), (second, share), (total - first - second, 1 - 2 * share - difference))
        return sum(n * math.log(max(p, 1e-300)) for n, p in cells if n)

    low, high = max(0.0, -difference), (1 - difference) / 2
    for _ in range(200):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        low, high = (left, high) if likelihood(left) < likelihood(right) else (low, right)
    share = (low + high) / 2
    variance = total * (2 * share + difference * (1 - difference))
    return (first - second - total * difference) / math.sqrt(variance)


def test_the_bootstrap_ratio_covers_the_true_ratio() -> None:
    rng = np.random.default_rng(6)
    inside = []
    for _ in range(300):
        below = rng.lognormal(0, 0.5, size=80)
        estimate = bootstrap_ratio(list(below * rng.lognormal(0.5, 0.3, size=80)), list(below), rng, draws=300)
        inside.append(estimate.low <= math.exp(0.5 + 0.3**2 / 2) <= estimate.high)
    assert 0.89 <= np.mean(inside) <= 0.99
    with pytest.raises(ValueError, match="above zero"):
        bootstrap_ratio([1.0], [0.0], rng)
