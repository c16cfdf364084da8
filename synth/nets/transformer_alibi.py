"""A causal Transformer that attends less to what is further back: attention with linear biases."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["TransformerAlibi"]


class TransformerAlibi(nn.Module):
    """Input tokens and output slots in one row; a place attends to itself and those before it, less with distance.

    Press, Smith and Lewis 2022 (arXiv 2108.12409, section 3): head h of H takes `2 ** (-8 h / H)` times the distance
    off its scores, and nothing else says where a place is. B sequences, N input tokens, S slots, T = N + S places,
    D channels, V output tokens.
    """

    def __init__(
        self, inputs: int, outputs: int, *, channels: int = 64, layers: int = 2, heads: int = 4, widening: int = 4
    ) -> None:
        super().__init__()
        self.heads = heads
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

    def biases(self, places: int) -> Tensor:
        """(H, T, T): minus slope times distance, and minus infinity for what comes later."""
        slopes = 2.0 ** (-8.0 * torch.arange(1, self.heads + 1) / self.heads)  # (H,)
        distance = torch.arange(places)[:, None] - torch.arange(places)[None]  # (T, T)
        biases = -slopes[:, None, None] * distance
        return biases.masked_fill(distance < 0, float("-inf"))

    def forward(self, tokens: Tensor, slots: int) -> Tensor:
        """(B, N) token ids -> (B, S, V) logits."""
        blanks = self.slot.expand(len(tokens), slots, -1)  # (B, S, D)
        row = torch.cat([self.embed(tokens), blanks], dim=1)  # (B, T, D)
        mask = self.biases(row.shape[1]).to(row.device).repeat(len(row), 1, 1)  # (B * H, T, T)
        for layer in self.layers:
            row = layer(row, src_mask=mask)
        logits: Tensor = self.choose(self.norm(row[:, -slots:]))
        return logits  # (B, S, V)
