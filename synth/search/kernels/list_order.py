"""Compiled words on lists that compare or add up their items.

Items are compared as cells: in order where they are ints, bools or reals, for equality whatever they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from synth.search.kernels.arithmetic import added, magnitude
from synth.search.kernels.compiled import compiled
from synth.search.kernels.convention import (
    DEFINED,
    INT_MAX,
    NESTED_ROOM,
    UNDEFINED,
    Ints,
    Kernel,
    Lists,
    Status,
)
from synth.search.kernels.distinct import counted, is_counted, longest, tally_for

__all__ = ["KERNELS", "next_gap"]


# ---- Numbers --------------------------------------------------------------------------------------------------------


@compiled
def _sum(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            total, turns = 0, 0  # the sum is total + turns * 2^64: on the way it may pass 64 bits and come back
            for k in range(lists.starts[xs[i]], lists.starts[xs[i] + 1]):
                total, fits = added(total, lists.items[k])
                if not fits:
                    turns += 1 if lists.items[k] > 0 else -1
            if turns == 0:
                out[i] = total
            else:
                status[i] = UNDEFINED


@compiled
def _product(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    largest = np.uint64(INT_MAX)
    for i in range(len(out)):
        if status[i] == DEFINED:
            size, negative, fits = np.uint64(1), False, True
            for k in range(lists.starts[xs[i]], lists.starts[xs[i] + 1]):
                item = lists.items[k]
                if item == 0:  # also after what is too large
                    size, negative, fits = np.uint64(0), False, True
                    break
                factor = magnitude(item)
                fits = bool(fits and size <= (largest + np.uint64(1)) // factor)
                size *= factor
                if item < 0:
                    negative = not negative
            if fits and size <= largest + np.uint64(negative):
                out[i] = np.int64(np.uint64(0) - size) if negative else np.int64(size)
            else:
                status[i] = UNDEFINED


# ---- Order ----------------------------------------------------------------------------------------------------------


@compiled
def _maximum(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            if start == end:
                status[i] = UNDEFINED
            else:
                best = lists.items[start]
                for k in range(start + 1, end):
                    best = max(best, lists.items[k])
                out[i] = best


@compiled
def _minimum(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            if start == end:
                status[i] = UNDEFINED
            else:
                best = lists.items[start]
                for k in range(start + 1, end):
                    best = min(best, lists.items[k])
                out[i] = best


@compiled
def next_gap(gap: int) -> int:
    """The next smaller gap of Shell's sort, by Ciura's numbers ("Best increments for Shellsort", 2001), or 0."""
    if gap > 701:
        return max(701, gap * 4 // 9)
    for known in (301, 132, 57, 23, 10, 4, 1):
        if known < gap:
            return known
    return 0


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
                        while place >= at + gap and out[place - gap] > item:
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
                if lists.items[k] < lists.items[k - 1]:
                    out[i] = 0
                    break


# ---- Equal items ----------------------------------------------------------------------------------------------------


@compiled
def _place(item: int, start: int, end: int, lists: Lists) -> int:
    """Where an equal item first stands between two places; the end if it does not."""
    while start < end and lists.items[start] != item:
        start += 1
    return start


@compiled
def _contains(item: Ints, xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            out[i] = _place(item[i], start, end, lists) < end


@compiled
def _index_of(item: Ints, xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            place = _place(item[i], start, end, lists)
            if place == end:
                status[i] = UNDEFINED
            else:
                out[i] = place - start


@compiled
def _count_of(item: Ints, xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            times = 0
            for k in range(lists.starts[xs[i]], lists.starts[xs[i] + 1]):
                times += lists.items[k] == item[i]
            out[i] = times


@compiled
def _remove(item: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            begun = at
            for k in range(lists.starts[xs[i]], lists.starts[xs[i] + 1]):
                if lists.items[k] != item[i]:
                    if at - begun == most:
                        status[i] = UNDEFINED
                        at = begun
                        break
                    out[at] = lists.items[k]
                    at += 1
        ends[i] = at


@compiled
def _remove_first(item: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            place = _place(item[i], start, end, lists)
            if end - start - (place < end) > most:
                status[i] = UNDEFINED
            else:
                for k in range(start, end):
                    if k != place:
                        out[at] = lists.items[k]
                        at += 1
        ends[i] = at


@compiled
def _replace(old: Ints, new: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            start = lists.starts[xs[i]]
            length = lists.starts[xs[i] + 1] - start
            if length > most:
                status[i] = UNDEFINED
            else:
                for k in range(length):
                    item = lists.items[start + k]
                    out[at + k] = new[i] if item == old[i] else item
                at += length
        ends[i] = at


@compiled
def _runs(lists: Lists, start: int, end: int) -> tuple[int, int]:
    """How many runs of equal neighbours there are between two places, and how long the longest is."""
    runs, length, begun = 0, 0, start
    for k in range(start, end):
        if k == start or lists.items[k] != lists.items[k - 1]:
            runs, begun = runs + 1, k
        length = max(length, k + 1 - begun)
    return runs, length


@compiled
def _group(xs: Ints, lists: Lists, status: Status, most: int, out: Ints, inner_ends: Ints, ends: Ints) -> None:
    at, inner = 0, 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            runs, run = _runs(lists, start, end)
            if runs > most or run > most or end - start > NESTED_ROOM * most:
                status[i] = UNDEFINED
            else:
                for k in range(start, end):
                    out[at] = lists.items[k]
                    at += 1
                    if k + 1 == end or lists.items[k + 1] != lists.items[k]:
                        inner_ends[inner] = at
                        inner += 1
        ends[i] = inner


# ---- Lists as sets: the number of an entry, from 1, is its stamp in the tally ----------------------------------------


@compiled
def _gather(xs: Ints, lists: Lists, status: Status, most: int, out: Ints, inner_ends: Ints, ends: Ints) -> None:
    tally = tally_for(longest(xs, lists, status))
    at, inner = 0, 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            count = counted(lists.items, start, end, tally, 0, i + 1)
            most_times = 0
            for k in range(count):
                most_times = max(most_times, tally.times[k])
            if count > most or most_times > most or end - start > NESTED_ROOM * most:
                status[i] = UNDEFINED
            else:
                for k in range(count):
                    for _ in range(tally.times[k]):
                        out[at] = tally.cells[k]
                        at += 1
                    inner_ends[inner] = at
                    inner += 1
        ends[i] = inner


@compiled
def _most_common(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    tally = tally_for(longest(xs, lists, status))
    for i in range(len(out)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            count = counted(lists.items, start, end, tally, 0, i + 1)
            if count == 0:
                status[i] = UNDEFINED
            else:
                best = 0
                for k in range(1, count):
                    if tally.times[k] > tally.times[best]:
                        best = k
                out[i] = tally.cells[best]


@compiled
def _union(xs: Ints, ys: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    tally = tally_for(longest(xs, lists, status) + longest(ys, lists, status))
    at = 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            other, last = lists.starts[ys[i]], lists.starts[ys[i] + 1]
            count = counted(lists.items, start, end, tally, 0, i + 1)
            if ys[i] != xs[i]:
                count = counted(lists.items, other, last, tally, count, i + 1)
            if count > most:
                status[i] = UNDEFINED
            else:
                for k in range(count):
                    out[at + k] = tally.cells[k]
                at += count
        ends[i] = at


@compiled
def _unique(xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    _union(xs, xs, lists, status, most, out, ends)


@compiled
def _select(wanted: bool, xs: Ints, ys: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    """The items of the first list that are in the second, or those that are not."""
    tally = tally_for(longest(ys, lists, status))
    at = 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            start, end = lists.starts[ys[i]], lists.starts[ys[i] + 1]
            counted(lists.items, start, end, tally, 0, i + 1)
            begun = at
            for k in range(lists.starts[xs[i]], lists.starts[xs[i] + 1]):
                item = lists.items[k]
                if is_counted(item, tally, i + 1) == wanted:
                    if at - begun == most:
                        status[i] = UNDEFINED
                        at = begun
                        break
                    out[at] = item
                    at += 1
        ends[i] = at


@compiled
def _intersect(xs: Ints, ys: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    _select(True, xs, ys, lists, status, most, out, ends)


@compiled
def _difference(xs: Ints, ys: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    _select(False, xs, ys, lists, status, most, out, ends)


KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "list.sum": Kernel(_sum, "cell"),
        "list.product": Kernel(_product, "cell"),
        "list.minimum": Kernel(_minimum, "cell"),
        "list.maximum": Kernel(_maximum, "cell"),
        "list.sort": Kernel(_sort, "list"),
        "list.is_sorted": Kernel(_is_sorted, "cell"),
        "list.contains": Kernel(_contains, "cell"),
        "list.index_of": Kernel(_index_of, "cell"),
        "list.count_of": Kernel(_count_of, "cell"),
        "list.remove": Kernel(_remove, "list"),
        "list.remove_first": Kernel(_remove_first, "list"),
        "list.replace": Kernel(_replace, "list"),
        "list.unique": Kernel(_unique, "list"),
        "list.group": Kernel(_group, "nested"),
        "list.gather": Kernel(_gather, "nested"),
        "list.most_common": Kernel(_most_common, "cell"),
        "list.union": Kernel(_union, "list"),
        "list.intersect": Kernel(_intersect, "list"),
        "list.difference": Kernel(_difference, "list"),
    }
)
