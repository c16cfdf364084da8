"""Kernels for the words that change a list or join several: reversed, items put in or taken out, one after another."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from synth.search.kernels.compiled import compiled
from synth.search.kernels.convention import DEFINED, UNDEFINED, Ints, Kernel, Lists, Status
from synth.search.kernels.copying import copy_cells, cut_place, ends_of, item_place

__all__ = ["KERNELS"]


# ---- A changed list -------------------------------------------------------------------------------------------------


@compiled
def _reverse(xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            if end - start > most:
                status[i] = UNDEFINED
            else:
                for k in range(end - start):
                    out[at + k] = lists.items[end - 1 - k]
                at += end - start
        ends[i] = at


@compiled
def _rotate(counts: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            if end - start > most:
                status[i] = UNDEFINED
            elif start < end:
                cut = start + counts[i] % (end - start)
                at = copy_cells(lists.items, cut, end, out, at)
                at = copy_cells(lists.items, start, cut, out, at)
        ends[i] = at


@compiled
def _insert_at(
    indices: Ints, added: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints
) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            if end - start + 1 > most:
                status[i] = UNDEFINED
            else:
                cut = start + cut_place(indices[i], end - start)
                at = copy_cells(lists.items, start, cut, out, at)
                out[at] = added[i]
                at = copy_cells(lists.items, cut, end, out, at + 1)
        ends[i] = at


@compiled
def _remove_at(indices: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            place = item_place(indices[i], end - start)
            if place < 0 or end - start - 1 > most:
                status[i] = UNDEFINED
            else:
                at = copy_cells(lists.items, start, start + place, out, at)
                at = copy_cells(lists.items, start + place + 1, end, out, at)
        ends[i] = at


@compiled
def _replace_at(
    indices: Ints, put: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints
) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            place = item_place(indices[i], end - start)
            if place < 0 or end - start > most:
                status[i] = UNDEFINED
            else:
                after = copy_cells(lists.items, start, end, out, at)
                out[at + place] = put[i]
                at = after
        ends[i] = at


@compiled
def _swap_at(one: Ints, other: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            p, q = item_place(one[i], end - start), item_place(other[i], end - start)
            if p < 0 or q < 0 or end - start > most:
                status[i] = UNDEFINED
            else:
                after = copy_cells(lists.items, start, end, out, at)
                out[at + p], out[at + q] = lists.items[start + q], lists.items[start + p]
                at = after
        ends[i] = at


@compiled
def _splice(
    indices: Ints, added: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints
) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            added_start, added_end = ends_of(lists, added[i])
            if end - start + added_end - added_start > most:
                status[i] = UNDEFINED
            else:
                cut = start + cut_place(indices[i], end - start)
                at = copy_cells(lists.items, start, cut, out, at)
                at = copy_cells(lists.items, added_start, added_end, out, at)
                at = copy_cells(lists.items, cut, end, out, at)
        ends[i] = at


@compiled
def _remove_slice(
    first: Ints, stop: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints
) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            low = start + cut_place(first[i], end - start)
            high = max(low, start + cut_place(stop[i], end - start))
            if end - start - (high - low) > most:
                status[i] = UNDEFINED
            else:
                at = copy_cells(lists.items, start, low, out, at)
                at = copy_cells(lists.items, high, end, out, at)
        ends[i] = at


@compiled
def _intersperse(between: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            if 2 * (end - start) - 1 > most:
                status[i] = UNDEFINED
            else:
                for k in range(start, end):
                    if k > start:
                        out[at] = between[i]
                        at += 1
                    out[at] = lists.items[k]
                    at += 1
        ends[i] = at


# ---- Several lists --------------------------------------------------------------------------------------------------


@compiled
def _concat(xs: Ints, ys: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            other_start, other_end = ends_of(lists, ys[i])
            if end - start + other_end - other_start > most:
                status[i] = UNDEFINED
            else:
                at = copy_cells(lists.items, start, end, out, at)
                at = copy_cells(lists.items, other_start, other_end, out, at)
        ends[i] = at


@compiled
def _flatten(outer: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, outer[i])
            result_end = at
            for k in range(start, end):
                inner_start, inner_end = ends_of(lists, lists.items[k])
                if result_end + inner_end - inner_start > at + most:
                    status[i] = UNDEFINED
                    break
                result_end = copy_cells(lists.items, inner_start, inner_end, out, result_end)
            if status[i] == DEFINED:
                at = result_end
        ends[i] = at


@compiled
def _interleave(xs: Ints, ys: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            other_start, other_end = ends_of(lists, ys[i])
            if end - start + other_end - other_start > most:
                status[i] = UNDEFINED
            else:
                both = min(end - start, other_end - other_start)
                for k in range(both):
                    out[at + 2 * k] = lists.items[start + k]
                    out[at + 2 * k + 1] = lists.items[other_start + k]
                # One of the two rests is empty.
                at = copy_cells(lists.items, start + both, end, out, at + 2 * both)
                at = copy_cells(lists.items, other_start + both, other_end, out, at)
        ends[i] = at


KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "list.reverse": Kernel(_reverse, "list"),
        "list.rotate": Kernel(_rotate, "list"),
        "list.insert_at": Kernel(_insert_at, "list"),
        "list.remove_at": Kernel(_remove_at, "list"),
        "list.replace_at": Kernel(_replace_at, "list"),
        "list.swap_at": Kernel(_swap_at, "list"),
        "list.splice": Kernel(_splice, "list"),
        "list.remove_slice": Kernel(_remove_slice, "list"),
        "list.intersperse": Kernel(_intersperse, "list"),
        "list.concat": Kernel(_concat, "list"),
        "list.flatten": Kernel(_flatten, "list"),
        "list.interleave": Kernel(_interleave, "list"),
    }
)
"""Kernels by qualified word."""
