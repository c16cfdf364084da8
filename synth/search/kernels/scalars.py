"""Compiled words on ints and bools, and words of any type that compare single cells.

Cells of ints, bools and reals compare as the values do; equal values of any type have equal cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from synth.search.kernels.arithmetic import (
    added,
    greatest_divisor,
    is_prime,
    magnitude,
    multiplied,
    power_of,
    root_below,
    subtracted,
)
from synth.search.kernels.compiled import compiled
from synth.search.kernels.convention import DEFINED, INT_MAX, INT_MIN, UNDEFINED, Ints, Kernel, Lists, Status

__all__ = ["KERNELS"]

# ---- Order ----------------------------------------------------------------------------------------------------------


@compiled
def _eq(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = x[i] == y[i]


@compiled
def _ne(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = x[i] != y[i]


@compiled
def _lt(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = x[i] < y[i]


@compiled
def _le(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = x[i] <= y[i]


@compiled
def _gt(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = x[i] > y[i]


@compiled
def _ge(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = x[i] >= y[i]


@compiled
def _min(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = min(x[i], y[i])


@compiled
def _max(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = max(x[i], y[i])


@compiled
def _clamp(low: Ints, high: Ints, x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if high[i] < low[i]:
                status[i] = UNDEFINED
            else:
                out[i] = max(low[i], min(high[i], x[i]))


# ---- Sums and products ----------------------------------------------------------------------------------------------


@compiled
def _add(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            total, fits = added(x[i], y[i])
            if fits:
                out[i] = total
            else:
                status[i] = UNDEFINED


@compiled
def _subtract(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            difference, fits = subtracted(x[i], y[i])
            if fits:
                out[i] = difference
            else:
                status[i] = UNDEFINED


@compiled
def _multiply(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            product, fits = multiplied(x[i], y[i])
            if fits:
                out[i] = product
            else:
                status[i] = UNDEFINED


@compiled
def _power(base: Ints, exponent: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            power, fits = power_of(base[i], exponent[i])
            if fits:
                out[i] = power
            else:
                status[i] = UNDEFINED


@compiled
def _square(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    _multiply(x, x, lists, status, out)


@compiled
def _negate(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if x[i] == INT_MIN:
                status[i] = UNDEFINED
            else:
                out[i] = -x[i]


@compiled
def _absolute(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if x[i] == INT_MIN:
                status[i] = UNDEFINED
            else:
                out[i] = abs(x[i])


# ---- Division -------------------------------------------------------------------------------------------------------


@compiled
def _divide(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if y[i] == 0 or (y[i] == -1 and x[i] == INT_MIN):
                status[i] = UNDEFINED
            else:
                out[i] = x[i] // y[i]


@compiled
def _modulo(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if y[i] == 0:
                status[i] = UNDEFINED
            else:
                out[i] = _remainder(x[i], y[i])


@compiled
def _divides(divisor: Ints, x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = x[i] == 0 if divisor[i] == 0 else _remainder(x[i], divisor[i]) == 0


@compiled
def _remainder(x: int, y: int) -> int:
    return 0 if y == -1 else x % y  # INT_MIN % -1 stops the processor


@compiled
def _gcd(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            found = greatest_divisor(magnitude(x[i]), magnitude(y[i]))
            if found > np.uint64(INT_MAX):
                status[i] = UNDEFINED
            else:
                out[i] = np.int64(found)


@compiled
def _lcm(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if x[i] == 0 or y[i] == 0:
                out[i] = 0
            else:
                a, b = magnitude(x[i]), magnitude(y[i])
                times = a // greatest_divisor(a, b)
                if times > np.uint64(INT_MAX) // b:
                    status[i] = UNDEFINED
                else:
                    out[i] = np.int64(times * b)


# ---- Properties and roots -------------------------------------------------------------------------------------------


@compiled
def _sign(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = np.int64(x[i] > 0) - np.int64(x[i] < 0)


@compiled
def _is_even(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = (x[i] & 1) == 0


@compiled
def _is_odd(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = x[i] & 1


@compiled
def _not(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = 1 - x[i]


@compiled
def _is_square(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = x[i] >= 0 and root_below(x[i]) ** 2 == x[i]


@compiled
def _square_root(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if x[i] < 0:
                status[i] = UNDEFINED
            else:
                out[i] = root_below(x[i])


@compiled
def _is_prime(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = is_prime(x[i])


# ---- Digits ---------------------------------------------------------------------------------------------------------


@compiled
def _digits(x: Ints, lists: Lists, status: Status, most: int, out: Ints, ends: Ints) -> None:
    at, ten = 0, np.uint64(10)
    for i in range(len(ends)):
        if status[i] == DEFINED:
            left = magnitude(x[i])
            length, shorter = 1, left // ten
            while shorter != np.uint64(0):
                length, shorter = length + 1, shorter // ten
            if length > most:
                status[i] = UNDEFINED
            else:
                for k in range(length):
                    out[at + length - 1 - k] = np.int64(left % ten)
                    left //= ten
                at += length
        ends[i] = at


@compiled
def _from_digits(xs: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            total = 0
            for k in range(lists.starts[xs[i]], lists.starts[xs[i] + 1]):
                digit = lists.items[k]
                if digit < 0 or digit > 9 or total > (INT_MAX - digit) // 10:
                    status[i] = UNDEFINED
                    break
                total = 10 * total + digit
            out[i] = total


KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "order.eq": Kernel(_eq, "cell"),
        "order.ne": Kernel(_ne, "cell"),
        "order.lt": Kernel(_lt, "cell"),
        "order.le": Kernel(_le, "cell"),
        "order.gt": Kernel(_gt, "cell"),
        "order.ge": Kernel(_ge, "cell"),
        "order.min": Kernel(_min, "cell"),
        "order.max": Kernel(_max, "cell"),
        "order.clamp": Kernel(_clamp, "cell"),
        "int.add": Kernel(_add, "cell"),
        "int.subtract": Kernel(_subtract, "cell"),
        "int.multiply": Kernel(_multiply, "cell"),
        "int.power": Kernel(_power, "cell"),
        "int.square": Kernel(_square, "cell"),
        "int.negate": Kernel(_negate, "cell"),
        "int.absolute": Kernel(_absolute, "cell"),
        "int.divide": Kernel(_divide, "cell"),
        "int.modulo": Kernel(_modulo, "cell"),
        "int.divides": Kernel(_divides, "cell"),
        "int.gcd": Kernel(_gcd, "cell"),
        "int.lcm": Kernel(_lcm, "cell"),
        "int.sign": Kernel(_sign, "cell"),
        "int.is_even": Kernel(_is_even, "cell"),
        "int.is_odd": Kernel(_is_odd, "cell"),
        "bool.not": Kernel(_not, "cell"),
        "int.is_square": Kernel(_is_square, "cell"),
        "int.square_root": Kernel(_square_root, "cell"),
        "int.is_prime": Kernel(_is_prime, "cell"),
        "int.digits": Kernel(_digits, "list"),
        "int.from_digits": Kernel(_from_digits, "cell"),
    }
)
