"""Truth values.

`and` and `or` run their second argument only where it is needed, so they are not declared commutative:
`is_empty(xs) or head(xs) == 0` has a value for every list, the other order has not.
"""

from __future__ import annotations

from dsl.inverses import ANYTHING, Anything
from dsl.laws import absorbing, associative, idempotent, identity, involution
from dsl.primitive import Force, primitive
from dsl.values import Undefined

__all__ = ["and_", "not_", "or_"]

NAMESPACE = "bool"


def _lazy_and(force: Force) -> bool:
    return bool(force(0) and force(1))


def _lazy_or(force: Force) -> bool:
    return bool(force(0) or force(1))


def _and_beside(known: bool, out: bool) -> bool | Anything:
    if out and not known:
        raise Undefined("one of the two does not hold")
    return out if known else ANYTHING


def _or_beside(known: bool, out: bool) -> bool | Anything:
    if known and not out:
        raise Undefined("one of the two holds")
    return ANYTHING if known else out


@primitive(name="and", laws=[associative, idempotent, identity(True), absorbing(False)], lazy=_lazy_and, weight=2)
def and_(x: bool, y: bool) -> bool:
    """Whether both hold; written `x and y`. The second is not run if the first is false.

    >>> and_(True, False)
    False
    """
    return x and y


@and_.inverse("x")
def _(out: bool, y: bool) -> bool | Anything:
    return _and_beside(y, out)


@and_.inverse("y")
def _(out: bool, x: bool) -> bool | Anything:
    return _and_beside(x, out)


@primitive(name="or", laws=[associative, idempotent, identity(False), absorbing(True)], lazy=_lazy_or, weight=2)
def or_(x: bool, y: bool) -> bool:
    """Whether at least one holds; written `x or y`. The second is not run if the first is true.

    >>> or_(True, False)
    True
    """
    return x or y


@or_.inverse("x")
def _(out: bool, y: bool) -> bool | Anything:
    return _or_beside(y, out)


@or_.inverse("y")
def _(out: bool, x: bool) -> bool | Anything:
    return _or_beside(x, out)


@primitive(name="not", laws=[involution])
def not_(x: bool) -> bool:
    """The opposite; written `not x`.

    >>> not_(True)
    False
    """
    return not x


@not_.inverse("x")
def _(out: bool) -> bool:
    return not out
