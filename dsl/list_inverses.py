"""What words on lists and their inverses share: sizes that they refuse, and numbers that give one output."""

from __future__ import annotations

from typing import Any, TypeVar

from dsl.inverses import Preimages
from dsl.values import SIZE_LIMIT, TooLarge, Undefined

__all__ = ["NEAR", "UP_TO_ZERO", "check_positive", "check_size", "checked", "counts", "indices"]

T = TypeVar("T")
NEAR = 32
"""Where infinitely many numbers give an output, an inverse names so many, the nearest ones."""
UP_TO_ZERO = Preimages(tuple(range(0, -NEAR, -1)))


def check_size(items: int) -> None:
    """Refuse a list of so many items before it is built: TooLarge."""
    if items > SIZE_LIMIT:
        raise TooLarge(f"a list of {items} items")


def check_positive(size: int) -> None:
    """Refuse parts of no item, or less: Undefined."""
    if size < 1:
        raise Undefined(f"expected a size of at least 1, found {size}")


def checked(found: T, right: bool) -> T:
    """What an inverse found, if it gives the output; else Undefined."""
    if not right:
        raise Undefined("no argument gives this output")
    return found


def indices(xs: tuple[Any, ...]) -> range:
    """Numbers to try where any may be an index: those of the list, and some outside it."""
    most = max(len(xs), NEAR)
    return range(1 - most, most + 1)


def counts(count: int, most: int, right: bool) -> Preimages[int]:
    """Counts that do as a given one does on `most` items: below 0 is as 0, above all items is as all."""
    below = range(-1, -NEAR, -1) if count <= 0 else ()
    above = range(most + 1, most + NEAR) if count >= most else ()
    return Preimages(checked((count, *below, *above), right))
