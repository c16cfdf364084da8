"""A residual flow: points move by many small, smooth, invertible steps, and a plane divides them at the end.

Behrmann et al., "Invertible Residual Networks", 2019, section 2: z + g(z) has an inverse where g is a contraction.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["ResidualFlow"]

_STEEPEST = 1.0999
"""The steepest slope of SiLU, rounded up."""


class ResidualFlow(nn.Module):
    """T steps z <- z + step * f(z); each f has a hidden layer, and a Lipschitz constant below `lipschitz`.

    B points, I inputs, D numbers of state (inputs, then zeros), H hidden units. With `step * lipschitz` at most 1 each
    step is a contraction added to its argument, so that the flow never tears space or glues it. Norms of weights are
    exact, from the eigenvalues of their D x D products, not estimated.
    """

    def __init__(
        self,
        inputs: int,
        *,
        state: int | None = None,
        steps: int = 24,
        hidden: int = 32,
        step: float = 0.1,
        lipschitz: float = 10.0,
    ) -> None:
        super().__init__()
        width = inputs if state is None else state
        self.padding, self.step, self.limit = width - inputs, step, 0.999 * math.sqrt(lipschitz / _STEEPEST)
        self.first = nn.Parameter(torch.randn(steps, width, hidden) / math.sqrt(width))
        self.second = nn.Parameter(torch.randn(steps, hidden, width) / math.sqrt(hidden))
        self.inner = nn.Parameter(torch.randn(steps, 1, hidden))
        self.outer = nn.Parameter(torch.zeros(steps, 1, width))
        self.divide = nn.Linear(width, 1)

    def weights(self) -> tuple[Tensor, Tensor]:
        """All first and all second weights, scaled down to the limit where they are above it."""
        return self._limited(self.first, self.first @ self.first.mT), self._limited(
            self.second, self.second.mT @ self.second
        )

    def _limited(self, weights: Tensor, products: Tensor) -> Tensor:
        norms = torch.linalg.eigvalsh(products)[:, -1].clamp_min(1e-12).sqrt()  # (T,)
        scaled: Tensor = weights * (self.limit / norms).clamp_max(1.0)[:, None, None]
        return scaled  # as the weights

    def states(self, points: Tensor) -> list[Tensor]:
        """(B, I) -> the T + 1 states, (B, D) each, the first as the points come in."""
        found = [functional.pad(points, (0, self.padding))]  # (B, D)
        first, second = self.weights()
        for a, b, inner, outer in zip(first, second, self.inner, self.outer, strict=True):
            z = found[-1]
            hidden = functional.silu(torch.addmm(inner, z, a))  # (B, H)
            found.append(z + self.step * torch.addmm(outer, hidden, b))  # (B, D)
        return found

    def forward(self, points: Tensor) -> Tensor:
        """(B, I) -> (B, 1): on which side of the last plane, and how far."""
        side: Tensor = self.divide(self.states(points)[-1])
        return side  # (B, 1)
