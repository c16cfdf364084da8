"""Training and running deep nets: one loop for all of them, on one thread, seeded.

This module and `synth.nets` are the only ones here that import torch; import it where a net is really trained.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from synth.compare.data import Batch, Tokens
from synth.compare.metrics import Count

__all__ = ["Predicted", "TrainedNet", "exact_matches", "one_thread", "predict", "train"]

_WARM_UP = 0.1
"""Share of the steps in which the learning rate rises to its peak; it then falls along a cosine."""
_FLOOR = 0.02
"""The last learning rate, as a share of the peak."""
_CLIP = 1.0
_CHUNK = 20_000
"""Most tokens in one forward pass, so that long inputs do not need much memory."""


@dataclass(frozen=True, slots=True)
class TrainedNet:
    """A net after training: its size, how many steps it took, a hash of all it was trained on, and CPU-seconds.

    `seen` holds the inputs it met, as bytes of their tokens.
    """

    net: nn.Module
    parameters: int
    steps: int
    trained_on: str
    seen: frozenset[bytes]
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Predicted:
    """Slots that a net filled, (B, S), and for each sequence the product of its slots' probabilities, (B,)."""

    slots: Tokens
    confidence: np.ndarray


def one_thread() -> None:
    """Keep torch to one thread in this process: several workers side by side are faster at these sizes."""
    torch.set_num_threads(1)


def train(
    make: Callable[[], nn.Module],
    batches: Iterator[Sequence[Batch]],
    *,
    steps: int,
    learning_rate: float,
    seed: int,
) -> TrainedNet:
    """A fresh net trained for `steps` steps: AdamW, warm-up and cosine, gradients clipped to length 1.

    Cross-entropy over output slots. The caller's random state of torch is left as it was.
    """
    started = time.process_time()
    seen: set[bytes] = set()
    fingerprint = hashlib.sha256()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = make()
        optimizer = torch.optim.AdamW(net.parameters(), lr=learning_rate, weight_decay=0.0, fused=True)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
        net.train()
        for _ in range(steps):
            groups = next(batches)
            optimizer.zero_grad()
            for batch in groups:
                loss = _loss(net, batch) / len(groups)
                loss.backward()  # type: ignore[no-untyped-call]
                fingerprint.update(batch.inputs.tobytes())
                seen.update(row.tobytes() for row in batch.inputs)
            nn.utils.clip_grad_norm_(net.parameters(), _CLIP)
            optimizer.step()
            schedule.step()
    net.eval()
    parameters = sum(p.numel() for p in net.parameters())
    spent = time.process_time() - started
    return TrainedNet(net, parameters, steps, fingerprint.hexdigest()[:16], frozenset(seen), spent)


def _rate(step: int, steps: int) -> float:
    """The learning rate as a share of its peak: linear up, then a cosine down to the floor."""
    rising = (step + 1) / (_WARM_UP * steps)
    falling = _FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * step / steps))
    return min(rising, 1.0) * falling


def _loss(net: nn.Module, batch: Batch) -> Tensor:
    wanted = torch.from_numpy(batch.outputs)  # (B, S)
    logits = net(torch.from_numpy(batch.inputs), wanted.shape[1])  # (B, S, V)
    return nn.functional.cross_entropy(logits.flatten(0, 1), wanted.flatten())


@torch.no_grad()
def predict(net: nn.Module, inputs: Tokens, slots: int) -> Predicted:
    """(B, N) tokens -> the likeliest token of each slot, and how sure the net is of all of them together."""
    size = max(1, _CHUNK // (inputs.shape[1] + slots))
    filled: list[np.ndarray] = []
    sure: list[np.ndarray] = []
    for start in range(0, len(inputs), size):
        part = torch.from_numpy(inputs[start : start + size])
        best = net(part, slots).softmax(dim=-1).max(dim=-1)  # values and indices, (b, S)
        filled.append(best.indices.numpy())
        sure.append(best.values.prod(dim=-1).numpy())
    return Predicted(np.concatenate(filled), np.concatenate(sure))


def exact_matches(net: nn.Module, batches: Sequence[Batch]) -> Count:
    """How many inputs of some batches a net gets wholly right."""
    total = Count(0, 0)
    for batch in batches:
        slots = predict(net, batch.inputs, batch.outputs.shape[1]).slots
        total += Count(int((slots == batch.outputs).all(axis=1).sum()), len(slots))
    return total
