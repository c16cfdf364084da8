"""Control: the choice between two values, and recursion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from dsl.inverses import ANYTHING, Anything, Preimages
from dsl.primitive import Force, primitive
from dsl.values import Undefined, agree

__all__ = ["fix", "if_"]

NAMESPACE = "control"
A = TypeVar("A")
B = TypeVar("B")


def _only_the_taken_branch(force: Force) -> Any:
    return force(1) if force(0) else force(2)


@primitive(name="if", lazy=_only_the_taken_branch, weight=3)
def if_(condition: bool, then: A, otherwise: A) -> A:
    """The second argument if the condition holds, else the third; the other one is never run.

    Written `then if condition else otherwise`.

    >>> if_(True, 1, 2)
    1
    """
    return then if condition else otherwise


@if_.inverse("then", given=["condition"])
def _(out: A, condition: bool) -> A | Anything:
    return out if condition else ANYTHING


@if_.inverse("otherwise", given=["condition"])
def _(out: A, condition: bool) -> A | Anything:
    return ANYTHING if condition else out


@if_.inverse("condition")
def _(out: A, then: A, otherwise: A) -> Preimages[bool]:
    return Preimages(tuple(choice for choice, value in ((True, then), (False, otherwise)) if agree(value, out)))


@primitive(weight=0.25)
def fix(f: Callable[[Callable[[A], B], A], B], x: A) -> B:
    """The value at `x` of the function that `f` defines by way of itself: `f` is given that function, and `x`.

    Recursion without names: the fixed point of `f`, applied. Undefined where a value is asked for on the way to itself;
    other calls without end run out of fuel, or are nested too deeply.

    >>> fix(lambda again, x: 1 if x == 0 else x * again(x - 1), 5)
    120
    """
    under_way: set[A] = set()

    def again(y: A) -> B:
        if y in under_way:
            raise Undefined("a recursion asks for its own value on the way to it")
        under_way.add(y)
        value = f(again, y)
        under_way.remove(y)
        return value

    return again(x)
