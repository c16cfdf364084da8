"""Lists: words that are given a function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate, dropwhile, groupby, takewhile
from typing import TypeVar

from dsl.inverses import Graph
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
T = TypeVar("T")


def _pointwise(out: tuple[T, ...], arguments: Sequence[tuple[object, ...]]) -> Graph[T]:
    """The function that gives each item of the output for the arguments in the same place."""
    if len(out) != len(arguments):
        raise Undefined("the lists differ in length")
    return Graph.of(zip(arguments, out, strict=True))


def _kept(out: tuple[A, ...], xs: tuple[A, ...], verdict: bool) -> Graph[bool]:
    """The predicate whose verdict on a list's items is the given one for those of the output, and no others."""
    kept = Counter(out)
    if tuple(x for x in xs if x in kept) != out:
        raise Undefined("an item is both kept and left out, or the order differs")
    return Graph({(x,): (x in kept) is verdict for x in xs})


def _places(out: tuple[A, ...], xs: tuple[A, ...]) -> set[int]:
    """The leftmost indices at which a list has the items of the output, in order."""
    found: set[int] = set()
    for index, x in enumerate(xs):
        if len(found) < len(out) and x == out[len(found)]:
            found.add(index)
    if len(found) < len(out):
        raise Undefined("the list has no such items in this order")
    return found


def _cut(xs: tuple[A, ...], cut: int, right: bool) -> Graph[bool]:
    """The predicate that holds for all items before a cut, and not for the one after it."""
    if not right:
        raise Undefined("the list is not cut into these items")
    return Graph.of(((x,), index < cut) for index, x in enumerate(xs[: cut + 1]))


def _first(xs: tuple[A, ...], index: int) -> Graph[bool]:
    """The predicate that holds for the item at an index, and for none before it."""
    return Graph.of(((x,), place == index) for place, x in enumerate(xs[: index + 1]))


def _all_alike(xs: tuple[A, ...], verdict: bool, alike: bool) -> Graph[bool]:
    """The predicate with one verdict on all items; or not on all, which only a list of one different item decides."""
    items = set(xs)
    if not alike and len(items) != 1:
        raise (TooLarge if items else Undefined)("the predicate may hold for different items")
    return Graph({(x,): verdict is alike for x in items})


def _single_step(out: B, start: B, xs: tuple[A, ...], arguments: Sequence[tuple[object, ...]]) -> Graph[B]:
    """The function of a fold: of one item it is known what it gives, of more only the last result is."""
    if len(xs) > 1:
        raise TooLarge("the values between are not known")
    if not xs and out != start:
        raise Undefined("without items, a fold is its start")
    return Graph(dict.fromkeys(arguments, out))


# ---- Item by item ---------------------------------------------------------------------------------------------------


@primitive(name="map", weight=4)
def map_(f: Callable[[A], B], xs: tuple[A, ...]) -> tuple[B, ...]:
    """A function applied to each item.

    >>> map_(lambda x: x * 2, (1, 2, 3))
    (2, 4, 6)
    """
    return tuple(map(f, xs))


@map_.inverse("f")
def _(out: tuple[B, ...], xs: tuple[A, ...]) -> Graph[B]:
    return _pointwise(out, [(x,) for x in xs])


@primitive(weight=2)
def map_indexed(f: Callable[[int, A], B], xs: tuple[A, ...]) -> tuple[B, ...]:
    """A function applied to the index of each item and the item.

    >>> map_indexed(lambda index, x: index + x, (5, 5, 5))
    (5, 6, 7)
    """
    return tuple(f(index, x) for index, x in enumerate(xs))


@map_indexed.inverse("f")
def _(out: tuple[B, ...], xs: tuple[A, ...]) -> Graph[B]:
    return _pointwise(out, list(enumerate(xs)))


@primitive(weight=2)
def zip_with(f: Callable[[A, B], C], xs: tuple[A, ...], ys: tuple[B, ...]) -> tuple[C, ...]:
    """A function applied to the items at the same index; as often as the shorter list has items.

    >>> zip_with(lambda x, y: x + y, (1, 2, 3), (10, 20))
    (11, 22)
    """
    return tuple(map(f, xs, ys))


@zip_with.inverse("f")
def _(out: tuple[C, ...], xs: tuple[A, ...], ys: tuple[B, ...]) -> Graph[C]:
    return _pointwise(out, list(zip(xs, ys, strict=False)))


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


@filter_.inverse("p")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Graph[bool]:
    return _kept(out, xs, True)


@primitive(weight=0.25)
def reject(p: Callable[[A], bool], xs: tuple[A, ...]) -> tuple[A, ...]:
    """The items for which a predicate does not hold.

    >>> reject(lambda x: x > 1, (1, 2, 3))
    (1,)
    """
    return tuple(x for x in xs if not p(x))


@reject.inverse("p")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Graph[bool]:
    return _kept(out, xs, False)


@primitive(weight=0.5)
def filter_indexed(p: Callable[[int, A], bool], xs: tuple[A, ...]) -> tuple[A, ...]:
    """The items for which a predicate of index and item holds.

    >>> filter_indexed(lambda index, x: index % 2 == 0, (5, 6, 7))
    (5, 7)
    """
    return tuple(x for index, x in enumerate(xs) if p(index, x))


@filter_indexed.inverse("p")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Graph[bool]:
    first = _places(out, xs)
    last = {len(xs) - 1 - place for place in _places(out[::-1], xs[::-1])}
    if first != last:
        raise TooLarge("the items may come from several places")
    return Graph({(index, x): index in first for index, x in enumerate(xs)})


@primitive(weight=0.25)
def partition(p: Callable[[A], bool], xs: tuple[A, ...]) -> tuple[tuple[A, ...], tuple[A, ...]]:
    """The items for which a predicate holds, and the others.

    >>> partition(lambda x: x > 2, (3, 1, 4, 2))
    ((3, 4), (1, 2))
    """
    verdicts = tuple((x, p(x)) for x in xs)
    return (tuple(x for x, holds in verdicts if holds), tuple(x for x, holds in verdicts if not holds))


@partition.inverse("p")
def _(out: tuple[tuple[A, ...], tuple[A, ...]], xs: tuple[A, ...]) -> Graph[bool]:
    graph = _kept(out[0], xs, True)
    if _kept(out[1], xs, False) != graph:
        raise Undefined("these are not the other items")
    return graph


@primitive
def take_while(p: Callable[[A], bool], xs: tuple[A, ...]) -> tuple[A, ...]:
    """The items before the first one for which a predicate does not hold.

    >>> take_while(lambda x: x < 3, (1, 2, 3, 1))
    (1, 2)
    """
    return tuple(takewhile(p, xs))


@take_while.inverse("p")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Graph[bool]:
    return _cut(xs, len(out), xs[: len(out)] == out)


@primitive
def drop_while(p: Callable[[A], bool], xs: tuple[A, ...]) -> tuple[A, ...]:
    """The items from the first one on for which a predicate does not hold.

    >>> drop_while(lambda x: x < 3, (1, 2, 3, 1))
    (3, 1)
    """
    return tuple(dropwhile(p, xs))


@drop_while.inverse("p")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Graph[bool]:
    cut = len(xs) - len(out)
    return _cut(xs, cut, cut >= 0 and xs[cut:] == out)


@primitive(weight=0.25)
def span(p: Callable[[A], bool], xs: tuple[A, ...]) -> tuple[tuple[A, ...], tuple[A, ...]]:
    """The items before the first one for which a predicate does not hold, and the rest.

    >>> span(lambda x: x < 3, (1, 2, 3, 1))
    ((1, 2), (3, 1))
    """
    begin = tuple(takewhile(p, xs))
    return (begin, xs[len(begin) :])


@span.inverse("p")
def _(out: tuple[tuple[A, ...], tuple[A, ...]], xs: tuple[A, ...]) -> Graph[bool]:
    return _cut(xs, len(out[0]), out[0] + out[1] == xs)


# ---- Questions ------------------------------------------------------------------------------------------------------


@primitive(name="any")
def any_(p: Callable[[A], bool], xs: tuple[A, ...]) -> bool:
    """Whether a predicate holds for at least one item.

    >>> any_(lambda x: x > 2, (1, 2, 3))
    True
    """
    return any(map(p, xs))


@any_.inverse("p")
def _(out: bool, xs: tuple[A, ...]) -> Graph[bool]:
    return _all_alike(xs, False, not out)


@primitive(name="all")
def all_(p: Callable[[A], bool], xs: tuple[A, ...]) -> bool:
    """Whether a predicate holds for every item; true for the empty list.

    >>> all_(lambda x: x > 2, (1, 2, 3))
    False
    """
    return all(map(p, xs))


@all_.inverse("p")
def _(out: bool, xs: tuple[A, ...]) -> Graph[bool]:
    return _all_alike(xs, True, out)


@primitive(weight=2)
def count(p: Callable[[A], bool], xs: tuple[A, ...]) -> int:
    """How many items a predicate holds for.

    >>> count(lambda x: x > 1, (1, 2, 3))
    2
    """
    return sum(map(p, xs))


@count.inverse("p")
def _(out: int, xs: tuple[A, ...]) -> Graph[bool]:
    if 0 < out < len(xs):
        raise TooLarge("the predicate may hold for different items")
    if out not in (0, len(xs)):
        raise Undefined("expected a count from 0 to the length of the list")
    return Graph({(x,): out > 0 for x in xs})


@primitive(weight=0.25)
def find(p: Callable[[A], bool], xs: tuple[A, ...]) -> Some[A] | None:
    """The first item for which a predicate holds, if there is one.

    >>> find(lambda x: x > 1, (1, 2, 3)), find(lambda x: x > 5, (1, 2, 3))
    (Some(value=2), None)
    """
    return next((Some(x) for x in xs if p(x)), None)


@find.inverse("p")
def _(out: Some[A] | None, xs: tuple[A, ...]) -> Graph[bool]:
    if out is None:
        return Graph({(x,): False for x in xs})
    if out.value not in xs:
        raise Undefined("the item is not in the list")
    return _first(xs, xs.index(out.value))


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


@find_index.inverse("p")
def _(out: int, xs: tuple[A, ...]) -> Graph[bool]:
    if not 0 <= out < len(xs):
        raise Undefined("expected an index of the list")
    return _first(xs, out)


@primitive(weight=0.5)
def find_indices(p: Callable[[A], bool], xs: tuple[A, ...]) -> tuple[int, ...]:
    """The indices of all items for which a predicate holds.

    >>> find_indices(lambda x: x > 1, (1, 2, 0, 3))
    (1, 3)
    """
    return tuple(index for index, x in enumerate(xs) if p(x))


@find_indices.inverse("p")
def _(out: tuple[int, ...], xs: tuple[A, ...]) -> Graph[bool]:
    places = set(out)
    if out != tuple(index for index in range(len(xs)) if index in places):
        raise Undefined("expected rising indices of the list")
    return Graph.of(((x,), index in places) for index, x in enumerate(xs))


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


@fold.inverse("f")
def _(out: B, start: B, xs: tuple[A, ...]) -> Graph[B]:
    return _single_step(out, start, xs, [(start, x) for x in xs])


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


@fold_right.inverse("f")
def _(out: B, start: B, xs: tuple[A, ...]) -> Graph[B]:
    return _single_step(out, start, xs, [(x, start) for x in xs])


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


@scan.inverse("f")
def _(out: tuple[B, ...], start: B, xs: tuple[A, ...]) -> Graph[B]:
    return _pointwise(out, list(zip((start, *out), xs, strict=False)))


@primitive(weight=1.5)
def scan1(f: Callable[[A, A], A], xs: tuple[A, ...]) -> tuple[A, ...]:
    """The values of a fold that starts with the first item, which comes first.

    >>> scan1(lambda total, x: total * x, (1, 2, 3, 4))
    (1, 2, 6, 24)
    """
    return tuple(accumulate(xs, f))


@scan1.inverse("f")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Graph[A]:
    if out[:1] != xs[:1]:
        raise Undefined("the list does not begin with the first item")
    return _pointwise(out[1:], list(zip(out, xs[1:], strict=False)))


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
