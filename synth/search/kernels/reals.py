"""Compiled words on reals; a result that is not finite is undefined.

Where Python raises (a root of a negative number, a power too large), the same operation here gives no finite number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
from numba import njit

from synth.search.kernels.arithmetic import PARTIALS, sum_of_reals
from synth.search.kernels.convention import (
    DEFINED,
    UNDEFINED,
    Ints,
    Kernel,
    Lists,
    Status,
    cell_of_real,
    real_of_cell,
)

__all__ = ["KERNELS"]

# Words that differ in one operation share a loop, which is told the word by a number: fewer loops to compile.
_ADD, _SUBTRACT, _MULTIPLY, _DIVIDE, _POWER = range(5)
_NEGATE, _ABSOLUTE, _SQUARE_ROOT, _EXP, _LOG, _SIN, _COS = range(7)
_FLOOR, _CEILING, _ROUND = range(3)
_SUM, _MEAN = range(2)
_INT_END = 2.0**63  # the first real above all ints


@njit(cache=True)
def _put(value: float, i: int, status: Status, out: Ints) -> None:
    if math.isfinite(value):
        out[i] = cell_of_real(value)
    else:
        status[i] = UNDEFINED


@njit(cache=True)
def _combine(word: int, x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            a, b = real_of_cell(x[i]), real_of_cell(y[i])
            if word == _ADD:
                value = a + b
            elif word == _SUBTRACT:
                value = a - b
            elif word == _MULTIPLY:
                value = a * b
            elif word == _DIVIDE:
                value = math.inf if b == 0.0 else a / b
            else:
                value = math.pow(a, b)
            _put(value, i, status, out)


@njit(cache=True)
def _apply(word: int, x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            a = real_of_cell(x[i])
            if word == _NEGATE:
                value = -a
            elif word == _ABSOLUTE:
                value = abs(a)
            elif word == _SQUARE_ROOT:
                value = math.sqrt(a)
            elif word == _EXP:
                value = math.exp(a)
            elif word == _LOG:
                value = math.log(a) if a > 0.0 else math.nan
            elif word == _SIN:
                value = math.sin(a)
            else:
                value = math.cos(a)
            _put(value, i, status, out)


@njit(cache=True)
def _from_int(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = cell_of_real(np.float64(x[i]))


@njit(cache=True)
def _to_int(word: int, x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            a = real_of_cell(x[i])
            below = np.floor(a)
            rest = a - below  # exact
            # Of two integers equally near, `round` takes the even one.
            up = rest > 0.5 or (rest == 0.5 and below % 2.0 == 1.0) if word == _ROUND else rest > 0.0
            value = below + 1.0 if up and word != _FLOOR else below
            if -_INT_END <= value < _INT_END:
                out[i] = np.int64(value)
            else:
                status[i] = UNDEFINED


@njit(cache=True)
def _total(word: int, xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    """`sum` and `mean`."""
    partials = np.empty(PARTIALS, dtype=np.float64)
    for i in range(len(out)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            if word == _MEAN and start == end:
                status[i] = UNDEFINED
            else:
                total = sum_of_reals(lists.items, start, end, partials)
                _put(total if word == _SUM else total / (end - start), i, status, out)


KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "real.add": Kernel(partial(_combine, _ADD), "cell"),
        "real.subtract": Kernel(partial(_combine, _SUBTRACT), "cell"),
        "real.multiply": Kernel(partial(_combine, _MULTIPLY), "cell"),
        "real.divide": Kernel(partial(_combine, _DIVIDE), "cell"),
        "real.power": Kernel(partial(_combine, _POWER), "cell"),
        "real.negate": Kernel(partial(_apply, _NEGATE), "cell"),
        "real.absolute": Kernel(partial(_apply, _ABSOLUTE), "cell"),
        "real.square_root": Kernel(partial(_apply, _SQUARE_ROOT), "cell"),
        "real.exp": Kernel(partial(_apply, _EXP), "cell"),
        "real.log": Kernel(partial(_apply, _LOG), "cell"),
        "real.sin": Kernel(partial(_apply, _SIN), "cell"),
        "real.cos": Kernel(partial(_apply, _COS), "cell"),
        "real.from_int": Kernel(_from_int, "cell"),
        "real.floor": Kernel(partial(_to_int, _FLOOR), "cell"),
        "real.ceiling": Kernel(partial(_to_int, _CEILING), "cell"),
        "real.round": Kernel(partial(_to_int, _ROUND), "cell"),
        "real.sum": Kernel(partial(_total, _SUM), "cell"),
        "real.mean": Kernel(partial(_total, _MEAN), "cell"),
    }
)
