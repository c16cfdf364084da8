"""Posteriors over behaviours, and scores that say how honest confidences were."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from specs import INTS

from dsl.compiler import compile_program
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Program
from dsl.type_system import function_type
from dsl.values import Cause, Failure
from synth.compare.metrics import Count, wilson
from synth.search.posterior import (
    Forecast,
    brier_score,
    calibration_error,
    log_loss,
    posterior_of,
    reliability,
    split_by_probes,
)

masses = st.lists(st.tuples(st.floats(-400.0, 0.0), st.floats(1.0, 400.0)), min_size=1, max_size=20)
forecasts = st.lists(st.builds(Forecast, st.floats(0.0, 1.0), st.booleans()), min_size=1, max_size=60)


@given(masses)
def test_probabilities_sum_to_one_and_keep_the_order(drawn: list[tuple[float, float]]) -> None:
    logs, bits = zip(*drawn, strict=True)
    ranked = posterior_of(logs, bits).ranked
    assert math.fsum(b.probability for b in ranked) == pytest.approx(1.0)
    assert sorted(b.number for b in ranked) == list(range(len(drawn)))
    assert [logs[b.number] for b in ranked] == sorted(logs, reverse=True)
    assert all(a.probability >= b.probability for a, b in itertools.pairwise(ranked))


@given(masses, st.floats(-500.0, 500.0))
def test_only_ratios_of_masses_count(drawn: list[tuple[float, float]], shift: float) -> None:
    logs, bits = zip(*drawn, strict=True)
    one, two = posterior_of(logs, bits), posterior_of([m + shift for m in logs], bits)
    assert one.confidence == pytest.approx(two.confidence)


def test_known_posterior() -> None:
    """Masses 1/2, 1/4, 1/4: the cheaper of two equal ones comes first; entropy is that of a fair bit and a half."""
    posterior = posterior_of([-2.0, -1.0, -2.0], [9.0, 3.0, 5.0], reached=12.0)
    assert [b.number for b in posterior.ranked] == [1, 2, 0]
    assert posterior.confidence == pytest.approx(0.5)
    assert posterior.entropy == pytest.approx(1.5)
    assert posterior.reached == 12.0


def test_a_mass_of_nothing_is_that_of_its_program() -> None:
    posterior = posterior_of([-math.inf, -3.0], [3.0, 7.0])
    assert posterior.confidence == pytest.approx(0.5)
    assert posterior.ranked[0].number == 0


def test_abstains_below_the_mass_asked_for() -> None:
    posterior = posterior_of([-1.0, -1.5], [1.0, 1.5])
    assert posterior.answer(0.5) == posterior.ranked[0]
    assert posterior.answer(0.7) is None
    assert posterior_of([], []).answer() is None
    assert posterior_of([], []).confidence == 0.0


# --- behaviours on probes ----------------------------------------------------------------------------------------


def outcomes_of(*texts: str) -> list[tuple[Program, float]]:
    programs = (parse(text, CORE, expected=function_type(INTS, result=INTS)) for text in texts)
    return [(program, -bits) for bits, program in enumerate(programs, 3)]


def run(program: Program, arguments: tuple[object, ...]) -> object:
    return compile_program(program, CORE)(arguments)


def test_programs_that_do_the_same_are_one_behaviour() -> None:
    """`reverse` twice is nothing; `sort` differs on the second probe."""
    programs = outcomes_of("lambda xs: sort(xs)", "lambda xs: xs", "lambda xs: reverse(reverse(xs))")
    groups = split_by_probes(programs, run, [((1, 2),), ((2, 1),)])
    assert [len(g.programs) for g in groups] == [1, 2]
    assert groups[0].probability == pytest.approx((1 / 8) / (1 / 8 + 1 / 16 + 1 / 32))
    assert groups[1].outcomes == ((1, 2), (2, 1))
    assert groups[1].programs[0] == programs[1][0]
    assert split_by_probes(programs, run, [((1, 2),)])[0].probability == pytest.approx(1.0)


def test_many_likely_ways_beat_one_likelier_program() -> None:
    tagged = [("a", -2.0), *((f"b{i}", -3.0) for i in range(3))]
    groups = split_by_probes(tagged, lambda program, _: program[0], [()])
    assert [g.outcomes for g in groups] == [("b",), ("a",)]
    assert groups[0].log2_mass == pytest.approx(math.log2(3 / 8))


def test_to_have_no_value_is_an_outcome_of_its_own() -> None:
    values: dict[str, object] = {
        "none": None,
        "false": False,
        "zero": 0,
        "overflow": Failure(Cause.OVERFLOW, "add"),
        "undefined": Failure(Cause.UNDEFINED, "head"),
    }
    groups = split_by_probes([(name, -1.0) for name in values], lambda name, _: values[name], [()])
    assert sorted(len(g.programs) for g in groups) == [1, 1, 1, 2]


def test_two_orders_of_adding_reals_are_one_behaviour() -> None:
    sums = {"left": (0.1 + 0.2) + 0.3, "right": 0.1 + (0.2 + 0.3)}
    assert sums["left"] != sums["right"]
    assert len(split_by_probes([(name, -1.0) for name in sums], lambda name, _: (sums[name],), [()])) == 1


def test_without_programs_there_is_nothing() -> None:
    assert split_by_probes([], lambda program, _: program, [()]) == ()


# --- scores ------------------------------------------------------------------------------------------------------


@given(forecasts)
def test_scores_stay_in_their_bounds(drawn: list[Forecast]) -> None:
    assert 0.0 <= brier_score(drawn) <= 1.0
    assert 0.0 <= log_loss(drawn) <= 20.0
    assert 0.0 <= calibration_error(drawn) <= 1.0


@given(forecasts, st.integers(1, 12))
def test_every_forecast_is_in_one_bin(drawn: list[Forecast], bins: int) -> None:
    curve = reliability(drawn, bins)
    assert sum(b.count for b in curve) == len(drawn)
    assert sum(b.right for b in curve) == sum(f.right for f in drawn)
    for b in curve:
        assert b.low <= b.mean_confidence + 1e-12
        assert b.mean_confidence <= b.high + 1e-12
        assert 0.0 <= b.share_low <= b.share + 1e-12
        assert b.share <= b.share_high + 1e-12 <= 1.0 + 2e-12


@given(st.integers(1, 300), st.data())
def test_intervals_are_those_of_the_reports(total: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, total))
    (b,) = reliability([Forecast(0.5, n < right) for n in range(total)], 1)
    estimate = wilson(Count(right, total))
    assert (b.share_low, b.share_high) == pytest.approx((estimate.low, estimate.high), abs=1e-9)


def test_known_scores() -> None:
    sure = [Forecast(1.0, True), Forecast(0.0, False)]
    assert brier_score(sure) == 0.0
    assert log_loss(sure) == pytest.approx(0.0, abs=1e-5)
    assert brier_score([Forecast(1.0, False)]) == 1.0
    assert log_loss([Forecast(1.0, False)]) == pytest.approx(20.0)


def test_calibrated_forecasts_score_well_and_boastful_ones_do_not() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(4000)
    right = rng.random(4000) < truth
    calibrated = [Forecast(float(p), bool(r)) for p, r in zip(truth, right, strict=True)]
    boastful = [Forecast(float(p) ** 0.25, bool(r)) for p, r in zip(truth, right, strict=True)]
    assert brier_score(calibrated) == pytest.approx(1 / 6, abs=0.01)
    assert calibration_error(calibrated) < 0.03
    assert sum(b.honest for b in reliability(calibrated)) >= 8
    assert brier_score(boastful) > brier_score(calibrated)
    assert log_loss(boastful) > log_loss(calibrated)
    assert calibration_error(boastful) > 0.15


def test_refuses_what_is_no_confidence_and_no_forecasts() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Forecast(1.5, True)
    with pytest.raises(ValueError, match="at least one forecast"):
        brier_score([])
