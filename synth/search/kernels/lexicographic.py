"""Compiled words that put sequences in order: lists and tuples whose parts are ints, bools or reals.

Such cells are mere numbers of sequences, which stand in no order: here the sequences themselves are compared, part by
part. These kernels replace those of the same words for single cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from numba import njit

from synth.search.kernels.convention import DEFINED, UNDEFINED, Ints, Kernel, Lists, Status
from synth.search.kernels.list_order import next_gap

__all__ = ["KERNELS"]

# Words that differ in one operation share a loop, which is told the word by a number: fewer loops to compile.
_LT, _LE, _GT, _GE = range(4)
_MIN, _MAX = range(2)


@njit(cache=True)
def _before(lists: Lists, a: int, b: int) -> bool:
    """Whether one sequence comes before another, as Python has it for tuples."""
    start, other = lists.starts[a], lists.starts[b]
    length, other_length = lists.starts[a + 1] - start, lists.starts[b + 1] - other
    for k in range(min(length, other_length)):
        x, y = lists.items[start + k], lists.items[other + k]
        if x != y:
            return x < y
    return length < other_length


@njit(cache=True)
def _compare(word: int, x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            # x > y is y < x, and x <= y is: not y < x.
            turned = word in (_LE, _GT)
            before = _before(lists, y[i], x[i]) if turned else _before(lists, x[i], y[i])
            out[i] = before == (word in (_LT, _GT))


@njit(cache=True)
def _choose(word: int, x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = x[i] if _before(lists, x[i], y[i]) == (word == _MIN) else y[i]


@njit(cache=True)
def _clamp(low: Ints, high: Ints, x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if _before(lists, high[i], low[i]):
                status[i] = UNDEFINED
            elif _before(lists, x[i], low[i]):
                out[i] = low[i]
            else:
                out[i] = high[i] if _before(lists, high[i], x[i]) else x[i]


@njit(cache=True)
def _extreme(word: int, xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            if start == end:
                status[i] = UNDEFINED
            else:
                best = lists.items[start]
                for k in range(start + 1, end):
                    item = lists.items[k]
                    if _before(lists, item, best) == (word == _MIN):
                        best = item
                out[i] = best


@njit(cache=True)
def _sort(xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            start = lists.starts[xs[i]]
            length = lists.starts[xs[i] + 1] - start
            if length > most:
                status[i] = UNDEFINED
            else:
                for k in range(length):
                    out[at + k] = lists.items[start + k]
                gap = next_gap(length)
                while gap > 0:
                    for k in range(at + gap, at + length):
                        item, place = out[k], k
                        while place >= at + gap and _before(lists, item, out[place - gap]):
                            out[place] = out[place - gap]
                            place -= gap
                        out[place] = item
                    gap = next_gap(gap)
                at += length
        ends[i] = at


@njit(cache=True)
def _is_sorted(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = 1
            for k in range(lists.starts[xs[i]] + 1, lists.starts[xs[i] + 1]):
                if _before(lists, lists.items[k], lists.items[k - 1]):
                    out[i] = 0
                    break


KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "order.lt": Kernel(partial(_compare, _LT), "cell"),
        "order.le": Kernel(partial(_compare, _LE), "cell"),
        "order.gt": Kernel(partial(_compare, _GT), "cell"),
        "order.ge": Kernel(partial(_compare, _GE), "cell"),
        "order.min": Kernel(partial(_choose, _MIN), "cell"),
        "order.max": Kernel(partial(_choose, _MAX), "cell"),
        "order.clamp": Kernel(_clamp, "cell"),
        "list.minimum": Kernel(partial(_extreme, _MIN), "cell"),
        "list.maximum": Kernel(partial(_extreme, _MAX), "cell"),
        "list.sort": Kernel(_sort, "list"),
        "list.is_sorted": Kernel(_is_sorted, "cell"),
    }
)
