"""Elman's simple recurrent net with rectified units: one matrix of states, one of inputs, and a readout."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["Elman"]


class Elman(nn.Module):
    """One simple recurrent layer (Elman 1990) reads the input and then goes on over a blank for each further slot.

    The first slot is read off the state after the last item. Recurrent weights start orthogonal, which keeps gradients
    alive over many steps (Saxe et al. 2013); the identity of Le, Jaitly and Hinton 2015 held less far here.
    B sequences, N input tokens, S slots, I input tokens and a blank, H hidden units, V output tokens.
    """

    def __init__(self, inputs: int, outputs: int, *, hidden: int = 256) -> None:
        super().__init__()
        self.inputs = inputs
        self.cell = nn.RNN(inputs + 1, hidden, nonlinearity="relu", batch_first=True)
        self.start = nn.Parameter(torch.zeros(1, 1, hidden))
        self.choose = nn.Linear(hidden, outputs)
        with torch.no_grad():
            nn.init.orthogonal_(self.cell.get_parameter("weight_hh_l0"))
            for name in ("bias_hh_l0", "bias_ih_l0"):
                nn.init.zeros_(self.cell.get_parameter(name))

    def states(self, tokens: Tensor) -> Tensor:
        """(B, N) token ids -> (B, N, H) states after each item."""
        found: Tensor = self._go_on(tokens, self.start.expand(1, len(tokens), -1).contiguous())
        return found

    def _go_on(self, tokens: Tensor, state: Tensor) -> Tensor:
        """(B, N) token ids, (1, B, H) -> (B, N, H)."""
        read: Tensor = self.cell(nn.functional.one_hot(tokens, self.inputs + 1).to(state.dtype), state)[0]
        return read

    def forward(self, tokens: Tensor, slots: int) -> Tensor:
        """(B, N) token ids -> (B, S, V) logits."""
        last = self.states(tokens)[:, -1:]  # (B, 1, H)
        if slots > 1:
            blanks = torch.full((len(tokens), slots - 1), self.inputs, device=tokens.device)
            last = torch.cat([last, self._go_on(blanks, last.transpose(0, 1).contiguous())], dim=1)  # (B, S, H)
        logits: Tensor = self.choose(last)
        return logits  # (B, S, V)
