"""Pairs and triples."""

from __future__ import annotations

from typing import TypeVar

from dsl.laws import involution
from dsl.primitive import primitive

__all__ = ["first", "first_of_triple", "pair", "second", "second_of_triple", "swap", "third", "triple"]

NAMESPACE = "tuple"
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


@primitive
def pair(x: A, y: B) -> tuple[A, B]:
    """Two values as one; written `(x, y)`.

    >>> pair(1, 'a')
    (1, 'a')
    """
    return (x, y)


@pair.inverse("x", given=())
def _(out: tuple[A, B]) -> A:
    return out[0]


@pair.inverse("y", given=())
def _(out: tuple[A, B]) -> B:
    return out[1]


@primitive(weight=0.25)
def triple(x: A, y: B, z: C) -> tuple[A, B, C]:
    """Three values as one; written `(x, y, z)`.

    >>> triple(1, 'a', True)
    (1, 'a', True)
    """
    return (x, y, z)


@triple.inverse("x", given=())
def _(out: tuple[A, B, C]) -> A:
    return out[0]


@triple.inverse("y", given=())
def _(out: tuple[A, B, C]) -> B:
    return out[1]


@triple.inverse("z", given=())
def _(out: tuple[A, B, C]) -> C:
    return out[2]


@primitive(weight=2)
def first(p: tuple[A, B]) -> A:
    """The first value of a pair.

    >>> first((1, 'a'))
    1
    """
    return p[0]


@primitive(weight=2)
def second(p: tuple[A, B]) -> B:
    """The second value of a pair.

    >>> second((1, 'a'))
    'a'
    """
    return p[1]


@primitive(weight=0.25)
def first_of_triple(t: tuple[A, B, C]) -> A:
    """The first value of a triple.

    >>> first_of_triple((1, 'a', True))
    1
    """
    return t[0]


@primitive(weight=0.25)
def second_of_triple(t: tuple[A, B, C]) -> B:
    """The second value of a triple.

    >>> second_of_triple((1, 'a', True))
    'a'
    """
    return t[1]


@primitive(weight=0.25)
def third(t: tuple[A, B, C]) -> C:
    """The third value of a triple.

    >>> third((1, 'a', True))
    True
    """
    return t[2]


@primitive(laws=[involution], weight=0.25)
def swap(p: tuple[A, B]) -> tuple[B, A]:
    """The pair the other way round.

    >>> swap((1, 'a'))
    ('a', 1)
    """
    return (p[1], p[0])


@swap.inverse("p")
def _(out: tuple[B, A]) -> tuple[A, B]:
    return (out[1], out[0])
