"""Kernels for the words of lists: making them, and finding or cutting out one part; `KERNELS` has all words of lists.

No word of lists looks at the items, so one kernel serves every type. All loops have the form that `convention.Kernel`
describes, and read indices as Python does.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from synth.search.kernels import changed_lists, nested_lists
from synth.search.kernels.compiled import compiled
from synth.search.kernels.convention import DEFINED, UNDEFINED, Ints, Kernel, Lists, Status
from synth.search.kernels.copying import copy_cells, cut_place, ends_of, item_place, taken

__all__ = ["KERNELS"]


# ---- Making lists ---------------------------------------------------------------------------------------------------


@compiled
def _cons(added: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            if end - start + 1 > most:
                status[i] = UNDEFINED
            else:
                out[at] = added[i]
                at = copy_cells(lists.items, start, end, out, at + 1)
        ends[i] = at


@compiled
def _append(xs: Ints, added: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            if end - start + 1 > most:
                status[i] = UNDEFINED
            else:
                at = copy_cells(lists.items, start, end, out, at)
                out[at] = added[i]
                at += 1
        ends[i] = at


@compiled
def _singleton(xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            if most < 1:
                status[i] = UNDEFINED
            else:
                out[at] = xs[i]
                at += 1
        ends[i] = at


@compiled
def _repeat(xs: Ints, counts: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            count = max(counts[i], 0)
            if count > most:
                status[i] = UNDEFINED
            else:
                for k in range(count):
                    out[at + k] = xs[i]
                at += count
        ends[i] = at


@compiled
def _range_length(start: int, stop: int, step: int, most: int) -> int:
    """How many integers Python's range has for a step other than 0; -1 for more than `most`."""
    # Distances between 64-bit numbers fit into 64 bits without a sign.
    if step > 0:
        ahead = stop > start
        distance, stride = np.uint64(stop) - np.uint64(start), np.uint64(step)
    else:
        ahead = stop < start
        distance, stride = np.uint64(start) - np.uint64(stop), np.uint64(0) - np.uint64(step)
    if not ahead:
        return 0
    before_last = (distance - np.uint64(1)) // stride
    return -1 if before_last >= np.uint64(max(most, 0)) else int(before_last) + 1


@compiled
def _range_step(
    first: Ints, stop: Ints, step: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints
) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            count = -1 if step[i] == 0 else _range_length(first[i], stop[i], step[i], most)
            if count < 0:
                status[i] = UNDEFINED
            else:
                for k in range(count):
                    out[at + k] = first[i] + k * step[i]
                at += count
        ends[i] = at


@compiled
def _range(first: Ints, stop: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            count = _range_length(first[i], stop[i], 1, most)
            if count < 0:
                status[i] = UNDEFINED
            else:
                for k in range(count):
                    out[at + k] = first[i] + k
                at += count
        ends[i] = at


# ---- One item, or a number ------------------------------------------------------------------------------------------


@compiled
def _head(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            if start == end:
                status[i] = UNDEFINED
            else:
                out[i] = lists.items[start]


@compiled
def _last(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            if start == end:
                status[i] = UNDEFINED
            else:
                out[i] = lists.items[end - 1]


@compiled
def _get(xs: Ints, indices: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            place = item_place(indices[i], end - start)
            if place < 0:
                status[i] = UNDEFINED
            else:
                out[i] = lists.items[start + place]


@compiled
def _length(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            out[i] = end - start


@compiled
def _is_empty(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            out[i] = 1 if start == end else 0


# ---- A stretch of a list --------------------------------------------------------------------------------------------


@compiled
def _tail(xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            low = min(start + 1, end)
            if end - low > most:
                status[i] = UNDEFINED
            else:
                at = copy_cells(lists.items, low, end, out, at)
        ends[i] = at


@compiled
def _init(xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            high = max(end - 1, start)
            if high - start > most:
                status[i] = UNDEFINED
            else:
                at = copy_cells(lists.items, start, high, out, at)
        ends[i] = at


@compiled
def _take(counts: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            high = start + taken(counts[i], end - start)
            if high - start > most:
                status[i] = UNDEFINED
            else:
                at = copy_cells(lists.items, start, high, out, at)
        ends[i] = at


@compiled
def _drop(counts: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            low = start + taken(counts[i], end - start)
            if end - low > most:
                status[i] = UNDEFINED
            else:
                at = copy_cells(lists.items, low, end, out, at)
        ends[i] = at


@compiled
def _take_last(counts: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            low = end - taken(counts[i], end - start)
            if end - low > most:
                status[i] = UNDEFINED
            else:
                at = copy_cells(lists.items, low, end, out, at)
        ends[i] = at


@compiled
def _drop_last(counts: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            high = end - taken(counts[i], end - start)
            if high - start > most:
                status[i] = UNDEFINED
            else:
                at = copy_cells(lists.items, start, high, out, at)
        ends[i] = at


@compiled
def _slice(xs: Ints, first: Ints, stop: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            low = start + cut_place(first[i], end - start)
            high = max(low, start + cut_place(stop[i], end - start))
            if high - low > most:
                status[i] = UNDEFINED
            else:
                at = copy_cells(lists.items, low, high, out, at)
        ends[i] = at


@compiled
def _slice_from(xs: Ints, first: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            low = start + cut_place(first[i], end - start)
            if end - low > most:
                status[i] = UNDEFINED
            else:
                at = copy_cells(lists.items, low, end, out, at)
        ends[i] = at


@compiled
def _slice_to(xs: Ints, stop: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            high = start + cut_place(stop[i], end - start)
            if high - start > most:
                status[i] = UNDEFINED
            else:
                at = copy_cells(lists.items, start, high, out, at)
        ends[i] = at


@compiled
def _every(steps: Ints, xs: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(status)):
        if status[i] == DEFINED:
            start, end = ends_of(lists, xs[i])
            # The sign is kept where the list is empty: -1 // step is -1, and the count 0.
            count = -1 if steps[i] < 1 else (end - start - 1) // steps[i] + 1
            if count < 0 or count > most:
                status[i] = UNDEFINED
            else:
                for k in range(count):
                    out[at + k] = lists.items[start + k * steps[i]]
                at += count
        ends[i] = at


KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "list.cons": Kernel(_cons, "list"),
        "list.append": Kernel(_append, "list"),
        "list.singleton": Kernel(_singleton, "list"),
        "list.repeat": Kernel(_repeat, "list"),
        "list.range": Kernel(_range, "list"),
        "list.range_step": Kernel(_range_step, "list"),
        "list.head": Kernel(_head, "cell"),
        "list.last": Kernel(_last, "cell"),
        "list.get": Kernel(_get, "cell"),
        "list.length": Kernel(_length, "cell"),
        "list.is_empty": Kernel(_is_empty, "cell"),
        "list.tail": Kernel(_tail, "list"),
        "list.init": Kernel(_init, "list"),
        "list.take": Kernel(_take, "list"),
        "list.drop": Kernel(_drop, "list"),
        "list.take_last": Kernel(_take_last, "list"),
        "list.drop_last": Kernel(_drop_last, "list"),
        "list.slice": Kernel(_slice, "list"),
        "list.slice_from": Kernel(_slice_from, "list"),
        "list.slice_to": Kernel(_slice_to, "list"),
        "list.every": Kernel(_every, "list"),
        **changed_lists.KERNELS,
        **nested_lists.KERNELS,
    }
)
"""The kernel of every word of lists, by its qualified name."""
