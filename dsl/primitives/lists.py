"""Lists: making them, taking them apart, putting them together. No word here looks at the items."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise
from typing import TypeVar

from dsl.inverses import ANYTHING, Anything, Preimages
from dsl.laws import associative, identity, involution, left_identity
from dsl.primitive import primitive
from dsl.values import SIZE_LIMIT, TooLarge, Undefined

__all__ = [
    "append",
    "chunk",
    "concat",
    "cons",
    "drop",
    "drop_last",
    "every",
    "flatten",
    "get",
    "head",
    "init",
    "insert_at",
    "interleave",
    "intersperse",
    "is_empty",
    "last",
    "length",
    "pairs",
    "prefixes",
    "range_",
    "range_step",
    "remove_at",
    "remove_slice",
    "repeat",
    "replace_at",
    "reverse",
    "rotate",
    "singleton",
    "slice_",
    "slice_from",
    "slice_to",
    "splice",
    "split_at",
    "suffixes",
    "swap_at",
    "tail",
    "take",
    "take_last",
    "transpose",
    "unzip",
    "windows",
    "zip_",
    "zip_index",
]

NAMESPACE = "list"
A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")


def _check_size(items: int) -> None:
    """Refuse a list before it is built."""
    if items > SIZE_LIMIT:
        raise TooLarge(f"a list of {items} items")


def _check_positive(size: int) -> None:
    if size < 1:
        raise Undefined(f"expected a size of at least 1, found {size}")


_NEAR = 32
"""Where infinitely many numbers give an output, an inverse names so many, the nearest ones."""
_UP_TO_ZERO = Preimages(tuple(range(0, -_NEAR, -1)))


def _checked(found: T, right: bool) -> T:
    """What an inverse found, if it gives the output."""
    if not right:
        raise Undefined("no argument gives this output")
    return found


def _indices(xs: tuple[A, ...]) -> range:
    """Numbers to try where any may be an index: those of the list, and some outside it."""
    most = max(len(xs), _NEAR)
    return range(1 - most, most + 1)


def _counts(count: int, most: int, right: bool) -> Preimages[int]:
    """Counts that do as a given one does on `most` items: below 0 is as 0, above all items is as all."""
    below = range(-1, -_NEAR, -1) if count <= 0 else ()
    above = range(most + 1, most + _NEAR) if count >= most else ()
    return Preimages(_checked((count, *below, *above), right))


# ---- Making lists ---------------------------------------------------------------------------------------------------


@primitive(weight=4)
def cons(x: A, xs: tuple[A, ...]) -> tuple[A, ...]:
    """The list with an item put before it.

    >>> cons(1, (2, 3))
    (1, 2, 3)
    """
    return (x, *xs)


@cons.inverse("x", given=())
def _(out: tuple[A, ...]) -> A:
    if not out:
        raise Undefined("the empty list has no first item")
    return out[0]


@cons.inverse("xs", given=())
def _(out: tuple[A, ...]) -> tuple[A, ...]:
    if not out:
        raise Undefined("the empty list has no first item")
    return out[1:]


@primitive(weight=3)
def append(xs: tuple[A, ...], x: A) -> tuple[A, ...]:
    """The list with an item put after it.

    >>> append((1, 2), 3)
    (1, 2, 3)
    """
    return (*xs, x)


@append.inverse("xs", given=())
def _(out: tuple[A, ...]) -> tuple[A, ...]:
    if not out:
        raise Undefined("the empty list has no last item")
    return out[:-1]


@append.inverse("x", given=())
def _(out: tuple[A, ...]) -> A:
    if not out:
        raise Undefined("the empty list has no last item")
    return out[-1]


@primitive(weight=3)
def singleton(x: A) -> tuple[A, ...]:
    """The list of one item.

    >>> singleton(3)
    (3,)
    """
    return (x,)


@singleton.inverse("x")
def _(out: tuple[A, ...]) -> A:
    if len(out) != 1:
        raise Undefined("the list has not one item")
    return out[0]


@primitive(weight=2)
def repeat(x: A, count: int) -> tuple[A, ...]:
    """A list of `count` copies of an item; empty if the count is not positive.

    >>> repeat(7, 3)
    (7, 7, 7)
    """
    _check_size(count)
    return (x,) * count


@repeat.inverse("x", given=())
def _(out: tuple[A, ...]) -> A | Anything:
    if any(item != out[0] for item in out):
        raise Undefined("the items differ")
    return out[0] if out else ANYTHING


@repeat.inverse("count", given=())
def _(out: tuple[A, ...]) -> Preimages[int]:
    return Preimages((len(out),)) if out else _UP_TO_ZERO


@primitive(name="range", weight=2)
def range_(start: int, stop: int) -> tuple[int, ...]:
    """The integers from `start` up to but not with `stop`.

    >>> range_(2, 5)
    (2, 3, 4)
    """
    _check_size(stop - start)
    return tuple(range(start, stop))


def _bounds(out: tuple[int, ...]) -> tuple[int, int]:
    """Start and stop of a range that has items."""
    if not out or any(x != out[0] + i for i, x in enumerate(out)):
        raise Undefined("the items are not neighbouring integers, or there are none")
    return out[0], out[-1] + 1


@range_.inverse("start", given=())
def _(out: tuple[int, ...]) -> int:
    return _bounds(out)[0]


@range_.inverse("stop", given=())
def _(out: tuple[int, ...]) -> int:
    return _bounds(out)[1]


@range_.inverse("start")
def _(out: tuple[int, ...], stop: int) -> Preimages[int]:
    if out and _bounds(out)[1] != stop:
        raise Undefined("the range stops elsewhere")
    return Preimages((out[0],)) if out else Preimages(tuple(range(stop, stop + _NEAR)))


@range_.inverse("stop")
def _(out: tuple[int, ...], start: int) -> Preimages[int]:
    if out and _bounds(out)[0] != start:
        raise Undefined("the range starts elsewhere")
    return Preimages((out[-1] + 1,)) if out else Preimages(tuple(range(start, start - _NEAR, -1)))


@primitive(weight=0.25)
def range_step(start: int, stop: int, step: int) -> tuple[int, ...]:
    """Every step-th integer from `start` towards but not with `stop`; undefined for step 0.

    >>> range_step(1, 8, 3), range_step(3, 0, -1)
    ((1, 4, 7), (3, 2, 1))
    """
    if step == 0:
        raise Undefined("expected a step other than 0")
    _check_size((stop - start) // step)
    return tuple(range(start, stop, step))


def _check_steps(out: tuple[int, ...], step: int) -> None:
    if step == 0 or any(y - x != step for x, y in pairwise(out)):
        raise Undefined("the list does not go in these steps")
    if not out:
        raise TooLarge("all starts beyond their stop")


@range_step.inverse("start", given=("step",))
def _(out: tuple[int, ...], step: int) -> int:
    _check_steps(out, step)
    return out[0]


@range_step.inverse("stop", given=("step",))
def _(out: tuple[int, ...], step: int) -> Iterator[int]:
    _check_steps(out, step)
    yield from range(out[-1] + (1 if step > 0 else -1), out[-1] + step + (1 if step > 0 else -1), 1 if step > 0 else -1)


# ---- One part of a list ---------------------------------------------------------------------------------------------


@primitive(raises=[IndexError], weight=4)
def head(xs: tuple[A, ...]) -> A:
    """First item; undefined for the empty list.

    >>> head((5, 6, 7))
    5
    """
    return xs[0]


@primitive(raises=[IndexError], weight=3)
def last(xs: tuple[A, ...]) -> A:
    """Last item; undefined for the empty list.

    >>> last((5, 6, 7))
    7
    """
    return xs[-1]


@primitive(weight=4)
def tail(xs: tuple[A, ...]) -> tuple[A, ...]:
    """All items but the first; the empty list stays empty, as in Python.

    >>> tail((5, 6, 7))
    (6, 7)
    """
    return xs[1:]


@primitive(weight=2)
def init(xs: tuple[A, ...]) -> tuple[A, ...]:
    """All items but the last; the empty list stays empty, as in Python.

    >>> init((5, 6, 7))
    (5, 6)
    """
    return xs[:-1]


@primitive(raises=[IndexError], weight=4)
def get(xs: tuple[A, ...], index: int) -> A:
    """Item at an index; written `xs[index]`. The first has index 0, the last -1; undefined outside the list.

    >>> get((5, 6, 7), 1), get((5, 6, 7), -1)
    (6, 7)
    """
    return xs[index]


@get.inverse("index")
def _(out: A, xs: tuple[A, ...]) -> Preimages[int]:
    return Preimages.of(i for i in range(-len(xs), len(xs)) if xs[i] == out)


@primitive(weight=4)
def take(count: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """First `count` items; all of them if there are fewer.

    >>> take(2, (5, 6, 7))
    (5, 6)
    """
    return xs[: max(count, 0)]


@take.inverse("count")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Preimages[int]:
    return _counts(len(out), len(xs), take(len(out), xs) == out)


@primitive(laws=[left_identity(0)], weight=4)
def drop(count: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """All but the first `count` items; none if there are fewer.

    >>> drop(2, (5, 6, 7))
    (7,)
    """
    return xs[max(count, 0) :]


@drop.inverse("count")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Preimages[int]:
    return _counts(len(xs) - len(out), len(xs), drop(len(xs) - len(out), xs) == out)


@primitive(weight=1.5)
def take_last(count: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """Last `count` items; all of them if there are fewer.

    >>> take_last(2, (5, 6, 7))
    (6, 7)
    """
    return xs[max(len(xs) - max(count, 0), 0) :]


@take_last.inverse("count")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Preimages[int]:
    return _counts(len(out), len(xs), take_last(len(out), xs) == out)


@primitive(laws=[left_identity(0)], weight=1.5)
def drop_last(count: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """All but the last `count` items; none if there are fewer.

    >>> drop_last(2, (5, 6, 7))
    (5,)
    """
    return xs[: max(len(xs) - max(count, 0), 0)]


@drop_last.inverse("count")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Preimages[int]:
    return _counts(len(xs) - len(out), len(xs), drop_last(len(xs) - len(out), xs) == out)


@primitive(name="slice")
def slice_(xs: tuple[A, ...], start: int, stop: int) -> tuple[A, ...]:
    """Items from index `start` up to but not with `stop`, as in Python; written `xs[start:stop]`.

    >>> slice_((5, 6, 7, 8), 1, -1)
    (6, 7)
    """
    return xs[start:stop]


@primitive(weight=0.25)
def slice_from(xs: tuple[A, ...], start: int) -> tuple[A, ...]:
    """Items from index `start` on, as in Python; written `xs[start:]`.

    >>> slice_from((5, 6, 7), -2)
    (6, 7)
    """
    return xs[start:]


@slice_from.inverse("start")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Preimages[int]:
    return Preimages.of(i for i in _indices(xs) if xs[i:] == out)


@primitive(weight=0.25)
def slice_to(xs: tuple[A, ...], stop: int) -> tuple[A, ...]:
    """Items up to but not with index `stop`, as in Python; written `xs[:stop]`.

    >>> slice_to((5, 6, 7), -1)
    (5, 6)
    """
    return xs[:stop]


@slice_to.inverse("stop")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Preimages[int]:
    return Preimages.of(i for i in _indices(xs) if xs[:i] == out)


@primitive(laws=[left_identity(1)], weight=0.25)
def every(step: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """The first item and every step-th after it; undefined for a step below 1.

    >>> every(2, (5, 6, 7, 8, 9))
    (5, 7, 9)
    """
    _check_positive(step)
    return xs[::step]


@primitive(weight=4)
def length(xs: tuple[A, ...]) -> int:
    """How many items a list has.

    >>> length((5, 6, 7))
    3
    """
    return len(xs)


@primitive(weight=1.5)
def is_empty(xs: tuple[A, ...]) -> bool:
    """Whether a list has no items.

    >>> is_empty(())
    True
    """
    return not xs


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
    return Preimages.of(count for count in _indices(xs) if rotate(count, xs) == out)


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
    return Preimages.of(i for i in _indices(xs) if insert_at(i, item, xs) == out)


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


# ---- Several lists --------------------------------------------------------------------------------------------------


@primitive(laws=[associative, identity(())], weight=3)
def concat(xs: tuple[A, ...], ys: tuple[A, ...]) -> tuple[A, ...]:
    """One list after the other; written `xs + ys`.

    >>> concat((1, 2), (3,))
    (1, 2, 3)
    """
    return xs + ys


@concat.inverse("xs")
def _(out: tuple[A, ...], ys: tuple[A, ...]) -> tuple[A, ...]:
    cut = len(out) - len(ys)
    if cut < 0 or out[cut:] != ys:
        raise Undefined("the list does not end in these items")
    return out[:cut]


@concat.inverse("ys")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> tuple[A, ...]:
    if out[: len(xs)] != xs:
        raise Undefined("the list does not begin with these items")
    return out[len(xs) :]


@primitive(weight=1.5)
def flatten(lists: tuple[tuple[A, ...], ...]) -> tuple[A, ...]:
    """The items of the lists in a list, in order.

    >>> flatten(((1, 2), (), (3,)))
    (1, 2, 3)
    """
    return tuple(chain.from_iterable(lists))


@primitive(name="zip", weight=0.5)
def zip_(xs: tuple[A, ...], ys: tuple[B, ...]) -> tuple[tuple[A, B], ...]:
    """Pairs of the items at the same index; as many as the shorter list has.

    >>> zip_((1, 2, 3), ('a', 'b'))
    ((1, 'a'), (2, 'b'))
    """
    return tuple(zip(xs, ys, strict=False))


@zip_.inverse("xs", given=())
def _(out: tuple[tuple[A, B], ...]) -> tuple[A, ...]:
    return tuple(x for x, _ in out)


@zip_.inverse("ys", given=())
def _(out: tuple[tuple[A, B], ...]) -> tuple[B, ...]:
    return tuple(y for _, y in out)


@zip_.inverse("xs")
def _(out: tuple[tuple[A, B], ...], ys: tuple[B, ...]) -> tuple[A, ...]:
    return _checked(tuple(x for x, _ in out), len(out) <= len(ys) and all(y == z for (_, y), z in zip_(out, ys)))


@zip_.inverse("ys")
def _(out: tuple[tuple[A, B], ...], xs: tuple[A, ...]) -> tuple[B, ...]:
    return _checked(tuple(y for _, y in out), len(out) <= len(xs) and all(x == z for (x, _), z in zip_(out, xs)))


@primitive(weight=0.25)
def unzip(xs: tuple[tuple[A, B], ...]) -> tuple[tuple[A, ...], tuple[B, ...]]:
    """The first values of the pairs, and the second ones.

    >>> unzip(((1, 'a'), (2, 'b')))
    ((1, 2), ('a', 'b'))
    """
    return (tuple(x for x, _ in xs), tuple(y for _, y in xs))


@unzip.inverse("xs")
def _(out: tuple[tuple[A, ...], tuple[B, ...]]) -> tuple[tuple[A, B], ...]:
    if len(out[0]) != len(out[1]):
        raise Undefined("the two lists differ in length")
    return tuple(zip(*out, strict=True))


@primitive(weight=0.5)
def zip_index(xs: tuple[A, ...]) -> tuple[tuple[int, A], ...]:
    """Each item with its index before it, as Python's `enumerate`.

    >>> zip_index(('a', 'b'))
    ((0, 'a'), (1, 'b'))
    """
    return tuple(enumerate(xs))


@zip_index.inverse("xs")
def _(out: tuple[tuple[int, A], ...]) -> tuple[A, ...]:
    if any(index != place for place, (index, _) in enumerate(out)):
        raise Undefined("the numbers do not count from 0")
    return tuple(item for _, item in out)


@primitive(weight=0.25)
def interleave(xs: tuple[A, ...], ys: tuple[A, ...]) -> tuple[A, ...]:
    """Items of the two lists in turn; what is left of the longer one follows.

    >>> interleave((1, 2, 3), (8, 9))
    (1, 8, 2, 9, 3)
    """
    shorter = min(len(xs), len(ys))
    return (*chain.from_iterable(zip(xs, ys, strict=False)), *xs[shorter:], *ys[shorter:])


@interleave.inverse("xs")
def _(out: tuple[A, ...], ys: tuple[A, ...]) -> tuple[A, ...]:
    mixed = 2 * min(len(ys), (len(out) + 1) // 2)
    xs = out[:mixed:2] + (out[mixed:] if 2 * len(ys) < len(out) else ())
    xs = xs[: max(len(out) - len(ys), 0)]
    return _checked(xs, interleave(xs, ys) == out)


@interleave.inverse("ys")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> tuple[A, ...]:
    mixed = 2 * min(len(xs), len(out) // 2)
    ys = (out[1:mixed:2] + out[mixed:])[: max(len(out) - len(xs), 0)]
    return _checked(ys, interleave(xs, ys) == out)


@primitive(weight=0.25)
def transpose(rows: tuple[tuple[A, ...], ...]) -> tuple[tuple[A, ...], ...]:
    """Rows as columns; as many as the shortest row has items.

    >>> transpose(((1, 2, 3), (4, 5, 6)))
    ((1, 4), (2, 5), (3, 6))
    """
    return tuple(zip(*rows, strict=False))


@transpose.inverse("rows")
def _(out: tuple[tuple[A, ...], ...]) -> tuple[tuple[A, ...], ...]:
    rows = transpose(out)
    return _checked(rows, transpose(rows) == out)


# ---- Lists of parts -------------------------------------------------------------------------------------------------


@primitive(weight=0.5)
def pairs(xs: tuple[A, ...]) -> tuple[tuple[A, A], ...]:
    """Pairs of neighbours.

    >>> pairs((5, 6, 7))
    ((5, 6), (6, 7))
    """
    return tuple(pairwise(xs))


@pairs.inverse("xs")
def _(out: tuple[tuple[A, A], ...]) -> tuple[A, ...]:
    xs = (*(x for x, _ in out), *(y for _, y in out[-1:]))
    return _checked(xs, pairs(xs) == out)


@primitive(weight=0.25)
def split_at(count: int, xs: tuple[A, ...]) -> tuple[tuple[A, ...], tuple[A, ...]]:
    """The first `count` items, and the rest.

    >>> split_at(1, (5, 6, 7))
    ((5,), (6, 7))
    """
    cut = max(count, 0)
    return (xs[:cut], xs[cut:])


@split_at.inverse("xs", given=())
def _(out: tuple[tuple[A, ...], tuple[A, ...]]) -> tuple[A, ...]:
    return out[0] + out[1]


@split_at.inverse("count", given=())
def _(out: tuple[tuple[A, ...], tuple[A, ...]]) -> Preimages[int]:
    return _counts(len(out[0]), len(out[0]) + len(out[1]), True)


@primitive(weight=0.25)
def chunk(size: int, xs: tuple[A, ...]) -> tuple[tuple[A, ...], ...]:
    """The list cut into lists of `size` items, the last one shorter if need be; undefined for a size below 1.

    >>> chunk(2, (5, 6, 7))
    ((5, 6), (7,))
    """
    _check_positive(size)
    return tuple(xs[start : start + size] for start in range(0, len(xs), size))


@chunk.inverse("xs", given=())
def _(out: tuple[tuple[A, ...], ...]) -> tuple[A, ...]:
    return flatten(out)


@chunk.inverse("size", given=())
def _(out: tuple[tuple[A, ...], ...]) -> Preimages[int]:
    least = max(map(len, out), default=1)
    sizes = range(least, least + _NEAR) if len(out) < 2 else range(least, least + 1)
    return Preimages.of(size for size in sizes if size > 0 and chunk(size, flatten(out)) == out)


@primitive(weight=0.25)
def windows(size: int, xs: tuple[A, ...]) -> tuple[tuple[A, ...], ...]:
    """All runs of `size` neighbours, left to right; undefined for a size below 1.

    >>> windows(2, (5, 6, 7))
    ((5, 6), (6, 7))
    """
    _check_positive(size)
    starts = max(len(xs) - size + 1, 0)
    _check_size(starts * (size + 1) if starts else 0)
    return tuple(xs[start : start + size] for start in range(starts))


@windows.inverse("xs", given=())
def _(out: tuple[tuple[A, ...], ...]) -> tuple[A, ...]:
    if not out or not all(out):
        raise Undefined("expected windows of at least one item")
    xs = (*out[0], *(window[-1] for window in out[1:]))
    return _checked(xs, windows(len(out[0]), xs) == out)


@windows.inverse("size", given=())
def _(out: tuple[tuple[A, ...], ...]) -> int:
    return _checked(len(out[0]) if out else 0, bool(out) and bool(out[0]))


@primitive(weight=0.25)
def prefixes(xs: tuple[A, ...]) -> tuple[tuple[A, ...], ...]:
    """All beginnings, from the empty list to the whole.

    >>> prefixes((5, 6))
    ((), (5,), (5, 6))
    """
    _check_size((len(xs) + 1) * (len(xs) + 2) // 2)
    return tuple(xs[:stop] for stop in range(len(xs) + 1))


@prefixes.inverse("xs")
def _(out: tuple[tuple[A, ...], ...]) -> tuple[A, ...]:
    if not out or prefixes(out[-1]) != out:
        raise Undefined("these are not all beginnings of a list")
    return out[-1]


@primitive(weight=0.25)
def suffixes(xs: tuple[A, ...]) -> tuple[tuple[A, ...], ...]:
    """All ends, from the whole to the empty list.

    >>> suffixes((5, 6))
    ((5, 6), (6,), ())
    """
    _check_size((len(xs) + 1) * (len(xs) + 2) // 2)
    return tuple(xs[start:] for start in range(len(xs) + 1))


@suffixes.inverse("xs")
def _(out: tuple[tuple[A, ...], ...]) -> tuple[A, ...]:
    if not out or suffixes(out[0]) != out:
        raise Undefined("these are not all ends of a list")
    return out[0]
