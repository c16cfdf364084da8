"""Protocol `rocket`: its data and its truths, flights against scipy, planning, learners on tiny budgets, figures."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.compare.analysis import analyse
from synth.compare.catalogue import protocol_from_file
from synth.compare.fairness import forbidden_words
from synth.compare.protocols import rocket
from synth.compare.protocols.rocket import PROTOCOL
from synth.compare.records import Cell, Run
from synth.compare.rocket import classical
from synth.compare.rocket.features import prepare
from synth.compare.rocket.flights import Planet, choose_speeds, fly, land
from synth.compare.rocket.launches import FlightSource
from synth.compare.rocket.laws import FAR, GAP, INSIDE, LAWS, REGIONS, world_of
from synth.compare.rocket.nets import LawEnsemble, LawNet
from synth.compare.rocket.source import HIT, MARKING, LawSource
from synth.compare.rocket.trials import NEW

TINY = replace(
    PROTOCOL.efforts["quick"],
    tests=3,
    batch=8,
    steps=MappingProxyType({task.name: 10 for task in PROTOCOL.tasks}),
    settings=MappingProxyType({"tries": 1}),
)
LAW_TASKS = [task.name for task in PROTOCOL.tasks if isinstance(PROTOCOL.source(task.name), LawSource)]
PLANET = Planet(9.0, 1e-3)


def run(task: str, learner: str, size: int | None) -> Run:
    return PROTOCOL.learner(learner).run(PROTOCOL.source(task), TINY, Cell(task, learner, 0, size))


@pytest.mark.parametrize("task", LAW_TASKS)
def test_examples_are_nested_differ_by_seed_and_keep_out_of_the_gap(task: str) -> None:
    source: LawSource = PROTOCOL.source(task)
    assert source.shown(0, 8) == source.shown(0, 50)[:8]
    assert source.shown(0, 8) != source.shown(1, 8)
    probes = {probe.point: probe.pairs for probe in source.tests(0, 20)}
    assert tuple(probes) == REGIONS
    assert not {pair[0] for pair in source.shown(0, 50)} & {pair[0] for pairs in probes.values() for pair in pairs}
    if source.law_name == "delta_v":
        ratios = [a[1] / a[2] for a, _ in source.shown(0, 200)]  # type: ignore[operator]
        assert all(1.5 <= r <= 4.0 and not 2.4001 < r < 2.7999 for r in ratios)
        assert all(2.4 <= a[1] / a[2] <= 2.8 for a, _ in probes[GAP])  # type: ignore[operator]
        assert all(10 <= a[1] / a[2] <= 30 for a, _ in probes[FAR])  # type: ignore[operator]


def test_noise_is_of_the_size_that_is_said_and_tests_have_none() -> None:
    clean, noisy = LawSource("a", "delta_v"), LawSource("b", "delta_v", noise=0.05)
    shares = [b / a - 1 for (_, a), (_, b) in zip(clean.shown(0, 2_000), noisy.shown(0, 2_000), strict=True)]  # type: ignore[operator]
    assert np.std(shares) == pytest.approx(0.05, rel=0.1)
    assert clean.tests(0, 5) == noisy.tests(0, 5)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(REGIONS))
def test_every_rocket_gains_speed(seed: int, region: str) -> None:
    columns = LAWS["delta_v"].draw(np.random.default_rng(seed), region, 50)
    assert (LAWS["delta_v"].truth(world_of(seed), columns) > 0).all()


@settings(max_examples=15, deadline=None)
@given(st.floats(20, 400), st.floats(25, 65), st.floats(-25, 25))
def test_learned_flights_land_where_true_ones_do(speed: float, elevation: float, wind: float) -> None:
    ours = fly(PLANET.motion, np.array([speed]), np.array([elevation]), np.array([wind]))
    true = land(PLANET, speed, elevation, wind)
    assert ours[0] == pytest.approx(true, rel=1e-4, abs=1e-2)


def test_without_air_a_flight_is_a_parabola_and_without_gravity_it_has_no_end() -> None:
    bare = Planet(9.0, 0.0)
    assert land(bare, 100.0, 45.0, 0.0) == pytest.approx(100.0**2 / 9.0, rel=1e-5)
    ones = np.ones(1)
    assert np.isinf(fly(lambda along, up: (0 * along, 0 * up + 1.0), 50 * ones, 45 * ones, 0 * ones))


def test_a_plan_hits_and_one_that_has_no_hit_comes_near() -> None:
    def reach(speed: np.ndarray, elevation: np.ndarray, wind: np.ndarray) -> np.ndarray:
        return fly(PLANET.motion, speed, elevation, wind)

    targets = np.array([[land(PLANET, v, 45.0, w), 45.0, w] for v, w in ((60.0, 5.0), (130.0, -8.0), (300.0, 20.0))])
    speeds = choose_speeds(reach, targets)
    assert [land(PLANET, float(v), 45.0, w) for v, (_, _, w) in zip(speeds, targets, strict=True)] == pytest.approx(
        targets[:, 0].tolist(), rel=HIT / 5
    )
    assert np.isfinite(choose_speeds(reach, np.array([[1e9, 45.0, 0.0]]))).all()
    assert np.isfinite(choose_speeds(lambda v, e, w: np.full_like(v, np.inf), targets)).all()


def test_an_answer_within_half_a_per_cent_is_a_hit() -> None:
    assert MARKING.right(100.0, 100.49)
    assert not MARKING.right(100.0, 100.51)
    assert not MARKING.right(100.0, float("nan"))
    assert MARKING.error is not None
    assert MARKING.error(100.0, float("inf")) == float("inf")


@pytest.mark.parametrize("form", ["raw", "log", "groups"])
def test_vectors_lose_nothing_of_outcomes(form: str) -> None:
    source: LawSource = PROTOCOL.source("delta_v")
    pairs = source.shown(0, 30)
    prepared = prepare(source, form, pairs)  # type: ignore[arg-type]
    assert prepared.inputs(pairs).mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert prepared.answers(pairs, prepared.outcomes(pairs)) == pytest.approx([y for _, y in pairs])


def test_absent_stages_are_zeros_to_nets() -> None:
    source: LawSource = PROTOCOL.source("staged")
    pairs = source.shown(0, 30)
    sets = prepare(source, "members", pairs).inputs(pairs)
    there = sets[..., -1]
    assert (sets[there == 0] == 0).all()
    assert there.sum(axis=1).tolist() == [len(a[0]) for a, _ in pairs]  # type: ignore[arg-type]


@pytest.mark.parametrize("task", ["delta_v", "staged", "launch"])
def test_the_oracle_is_right_everywhere_and_chance_is_not(task: str) -> None:
    assert all(score.right == score.total for score in run(task, "oracle", None).scores)
    assert sum(score.right for score in run(task, "chance", None).scores) < 5


def test_runs_are_whole() -> None:
    """Learners give all that rules and figures ask for, and figures can be drawn of it."""
    runs = [
        run("delta_v", "formula", 8),
        run("delta_v", "net", 100),
        run("staged", "net_sum", 10),
        run("delta_v", "boosting", 10),
        run("launch", "formula", 8),
        run("launch", "net", 10),
    ]
    for one in runs:
        source = PROTOCOL.source(one.task)
        assert Run.from_json(one.to_json() | {"format": 2}).key == one.key
        points = (*REGIONS, *NEW) if isinstance(source, FlightSource) else REGIONS
        assert tuple(score.point for score in one.scores) == points
        assert one.cpu_seconds > 0
        assert one.fit is not None
    assert runs[0].program is not None
    assert runs[0].evaluations is not None
    assert set(runs[0].words) <= set(PROTOCOL.learner("formula").words().entries)  # type: ignore[misc]
    assert runs[1].peeked
    assert isinstance(runs[4].details["misses"], list)
    effort = replace(TINY, tasks=("delta_v", "launch"), sizes={"formula": (8,), "net": (10, 100)})
    told = [replace(r, side=PROTOCOL.learner(r.learner).side) for r in runs]
    analysis = analyse(PROTOCOL, effort, (0,), told)
    drawn = [figure for draw in PROTOCOL.figures for figure in draw(analysis)]
    assert {figure.name for figure in drawn} == {"speed", "planet", "far_1"}
    assert all(figure.alt and figure.png() for figure in drawn)
    assert all(not list(draw(analyse(PROTOCOL, effort, (0,), []))) for draw in PROTOCOL.figures)


def test_an_ensemble_says_the_mean_and_how_often_its_doubts_cover_the_truth() -> None:
    source: LawSource = PROTOCOL.source("delta_v")
    cell = Cell("delta_v", "net_ensemble", 0, 100)
    member = LawNet("raw")
    nets = [member.school(source, TINY, cell, seed, 5) for seed in (0, 1_000)]
    probes = source.tests(0, TINY.tests)
    said = np.array([[net.values(probe.pairs) for net in nets] for probe in probes])
    assert not np.allclose(said[:, 0], said[:, 1])
    found = LawEnsemble(member, members=2)(source, TINY, cell)
    truths = np.array([[truth for _, truth in probe.pairs] for probe in probes], dtype=float)
    errors = [score.errors for score in found.scores]
    assert np.array(errors) == pytest.approx(np.abs(said.mean(axis=1) - truths) / truths, rel=1e-3)
    coverage = found.details["coverage"]
    assert isinstance(coverage, dict)
    assert tuple(coverage) == REGIONS
    assert all(0 <= share <= 1 for share in coverage.values())
    assert found.parameters == sum(net.trained.parameters for net in nets)
    assert found.steps == TINY.steps_of("delta_v", "net_ensemble") == 10, "shared among its members"


def test_what_is_written_beforehand_claims_nothing() -> None:
    told = (PROTOCOL.claim, PROTOCOL.tuning.text, *PROTOCOL.threats, *(p.why for p in PROTOCOL.predictions))
    assert [forbidden_words(text) for text in told] == [[]] * len(told)


def test_without_operon_its_row_is_left_out_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rocket.__file__ is not None
    monkeypatch.setattr(classical, "HAS_OPERON", False)
    found = protocol_from_file(rocket.__file__)
    assert "operon" not in {one.name for one in found.learners}
    assert any("`pyoperon` is not installed" in threat for threat in found.threats)


@pytest.mark.parametrize("budget", ["quick", "standard", "full"])
def test_efforts_run_what_they_name(budget: str) -> None:
    effort = PROTOCOL.effort(budget)
    for one in PROTOCOL.running(effort):
        assert any(effort.runs_on(one.name, task) for task in effort.tasks)
        sized = one.name in effort.sizes
        assert sized == (one.name not in ("oracle", "chance"))
    assert INSIDE in PROTOCOL.axis.inside
