"""The network learns, goes on where it stopped, and is kept in files that are refused when something is wrong."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from dsl.errors import InterfaceError
from dsl.inference import resolve
from dsl.library import Library
from dsl.primitives import CORE
from synth.conformance import check_guide
from synth.guide.batches import Pile
from synth.guide.checkpoint import About, load, read_about, save, words_of
from synth.guide.corpus import TrainingTask
from synth.guide.hindsight import Hindsight
from synth.guide.judging import judge
from synth.guide.model import GuideNet, Sizes
from synth.guide.predict import NeuralGuide
from synth.guide.train import Settings, Training
from synth.guide.training_run import Mixture, Work, plot, train_guide
from synth.guide.training_state import load_state, save_state
from tasks.sketches import show_sketch

SMALL = Sizes(32, 32, 1, 2)
SETTINGS = Settings(12, 16, warm=4, sizes=SMALL)


@pytest.fixture(scope="module")
def tasks() -> list[TrainingTask]:
    maker = Hindsight(CORE, random.Random(5), evaluations=2_000, from_banks=30, deeper=20)
    return list(itertools.islice(maker.tasks(), 120))


@pytest.fixture(scope="module")
def pile(tasks: list[TrainingTask]) -> Pile:
    pile = Pile(CORE)
    assert all(map(pile.add, tasks))
    return pile


@pytest.fixture(scope="module")
def trained(pile: Pile) -> Training:
    training = Training(replace(SETTINGS, steps=60, rate=5e-3))
    for _ in training.run(pile, range(len(pile.samples))):
        pass
    return training


@pytest.fixture(scope="module")
def guide(trained: Training) -> NeuralGuide:
    return NeuralGuide(trained.net.eval(), sketches=40)


def test_training_lowers_the_loss(pile: Pile, trained: Training) -> None:
    everything = range(len(pile.samples))
    before = Training(SETTINGS).judge(pile, everything)
    after = trained.judge(pile, everything)
    assert after["choices"] < before["choices"] - 0.5
    assert after["presence"] < before["presence"]


def test_a_training_that_stops_and_goes_on_ends_the_same(pile: Pile, tmp_path: Path) -> None:
    everything = range(len(pile.samples))
    whole = Training(SETTINGS)
    losses = [step.whole.item() for step in whole.run(pile, everything)]
    first = Training(SETTINGS)
    halves = [step.whole.item() for step in first.run(pile, everything, 9)]  # in the second round
    save_state(tmp_path / "a.state", first, "these")
    second = Training(SETTINGS)
    load_state(tmp_path / "a.state", second, "these")
    halves += [step.whole.item() for step in second.run(pile, everything)]
    assert halves == losses
    for name, weights in whole.net.state_dict().items():
        assert torch.equal(second.net.state_dict()[name], weights), name


def test_another_training_is_not_gone_on_with(pile: Pile, tmp_path: Path) -> None:
    path = tmp_path / "a.state"
    first = Training(SETTINGS)
    list(first.run(pile, range(20), 2))
    save_state(path, first, "these")
    with pytest.raises(InterfaceError, match="learned from these, found learned from those"):
        load_state(path, Training(SETTINGS), "those")
    with pytest.raises(InterfaceError, match="settings"):
        load_state(path, Training(replace(SETTINGS, seed=1)), "these")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InterfaceError, match="broken file"):
        load_state(path, Training(SETTINGS), "these")


def test_the_network_is_as_small_as_it_should_be() -> None:
    assert sum(p.numel() for p in GuideNet(Sizes()).parameters()) <= 2_400_000


# ---- what it says ----------------------------------------------------------------------------------------------------


def test_it_passes_the_checks_of_guides(guide: NeuralGuide, tasks: list[TrainingTask]) -> None:
    for task in tasks[::40]:
        assert [f for f in check_guide(guide, task.spec) if not f.passed] == []


def test_no_sketch_is_ill_typed(guide: NeuralGuide, tasks: list[TrainingTask]) -> None:
    for task in tasks[::15]:
        spec = task.spec
        variables = dict(zip(spec.parameters, spec.type_request.parameters, strict=True))
        sketches = guide.predict(spec).sketches
        assert len(sketches) > 10
        assert len({sketch for sketch, _ in sketches}) == len(sketches)
        for sketch, _ in sketches:
            assert show_sketch(sketch, CORE, spec.type_request)
            assert resolve(sketch.body, CORE, expected=spec.type_request.result, variables=variables)


def test_sketches_come_likeliest_first_and_are_no_more_than_certain(
    guide: NeuralGuide, tasks: list[TrainingTask]
) -> None:
    for task in tasks[::30]:
        said = [p for _, p in guide.predict(task.spec).sketches]
        assert said == sorted(said, reverse=True)
        assert 0 < sum(said) <= 1


def test_ten_words_more_hardly_matter(guide: NeuralGuide, tasks: list[TrainingTask]) -> None:
    """Copies of words under other names take a share of the probability, and no more than that."""
    copies = [replace(CORE[name], name=f"own.copy{n}") for n, name in enumerate(list(CORE.entries)[::13][:10])]  # type: ignore[type-var]
    larger = CORE.extend(Library.of(*copies))
    some = tasks[::4]
    before = judge(guide, some)
    after = judge(guide, [replace(task, spec=replace(task.spec, library=larger)) for task in some])
    assert after.recall(40) >= before.recall(40) - 0.1
    assert before.recall(40) > 0.3


def test_distance_is_nothing_at_the_center(guide: NeuralGuide, tasks: list[TrainingTask]) -> None:
    assert guide.distance(tasks[0].spec) == 0.0  # nobody said where the center is
    away = NeuralGuide(guide.net, center=(0.0,) * SMALL.hidden)
    assert away.distance(tasks[0].spec) > 0.0


# ---- files -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def saved(trained: Training, tmp_path: Path) -> Path:
    about = About("small", "synth guide train", SMALL, CORE.digest(), words_of(CORE), ["(list[int]) -> int"], {}, {})
    save(tmp_path / "small.safetensors", trained.net, about)
    return tmp_path / "small.safetensors"


def test_a_guide_is_the_same_after_loading(saved: Path, tasks: list[TrainingTask]) -> None:
    one, other = load(saved), load(saved)
    assert one.name == "small"
    assert one.predict(tasks[0].spec) == other.predict(tasks[0].spec)
    assert read_about(saved)["words"]["list.map"]


def _changed(path: Path, key: str, value: object) -> None:
    facts = json.loads(path.with_suffix(".json").read_text())
    facts[key] = value
    path.with_suffix(".json").write_text(json.dumps(facts))


def _other_weights(path: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> None:
    weights = load_file(path)
    change(weights)
    save_file(weights, path)
    _changed(path, "sha256", hashlib.sha256(path.read_bytes()).hexdigest())


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _not_a_number(weights: dict[str, torch.Tensor]) -> None:
    weights["prior"][0] = float("nan")


def _one_missing(weights: dict[str, torch.Tensor]) -> None:
    del weights["prior"]


def _one_larger(weights: dict[str, torch.Tensor]) -> None:
    weights["prior"] = torch.zeros(7, dtype=torch.float16)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_cut, "found a file that is cut off"),
        (lambda path: path.unlink(), "found a file that is cut off or none"),
        (lambda path: path.with_suffix(".json").unlink(), "expected small.json beside it"),
        (lambda path: path.with_suffix(".json").write_text("{"), "expected small.json beside it"),
        (lambda path: path.with_suffix(".json").write_text("[]"), "found something else"),
        (lambda path: _changed(path, "format", 99), "expected a guide of format 2, found format 99"),
        (lambda path: _changed(path, "sha256", "0" * 64), r"sha256 000000000000\.\.\.\), found others"),
        (lambda path: _changed(path, "sizes", {"wheels": 4}), "expected the sizes of a network"),
        (lambda path: _changed(path, "sizes", {"hidden": 64, "tokens": 32, "layers": 1, "heads": 2}), "of shape"),
        (lambda path: _other_weights(path, _not_a_number), r"found prior with some that are infinite or none \(NaN\)"),
        (lambda path: _other_weights(path, _one_missing), "found none for prior"),
        (lambda path: _other_weights(path, _one_larger), r"expected prior of shape \(1,\), found \(7,\)"),
    ],
)
def test_a_file_that_is_not_in_order_is_refused(saved: Path, spoil: Callable[[Path], object], message: str) -> None:
    spoil(saved)
    with pytest.raises(InterfaceError, match=message):
        load(saved)


def test_a_whole_training_writes_a_guide_with_its_figures(tasks: list[TrainingTask], tmp_path: Path) -> None:
    told = []
    work = Work(CORE, tasks[:60], tmp_path / "lists.safetensors", "synth guide train lists.safetensors")
    figures = train_guide(work, replace(SETTINGS, steps=4), told=told.append)
    assert [row["step"] for row in told] == [1, 2, 3, 4]
    assert figures["sketch recall at 100"] >= figures["sketch recall at 1"]  # type: ignore[operator]
    facts = read_about(work.out)
    assert facts["figures"] == figures
    assert facts["command"] == "synth guide train lists.safetensors"
    assert len(load(work.out).center) == SMALL.hidden
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lists.json", "lists.safetensors"]
    plot(figures["curve"], tmp_path / "curve.png")  # type: ignore[arg-type]
    assert (tmp_path / "curve.png").stat().st_size > 1_000


def test_tasks_to_judge_by_are_not_learned_from(tasks: list[TrainingTask], tmp_path: Path) -> None:
    some = Work(CORE, tasks[:60], tmp_path / "a.safetensors", "")
    assert sorted(some.learned + some.held) == list(range(60))
    assert len(some.held) == len(some.judged) == 2
    given = Work(CORE, tasks[10:60], tmp_path / "a.safetensors", "", held_back=tasks[:10])
    assert (given.held, given.learned) == (list(range(10)), list(range(10, 60)))
    assert given.judged == tasks[:10]
    assert some.digest != given.digest


def test_replays_have_their_share_of_what_is_learned_from(tasks: list[TrainingTask], tmp_path: Path) -> None:
    def work(replays: list[TrainingTask], share: float) -> Work:
        return Work(CORE, tasks[10:100], tmp_path / "a.safetensors", "", "a", tasks[:10], replays, Mixture(share, 0.0))

    some = work(tasks[100:103], 0.1)
    assert some.learned == list(range(10, 110))
    assert some.held == list(range(10))
    assert some.counts == {"tasks": 100, "replays": 10, "given parts": 0}
    assert work(tasks[100:103], 0.5).counts == {"tasks": 180, "replays": 90, "given parts": 0}
    for again in range(3, 10):
        one, other = some.pile.samples[100 + again][1], some.pile.samples[100 + again % 3][1]
        assert (one.options == other.options).all()
    for none in (work(tasks[100:103], 0.0), work([], 0.1)):
        assert none.counts == {"tasks": 90, "replays": 0, "given parts": 0}
    assert len({work(tasks[100:103], share).digest for share in (0.0, 0.1, 0.2)}) == 3


@pytest.mark.parametrize("share", [0.0, 0.15, 0.25])
def test_parts_are_given_in_a_share_of_tasks(share: float, tasks: list[TrainingTask], tmp_path: Path) -> None:
    def work(seed: int) -> Work:
        mixture = Mixture(0.3, share, seed)
        return Work(CORE, tasks[10:], tmp_path / "a.safetensors", "", "a", tasks[:10], tasks[:10], mixture)

    some, plain = work(0), Pile(CORE)
    for task in tasks:
        plain.add(task)
    assert some.counts["given parts"] == pytest.approx(share * len(some.learned), abs=0.08 * len(some.learned))
    for place in some.held:
        assert (some.pile.samples[place][0].request == plain.samples[place][0].request).all()  # judged as they are
    assert work(0).digest == some.digest
    assert (work(1).digest == some.digest) == (share == 0)
