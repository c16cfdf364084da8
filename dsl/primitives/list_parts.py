"""Several lists put together, and lists cut into parts. No word here looks at the items."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TypeVar

from dsl.inverses import Preimages
from dsl.laws import associative, identity
from dsl.list_inverses import NEAR, check_positive, check_size, checked, counts
from dsl.primitive import primitive
from dsl.values import Undefined

__all__ = [
    "chunk",
    "concat",
    "flatten",
    "interleave",
    "pairs",
    "prefixes",
    "split_at",
    "suffixes",
    "transpose",
    "unzip",
    "windows",
    "zip_",
    "zip_index",
]

NAMESPACE = "list"
A = TypeVar("A")
B = TypeVar("B")


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
    return checked(tuple(x for x, _ in out), len(out) <= len(ys) and all(y == z for (_, y), z in zip_(out, ys)))


@zip_.inverse("ys")
def _(out: tuple[tuple[A, B], ...], xs: tuple[A, ...]) -> tuple[B, ...]:
    return checked(tuple(y for _, y in out), len(out) <= len(xs) and all(x == z for (x, _), z in zip_(out, xs)))


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
    return checked(xs, interleave(xs, ys) == out)


@interleave.inverse("ys")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> tuple[A, ...]:
    mixed = 2 * min(len(xs), len(out) // 2)
    ys = (out[1:mixed:2] + out[mixed:])[: max(len(out) - len(xs), 0)]
    return checked(ys, interleave(xs, ys) == out)


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
    return checked(rows, transpose(rows) == out)


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
    return checked(xs, pairs(xs) == out)


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
    return counts(len(out[0]), len(out[0]) + len(out[1]), True)


@primitive(weight=0.25)
def chunk(size: int, xs: tuple[A, ...]) -> tuple[tuple[A, ...], ...]:
    """The list cut into lists of `size` items, the last one shorter if need be; undefined for a size below 1.

    >>> chunk(2, (5, 6, 7))
    ((5, 6), (7,))
    """
    check_positive(size)
    return tuple(xs[start : start + size] for start in range(0, len(xs), size))


@chunk.inverse("xs", given=())
def _(out: tuple[tuple[A, ...], ...]) -> tuple[A, ...]:
    return flatten(out)


@chunk.inverse("size", given=())
def _(out: tuple[tuple[A, ...], ...]) -> Preimages[int]:
    least = max(map(len, out), default=1)
    sizes = range(least, least + NEAR) if len(out) < 2 else range(least, least + 1)
    return Preimages.of(size for size in sizes if size > 0 and chunk(size, flatten(out)) == out)


@primitive(weight=0.25)
def windows(size: int, xs: tuple[A, ...]) -> tuple[tuple[A, ...], ...]:
    """All runs of `size` neighbours, left to right; undefined for a size below 1.

    >>> windows(2, (5, 6, 7))
    ((5, 6), (6, 7))
    """
    check_positive(size)
    starts = max(len(xs) - size + 1, 0)
    check_size(starts * (size + 1) if starts else 0)
    return tuple(xs[start : start + size] for start in range(starts))


@windows.inverse("xs", given=())
def _(out: tuple[tuple[A, ...], ...]) -> tuple[A, ...]:
    if not out or not all(out):
        raise Undefined("expected windows of at least one item")
    xs = (*out[0], *(window[-1] for window in out[1:]))
    return checked(xs, windows(len(out[0]), xs) == out)


@windows.inverse("size", given=())
def _(out: tuple[tuple[A, ...], ...]) -> int:
    return checked(len(out[0]) if out else 0, bool(out) and bool(out[0]))


@primitive(weight=0.25)
def prefixes(xs: tuple[A, ...]) -> tuple[tuple[A, ...], ...]:
    """All beginnings, from the empty list to the whole.

    >>> prefixes((5, 6))
    ((), (5,), (5, 6))
    """
    check_size((len(xs) + 1) * (len(xs) + 2) // 2)
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
    check_size((len(xs) + 1) * (len(xs) + 2) // 2)
    return tuple(xs[start:] for start in range(len(xs) + 1))


@suffixes.inverse("xs")
def _(out: tuple[tuple[A, ...], ...]) -> tuple[A, ...]:
    if not out or suffixes(out[0]) != out:
        raise Undefined("these are not all ends of a list")
    return out[0]
