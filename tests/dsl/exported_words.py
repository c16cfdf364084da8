"""Words that need other things of their module, for tests of exporting them."""

from __future__ import annotations

import math as mathematics
from collections.abc import Sequence
from functools import cache
from typing import Any, NewType, TypeVar

from exported_helpers import BASE
from exported_helpers import scaled as helped

from dsl.primitive import Force, primitive
from dsl.values import Undefined

A = TypeVar("A")
Color = NewType("Color", int)
HALF, UNIT = 0.5, 1.0
_FACTORS: Sequence[float] = (UNIT, HALF)


@cache
def _fibonacci(n: int) -> int:
    """The numbers of Fibonacci.

    >>> _fibonacci(5)
    5
    """
    return n if n < 2 else _fibonacci(n - 1) + _fibonacci(n - 2)  # by memory


class Scale:
    """A class with a method."""

    def __init__(self, factor: float) -> None:
        """Keep the factor."""
        self.factor = factor

    def apply(self, x: float) -> float:
        """The number at this scale."""
        return mathematics.fsum((x * self.factor,))


@primitive
def fibonacci(x: int) -> int:
    """The x-th number of Fibonacci.

    >>> fibonacci(10)
    55
    """
    if x < 0:
        raise Undefined("there is none")
    return _fibonacci(x)


@primitive
def scaled(x: int) -> tuple[float, ...]:
    """The number at every scale."""
    # A comment that comes along.
    return tuple(
        Scale(factor).apply(x)
        for factor in _FACTORS
    )  # fmt: skip


def _first(force: Force) -> Any:
    return force(1) if force(0) else force(2)


@primitive(lazy=_first)
def first_that_works(condition: bool, x: A, y: A) -> A:
    """One of two."""
    results = (y, x)
    return results[condition]


@primitive
def red() -> Color:
    """A color."""
    return Color(3)


@primitive(lazy=lambda force: force(0))
def lazy_by_a_lambda(x: int) -> int:
    """Lazy by a function without a name."""
    total = 0
    total += x
    return total


@primitive
def shifted(x: int) -> int:
    """By way of a module beside this one, of which a function has the name of one here."""
    shift = helped(BASE)
    return x + shift
