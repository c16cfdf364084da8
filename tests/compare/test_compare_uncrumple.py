"""Protocol `uncrumple`: its shapes keep their laws, its flow has an inverse, its parts give runs of the right form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.compiler import compile_program
from synth.compare.analysis import analyse
from synth.compare.axis import Point
from synth.compare.fairness import forbidden_words
from synth.compare.metrics import Count
from synth.compare.programs import ProgramSearch, is_direct_hit, reference_program
from synth.compare.protocol import Effort
from synth.compare.protocols.uncrumple import PROTOCOL
from synth.compare.records import Cell, Run
from synth.compare.uncrumple.figures import hardness_curves, inside_the_nets, uncrumpling_frames
from synth.compare.uncrumple.shapes import BORDER, REGIONS, PaperBall, draw_places, make_shape
from synth.compare.uncrumple.source import PointSource
from synth.compare.uncrumple.words import plain_words
from synth.pcfg import program_bits

TASKS = ("paper_1", "paper_6", "spirals_1", "spirals_4", "checkerboard_2", "checkerboard_32", "circles_1", "circles_3")
seeds = st.integers(0, 2**16)


def stream(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(st.sampled_from(TASKS), st.sampled_from(REGIONS), seeds)
@settings(max_examples=30, deadline=None)
def test_what_is_seen_is_unfolded_to_where_it_was(task: str, region: str, seed: int) -> None:
    shape = make_shape(task, stream(seed))
    places = draw_places(shape, region, 20, stream(seed))
    assert shape.seen(places).shape == (20, shape.dimensions)
    assert np.allclose(shape.flat(shape.seen(places)), places, atol=1e-9)


@given(st.sampled_from(TASKS), st.sampled_from(REGIONS), seeds)
@settings(max_examples=30, deadline=None)
def test_more_places_are_the_fewer_ones_and_others(task: str, region: str, seed: int) -> None:
    shape = make_shape(task, stream(seed))
    few, many = (draw_places(shape, region, count, stream(seed)) for count in (5, 40))
    assert np.array_equal(few, many[:5])


@pytest.mark.parametrize("task", TASKS)
def test_a_border_is_where_the_colour_changes(task: str) -> None:
    """From a place at a border some short way leads to the other colour; from one far away none does."""
    shape = make_shape(task, stream(1))
    near = draw_places(shape, "border", 40, stream(2))
    inside = draw_places(shape, "inside", 300, stream(3))
    square = np.abs(inside - 0.5).max(axis=1) < 0.45
    disc = np.abs(np.hypot(*inside.T) - 0.55) < 0.4
    away = disc if task.startswith(("spirals", "circles")) else square  # so that no step leaves the shape
    far = inside[(shape.gap(inside) > 1.6 * BORDER) & away]
    ways = 1.5 * BORDER * np.array([(np.cos(a), np.sin(a)) for a in np.linspace(0, 2 * np.pi, 24, endpoint=False)])

    def changes(places: np.ndarray) -> np.ndarray:
        steps = [places + share * way for way in ways for share in (0.25, 0.5, 0.75, 1.0)]
        found: np.ndarray = np.any([shape.colour(moved) != shape.colour(places) for moved in steps], axis=0)
        return found

    assert changes(near).mean() > 0.95
    if len(far):
        assert changes(far).mean() < 0.05  # a gap is measured along the steepest way, which may bend


@pytest.mark.parametrize("task", TASKS)
def test_both_colours_are_common_inside(task: str) -> None:
    shape = make_shape(task, stream(1))
    share = shape.colour(draw_places(shape, "inside", 2_000, stream(1))).mean()
    assert 0.2 < share < 0.8


def test_folds_keep_volume() -> None:
    """A fold slides space along planes, so its Jacobian has determinant 1 everywhere."""
    ball = PaperBall.crumpled(3, stream(0))
    for fold in ball.folds:
        assert abs(np.dot(fold.push, fold.wave)) < 1e-9
        at, step = stream(1).normal(size=3), 1e-5
        columns = [(fold((at + d)[None]) - fold((at - d)[None]))[0] / (2 * step) for d in step * np.eye(3)]
        assert np.linalg.det(np.stack(columns)) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("task", ["checkerboard_2", "checkerboard_16"])
def test_the_reference_says_what_the_board_does(task: str) -> None:
    source = PointSource(task)
    spec = source.spec_task(0, plain_words(), 5)
    assert source.reference is not None
    program = reference_program(source.reference, spec)
    assert program_bits(program, spec.spec) is not None
    assert not is_direct_hit(program)
    run = compile_program(program, spec.library)
    for probe in source.tests(0, 60):
        assert [run(arguments) for arguments, _ in probe.pairs] == [colour for _, colour in probe.pairs]


def test_only_boards_have_a_known_program_and_solvers_are_told_nothing() -> None:
    assert PointSource("spirals_2").reference is None
    task = PointSource("paper_2").spec_task(0, plain_words(), 7)
    assert (task.parameters, len(task.examples), task.solution) == (("x", "y", "z"), 7, None)
    assert len(task.library.vocabulary) == 44


def test_everyone_of_a_seed_learns_from_the_same_and_seeds_differ() -> None:
    source = PointSource("paper_2")
    assert source.digest_of(source.shown(0, 50).first(20)) == source.digest_of(source.shown(0, 20))
    assert source.digest_of(source.shown(0, 20)) != source.digest_of(source.shown(1, 20))
    assert source.shape(0) != source.shape(1)
    shown = {arguments for arguments, _ in source.shown(0, 200).pairs()}
    assert not any(arguments in shown for probe in source.tests(0, 50) for arguments, _ in probe.pairs)


@given(seeds, st.floats(0.1, 30.0))
@settings(max_examples=2, deadline=None)
def test_a_step_of_the_flow_is_a_contraction_added_to_its_argument(seed: int, blow_up: float) -> None:
    """Whatever the weights are, so that each step has an inverse, which is found by going round in a circle."""
    import torch

    from synth.nets.residual_flow import ResidualFlow

    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        flow = ResidualFlow(3, steps=2).double()
        flow.first.mul_(blow_up)
        flow.second.mul_(blow_up)
        first, second = flow.weights()
        points = torch.randn(50, 3, dtype=torch.float64)

        def moved(z: torch.Tensor) -> torch.Tensor:
            hidden = torch.nn.functional.silu(z @ first[0] + flow.inner[0])
            return flow.step * (hidden @ second[0] + flow.outer[0])

        others = points + 0.01 * torch.randn_like(points)
        stretch = (moved(points) - moved(others)).norm(dim=1) / (points - others).norm(dim=1)
        assert float(stretch.max()) < 1.0
        after = flow.states(points)[1]
        back = after.clone()
        for _ in range(300):
            back = after - moved(back)
        assert torch.allclose(after, back + moved(back), atol=1e-4)


def test_a_padded_flow_starts_with_the_points_and_zeros() -> None:
    import torch

    from synth.nets.residual_flow import ResidualFlow

    states = ResidualFlow(2, state=3).states(torch.ones(4, 2))
    assert len(states) == 25
    assert states[0].tolist() == [[1.0, 1.0, 0.0]] * 4


def test_waves_span_the_wanted_frequencies() -> None:
    import torch

    from synth.nets.fourier_mlp import FourierMlp

    net = FourierMlp(2, 1)
    waves = net.waves(torch.tensor([[1.0, 0.0]]))
    assert waves.shape == (1, 128)
    assert float(waves[0, 0]) == pytest.approx(0.0, abs=1e-5), "half a wave a unit: sin(pi)"
    assert torch.allclose(waves[0, 96:], torch.ones(32)), "cosines of the coordinate that is 0"


SMALL = Effort(
    "small",
    tasks=("circles_1",),
    seeds=1,
    learners=("program", "mlp", "flow", "flow_plane", "fourier", "nearest", "svm", "oracle", "chance"),
    sizes=dict.fromkeys(("program", "mlp", "flow", "flow_plane", "fourier", "nearest", "svm"), (12, 60)),
    steps=dict.fromkeys(("mlp", "flow", "flow_plane", "fourier"), 6),
    batch=32,
    tests=40,
    evaluations=1_000,
    seconds=5.0,
)


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    """Every learner, trained far too little, on a shape."""
    return [
        replace(one.run(PROTOCOL.source(task), SMALL, Cell(task, name, 0, size)), side=one.side)
        for task in SMALL.tasks
        for name in SMALL.learners
        for one in (PROTOCOL.learner(name),)
        for size in SMALL.sizes_of(name)
    ]


def test_runs_have_the_form_that_reports_want(runs: list[Run]) -> None:
    tested = {(run.task, run.data.tested_on) for run in runs if run.data is not None}
    assert len(tested) == len(SMALL.tasks)
    for run in runs:
        assert {score.point for score in run.scores} == set(REGIONS)
        assert Run.from_json(run.to_json()).scores == run.scores
        if run.side in ("net", "same-prior net"):
            assert run.fit is not None
            assert run.fit.total == run.size
            assert run.peeked
            assert ("probes" in run.details) == (run.size == 60)
    assert all(s.right == s.total for run in runs if run.learner == "oracle" for s in run.scores)


def test_the_figures_show_what_was_run(runs: list[Run]) -> None:
    analysis = analyse(PROTOCOL, SMALL, (0,), runs)
    drawn = [figure for draw in PROTOCOL.figures for figure in draw(analysis)]
    assert [figure.name for figure in drawn] == ["frames-circles_1", "hardness", "probes"]
    assert all(len(figure.svg()) < 300_000 and figure.alt and figure.caption for figure in drawn)
    assert "program" in drawn[1].alt


def test_nothing_is_drawn_of_nothing() -> None:
    empty = analyse(PROTOCOL, SMALL, (0,), [])
    draws: tuple[Callable[..., object], ...] = (uncrumpling_frames, hardness_curves, inside_the_nets)
    assert [draw(empty) for draw in draws] == [(), (), ()]


@pytest.mark.parametrize("budget", PROTOCOL.efforts)
def test_efforts_name_what_exists(budget: str) -> None:
    effort = PROTOCOL.effort(budget)
    names = {one.name for one in PROTOCOL.learners}
    assert set(effort.tasks) <= {task.name for task in PROTOCOL.tasks}
    assert {*effort.learners, *effort.sizes, *effort.only, *(key.rpartition("/")[2] for key in effort.steps)} <= names
    for one in PROTOCOL.running(effort):
        if one.side in ("net", "same-prior net"):
            assert effort.steps_of(effort.tasks[0], one.name) > 0
            assert effort.sizes_of(one.name) != (None,)


def test_expectations_are_about_what_is_run_and_claim_nothing() -> None:
    largest: dict[str, set[int | None]] = {}
    for effort in PROTOCOL.efforts.values():
        for one in PROTOCOL.running(effort):
            largest.setdefault(one.name, set()).update(effort.sizes_of(one.name))
    points: set[Point] = set(PROTOCOL.axis.points)
    for prediction in PROTOCOL.predictions:
        assert prediction.point in points
        assert prediction.size in largest[prediction.learner]
    for contest in PROTOCOL.contests:
        assert contest.first_size in largest[contest.first]
        assert contest.second_size in largest[contest.second]
    nets = {one.name for one in PROTOCOL.of_side("net", "same-prior net")}
    assert any(p.learner in nets and p.does_well for p in PROTOCOL.predictions)
    told = (PROTOCOL.claim, PROTOCOL.tuning.text, *PROTOCOL.threats, *(p.why for p in PROTOCOL.predictions))
    assert [forbidden_words(text) for text in told] == [[]] * len(told)


def test_a_support_vector_machine_does_with_one_colour_and_few_points() -> None:
    source = PointSource("circles_1")
    one = PROTOCOL.learner("svm").run(source, SMALL, Cell("circles_1", "svm", 0, 1))
    few = PROTOCOL.learner("svm").run(source, SMALL, Cell("circles_1", "svm", 0, 4))
    assert one.outcome == few.outcome == "reference"
    assert sum((score.count for score in few.scores), Count(0, 0)).total == 3 * SMALL.tests


def test_a_word_less_leaves_the_known_program_without_a_price() -> None:
    run = PROTOCOL.learner("program_without_int_add").run
    found = run(PROTOCOL.source("checkerboard_2"), SMALL, Cell("checkerboard_2", "program_without_int_add", 0, 12))
    assert found.reference_bits is None
    assert found.outcome in ("no program in time", "fits examples but wrong")


def test_the_program_side_is_our_own_search() -> None:
    assert isinstance(PROTOCOL.learner("program").run, ProgramSearch)
