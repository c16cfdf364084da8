"""Attacks on images that follow the gradient of a net; imports torch.

Each moves every pixel by at most `strength` (a ball of the maximum norm) and keeps it between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["ascend_to", "fgsm", "pgd", "random_signs"]

STEP = 0.25
"""The step of PGD as a share of the strength: twenty of them reach every corner of the ball from anywhere."""


def fgsm(net: nn.Module, images: Tensor, labels: Tensor, strength: float) -> Tensor:
    """One step along the sign of the gradient (Goodfellow, Shlens and Szegedy 2014, section 4)."""
    return (images + strength * _uphill(net, images, _loss(labels))).clamp(0, 1)


def pgd(
    net: nn.Module, images: Tensor, labels: Tensor, strength: float, *, steps: int, generator: torch.Generator
) -> Tensor:
    """Projected gradient ascent on the loss from a random start (Madry et al. 2018, section 2.1)."""
    start = images + strength * (2 * torch.rand(images.shape, generator=generator).to(images) - 1)
    return _climb(net, images, start.clamp(0, 1), _loss(labels), strength, steps)


def ascend_to(net: nn.Module, images: Tensor, targets: Tensor, strength: float, *, steps: int) -> Tensor:
    """Gradient ascent on the probability of a class of the attacker's choice (Szegedy et al. 2013; Kurakin 2016)."""
    loss = _loss(targets)
    return _climb(net, images, images, lambda logits: -loss(logits), strength, steps)


def random_signs(images: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """The control: every pixel moves by the whole strength, in directions that are drawn."""
    signs = torch.randint(0, 2, images.shape, generator=generator).to(images) * 2 - 1
    return (images + strength * signs).clamp(0, 1)


def _climb(
    net: nn.Module,
    images: Tensor,
    start: Tensor,
    goal: Callable[[Tensor], Tensor],
    strength: float,
    steps: int,
) -> Tensor:
    """Steps along the sign of the gradient, each followed by a step back into the ball."""
    moved = start
    for _ in range(steps):
        moved = moved + STEP * strength * _uphill(net, moved, goal)
        moved = torch.min(torch.max(moved, images - strength), images + strength).clamp(0, 1)
    return moved


def _uphill(net: nn.Module, images: Tensor, goal: Callable[[Tensor], Tensor]) -> Tensor:
    """The sign of the gradient of a goal with respect to the images."""
    probed = images.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(goal(net(probed)), probed)
    return gradient.sign()


def _loss(labels: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda logits: nn.functional.cross_entropy(logits, labels, reduction="sum")
