"""Fast checks of results: for one type, made once, what `values.fault_of` would say of many values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias, assert_never

from dsl.type_system import FunctionType, Type, TypeConstructor, TypeVariable
from dsl.values import INT_MAX, INT_MIN, SIZE_LIMIT, Some, size_of

__all__ = ["Measure", "measure_bool", "measure_int", "measure_of"]

Measure: TypeAlias = Callable[[object], int]
"""The size of a value, or more than `SIZE_LIMIT` where something is wrong with it."""

_WRONG = SIZE_LIMIT + 1


def measure_of(t: Type) -> Measure | None:
    """A measure that stays within `SIZE_LIMIT` exactly for the values in which `fault_of` finds no fault.

    None for a type variable, in which it never finds one. Which fault it is, `fault_of` says.

    >>> from dsl.type_system import INT, list_of
    >>> measure = measure_of(list_of(INT))
    >>> [measure(value) <= SIZE_LIMIT for value in ((1, 2), (1, True), [1], (2**63,))]
    [True, False, False, False]
    """
    return None if isinstance(t, TypeVariable) else _measure(t)


def _measure(t: Type) -> Measure:
    match t:
        case TypeVariable():
            return size_of
        case FunctionType():
            return _function
        case TypeConstructor("int"):
            return measure_int
        case TypeConstructor("bool"):
            return measure_bool
        case TypeConstructor("real"):
            return _real
        case TypeConstructor("text"):
            return _text
        case TypeConstructor("list", (TypeVariable(),)):
            return _list_of_anything
        case TypeConstructor("list", (TypeConstructor("int"),)):
            return _list_of_integers
        case TypeConstructor("list", (item,)):
            return _list(_measure(item))
        case TypeConstructor("tuple", items):
            return _tuple(tuple(map(_measure, items)))
        case TypeConstructor("option", (item,)):
            return _option(_measure(item))
        case TypeConstructor():
            return _domain_value
    assert_never(t)


def _function(value: object) -> int:
    return 1 if callable(value) else _WRONG


def measure_int(value: object) -> int:
    """The measure of `int`."""
    return 1 if type(value) is int and INT_MIN <= value <= INT_MAX else _WRONG


def measure_bool(value: object) -> int:
    """The measure of `bool`."""
    return 1 if type(value) is bool else _WRONG


def _real(value: object) -> int:
    return 1 if type(value) is float and math.isfinite(value) else _WRONG


def _text(value: object) -> int:
    return len(value) if type(value) is str else _WRONG


def _domain_value(value: object) -> int:
    return _WRONG if value is None or callable(value) else size_of(value)


def _list_of_anything(value: object) -> int:
    if type(value) is not tuple:
        return _WRONG
    return 1 + len(value) if not value or isinstance(value[0], int | float) else size_of(value)


def _list_of_integers(value: object) -> int:
    if type(value) is not tuple or len(value) > SIZE_LIMIT:
        return _WRONG
    for item in value:
        if type(item) is not int or item > INT_MAX or item < INT_MIN:
            return _WRONG
    return 1 + len(value)


def _list(measure: Measure) -> Measure:
    def measure_list(value: object) -> int:
        if type(value) is not tuple or len(value) > SIZE_LIMIT:
            return _WRONG
        total = 1
        for item in value:
            total += measure(item)
            if total > SIZE_LIMIT:
                break
        return total

    return measure_list


def _tuple(measures: tuple[Measure, ...]) -> Measure:
    def measure_tuple(value: object) -> int:
        if type(value) is not tuple or len(value) != len(measures):
            return _WRONG
        return 1 + sum(measure(item) for measure, item in zip(measures, value, strict=True))

    return measure_tuple


def _option(measure: Measure) -> Measure:
    def measure_option(value: object) -> int:
        if type(value) is Some:
            return 1 + measure(value.value)
        return 1 if value is None else _WRONG

    return measure_option
