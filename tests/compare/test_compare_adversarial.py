"""Protocol `adversarial`: attacks stay within their strength, find what is there, and find nothing where nothing is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.compiler import compile_program
from synth.compare.adversarial.battery import Attack, withstand
from synth.compare.adversarial.black_box import margins, square_attack, towards_others
from synth.compare.adversarial.edits import Answering, every_list, exhaust, neighbours, search_edits
from synth.compare.adversarial.gradient_attacks import ascend_to, fgsm, pgd, random_signs
from synth.compare.adversarial.hotflip import _first_order, answers_of_net, flip
from synth.compare.adversarial.image_learners import nearest_image, support_vectors
from synth.compare.adversarial.images import LEVEL, Floats, Images, ImageSource, digits
from synth.compare.adversarial.learners import PROGRAM
from synth.compare.adversarial.poison import KINDS, Rival, ambiguous, best_rival, poisoned
from synth.compare.adversarial.sequences import SequenceSource
from synth.compare.cells import run_cell
from synth.compare.metrics import Count
from synth.compare.programs import is_direct_hit, reference_program
from synth.compare.protocols.adversarial import PROTOCOL, _source
from synth.compare.records import Cell, Run
from synth.compare.tokens.encoding import Encoding
from synth.compare.tokens.source import Items
from synth.nets.cnn import Cnn
from synth.nets.gru import Gru

TWO = Encoding(low=0, symbols=2, single=True)
EIGHT = Encoding(low=0, symbols=8, single=False)
IMAGES = ImageSource("adversarial", "digits")


def sequences(name: str) -> SequenceSource:
    found = _source(name)
    assert isinstance(found, SequenceSource)
    return found


# ---- Images ---------------------------------------------------------------------------------------------------------


def test_a_split_keeps_digits_apart_and_in_their_shares() -> None:
    split = IMAGES.split(7)
    parts = [set(part.places.tolist()) for part in (split.train, split.validation, split.test)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == len(digits())
    for digit in range(10):
        share = (split.test.labels == digit).sum() / (digits().labels == digit).sum()
        assert share == pytest.approx(0.3, abs=0.01)
    assert IMAGES.learned_from(7) != IMAGES.learned_from(8)


def bright(pixels: Floats) -> Floats:
    """A classifier by the mean of the pixels: class 1 above one half, else class 0."""
    mean = pixels.mean(axis=1)
    found: Floats = np.full((len(pixels), 10), -1.0, dtype=np.float32)
    found[:, 0], found[:, 1] = 0.5 - mean, mean - 0.5
    return found


def grey(level: float, label: int, count: int = 3) -> Images:
    pixels = np.full((count, 64), level, dtype=np.float32)
    return Images(pixels, np.full(count, label), np.arange(count))


@given(st.integers(1, 4), st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_a_square_attack_stays_within_its_strength(levels: int, seed: int) -> None:
    images = IMAGES.tested(0, 5)
    strength = levels * LEVEL
    moved, _ = square_attack(bright, images, strength, queries=8, rng=np.random.default_rng(seed))
    assert np.abs(moved - images.pixels).max() <= strength + 1e-6
    assert moved.min() >= 0
    assert moved.max() <= 1


def test_a_square_attack_finds_a_way_across_a_border_and_none_where_it_is_far() -> None:
    rng = np.random.default_rng(0)
    _, wrong = square_attack(bright, grey(0.55, 1), 0.2, queries=150, rng=rng)
    assert wrong.all()
    _, wrong = square_attack(bright, grey(0.9, 1), 0.1, queries=100, rng=rng)
    assert not wrong.any()


def test_steps_towards_others_cross_the_border_of_nearest_images() -> None:
    known = Images(np.array([[0.4] * 64, [0.6] * 64], dtype=np.float32), np.array([0, 1]), np.arange(2))
    classify = nearest_image(known)
    image = grey(0.42, 0, 1)
    assert towards_others(classify, image, known, 0.1, neighbours=1).all()
    assert not towards_others(classify, image, known, 0.05, neighbours=1).any()


def test_what_broke_stays_broken() -> None:
    """A stronger attack that fails does not mend what a weaker one broke, and clean errors count at every strength."""
    images = Images(np.zeros((4, 64), dtype=np.float32), np.array([0, 0, 0, 1]), np.arange(4))

    def only_weak(some: Images, strength: float) -> np.ndarray:
        return (some.places == 1) & (strength < 1.5 * LEVEL)

    result = withstand(bright, images, (Attack("weak", only_weak, alone=True),), (1, 2))
    assert [rights.tolist() for rights in result.rights.values()] == [
        [True, True, True, False],
        [True, False, True, False],
        [True, False, True, False],
    ]
    assert result.alone == {"weak": (2, 3)}


def test_gradient_attacks_stay_within_their_strength_and_raise_the_loss() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = Cnn(10, channels=(4, 4), hidden=8)
    images, labels = torch.from_numpy(IMAGES.tested(0, 6).pixels), torch.from_numpy(IMAGES.tested(0, 6).labels)
    generator, strength = torch.Generator().manual_seed(0), 2 * LEVEL

    def loss(moved: torch.Tensor, wanted: torch.Tensor) -> float:
        return float(torch.nn.functional.cross_entropy(net(moved), wanted).detach())

    moved = {
        "fgsm": fgsm(net, images, labels, strength),
        "pgd": pgd(net, images, labels, strength, steps=5, generator=generator),
        "random": random_signs(images, strength, generator),
        "ascent": ascend_to(net, images, (labels + 1) % 10, strength, steps=5),
    }
    for one in moved.values():
        assert float((one - images).abs().max()) <= strength + 1e-6
        assert float(one.min()) >= 0
        assert float(one.max()) <= 1
    assert loss(moved["pgd"], labels) > loss(moved["random"], labels) > 0
    assert loss(moved["fgsm"], labels) > loss(images, labels)
    assert loss(moved["ascent"], (labels + 1) % 10) < loss(images, (labels + 1) % 10)


def test_references_are_right_on_what_they_were_fitted_to() -> None:
    some = IMAGES.split(0).train.take(np.arange(200))
    for make in (support_vectors, nearest_image):
        assert (margins(make(some)(some.pixels), some.labels) > 0).mean() > 0.95


# ---- Sequences ------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 7), min_size=1, max_size=5).map(tuple), st.integers(1, 2))
@settings(max_examples=25, deadline=None)
def test_neighbours_are_all_inputs_at_a_distance(base: Items, edits: int) -> None:
    found = list(neighbours(base, EIGHT, edits))
    assert len(found) == len(set(found))
    assert all(sum(a != b for a, b in zip(base, one, strict=True)) == edits for one in found)
    places = len(base)
    assert len(found) == (7 * places if edits == 1 else 49 * places * (places - 1) // 2)


def wrong_at(*bad: Items) -> Answering:
    """Parity, but for some inputs."""

    def answer(inputs: Sequence[Items]) -> list[object]:
        return [(sum(items) + (items in bad)) % 2 for items in inputs]

    return answer


def parity(items: Items) -> object:
    return sum(items) % 2


def test_search_and_exhaustion_find_the_one_wrong_input_and_nothing_in_a_right_function() -> None:
    bases = [(0, 0, 0), (1, 1, 1)]
    found = search_edits(wrong_at((0, 0, 1)), parity, bases, TWO, edits=1, queries=60, rng=np.random.default_rng(0))
    assert found[0] is not None
    assert (found[0].edited, found[0].truth, found[0].answer) == ((0, 0, 1), 1, 0)
    assert found[1] is None, "two edits away"
    within_two = search_edits(
        wrong_at((0, 0, 1)), parity, bases, TWO, edits=2, queries=200, rng=np.random.default_rng(0)
    )
    assert within_two[1] is not None
    assert search_edits(wrong_at(), parity, bases, TWO, edits=2, queries=60, rng=np.random.default_rng(0)) == [None] * 2
    assert exhaust(wrong_at((0, 0, 1)), parity, every_list(TWO, 4)) == Count(2 + 4 + 8 + 16 - 1, 30)
    assert exhaust(wrong_at(), parity, every_list(TWO, 4)) == Count(30, 30)


def test_a_changed_answer_that_is_right_is_no_error() -> None:
    """Reverse of an edited list is another list; who says it is not fooled."""
    found = search_edits(
        lambda inputs: [items[::-1] for items in inputs],
        lambda items: items[::-1],
        [(1, 2, 3)],
        EIGHT,
        edits=2,
        queries=40,
        rng=np.random.default_rng(1),
    )
    assert found == [None]


def tiny_gru(scale: float) -> Gru:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = Gru(2, 3, embedding=4, hidden=4).eval()
    with torch.no_grad():
        net.embed.weight.mul_(scale)
    return net


def test_hotflip_is_exact_where_substitutions_are_small_steps() -> None:
    """With embeddings close together the first order is all there is: estimates are the losses of the edited inputs."""
    net = tiny_gru(1e-2)
    after = torch.tensor([(1, 1, 0), (0, 0, 0), (0, 1, 1)])
    before, wanted = torch.tensor([(0, 1, 0)] * 3), torch.tensor([[0], [0], [0]])
    with torch.no_grad():
        losses = torch.nn.functional.cross_entropy(net(after, 1)[:, 0], wanted[:, 0], reduction="none")
        start = torch.nn.functional.cross_entropy(net(before, 1)[:, 0], wanted[:, 0], reduction="none")
    estimated = _first_order(net, before, after, wanted)
    assert float((estimated - losses).abs().max()) < 0.05 * float((start - losses).abs().max())


def test_hotflip_with_a_beam_of_all_neighbours_finds_what_there_is() -> None:
    net, base = tiny_gru(1.0), (0, 1, 1, 0)
    found = flip(net, parity, base, TWO, edits=2, beam=100)
    tried = list(neighbours(base, TWO, 1))
    wrong = [
        items for items, said in zip(tried, answers_of_net(net, tried, TWO), strict=True) if said != (parity(items),)
    ]
    assert (found[0] is None) == (not wrong)
    assert all(hit is None or hit.truth == parity(hit.edited) for hit in found)
    if found[0] is not None:
        assert found[0].edited in wrong
        assert found[1] == found[0]


# ---- Learning -------------------------------------------------------------------------------------------------------


def identity() -> Rival:
    return Rival(lambda items: items, 0.25, 2.0)


def first_twice() -> Rival:
    return Rival(lambda items: (items[0],) * len(items), 0.125, 3.0)


def test_poison_changes_so_many_outputs_to_wrong_ones_of_the_right_form() -> None:
    lists = sequences("poison_reverse").lists
    clean = lists.shown(0, 10)
    rival = best_rival([identity(), first_twice()], lists, clean)
    for kind in KINDS:
        for count in (1, 2, 3):
            changed = poisoned(lists, clean, count, kind, rival, np.random.default_rng(3))
            differing = [(a, b) for a, b in zip(clean, changed, strict=True) if a != b]
            assert len(differing) == count
            assert all(a.arguments == b.arguments and a.output != b.output for a, b in differing)
            for _, after in differing:
                assert lists.encoding.encode_output(after.output, len(after.arguments[0])) is not None  # type: ignore[arg-type]
    assert poisoned(lists, clean, 0, "typo", None, np.random.default_rng(3)) == clean


def test_chosen_examples_are_right_and_leave_the_rival_alive() -> None:
    """Against `the same list`, an attacker of reverse chooses palindromes."""
    lists = sequences("ambiguous_reverse").lists
    clean = lists.shown(0, 5)
    kept = ambiguous(lists, [identity()], clean, 5, seed=0)
    assert len({example.arguments for example in kept}) == 5
    for example in kept:
        (items,) = example.arguments
        assert example.output == lists.truth(items) == items  # type: ignore[arg-type]
    assert ambiguous(lists, [identity()], clean, 0, seed=0) == clean


# ---- The protocol ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["edit_reverse", "edit_parity", "poison_rotate"])
def test_the_reference_computes_what_the_solution_does(name: str) -> None:
    source = sequences(name)
    assert source.reference is not None
    task = source.spec_task(0, PROGRAM.words(), 5)
    program = reference_program(source.reference, task)
    run = compile_program(program, task.library)
    assert not is_direct_hit(program)
    for items in islice(every_list(source.encoding, 3), 200):
        assert run((items,)) == source.truth(items)


def test_efforts_cover_what_is_expected() -> None:
    for effort in PROTOCOL.efforts.values():
        for one in PROTOCOL.running(effort):
            assert set(effort.only.get(one.name, ())) <= {task.name for task in PROTOCOL.tasks}
    assert {"adaptive", "black box"} == {kind for task in PROTOCOL.tasks for kind in task.attacks}
    assert any(p.at_most is not None and p.learner == "strict" for p in PROTOCOL.predictions), "a loss for programs"


def small_run(task: str, learner: str, size: int | None = None) -> Run:
    quick = PROTOCOL.effort("quick")
    effort = replace(quick, tests=14, steps={"gru": 12, "cnn": 20}, evaluations=6_000)
    tiny = {"image queries": 4, "pair images": 4, "edit queries": 20, "exhaust 8 symbols": 2}
    effort = replace(effort, settings={**quick.settings, **tiny})
    run = run_cell(PROTOCOL, effort, Cell(task, learner, 100, size), manifest="m")
    assert run is not None
    assert not run.failed, run.message
    assert Run.from_json(json.loads(json.dumps(run.to_json()))).scores == run.scores
    return run


@pytest.mark.parametrize(
    ("task", "learner", "size", "points"),
    [
        ("digits", "cnn", None, 5),
        ("digits", "cnn_noise", None, 5),
        ("edit_reverse", "program", None, 3),
        ("edit_reverse", "gru", None, 3),
        ("edit_reverse", "oracle", None, 3),
        ("poison_reverse", "tolerant", 5, 2),
        ("ambiguous_reverse", "misled", 5, 5),
    ],
)
def test_every_kind_of_learner_runs_and_no_curve_of_an_attack_rises(
    task: str, learner: str, size: int | None, points: int
) -> None:
    run = small_run(task, learner, size)
    assert [score.point for score in run.scores] == list(range(points))
    if learner in ("cnn", "program", "gru", "oracle"):
        shares = [score.count.share for score in run.scores]
        assert shares == sorted(shares, reverse=True)
    if learner == "oracle":
        assert all(score.right == score.total for score in run.scores)
    if learner == "program":
        assert (run.outcome == "correct") == all(score.right == score.total for score in run.scores)
    if learner in ("tolerant", "misled"):
        assert run.evaluations is not None
        assert run.evaluations <= 1.05 * 6_000


@pytest.mark.parametrize("task", [task.name for task in PROTOCOL.tasks])
def test_what_is_found_out_about_a_source_can_be_kept(task: str) -> None:
    """Rivals are looked up by the source, so it has a hash, and is the same one whenever it is asked for."""
    source = PROTOCOL.source(task)
    assert {source: task}[PROTOCOL.source(task)] == task
