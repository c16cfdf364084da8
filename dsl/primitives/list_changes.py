"""Lists with something changed: items added, left out, in other places. No word here looks at the items."""

from __future__ import annotations

from itertools import chain
from typing import TypeVar

from dsl.inverses import ANYTHING, Anything, Preimages
from dsl.laws import involution, left_identity
from dsl.list_inverses import indices
from dsl.primitive import primitive
from dsl.values import Undefined

__all__ = [
    "insert_at",
    "intersperse",
    "remove_at",
    "remove_slice",
    "replace_at",
    "reverse",
    "rotate",
    "splice",
    "swap_at",
]

NAMESPACE = "list"
A = TypeVar("A")


# ---- A changed list -------------------------------------------------------------------------------------------------


@primitive(laws=[involution], weight=3)
def reverse(xs: tuple[A, ...]) -> tuple[A, ...]:
    """The items in the opposite order.

    >>> reverse((5, 6, 7))
    (7, 6, 5)
    """
    return xs[::-1]


@reverse.inverse("xs")
def _(out: tuple[A, ...]) -> tuple[A, ...]:
    return out[::-1]


@primitive(laws=[left_identity(0)], weight=0.5)
def rotate(count: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """The first `count` items moved to the end, one after the other; a negative count moves the last to the front.

    >>> rotate(1, (5, 6, 7)), rotate(-1, (5, 6, 7))
    ((6, 7, 5), (7, 5, 6))
    """
    start = count % len(xs) if xs else 0
    return xs[start:] + xs[:start]


@rotate.inverse("count")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Preimages[int]:
    return Preimages.of(count for count in indices(xs) if rotate(count, xs) == out)


@rotate.inverse("xs")
def _(out: tuple[A, ...], count: int) -> tuple[A, ...]:
    return rotate(-count, out)


@primitive
def insert_at(index: int, item: A, xs: tuple[A, ...]) -> tuple[A, ...]:
    """The list with an item put in before an index; at the nearer end if the index is outside, as in Python.

    >>> insert_at(1, 9, (5, 6))
    (5, 9, 6)
    """
    return (*xs[:index], item, *xs[index:])


def _taken_out(out: tuple[A, ...], index: int) -> tuple[A, tuple[A, ...]]:
    """The item that was put in before an index, and the list without it."""
    if not out:
        raise Undefined("the empty list has no items")
    place = max(index + len(out) - 1, 0) if index < 0 else min(index, len(out) - 1)
    return out[place], (*out[:place], *out[place + 1 :])


@insert_at.inverse("item", given=["index"])
def _(out: tuple[A, ...], index: int) -> A:
    return _taken_out(out, index)[0]


@insert_at.inverse("xs", given=["index"])
def _(out: tuple[A, ...], index: int) -> tuple[A, ...]:
    return _taken_out(out, index)[1]


@insert_at.inverse("index")
def _(out: tuple[A, ...], item: A, xs: tuple[A, ...]) -> Preimages[int]:
    return Preimages.of(i for i in indices(xs) if insert_at(i, item, xs) == out)


@primitive(raises=[IndexError])
def remove_at(index: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """The list without the item at an index; undefined outside the list.

    >>> remove_at(1, (5, 6, 7))
    (5, 7)
    """
    items = list(xs)
    del items[index]
    return tuple(items)


@remove_at.inverse("index")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Preimages[int]:
    return Preimages.of(i for i in range(-len(xs), len(xs)) if remove_at(i, xs) == out)


@primitive(raises=[IndexError], weight=0.5)
def replace_at(index: int, item: A, xs: tuple[A, ...]) -> tuple[A, ...]:
    """The list with another item at an index; undefined outside the list.

    >>> replace_at(1, 9, (5, 6, 7))
    (5, 9, 7)
    """
    items = list(xs)
    items[index] = item
    return tuple(items)


@replace_at.inverse("item")
def _(out: tuple[A, ...], index: int, xs: tuple[A, ...]) -> A:
    if not -len(out) <= index < len(out) or replace_at(index, out[index], xs) != out:
        raise Undefined("the lists differ elsewhere")
    return out[index]


@replace_at.inverse("index")
def _(out: tuple[A, ...], item: A, xs: tuple[A, ...]) -> Preimages[int]:
    return Preimages.of(i for i in range(-len(xs), len(xs)) if replace_at(i, item, xs) == out)


@primitive(raises=[IndexError], weight=0.5)
def swap_at(i: int, j: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """The list with the items at two indices exchanged; undefined outside the list.

    >>> swap_at(0, 2, (5, 6, 7))
    (7, 6, 5)
    """
    items = list(xs)
    items[i], items[j] = items[j], items[i]
    return tuple(items)


@swap_at.inverse("xs")
def _(out: tuple[A, ...], i: int, j: int) -> tuple[A, ...]:
    try:
        return swap_at(i, j, out)
    except IndexError:
        raise Undefined("the list is too short for these indices") from None


@primitive(weight=0.25)
def splice(index: int, items: tuple[A, ...], xs: tuple[A, ...]) -> tuple[A, ...]:
    """The list with other items put in before an index; at the nearer end if the index is outside.

    >>> splice(1, (8, 9), (5, 6))
    (5, 8, 9, 6)
    """
    return xs[:index] + items + xs[index:]


@splice.inverse("items")
def _(out: tuple[A, ...], index: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    begin, end = xs[:index], xs[index:]
    items = out[len(begin) : len(out) - len(end)]
    if begin + items + end != out:
        raise Undefined("the list does not begin and end in these items")
    return items


@splice.inverse("xs")
def _(out: tuple[A, ...], index: int, items: tuple[A, ...]) -> tuple[A, ...]:
    rest = len(out) - len(items)
    place = max(index + rest, 0) if index < 0 else min(index, rest)
    if rest < 0 or out[place : place + len(items)] != items:
        raise Undefined("the items are not in this place")
    return out[:place] + out[place + len(items) :]


@primitive(weight=0.25)
def remove_slice(start: int, stop: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """The list without the items from index `start` up to but not with `stop`, as Python's `del xs[start:stop]`.

    >>> remove_slice(1, 3, (5, 6, 7, 8))
    (5, 8)
    """
    items = list(xs)
    del items[start:stop]
    return tuple(items)


@primitive(weight=0.25)
def intersperse(item: A, xs: tuple[A, ...]) -> tuple[A, ...]:
    """The list with an item between every two neighbours.

    >>> intersperse(0, (5, 6, 7))
    (5, 0, 6, 0, 7)
    """
    return tuple(chain.from_iterable((item, x) for x in xs))[1:]


@intersperse.inverse("item", given=())
def _(out: tuple[A, ...]) -> A | Anything:
    if any(item != out[1] for item in out[1::2]):
        raise Undefined("the items between differ")
    return out[1] if len(out) > 1 else ANYTHING


@intersperse.inverse("xs", given=())
def _(out: tuple[A, ...]) -> tuple[A, ...]:
    if out and len(out) % 2 == 0:
        raise Undefined("expected an odd number of items")
    return out[::2]
