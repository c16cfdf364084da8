"""Shapes in two colours: a crumpled sheet of paper, spirals, a checkerboard, nested circles.

Each has coordinates of its own, (n, 2), in which its colours are easy to say (places on the flat sheet), and the
space in which learners see it, (n, D). It is drawn from evenly inside; near its colour borders; and outside, where
its rule goes on and nothing was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BORDER",
    "FAMILIES",
    "REGIONS",
    "Checkerboard",
    "Circles",
    "Fold",
    "PaperBall",
    "Places",
    "Shape",
    "Spirals",
    "draw_places",
    "make_shape",
]

Places: TypeAlias = NDArray[np.float64]
"""Coordinates, a row a point."""
Colours: TypeAlias = NDArray[np.bool_]

REGIONS = ("inside", "border", "outside")
"""Where learners are tested; they learn from the first."""
BORDER = 0.02
"""How near to a border counts as at it."""
_DRAWN_AT_ONCE = 4096
_CENTRE = 0.1
"""The middle of a spiral, where its arms are too thin to be told apart, is left out."""


class Shape(Protocol):
    """What the protocol asks of a shape. `level` is what makes it hard: folds, turns, cells a side, rings."""

    @property
    def level(self) -> int:
        """How hard it is."""

    @property
    def dimensions(self) -> int:
        """Of the space in which learners see it."""

    def drawn(self, uniform: Places, *, outside: bool) -> Places:
        """Places of the shape from even draws of the unit square, (n, 2) -> (n, 2)."""

    def colour(self, places: Places) -> Colours:
        """Which side of the rule places are on."""

    def gap(self, places: Places) -> Places:
        """How far places are from the nearest border of colours, (n,)."""

    def seen(self, places: Places) -> Places:
        """Where learners see the places, (n, 2) -> (n, D)."""

    def flat(self, points: Places) -> Places:
        """The places of what learners see, (n, D) -> (n, 2)."""

    def mesh(self, lines: int) -> Places:
        """Crossings of as many grid lines each way, row by row, (lines * lines, 2)."""


def draw_places(shape: Shape, region: str, count: int, rng: np.random.Generator) -> Places:
    """Places of a region, drawn evenly; the first of many are the same as if only these were drawn."""
    if region != "border":
        return shape.drawn(rng.random((count, 2)), outside=region == "outside")
    kept: list[Places] = []
    while sum(map(len, kept)) < count:
        places = shape.drawn(rng.random((_DRAWN_AT_ONCE, 2)), outside=False)
        kept.append(places[shape.gap(places) < BORDER])
    return np.concatenate(kept)[:count]


@dataclass(frozen=True, slots=True)
class _Flat:
    """A shape that learners see as it is, in the plane."""

    level: int

    @property
    def dimensions(self) -> int:
        """Of the plane."""
        return 2

    def seen(self, places: Places) -> Places:
        """The places themselves."""
        return places

    def flat(self, points: Places) -> Places:
        """The points themselves."""
        return points


@dataclass(frozen=True, slots=True)
class Checkerboard(_Flat):
    """`level` x `level` cells on the unit square; the pattern goes on in [1, 2] x [1, 2]."""

    def drawn(self, uniform: Places, *, outside: bool) -> Places:
        """The unit square, or the one beyond its corner."""
        return uniform + 1.0 if outside else uniform

    def colour(self, places: Places) -> Colours:
        """Whether row and column together are odd."""
        cells = np.floor(places * self.level).astype(np.int64)
        odd: Colours = cells.sum(axis=1) % 2 == 1
        return odd

    def gap(self, places: Places) -> Places:
        """To the nearest line between cells; the rim of the board is none."""
        lines = np.clip(np.round(places * self.level), 1, self.level - 1)
        nearest: Places = np.abs(places - lines / self.level).min(axis=1)
        return nearest

    def mesh(self, lines: int) -> Places:
        """Crossings on the unit square."""
        return _square_mesh(lines)


@dataclass(frozen=True, slots=True)
class Spirals(_Flat):
    """Two arms of `level` turns within the unit disc, which fill it; outside is one turn more."""

    def drawn(self, uniform: Places, *, outside: bool) -> Places:
        """A ring, drawn evenly by area."""
        return _ring(uniform, 1.0, 1.0 + 1.0 / self.level) if outside else _ring(uniform, _CENTRE, 1.0)

    def _phase(self, places: Places) -> Places:
        """Half turns along the spiral; a whole number is a border."""
        radius = np.hypot(places[:, 0], places[:, 1])
        angle = np.arctan2(places[:, 1], places[:, 0]) / (2 * np.pi)
        phase: Places = 2 * (self.level * radius - angle)
        return phase

    def colour(self, places: Places) -> Colours:
        """Which arm."""
        odd: Colours = np.floor(self._phase(places)) % 2 == 1
        return odd

    def gap(self, places: Places) -> Places:
        """To the nearest border, along the steepest way there."""
        phase = self._phase(places)
        steepness = 2 * np.hypot(self.level, 1 / (2 * np.pi * np.hypot(places[:, 0], places[:, 1])))
        gaps: Places = np.abs(phase - np.round(phase)) / steepness
        return gaps

    def mesh(self, lines: int) -> Places:
        """Crossings of circles and rays."""
        return _round_mesh(lines, _CENTRE)


@dataclass(frozen=True, slots=True)
class Circles(_Flat):
    """A disc within `level` rings of equal width, in turn of either colour; outside is one ring more."""

    @property
    def _width(self) -> float:
        return 1.0 / (self.level + 1)

    def drawn(self, uniform: Places, *, outside: bool) -> Places:
        """The unit disc, or the next ring."""
        return _ring(uniform, 1.0, 1.0 + self._width) if outside else _ring(uniform, 0.0, 1.0)

    def colour(self, places: Places) -> Colours:
        """Whether the ring has an odd number."""
        rings = np.floor(np.hypot(places[:, 0], places[:, 1]) * (self.level + 1))
        odd: Colours = rings % 2 == 1
        return odd

    def gap(self, places: Places) -> Places:
        """To the nearest circle between rings."""
        radius = np.hypot(places[:, 0], places[:, 1])
        circles = np.clip(np.round(radius / self._width), 1, self.level)
        gaps: Places = np.abs(radius - circles * self._width)
        return gaps

    def mesh(self, lines: int) -> Places:
        """Crossings of circles and rays."""
        return _round_mesh(lines, 0.02)


@dataclass(frozen=True, slots=True)
class Fold:
    """A smooth fold of space, z -> z + push * sin(wave . z + phase).

    `push` is at right angles to `wave`, so space slides along planes: nothing is torn or glued, and sliding back
    undoes it exactly.
    """

    push: tuple[float, float, float]
    wave: tuple[float, float, float]
    phase: float

    def __call__(self, points: Places, way: float = 1.0) -> Places:
        """(n, 3) -> (n, 3); with `way` -1 the fold is undone."""
        shift = np.sin(points @ np.array(self.wave) + self.phase)
        moved: Places = points + way * np.outer(shift, self.push)
        return moved


@dataclass(frozen=True, slots=True)
class PaperBall:
    """The unit square as a sheet of paper in space, folded smoothly; its colours are the sides of a curve on it.

    Outside is where the sheet goes on to the right, folded by the same folds.
    """

    folds: tuple[Fold, ...]

    @classmethod
    def crumpled(cls, folds: int, rng: np.random.Generator) -> PaperBall:
        """A sheet with so many random folds, of about one wave across the sheet each."""
        return cls(tuple(_random_fold(rng) for _ in range(folds)))

    @property
    def level(self) -> int:
        """How many folds."""
        return len(self.folds)

    @property
    def dimensions(self) -> int:
        """Of space."""
        return 3

    def drawn(self, uniform: Places, *, outside: bool) -> Places:
        """The sheet, or the strip half as wide to its right."""
        return uniform * (0.5, 1.0) + (1.0, 0.0) if outside else uniform

    def _curve(self, along: Places) -> Places:
        curve: Places = 0.5 + 0.25 * np.sin(2 * np.pi * along)
        return curve

    def colour(self, places: Places) -> Colours:
        """Whether a place is above the curve."""
        above: Colours = places[:, 1] > self._curve(places[:, 0])
        return above

    def gap(self, places: Places) -> Places:
        """To the curve, along the steepest way there."""
        slope = 0.5 * np.pi * np.cos(2 * np.pi * places[:, 0])
        gaps: Places = np.abs(places[:, 1] - self._curve(places[:, 0])) / np.hypot(1.0, slope)
        return gaps

    def seen(self, places: Places) -> Places:
        """Where the folds take the places."""
        points: Places = np.column_stack([places - 0.5, np.zeros(len(places))])
        for fold in self.folds:
            points = fold(points)
        return points

    def flat(self, points: Places) -> Places:
        """The folds undone, the last one first."""
        for fold in reversed(self.folds):
            points = fold(points, way=-1.0)
        return points[:, :2] + 0.5

    def mesh(self, lines: int) -> Places:
        """Crossings on the sheet."""
        return _square_mesh(lines)


_PUSH, _WAVE = 0.3, (4.0, 7.0)
"""How far a fold pushes, and between what numbers its wave is (6.3 is one wave across the sheet)."""


def _random_fold(rng: np.random.Generator) -> Fold:
    direction, other = rng.normal(size=(2, 3))
    direction /= np.linalg.norm(direction)
    across = other - (other @ direction) * direction
    push, wave = _PUSH * across / np.linalg.norm(across), rng.uniform(*_WAVE) * direction
    return Fold(_triple(push), _triple(wave), float(rng.uniform(0, 2 * np.pi)))


def _triple(vector: Places) -> tuple[float, float, float]:
    x, y, z = map(float, vector)
    return x, y, z


def _ring(uniform: Places, low: float, high: float) -> Places:
    """The unit square laid evenly on a ring between two radii."""
    radius = np.sqrt(low**2 + (high**2 - low**2) * uniform[:, 0])
    angle = 2 * np.pi * uniform[:, 1]
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _square_mesh(lines: int) -> Places:
    ticks = np.linspace(0.0, 1.0, lines)
    return np.array([(u, v) for u in ticks for v in ticks])


def _round_mesh(lines: int, low: float) -> Places:
    radii, angles = np.linspace(low, 1.0, lines), np.linspace(0.0, 2 * np.pi, lines)
    return np.array([(r * np.cos(a), r * np.sin(a)) for r in radii for a in angles])


FAMILIES: Mapping[str, Callable[[int, np.random.Generator], Shape]] = MappingProxyType(
    {
        "paper": PaperBall.crumpled,
        "spirals": lambda level, rng: Spirals(level),
        "checkerboard": lambda level, rng: Checkerboard(level),
        "circles": lambda level, rng: Circles(level),
    }
)
"""How a shape of a family is made, from its level; only paper has anything random."""


def make_shape(task: str, rng: np.random.Generator) -> Shape:
    """The shape that a task is named after, as in `paper_3`.

    >>> make_shape("checkerboard_8", np.random.default_rng(0)).level
    8
    """
    family, _, level = task.rpartition("_")
    return FAMILIES[family](int(level), rng)
