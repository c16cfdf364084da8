"""Words of real numbers as compiled functions of single cells: each gives a cell, and whether it is defined."""

from __future__ import annotations

import math

import numpy as np

from synth.search.kernels.compiled import uncounted
from synth.search.kernels.convention import cell_of_real, real_of_cell

__all__ = [
    "absolute",
    "add",
    "ceiling",
    "cos",
    "divide",
    "exp",
    "floor",
    "from_int",
    "log",
    "multiply",
    "negate",
    "power",
    "round_",
    "sin",
    "square_root",
    "subtract",
]

_LIMIT = 2.0**63
"""Reals from here on, and below its negative, have no integer of 64 bits."""


@uncounted
def _finite(x: float) -> tuple[int, bool]:
    if not math.isfinite(x):
        return 0, False
    return cell_of_real(x), True


@uncounted
def add(x: int, y: int) -> tuple[int, bool]:
    """Sum."""
    return _finite(real_of_cell(x) + real_of_cell(y))


@uncounted
def subtract(x: int, y: int) -> tuple[int, bool]:
    """Difference."""
    return _finite(real_of_cell(x) - real_of_cell(y))


@uncounted
def multiply(x: int, y: int) -> tuple[int, bool]:
    """Product."""
    return _finite(real_of_cell(x) * real_of_cell(y))


@uncounted
def divide(x: int, y: int) -> tuple[int, bool]:
    """Quotient."""
    divisor = real_of_cell(y)
    if divisor == 0.0:
        return 0, False
    return _finite(real_of_cell(x) / divisor)


@uncounted
def power(x: int, y: int) -> tuple[int, bool]:
    """Power; a root of a negative number is no number, and so undefined."""
    return _finite(math.pow(real_of_cell(x), real_of_cell(y)))


@uncounted
def negate(x: int) -> int:
    """The number with its sign turned."""
    return cell_of_real(-real_of_cell(x))


@uncounted
def absolute(x: int) -> int:
    """The number without its sign."""
    return cell_of_real(abs(real_of_cell(x)))


@uncounted
def from_int(x: int) -> int:
    """The integer as a real."""
    return cell_of_real(np.float64(x))


@uncounted
def _integer(x: float) -> tuple[int, bool]:
    """The cell of a real without a fraction."""
    if not -_LIMIT <= x < _LIMIT:
        return 0, False
    return int(np.int64(x)), True


@uncounted
def floor(x: int) -> tuple[int, bool]:
    """The largest integer that is not above the number."""
    return _integer(np.floor(real_of_cell(x)))


@uncounted
def ceiling(x: int) -> tuple[int, bool]:
    """The smallest integer that is not below the number."""
    return _integer(np.ceil(real_of_cell(x)))


@uncounted
def round_(x: int) -> tuple[int, bool]:
    """The nearest integer; of two equally near the even one."""
    return _integer(np.rint(real_of_cell(x)))


@uncounted
def square_root(x: int) -> tuple[int, bool]:
    """Square root."""
    number = real_of_cell(x)
    if number < 0.0:
        return 0, False
    return _finite(math.sqrt(number))


@uncounted
def exp(x: int) -> tuple[int, bool]:
    """Power of e."""
    return _finite(math.exp(real_of_cell(x)))


@uncounted
def log(x: int) -> tuple[int, bool]:
    """Natural logarithm."""
    number = real_of_cell(x)
    if number <= 0.0:
        return 0, False
    return _finite(math.log(number))


@uncounted
def sin(x: int) -> int:
    """Sine."""
    return cell_of_real(math.sin(real_of_cell(x)))


@uncounted
def cos(x: int) -> int:
    """Cosine."""
    return cell_of_real(math.cos(real_of_cell(x)))
