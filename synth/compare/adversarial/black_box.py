"""Attacks on images that need no gradient: they ask a classifier for its scores, or only for its answer.

A classifier without a gradient is not robust because of that; so everyone is attacked by these too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from synth.compare.adversarial.images import SIDE, Floats, Images, Ints

__all__ = ["Classify", "margins", "square_attack", "towards_others"]

Classify: TypeAlias = Callable[[Floats], Floats]
"""From (N, 64) pixels to (N, 10) scores; the answer is the class of the largest."""

_SHARE = 0.8
"""Share of the image that the first squares cover, large as our images are small; it is halved as queries go by."""
_HALVINGS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
"""Shares of the queries after which the covered share is halved: the paper's schedule, scaled to the budget."""


def margins(scores: Floats, labels: Ints) -> Floats:
    """By how much the right class leads the best other one; not above zero where the classifier is wrong.

    >>> margins(np.array([[1.0, 3.0, 2.0]], dtype=np.float32), np.array([1])).tolist()
    [1.0]
    """
    rows = np.arange(len(labels))
    others = scores.copy()
    others[rows, labels] = -np.inf
    lead: Floats = scores[rows, labels] - others.max(axis=1)
    return lead


def square_attack(
    classify: Classify, images: Images, strength: float, *, queries: int, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.bool_]]:
    """Random search over squares of the image (Andriushchenko et al. 2020, algorithms 1 and 2).

    Returns the images in their last state and which of them the classifier gets wrong now.
    """
    clean = images.pixels
    stripes = np.repeat(rng.choice((-1, 1), size=(len(images), 1, SIDE)), SIDE, axis=1).reshape(len(images), -1)
    best = _clipped(clean + strength * stripes)
    lead = margins(classify(best), images.labels)
    for query in range(1, queries):
        open_ones = np.flatnonzero(lead > 0)
        if not len(open_ones):
            break
        square = _squares(len(open_ones), _edge(query / queries), rng)
        signs = rng.choice((-1.0, 1.0), size=(len(open_ones), 1))
        tried = np.where(square, _clipped(clean[open_ones] + strength * signs), best[open_ones])
        found = margins(classify(tried), images.labels[open_ones])
        better = found < lead[open_ones]
        best[open_ones[better]] = tried[better]
        lead[open_ones[better]] = found[better]
    return best, lead <= 0


def _clipped(pixels: NDArray[np.floating]) -> Floats:
    kept: Floats = np.clip(pixels, 0, 1).astype(np.float32)
    return kept


def _edge(done: float) -> int:
    """The side of the squares after a share of the queries.

    >>> _edge(0.0), _edge(0.9)
    (7, 1)
    """
    share = _SHARE / 2 ** sum(done > after for after in _HALVINGS)
    return max(1, min(SIDE, round(math.sqrt(share) * SIDE)))


def _squares(count: int, edge: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(count, 64): a square of an image each, at places drawn evenly."""
    corners = rng.integers(0, SIDE - edge + 1, size=(2, count, 1))
    within = (np.arange(SIDE) >= corners) & (np.arange(SIDE) < corners + edge)  # (2, count, 8)
    inside: NDArray[np.bool_] = (within[0][:, :, None] & within[1][:, None, :]).reshape(count, -1)
    return inside


def towards_others(
    classify: Classify, images: Images, known: Images, strength: float, *, neighbours: int
) -> NDArray[np.bool_]:
    """Which images are misjudged when moved, as far as is allowed, towards the nearest known images of other digits.

    It asks for answers only, and is the attack that knows how nearest neighbours decide (cf. Yang et al. 2020,
    "Robustness for non-parametric classification").
    """
    squares = (known.pixels**2).sum(axis=1) - 2 * images.pixels @ known.pixels.T  # distances, but for what all share
    distances = squares.astype(np.float64)
    distances[images.labels[:, None] == known.labels[None, :]] = np.inf
    wrong = np.zeros(len(images), dtype=bool)
    for nearest in np.argsort(distances, axis=1)[:, :neighbours].T:
        moved = images.pixels + np.clip(known.pixels[nearest] - images.pixels, -strength, strength)
        wrong |= margins(classify(_clipped(moved)), images.labels) <= 0
    return wrong
