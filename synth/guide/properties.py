"""Properties of an output beside an input: cheap yes-or-no questions, asked of every example.

Property signatures are from Odena and Sutton, "Learning to represent programs with property signatures", 2020.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tasks.task import Example

__all__ = ["PROPERTY_WIDTH", "properties_of"]

_INPUTS = 3
"""Inputs that are looked at."""
_LISTS = 26
_MIXED = 22
_ALONE = 8
_EACH = _LISTS + _MIXED
PROPERTY_WIDTH = 2 * (_INPUTS * _EACH + _ALONE)


def properties_of(examples: Sequence[Example]) -> NDArray[np.float32]:
    """(PROPERTY_WIDTH,) for each property how often it holds, and whether it always does.

    A property that is not defined for the types at hand holds never.
    """
    rows = np.array([_of_example(e) for e in examples], dtype=np.float32)
    return np.concatenate([rows.mean(axis=0), (rows.min(axis=0) > 0).astype(np.float32)])


def _of_example(example: Example) -> list[float]:
    row: list[float] = []
    for position in range(_INPUTS):
        given = example.arguments[position] if position < len(example.arguments) else None
        row += _of_pair(given, example.output)
    return row + _of_output(example.output)


def _of_pair(given: object, output: object) -> list[float]:
    lists = [0.0] * _LISTS
    mixed = [0.0] * _MIXED
    match given, output:
        case tuple(), tuple():
            lists = [float(p) for p in _of_lists(given, output)]
        case (tuple(), int() | bool()) | (int() | bool(), tuple()):
            items, single = (given, output) if isinstance(given, tuple) else (output, given)
            assert isinstance(items, tuple)
            mixed = [float(p) for p in _of_mixed(items, single)] + [0.0] * 7 + [float(isinstance(given, tuple))]
        case int(), int():
            mixed = [0.0] * 14 + [float(p) for p in _of_ints(given, output)] + [0.0]
    return lists + mixed


def _of_lists(a: tuple[object, ...], b: tuple[object, ...]) -> list[bool]:
    shared = min(len(a), len(b))
    there, wanted = Counter(a), Counter(b)
    same = len(a) == len(b)
    numbers = all(type(v) is int for v in (*a, *b))
    steps = [y - x for x, y in zip(a, b, strict=False)] if numbers else []  # type: ignore[operator]
    return [
        a == b,
        same,
        len(b) == len(a) - 1,
        len(b) == len(a) + 1,
        len(b) < len(a),
        len(b) > len(a),
        len(b) == 2 * len(a),
        2 * len(b) in (len(a), len(a) + 1),
        b == a[: len(b)],
        bool(b) and b == a[len(a) - len(b) :],
        a == b[: len(a)],
        bool(a) and a == b[len(b) - len(a) :],
        b == a[::-1],
        a[:1] == b[:1],
        a[-1:] == b[-1:],
        a[1:2] == b[:1],
        not wanted - there,
        not there - wanted,
        set(b) <= set(a),
        set(a) <= set(b),
        _is_subsequence(b, a),
        same and sum(x == y for x, y in zip(a, b, strict=True)) * 2 > len(a),
        a[shared // 2 : shared] == b[shared // 2 : shared],
        bool(steps) and same and len(set(steps)) == 1,
        bool(steps) and same and min(steps) >= 0,
        bool(steps) and same and max(steps) <= 0,
    ]


def _is_subsequence(b: tuple[object, ...], a: tuple[object, ...]) -> bool:
    rest = iter(a)
    return all(any(x == y for y in rest) for x in b)


def _of_mixed(items: tuple[object, ...], single: object) -> list[bool]:
    numbers = [v for v in items if type(v) is int]
    n = int(single) if isinstance(single, int) else 0
    return [
        single in items,
        items[:1] == (single,),
        items[-1:] == (single,),
        n == len(items),
        0 <= n <= len(items),
        n < len(items),
        bool(numbers) and n == max(numbers),
        bool(numbers) and n == min(numbers),
        n == sum(numbers),
        n == len(set(items)),
        bool(numbers) and n > max(numbers),
        bool(numbers) and n < min(numbers),
        len(items) > 0 and items.count(single) == len(items),
        type(single) is bool and single,
    ]


def _of_ints(a: int, b: int) -> list[bool]:
    return [a == b, b > a, b == a + 1, b == 2 * a, a != 0 and b % a == 0, (a - b) % 2 == 0, abs(a) == abs(b)]


def _of_output(output: object) -> list[float]:
    if not isinstance(output, tuple):
        whole = isinstance(output, int)
        return [0.0, 0.0, 0.0, 0.0, float(whole and output in (0, 1)), float(whole and output < 0), 0.0, 1.0]  # type: ignore[operator]
    numbers = [v for v in output if type(v) is int]
    return [
        float(numbers == sorted(numbers)),
        float(numbers == sorted(numbers, reverse=True)),
        float(len(set(output)) == len(output)),
        float(len(set(output)) <= 1),
        float(all(v in (0, 1) for v in numbers)),
        float(any(v < 0 for v in numbers)),
        float(len(output) == 1),
        0.0,
    ]
