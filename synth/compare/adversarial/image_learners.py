"""Who is attacked on images: nets, classical references, and the control of random pushes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from synth.compare.adversarial.battery import STRENGTHS, Attack, Withstood, by_queries, by_towards, withstand
from synth.compare.adversarial.black_box import Classify, margins
from synth.compare.adversarial.images import CLASSES, Floats, Images, ImageSource
from synth.compare.adversarial.marks import scores_of
from synth.compare.protocol import TRAINED_ENOUGH, Effort
from synth.compare.records import Answered, Cell, DataUsed, Outcome, Run
from synth.compare.scoring import hash_tests
from synth.compare.streams import random_stream

if TYPE_CHECKING:
    from torch.nn import Module

    from synth.compare.adversarial.image_nets import Recipe

__all__ = ["AttackedCnn", "AttackedReference", "RandomPush", "nearest_image", "support_vectors"]

_NEIGHBOURS = 5
_PGD_STEPS = 20
_SHOWN = 3
"""Test images of which answers are kept for people to look at."""


@dataclass(frozen=True)
class AttackedCnn:
    """A convolutional net; with a `strength` (in grey levels) it is trained on its own adversarial images.

    `headline` is the strength at which the second checkpoint is chosen (rule F5).
    """

    learning_rate: float
    headline: int
    strength: float = 0.0

    def __call__(self, source: ImageSource, effort: Effort, cell: Cell) -> Run:
        """Train, choose a checkpoint, attack in every way, look for the pair."""
        from synth.compare.adversarial.image_nets import Recipe, accuracy, find_pair, train_net  # imports torch

        steps = effort.steps_of(cell.task, cell.learner)
        recipe = Recipe(steps, effort.batch, self.learning_rate, self.strength)
        found = train_net(source, recipe, cell.seed)
        started = time.process_time()
        split, images = source.split(cell.seed), source.tested(cell.seed, effort.tests)

        def at_headline(net: object) -> float:
            return float(_attacked(found.net, split.train, images, effort, cell, (self.headline,)).mean(self.headline))

        _, best = found.best(at_headline)
        peeked = _attacked(found.net, split.train, images, effort, cell, (self.headline,))
        assert peeked.mean(self.headline) == best, "the same attack gives the same result"
        found.best(lambda net: accuracy(net, split.validation).share)
        result = _attacked(found.net, split.train, images, effort, cell)
        fit = accuracy(found.net, split.train)
        rng = random_stream(source.protocol, cell.task, cell.learner, "targets", cell.seed)
        pair = find_pair(
            found.net,
            images.take(np.arange(min(len(images), int(effort.settings["pair images"])))),
            STRENGTHS,
            steps=_PGD_STEPS,
            targets=int(effort.settings["pair targets"]),
            rng=rng,
        )
        outcome: Outcome = "trained" if fit.share >= TRAINED_ENOUGH else "under-trained"
        return Run.of(
            cell,
            outcome,
            scores=scores_of(result.withstood.rights),
            peeked=scores_of({self.headline: peeked.withstood.rights[self.headline]}),
            answers=result.answers(images),
            data=_data(source, cell, effort),
            fit=fit,
            cpu_seconds=round(found.cpu_seconds, 3),
            test_cpu_seconds=round(time.process_time() - started, 3),
            parameters=found.parameters,
            steps=found.steps,
            details={**result.details, "pair": None if pair is None else asdict(pair)},
        )


@dataclass(frozen=True)
class _Result:
    """What withstood the attacks, with the classifier's answers to clean images."""

    withstood: Withstood
    clean: Floats

    def mean(self, strength: int) -> float:
        return float(self.withstood.rights[strength].mean())

    @property
    def details(self) -> dict[str, object]:
        told = self.withstood
        return {
            "alone": {name: list(counts) for name, counts in told.alone.items()},
            "more": {name: list(counts) for name, counts in told.more.items()},
        }

    def answers(self, images: Images) -> tuple[Answered, ...]:
        """What was said to the first few images, before any attack."""
        sure = np.exp(self.clean - self.clean.max(axis=1, keepdims=True))
        sure = sure.max(axis=1) / sure.sum(axis=1)
        return tuple(
            Answered(
                0,
                f"digit image {place}",
                (str(digit),),
                (str(self.clean[row].argmax()),),
                bool(self.clean[row].argmax() == digit),
                round(float(sure[row]), 4),
            )
            for row, (place, digit) in enumerate(zip(images.places[:_SHOWN], images.labels[:_SHOWN], strict=True))
        )


def _attacked(
    net: Module, known: Images, images: Images, effort: Effort, cell: Cell, strengths: tuple[int, ...] = STRENGTHS
) -> _Result:
    """A net under all attacks, by streams of their own, so that the same net gives the same result."""
    from synth.compare.adversarial.image_nets import by_gradient, classify_with  # imports torch

    classify = classify_with(net)
    rng = random_stream("attack", *cell.key)
    attacks = (*by_gradient(net, _PGD_STEPS, cell.seed), *_without_gradient(classify, known, effort, rng))
    return _Result(withstand(classify, images, attacks, strengths), classify(images.pixels))


def _without_gradient(
    classify: Classify, known: Images, effort: Effort, rng: np.random.Generator
) -> tuple[Attack, Attack]:
    queries = int(effort.settings["image queries"])
    return by_towards(classify, known, _NEIGHBOURS), by_queries(classify, queries, rng)


def _data(source: ImageSource, cell: Cell, effort: Effort) -> DataUsed:
    used = source.split(cell.seed)
    return DataUsed(
        source.learned_from(cell.seed),
        len(used.train) + len(used.validation),
        hash_tests(source.tests(cell.seed, effort.tests)),
        encoding=source.encoding_name,
    )


Make = Callable[[Images], Classify]
"""From training images to a classifier."""


@dataclass(frozen=True)
class AttackedReference:
    """A classifier without a gradient, attacked directly, and by images that were made against the net `borrowed`.

    `borrowed` is the learner whose attacks are transferred, with its learning rate.
    """

    make: Make
    borrowed: tuple[str, float]

    def __call__(self, source: ImageSource, effort: Effort, cell: Cell) -> Run:
        """Fit, attack, test."""
        from synth.compare.adversarial.image_nets import by_gradient, kept_net  # imports torch

        started = time.process_time()
        split, images = source.split(cell.seed), source.tested(cell.seed, effort.tests)
        classify = self.make(split.train)
        learned = time.process_time() - started
        net = kept_net(source, _recipe_of(effort, cell, self.borrowed), cell.seed)
        rng = random_stream("attack", *cell.key)
        attacks = (
            *by_gradient(net, _PGD_STEPS, cell.seed, classify),
            *_without_gradient(classify, split.train, effort, rng),
        )
        result = _Result(withstand(classify, images, attacks), classify(images.pixels))
        return Run.of(
            cell,
            "reference",
            scores=scores_of(result.withstood.rights),
            data=_data(source, cell, effort),
            cpu_seconds=round(learned, 3),
            details=result.details,
        )


@dataclass(frozen=True)
class RandomPush:
    """The control: the plain net of the same seed, and pushes of the same size in directions that are drawn."""

    borrowed: tuple[str, float]

    def __call__(self, source: ImageSource, effort: Effort, cell: Cell) -> Run:
        """Push, test."""
        from synth.compare.adversarial.image_nets import classify_with, kept_net, pushed_randomly  # imports torch

        images = source.tested(cell.seed, effort.tests)
        net = kept_net(source, _recipe_of(effort, cell, self.borrowed), cell.seed)
        clean = margins(classify_with(net)(images.pixels), images.labels) > 0
        rights = {0: clean, **pushed_randomly(net, images, STRENGTHS, cell.seed)}
        return Run.of(cell, "reference", scores=scores_of(rights), data=_data(source, cell, effort))


def _recipe_of(effort: Effort, cell: Cell, borrowed: tuple[str, float]) -> Recipe:
    from synth.compare.adversarial.image_nets import Recipe  # imports torch

    learner, learning_rate = borrowed
    return Recipe(effort.steps_of(cell.task, learner), effort.batch, learning_rate)


def support_vectors(images: Images) -> Classify:
    """A support vector machine with radial basis functions, at scikit-learn's scale of them, and C = 10."""
    from sklearn.svm import SVC  # scikit-learn takes a second, and only this protocol needs it

    fitted = SVC(C=10.0, kernel="rbf", gamma="scale").fit(images.pixels, images.labels)

    def classify(pixels: Floats) -> Floats:
        scores: Floats = fitted.decision_function(pixels).astype(np.float32)
        return scores

    return classify


def nearest_image(images: Images) -> Classify:
    """The digit of the nearest training image: a class scores minus the squared distance to its nearest image."""
    known = [images.pixels[images.labels == digit] for digit in np.unique(images.labels)]
    squares = [(some**2).sum(axis=1) for some in known]

    def classify(pixels: Floats) -> Floats:
        scores = np.full((len(pixels), CLASSES), -np.inf, dtype=np.float32)
        for digit, some, square in zip(np.unique(images.labels), known, squares, strict=True):
            scores[:, digit] = -(square - 2 * pixels @ some.T).min(axis=1)
        return scores

    return classify
