"""Where learners are tested: the named, ordered points of one axis, such as lengths, regions or strengths of an attack.

A point is a number or a name. Some points are inside what learners were trained on, and one decides: the headline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from dsl.errors import InterfaceError

__all__ = ["Axis", "Group", "Point", "numbered_axis"]

Point: TypeAlias = int | float | str


@dataclass(frozen=True, slots=True)
class Group:
    """Some points taken together, as one column of a table."""

    title: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Axis:
    """The test points of a protocol, in order.

    `name` is what one point is called (`length`), `title` what stands under a figure. `inside` are points within the
    training range, `headline` is the one that findings are about. `groups` are the columns of the table, a point each
    where none are given; `shown` are points of which answers are kept for people to look at, all where none are given.
    On a `growing` axis points get harder outward, so that a learner can hold up to one. Points of an `attack` axis
    are strengths of an attack.

    Raises InterfaceError where the points do not belong together.
    """

    name: str
    title: str
    points: tuple[Point, ...]
    inside: tuple[Point, ...]
    headline: Point
    groups: tuple[Group, ...] = ()
    shown: tuple[Point, ...] = ()
    growing: bool = False
    attack: bool = False

    def __post_init__(self) -> None:
        named = {*self.inside, self.headline, *self.shown, *(p for g in self.groups for p in g.points)}
        if unknown := sorted(map(str, named - set(self.points))):
            raise InterfaceError(f"expected points of the axis {self.name!r}, found {', '.join(unknown)}")
        if len(set(self.points)) < len(self.points):
            raise InterfaceError(f"expected different points on the axis {self.name!r}, found one twice")

    def label(self, point: Point) -> str:
        """A point as text.

        >>> Axis("strength", "strength", (0.0, 0.25), (0.0,), 0.25).label(0.25)
        '0.25'
        """
        return f"{point:g}" if isinstance(point, float) else str(point)

    def at(self, point: Point) -> str:
        """A point in a sentence, as in "length 100"."""
        return f"{self.name} {self.label(point)}"

    def beyond(self, point: Point) -> bool:
        """Whether a point is outside the training range."""
        return point not in self.inside

    @cached_property
    def columns(self) -> tuple[Group, ...]:
        """The columns of the table."""
        return self.groups or tuple(Group(self.label(point), (point,)) for point in self.points)

    @property
    def kept(self) -> tuple[Point, ...]:
        """Points of which answers are kept."""
        return self.shown or self.points


def numbered_axis(
    name: str,
    title: str,
    points: Sequence[int],
    *,
    trained: tuple[int, int],
    headline: int,
    shown: Sequence[int] = (),
) -> Axis:
    """A growing axis of whole numbers; its columns are the range of training, just beyond it, and each point further.

    >>> axis = numbered_axis("length", "length of the input", (1, 5, 10, 11, 15, 40), trained=(1, 10), headline=40)
    >>> [group.title for group in axis.columns], axis.beyond(11)
    (['1 to 10', '11 to 15', '40'], True)
    """
    low, high = trained
    inside = tuple(n for n in points if low <= n <= high)
    near = tuple(n for n in points if high < n <= high * 3 // 2)
    spans = [
        Group(f"{span[0]} to {span[-1]}" if len(span) > 1 else str(span[0]), span) for span in (inside, near) if span
    ]
    far = [Group(str(n), (n,)) for n in points if n not in inside and n not in near]
    return Axis(name, title, tuple(points), inside, headline, groups=(*spans, *far), shown=tuple(shown), growing=True)
