"""Compiled words on tuples and options: a tuple is the sequence of its parts' cells, an option of one cell or none."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from synth.search.kernels.compiled import compiled
from synth.search.kernels.convention import DEFINED, UNDEFINED, Ints, Kernel, Lists, Status

__all__ = ["KERNELS"]


@compiled
def _pair(x: Ints, y: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            if most < 2:
                status[i] = UNDEFINED
            else:
                out[at], out[at + 1] = x[i], y[i]
                at += 2
        ends[i] = at


@compiled
def _triple(x: Ints, y: Ints, z: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            if most < 3:
                status[i] = UNDEFINED
            else:
                out[at], out[at + 1], out[at + 2] = x[i], y[i], z[i]
                at += 3
        ends[i] = at


@compiled
def _swap(p: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            if most < 2:
                status[i] = UNDEFINED
            else:
                start = lists.starts[p[i]]
                out[at], out[at + 1] = lists.items[start + 1], lists.items[start]
                at += 2
        ends[i] = at


@compiled
def _first(p: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = lists.items[lists.starts[p[i]]]


@compiled
def _second(p: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = lists.items[lists.starts[p[i]] + 1]


@compiled
def _third(p: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = lists.items[lists.starts[p[i]] + 2]


@compiled
def _some(x: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            if most < 1:
                status[i] = UNDEFINED
            else:
                out[at] = x[i]
                at += 1
        ends[i] = at


@compiled
def _is_some(option: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = lists.starts[option[i]] < lists.starts[option[i] + 1]


@compiled
def _or_else(option: Ints, default: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            start = lists.starts[option[i]]
            out[i] = lists.items[start] if start < lists.starts[option[i] + 1] else default[i]


@compiled
def _somes(options: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at = 0
    for i in range(len(ends)):
        if status[i] == DEFINED:
            begun = at
            for k in range(lists.starts[options[i]], lists.starts[options[i] + 1]):
                option = lists.items[k]
                start = lists.starts[option]
                if start < lists.starts[option + 1]:
                    if at - begun == most:
                        status[i] = UNDEFINED
                        at = begun
                        break
                    out[at] = lists.items[start]
                    at += 1
        ends[i] = at


KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "tuple.pair": Kernel(_pair, "list"),
        "tuple.triple": Kernel(_triple, "list"),
        "tuple.swap": Kernel(_swap, "list"),
        "tuple.first": Kernel(_first, "cell"),
        "tuple.second": Kernel(_second, "cell"),
        "tuple.first_of_triple": Kernel(_first, "cell"),
        "tuple.second_of_triple": Kernel(_second, "cell"),
        "tuple.third": Kernel(_third, "cell"),
        "option.some": Kernel(_some, "list"),
        "option.is_some": Kernel(_is_some, "cell"),
        "option.or_else": Kernel(_or_else, "cell"),
        "option.somes": Kernel(_somes, "list"),
    }
)
