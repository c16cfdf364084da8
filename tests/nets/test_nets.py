"""Nets: shapes, what can be seen from where, and that training is seeded and trains."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from synth.compare.metrics import Count
from synth.compare.protocol import Learner
from synth.compare.protocols.length import PROTOCOL
from synth.compare.records import DivergenceError
from synth.compare.tokens.net import TokenNet
from synth.compare.tokens.source import Batch
from synth.compare.tokens.training import TrainedNet, exact_matches, predict, slot_loss, train_on_tokens
from synth.compare.training import one_thread, train
from synth.nets.elman import Elman
from synth.nets.stack_rnn import StackRnn
from synth.nets.transformer_alibi import TransformerAlibi
from synth.nets.transformer_randomised import TransformerRandomised
from synth.nets.transformer_sinusoidal import sinusoids

LEARNERS = PROTOCOL.of_side("net")
NETS = [pytest.param(net, id=net.name) for net in LEARNERS if not net.name.endswith("_sparse")]
"""One of each; the others are the same nets on other lengths."""
SYMBOLS = 5


@pytest.fixture(autouse=True)
def _single() -> Iterator[None]:
    before = torch.get_num_threads()
    one_thread()
    yield
    torch.set_num_threads(before)


def made(learner: Learner) -> torch.nn.Module:
    assert isinstance(learner.run, TokenNet)
    return learner.run.make(SYMBOLS, SYMBOLS + 1)


def seeded(learner: Learner) -> torch.nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return made(learner).eval()


def tokens(*shape: int) -> torch.Tensor:
    return torch.randint(SYMBOLS, shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("learner", NETS)
@pytest.mark.parametrize(("length", "slots"), [(1, 1), (7, 1), (7, 7), (100, 100)])
def test_one_row_of_logits_for_each_slot(learner: Learner, length: int, slots: int) -> None:
    assert seeded(learner)(tokens(3, length), slots).shape == (3, slots, SYMBOLS + 1)


@pytest.mark.parametrize("learner", NETS)
def test_sequences_of_a_batch_do_not_see_each_other(learner: Learner) -> None:
    net, inputs = seeded(learner), tokens(4, 6)
    together = net(inputs, 6)
    alone = torch.cat([net(row[None], 6) for row in inputs])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("learner", NETS)
def test_order_counts(learner: Learner) -> None:
    net = seeded(learner)
    first, second = torch.tensor([[0, 1, 2, 3]]), torch.tensor([[3, 1, 2, 0]])
    assert not torch.allclose(net(first, 4), net(second, 4), atol=1e-4)


@pytest.mark.parametrize("learner", NETS)
def test_more_slots_do_not_change_the_first_ones_of_causal_nets(learner: Learner) -> None:
    """True of nets that write from left to right; the bidirectional Transformers see all slots."""
    net, inputs = seeded(learner), tokens(2, 5)
    same = torch.allclose(net(inputs, 5)[:, :3], net(inputs, 3), atol=1e-5)
    assert same == (learner.name not in ("transformer_sinusoidal", "transformer_randomised"))


def test_randomised_positions_are_rising_and_drawn_anew_only_in_training() -> None:
    net = TransformerRandomised(SYMBOLS, SYMBOLS + 1, range_=40)
    drawn = [net.positions(12).tolist() for _ in range(20)]
    assert all(places == sorted(set(places)) and len(places) == 12 and places[-1] < 40 for places in drawn)
    assert len({tuple(places) for places in drawn}) > 1
    net.eval()
    assert net.positions(12).tolist() == net.positions(12).tolist()
    assert net.positions(50).tolist() == list(range(50)), "a row that is longer than the range"


def test_linear_biases_are_those_of_the_paper() -> None:
    biases = TransformerAlibi(SYMBOLS, SYMBOLS + 1, channels=8, heads=2).biases(3)
    first, second = 2**-4, 2**-8
    assert biases[0].tolist() == [[0, -torch.inf, -torch.inf], [-first, 0, -torch.inf], [-2 * first, -first, 0]]
    assert biases[1, 2].tolist() == [-2 * second, -second, 0]


def test_a_stack_pushes_pops_and_stays() -> None:
    """With actions all or nothing, the stack is one."""
    net = StackRnn(SYMBOLS, SYMBOLS + 1, hidden=4, entry=2)
    stack, state = torch.rand(1, 5, 2), torch.rand(1, 4)
    with torch.no_grad():
        new = net.push(state).sigmoid()
        for action, wanted in (
            (0, torch.cat([new[None], stack[:, :-1]], dim=1)),
            (1, torch.cat([stack[:, 1:], torch.zeros(1, 1, 2)], dim=1)),
            (2, stack),
        ):
            net.act.weight.zero_()
            net.act.bias.copy_(torch.where(torch.arange(3) == action, 100.0, 0.0))
            torch.testing.assert_close(net._moved(stack, state), wanted)


@pytest.mark.parametrize("slots", [1, 4])
def test_elman_reads_its_first_slot_off_the_last_state(slots: int) -> None:
    net = Elman(SYMBOLS, SYMBOLS + 1, hidden=6)
    inputs = tokens(3, 7)
    logits = net(inputs, slots)
    assert logits.shape == (3, slots, SYMBOLS + 1)
    torch.testing.assert_close(logits[:, 0], net.choose(net.states(inputs)[:, -1]))


def test_sinusoids_are_those_of_the_paper() -> None:
    codes = sinusoids(4, 6)
    for place in range(4):
        for pair in range(3):
            angle = place / 10_000 ** (2 * pair / 6)
            assert codes[place, 2 * pair] == pytest.approx(np.sin(angle), abs=1e-6)
            assert codes[place, 2 * pair + 1] == pytest.approx(np.cos(angle), abs=1e-6)


@pytest.mark.parametrize("learner", NETS)
def test_inference_without_gradients_gives_what_training_gives(learner: Learner) -> None:
    """Torch has a path of its own for it, which reads some masks otherwise."""
    net, inputs = seeded(learner), tokens(3, 7)
    with torch.no_grad():
        inferred = net(inputs, 4)
    torch.testing.assert_close(inferred, net(inputs, 4), rtol=1e-4, atol=1e-5)


def firsts(seed: int) -> Iterator[list[Batch]]:
    """Fresh inputs whose first item is wanted."""
    rng = np.random.default_rng(seed)
    while True:
        inputs = rng.integers(SYMBOLS, size=(32, int(rng.integers(1, 4))))
        yield [Batch(inputs, inputs[:, :1])]


def trained(learner: Learner, steps: int, seed: int = 0) -> TrainedNet:
    return train_on_tokens(lambda: made(learner), firsts(0), steps=steps, learning_rate=3e-3, seed=seed)


@pytest.mark.parametrize("learner", NETS)
def test_training_trains(learner: Learner) -> None:
    found = trained(learner, steps := 500 if learner.name == "transformer_randomised" else 150)
    sample = next(firsts(99))
    before = exact_matches(seeded(learner), sample).share
    assert exact_matches(found.net, sample).share > max(0.6, before)
    assert (found.trained.steps, found.trained.parameters) == (steps, sum(p.numel() for p in found.net.parameters()))


def test_training_is_seeded_and_leaves_the_random_state_alone() -> None:
    learner = LEARNERS[0]
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second, third = trained(learner, 5), trained(learner, 5), trained(learner, 5, seed=1)
    assert torch.equal(torch.rand(3), expected)
    weights = [net.net.get_parameter("choose.weight") for net in (first, second, third)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert first.trained_on == third.trained_on, "the same batches, another start"
    assert next(firsts(0))[0].inputs[0].tobytes() in first.seen


def test_predictions_are_the_same_in_pieces() -> None:
    """Long inputs go through in several pieces."""
    net = seeded(LEARNERS[0])
    inputs = tokens(400, 60).numpy()
    whole = predict(net, inputs, 60)
    assert whole.slots.shape == (400, 60)
    assert np.array_equal(whole.slots[:5], predict(net, inputs[:5], 60).slots)
    assert ((whole.confidence >= 0) & (whole.confidence <= 1)).all()


def test_matches_are_whole_sequences() -> None:
    net = seeded(LEARNERS[0])
    inputs = tokens(10, 3).numpy()
    slots = predict(net, inputs, 3).slots
    slots[0, 0] = (slots[0, 0] + 1) % SYMBOLS
    assert exact_matches(net, [Batch(inputs, slots)]) == Count(9, 10)


def test_a_loss_that_is_no_number_is_divergence() -> None:
    def broken(net: torch.nn.Module, batch: Batch) -> torch.Tensor:
        return slot_loss(net, batch) * float("nan")

    with pytest.raises(DivergenceError, match="the loss is nan after 3 of 3 steps"):
        train(lambda: made(LEARNERS[0]), firsts(0), broken, steps=3, learning_rate=1e-3, seed=0)


def test_checkpoints_are_of_the_second_half_and_the_best_one_is_taken() -> None:
    found = train(lambda: made(LEARNERS[0]), firsts(0), slot_loss, steps=8, learning_rate=1e-3, seed=0, checkpoints=3)
    assert [checkpoint.step for checkpoint in found.checkpoints] == [4, 6, 8]
    values = iter((3.0, 5.0, 1.0))
    best, value = found.best(lambda net: next(values))
    assert (best.step, value) == (6, 5.0)
    assert torch.equal(found.net.state_dict()["choose.weight"], best.weights["choose.weight"])
    assert found.best(lambda net: 1.0)[0].step == 8, "the latest of equals"
