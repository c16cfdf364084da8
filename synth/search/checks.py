"""Results of Python functions, judged many at once: whether they have the declared type, and a size to keep."""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any

from dsl.type_system import Type, TypeConstructor
from dsl.values import INT_MAX, INT_MIN, Some, fault_of
from synth.search.kernels.convention import NESTED_ROOM

__all__ = ["are_kept", "are_of", "is_kept"]


def are_of(values: Sequence[Any], t: Type) -> bool:
    """Whether all values are of a ground type; its slow twin is `dsl.values.fault_of`, on each of them."""
    if not values:
        return True
    kinds = set(map(type, values))
    match t:
        case TypeConstructor("int"):
            return kinds == {int} and _fit_a_cell(values)
        case TypeConstructor("bool"):
            return kinds == {bool}
        case TypeConstructor("list", (item,)):
            return kinds == {tuple} and are_of(tuple(chain.from_iterable(values)), item)
        case TypeConstructor("tuple", parts):
            if kinds != {tuple} or set(map(len, values)) != {len(parts)}:
                return False
            columns = zip(zip(*values, strict=True), parts, strict=True)
            return all(are_of(column, part) for column, part in columns)
        case _:
            return all(fault_of(value, t) is None for value in _different(values, kinds))


def _fit_a_cell(values: Sequence[int]) -> bool:
    try:
        array("q", values)  # the quickest way to look at them all
    except OverflowError:
        return False
    return True


def _different(values: Sequence[Any], kinds: set[type]) -> Collection[Any]:
    """The different ones of some values, where Python can tell them apart as the language does."""
    try:
        return set(values) if len(kinds) == 1 else values
    except TypeError:  # something that has no hash, and so is no value of the language
        return values


def are_kept(values: Sequence[Any], t: Type, largest: int) -> bool:
    """Whether values, all of this type, are of a size that the search keeps; its slow twin is `is_kept`."""
    match t:
        case TypeConstructor("int" | "bool" | "real"):
            return True
        case TypeConstructor("list", (TypeConstructor("int" | "bool" | "real"),)) | TypeConstructor("text"):
            return max(map(len, values), default=0) <= largest
        case _:
            return all(is_kept(value, largest) for value in _different(values, set(map(type, values))))


def is_kept(value: Any, largest: int) -> bool:
    """Whether a value is of a size that the search keeps, as kernels judge it too."""
    kind = type(value)
    if kind is tuple:
        if len(value) > largest:
            return False
        if not value or type(value[0]) is not tuple:
            return all(is_kept(part, largest) for part in value if type(part) is not bool)
        inner = [part for part in value if type(part) is tuple]
        return sum(map(len, inner)) <= NESTED_ROOM * largest and all(is_kept(part, largest) for part in value)
    if kind is int:
        return INT_MIN <= value <= INT_MAX  # type: ignore[no-any-return]
    if kind is float:
        return math.isfinite(value)
    if kind is str:
        return len(value) <= largest
    return is_kept(value.value, largest) if kind is Some else True
