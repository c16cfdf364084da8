"""Text; the words that lists of texts need (a library for text proper comes later)."""

from __future__ import annotations

from dsl.laws import associative, identity
from dsl.primitive import primitive
from dsl.values import Undefined

__all__ = ["concat", "length"]

NAMESPACE = "text"


@primitive(laws=[associative, identity("")], weight=3)
def concat(x: str, y: str) -> str:
    """One text after the other; written `x + y`.

    >>> concat('ab', 'c')
    'abc'
    """
    return x + y


@concat.inverse("x")
def _(out: str, y: str) -> str:
    if not out.endswith(y):
        raise Undefined(f"{out!r} does not end in {y!r}")
    return out.removesuffix(y)


@concat.inverse("y")
def _(out: str, x: str) -> str:
    if not out.startswith(x):
        raise Undefined(f"{out!r} does not begin with {x!r}")
    return out.removeprefix(x)


@primitive(weight=2)
def length(x: str) -> int:
    """How many characters a text has.

    >>> length('abc')
    3
    """
    return len(x)
