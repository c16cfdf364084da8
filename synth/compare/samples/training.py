"""Training a net on a fixed number of examples: batches of equal lengths, a tenth held out, the best state kept.

Imports torch, so import it where a net is trained.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from synth.compare.metrics import Count
from synth.compare.protocol import TRAINED_ENOUGH
from synth.compare.samples.source import Row
from synth.compare.tokens.encoding import Encoding
from synth.compare.tokens.source import Batch
from synth.compare.tokens.training import exact_matches, slot_loss
from synth.compare.training import Checkpoint, Trained, checkpoint_of, one_thread, train

__all__ = ["Early", "Fitted", "batches_of", "fit", "held_out"]

_HELD_OUT_MOST = 1000
"""A tenth is held out, but no more than this."""
_GROUPS = 3
"""Groups of one length each in a batch."""


def held_out(rows: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row]]:
    """What is trained on, and the last tenth (at least one, at most a thousand), on which the state is chosen.

    >>> held_out([((1,), (1,)), ((2,), (2,))])
    ([((1,), (1,))], [((2,), (2,))])
    """
    count = min(_HELD_OUT_MOST, max(1, len(rows) // 10))
    return rows[:-count], rows[-count:]


def batches_of(rows: Sequence[Row], encoding: Encoding) -> tuple[Batch, ...]:
    """All rows, one batch a length of input."""
    by_length: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_length[len(row[0])].append(row)
    return tuple(_batch(by_length[length], encoding) for length in sorted(by_length))


def _batch(rows: Sequence[Row], encoding: Encoding) -> Batch:
    slots = [encoding.encode_output(output, len(items)) for items, output in rows]
    assert all(one is not None for one in slots), "outputs are no longer than inputs"
    return Batch(
        np.array([encoding.encode_input(items) for items, _ in rows], dtype=np.int64),
        np.array(slots, dtype=np.int64),
    )


def _drawn(groups: Sequence[Batch], size: int, rng: np.random.Generator) -> Iterator[tuple[Batch, ...]]:
    """For each step, some rows of a few lengths; every row is equally likely. Where there are few, all of a length."""
    counts = np.array([len(group.inputs) for group in groups])
    each = size // _GROUPS
    while True:
        chosen = rng.choice(len(groups), size=_GROUPS, p=counts / counts.sum())
        yield tuple(_some(groups[place], each, rng) for place in chosen.tolist())


def _some(group: Batch, count: int, rng: np.random.Generator) -> Batch:
    if len(group.inputs) <= count:
        return group
    rows = rng.integers(len(group.inputs), size=count)
    return Batch(group.inputs[rows], group.outputs[rows])


@dataclass
class Early:
    """Early stopping: keeps the state that does best on what was held out, and ends when it is long ago.

    Best is who gets most examples right, of equals the one with the lowest loss. Training does not end before the net
    fits `own`, examples that it trains on.
    """

    batches: Sequence[Batch]
    own: Sequence[Batch]
    patience: int
    best: Checkpoint | None = None
    value: float = -1.0

    def __call__(self, net: nn.Module, step: int) -> bool:
        """Judge the net; true where it fits its own and nothing has become better for `patience` steps."""
        value = self.judge(net)
        if self.best is None or value > self.value:
            self.value, self.best = value, checkpoint_of(net, step)
        late = step - self.best.step >= self.patience
        return late and exact_matches(net, self.own).share >= TRAINED_ENOUGH

    @torch.no_grad()
    def judge(self, net: nn.Module) -> float:
        """Examples right, and a part of one that falls with the loss."""
        rows = sum(len(batch.inputs) for batch in self.batches)
        loss = sum(float(slot_loss(net, batch)) * len(batch.inputs) for batch in self.batches) / rows
        return exact_matches(net, self.batches).right + 1 / (1 + loss)


@dataclass(frozen=True)
class Fitted:
    """A net trained on a fixed number of examples, in the state that was chosen.

    `own` is how many of the examples it trained on its last state gets right: whether it has fitted them.
    """

    trained: Trained
    chosen: Checkpoint
    states: tuple[Checkpoint, ...]
    own: Count

    @property
    def net(self) -> nn.Module:
        """The net, in the state in which it was left."""
        return self.trained.net

    def at(self, state: Checkpoint) -> nn.Module:
        """The net in one of its states."""
        self.net.load_state_dict(state.weights)
        return self.net


def fit(
    make: Callable[[], nn.Module],
    rows: Sequence[Row],
    encoding: Encoding,
    *,
    steps: int,
    batch: int,
    patience: int,
    learning_rate: float,
    weight_decay: float,
    rng: np.random.Generator,
    device: str = "cpu",
) -> Fitted:
    """A fresh net trained on rows, a tenth of them held out to choose its state and to end early."""
    one_thread()
    mine, apart = held_out(rows)
    groups = batches_of(mine, encoding)
    own = _few(groups, rng)
    early = Early(batches_of(apart, encoding), own, patience)
    trained = train(
        make,
        _drawn(groups, batch, rng),
        slot_loss,
        steps=steps,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        seed=int(rng.integers(2**31)),
        checkpoints=3,
        device=device,
        watch=early,
    )
    fitted = exact_matches(trained.net, own)
    if early.best is None or (trained.steps > early.best.step and early.judge(trained.net) > early.value):
        early.best = trained.checkpoints[-1]
    return Fitted(trained, early.best, (*trained.checkpoints, early.best), fitted)


def _few(groups: Sequence[Batch], rng: np.random.Generator) -> tuple[Batch, ...]:
    """At most a hundred rows of each length."""
    return tuple(_some(group, 100, rng) for group in groups)
