"""What the search backwards asks of the search forwards, and the programs that it hands back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Production
from synth.search.goals import Goal, Points
from synth.search.kernels.convention import Ints, Status
from synth.search.schedule import Place
from synth.search.scope import Choice

__all__ = ["Built", "Columns", "Part", "Solution", "Surroundings", "Taken"]


class Columns(NamedTuple):
    """The classes of one place, the cheapest first: cells and status are (n, rows), cost is (n,) in steps."""

    cells: Ints
    status: Status
    cost: NDArray[np.int16]


class Surroundings(Protocol):
    """What the search forwards tells the search backwards."""

    def choices(self, place: Place) -> Sequence[Choice]:
        """The productions of a place with their costs."""
        ...

    def part(self, place: Place, production: Production, position: int) -> Place:
        """Where an argument of a production is built: in the same scope, or, for the body of a function, in its own."""
        ...

    def columns(self, place: Place) -> Columns:
        """The classes found so far; later calls may have more, at the end."""
        ...

    def values(self, place: Place, number: int) -> Sequence[object]:
        """The values of a class on each row, or NO_VALUE."""
        ...

    def inner_goal(self, place: Place, points: Points) -> Goal | None:
        """The goal for bodies of functions (built at this place) with these points; None if the scope lacks rows."""
        ...

    def note_evaluations(self, count: int) -> None:
        """Count work that is about to be done; may raise to end the search, which can go on later."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """A class of a bank as a part of a program."""

    place: Place
    number: int


@dataclass(frozen=True, slots=True)
class Built:
    """A production with its arguments, as a part of a program; an argument that is a function stands as its body."""

    production: Production
    arguments: tuple[Part, ...]


Part: TypeAlias = Taken | Built


@dataclass(frozen=True, slots=True)
class Solution:
    """A program that meets the goal at the top, with its cost in steps."""

    cost: int
    program: Built
