"""Compiled words on ints and bools, and words of any type that compare single cells.

Cells of ints, bools and reals compare as the values do; equal values of any type have equal cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
from numba import njit

from synth.search.kernels.arithmetic import greatest_divisor, is_prime, magnitude, multiplied, power_of, root_below
from synth.search.kernels.convention import DEFINED, INT_MAX, INT_MIN, UNDEFINED, Ints, Kernel, Lists, Status

__all__ = ["KERNELS"]

# Words that differ in one operation share a loop, which is told the word by a number: fewer loops to compile.
_EQ, _NE, _LT, _LE, _GT, _GE = range(6)
_MIN, _MAX = range(2)
_NEGATE, _ABSOLUTE = range(2)
_SIGN, _IS_EVEN, _IS_ODD, _NOT = range(4)
_IS_SQUARE, _SQUARE_ROOT = range(2)
_GCD, _LCM = range(2)


# ---- Order ----------------------------------------------------------------------------------------------------------


@njit(cache=True)
def _compare(word: int, x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if word == _EQ:
                out[i] = x[i] == y[i]
            elif word == _NE:
                out[i] = x[i] != y[i]
            elif word == _LT:
                out[i] = x[i] < y[i]
            elif word == _LE:
                out[i] = x[i] <= y[i]
            elif word == _GT:
                out[i] = x[i] > y[i]
            else:
                out[i] = x[i] >= y[i]


@njit(cache=True)
def _choose(word: int, x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = min(x[i], y[i]) if word == _MIN else max(x[i], y[i])


@njit(cache=True)
def _clamp(low: Ints, high: Ints, x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if high[i] < low[i]:
                status[i] = UNDEFINED
            else:
                out[i] = max(low[i], min(high[i], x[i]))


# ---- Sums and products ----------------------------------------------------------------------------------------------


@njit(cache=True)
def _add(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            total = x[i] + y[i]
            if ((x[i] ^ total) & (y[i] ^ total)) < 0:  # the sign of both, lost
                status[i] = UNDEFINED
            else:
                out[i] = total


@njit(cache=True)
def _subtract(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            difference = x[i] - y[i]
            if ((x[i] ^ y[i]) & (x[i] ^ difference)) < 0:
                status[i] = UNDEFINED
            else:
                out[i] = difference


@njit(cache=True)
def _multiply(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            product, fits = multiplied(x[i], y[i])
            if fits:
                out[i] = product
            else:
                status[i] = UNDEFINED


@njit(cache=True)
def _power(base: Ints, exponent: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            power, fits = power_of(base[i], exponent[i])
            if fits:
                out[i] = power
            else:
                status[i] = UNDEFINED


@njit(cache=True)
def _square(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    _multiply(x, x, lists, status, out)


@njit(cache=True)
def _turn(word: int, x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    """`negate` and `absolute`: of INT_MIN there is neither."""
    for i in range(len(out)):
        if status[i] == DEFINED:
            if x[i] == INT_MIN:
                status[i] = UNDEFINED
            else:
                out[i] = -x[i] if word == _NEGATE or x[i] < 0 else x[i]


# ---- Division -------------------------------------------------------------------------------------------------------


@njit(cache=True)
def _divide(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if y[i] == 0 or (y[i] == -1 and x[i] == INT_MIN):
                status[i] = UNDEFINED
            else:
                out[i] = x[i] // y[i]


@njit(cache=True)
def _modulo(x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if y[i] == 0:
                status[i] = UNDEFINED
            else:
                out[i] = _remainder(x[i], y[i])


@njit(cache=True)
def _divides(divisor: Ints, x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = x[i] == 0 if divisor[i] == 0 else _remainder(x[i], divisor[i]) == 0


@njit(cache=True)
def _remainder(x: int, y: int) -> int:
    return 0 if y == -1 else x % y  # INT_MIN % -1 stops the processor


@njit(cache=True)
def _common(word: int, x: Ints, y: Ints, lists: Lists, status: Status, out: Ints) -> None:
    """`gcd` and `lcm`."""
    largest = np.uint64(INT_MAX)
    for i in range(len(out)):
        if status[i] == DEFINED:
            a, b = magnitude(x[i]), magnitude(y[i])
            found = greatest_divisor(a, b)
            if word == _LCM and found != np.uint64(0):
                a //= found
                if b != np.uint64(0) and a > largest // b:
                    status[i] = UNDEFINED
                found = a * b
            if found > largest:
                status[i] = UNDEFINED
            if status[i] == DEFINED:
                out[i] = np.int64(found)


# ---- Properties -----------------------------------------------------------------------------------------------------


@njit(cache=True)
def _look(word: int, x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            if word == _SIGN:
                out[i] = np.int64(x[i] > 0) - np.int64(x[i] < 0)
            else:
                out[i] = (x[i] & 1) == np.int64(word == _IS_ODD)


@njit(cache=True)
def _root(word: int, x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    """`is_square` and `square_root`."""
    for i in range(len(out)):
        if status[i] == DEFINED:
            if x[i] >= 0:
                root = root_below(x[i])
                out[i] = root if word == _SQUARE_ROOT else root * root == x[i]
            elif word == _IS_SQUARE:
                out[i] = 0
            else:
                status[i] = UNDEFINED


@njit(cache=True)
def _is_prime(x: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(out)):
        if status[i] == DEFINED:
            out[i] = is_prime(x[i])


# ---- Digits ---------------------------------------------------------------------------------------------------------


@njit(cache=True)
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


@njit(cache=True)
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
        "order.eq": Kernel(partial(_compare, _EQ), "cell"),
        "order.ne": Kernel(partial(_compare, _NE), "cell"),
        "order.lt": Kernel(partial(_compare, _LT), "cell"),
        "order.le": Kernel(partial(_compare, _LE), "cell"),
        "order.gt": Kernel(partial(_compare, _GT), "cell"),
        "order.ge": Kernel(partial(_compare, _GE), "cell"),
        "order.min": Kernel(partial(_choose, _MIN), "cell"),
        "order.max": Kernel(partial(_choose, _MAX), "cell"),
        "order.clamp": Kernel(_clamp, "cell"),
        "int.add": Kernel(_add, "cell"),
        "int.subtract": Kernel(_subtract, "cell"),
        "int.multiply": Kernel(_multiply, "cell"),
        "int.power": Kernel(_power, "cell"),
        "int.square": Kernel(_square, "cell"),
        "int.negate": Kernel(partial(_turn, _NEGATE), "cell"),
        "int.absolute": Kernel(partial(_turn, _ABSOLUTE), "cell"),
        "int.divide": Kernel(_divide, "cell"),
        "int.modulo": Kernel(_modulo, "cell"),
        "int.divides": Kernel(_divides, "cell"),
        "int.gcd": Kernel(partial(_common, _GCD), "cell"),
        "int.lcm": Kernel(partial(_common, _LCM), "cell"),
        "int.sign": Kernel(partial(_look, _SIGN), "cell"),
        "int.is_even": Kernel(partial(_look, _IS_EVEN), "cell"),
        "int.is_odd": Kernel(partial(_look, _IS_ODD), "cell"),
        "bool.not": Kernel(partial(_look, _NOT), "cell"),  # a bool is even where it does not hold
        "int.is_square": Kernel(partial(_root, _IS_SQUARE), "cell"),
        "int.square_root": Kernel(partial(_root, _SQUARE_ROOT), "cell"),
        "int.is_prime": Kernel(_is_prime, "cell"),
        "int.digits": Kernel(_digits, "list"),
        "int.from_digits": Kernel(_from_digits, "cell"),
    }
)
