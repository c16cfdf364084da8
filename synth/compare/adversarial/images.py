"""The images of the protocol: scikit-learn's digits, 8 x 8 pixels of 17 grey levels, split anew for each seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synth.compare.scoring import Arguments, Marking, Probe
from synth.compare.streams import digest, random_stream

__all__ = ["CLASSES", "LEVEL", "SIDE", "Floats", "ImageSource", "Images", "Ints", "Split", "digits"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

SIDE, CLASSES = 8, 10
LEVEL = 1 / 16
"""One grey level: pixels are 0, 1/16, ..., 1."""
_TESTED, _VALIDATED = 0.3, 0.1
"""Shares of the images of each digit that are for tests, and of the rest that are for choosing a checkpoint."""


@dataclass(frozen=True, slots=True)
class Images:
    """Images with their digits: (N, 64) pixels between 0 and 1, (N,) labels, (N,) places in the data set."""

    pixels: Floats
    labels: Ints
    places: Ints

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> Images:
        """Some of them."""
        return Images(self.pixels[which], self.labels[which], self.places[which])


@dataclass(frozen=True, slots=True)
class Split:
    """What a seed trains on, chooses by, and is tested on."""

    train: Images
    validation: Images
    test: Images


@cache
def digits() -> Images:
    """All 1,797 digits that scikit-learn carries, a part of the test set of Alpaydin and Kaynak, 1998."""
    from sklearn.datasets import load_digits  # scikit-learn takes a second, and only this protocol needs it

    found = load_digits()
    labels = found.target.astype(np.int64)
    return Images((found.data / 16).astype(np.float32), labels, np.arange(len(labels)))


def _show(arguments: Arguments) -> str:
    return f"digit image {arguments[0]}"


@dataclass(frozen=True)
class ImageSource:
    """Where the data of an image task comes from. A test input is the place of an image in the data set."""

    protocol: str
    task: str
    marking = Marking(show=_show)
    encoding_name = "64 pixels between 0 and 1"

    def stream(self, purpose: str, seed: int) -> np.random.Generator:
        """A random stream of this task's for a purpose."""
        return random_stream(self.protocol, self.task, purpose, seed)

    def split(self, seed: int) -> Split:
        """Train, validation and test images of a seed, each digit in the same shares."""
        every, rng = digits(), self.stream("split", seed)
        parts: tuple[list[int], list[int], list[int]] = ([], [], [])
        for digit in range(CLASSES):
            places = rng.permutation(np.flatnonzero(every.labels == digit))
            tested = round(_TESTED * len(places))
            chosen = tested + round(_VALIDATED * (len(places) - tested))
            for part, some in zip(parts, (places[chosen:], places[tested:chosen], places[:tested]), strict=True):
                part += some.tolist()
        train, validation, test = (every.take(rng.permutation(np.array(part))) for part in parts)
        return Split(train, validation, test)

    def tested(self, seed: int, count: int) -> Images:
        """The first test images of a seed, `count` at most."""
        return self.split(seed).test.take(np.arange(min(count, len(self.split(seed).test))))

    def tests(self, seed: int, count: int) -> tuple[Probe, ...]:
        """The test images without any attack, as a probe."""
        images = self.tested(seed, count)
        pairs = tuple(((int(place),), int(digit)) for place, digit in zip(images.places, images.labels, strict=True))
        return (Probe(0, pairs, possible=len(digits())),)

    def learned_from(self, seed: int) -> str:
        """A content hash of all that a learner of a seed may use: images to train on and to choose by."""
        split = self.split(seed)
        return digest([split.train.places.tolist(), split.validation.places.tolist()])
