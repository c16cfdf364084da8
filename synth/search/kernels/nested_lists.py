"""Kernels for the list words whose result is a sequence of sequences: pairs, parts, all beginnings, rows as columns.

A pair is a sequence of two cells, so `zip` and `chunk` write their results alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from synth.search.kernels.compiled import compiled, embedded
from synth.search.kernels.convention import DEFINED, NESTED_ROOM, UNDEFINED, Ints, Kernel, Lists, Status
from synth.search.kernels.copying import copy_cells, ends_of, taken

__all__ = ["KERNELS"]


@embedded
def _fits(outer: int, longest: int, total: int, most: int) -> bool:
    """Whether a result of `outer` inner sequences, `total` cells together, may be written."""
    return outer <= most and longest <= most and total <= NESTED_ROOM * most


# ---- Pairs ----------------------------------------------------------------------------------------------------------


@compiled
def _zip(xs: Ints, ys: Ints, lists: Lists, status: Status, most: int, out: Ints, inner_ends: Ints, ends: Ints) -> None:
    at = inner = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            other_start, other_end = ends_of(lists, ys[i])
            both = min(end - start, other_end - other_start)
            if not _fits(both, min(2, 2 * both), 2 * both, most):
                status[i] = UNDEFINED
            else:
                for k in range(both):
                    out[at], out[at + 1] = lists.items[start + k], lists.items[other_start + k]
                    at += 2
                    inner_ends[inner] = at
                    inner += 1
        ends[i] = inner


@compiled
def _unzip(xs: Ints, lists: Lists, status: Status, most: int, out: Ints, inner_ends: Ints, ends: Ints) -> None:
    at = inner = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            if not _fits(2, end - start, 2 * (end - start), most):
                status[i] = UNDEFINED
            else:
                for part in range(2):
                    for k in range(start, end):
                        out[at] = lists.items[lists.starts[lists.items[k]] + part]
                        at += 1
                    inner_ends[inner] = at
                    inner += 1
        ends[i] = inner


@compiled
def _zip_index(xs: Ints, lists: Lists, status: Status, most: int, out: Ints, inner_ends: Ints, ends: Ints) -> None:
    at = inner = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            length = end - start
            if not _fits(length, min(2, 2 * length), 2 * length, most):
                status[i] = UNDEFINED
            else:
                for k in range(length):
                    out[at], out[at + 1] = k, lists.items[start + k]
                    at += 2
                    inner_ends[inner] = at
                    inner += 1
        ends[i] = inner


@compiled
def _pairs(xs: Ints, lists: Lists, status: Status, most: int, out: Ints, inner_ends: Ints, ends: Ints) -> None:
    at = inner = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            count = max(end - start - 1, 0)
            if not _fits(count, min(2, 2 * count), 2 * count, most):
                status[i] = UNDEFINED
            else:
                for k in range(start, start + count):
                    out[at], out[at + 1] = lists.items[k], lists.items[k + 1]
                    at += 2
                    inner_ends[inner] = at
                    inner += 1
        ends[i] = inner


# ---- Rows as columns ------------------------------------------------------------------------------------------------


@embedded
def _shortest(lists: Lists, start: int, end: int) -> int:
    """The length of the shortest of the sequences whose numbers are `items[start:end]`; 0 if there are none."""
    shortest = -1
    for k in range(start, end):
        row_start, row_end = ends_of(lists, lists.items[k])
        if shortest < 0 or row_end - row_start < shortest:
            shortest = row_end - row_start
    return max(shortest, 0)


@compiled
def _transpose(rows: Ints, lists: Lists, status: Status, most: int, out: Ints, inner_ends: Ints, ends: Ints) -> None:
    at = inner = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, rows[i])
            columns = _shortest(lists, start, end)
            longest = end - start if columns > 0 else 0
            if not _fits(columns, longest, columns * longest, most):
                status[i] = UNDEFINED
            else:
                for c in range(columns):
                    for k in range(start, end):
                        out[at] = lists.items[lists.starts[lists.items[k]] + c]
                        at += 1
                    inner_ends[inner] = at
                    inner += 1
        ends[i] = inner


# ---- Lists of parts -------------------------------------------------------------------------------------------------


@compiled
def _split_at(
    counts: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, inner_ends: Ints, ends: Ints
) -> None:
    at = inner = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            first = taken(counts[i], end - start)
            if not _fits(2, max(first, end - start - first), end - start, most):
                status[i] = UNDEFINED
            else:
                inner_ends[inner] = at + first
                at = copy_cells(lists.items, start, end, out, at)
                inner_ends[inner + 1] = at
                inner += 2
        ends[i] = inner


@compiled
def _chunk(
    sizes: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, inner_ends: Ints, ends: Ints
) -> None:
    at = inner = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            length, size = end - start, taken(sizes[i], end - start)
            # Where the list is empty, so is the result; the size must be positive all the same.
            count = (length - 1) // size + 1 if size > 0 else 0
            if sizes[i] < 1 or not _fits(count, size, length, most):
                status[i] = UNDEFINED
            else:
                for c in range(count):
                    inner_ends[inner + c] = at + min((c + 1) * size, length)
                at = copy_cells(lists.items, start, end, out, at)
                inner += count
        ends[i] = inner


@compiled
def _windows(
    sizes: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, inner_ends: Ints, ends: Ints
) -> None:
    at = inner = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            size = sizes[i]
            count = end - start - size + 1 if 1 <= size <= end - start else 0
            if size < 1 or not _fits(count, size if count > 0 else 0, count * size if count > 0 else 0, most):
                status[i] = UNDEFINED
            else:
                for k in range(start, start + count):
                    at = copy_cells(lists.items, k, k + size, out, at)
                    inner_ends[inner] = at
                    inner += 1
        ends[i] = inner


@compiled
def _prefixes(xs: Ints, lists: Lists, status: Status, most: int, out: Ints, inner_ends: Ints, ends: Ints) -> None:
    at = inner = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            length = end - start
            if not _fits(length + 1, length, length * (length + 1) // 2, most):
                status[i] = UNDEFINED
            else:
                for stop in range(start, end + 1):
                    at = copy_cells(lists.items, start, stop, out, at)
                    inner_ends[inner] = at
                    inner += 1
        ends[i] = inner


@compiled
def _suffixes(xs: Ints, lists: Lists, status: Status, most: int, out: Ints, inner_ends: Ints, ends: Ints) -> None:
    at = inner = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            length = end - start
            if not _fits(length + 1, length, length * (length + 1) // 2, most):
                status[i] = UNDEFINED
            else:
                for first in range(start, end + 1):
                    at = copy_cells(lists.items, first, end, out, at)
                    inner_ends[inner] = at
                    inner += 1
        ends[i] = inner


KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "list.zip": Kernel(_zip, "nested"),
        "list.unzip": Kernel(_unzip, "nested"),
        "list.zip_index": Kernel(_zip_index, "nested"),
        "list.pairs": Kernel(_pairs, "nested"),
        "list.transpose": Kernel(_transpose, "nested"),
        "list.split_at": Kernel(_split_at, "nested"),
        "list.chunk": Kernel(_chunk, "nested"),
        "list.windows": Kernel(_windows, "nested"),
        "list.prefixes": Kernel(_prefixes, "nested"),
        "list.suffixes": Kernel(_suffixes, "nested"),
    }
)
"""Kernels by qualified word."""
