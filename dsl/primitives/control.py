"""Control: the choice between two values."""

from __future__ import annotations

from typing import Any, TypeVar

from dsl.inverses import ANYTHING, Anything, Preimages
from dsl.primitive import Force, primitive
from dsl.values import agree

__all__ = ["if_"]

NAMESPACE = "control"
A = TypeVar("A")


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
