"""Training and running nets that read tokens and fill slots; imports torch, so import it where a net is trained."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from synth.compare.metrics import Count
from synth.compare.tokens.source import Batch, Tokens
from synth.compare.training import Trained, one_thread, train

__all__ = ["Predicted", "TrainedNet", "exact_matches", "predict", "slot_loss", "train_on_tokens"]

_CHUNK = 20_000
"""Most tokens in one forward pass, so that long inputs do not need much memory."""


@dataclass(frozen=True, slots=True)
class TrainedNet:
    """A net after training, and a hash of all it was trained on; `seen` are its inputs, as bytes of their tokens."""

    trained: Trained
    trained_on: str
    seen: frozenset[bytes]

    @property
    def net(self) -> nn.Module:
        """The net, in the state in which it was left."""
        return self.trained.net


@dataclass(frozen=True, slots=True)
class Predicted:
    """Slots that a net filled, (B, S), and for each sequence the product of its slots' probabilities, (B,)."""

    slots: Tokens
    confidence: np.ndarray


def train_on_tokens(
    make: Callable[[], nn.Module],
    batches: Iterator[Sequence[Batch]],
    *,
    steps: int,
    learning_rate: float,
    seed: int,
    checkpoints: int = 1,
    device: str = "cpu",
) -> TrainedNet:
    """A fresh net trained on batches of tokens, with cross-entropy over output slots; see `train`."""
    seen: set[bytes] = set()
    fingerprint = hashlib.sha256()

    def noted() -> Iterator[Sequence[Batch]]:
        for groups in batches:
            for batch in groups:
                fingerprint.update(batch.inputs.tobytes())
                seen.update(row.tobytes() for row in batch.inputs)
            yield groups

    one_thread()
    trained = train(
        make,
        noted(),
        slot_loss,
        steps=steps,
        learning_rate=learning_rate,
        seed=seed,
        checkpoints=checkpoints,
        device=device,
    )
    return TrainedNet(trained, fingerprint.hexdigest()[:16], frozenset(seen))


def slot_loss(net: nn.Module, batch: Batch) -> Tensor:
    """Cross-entropy over the slots of a batch."""
    device = next(net.parameters()).device
    wanted = torch.from_numpy(batch.outputs).to(device)  # (B, S)
    logits = net(torch.from_numpy(batch.inputs).to(device), wanted.shape[1])  # (B, S, V)
    return nn.functional.cross_entropy(logits.flatten(0, 1), wanted.flatten())


@torch.no_grad()
def predict(net: nn.Module, inputs: Tokens, slots: int) -> Predicted:
    """(B, N) tokens -> the likeliest token of each slot, and how sure the net is of all of them together."""
    device = next(net.parameters()).device
    size = max(1, _CHUNK // (inputs.shape[1] + slots))
    filled: list[np.ndarray] = []
    sure: list[np.ndarray] = []
    for start in range(0, len(inputs), size):
        part = torch.from_numpy(inputs[start : start + size]).to(device)
        best = net(part, slots).softmax(dim=-1).max(dim=-1)  # values and indices, (b, S)
        filled.append(best.indices.cpu().numpy())
        sure.append(best.values.prod(dim=-1).cpu().numpy())
    return Predicted(np.concatenate(filled), np.concatenate(sure))


def exact_matches(net: nn.Module, batches: Sequence[Batch]) -> Count:
    """How many inputs of some batches a net gets wholly right."""
    total = Count(0, 0)
    for batch in batches:
        slots = predict(net, batch.inputs, batch.outputs.shape[1]).slots
        total += Count(int((slots == batch.outputs).all(axis=1).sum()), len(slots))
    return total
