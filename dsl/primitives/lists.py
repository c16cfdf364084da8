"""Lists: making them, and taking a part of one. No word here looks at the items."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TypeVar

from dsl.inverses import ANYTHING, Anything, Preimages
from dsl.laws import left_identity
from dsl.list_inverses import NEAR, UP_TO_ZERO, check_positive, check_size, counts, indices
from dsl.primitive import primitive
from dsl.values import TooLarge, Undefined

__all__ = [
    "append",
    "cons",
    "drop",
    "drop_last",
    "every",
    "get",
    "head",
    "init",
    "is_empty",
    "last",
    "length",
    "range_",
    "range_step",
    "repeat",
    "singleton",
    "slice_",
    "slice_from",
    "slice_to",
    "tail",
    "take",
    "take_last",
]

NAMESPACE = "list"
A = TypeVar("A")


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
    check_size(count)
    return (x,) * count


@repeat.inverse("x", given=())
def _(out: tuple[A, ...]) -> A | Anything:
    if any(item != out[0] for item in out):
        raise Undefined("the items differ")
    return out[0] if out else ANYTHING


@repeat.inverse("count", given=())
def _(out: tuple[A, ...]) -> Preimages[int]:
    return Preimages((len(out),)) if out else UP_TO_ZERO


@primitive(name="range", weight=2)
def range_(start: int, stop: int) -> tuple[int, ...]:
    """The integers from `start` up to but not with `stop`.

    >>> range_(2, 5)
    (2, 3, 4)
    """
    check_size(stop - start)
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
    return Preimages((out[0],)) if out else Preimages(tuple(range(stop, stop + NEAR)))


@range_.inverse("stop")
def _(out: tuple[int, ...], start: int) -> Preimages[int]:
    if out and _bounds(out)[0] != start:
        raise Undefined("the range starts elsewhere")
    return Preimages((out[-1] + 1,)) if out else Preimages(tuple(range(start, start - NEAR, -1)))


@primitive(weight=0.25)
def range_step(start: int, stop: int, step: int) -> tuple[int, ...]:
    """Every step-th integer from `start` towards but not with `stop`; undefined for step 0.

    >>> range_step(1, 8, 3), range_step(3, 0, -1)
    ((1, 4, 7), (3, 2, 1))
    """
    if step == 0:
        raise Undefined("expected a step other than 0")
    check_size((stop - start) // step)
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
    return counts(len(out), len(xs), take(len(out), xs) == out)


@primitive(laws=[left_identity(0)], weight=4)
def drop(count: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """All but the first `count` items; none if there are fewer.

    >>> drop(2, (5, 6, 7))
    (7,)
    """
    return xs[max(count, 0) :]


@drop.inverse("count")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Preimages[int]:
    return counts(len(xs) - len(out), len(xs), drop(len(xs) - len(out), xs) == out)


@primitive(weight=1.5)
def take_last(count: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """Last `count` items; all of them if there are fewer.

    >>> take_last(2, (5, 6, 7))
    (6, 7)
    """
    return xs[max(len(xs) - max(count, 0), 0) :]


@take_last.inverse("count")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Preimages[int]:
    return counts(len(out), len(xs), take_last(len(out), xs) == out)


@primitive(laws=[left_identity(0)], weight=1.5)
def drop_last(count: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """All but the last `count` items; none if there are fewer.

    >>> drop_last(2, (5, 6, 7))
    (5,)
    """
    return xs[: max(len(xs) - max(count, 0), 0)]


@drop_last.inverse("count")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Preimages[int]:
    return counts(len(xs) - len(out), len(xs), drop_last(len(xs) - len(out), xs) == out)


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
    return Preimages.of(i for i in indices(xs) if xs[i:] == out)


@primitive(weight=0.25)
def slice_to(xs: tuple[A, ...], stop: int) -> tuple[A, ...]:
    """Items up to but not with index `stop`, as in Python; written `xs[:stop]`.

    >>> slice_to((5, 6, 7), -1)
    (5, 6)
    """
    return xs[:stop]


@slice_to.inverse("stop")
def _(out: tuple[A, ...], xs: tuple[A, ...]) -> Preimages[int]:
    return Preimages.of(i for i in indices(xs) if xs[:i] == out)


@primitive(laws=[left_identity(1)], weight=0.25)
def every(step: int, xs: tuple[A, ...]) -> tuple[A, ...]:
    """The first item and every step-th after it; undefined for a step below 1.

    >>> every(2, (5, 6, 7, 8, 9))
    (5, 7, 9)
    """
    check_positive(step)
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
