"""Lists: words that are given a function."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, dropwhile, groupby, takewhile
from typing import TypeVar

from dsl.primitive import primitive
from dsl.type_system import Equatable, Ordered
from dsl.values import SIZE_LIMIT, Some, TooLarge, Undefined

__all__ = [
    "all_",
    "any_",
    "argmax",
    "argmin",
    "count",
    "drop_while",
    "filter_",
    "filter_indexed",
    "find",
    "find_index",
    "find_indices",
    "flat_map",
    "fold",
    "fold_right",
    "gather_by",
    "group_by",
    "iterate",
    "map_",
    "map_indexed",
    "partition",
    "reduce",
    "reject",
    "scan",
    "scan1",
    "sort_by",
    "span",
    "take_while",
    "unfold",
    "zip_with",
]

NAMESPACE = "list"
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
E = TypeVar("E", bound=Equatable)
K = TypeVar("K", bound=Ordered)


# ---- Item by item ---------------------------------------------------------------------------------------------------


@primitive(name="map", weight=4)
def map_(f: Callable[[A], B], xs: tuple[A, ...]) -> tuple[B, ...]:
    """A function applied to each item.

    >>> map_(lambda x: x * 2, (1, 2, 3))
    (2, 4, 6)
    """
    return tuple(map(f, xs))


@primitive(weight=2)
def map_indexed(f: Callable[[int, A], B], xs: tuple[A, ...]) -> tuple[B, ...]:
    """A function applied to the index of each item and the item.

    >>> map_indexed(lambda index, x: index + x, (5, 5, 5))
    (5, 6, 7)
    """
    return tuple(f(index, x) for index, x in enumerate(xs))


@primitive(weight=2)
def zip_with(f: Callable[[A, B], C], xs: tuple[A, ...], ys: tuple[B, ...]) -> tuple[C, ...]:
    """A function applied to the items at the same index; as often as the shorter list has items.

    >>> zip_with(lambda x, y: x + y, (1, 2, 3), (10, 20))
    (11, 22)
    """
    return tuple(map(f, xs, ys))


@primitive
def flat_map(f: Callable[[A], tuple[B, ...]], xs: tuple[A, ...]) -> tuple[B, ...]:
    """The lists that a function gives for each item, one after the other.

    >>> flat_map(lambda x: (x, x), (1, 2))
    (1, 1, 2, 2)
    """
    items: list[B] = []
    for x in xs:
        items.extend(f(x))
        if len(items) > SIZE_LIMIT:
            raise TooLarge(f"a list of {len(items)} items")
    return tuple(items)


@primitive(name="filter", weight=4)
def filter_(p: Callable[[A], bool], xs: tuple[A, ...]) -> tuple[A, ...]:
    """The items for which a predicate holds.

    >>> filter_(lambda x: x > 1, (1, 2, 3))
    (2, 3)
    """
    return tuple(filter(p, xs))


@primitive(weight=0.25)
def reject(p: Callable[[A], bool], xs: tuple[A, ...]) -> tuple[A, ...]:
    """The items for which a predicate does not hold.

    >>> reject(lambda x: x > 1, (1, 2, 3))
    (1,)
    """
    return tuple(x for x in xs if not p(x))


@primitive(weight=0.5)
def filter_indexed(p: Callable[[int, A], bool], xs: tuple[A, ...]) -> tuple[A, ...]:
    """The items for which a predicate of index and item holds.

    >>> filter_indexed(lambda index, x: index % 2 == 0, (5, 6, 7))
    (5, 7)
    """
    return tuple(x for index, x in enumerate(xs) if p(index, x))


@primitive(weight=0.25)
def partition(p: Callable[[A], bool], xs: tuple[A, ...]) -> tuple[tuple[A, ...], tuple[A, ...]]:
    """The items for which a predicate holds, and the others.

    >>> partition(lambda x: x > 2, (3, 1, 4, 2))
    ((3, 4), (1, 2))
    """
    verdicts = tuple((x, p(x)) for x in xs)
    return (tuple(x for x, holds in verdicts if holds), tuple(x for x, holds in verdicts if not holds))


@primitive
def take_while(p: Callable[[A], bool], xs: tuple[A, ...]) -> tuple[A, ...]:
    """The items before the first one for which a predicate does not hold.

    >>> take_while(lambda x: x < 3, (1, 2, 3, 1))
    (1, 2)
    """
    return tuple(takewhile(p, xs))


@primitive
def drop_while(p: Callable[[A], bool], xs: tuple[A, ...]) -> tuple[A, ...]:
    """The items from the first one on for which a predicate does not hold.

    >>> drop_while(lambda x: x < 3, (1, 2, 3, 1))
    (3, 1)
    """
    return tuple(dropwhile(p, xs))


@primitive(weight=0.25)
def span(p: Callable[[A], bool], xs: tuple[A, ...]) -> tuple[tuple[A, ...], tuple[A, ...]]:
    """The items before the first one for which a predicate does not hold, and the rest.

    >>> span(lambda x: x < 3, (1, 2, 3, 1))
    ((1, 2), (3, 1))
    """
    begin = tuple(takewhile(p, xs))
    return (begin, xs[len(begin) :])


# ---- Questions ------------------------------------------------------------------------------------------------------


@primitive(name="any")
def any_(p: Callable[[A], bool], xs: tuple[A, ...]) -> bool:
    """Whether a predicate holds for at least one item.

    >>> any_(lambda x: x > 2, (1, 2, 3))
    True
    """
    return any(map(p, xs))


@primitive(name="all")
def all_(p: Callable[[A], bool], xs: tuple[A, ...]) -> bool:
    """Whether a predicate holds for every item; true for the empty list.

    >>> all_(lambda x: x > 2, (1, 2, 3))
    False
    """
    return all(map(p, xs))


@primitive(weight=2)
def count(p: Callable[[A], bool], xs: tuple[A, ...]) -> int:
    """How many items a predicate holds for.

    >>> count(lambda x: x > 1, (1, 2, 3))
    2
    """
    return sum(map(p, xs))


@primitive(weight=0.25)
def find(p: Callable[[A], bool], xs: tuple[A, ...]) -> Some[A] | None:
    """The first item for which a predicate holds, if there is one.

    >>> find(lambda x: x > 1, (1, 2, 3)), find(lambda x: x > 5, (1, 2, 3))
    (Some(value=2), None)
    """
    return next((Some(x) for x in xs if p(x)), None)


@primitive(weight=0.25)
def find_index(p: Callable[[A], bool], xs: tuple[A, ...]) -> int:
    """The index of the first item for which a predicate holds; undefined if there is none.

    >>> find_index(lambda x: x > 1, (1, 2, 3))
    1
    """
    for index, x in enumerate(xs):
        if p(x):
            return index
    raise Undefined("the predicate holds for no item")


@primitive(weight=0.5)
def find_indices(p: Callable[[A], bool], xs: tuple[A, ...]) -> tuple[int, ...]:
    """The indices of all items for which a predicate holds.

    >>> find_indices(lambda x: x > 1, (1, 2, 0, 3))
    (1, 3)
    """
    return tuple(index for index, x in enumerate(xs) if p(x))


# ---- Folds ----------------------------------------------------------------------------------------------------------


@primitive(weight=2)
def fold(f: Callable[[B, A], B], start: B, xs: tuple[A, ...]) -> B:
    """All items taken up into one value, from the left: `f(f(f(start, x0), x1), x2)`.

    >>> fold(lambda total, x: total + x, 0, (1, 2, 3))
    6
    """
    total = start
    for x in xs:
        total = f(total, x)
    return total


@primitive(weight=0.5)
def fold_right(f: Callable[[A, B], B], start: B, xs: tuple[A, ...]) -> B:
    """All items taken up into one value, from the right: `f(x0, f(x1, f(x2, start)))`.

    >>> fold_right(lambda x, rest: x - rest, 0, (1, 2, 3))
    2
    """
    total = start
    for x in reversed(xs):
        total = f(x, total)
    return total


@primitive(weight=0.1)
def reduce(f: Callable[[A, A], A], xs: tuple[A, ...]) -> A:
    """A fold that starts with the first item; undefined for the empty list.

    >>> reduce(lambda total, x: 10 * total + x, (1, 2, 3))
    123
    """
    if not xs:
        raise Undefined("expected a list that is not empty")
    return fold(f, xs[0], xs[1:])


@primitive(weight=1.5)
def scan(f: Callable[[B, A], B], start: B, xs: tuple[A, ...]) -> tuple[B, ...]:
    """The values of a fold after each item, without the start.

    >>> scan(lambda total, x: total + x, 0, (1, 2, 3))
    (1, 3, 6)
    """
    values: list[B] = []
    total = start
    for x in xs:
        total = f(total, x)
        values.append(total)
    return tuple(values)


@primitive(weight=1.5)
def scan1(f: Callable[[A, A], A], xs: tuple[A, ...]) -> tuple[A, ...]:
    """The values of a fold that starts with the first item, which comes first.

    >>> scan1(lambda total, x: total * x, (1, 2, 3, 4))
    (1, 2, 6, 24)
    """
    return tuple(accumulate(xs, f))


@primitive(weight=0.25)
def iterate(f: Callable[[A], A], start: A, count: int) -> A:
    """A function applied `count` times, one after the other; the start itself if the count is not positive.

    >>> iterate(lambda x: x * 2, 1, 5)
    32
    """
    if count > SIZE_LIMIT:
        raise TooLarge(f"{count} steps")
    value = start
    for _ in range(count):
        value = f(value)
    return value


@primitive(weight=0.25)
def unfold(f: Callable[[A], Some[tuple[B, A]] | None], start: A) -> tuple[B, ...]:
    """The list of what a function of a state gives until it gives none: an item and the next state each time.

    >>> unfold(lambda x: Some((x * x, x + 1)) if x < 4 else None, 1)
    (1, 4, 9)
    """
    items: list[B] = []
    step = f(start)
    while step is not None:
        item, state = step.value
        items.append(item)
        if len(items) > SIZE_LIMIT:
            raise TooLarge(f"a list of more than {SIZE_LIMIT} items")
        step = f(state)
    return tuple(items)


# ---- By a key -------------------------------------------------------------------------------------------------------


@primitive(weight=0.5)
def sort_by(f: Callable[[A], K], xs: tuple[A, ...]) -> tuple[A, ...]:
    """Items by rising value of a function; equal ones stay in order.

    >>> sort_by(lambda x: -x, (1, 3, 2))
    (3, 2, 1)
    """
    return tuple(sorted(xs, key=f))


@primitive(weight=0.25)
def argmax(f: Callable[[A], K], xs: tuple[A, ...]) -> A:
    """The item with the largest value of a function, the first of several; undefined for the empty list.

    >>> argmax(len, ((1,), (2, 3), (4, 5)))
    (2, 3)
    """
    if not xs:
        raise Undefined("expected a list that is not empty")
    return max(xs, key=f)


@primitive(weight=0.25)
def argmin(f: Callable[[A], K], xs: tuple[A, ...]) -> A:
    """The item with the smallest value of a function, the first of several; undefined for the empty list.

    >>> argmin(abs, (3, -1, 1))
    -1
    """
    if not xs:
        raise Undefined("expected a list that is not empty")
    return min(xs, key=f)


@primitive(weight=0.25)
def group_by(f: Callable[[A], E], xs: tuple[A, ...]) -> tuple[tuple[A, ...], ...]:
    """The list cut into runs of neighbours with equal values of a function; `gather_by` brings distant ones together.

    >>> group_by(lambda x: x > 2, (1, 2, 3, 1))
    ((1, 2), (3,), (1,))
    """
    return tuple(tuple(run) for _, run in groupby(xs, f))


@primitive(weight=0.25)
def gather_by(f: Callable[[A], E], xs: tuple[A, ...]) -> tuple[tuple[A, ...], ...]:
    """Lists of the items with equal values of a function, wherever they are, in order of first occurrence.

    >>> gather_by(lambda x: x > 2, (1, 2, 3, 1))
    ((1, 2, 1), (3,))
    """
    gathered: dict[E, list[A]] = {}
    for x in xs:
        gathered.setdefault(f(x), []).append(x)
    return tuple(map(tuple, gathered.values()))
