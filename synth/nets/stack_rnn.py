"""A recurrent net with a stack that is differentiable: each push and pop is done in part."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["StackRnn"]


class StackRnn(nn.Module):
    """A simple recurrent net beside a stack, as Joulin and Mikolov 2015 (arXiv 1503.01007, section 3.2) made it.

    At each step the net sees its item and the top of the stack, says how much it pushes, pops or does nothing (these
    sum to 1), and what it would push; the stack then is the mixture of the three. The same net reads the input and goes
    on over a blank for each slot. The stack is as deep as there are steps, so it is never full. B sequences, N input
    tokens, S slots, T = N + S steps, E embedding channels, H hidden units, C channels of an entry, V output tokens.
    """

    def __init__(self, inputs: int, outputs: int, *, embedding: int = 32, hidden: int = 128, entry: int = 16) -> None:
        super().__init__()
        self.entry, self.hidden = entry, hidden
        self.embed = nn.Embedding(inputs, embedding)
        self.slot = nn.Parameter(torch.randn(1, 1, embedding))
        self.cell = nn.RNNCell(embedding + entry, hidden)
        self.act = nn.Linear(hidden, 3)
        self.push = nn.Linear(hidden, entry)
        self.choose = nn.Linear(hidden + entry, outputs)
        nn.init.orthogonal_(self.cell.weight_hh)  # keeps gradients alive over many steps (Saxe et al. 2013)

    def forward(self, tokens: Tensor, slots: int) -> Tensor:
        """(B, N) token ids -> (B, S, V) logits."""
        blanks = self.slot.expand(len(tokens), slots, -1)  # (B, S, E)
        row = torch.cat([self.embed(tokens), blanks], dim=1)  # (B, T, E)
        state = row.new_zeros(len(row), self.hidden)  # (B, H)
        stack = row.new_zeros(len(row), row.shape[1] + 1, self.entry)  # (B, T + 1, C), the top first
        said: list[Tensor] = []
        for step in range(row.shape[1]):
            state = self.cell(torch.cat([row[:, step], stack[:, 0]], dim=1), state)
            stack = self._moved(stack, state)
            if step >= row.shape[1] - slots:
                said.append(self.choose(torch.cat([state, stack[:, 0]], dim=1)))
        return torch.stack(said, dim=1)  # (B, S, V)

    def _moved(self, stack: Tensor, state: Tensor) -> Tensor:
        """(B, T + 1, C) and (B, H) -> the stack after a step."""
        push, pop, stay = self.act(state).softmax(dim=1)[:, :, None, None].unbind(dim=1)  # three of (B, 1, 1)
        new = self.push(state).sigmoid()[:, None]  # (B, 1, C)
        down = torch.cat([new, stack[:, :-1]], dim=1)  # everything one place down, the new entry on top
        up = torch.cat([stack[:, 1:], torch.zeros_like(new)], dim=1)
        moved: Tensor = push * down + pop * up + stay * stack
        return moved
