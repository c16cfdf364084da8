"""Compiled words that take a list up into one value, step by step, or apply a function again and again.

A step's arguments are what the step before it gave, so that a table seldom knows them: the body is run.
"""

from __future__ import annotations

from dsl.values import SIZE_LIMIT
from synth.search.kernels.compiled import uncounted
from synth.search.kernels.convention import DEFINED, UNDEFINED, Ints, Lists, Status
from synth.search.kernels.machine import Table, call1, call2

__all__ = ["fold", "fold_right", "iterate", "reduce", "scan", "scan1"]


@uncounted
def _fold(table: Table, function: int, row: int, total: int, start: int, end: int, lists: Lists) -> tuple[int, int]:
    """The items between two places taken up into a value from the left."""
    for place in range(start, end):
        total, known = call2(table, function, row, total, lists.items[place], lists)
        if known != DEFINED:
            return 0, known
    return total, DEFINED


@uncounted
def fold(
    functions: Ints, first: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, out: Ints
) -> None:
    """All items taken up into one value, from the left."""
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            out[i], status[i] = _fold(table, functions[i], rows[i], first[i], start, end, lists)


@uncounted
def fold_right(
    functions: Ints, last: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, out: Ints
) -> None:
    """All items taken up into one value, from the right."""
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, place, total, known = lists.starts[xs[i]], lists.starts[xs[i] + 1], last[i], DEFINED
            while place > start and known == DEFINED:
                place -= 1
                total, known = call2(table, functions[i], rows[i], lists.items[place], total, lists)
            out[i], status[i] = total, known


@uncounted
def reduce(functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, out: Ints) -> None:
    """A fold that starts with the first item; undefined for the empty list."""
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            if start == end:
                status[i] = UNDEFINED
            else:
                out[i], status[i] = _fold(table, functions[i], rows[i], lists.items[start], start + 1, end, lists)


@uncounted
def _scan(
    table: Table, function: int, row: int, total: int, start: int, end: int, lists: Lists, out: Ints, at: int
) -> int:
    """Write the value after each item between two places from `at` on; what is known of them."""
    for place in range(start, end):
        total, known = call2(table, function, row, total, lists.items[place], lists)
        if known != DEFINED:
            return known
        out[at + place - start] = total
    return DEFINED


@uncounted
def scan(
    functions: Ints,
    first: Ints,
    xs: Ints,
    table: Table,
    rows: Ints,
    lists: Lists,
    status: Status,
    most: int,
    out: Ints,
    ends: Ints,
) -> None:
    """The values of a fold after each item, without the start."""
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            status[i] = UNDEFINED
            if end - start <= most:
                status[i] = _scan(table, functions[i], rows[i], first[i], start, end, lists, out, at)
            at += end - start if status[i] == DEFINED else 0
        ends[i] = at


@uncounted
def scan1(
    functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints
) -> None:
    """The values of a fold that starts with the first item, which comes first."""
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            if end - start > most:
                status[i] = UNDEFINED
            elif end > start:
                out[at] = lists.items[start]
                status[i] = _scan(table, functions[i], rows[i], out[at], start + 1, end, lists, out, at + 1)
            at += end - start if status[i] == DEFINED else 0
        ends[i] = at


@uncounted
def iterate(
    functions: Ints, first: Ints, counts: Ints, table: Table, rows: Ints, lists: Lists, status: Status, out: Ints
) -> None:
    """A function applied so many times, one after the other."""
    for i in range(len(status)):
        if status[i] == DEFINED:
            value, known, step = first[i], DEFINED if counts[i] <= SIZE_LIMIT else UNDEFINED, 0
            while step < counts[i] and known == DEFINED:
                value, known = call1(table, functions[i], rows[i], value, lists)
                step += 1
            out[i], status[i] = value, known
