"""A multilayer perceptron: a vector in, a vector out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from torch import Tensor, nn

__all__ = ["Mlp"]


class Mlp(nn.Module):
    """Linear layers with an activation after each but the last.

    B vectors, I inputs, O outputs; `hidden` are the widths between. SiLU is smooth, as the claim about nets wants it;
    give `nn.ReLU` for a net that is linear in pieces.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        hidden: Sequence[int] = (64, 64, 64),
        activation: Callable[[], nn.Module] = nn.SiLU,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for width, following in pairwise((inputs, *hidden)):
            layers += [nn.Linear(width, following), activation()]
        self.layers = nn.Sequential(*layers, nn.Linear((inputs, *hidden)[-1], outputs))

    def forward(self, vectors: Tensor) -> Tensor:
        """(B, I) -> (B, O)."""
        found: Tensor = self.layers(vectors)
        return found  # (B, O)
