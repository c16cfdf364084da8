"""A causal Transformer that attends less to what is further back: attention with linear biases."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["TransformerAlibi"]


class TransformerAlibi(nn.Module):
    """A start token, input tokens, output slots; a place attends to itself and those before it, less with distance.

    Press, Smith and Lewis 2022 (arXiv 2108.12409, section 3): head h of H takes `2 ** (-8 h / H)` times the distance
    off its scores, and nothing else says where a place is but a start token. B sequences, N input tokens, S slots,
    T = 1 + N + S places, D channels, V output tokens.
    """

    def __init__(
        self, inputs: int, outputs: int, *, channels: int = 64, layers: int = 2, heads: int = 4, widening: int = 4
    ) -> None:
        super().__init__()
        self.heads = heads
        self.embed = nn.Embedding(inputs, channels)
        self.slot = nn.Parameter(torch.randn(1, 1, channels))
        self.start = nn.Parameter(torch.randn(1, 1, channels))
        self.layers = nn.ModuleList(_Layer(channels, heads, widening) for _ in range(layers))
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
        start = self.start.expand(len(tokens), 1, -1)  # (B, 1, D)
        row = torch.cat([start, self.embed(tokens), blanks], dim=1)  # (B, T, D)
        biases = self.biases(row.shape[1]).to(row.device)  # (H, T, T)
        for layer in self.layers:
            row = layer(row, biases)
        logits: Tensor = self.choose(self.norm(row[:, -slots:]))
        return logits  # (B, S, V)


class _Layer(nn.Module):
    """Attention with biases, then two dense layers.

    torch's own layer takes whatever is not 0 in a mask for hidden where it infers without gradients.
    """

    def __init__(self, channels: int, heads: int, widening: int) -> None:
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(channels)
        self.attend = nn.Linear(channels, 3 * channels)
        self.join = nn.Linear(channels, channels)
        self.between = nn.LayerNorm(channels)
        self.widen = nn.Linear(channels, widening * channels)
        self.narrow = nn.Linear(widening * channels, channels)

    def forward(self, row: Tensor, biases: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D), with biases (H, T, T) on the scores."""
        B, T, D = row.shape
        parts = self.attend(self.before(row)).view(B, T, 3, self.heads, D // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)  # (B, H, T, d) each
        found = nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=biases)
        row = row + self.join(found.transpose(1, 2).reshape(B, T, D))
        changed: Tensor = row + self.narrow(nn.functional.gelu(self.widen(self.between(row))))
        return changed  # (B, T, D)
