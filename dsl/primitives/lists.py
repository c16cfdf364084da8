"""Lists: making them, taking them apart, putting them together. No word here looks at the items."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TypeVar

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


def _check_size(items: int) -> None:
    """Refuse a list before it is built."""
    if items > SIZE_LIMIT:
        raise TooLarge(f"a list of {items} items")


def _check_positive(size: int) -> None:
    if size < 1:
        raise Undefined(f"expected a size of at least 1, found {size}")


# ---- Making lists ---------------------------------------------------------------------------------------------------


@primitive(weight=4)
def cons(x: A, xs: tuple[A, ...]) -> tuple[A, ...]:
    """The list with an item put before it.

    >>> cons(1, (2, 3))
    (1, 2, 3)
    """
    return (x, *xs)


@cons.inverse("x")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> A:
    if not out or out[1:] != xs:
        raise Undefined("the list does not end in these items")
    return out[0]


@cons.inverse("xs")
def _(out: tuple[A, ...], x: A) -> tuple[A, ...]:
    if out[:1] != (x,):
        raise Undefined("the list does not begin with this item")
    return out[1:]


@primitive(weight=3)
def append(xs: tuple[A, ...], x: A) -> tuple[A, ...]:
    """The list with an item put after it.

    >>> append((1, 2), 3)
    (1, 2, 3)
    """
    return (*xs, x)


@append.inverse("xs")
def _(out: tuple[A, ...], x: A) -> tuple[A, ...]:
    if out[-1:] != (x,):
        raise Undefined("the list does not end in this item")
    return out[:-1]


@append.inverse("x")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> A:
    if not out or out[:-1] != xs:
        raise Undefined("the list does not begin with these items")
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


@repeat.inverse("x")
def _(out: tuple[A, ...], count: int) -> A:
    if not out or len(out) != count or any(item != out[0] for item in out):
        raise Undefined("the list is not that many copies of one item")
    return out[0]


@repeat.inverse("count")
def _(out: tuple[A, ...], x: A) -> int:
    if any(item != x for item in out):
        raise Undefined("the list has other items")
    return len(out)


@primitive(name="range", weight=2)
def range_(start: int, stop: int) -> tuple[int, ...]:
    """The integers from `start` up to but not with `stop`.

    >>> range_(2, 5)
    (2, 3, 4)
    """
    _check_size(stop - start)
    return tuple(range(start, stop))


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


@primitive(weight=4)
def take(count: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """First `count` items; all of them if there are fewer.

    >>> take(2, (5, 6, 7))
    (5, 6)
    """
    return xs[: max(count, 0)]


@primitive(laws=[left_identity(0)], weight=4)
def drop(count: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """All but the first `count` items; none if there are fewer.

    >>> drop(2, (5, 6, 7))
    (7,)
    """
    return xs[max(count, 0) :]


@primitive(weight=1.5)
def take_last(count: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """Last `count` items; all of them if there are fewer.

    >>> take_last(2, (5, 6, 7))
    (6, 7)
    """
    return xs[max(len(xs) - max(count, 0), 0) :]


@primitive(laws=[left_identity(0)], weight=1.5)
def drop_last(count: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """All but the last `count` items; none if there are fewer.

    >>> drop_last(2, (5, 6, 7))
    (5,)
    """
    return xs[: max(len(xs) - max(count, 0), 0)]


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


@primitive(weight=0.25)
def slice_to(xs: tuple[A, ...], stop: int) -> tuple[A, ...]:
    """Items up to but not with index `stop`, as in Python; written `xs[:stop]`.

    >>> slice_to((5, 6, 7), -1)
    (5, 6)
    """
    return xs[:stop]


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


@primitive(raises=[IndexError])
def remove_at(index: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """The list without the item at an index; undefined outside the list.

    >>> remove_at(1, (5, 6, 7))
    (5, 7)
    """
    items = list(xs)
    del items[index]
    return tuple(items)


@primitive(raises=[IndexError], weight=0.5)
def replace_at(index: int, item: A, xs: tuple[A, ...]) -> tuple[A, ...]:
    """The list with another item at an index; undefined outside the list.

    >>> replace_at(1, 9, (5, 6, 7))
    (5, 9, 7)
    """
    items = list(xs)
    items[index] = item
    return tuple(items)


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


@primitive(weight=0.25)
def transpose(rows: tuple[tuple[A, ...], ...]) -> tuple[tuple[A, ...], ...]:
    """Rows as columns; as many as the shortest row has items.

    >>> transpose(((1, 2, 3), (4, 5, 6)))
    ((1, 4), (2, 5), (3, 6))
    """
    return tuple(zip(*rows, strict=False))


# ---- Lists of parts -------------------------------------------------------------------------------------------------


@primitive(weight=0.5)
def pairs(xs: tuple[A, ...]) -> tuple[tuple[A, A], ...]:
    """Pairs of neighbours.

    >>> pairs((5, 6, 7))
    ((5, 6), (6, 7))
    """
    return tuple(pairwise(xs))


@primitive(weight=0.25)
def split_at(count: int, xs: tuple[A, ...]) -> tuple[tuple[A, ...], tuple[A, ...]]:
    """The first `count` items, and the rest.

    >>> split_at(1, (5, 6, 7))
    ((5,), (6, 7))
    """
    cut = max(count, 0)
    return (xs[:cut], xs[cut:])


@split_at.inverse("xs")
def _(out: tuple[tuple[A, ...], tuple[A, ...]], count: int) -> tuple[A, ...]:
    joined = out[0] + out[1]
    if split_at(count, joined) != out:
        raise Undefined("the list is split at another place")
    return joined


@primitive(weight=0.25)
def chunk(size: int, xs: tuple[A, ...]) -> tuple[tuple[A, ...], ...]:
    """The list cut into lists of `size` items, the last one shorter if need be; undefined for a size below 1.

    >>> chunk(2, (5, 6, 7))
    ((5, 6), (7,))
    """
    _check_positive(size)
    return tuple(xs[start : start + size] for start in range(0, len(xs), size))


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
