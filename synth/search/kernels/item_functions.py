"""Compiled words that give a function the items of a list one by one: map, filter, and questions about all items.

Each stops where the word's Python function stops: at the first call that has no value, or that settles the answer.
"""

from __future__ import annotations

from synth.search.kernels.compiled import uncounted
from synth.search.kernels.convention import DEFINED, UNDEFINED, Ints, Lists, Status
from synth.search.kernels.machine import Table, call1, call2

__all__ = [
    "any_or_all",
    "count",
    "cut",
    "filter_indexed",
    "find",
    "find_index",
    "find_indices",
    "first_where",
    "flat_map",
    "keep",
    "map_",
    "map_indexed",
    "zip_with",
]


# ---- Items given one by one -----------------------------------------------------------------------------------------


@uncounted
def map_(
    functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints
) -> None:
    """A function applied to each item."""
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            begin, place, end = at, lists.starts[xs[i]], lists.starts[xs[i] + 1]
            known = DEFINED if end - place <= most else UNDEFINED
            while place < end and known == DEFINED:
                out[at], known = call1(table, functions[i], rows[i], lists.items[place], lists)
                at, place = at + 1, place + 1
            status[i] = known
            at = at if known == DEFINED else begin
        ends[i] = at


@uncounted
def map_indexed(
    functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints
) -> None:
    """A function applied to the index of each item and the item."""
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            begin, start = at, lists.starts[xs[i]]
            length, index = lists.starts[xs[i] + 1] - start, 0
            known = DEFINED if length <= most else UNDEFINED
            while index < length and known == DEFINED:
                out[at], known = call2(table, functions[i], rows[i], index, lists.items[start + index], lists)
                at, index = at + 1, index + 1
            status[i] = known
            at = at if known == DEFINED else begin
        ends[i] = at


@uncounted
def zip_with(
    functions: Ints,
    xs: Ints,
    ys: Ints,
    table: Table,
    rows: Ints,
    lists: Lists,
    status: Status,
    most: int,
    out: Ints,
    ends: Ints,
) -> None:
    """A function applied to the items at the same index."""
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            begin, left, right = at, lists.starts[xs[i]], lists.starts[ys[i]]
            length, index = min(lists.starts[xs[i] + 1] - left, lists.starts[ys[i] + 1] - right), 0
            known = DEFINED if length <= most else UNDEFINED
            while index < length and known == DEFINED:
                x, y = lists.items[left + index], lists.items[right + index]
                out[at], known = call2(table, functions[i], rows[i], x, y, lists)
                at, index = at + 1, index + 1
            status[i] = known
            at = at if known == DEFINED else begin
        ends[i] = at


@uncounted
def flat_map(
    functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints
) -> None:
    """The lists that a function gives for each item, one after the other."""
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            begin, place, end, known = at, lists.starts[xs[i]], lists.starts[xs[i] + 1], DEFINED
            while place < end and known == DEFINED:
                given, known = call1(table, functions[i], rows[i], lists.items[place], lists)
                place += 1
                if known == DEFINED:
                    start, stop = lists.starts[given], lists.starts[given + 1]
                    if at - begin + stop - start > most:
                        known = UNDEFINED
                    else:
                        at = _copy(lists.items, start, stop, out, at)
            status[i] = known
            at = at if known == DEFINED else begin
        ends[i] = at


@uncounted
def _copy(items: Ints, start: int, end: int, out: Ints, at: int) -> int:
    """Write the cells between two places; where the next ones go."""
    for place in range(start, end):
        out[at] = items[place]
        at += 1
    return at


# ---- Items for which a predicate holds ------------------------------------------------------------------------------


@uncounted
def keep(
    wanted: int,
    functions: Ints,
    xs: Ints,
    table: Table,
    rows: Ints,
    lists: Lists,
    status: Status,
    most: int,
    out: Ints,
    ends: Ints,
) -> None:
    """The items for which a predicate says what is wanted."""
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            begin, place, end, known = at, lists.starts[xs[i]], lists.starts[xs[i] + 1], DEFINED
            while place < end and known == DEFINED:
                item = lists.items[place]
                holds, known = call1(table, functions[i], rows[i], item, lists)
                place += 1
                if known == DEFINED and holds == wanted:
                    known, at = _put(item, out, at, begin + most)
            status[i] = known
            at = at if known == DEFINED else begin
        ends[i] = at


@uncounted
def filter_indexed(
    functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints
) -> None:
    """The items for which a predicate of index and item holds."""
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            begin, start, end, known = at, lists.starts[xs[i]], lists.starts[xs[i] + 1], DEFINED
            place = start
            while place < end and known == DEFINED:
                item = lists.items[place]
                holds, known = call2(table, functions[i], rows[i], place - start, item, lists)
                place += 1
                if known == DEFINED and holds:
                    known, at = _put(item, out, at, begin + most)
            status[i] = known
            at = at if known == DEFINED else begin
        ends[i] = at


@uncounted
def find_indices(
    functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints
) -> None:
    """The indices of all items for which a predicate holds."""
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            begin, start, end, known = at, lists.starts[xs[i]], lists.starts[xs[i] + 1], DEFINED
            place = start
            while place < end and known == DEFINED:
                holds, known = call1(table, functions[i], rows[i], lists.items[place], lists)
                if known == DEFINED and holds:
                    known, at = _put(place - start, out, at, begin + most)
                place += 1
            status[i] = known
            at = at if known == DEFINED else begin
        ends[i] = at


@uncounted
def _put(cell: int, out: Ints, at: int, limit: int) -> tuple[int, int]:
    """Write a cell if there is room: what is known of the result now, and where the next cell goes."""
    if at == limit:
        return UNDEFINED, at
    out[at] = cell
    return DEFINED, at + 1


@uncounted
def count(functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, out: Ints) -> None:
    """How many items a predicate holds for."""
    for i in range(len(status)):
        if status[i] == DEFINED:
            place, end, known, total = lists.starts[xs[i]], lists.starts[xs[i] + 1], DEFINED, 0
            while place < end and known == DEFINED:
                holds, known = call1(table, functions[i], rows[i], lists.items[place], lists)
                total += holds
                place += 1
            status[i] = known
            out[i] = total


# ---- The first item for which a predicate holds, or does not --------------------------------------------------------


@uncounted
def first_where(
    wanted: int, table: Table, function: int, row: int, start: int, end: int, lists: Lists
) -> tuple[int, int]:
    """The first place of an item for which a predicate says what is wanted, or the end; and what is known of it."""
    for place in range(start, end):
        holds, known = call1(table, function, row, lists.items[place], lists)
        if known != DEFINED or holds == wanted:
            return place, known
    return end, DEFINED


@uncounted
def cut(
    front: int,
    functions: Ints,
    xs: Ints,
    table: Table,
    rows: Ints,
    lists: Lists,
    status: Status,
    most: int,
    out: Ints,
    ends: Ints,
) -> None:
    """The items before the first one for which a predicate does not hold, or (`front` 0) those from there on."""
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            place, known = first_where(0, table, functions[i], rows[i], start, end, lists)
            start, end = (start, place) if front else (place, end)
            if known == DEFINED and end - start > most:
                known = UNDEFINED
            if known == DEFINED:
                at = _copy(lists.items, start, end, out, at)
            status[i] = known
        ends[i] = at


@uncounted
def any_or_all(
    wanted: int, functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, out: Ints
) -> None:
    """Whether a predicate holds for any item (`wanted` 1) or for all (`wanted` 0): the first such item settles it."""
    for i in range(len(status)):
        if status[i] == DEFINED:
            end = lists.starts[xs[i] + 1]
            place, status[i] = first_where(wanted, table, functions[i], rows[i], lists.starts[xs[i]], end, lists)
            out[i] = wanted if place < end else 1 - wanted


@uncounted
def find(
    functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints
) -> None:
    """The first item for which a predicate holds, if there is one."""
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            end = lists.starts[xs[i] + 1]
            place, status[i] = first_where(1, table, functions[i], rows[i], lists.starts[xs[i]], end, lists)
            if status[i] == DEFINED and place < end:
                out[at] = lists.items[place]
                at += 1
        ends[i] = at


@uncounted
def find_index(functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, out: Ints) -> None:
    """The index of the first item for which a predicate holds."""
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            place, known = first_where(1, table, functions[i], rows[i], start, end, lists)
            status[i] = UNDEFINED if place == end else known
            out[i] = place - start
