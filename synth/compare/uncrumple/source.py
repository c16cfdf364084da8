"""The data of protocol `uncrumple`: points with their colour, the same for every learner of a seed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dsl.library import Library
from dsl.type_system import BOOL, REAL, FunctionType
from synth.compare.scoring import Arguments, Marking, Probe
from synth.compare.streams import digest, random_stream
from synth.compare.uncrumple.shapes import REGIONS, Colours, Places, Shape, draw_places, make_shape
from synth.compare.uncrumple.words import plain_words
from tasks.task import Example, Task

__all__ = ["PAIRS", "PROTOCOL_NAME", "PointSource", "Points", "as_array"]

PROTOCOL_NAME = "uncrumple"
PAIRS = 30
"""Examples of a learner for whom it is not said how many: the variants of the program side."""


@dataclass(frozen=True, slots=True)
class Points:
    """What learners see: points, (n, D), and their colours, (n,)."""

    points: Places
    colours: Colours

    def first(self, count: int) -> Points:
        """The first few."""
        return Points(self.points[:count], self.colours[:count])

    def pairs(self) -> tuple[tuple[Arguments, object], ...]:
        """As pairs of arguments and output."""
        return tuple(
            (tuple(row), colour) for row, colour in zip(self.points.tolist(), self.colours.tolist(), strict=True)
        )


def as_array(probe: Probe) -> Places:
    """The inputs of a probe as an array, (n, D)."""
    return np.array([arguments for arguments, _ in probe.pairs], dtype=float)


def _show(arguments: Arguments) -> str:
    return "(" + ", ".join(f"{value:.3f}" for value in arguments) + ")"


def _parts(value: object) -> tuple[str, ...]:
    return ("second colour" if value else "first colour",)


@dataclass(frozen=True)
class PointSource:
    """Where all data of a task comes from. Each seed has points of its own, and a crumpled sheet of its own."""

    name: str

    @property
    def task(self) -> Task:
        """The task in the language: from two or three reals to a truth value. Its colours are no program's."""
        names = ("x", "y", "z")[: self.shape(0).dimensions]
        return Task(self.name, names, FunctionType((REAL,) * len(names), BOOL), plain_words())

    @property
    def reference(self) -> str | None:
        """A program that is right, of the checkerboard; no solver is shown it. None where none is known."""
        shape = self.shape(0)
        family = self.name.rpartition("_")[0]
        return f"is_odd(floor(x * c{shape.level}) + floor(y * c{shape.level}))" if family == "checkerboard" else None

    @property
    def encoding_name(self) -> str:
        """The form in which everyone is given inputs and outputs."""
        return f"{self.shape(0).dimensions} real coordinates, one truth value"

    @property
    def marking(self) -> Marking:
        """Right or wrong."""
        return Marking(parts=_parts, show=_show)

    def stream(self, purpose: str, seed: int) -> np.random.Generator:
        """A random stream of this task's for a purpose."""
        return random_stream(PROTOCOL_NAME, self.name, purpose, seed)

    def shape(self, seed: int) -> Shape:
        """The shape of a seed."""
        return make_shape(self.name, self.stream("shape", seed))

    def points(self, purpose: str, seed: int, count: int, region: str = REGIONS[0]) -> Points:
        """Points of a region, drawn for a purpose."""
        shape = self.shape(seed)
        places = draw_places(shape, region, count, self.stream(f"{purpose} {region}", seed))
        return Points(shape.seen(places), shape.colour(places))

    def shown(self, seed: int, size: int | None = None) -> Points:
        """What everyone learns from; more examples are the fewer ones and others besides."""
        return self.points("shown", seed, PAIRS if size is None else size)

    def digest_of(self, points: Points) -> str:
        """The content hash of examples, the same for all sides."""
        return digest([[arguments, output] for arguments, output in points.pairs()])

    def spec_task(self, seed: int, library: Library, size: int | None = None) -> Task:
        """The task as a solver gets it: the shown points and the words it may use."""
        examples = tuple(Example(arguments, output) for arguments, output in self.shown(seed, size).pairs())
        return replace(self.task, examples=examples, library=library)

    def tests(self, seed: int, count: int) -> tuple[Probe, ...]:
        """Fresh points of each region, from streams of their own."""
        return tuple(Probe(region, self.points("test", seed, count, region).pairs()) for region in REGIONS)
