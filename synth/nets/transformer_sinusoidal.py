"""A Transformer encoder with sinusoidal positions: the code of the original paper."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["TransformerSinusoidal", "sinusoids"]


class TransformerSinusoidal(nn.Module):
    """Input tokens and output slots in one row, every place attends to every place, positions are sines.

    B sequences, N input tokens, S slots, T = N + S places, D channels, V output tokens. Pre-norm, no dropout: every
    batch is fresh, so there is nothing to overfit.
    """

    def __init__(
        self, inputs: int, outputs: int, *, channels: int = 64, layers: int = 2, heads: int = 4, widening: int = 4
    ) -> None:
        super().__init__()
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

    def forward(self, tokens: Tensor, slots: int) -> Tensor:
        """(B, N) token ids -> (B, S, V) logits."""
        blanks = self.slot.expand(len(tokens), slots, -1)  # (B, S, D)
        row = torch.cat([self.embed(tokens), blanks], dim=1)  # (B, T, D)
        row = row + sinusoids(row.shape[1], row.shape[2])
        for layer in self.layers:
            row = layer(row)
        logits: Tensor = self.choose(self.norm(row[:, -slots:]))
        return logits  # (B, S, V)


def sinusoids(places: int, channels: int) -> Tensor:
    """(T, D) position codes of Vaswani et al. 2017, section 3.5."""
    rates = torch.exp(-math.log(10_000.0) * torch.arange(0, channels, 2) / channels)  # (D/2,)
    angles = torch.arange(places)[:, None] * rates  # (T, D/2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)  # (T, D)
