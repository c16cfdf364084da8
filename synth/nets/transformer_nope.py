"""A causal Transformer without position codes, the most length-robust of the usual choices."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["TransformerNope"]


class TransformerNope(nn.Module):
    """A start token, input tokens and output slots in one row; a place attends to itself and those before it.

    Nothing says where a place is: the order shows only in what each place can see, and the start token lets attention
    count. Kazemnejad et al. 2023 (arXiv 2305.19466) found this the best of five position codes on longer sequences.
    B sequences, N input tokens, S slots, T = 1 + N + S places, D channels, V output tokens.
    """

    def __init__(
        self, inputs: int, outputs: int, *, channels: int = 64, layers: int = 2, heads: int = 4, widening: int = 4
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(inputs, channels)
        self.start = nn.Parameter(torch.randn(1, 1, channels))
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
        start = self.start.expand(len(tokens), 1, -1)  # (B, 1, D)
        blanks = self.slot.expand(len(tokens), slots, -1)  # (B, S, D)
        row = torch.cat([start, self.embed(tokens), blanks], dim=1)  # (B, T, D)
        past = nn.Transformer.generate_square_subsequent_mask(row.shape[1])  # (T, T), -inf above the diagonal
        for layer in self.layers:
            row = layer(row, src_mask=past, is_causal=True)
        logits: Tensor = self.choose(self.norm(row[:, -slots:]))
        return logits  # (B, S, V)
