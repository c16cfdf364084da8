"""Compiled words that put sequences in order: lists and tuples whose parts are ints, bools or reals.

Such cells are mere numbers of sequences, which stand in no order: here the sequences themselves are compared, part by
part. These kernels replace those of the same words for single cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from synth.search.kernels.compiled import compiled
from synth.search.kernels.convention import DEFINED, UNDEFINED, Ints, Kernel, Lists, Status
from synth.search.kernels.list_order import next_gap

__all__ = ["KERNELS"]


@compiled
def _before(lists: Lists, a: int, b: int) -> bool:
    """Whether one sequence comes before another, as Python has it for tuples."""
    start, other = lists.starts[a], lists.starts[b]
    length, other_length = lists.starts[a + 1] - start, lists.starts[b + 1] - other
    for k in range(min(length, other_length)):
        x, y = lists.items[start + k], lists.items[other + k]
        if x != y:
            return bool(x < y)
    return bool(length < other_length)


@compiled
def _lt(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = _before(lists, x[i], y[i])


@compiled
def _le(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = not _before(lists, y[i], x[i])


@compiled
def _gt(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = _before(lists, y[i], x[i])


@compiled
def _ge(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = not _before(lists, x[i], y[i])


@compiled
def _min(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = y[i] if _before(lists, y[i], x[i]) else x[i]


@compiled
def _max(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = y[i] if _before(lists, x[i], y[i]) else x[i]


@compiled
def _clamp(low: Ints, high: Ints, x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if _before(lists, high[i], low[i]):
                status[i] = UNDEFINED
            elif _before(lists, x[i], low[i]):
                out[i] = low[i]
            else:
                out[i] = high[i] if _before(lists, high[i], x[i]) else x[i]


@compiled
def _extreme(smallest: bool, xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            if start == end:
                status[i] = UNDEFINED
            else:
                best = lists.items[start]
                for k in range(start + 1, end):
                    item = lists.items[k]
                    if _before(lists, item, best) == smallest:
                        best = item
                out[i] = best


@compiled
def _minimum(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    _extreme(True, xs, lists, status, out)


@compiled
def _maximum(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    _extreme(False, xs, lists, status, out)


@compiled
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


@compiled
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
        "order.lt": Kernel(_lt, "cell"),
        "order.le": Kernel(_le, "cell"),
        "order.gt": Kernel(_gt, "cell"),
        "order.ge": Kernel(_ge, "cell"),
        "order.min": Kernel(_min, "cell"),
        "order.max": Kernel(_max, "cell"),
        "order.clamp": Kernel(_clamp, "cell"),
        "list.minimum": Kernel(_minimum, "cell"),
        "list.maximum": Kernel(_maximum, "cell"),
        "list.sort": Kernel(_sort, "list"),
        "list.is_sorted": Kernel(_is_sorted, "cell"),
    }
)
