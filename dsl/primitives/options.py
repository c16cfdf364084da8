"""Options: a value, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from dsl.inverses import ANYTHING, Anything, Graph, Preimages
from dsl.primitive import primitive
from dsl.values import Some, Undefined

__all__ = ["is_some", "map_option", "none", "or_else", "some", "somes"]

NAMESPACE = "option"
A = TypeVar("A")
B = TypeVar("B")


@primitive(weight=0.5)
def none() -> Some[A] | None:
    """The option without a value.

    >>> none() is None
    True
    """
    return None


@primitive(weight=0.5)
def some(x: A) -> Some[A] | None:
    """The option that holds a value.

    >>> some(3)
    Some(value=3)
    """
    return Some(x)


@some.inverse("x")
def _(out: Some[A] | None) -> A:
    if out is None:
        raise Undefined("`some` never gives none")
    return out.value


@primitive(weight=0.5)
def is_some(option: Some[A] | None) -> bool:
    """Whether the option holds a value.

    >>> is_some(Some(3)), is_some(None)
    (True, False)
    """
    return option is not None


@primitive
def or_else(option: Some[A] | None, default: A) -> A:
    """The value of an option, or the default where it holds none.

    >>> or_else(Some(3), 0), or_else(None, 0)
    (3, 0)
    """
    return default if option is None else option.value


@or_else.inverse("option")
def _(out: A, default: A) -> Preimages[Some[A] | None]:
    return Preimages((Some(out), None) if default == out else (Some(out),))


@or_else.inverse("default")
def _(out: A, option: Some[A] | None) -> A | Anything:
    if option is not None and option.value != out:
        raise Undefined("the option holds another value")
    return out if option is None else ANYTHING


@primitive(weight=0.5)
def map_option(f: Callable[[A], B], option: Some[A] | None) -> Some[B] | None:
    """A function applied to the value of an option, if it holds one.

    >>> map_option(lambda x: x + 1, Some(3))
    Some(value=4)
    """
    return None if option is None else Some(f(option.value))


@map_option.inverse("f")
def _(out: Some[B] | None, option: Some[A] | None) -> Graph[B]:
    if out is None and option is None:
        return Graph({})
    if out is None or option is None:
        raise Undefined("only one of the two options holds a value")
    return Graph({(option.value,): out.value})


@primitive(weight=0.25)
def somes(options: tuple[Some[A] | None, ...]) -> tuple[A, ...]:
    """The values in a list of options; those without one are left out.

    >>> somes((Some(3), None, Some(5)))
    (3, 5)
    """
    return tuple(option.value for option in options if option is not None)
