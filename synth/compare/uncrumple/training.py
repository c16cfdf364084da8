"""Training nets on points; imports torch, so import it where a net is trained."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from synth.compare.training import Trained, one_thread, train
from synth.compare.uncrumple.shapes import Places
from synth.compare.uncrumple.source import Points

__all__ = ["Scaled", "says", "train_on_points"]

_WEIGHT_DECAY = 1e-4
Batch: TypeAlias = tuple[Tensor, Tensor]


class Scaled(nn.Module):
    """A net that gets its input centred and divided by one number, so that shapes keep their form."""

    def __init__(self, net: nn.Module, centre: Tensor, spread: Tensor) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("centre", centre)
        self.register_buffer("spread", spread)

    def scaled(self, points: Tensor) -> Tensor:
        """(B, I) -> (B, I)."""
        assert isinstance(self.centre, Tensor)
        assert isinstance(self.spread, Tensor)
        return (points - self.centre) / self.spread

    def forward(self, points: Tensor) -> Tensor:
        """(B, I) -> (B, 1)."""
        found: Tensor = self.net(self.scaled(points))
        return found  # (B, 1)


def train_on_points(
    make: Callable[[int], nn.Module],
    shown: Points,
    *,
    steps: int,
    batch: int,
    learning_rate: float,
    seed: int,
    raw: bool = False,
    checkpoints: int = 1,
    device: str = "cpu",
) -> Trained:
    """A fresh net trained on batches of the shown points, with the logistic loss; see `train`.

    Each pass over the points is in a new order; where a batch would hold them all, it is all of them.
    """
    points = torch.tensor(shown.points, dtype=torch.float32, device=device)
    colours = torch.tensor(shown.colours[:, None], dtype=torch.float32, device=device)
    centre = torch.zeros_like(points[0]) if raw else points.mean(dim=0)
    spread = torch.ones((), device=device) if raw else (points - centre).square().mean().sqrt().clamp_min(1e-6)

    one_thread()
    return train(
        lambda: Scaled(make(points.shape[1]), centre, spread),
        _batches(points, colours, batch, np.random.default_rng(seed)),
        _loss,
        steps=steps,
        learning_rate=learning_rate,
        seed=seed,
        weight_decay=_WEIGHT_DECAY,
        checkpoints=checkpoints,
        device=device,
    )


def _batches(points: Tensor, colours: Tensor, batch: int, rng: np.random.Generator) -> Iterator[Sequence[Batch]]:
    """Batches without end."""
    count = len(points)
    while True:
        order = torch.from_numpy(rng.permutation(count)).to(points.device)
        for start in range(0, max(1, count - batch + 1), batch):
            chosen = order[start : start + batch]
            yield [(points[chosen], colours[chosen])]


def _loss(net: nn.Module, batch: Batch) -> Tensor:
    points, colours = batch
    return nn.functional.binary_cross_entropy_with_logits(net(points), colours)


@torch.no_grad()
def says(net: nn.Module, points: Places) -> list[float]:
    """How likely a net holds the second colour, point by point."""
    device = next(net.parameters()).device
    logits = net(torch.tensor(points, dtype=torch.float32, device=device))
    shares: list[float] = logits[:, 0].sigmoid().tolist()
    return shares
