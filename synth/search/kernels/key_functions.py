"""Compiled words that part or order a list's items by what a function gives for each: its verdict or its key."""

from __future__ import annotations

import numpy as np

from synth.search.kernels.compiled import compiled, uncounted
from synth.search.kernels.convention import DEFINED, NESTED_ROOM, UNDEFINED, Ints, Lists, Status
from synth.search.kernels.item_functions import first_where
from synth.search.kernels.machine import Table, call1

__all__ = ["argument_of_extreme", "gather_by", "group_by", "partition", "sort_by", "span"]


# ---- Two parts ------------------------------------------------------------------------------------------------------


@uncounted
def span(
    functions: Ints,
    xs: Ints,
    table: Table,
    rows: Ints,
    lists: Lists,
    status: Status,
    most: int,
    out: Ints,
    inner_ends: Ints,
    ends: Ints,
) -> None:
    """The items before the first one for which a predicate does not hold, and the rest."""
    at, inner = 0, 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            place, known = first_where(0, table, functions[i], rows[i], start, end, lists)
            if known == DEFINED and (place - start > most or end - place > most or most < 2):
                known = UNDEFINED
            if known == DEFINED:
                for k in range(start, end):
                    out[at + k - start] = lists.items[k]
                inner_ends[inner], inner_ends[inner + 1] = at + place - start, at + end - start
                at, inner = at + end - start, inner + 2
            status[i] = known
        ends[i] = inner


@uncounted
def partition(
    functions: Ints,
    xs: Ints,
    table: Table,
    rows: Ints,
    lists: Lists,
    status: Status,
    most: int,
    out: Ints,
    inner_ends: Ints,
    ends: Ints,
) -> None:
    """The items for which a predicate holds, and the others."""
    at, inner = 0, 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            kept, known = _part(table, functions[i], rows[i], start, end, lists, most, out, at)
            if known == DEFINED:
                inner_ends[inner], inner_ends[inner + 1] = at + kept, at + end - start
                at, inner = at + end - start, inner + 2
            status[i] = known
        ends[i] = inner


@uncounted
def _part(
    table: Table, function: int, row: int, start: int, end: int, lists: Lists, most: int, out: Ints, at: int
) -> tuple[int, int]:
    """Write the items for which a predicate holds, then the others; how many hold, and what is known of it."""
    length, kept, others = end - start, 0, 0
    if length > 2 * most or most < 2:  # one of the two lists would be too long, or the pair itself
        return 0, UNDEFINED
    for place in range(start, end):
        item = lists.items[place]
        holds, known = call1(table, function, row, item, lists)
        if known != DEFINED:
            return 0, known
        if holds:
            out[at + kept] = item
            kept += 1
        else:  # beyond where the result ends, for now
            out[at + length + others] = item
            others += 1
    for k in range(others):
        out[at + kept + k] = out[at + length + k]
    return kept, DEFINED if kept <= most and others <= most else UNDEFINED


# ---- Groups ---------------------------------------------------------------------------------------------------------


@uncounted
def group_by(
    functions: Ints,
    xs: Ints,
    table: Table,
    rows: Ints,
    lists: Lists,
    status: Status,
    most: int,
    out: Ints,
    inner_ends: Ints,
    ends: Ints,
) -> None:
    """The list cut into runs of neighbours with equal keys."""
    at, inner = 0, 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            groups, known = _runs(table, functions[i], rows[i], start, end, lists, most, out, at, inner_ends, inner)
            if known == DEFINED:
                at, inner = at + end - start, inner + groups
            status[i] = known
        ends[i] = inner


@uncounted
def _runs(
    table: Table,
    function: int,
    row: int,
    start: int,
    end: int,
    lists: Lists,
    most: int,
    out: Ints,
    at: int,
    inner_ends: Ints,
    inner: int,
) -> tuple[int, int]:
    """Write the items, and the ends of their runs; how many runs there are, and what is known of them."""
    if end - start > NESTED_ROOM * most:
        return 0, UNDEFINED
    groups, length, last = 0, 0, 0
    for place in range(start, end):
        key, known = call1(table, function, row, lists.items[place], lists)
        if known != DEFINED:
            return 0, known
        if groups == 0 or key != last:
            groups, length, last = groups + 1, 0, key
        length += 1
        if groups > most or length > most:
            return 0, UNDEFINED
        out[at + place - start] = lists.items[place]
        inner_ends[inner + groups - 1] = at + place - start + 1
    return groups, DEFINED


@compiled
def gather_by(
    functions: Ints,
    xs: Ints,
    table: Table,
    rows: Ints,
    lists: Lists,
    status: Status,
    most: int,
    out: Ints,
    inner_ends: Ints,
    ends: Ints,
) -> None:
    """Lists of the items with equal keys, wherever they are, in order of first occurrence."""
    scratch = np.empty((2, _longest(xs, lists, status, NESTED_ROOM * most)), dtype=np.int64)
    _gather_by(functions, xs, table, rows, lists, status, most, out, inner_ends, ends, scratch[0], scratch[1])


@uncounted
def _longest(xs: Ints, lists: Lists, status: Status, limit: int) -> int:
    """The length of the longest list that is no longer than a limit."""
    longest = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            length = lists.starts[xs[i] + 1] - lists.starts[xs[i]]
            longest = max(longest, length) if length <= limit else longest
    return longest


@uncounted
def _gather_by(
    functions: Ints,
    xs: Ints,
    table: Table,
    rows: Ints,
    lists: Lists,
    status: Status,
    most: int,
    out: Ints,
    inner_ends: Ints,
    ends: Ints,
    keys: Ints,
    left: Ints,
) -> None:
    at, inner = 0, 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            known = _fill_keys(table, functions[i], rows[i], start, end, lists, NESTED_ROOM * most, keys)
            if known == DEFINED:
                groups = _gather(keys, left, start, end, lists, most, out, at, inner_ends, inner)
                if groups < 0:
                    known = UNDEFINED
                else:
                    at, inner = at + end - start, inner + groups
            status[i] = known
        ends[i] = inner


@uncounted
def _fill_keys(
    table: Table, function: int, row: int, start: int, end: int, lists: Lists, limit: int, keys: Ints
) -> int:
    """The keys of the items between two places, written from 0 on; what is known of them."""
    if end - start > limit:
        return UNDEFINED
    for place in range(start, end):
        keys[place - start], known = call1(table, function, row, lists.items[place], lists)
        if known != DEFINED:
            return known
    return DEFINED


@uncounted
def _gather(
    keys: Ints,
    left: Ints,
    start: int,
    end: int,
    lists: Lists,
    most: int,
    out: Ints,
    at: int,
    inner_ends: Ints,
    inner: int,
) -> int:
    """Write a group for each different key; how many there are, or -1 if they are too many or one is too long.

    `left` has the places of the items that are in no group yet; each group is taken out of it.
    """
    remaining, groups = end - start, 0
    for k in range(remaining):
        left[k] = k
    while remaining:
        key, size, kept = keys[left[0]], 0, 0
        for k in range(remaining):
            place = left[k]
            if keys[place] == key:
                out[at] = lists.items[start + place]
                at, size = at + 1, size + 1
            else:
                left[kept] = place
                kept += 1
        if size > most or groups == most:
            return -1
        inner_ends[inner + groups] = at
        remaining, groups = kept, groups + 1
    return groups


# ---- Order ----------------------------------------------------------------------------------------------------------


@uncounted
def argument_of_extreme(
    sign: int, functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, out: Ints
) -> None:
    """The first item with the largest key (`sign` 1) or the smallest (-1)."""
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            place, known, best = start, DEFINED if start < end else UNDEFINED, 0
            while place < end and known == DEFINED:
                key, known = call1(table, functions[i], rows[i], lists.items[place], lists)
                if place == start or (key > best if sign > 0 else key < best):
                    best, out[i] = key, lists.items[place]
                place += 1
            status[i] = known


@compiled
def sort_by(
    functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints
) -> None:
    """Items by rising key; equal ones stay in order."""
    scratch = np.empty((4, _longest(xs, lists, status, most)), dtype=np.int64)
    _sort_by(functions, xs, table, rows, lists, status, most, out, ends, scratch)


@uncounted
def _sort_by(
    functions: Ints,
    xs: Ints,
    table: Table,
    rows: Ints,
    lists: Lists,
    status: Status,
    most: int,
    out: Ints,
    ends: Ints,
    scratch: Ints,
) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            known = _fill_keys(table, functions[i], rows[i], start, end, lists, most, scratch[0])
            if known == DEFINED:
                length = end - start
                for k in range(length):
                    scratch[1, k] = lists.items[start + k]
                _merge_sort(scratch, length)
                for k in range(length):
                    out[at + k] = scratch[1, k]
                at += length
            status[i] = known
        ends[i] = at


@uncounted
def _merge_sort(scratch: Ints, length: int) -> None:
    """Sort keys (row 0) with their items (row 1), stably, merging runs of 1, 2, 4, ... through rows 2 and 3."""
    width = 1
    while width < length:
        for begin in range(0, length, 2 * width):
            middle, end = min(begin + width, length), min(begin + 2 * width, length)
            left, right = begin, middle
            for k in range(begin, end):
                from_left = left < middle and (right == end or scratch[0, left] <= scratch[0, right])
                source = left if from_left else right
                scratch[2, k], scratch[3, k] = scratch[0, source], scratch[1, source]
                left, right = (left + 1, right) if from_left else (left, right + 1)
        for k in range(length):
            scratch[0, k], scratch[1, k] = scratch[2, k], scratch[3, k]
        width *= 2
