"""Inverses: what one argument of a primitive may be, given the output and some of the other arguments.

An inverse answers with one value, with several (`Preimages`, or by `yield`), with `ANYTHING`, or, where the argument is
a function, with the points that it must pass through (`Graph`). It raises Undefined where no argument gives the
output, and TooLarge where more arguments do than it could list. It need not know all, but what it says must be right.
These are the witness functions of Polozov and Gulwani, "FlashMeta" (OOPSLA 2015), section 5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, TypeAlias, TypeVar

from dsl.values import TooLarge, Undefined

__all__ = ["ANYTHING", "MOST_PREIMAGES", "Answer", "Anything", "Graph", "Inverse", "Preimages", "ask"]

V = TypeVar("V", covariant=True)
T = TypeVar("T")
MOST_PREIMAGES = 64
"""An inverse that would have to list more values has no answer."""


@dataclass(frozen=True, slots=True)
class Preimages(Generic[V]):
    """Several values, any of which gives the wanted output; Undefined for none, TooLarge for too many.

    >>> Preimages((2, -2)).values
    (2, -2)
    """

    values: tuple[V, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise Undefined("no argument gives this output")
        if len(self.values) > MOST_PREIMAGES:
            raise TooLarge(f"more than {MOST_PREIMAGES} arguments give this output")

    @staticmethod
    def of(values: Iterable[T]) -> Preimages[T]:
        """The values of any iterable, which is not run further than it must be."""
        return Preimages(tuple(islice(values, MOST_PREIMAGES + 1)))


@dataclass(frozen=True, slots=True)
class Graph(Generic[V]):
    """A function known by some of its points; what it gives for other arguments makes no difference.

    `points` maps argument tuples to results.
    """

    points: Mapping[tuple[object, ...], V]

    @staticmethod
    def of(points: Iterable[tuple[tuple[object, ...], T]]) -> Graph[T]:
        """The function through these points; Undefined if two of them differ in the result alone.

        >>> Graph.of([((1,), "a"), ((2,), "b"), ((1,), "a")]).points
        {(1,): 'a', (2,): 'b'}
        """
        known: dict[tuple[object, ...], T] = {}
        for arguments, result in points:
            if known.setdefault(arguments, result) != result:
                raise Undefined(f"a function cannot give two results for {arguments!r}")
        return Graph(known)


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value of the argument's type gives the wanted output."""


ANYTHING = Anything()
Answer: TypeAlias = "Preimages[object] | Graph[object] | Anything"


@dataclass(frozen=True, slots=True)
class Inverse:
    """A witness function for one parameter. `function` takes the output, then the arguments of the `given` parameters.

    Where `given` are not all others, the rest must have inverses that need no more than the same: then any argument of
    one combines with any of the others (`cons` cuts a list into head and tail, each without a look at the other).
    """

    parameter: str
    given: tuple[str, ...]
    function: Callable[..., Any] = field(repr=False)


def ask(inverse: Inverse, out: object, given: Sequence[object]) -> Answer:
    """What an inverse answers, in one form; raises what the inverse does: Undefined where there is no argument."""
    answer = inverse.function(out, *given)
    match answer:
        case Preimages() | Graph() | Anything():
            return answer
        case Iterator():
            return Preimages.of(answer)
        case _:
            return Preimages((answer,))
