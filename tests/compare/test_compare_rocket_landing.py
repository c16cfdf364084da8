"""Task `landing` of protocol `rocket`: descents against closed forms, plans, what is shown and wanted, learners."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.compare.analysis import analyse
from synth.compare.protocols.rocket import PROTOCOL
from synth.compare.records import Cell, Run
from synth.compare.rocket.descents import LOWEST, SAMPLES, Moon, choose_ignitions, descend, descent_of
from synth.compare.rocket.landings import LANDING, SOFT, Fall, LandingSource
from synth.compare.rocket.laws import FAR, GAP, INSIDE, REGIONS
from synth.compare.rocket.trials import NEW
from synth.compare.side_by_side import side_by_side
from synth.compare.streams import random_stream

SOURCE = LandingSource("landing")
TINY = replace(
    PROTOCOL.efforts["standard"],
    tests=3,
    batch=8,
    steps=MappingProxyType({task.name: 10 for task in PROTOCOL.tasks}),
    settings=MappingProxyType({"tries": 1}),
)

moons = st.builds(
    lambda gravity, strength, exhaust: Moon(gravity, gravity * strength * 1_500, exhaust),
    st.floats(1.0, 4.0),
    st.floats(1.6, 4.0),
    st.floats(250, 3_000),
)
landers = st.tuples(st.floats(100, 800), st.floats(5, 25), st.floats(1_000, 1_500))
shares = st.floats(0.05, 1.0)


@cache
def run(learner: str, size: int | None) -> Run:
    return PROTOCOL.learner(learner).run(SOURCE, TINY, Cell("landing", learner, 100, size))


def told(moon: Moon, ignition: float, lander: tuple[float, float, float]) -> float:
    ones = np.ones(1)
    return float(descend(moon.motion, ignition * ones, *(value * ones for value in lander))[0])


@settings(max_examples=30, deadline=None)
@given(moons, landers, shares)
def test_speed_in_the_burn_is_what_tsiolkovsky_says_less_gravity(
    moon: Moon, lander: tuple[float, float, float], share: float
) -> None:
    altitude, speed, mass = lander
    burn = descent_of(moon, share * altitude, altitude, speed, mass).readings[SAMPLES:]
    ignited = math.sqrt(speed**2 + 2 * moon.gravity * (1 - share) * altitude)
    times = (mass - burn[:, 0]) * moon.exhaust / moon.thrust
    wanted = ignited + moon.gravity * times - moon.exhaust * np.log(mass / burn[:, 0])
    assert burn[:, 1] == pytest.approx(wanted, abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(moons, landers, shares)
def test_a_fall_keeps_energy_and_where_the_engine_stops_above_ground_so_does_the_rest(
    moon: Moon, lander: tuple[float, float, float], share: float
) -> None:
    altitude, speed, mass = lander
    descent = descent_of(moon, share * altitude, altitude, speed, mass)
    fall = descent.readings[:SAMPLES]
    assert fall[-1, 1] ** 2 - fall[0, 1] ** 2 == pytest.approx(2 * moon.gravity * (1 - share) * altitude, abs=1e-6)
    assert abs(descent.figure) < moon.unbraked(altitude, speed)
    if descent.figure < 0:
        assert descent.readings[-1, 1] == pytest.approx(0, abs=1e-6)
    else:
        assert descent.readings[-1, 1] == pytest.approx(descent.figure)


@settings(max_examples=30, deadline=None)
@given(moons, landers, shares)
def test_learned_descents_end_as_true_ones_do(moon: Moon, lander: tuple[float, float, float], share: float) -> None:
    true = descent_of(moon, share * lander[0], *lander).figure
    ours = told(moon, share * lander[0], lander)
    assert ours * abs(ours) == pytest.approx(true * abs(true), rel=1e-4, abs=1e-2)


@pytest.mark.parametrize("seed", range(100, 104))
def test_just_too_late_an_ignition_is_a_touchdown_with_the_engine_on_and_just_too_early_one_without(seed: int) -> None:
    moon = SOURCE.crafts(seed)[0]
    lander = (200.0, 8.0, 1_200.0)
    soft = float(choose_ignitions(SOURCE.integrate(moon.motion), np.array([lander]))[0])
    figures = [descent_of(moon, soft + off, *lander).figure for off in (-1.0, -0.1, -0.03, 0.03, 0.1, 1.0)]
    assert figures == sorted(figures, reverse=True)
    assert [figure > 0 for figure in figures] == [True] * 3 + [False] * 3
    assert figures == pytest.approx(
        [told(moon, soft + off, lander) for off in (-1.0, -0.1, -0.03, 0.03, 0.1, 1.0)], abs=0.02
    )


def test_a_motion_without_an_end_is_not_a_number() -> None:
    ones = np.ones(1)
    figures = descend(lambda mass, speed, burns: (0 * mass - 1.0, 0 * mass), 10 * ones, 100 * ones, ones, ones)
    assert np.isnan(figures).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from((*REGIONS, *NEW)))
def test_every_lander_can_be_landed_and_not_by_igniting_anywhere(seed: int, point: str) -> None:
    moon = SOURCE.crafts(seed)[point in NEW]
    probe = next(probe for probe in SOURCE.tests(seed, 5) if probe.point == point)
    for lander, fall in probe.pairs:
        altitude, speed, mass = (float(value) for value in lander)  # type: ignore[arg-type]
        assert (
            descent_of(moon, altitude, altitude, speed, mass).figure < 0 < told(moon, LOWEST, (altitude, speed, mass))
        )
        assert fall == Fall(moon.unbraked(altitude, speed))
    targets = np.array([lander for lander, _ in probe.pairs], dtype=float)
    chosen = choose_ignitions(SOURCE.integrate(moon.motion), targets)
    touched = [abs(descent_of(moon, at, *map(float, row)).figure) for at, row in zip(chosen, targets, strict=True)]
    assert max(touched) < SOFT / 4


def test_without_a_soft_ignition_the_nearest_one_is_chosen() -> None:
    targets = np.array([[100.0, 10.0, 1_000.0], [200.0, 10.0, 1_000.0]])
    assert choose_ignitions(lambda i, a, v, m: a + 10 - i, targets) == pytest.approx([100.0, 200.0])
    assert choose_ignitions(lambda i, a, v, m: -i, targets) == pytest.approx([LOWEST, LOWEST])
    assert np.isfinite(choose_ignitions(lambda i, a, v, m: np.full_like(i, np.nan), targets)).all()


def test_trials_are_nested_differ_by_seed_keep_out_of_the_gap_and_mostly_crash() -> None:
    few, many = SOURCE.shown(100, 8), SOURCE.shown(100, 200)
    assert [trial.settings for trial in few] == [trial.settings for trial in many[:8]]
    assert all(np.array_equal(a.readings, b.readings) for a, b in zip(few, many, strict=False))
    assert few[0].settings != SOURCE.shown(101, 1)[0].settings
    altitudes = np.array([trial.settings[1] for trial in many])
    assert ((altitudes >= 100) & (altitudes <= 300)).all()
    assert not ((altitudes > 180) & (altitudes < 210)).any()
    assert np.mean([abs(trial.outcome) > SOFT for trial in many]) > 0.8
    probes = {probe.point: probe.pairs for probe in SOURCE.tests(100, 20)}
    assert tuple(probes) == (*REGIONS, *NEW)
    assert all(180 <= lander[0] <= 210 for lander, _ in probes[GAP])  # type: ignore[operator]
    assert all(500 <= lander[0] <= 800 for lander, _ in probes[FAR])  # type: ignore[operator]


def test_readings_have_half_a_per_cent_of_noise_in_rates_only() -> None:
    home, new = SOURCE.crafts(100)
    assert (home.thrust, home.exhaust) == (new.thrust, new.exhaust)
    assert home.gravity != new.gravity
    shares = []
    for trial in SOURCE.shown(100, 100):
        clean = descent_of(home, *trial.settings).readings  # type: ignore[arg-type]
        assert np.array_equal(trial.readings[:, :3], clean[:, :3])
        shares.append((trial.readings - clean)[:, 3:] / np.abs(clean[:, 3:]).max(axis=0))
    assert np.std(shares) == pytest.approx(0.005, rel=0.1)


def test_a_touchdown_within_two_metres_a_second_is_a_hit_and_errors_are_shares_of_a_fall() -> None:
    fall = Fall(40.0)
    assert LANDING.right(fall, 1.99)
    assert not LANDING.right(fall, 2.01)
    assert LANDING.error is not None
    assert LANDING.error(fall, 10.0) == 0.25
    assert LANDING.parts(fall) == ("at most 2 m/s (unbraked 40)",)
    assert LANDING.parts(1.234) == ("1.23 m/s",)
    assert LANDING.show((100.0, 5.0, 1_234.5)) == "100 m, 5 m/s, 1234 kg"


def test_an_attempt_keeps_to_altitudes_that_there_are() -> None:
    noise = np.zeros((SOURCE.instruments.samples, 2))
    target = SOURCE.target(100, random_stream("test"))
    for chosen, taken in ((-5.0, LOWEST), (1e9, target[0]), (50.0, 50.0)):
        trial, touched = SOURCE.attempt(100, target, chosen, noise)
        assert trial.settings[0] == taken
        assert touched == abs(trial.outcome)


def test_the_oracle_lands_softly_everywhere_and_chance_does_not() -> None:
    assert all(score.right == score.total for score in run("oracle", None).scores)
    assert sum(score.right for score in run("chance", None).scores) < 9


def test_from_eight_trials_thrust_over_mass_and_gravity_are_found() -> None:
    found = run("formula", 8)
    gravity, thrust = SOURCE.crafts(100)[0].gravity, SOURCE.crafts(100)[0].thrust
    assert found.program is not None
    speed, mass = found.program.split("; ")
    assert "(burns / mass)" in speed
    constants = sorted(abs(float(part)) for part in speed.replace("*", " ").split() if part.strip("-")[0].isdigit())
    assert constants == pytest.approx([gravity, thrust], rel=5e-3)
    assert mass.endswith("* burns")


def test_runs_are_whole_and_can_be_drawn() -> None:
    runs = [run("formula", 8), run("net", 10), run("net_log", 10), run("net_motion", 10)]
    for one in runs:
        assert Run.from_json(one.to_json() | {"format": 2}).key == one.key
        assert tuple(score.point for score in one.scores) == (*REGIONS, *NEW)
        assert {answered.point for answered in one.answers} == {INSIDE, FAR, *NEW}
        assert isinstance(one.details["misses"], list)
        assert one.fit is not None
    assert runs[1].peeked
    effort = replace(TINY, tasks=("landing",), sizes={"formula": (8,), "net": (10,), "net_log": (10,)})
    analysis = analyse(PROTOCOL, effort, (100,), [replace(r, side=PROTOCOL.learner(r.learner).side) for r in runs])
    drawn = [figure for draw in PROTOCOL.figures for figure in draw(analysis)]
    assert {figure.name for figure in drawn} == {"moon", "far_1"}
    assert all(figure.alt and figure.png() for figure in drawn)
    pairs = side_by_side(analysis)
    assert len(pairs) == 2 + len(NEW)
    assert all(pair.truth.startswith("at most 2 m/s") for pair in pairs)


@pytest.mark.parametrize(("budget", "there"), [("quick", False), ("standard", True), ("full", True)])
def test_only_longer_budgets_land(budget: str, there: bool) -> None:
    assert ("landing" in PROTOCOL.effort(budget).tasks) == there
