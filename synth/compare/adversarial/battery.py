"""All attacks on one classifier of images, one after the other, and what withstands them at each strength."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from synth.compare.adversarial.black_box import Classify, margins, square_attack, towards_others
from synth.compare.adversarial.images import LEVEL, Images

__all__ = ["STRENGTHS", "Attack", "Broken", "Withstood", "by_queries", "by_towards", "withstand"]

STRENGTHS = (1, 2, 3, 4)
"""Strengths of attacks on images, in grey levels."""

Broken: TypeAlias = NDArray[np.bool_]
"""(N,) which images are misjudged now."""


@dataclass(frozen=True)
class Attack:
    """An attack: from images and how far pixels may move to which are misjudged; `alone`: it has a curve of its own.

    Others are only tried on images that withstood the attacks before.
    """

    name: str
    run: Callable[[Images, float], Broken]
    alone: bool = False


@dataclass(frozen=True)
class Withstood:
    """By strength, which images are judged rightly whatever the attack.

    `alone` has, for attacks with curves of their own, how many images are right under this attack only; `more` how
    many of those that withstood the others each further attack broke. Both are by strength, from 1 on.
    """

    rights: Mapping[int, Broken]
    alone: Mapping[str, tuple[int, ...]]
    more: Mapping[str, tuple[int, ...]]


def withstand(
    classify: Classify, images: Images, attacks: Sequence[Attack], strengths: Sequence[int] = STRENGTHS
) -> Withstood:
    """Attack at growing strengths. What broke under a weaker attack stays broken: its ball lies in the larger one."""
    clean = margins(classify(images.pixels), images.labels) > 0
    rights = {0: clean}
    counts: dict[str, list[int]] = {attack.name: [] for attack in attacks}
    alive = clean
    for strength in strengths:
        alive = alive.copy()
        for attack in attacks:
            which = np.arange(len(images)) if attack.alone else np.flatnonzero(alive)
            wrong = np.zeros(len(images), dtype=bool)
            if len(which):
                wrong[which] = attack.run(images.take(which), strength * LEVEL)
            counts[attack.name].append(int((clean & ~wrong).sum() if attack.alone else (alive & wrong).sum()))
            alive &= ~wrong
        rights[strength] = alive
    named = {attack.name: attack for attack in attacks}
    return Withstood(
        rights,
        {name: tuple(found) for name, found in counts.items() if named[name].alone},
        {name: tuple(found) for name, found in counts.items() if not named[name].alone},
    )


def by_queries(classify: Classify, queries: int, rng: np.random.Generator) -> Attack:
    """The Square attack as one of a battery."""

    def run(images: Images, strength: float) -> Broken:
        return square_attack(classify, images, strength, queries=queries, rng=rng)[1]

    return Attack("Square", run)


def by_towards(classify: Classify, known: Images, neighbours: int) -> Attack:
    """Steps towards known images of other digits, as one of a battery."""

    def run(images: Images, strength: float) -> Broken:
        return towards_others(classify, images, known, strength, neighbours=neighbours)

    return Attack("towards others", run)
