"""Words that read a list as compiled functions of single cells: each gives a cell, and whether it is defined."""

from __future__ import annotations

import numpy as np

from synth.search.kernels.compiled import uncounted
from synth.search.kernels.convention import INT_MAX, Lists

__all__ = [
    "count_of",
    "extreme",
    "from_digits",
    "get",
    "index_of",
    "is_sorted",
    "most_common",
    "product",
    "sum_",
]


@uncounted
def get(xs: int, index: int, lists: Lists) -> tuple[int, bool]:
    """Item at an index, counted from the end where it is negative."""
    start, end = lists.starts[xs], lists.starts[xs + 1]
    if index >= end - start or index < start - end:
        return 0, False
    return lists.items[index + (start if index >= 0 else end)], True


@uncounted
def index_of(item: int, xs: int, lists: Lists) -> tuple[int, bool]:
    """The index of the first item equal to the given one."""
    start = lists.starts[xs]
    for place in range(start, lists.starts[xs + 1]):
        if lists.items[place] == item:
            return place - start, True
    return 0, False


@uncounted
def count_of(item: int, start: int, end: int, lists: Lists) -> int:
    """How often an item stands between two places."""
    count = 0
    for place in range(start, end):
        if lists.items[place] == item:
            count += 1
    return count


@uncounted
def extreme(xs: int, sign: int, lists: Lists) -> tuple[int, bool]:
    """The largest item for the sign 1, the smallest for -1."""
    start, end = lists.starts[xs], lists.starts[xs + 1]
    if start == end:
        return 0, False
    best = lists.items[start]
    for place in range(start + 1, end):
        item = lists.items[place]
        if (item > best) if sign > 0 else (item < best):
            best = item
    return best, True


@uncounted
def is_sorted(xs: int, lists: Lists) -> bool:
    """Whether no item is smaller than the one before it."""
    for place in range(lists.starts[xs] + 1, lists.starts[xs + 1]):
        if lists.items[place] < lists.items[place - 1]:
            return False
    return True


@uncounted
def most_common(xs: int, lists: Lists) -> tuple[int, bool]:
    """The item that occurs most often, the first of several."""
    start, end = lists.starts[xs], lists.starts[xs + 1]
    if start == end:
        return 0, False
    best, most = lists.items[start], 0
    for place in range(start, end):
        if end - place <= most:
            break
        times = count_of(lists.items[place], place, end, lists)
        if times > most:
            best, most = lists.items[place], times
    return best, True


@uncounted
def sum_(xs: int, lists: Lists) -> tuple[int, bool]:
    """Sum in 128 bits, of which only the end must fit into 64: what overflows on the way may come back."""
    low, high = np.uint64(0), 0
    for place in range(lists.starts[xs], lists.starts[xs + 1]):
        item = lists.items[place]
        total = low + np.uint64(item)
        high += (item >> 63) + (1 if total < low else 0)
        low = total
    result = int(np.int64(low))
    return result, high == result >> 63


@uncounted
def product(xs: int, lists: Lists) -> tuple[int, bool]:
    """Product, of the sizes first: they only grow, except where a factor is 0."""
    start, end = lists.starts[xs], lists.starts[xs + 1]
    if count_of(0, start, end, lists):
        return 0, True
    size, negative = np.uint64(1), False
    for place in range(start, end):
        item = lists.items[place]
        factor = np.uint64(item) if item > 0 else np.uint64(0) - np.uint64(item)
        if size > np.uint64(2**63) // factor:
            return 0, False
        size *= factor
        negative ^= item < 0
    if negative:
        return int(np.int64(np.uint64(0) - size)), True
    return int(np.int64(size)), bool(size <= np.uint64(INT_MAX))


@uncounted
def from_digits(xs: int, lists: Lists) -> tuple[int, bool]:
    """The number with these decimal digits."""
    total = 0
    for place in range(lists.starts[xs], lists.starts[xs + 1]):
        digit = lists.items[place]
        if digit < 0 or digit > 9 or total > (INT_MAX - digit) // 10:
            return 0, False
        total = 10 * total + digit
    return total, True
