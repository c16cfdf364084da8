"""A Transformer whose positions are drawn anew for each batch, in rising order, from a range longer than any input."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["TransformerRandomised"]

_SEED = 0
"""Outside training the positions of a row are the same each time."""


class TransformerRandomised(nn.Module):
    """As with sinusoidal positions, but the places of a row are a random rising choice of `range_` positions.

    Ruoss et al. 2023 (arXiv 2305.16843): so a net meets in training all positions that it will see later. B sequences,
    N input tokens, S slots, T = N + S places, D channels, V output tokens.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        range_: int = 512,
        channels: int = 64,
        layers: int = 2,
        heads: int = 4,
        widening: int = 4,
    ) -> None:
        super().__init__()
        self.range, self.channels = range_, channels
        self.embed = nn.Embedding(inputs, channels)
        self.slot = nn.Parameter(torch.randn(1, 1, channels))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                channels,
                heads,
                widening * channels,
                dropout=0.0,
                activation="gelu",
                batch_first=True,
                norm_first=True,
            )
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(channels)
        self.choose = nn.Linear(channels, outputs)

    def positions(self, places: int) -> Tensor:
        """(T,) positions in rising order: drawn in training, always the same ones of that number else."""
        stream = None if self.training else torch.Generator().manual_seed(_SEED)
        return torch.randperm(max(self.range, places), generator=stream)[:places].sort().values

    def forward(self, tokens: Tensor, slots: int) -> Tensor:
        """(B, N) token ids -> (B, S, V) logits."""
        blanks = self.slot.expand(len(tokens), slots, -1)  # (B, S, D)
        row = torch.cat([self.embed(tokens), blanks], dim=1)  # (B, T, D)
        row = row + _sinusoids(self.positions(row.shape[1]), self.channels).to(row.device)
        for layer in self.layers:
            row = layer(row)
        logits: Tensor = self.choose(self.norm(row[:, -slots:]))
        return logits  # (B, S, V)


def _sinusoids(positions: Tensor, channels: int) -> Tensor:
    """(T,) positions -> (T, D) codes of Vaswani et al. 2017, section 3.5."""
    rates = torch.exp(-math.log(10_000.0) * torch.arange(0, channels, 2) / channels)  # (D/2,)
    angles = positions[:, None] * rates  # (T, D/2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)  # (T, D)
