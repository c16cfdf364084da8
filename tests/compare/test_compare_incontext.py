"""The net with the same prior: its episodes, how they are laid out, what it sees, its checkpoints, and its runs."""

from __future__ import annotations

import dataclasses
import json
import random
import tempfile
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_protocol import SMALL, source_of

from dsl.compiler import compile_program
from dsl.errors import InterfaceError
from dsl.parser import parse
from dsl.type_system import INT, FunctionType, list_of
from synth.cli import main
from synth.compare.incontext import episode_file
from synth.compare.incontext.apart import Apart
from synth.compare.incontext.checkpoint import ENVIRONMENT, checkpoint_path, load, read_about, save
from synth.compare.incontext.decoding import MOST_SHOWN, Context, Items
from synth.compare.incontext.drawn_lists import LONGEST
from synth.compare.incontext.episode_file import HIGH, LOW, PAIRS, Episode, EpisodeFile, pack
from synth.compare.incontext.episodes import Maker, make_episodes
from synth.compare.incontext.layout import NOTHING_WANTED, Laid, TokenBatch, as_items, as_tokens, batches, lay_out
from synth.compare.incontext.learner import in_context, in_context_learner
from synth.compare.incontext.training import Recipe, exact_by_shown, meta_train
from synth.compare.ledger import prior_code
from synth.compare.programs import hash_examples
from synth.compare.records import Cell, Run
from synth.compare.training import one_thread
from synth.nets.in_context import ARROW_INT, ARROW_LIST, END, InContext, Places
from tasks.domains.lists import LISTS

INTS = list_of(INT)
items = st.lists(st.integers(LOW, HIGH), max_size=6).map(tuple)


def episodes_of(draw: st.DrawFn, single: bool) -> Episode:
    output = items.filter(bool).map(lambda found: found[:1]) if single else items
    drawn = draw(st.lists(st.tuples(items, output), min_size=PAIRS, max_size=PAIRS))
    return Episode(tuple(drawn), single, draw(st.sampled_from((PAIRS, PAIRS - 3))), draw(st.integers(0, 2**64 - 1)))


@st.composite
def files(draw: st.DrawFn) -> EpisodeFile:
    some = [episodes_of(draw, draw(st.booleans())) for _ in range(draw(st.integers(1, 3)))]
    return pack(some, {"cpu_seconds": 1.0})


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    one_thread()


@pytest.fixture(scope="module")
def made() -> EpisodeFile:
    return make_episodes(200, ("length",), seed=5)


@pytest.fixture(scope="module")
def net() -> InContext:
    torch.manual_seed(0)
    return InContext(LOW, HIGH, channels=32, layers=2, heads=2).eval()


def laid_out(file: EpisodeFile, order: list[int] | None = None) -> TokenBatch:
    laid = Laid.of(file, np.arange(len(file)), "cpu")
    places = torch.tensor(order or list(range(PAIRS))).expand(len(file), PAIRS)
    return lay_out(laid, torch.arange(len(file)), places)


def few(file: EpisodeFile) -> TokenBatch:
    """The first of some episodes, of every kind, as a batch."""
    laid = Laid.of(file, np.arange(24), "cpu")
    return lay_out(laid, torch.arange(24), torch.arange(PAIRS).expand(24, PAIRS))


def pairs_of(file: EpisodeFile, number: int) -> list[tuple[Items, Items]]:
    found = []
    for start, (read, written) in zip(file.starts[number].tolist(), file.lengths[number].tolist(), strict=True):
        whole = file.items[start : start + read + written].tolist()
        found.append((tuple(whole[:read]), tuple(whole[read:])))
    return found


# ---- episodes -------------------------------------------------------------------------------------------------------


def test_a_seed_makes_the_same_episodes_each_time() -> None:
    apart = Apart.of(("length",))
    first, again, other = (list(islice(Maker(random.Random(seed), apart).episodes(), 15)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_episodes_are_what_the_net_can_read(made: EpisodeFile) -> None:
    assert made.lengths[:, :, 0].max() <= LONGEST
    assert made.items.min() >= LOW - 1
    assert made.items.max() <= HIGH + 1
    assert {0, 1} == set(made.single.tolist())
    assert (made.lengths[made.single][:, :, 1] == 1).all(), "an int is one number"
    stretched = made.free < PAIRS
    assert stretched.any()
    assert made.lengths[stretched][:, : PAIRS - 3, 0].max() < made.lengths[stretched][:, PAIRS - 3 :, 0].min()


def test_the_pairs_of_an_episode_differ_and_say_something(made: EpisodeFile) -> None:
    for number in range(len(made)):
        found = pairs_of(made, number)
        outputs = [output for _, output in found]
        assert max(map(outputs.count, outputs)) <= 7
        assert sum(read == output for read, output in found) <= 7


def test_no_behaviour_is_trained_on_and_kept_apart_too(made: EpisodeFile) -> None:
    held = made.validated
    assert not set(made.behaviour[held].tolist()) & set(made.behaviour[~held].tolist())


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        ("reverse(xs)", True),
        ("fold(lambda done, x: cons(x, done), [], xs)", True),
        ("filter(lambda x: head(xs) < x, xs)", True),
        ("sort(tail(xs))", False),
        ("tail(xs)", False),
    ],
)
def test_programs_that_do_what_a_reported_task_does_are_known(text: str, dropped: bool) -> None:
    program = parse(f"lambda xs: {text}", LISTS.library, expected=FunctionType((INTS,), INTS))
    run = compile_program(program, LISTS.library)
    assert Apart.of(("length",)).does_the_same(run, single=False) is dropped
    assert not Apart.of(("length",)).does_the_same(run, single=True)


@given(files())
def test_a_file_keeps_episodes(file: EpisodeFile) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "episodes.npz"
        episode_file.write(path, file)
        back = episode_file.read(path)
    assert back.digest() == file.digest()
    assert np.array_equal(back.behaviour, file.behaviour)
    assert back.about["cpu_seconds"] == 1.0


def test_what_is_no_file_of_episodes_is_refused(tmp_path: Path) -> None:
    broken, other = tmp_path / "broken.npz", tmp_path / "other.npz"
    broken.write_bytes(b"PK\x03\x04 cut off")
    np.savez(other, lengths=np.zeros(3))
    for path in (broken, other, tmp_path / "none.npz"):
        with pytest.raises(InterfaceError, match="expected episodes"):
            episode_file.read(path)


# ---- layout ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(-(10**6), 10**6)))
def test_numbers_with_a_token_are_kept_and_others_are_none(numbers: list[int]) -> None:
    written = as_items(as_tokens(torch.tensor(numbers, dtype=torch.int64)).tolist())
    assert written == (tuple(numbers) if all(LOW <= n <= HIGH for n in numbers) else None)


@given(files(), st.permutations(range(PAIRS)))
def test_a_batch_spells_the_pairs_in_the_order_that_was_asked_for(file: EpisodeFile, order: list[int]) -> None:
    batch = laid_out(file, order)
    for number in range(len(file)):
        expected = [pairs_of(file, number)[place] for place in order]
        arrow = ARROW_INT if file.single[number] else ARROW_LIST
        for place, (given_, output) in enumerate(expected):
            of_pair = batch.places.pair[number] == place
            tokens = batch.tokens[number][of_pair].tolist()
            assert as_items(tokens[: len(given_)]) == given_
            assert tokens[len(given_)] == arrow
            assert as_items(tokens[len(given_) + 1 :]) == output
            wanted = batch.wanted[number][of_pair].tolist()
            if place == 0:
                assert set(wanted) == {NOTHING_WANTED}
            else:
                assert wanted[: len(given_)] == [NOTHING_WANTED] * len(given_)
                assert as_items(wanted[len(given_) : -1]) == output
                assert wanted[-1] == END


def test_only_free_pairs_change_places(made: EpisodeFile) -> None:
    laid = Laid.of(made, np.flatnonzero(made.free < PAIRS), "cpu")
    (batch,) = next(batches(laid, 16, seed=0))
    lengths = [[int(((row == p) & (part == 0)).sum()) for p in range(PAIRS)] for row, part in _rows(batch)]
    assert all(max(found[: PAIRS - 3]) < min(found[PAIRS - 3 :]) for found in lengths)


def _rows(batch: TokenBatch) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return list(zip(batch.places.pair, batch.places.part, strict=True))


# ---- the net --------------------------------------------------------------------------------------------------------


def test_nothing_is_written_with_a_look_at_what_comes_after(net: InContext, made: EpisodeFile) -> None:
    """Outputs depend on earlier pairs, their own input, and what was written: not on later tokens."""
    batch = few(made)
    whole = net(batch.tokens, batch.places)
    changed = batch.tokens.clone()
    last = batch.places.pair == PAIRS - 1
    changed[last & (batch.places.part == 2)] = 77
    assert not torch.equal(changed, batch.tokens)
    before = ~(last & (batch.places.part == 2)) & (batch.places.pair < PAIRS)
    assert torch.allclose(net(changed, batch.places)[before], whole[before], atol=1e-5)


def test_a_cache_changes_nothing(net: InContext, made: EpisodeFile) -> None:
    batch = few(made)
    whole = net(batch.tokens, batch.places)
    for number in range(0, 24, 3):
        asked = batch.places.pair[number] == PAIRS - 1
        first = int(asked.nonzero()[0])
        arrow = first + int(made.lengths[number, PAIRS - 1, 0]) + 1
        end = first + int(asked.sum())
        cache = net.empty_cache(end)
        parts = []
        for a, b in ((0, first), (first, arrow), *((at, at + 1) for at in range(arrow, end))):
            row = slice(number, number + 1), slice(a, b)
            places = Places(*(getattr(batch.places, f.name)[row] for f in dataclasses.fields(Places)))
            parts.append(net.extend(cache, batch.tokens[row], places))
        assert torch.allclose(torch.cat(parts, dim=1)[0], whole[number, :end], atol=1e-4)


def slowly(net: InContext, shown: list[tuple[Items, Items]], question: Items, single: bool, most: int) -> list[int]:
    """Greedy writing that reads everything anew for each token."""
    written: list[int] = []
    blank: tuple[Items, Items] = ((), (0,) if single else ())
    while len(written) < most:
        output = as_items(written)
        assert output is not None
        asked = [*shown, (question, output)]
        file = pack([Episode((*asked, *[blank] * (PAIRS - len(asked))), single, PAIRS, 0)], {})
        batch = laid_out(file)
        at = int((batch.places.pair[0] == len(shown)).nonzero()[-1])
        token = int(net.logits(net(batch.tokens, batch.places))[0, at].argmax())
        if token == END:
            break
        written.append(token)
    return written


@pytest.fixture(scope="module")
def trained(made: EpisodeFile) -> InContext:
    recipe = Recipe(steps=40, batch=8, learning_rate=5e-3, channels=32, layers=1, heads=2)
    net = meta_train(made, recipe, device="cpu").net
    assert isinstance(net, InContext)
    return net


def test_answers_are_those_of_the_slow_way(trained: InContext) -> None:
    shown: list[tuple[Items, Items]] = [((1, 2, 3), (3, 2, 1)), ((5, 0), (0, 5))]
    questions: list[Items] = [(4, 7), (1, 9, 9, 2), (), (8, 3)]
    for single in (False, True):
        told = [(g, o[:1]) for g, o in shown] if single else shown
        answers = Context.of(trained, told, single=single).answers(questions)
        for question, answer in zip(questions, answers, strict=True):
            most = 1 if single else len(question) + 8
            assert answer.items == as_items(slowly(trained, told, question, single, most))
            assert 0 <= answer.confidence <= 1


def test_of_more_pairs_than_the_net_reads_the_first_are_read(trained: InContext) -> None:
    many: list[tuple[Items, Items]] = [((n, n + 1), (n + 1, n)) for n in range(MOST_SHOWN + 4)]
    questions: list[Items] = [(4, 7), (2,)]
    some, all_of_them = (Context.of(trained, p, single=False).answers(questions) for p in (many[:MOST_SHOWN], many))
    assert some == all_of_them


def test_the_loss_falls_and_what_is_right_is_counted(made: EpisodeFile, trained: InContext) -> None:
    losses: dict[int, float] = {}
    recipe = Recipe(steps=40, batch=8, learning_rate=5e-3, channels=32, layers=1, heads=2)
    again = meta_train(made, recipe, device="cpu", told=losses.__setitem__).net
    for (name, found), (_, first) in zip(again.state_dict().items(), trained.state_dict().items(), strict=True):
        assert torch.equal(found, first), f"{name}: a seed makes the same net each time"
    assert np.mean(list(losses.values())[-5:]) < np.mean(list(losses.values())[:5])
    counts = exact_by_shown(trained, made, validated=False, most=40)
    assert [count.total for count in counts] == [0] + [40] * (PAIRS - 1)


# ---- checkpoints and runs -------------------------------------------------------------------------------------------

ABOUT = {"steps": 60, "episodes": 197, "cpu_seconds": 12.5, "fresh_tasks": [[n, 40] for n in range(1, PAIRS)]}


@pytest.fixture(scope="module")
def checkpoint(trained: InContext, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("net") / "net.safetensors"
    save(path, trained, ABOUT)
    return path


def test_a_checkpoint_is_the_net_in_half_precision(trained: InContext, checkpoint: Path) -> None:
    loaded = load(checkpoint)
    for (name, found), (_, kept) in zip(loaded.state_dict().items(), trained.state_dict().items(), strict=True):
        assert torch.equal(found, kept.to(torch.float16).to(torch.float32)), name
    assert read_about(checkpoint).fit(3).right == 3
    assert read_about(checkpoint).fit(99).right == PAIRS - 1


def test_checkpoints_that_are_not_whole_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    facts = json.loads(checkpoint.with_suffix(".json").read_text())
    data = checkpoint.read_bytes()
    cases = {
        "cut.safetensors": (data[:-100], facts),
        "changed.safetensors": (data[:-1] + bytes([data[-1] ^ 1]), facts),
        "nothing.safetensors": (data, {}),
        "format.safetensors": (data, {**facts, "format": 0}),
        "sizes.safetensors": (data, {**facts, "sizes": {"channels": 64, "layers": 1, "heads": 2}}),
    }
    for name, (weights, told) in cases.items():
        (tmp_path / name).write_bytes(weights)
        (tmp_path / name).with_suffix(".json").write_text(json.dumps(told))
        with pytest.raises(InterfaceError, match="cannot use the in-context net"):
            load(tmp_path / name)
    with pytest.raises(InterfaceError, match="prepare"):
        load(tmp_path / "none.safetensors")


def test_the_environment_names_another_checkpoint(monkeypatch: pytest.MonkeyPatch, checkpoint: Path) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    assert checkpoint_path().name == "lists.safetensors"
    monkeypatch.setenv(ENVIRONMENT, str(checkpoint))
    assert checkpoint_path() == checkpoint


@pytest.mark.parametrize("task", ["last_bit", "backwards"])
def test_a_run_says_what_was_read_and_what_was_prepared(checkpoint: Path, task: str) -> None:
    source, effort = source_of(task), dataclasses.replace(SMALL.efforts["quick"], tests=5)
    found = in_context((1,), checkpoint)(source, effort, Cell(task, "in_context", 3))
    assert found.data is not None
    assert found.data.learned_from == hash_examples(source.shown(3)), "what programs are shown, and nothing else"
    assert (found.data.examples, found.data.prepared_on) == (5, 197)
    assert (found.prepared_cpu_seconds, found.steps, found.stop) == (12.5, 0, "prepared beforehand")
    assert found.cpu_seconds > 0
    assert found.fit == read_about(checkpoint).fit(5)
    assert found.outcome == "under-trained"
    assert [score.point for score in found.scores] == [probe.point for probe in source.tests(3, 5)]
    assert Run.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_its_prior_holds_the_language_and_what_draws_from_it() -> None:
    learner = in_context_learner("8 pairs")
    code = prior_code(learner)
    assert code is not None
    assert {"list.fold", "InContext", "make_episodes"} <= set(code.tokens)
    assert learner.side == "same-prior net"


# ---- the command ----------------------------------------------------------------------------------------------------


def test_episodes_are_made_in_one_place_and_trained_on_in_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = str(tmp_path / "some.npz"), str(tmp_path / "net.safetensors")
    assert main(["compare", "prepare", "--data", data, "--episodes", "200", "--seed", "3"]) == 0
    assert main(["compare", "prepare", "--train-on", data, "--steps", "1", "--batch", "4", "--out", out]) == 0
    assert "exact outputs on fresh tasks" in capsys.readouterr().err
    about = read_about(Path(out)).about
    assert about["data"]["seed"] == 3
    assert "length" in about["data"]["apart_from"]
    assert about["cpu_seconds"] >= about["training_cpu_seconds"] >= 0
    load(Path(out))


def test_what_prepare_cannot_do_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = str(tmp_path / "some.npz")
    assert main(["compare", "prepare", "--data", data, "--train-on", data]) == 4
    assert main(["compare", "prepare", "--train-on", data]) == 4
    assert main(["compare", "prepare", "--data", data, "--apart", "no_such_suite"]) == 4
    assert main(["compare", "prepare", "--device", "no_such_device"]) == 4
    told = capsys.readouterr().err
    assert "found both" in told
    assert "no whole file" in told
    assert "no_such_suite" in told
    assert "cannot compute" in told
