"""Convolutional nets on the digits, trained as usual or on their own adversarial images; imports torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from synth.compare.adversarial.battery import Attack, Broken
from synth.compare.adversarial.black_box import Classify
from synth.compare.adversarial.gradient_attacks import ascend_to, fgsm, pgd, random_signs
from synth.compare.adversarial.images import CLASSES, LEVEL, Floats, Images, ImageSource
from synth.compare.metrics import Count
from synth.compare.training import Trained, one_thread, train
from synth.nets.cnn import Cnn

__all__ = [
    "Ascent",
    "Recipe",
    "accuracy",
    "by_gradient",
    "classify_with",
    "find_pair",
    "kept_net",
    "pushed_randomly",
    "train_net",
]

Batch = tuple[Tensor, Tensor]

SURE = 0.99
"""From this probability on the wrong class counts as reached: the gibbon of the essay."""
_WELL_KNOWN = 0.9
"""The least probability of the right digit before the push."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a net is trained: steps, batch, peak learning rate, and for adversarial training the strength in grey levels.

    With a strength, every batch is replaced by what PGD of `inner` steps makes of it (Madry et al. 2018, section 2).
    """

    steps: int
    batch: int
    learning_rate: float
    strength: float = 0.0
    inner: int = 7
    weight_decay: float = 1e-3
    checkpoints: int = 2


def train_net(source: ImageSource, recipe: Recipe, seed: int) -> Trained:
    """A fresh net of a seed; the same recipe and seed give the same net."""
    one_thread()
    images = source.split(seed).train
    generator = torch.Generator().manual_seed(int(source.stream("inner attack", seed).integers(2**31)))

    def loss(net: nn.Module, part: Batch) -> Tensor:
        pixels, labels = part
        if recipe.strength:
            pixels = pgd(net, pixels, labels, recipe.strength * LEVEL, steps=recipe.inner, generator=generator)
        return nn.functional.cross_entropy(net(pixels), labels)

    return train(
        lambda: Cnn(CLASSES),
        _batches(images, recipe.batch, source.stream("batches", seed)),
        loss,
        steps=recipe.steps,
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        seed=int(source.stream("init", seed).integers(2**31)),
        checkpoints=recipe.checkpoints,
    )


@lru_cache(maxsize=2)
def kept_net(source: ImageSource, recipe: Recipe, seed: int) -> nn.Module:
    """As `train_net`, with the checkpoint that validation chooses; kept for the references that borrow its attacks."""
    found = train_net(source, recipe, seed)
    found.best(lambda net: accuracy(net, source.split(seed).validation).share)
    return found.net


def _batches(images: Images, size: int, rng: np.random.Generator) -> Iterator[Sequence[Batch]]:
    """Batches of all images in a new order each time round."""
    pixels, labels = torch.from_numpy(images.pixels), torch.from_numpy(images.labels)
    while True:
        order = torch.from_numpy(rng.permutation(len(images)))
        for start in range(0, len(order) - size + 1, size):
            some = order[start : start + size]
            yield [(pixels[some], labels[some])]


def classify_with(net: nn.Module) -> Classify:
    """The logits of a net."""

    @torch.no_grad()
    def classify(pixels: Floats) -> Floats:
        logits: Floats = net(torch.from_numpy(pixels)).numpy()
        return logits

    return classify


def accuracy(net: nn.Module, images: Images) -> Count:
    """How many images a net judges rightly."""
    right = (classify_with(net)(images.pixels).argmax(axis=1) == images.labels).sum()
    return Count(int(right), len(images))


def by_gradient(net: nn.Module, steps: int, seed: int, classify: Classify | None = None) -> tuple[Attack, Attack]:
    """FGSM and PGD along a net's gradient, judged by that net, or by another classifier (then they are transferred)."""
    judge = classify_with(net) if classify is None else classify
    generator = torch.Generator().manual_seed(seed)
    carried = "" if classify is None else "transferred "

    def quick(images: Images, strength: float) -> Broken:
        return _wrong(judge, fgsm(net, *_tensors(images), strength), images)

    def thorough(images: Images, strength: float) -> Broken:
        moved = pgd(net, *_tensors(images), strength, steps=steps, generator=generator)
        return _wrong(judge, moved, images)

    return Attack(f"{carried}FGSM", quick, alone=True), Attack(f"{carried}PGD-{steps}", thorough, alone=True)


def pushed_randomly(net: nn.Module, images: Images, strengths: Sequence[int], seed: int) -> dict[int, Broken]:
    """The control: by strength, which images are judged rightly after a push in directions that are drawn."""
    generator = torch.Generator().manual_seed(seed)
    judge, pixels = classify_with(net), torch.from_numpy(images.pixels)
    return {
        strength: ~_wrong(judge, random_signs(pixels, strength * LEVEL, generator), images) for strength in strengths
    }


def _tensors(images: Images) -> Batch:
    return torch.from_numpy(images.pixels), torch.from_numpy(images.labels)


def _wrong(classify: Classify, moved: Tensor, images: Images) -> Broken:
    wrong: Broken = classify(moved.numpy()).argmax(axis=1) != images.labels
    return wrong


@dataclass(frozen=True, slots=True)
class Ascent:
    """The pair that needs the smallest push, and of how many tries the wrong class was reached, by strength."""

    place: int
    digit: int
    target: int
    strength: float
    before: float
    after: float
    original: tuple[float, ...]
    moved: tuple[float, ...]
    reached: tuple[int, ...]
    tried: int


def find_pair(
    net: nn.Module, images: Images, strengths: Sequence[int], *, steps: int, targets: int, rng: np.random.Generator
) -> Ascent | None:
    """Push well-known images towards drawn wrong digits; the pair that gets there with the least strength, or None.

    It is the best case of an attacker who may choose image and digit: the success rate stands beside it.
    """
    sure = _probabilities(net, images.pixels)[np.arange(len(images)), images.labels]
    known = images.take(sure >= _WELL_KNOWN)
    if not len(known):
        return None
    rows = np.repeat(np.arange(len(known)), targets)
    others = np.array([rng.permutation(np.delete(np.arange(CLASSES), d))[:targets] for d in known.labels]).reshape(-1)
    left, reached, first = np.arange(len(rows)), [], None
    for strength in strengths:
        some = known.take(rows[left])
        found = _reached(net, some, others[left], strength * LEVEL, steps)
        if found.any() and first is None:
            first = [(int(rows[tries]), int(others[tries])) for tries in left[found]]
        left = left[~found]
        reached.append(len(rows) - len(left))
    if first is None:
        return None
    lowest = strengths[next(n for n, count in enumerate(reached) if count)]
    return _smallest(net, known, first, lowest, steps, tuple(reached), len(rows))


def _smallest(
    net: nn.Module,
    known: Images,
    tries: Sequence[tuple[int, int]],
    strength: float,
    steps: int,
    reached: tuple[int, ...],
    tried: int,
) -> Ascent:
    """Of tries that succeed at a strength, the one that succeeds at the least; by halving the interval four times."""
    low, high = strength - 1.0, float(strength)
    for _ in range(4):
        middle = (low + high) / 2
        rows, targets = (np.array(values) for values in zip(*tries, strict=True))
        found = _reached(net, known.take(rows), targets, middle * LEVEL, steps)
        if found.any():
            tries, high = [one for one, hit in zip(tries, found, strict=True) if hit], middle
        else:
            low = middle
    row, target = tries[0]
    image = known.take(np.array([row]))
    moved = ascend_to(net, torch.from_numpy(image.pixels), torch.tensor([target]), high * LEVEL, steps=steps).numpy()
    digit = int(image.labels[0])
    return Ascent(
        int(image.places[0]),
        digit,
        target,
        high,
        float(_probabilities(net, image.pixels)[0, digit]),
        float(_probabilities(net, moved)[0, target]),
        tuple(round(float(v), 4) for v in image.pixels[0]),
        tuple(round(float(v), 4) for v in moved[0]),
        reached,
        tried,
    )


def _reached(net: nn.Module, images: Images, targets: np.ndarray, strength: float, steps: int) -> Broken:
    moved = ascend_to(net, torch.from_numpy(images.pixels), torch.from_numpy(targets), strength, steps=steps)
    hit: Broken = _probabilities(net, moved.numpy())[np.arange(len(targets)), targets] >= SURE
    return hit


def _probabilities(net: nn.Module, pixels: Floats) -> Floats:
    found: Floats = torch.from_numpy(classify_with(net)(pixels)).softmax(dim=1).numpy()
    return found
