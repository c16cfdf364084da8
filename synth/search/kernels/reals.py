"""Compiled words on reals; a result that is not finite is undefined.

Where Python raises (a root of a negative number, a power too large), the same operation here gives no finite number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from synth.search.kernels.arithmetic import PARTIALS, sum_of_reals
from synth.search.kernels.compiled import compiled
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

_INT_END = 2.0**63  # the first real above all ints


@compiled
def _put(value: float, i: int, status: Status, out: Ints) -> None:
    if math.isfinite(value):
        out[i] = cell_of_real(value)
    else:
        status[i] = UNDEFINED


@compiled
def _add(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            _put(real_of_cell(x[i]) + real_of_cell(y[i]), i, status, out)


@compiled
def _subtract(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            _put(real_of_cell(x[i]) - real_of_cell(y[i]), i, status, out)


@compiled
def _multiply(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            _put(real_of_cell(x[i]) * real_of_cell(y[i]), i, status, out)


@compiled
def _divide(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            divisor = real_of_cell(y[i])
            if divisor == 0.0:
                status[i] = UNDEFINED
            else:
                _put(real_of_cell(x[i]) / divisor, i, status, out)


@compiled
def _power(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            _put(math.pow(real_of_cell(x[i]), real_of_cell(y[i])), i, status, out)


@compiled
def _negate(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            _put(-real_of_cell(x[i]), i, status, out)


@compiled
def _absolute(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            _put(abs(real_of_cell(x[i])), i, status, out)


@compiled
def _square_root(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            _put(math.sqrt(real_of_cell(x[i])), i, status, out)


@compiled
def _exp(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            _put(math.exp(real_of_cell(x[i])), i, status, out)


@compiled
def _log(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            _put(math.log(real_of_cell(x[i])), i, status, out)


@compiled
def _sin(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            _put(math.sin(real_of_cell(x[i])), i, status, out)


@compiled
def _cos(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            _put(math.cos(real_of_cell(x[i])), i, status, out)


@compiled
def _from_int(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = cell_of_real(np.float64(x[i]))


@compiled
def _put_int(value: float, i: int, status: Status, out: Ints) -> None:
    if -_INT_END <= value < _INT_END:
        out[i] = np.int64(value)
    else:
        status[i] = UNDEFINED


@compiled
def _floor(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            _put_int(np.floor(real_of_cell(x[i])), i, status, out)


@compiled
def _ceiling(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            _put_int(np.ceil(real_of_cell(x[i])), i, status, out)


@compiled
def _round(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            # Of two integers equally near, both this and Python's `round` take the even one.
            _put_int(np.rint(real_of_cell(x[i])), i, status, out)


@compiled
def _sum(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    partials = np.empty(PARTIALS, dtype=np.float64)
    for i in range(len(out)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            _put(sum_of_reals(lists.items, start, end, partials), i, status, out)


@compiled
def _mean(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    partials = np.empty(PARTIALS, dtype=np.float64)
    for i in range(len(out)):
        if status[i] == DEFINED:
            start, end = lists.starts[xs[i]], lists.starts[xs[i] + 1]
            if start == end:
                status[i] = UNDEFINED
            else:
                _put(sum_of_reals(lists.items, start, end, partials) / (end - start), i, status, out)


KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "real.add": Kernel(_add, "cell"),
        "real.subtract": Kernel(_subtract, "cell"),
        "real.multiply": Kernel(_multiply, "cell"),
        "real.divide": Kernel(_divide, "cell"),
        "real.power": Kernel(_power, "cell"),
        "real.negate": Kernel(_negate, "cell"),
        "real.absolute": Kernel(_absolute, "cell"),
        "real.square_root": Kernel(_square_root, "cell"),
        "real.exp": Kernel(_exp, "cell"),
        "real.log": Kernel(_log, "cell"),
        "real.sin": Kernel(_sin, "cell"),
        "real.cos": Kernel(_cos, "cell"),
        "real.from_int": Kernel(_from_int, "cell"),
        "real.floor": Kernel(_floor, "cell"),
        "real.ceiling": Kernel(_ceiling, "cell"),
        "real.round": Kernel(_round, "cell"),
        "real.sum": Kernel(_sum, "cell"),
        "real.mean": Kernel(_mean, "cell"),
    }
)
