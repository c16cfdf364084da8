"""Numbers of examples: N90, medians of what was not always reached, means over tasks, and whether intervals cover."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_protocol import EFFORT, SMALL, honest_runs, made_run

from synth.compare.analysis import analyse
from synth.compare.curves import Reached, across_tasks, needed_examples, reached, survival_median
from synth.compare.metrics import (
    Count,
    Discord,
    Estimate,
    bootstrap_quantile,
    hierarchical_bootstrap,
    interquartile_mean,
    paired_bootstrap,
)


def test_ninety_per_cent_is_reached_when_the_whole_interval_says_so() -> None:
    assert reached({10: Count(92, 100), 100: Count(97, 100)}) == Reached(100), "92 of 100 may be less than 90%"
    assert reached({10: Count(5, 5)}) == Reached(10, censored=True), "five of five say little"
    with pytest.raises(ValueError, match="at least one number"):
        reached({})


@given(st.lists(st.tuples(st.sampled_from([10, 100, 1000]), st.booleans()), min_size=1, max_size=12))
def test_the_survival_median_is_the_median_where_nothing_is_censored(pairs: list[tuple[int, bool]]) -> None:
    sizes = sorted(size for size, _ in pairs)
    everything = survival_median([Reached(size) for size in sizes])
    assert everything == Reached(sizes[(len(sizes) - 1) // 2]), "the lower of two middle ones"
    some = survival_median([Reached(size, censored) for size, censored in pairs])
    assert some.size >= everything.size, "what was not reached makes a median larger or open"


def test_a_median_that_most_did_not_reach_is_open() -> None:
    assert str(survival_median([Reached(10), *[Reached(1000, censored=True)] * 3])) == "more than 1,000"
    with pytest.raises(ValueError, match="at least one"):
        survival_median([])


def sized(task: str, learner: str, seed: int, size: int, share: float) -> object:
    return replace(made_run(task, learner, seed, lambda length: share), size=size)


def test_examples_needed_are_counted_by_seed() -> None:
    effort = replace(EFFORT, sizes=MappingProxyType({"gru": (10, 100)}))
    runs = [
        sized("backwards", "gru", seed, size, 1.0 if size > 10 + seed else 0.5)
        for seed in range(3)
        for size in (10, 100)
    ]
    runs += [made_run("backwards", "program", seed) for seed in range(3)]
    analysis = analyse(SMALL, effort, range(3), runs)  # type: ignore[arg-type]
    (needed,) = needed_examples(analysis)
    assert (needed.learner, needed.seeds, needed.median) == ("gru", (Reached(100),) * 3, Reached(100))
    assert [row.size for row in analysis.of_task("backwards") if row.learner == "gru"] == [10, 100]
    assert [row.title for row in analysis.largest("backwards")] == ["learned program", "GRU, 100 examples"]


def test_over_all_tasks_everybody_is_there_who_ran_on_all() -> None:
    analysis = analyse(SMALL, EFFORT, range(5), [r for r in honest_runs() if r.key[:2] != ("last_bit", "gru")])
    assert [one.learner for one in across_tasks(analysis)] == ["program", "oracle", "chance"]
    assert all(e is None for one in across_tasks(analysis) for e in one.middles), "two tasks are few"


# ---- Coverage -------------------------------------------------------------------------------------------------------


def covered(estimates: list[Estimate], truth: float) -> float:
    return float(np.mean([e.low <= truth <= e.high for e in estimates]))


def paired_run(rng: np.random.Generator, seeds: int, inputs: int) -> list[Discord]:
    """Two learners whose shares differ by 0.1 in the mean, and more or less for each seed."""
    drawn = []
    for _ in range(seeds):
        gain = rng.uniform(0.05, 0.35)  # mean 0.2 only the first, 0.1 only the second
        first, second, _ = rng.multinomial(inputs, [gain, 0.1, 0.9 - gain])
        drawn.append(Discord(int(first), int(second), inputs))
    return drawn


@pytest.mark.parametrize("repeats", [150, pytest.param(2_000, marks=pytest.mark.slow)])
def test_the_paired_bootstrap_covers_the_true_difference(repeats: int) -> None:
    rng = np.random.default_rng(7)
    estimates = [paired_bootstrap([paired_run(rng, 10, 100)], rng, draws=400) for _ in range(repeats)]
    assert 0.88 <= covered(estimates, 0.1) <= 0.99


@pytest.mark.parametrize("repeats", [100, pytest.param(1_000, marks=pytest.mark.slow)])
def test_the_paired_bootstrap_covers_over_tasks(repeats: int) -> None:
    rng = np.random.default_rng(8)
    estimates = [paired_bootstrap([paired_run(rng, 3, 60) for _ in range(12)], rng, draws=300) for _ in range(repeats)]
    assert 0.88 <= covered(estimates, 0.1) <= 0.995


def test_the_paired_bootstrap_keeps_a_width_where_nothing_differs() -> None:
    estimate = paired_bootstrap([[Discord(0, 0, 200)] * 3], np.random.default_rng(0))
    assert estimate.value == 0
    assert -0.03 < estimate.low < 0 < estimate.high < 0.03
    assert Discord.of(np.array([True, True, False]), np.array([False, True, True])) == Discord(1, 1, 3)
    with pytest.raises(ValueError, match="at least one"):
        paired_bootstrap([[]], np.random.default_rng(0))


def middle_of_tasks(rng: np.random.Generator, tasks: int) -> list[list[Count]]:
    """Shares of tasks are even between 0 and 1, so that the middle half has mean one half."""
    return [[Count(int(rng.binomial(100, share)), 100) for _ in range(3)] for share in rng.random(tasks)]


@pytest.mark.parametrize("repeats", [100, pytest.param(1_000, marks=pytest.mark.slow)])
def test_the_interquartile_mean_covers_the_middle(repeats: int) -> None:
    rng = np.random.default_rng(9)
    estimates = [interquartile_mean(middle_of_tasks(rng, 16), rng, draws=300) for _ in range(repeats)]
    assert 0.87 <= covered(estimates, 0.5) <= 0.995


def test_the_interquartile_mean_is_not_moved_by_the_ends() -> None:
    rng = np.random.default_rng(0)
    tasks = [[Count(0, 100)], *[[Count(50, 100)]] * 4, [Count(100, 100)]]
    assert interquartile_mean(tasks, rng).value == 0.5
    worse = interquartile_mean([[Count(0, 100)], *[[Count(50, 100)]] * 5], rng)
    assert worse.value == 0.5
    assert hierarchical_bootstrap(tasks[:5], rng).value == pytest.approx(0.4)
    with pytest.raises(ValueError, match="at least four"):
        interquartile_mean(tasks[:3], rng)


@pytest.mark.parametrize("repeats", [100, pytest.param(1_000, marks=pytest.mark.slow)])
def test_the_bootstrap_median_covers_the_true_median(repeats: int) -> None:
    rng = np.random.default_rng(10)
    estimates = [
        bootstrap_quantile([list(rng.lognormal(0, 1, size=100)) for _ in range(5)], rng, draws=300)
        for _ in range(repeats)
    ]
    assert 0.88 <= covered(estimates, 1.0) <= 0.99


def test_an_answer_that_is_missing_is_an_error_without_end() -> None:
    rng = np.random.default_rng(0)
    half = bootstrap_quantile([[1.0] * 40 + [math.inf] * 60], rng)
    assert half.value == math.inf
    assert bootstrap_quantile([[1.0] * 90 + [math.inf] * 10], rng).high == 1.0
    with pytest.raises(ValueError, match="at least one error"):
        bootstrap_quantile([[]], rng)


@pytest.mark.slow
def test_ninety_per_cent_is_seldom_claimed_too_early() -> None:
    """Of learners that are right on 89% the lower end of the interval says otherwise for at most some 3%."""
    rng = np.random.default_rng(11)
    early = [not reached({10: Count(int(rng.binomial(1_000, 0.89)), 1_000)}).censored for _ in range(4_000)]
    assert np.mean(early) <= 0.035


@pytest.mark.slow
@pytest.mark.parametrize("tasks", [8, 24])
def test_the_hierarchical_bootstrap_covers_over_many_repeats(tasks: int) -> None:
    """Percentile intervals of few tasks are a little short: 8 tasks still cover at least 88 per cent."""
    rng = np.random.default_rng(12)
    estimates = []
    for _ in range(1_000):
        shares = rng.beta(4, 2, size=tasks)
        counts = [[Count(int(rng.binomial(100, share)), 100) for _ in range(3)] for share in shares]
        estimates.append(hierarchical_bootstrap(counts, rng, draws=300))
    assert 0.88 <= covered(estimates, 2 / 3) <= 0.98
