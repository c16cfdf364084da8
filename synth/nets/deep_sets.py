"""A net on sets: each member through one perceptron, the sum of all through another."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["DeepSets"]


class DeepSets(nn.Module):
    """Zaheer et al., "Deep Sets", 2017: the order of members does not matter, and their number may grow.

    B sets of at most N members, I inputs a member of which the last says whether it is there, O outputs. `linear`
    leaves out the perceptron after the sum, so that the outcome is a sum over members and nothing else.
    """

    def __init__(self, inputs: int, outputs: int, *, hidden: int = 128, linear: bool = True) -> None:
        super().__init__()
        width = outputs if linear else hidden
        self.member = nn.Sequential(
            nn.Linear(inputs - 1, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, width)
        )
        self.whole: nn.Module = (
            nn.Identity() if linear else nn.Sequential(nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, outputs))
        )

    def forward(self, members: Tensor) -> Tensor:
        """(B, N, I) -> (B, O)."""
        there = members[..., -1:]  # (B, N, 1)
        summed = (self.member(members[..., :-1]) * there).sum(dim=1)  # (B, width)
        found: Tensor = self.whole(summed)
        return found  # (B, O)
