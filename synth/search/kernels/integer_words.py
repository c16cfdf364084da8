"""Words of whole numbers as compiled functions of single cells: each gives a cell, and whether it is defined.

What may overflow is computed with unsigned numbers, which wrap: Numba promises LLVM that signed ones do not overflow,
and a check made afterwards may be optimised away.
"""

from __future__ import annotations

import math

import numpy as np

from synth.search.kernels.compiled import uncounted
from synth.search.kernels.convention import INT_MAX, INT_MIN

__all__ = [
    "add",
    "divide",
    "divides",
    "gcd",
    "is_prime",
    "is_square",
    "lcm",
    "modulo",
    "multiply",
    "power",
    "square_root",
    "subtract",
]

_HALF = 2**31
_LARGEST_ROOT = 3_037_000_499
"""The largest number whose square has 64 bits."""


@uncounted
def add(x: int, y: int) -> tuple[int, bool]:
    """Sum; it overflows where both numbers have a sign that the wrapped sum has not."""
    total = int(np.int64(np.uint64(x) + np.uint64(y)))
    return total, ((x ^ total) & (y ^ total)) >= 0


@uncounted
def subtract(x: int, y: int) -> tuple[int, bool]:
    """Difference."""
    difference = int(np.int64(np.uint64(x) - np.uint64(y)))
    return difference, ((x ^ y) & (x ^ difference)) >= 0


@uncounted
def multiply(x: int, y: int) -> tuple[int, bool]:
    """Product; where the numbers are large, dividing the wrapped product again shows an overflow."""
    if -_HALF <= x <= _HALF and -_HALF <= y <= _HALF:
        return x * y, True
    product = int(np.int64(np.uint64(x) * np.uint64(y)))
    if y == 0 or y == -1:  # division by -1 could itself overflow
        return product, y == 0 or x != INT_MIN
    return product, product // y == x


@uncounted
def divide(x: int, y: int) -> tuple[int, bool]:
    """Quotient rounded down."""
    if y == 0 or (y == -1 and x == INT_MIN):
        return 0, False
    return x // y, True


@uncounted
def modulo(x: int, y: int) -> tuple[int, bool]:
    """Remainder of the sign of `y`."""
    if y == 0:
        return 0, False
    if y == -1:
        return 0, True
    return x % y, True


@uncounted
def power(base: int, exponent: int) -> tuple[int, bool]:
    """Power; a base beyond 1 in size passes 64 bits from exponent 64 on, the others depend on parity."""
    if exponent < 0:
        return 0, False
    if exponent > 63:
        if base < -1 or base > 1:
            return 0, False
        exponent = 2 + exponent % 2
    result, fits = 1, True
    for _ in range(exponent):
        result, fits = multiply(result, base)
        if not fits:
            return 0, False
    return result, True


@uncounted
def _root(x: int) -> int:
    """Square root of a number of at least 0, rounded down; the float's rounding is put right."""
    root = min(int(math.sqrt(np.float64(x))), _LARGEST_ROOT)
    while root * root > x:
        root -= 1
    while root < _LARGEST_ROOT and (root + 1) * (root + 1) <= x:
        root += 1
    return root


@uncounted
def square_root(x: int) -> tuple[int, bool]:
    """Square root rounded down."""
    if x < 0:
        return 0, False
    return _root(x), True


@uncounted
def is_square(x: int) -> bool:
    """Whether the number is a square."""
    if x < 0:
        return False
    root = _root(x)
    return root * root == x


@uncounted
def divides(divisor: int, x: int) -> bool:
    """Whether `x` is a multiple of the divisor."""
    if divisor == 0:
        return x == 0
    return divisor == -1 or x % divisor == 0


@uncounted
def _size(x: int) -> np.uint64:
    """The number without its sign, also of the smallest, whose size has no place among signed ones."""
    return np.uint64(x) if x >= 0 else np.uint64(0) - np.uint64(x)


@uncounted
def _common(x: int, y: int) -> np.uint64:
    """Greatest common divisor by Euclid's algorithm."""
    a, b = _size(x), _size(y)
    while b != np.uint64(0):
        a, b = b, a % b
    return a


@uncounted
def gcd(x: int, y: int) -> tuple[int, bool]:
    """Greatest common divisor."""
    found = _common(x, y)
    return int(np.int64(found)), bool(found <= np.uint64(INT_MAX))


@uncounted
def lcm(x: int, y: int) -> tuple[int, bool]:
    """Least common multiple."""
    if x == 0 or y == 0:
        return 0, True
    a, b = _size(x) // _common(x, y), _size(y)
    return int(np.int64(a * b)), bool(a <= np.uint64(INT_MAX) // b)


@uncounted
def _product_modulo(a: np.uint64, b: np.uint64, modulus: np.uint64) -> np.uint64:
    """`a * b % modulus` for factors below a modulus below 2**63: where it is large, by doubling and adding."""
    if modulus <= np.uint64(2**32):
        return a * b % modulus
    total = np.uint64(0)
    while b != np.uint64(0):
        if b & np.uint64(1):
            total = (total + a) % modulus
        a = (a + a) % modulus
        b = b >> np.uint64(1)
    return total


@uncounted
def _is_witness(base: int, x: int) -> bool:
    """Whether the base proves the odd number composite (the test of Miller and Rabin)."""
    modulus = np.uint64(x)
    odd, twos = x - 1, 0
    while odd % 2 == 0:
        odd //= 2
        twos += 1
    residue, factor = np.uint64(1), np.uint64(base)
    while odd:
        if odd % 2:
            residue = _product_modulo(residue, factor, modulus)
        factor = _product_modulo(factor, factor, modulus)
        odd //= 2
    last = np.uint64(x - 1)
    if residue == np.uint64(1) or residue == last:
        return False
    for _ in range(twos - 1):
        residue = _product_modulo(residue, residue, modulus)
        if residue == last:
            return False
    return True


@uncounted
def is_prime(x: int) -> bool:
    """Whether the number is a prime; these bases decide all of 64 bits (Sorenson and Webster, 2017)."""
    if x < 2:
        return False
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        if x % base == 0:
            return x == base
    witnesses = 0
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        if witnesses == 0 and _is_witness(base, x):
            witnesses += 1
    return witnesses == 0
