"""Equality and order, for values of any type that has them."""

from __future__ import annotations

from typing import TypeVar

from dsl.laws import associative, commutative, idempotent
from dsl.primitive import primitive
from dsl.type_system import Equatable, Ordered
from dsl.values import Undefined

__all__ = ["clamp", "eq", "ge", "gt", "le", "lt", "max_", "min_", "ne"]

NAMESPACE = "order"
E = TypeVar("E", bound=Equatable)
K = TypeVar("K", bound=Ordered)


@primitive(laws=[commutative], weight=4)
def eq(x: E, y: E) -> bool:
    """Whether two values are equal; written `x == y`.

    >>> eq((1, 2), (1, 2))
    True
    """
    return x == y


@primitive(laws=[commutative])
def ne(x: E, y: E) -> bool:
    """Whether two values differ; written `x != y`.

    >>> ne(1, 2)
    True
    """
    return x != y


@primitive(weight=4)
def lt(x: K, y: K) -> bool:
    """Whether the first value comes before the second; written `x < y`.

    >>> lt((1, 2), (1, 3))
    True
    """
    return x < y


@primitive
def le(x: K, y: K) -> bool:
    """Whether the first value comes before the second or equals it; written `x <= y`.

    >>> le(2, 2)
    True
    """
    return x <= y


@primitive(weight=3)
def gt(x: K, y: K) -> bool:
    """Whether the first value comes after the second; written `x > y`.

    >>> gt(3, 2)
    True
    """
    return y < x


@primitive
def ge(x: K, y: K) -> bool:
    """Whether the first value comes after the second or equals it; written `x >= y`.

    >>> ge(2, 3)
    False
    """
    return y <= x


@primitive(name="min", laws=[commutative, associative, idempotent], weight=2)
def min_(x: K, y: K) -> K:
    """The smaller of two values; `minimum` is for lists.

    >>> min_(3, 2)
    2
    """
    return y if y < x else x


@primitive(name="max", laws=[commutative, associative, idempotent], weight=2)
def max_(x: K, y: K) -> K:
    """The larger of two values; `maximum` is for lists.

    >>> max_(3, 2)
    3
    """
    return y if x < y else x


@primitive(weight=0.25)
def clamp(low: K, high: K, x: K) -> K:
    """The value nearest to `x` between two bounds; undefined if the bounds are crossed.

    >>> clamp(0, 9, 12), clamp(0, 9, -3), clamp(0, 9, 5)
    (9, 0, 5)
    """
    if high < low:
        raise Undefined(f"expected low <= high, found {low!r} and {high!r}")
    return low if x < low else high if high < x else x
