"""A long short-term memory net that reads a sequence and then fills output slots."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["Lstm"]


class Lstm(nn.Module):
    """One LSTM reads the input, a second one, started from its last state and memory, fills the slots.

    B sequences, N input tokens, S slots, E embedding channels, H hidden units, V output tokens.
    """

    def __init__(self, inputs: int, outputs: int, *, embedding: int = 32, hidden: int = 128) -> None:
        super().__init__()
        self.embed = nn.Embedding(inputs, embedding)
        self.slot = nn.Parameter(torch.randn(1, 1, embedding))
        self.reader = nn.LSTM(embedding, hidden, batch_first=True)
        self.writer = nn.LSTM(embedding, hidden, batch_first=True)
        self.choose = nn.Linear(hidden, outputs)
        for cell in (self.reader, self.writer):  # keeps gradients alive over many steps (Saxe et al. 2013)
            nn.init.orthogonal_(cell.get_parameter("weight_hh_l0"))

    def forward(self, tokens: Tensor, slots: int) -> Tensor:
        """(B, N) token ids -> (B, S, V) logits."""
        _, memory = self.reader(self.embed(tokens))  # two of (1, B, H): state and memory
        blanks = self.slot.expand(len(tokens), slots, -1)  # (B, S, E)
        written, _ = self.writer(blanks, memory)  # (B, S, H)
        logits: Tensor = self.choose(written)
        return logits  # (B, S, V)
