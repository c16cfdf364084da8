"""Lists: words that compare or add up their items."""

from __future__ import annotations

import math
from collections import Counter
from itertools import groupby, pairwise
from typing import TypeVar

from dsl.inverses import ANYTHING, Anything, Preimages
from dsl.laws import associative, idempotent, right_identity
from dsl.primitive import primitive
from dsl.type_system import Equatable, Ordered
from dsl.values import TooLarge, Undefined

__all__ = [
    "contains",
    "count_of",
    "difference",
    "gather",
    "group",
    "index_of",
    "intersect",
    "is_sorted",
    "maximum",
    "minimum",
    "most_common",
    "product",
    "remove",
    "remove_first",
    "replace",
    "sort",
    "sum_",
    "union",
    "unique",
]

NAMESPACE = "list"
E = TypeVar("E", bound=Equatable)
K = TypeVar("K", bound=Ordered)


# ---- Numbers and order ----------------------------------------------------------------------------------------------


@primitive(name="sum", weight=3)
def sum_(xs: tuple[int, ...]) -> int:
    """Sum of the items; 0 for the empty list.

    >>> sum_((1, 2, 3))
    6
    """
    return sum(xs)


@primitive
def product(xs: tuple[int, ...]) -> int:
    """Product of the items; 1 for the empty list.

    >>> product((2, 3, 4))
    24
    """
    return math.prod(xs)


@primitive(raises=[ValueError], weight=2)
def maximum(xs: tuple[K, ...]) -> K:
    """The largest item; undefined for the empty list. `max` is for two values.

    >>> maximum((3, 1, 2))
    3
    """
    return max(xs)


@primitive(raises=[ValueError], weight=2)
def minimum(xs: tuple[K, ...]) -> K:
    """The smallest item; undefined for the empty list. `min` is for two values.

    >>> minimum((3, 1, 2))
    1
    """
    return min(xs)


@primitive(laws=[idempotent], weight=3)
def sort(xs: tuple[K, ...]) -> tuple[K, ...]:
    """The items in rising order.

    >>> sort((3, 1, 2))
    (1, 2, 3)
    """
    return tuple(sorted(xs))


@primitive(weight=0.25)
def is_sorted(xs: tuple[K, ...]) -> bool:
    """Whether no item is smaller than the one before it.

    >>> is_sorted((1, 2, 2)), is_sorted((2, 1))
    (True, False)
    """
    return not any(y < x for x, y in pairwise(xs))


# ---- Equal items ----------------------------------------------------------------------------------------------------


@primitive(weight=2)
def contains(item: E, xs: tuple[E, ...]) -> bool:
    """Whether an item is in a list; written `item in xs`.

    >>> contains(2, (1, 2, 3))
    True
    """
    return item in xs


@contains.inverse("item")
def _(out: bool, xs: tuple[E, ...]) -> Preimages[E]:
    if not out:
        raise TooLarge("infinitely many items are not in the list")
    return Preimages(tuple(dict.fromkeys(xs)))


@primitive(raises=[ValueError], weight=0.5)
def index_of(item: E, xs: tuple[E, ...]) -> int:
    """The index of the first item equal to the given one; undefined if there is none.

    >>> index_of(7, (5, 7, 7))
    1
    """
    return xs.index(item)


@index_of.inverse("item")
def _(out: int, xs: tuple[E, ...]) -> E:
    if not 0 <= out < len(xs) or xs.index(xs[out]) != out:
        raise Undefined("there is no such index, or its item occurs before")
    return xs[out]


@primitive(weight=1.5)
def count_of(item: E, xs: tuple[E, ...]) -> int:
    """How often an item is in a list.

    >>> count_of(7, (5, 7, 7))
    2
    """
    return xs.count(item)


@count_of.inverse("item")
def _(out: int, xs: tuple[E, ...]) -> Preimages[E]:
    if out == 0:
        raise TooLarge("infinitely many items are not in the list")
    return Preimages.of(item for item, times in Counter(xs).items() if times == out)


@primitive
def remove(item: E, xs: tuple[E, ...]) -> tuple[E, ...]:
    """The list without all items equal to the given one.

    >>> remove(7, (5, 7, 6, 7))
    (5, 6)
    """
    return tuple(x for x in xs if x != item)


@remove.inverse("item")
def _(out: tuple[E, ...], xs: tuple[E, ...]) -> Preimages[E]:
    if out == xs:
        raise TooLarge("infinitely many items are not in the list")
    return Preimages.of(item for item in dict.fromkeys(xs) if remove(item, xs) == out)


@primitive(weight=0.25)
def remove_first(item: E, xs: tuple[E, ...]) -> tuple[E, ...]:
    """The list without the first item equal to the given one; the whole list if there is none.

    >>> remove_first(7, (5, 7, 6, 7))
    (5, 6, 7)
    """
    if item not in xs:
        return xs
    place = xs.index(item)
    return xs[:place] + xs[place + 1 :]


@remove_first.inverse("item")
def _(out: tuple[E, ...], xs: tuple[E, ...]) -> Preimages[E]:
    if out == xs:
        raise TooLarge("infinitely many items are not in the list")
    return Preimages.of(item for item in dict.fromkeys(xs) if remove_first(item, xs) == out)


@primitive
def replace(old: E, new: E, xs: tuple[E, ...]) -> tuple[E, ...]:
    """The list with all items equal to one replaced by another.

    >>> replace(7, 0, (5, 7, 6, 7))
    (5, 0, 6, 0)
    """
    return tuple(new if x == old else x for x in xs)


@replace.inverse("new")
def _(out: tuple[E, ...], old: E, xs: tuple[E, ...]) -> E | Anything:
    new = next((y for x, y in zip(xs, out, strict=False) if x == old), None)
    if replace(old, old if new is None else new, xs) != out:
        raise Undefined("the lists differ elsewhere, or in more than one way")
    return ANYTHING if new is None else new


@replace.inverse("old")
def _(out: tuple[E, ...], new: E, xs: tuple[E, ...]) -> Preimages[E]:
    return Preimages.of(item for item in dict.fromkeys((*xs, new)) if replace(item, new, xs) == out)


@primitive(laws=[idempotent], weight=2)
def unique(xs: tuple[E, ...]) -> tuple[E, ...]:
    """Each different item once, in order of first occurrence.

    >>> unique((3, 1, 3, 2, 1))
    (3, 1, 2)
    """
    return tuple(dict.fromkeys(xs))


@primitive(weight=0.5)
def group(xs: tuple[E, ...]) -> tuple[tuple[E, ...], ...]:
    """The list cut into runs of equal neighbours; `gather` brings distant equal items together.

    >>> group((1, 1, 2, 1))
    ((1, 1), (2,), (1,))
    """
    return tuple(tuple(run) for _, run in groupby(xs))


@group.inverse("xs")
def _(out: tuple[tuple[E, ...], ...]) -> tuple[E, ...]:
    joined = tuple(x for run in out for x in run)
    if group(joined) != out:
        raise Undefined("these are not runs of equal neighbours")
    return joined


@primitive(weight=0.25)
def gather(xs: tuple[E, ...]) -> tuple[tuple[E, ...], ...]:
    """Lists of the equal items, wherever they are, in order of first occurrence.

    >>> gather((1, 2, 1, 3))
    ((1, 1), (2,), (3,))
    """
    return tuple((item,) * times for item, times in Counter(xs).items())


@primitive(weight=0.25)
def most_common(xs: tuple[E, ...]) -> E:
    """The item that occurs most often, the first of several; undefined for the empty list.

    >>> most_common((1, 2, 3, 2))
    2
    """
    if not xs:
        raise Undefined("expected a list that is not empty")
    return Counter(xs).most_common(1)[0][0]


# ---- Lists as sets --------------------------------------------------------------------------------------------------


@primitive(laws=[associative], weight=0.25)
def union(xs: tuple[E, ...], ys: tuple[E, ...]) -> tuple[E, ...]:
    """Each different item of the two lists once, in order of first occurrence.

    >>> union((1, 2, 1), (3, 2))
    (1, 2, 3)
    """
    return tuple(dict.fromkeys(xs + ys))


@primitive(laws=[associative, idempotent], weight=0.25)
def intersect(xs: tuple[E, ...], ys: tuple[E, ...]) -> tuple[E, ...]:
    """The items of the first list that are in the second.

    >>> intersect((1, 2, 1, 3), (3, 1))
    (1, 1, 3)
    """
    wanted = set(ys)
    return tuple(x for x in xs if x in wanted)


@primitive(laws=[right_identity(())], weight=0.25)
def difference(xs: tuple[E, ...], ys: tuple[E, ...]) -> tuple[E, ...]:
    """The items of the first list that are not in the second.

    >>> difference((1, 2, 1, 3), (3, 2))
    (1, 1)
    """
    unwanted = set(ys)
    return tuple(x for x in xs if x not in unwanted)
