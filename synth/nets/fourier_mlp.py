"""A multilayer perceptron that sees its input as waves: a fair prior for what repeats.

Tancik et al., "Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional Domains", 2020.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

__all__ = ["FourierMlp"]


class FourierMlp(nn.Module):
    """Sines and cosines of each coordinate at F frequencies, evenly spaced on a log scale, then SiLU layers.

    B points, I inputs, O outputs. Frequencies go from half a wave for each unit of the input to `highest` half waves.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        frequencies: int = 32,
        highest: float = 32.0,
        hidden: Sequence[int] = (64, 64, 64),
    ) -> None:
        super().__init__()
        spaced = math.pi * torch.logspace(0, math.log2(highest), frequencies, base=2)
        self.register_buffer("frequencies", spaced, persistent=False)
        layers: list[nn.Module] = []
        for width, following in pairwise((2 * frequencies * inputs, *hidden)):
            layers += [nn.Linear(width, following), nn.SiLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(hidden[-1], outputs))

    def waves(self, points: Tensor) -> Tensor:
        """(B, I) -> (B, 2 * F * I)."""
        assert isinstance(self.frequencies, Tensor)
        angles = (points[:, :, None] * self.frequencies).flatten(1)  # (B, I * F)
        return torch.cat([angles.sin(), angles.cos()], dim=1)

    def forward(self, points: Tensor) -> Tensor:
        """(B, I) -> (B, O)."""
        found: Tensor = self.layers(self.waves(points))
        return found  # (B, O)
