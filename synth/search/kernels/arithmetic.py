"""Arithmetic on single cells, compiled: what passes 64 bits is found out, primes, roots and exact sums of reals.

Functions that may have no value give it together with whether they have one. What may pass 64 bits is computed on
unsigned cells: those wrap, while compiled code takes it for granted that signed ones never overflow, and would leave
out the check that they did not.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from synth.search.kernels.compiled import compiled
from synth.search.kernels.convention import INT_MIN, Ints, real_of_cell

__all__ = [
    "PARTIALS",
    "added",
    "greatest_divisor",
    "is_prime",
    "magnitude",
    "multiplied",
    "power_of",
    "root_below",
    "subtracted",
    "sum_of_reals",
]

_ROOT_MAX = 3_037_000_499  # the root of INT_MAX, rounded down
PARTIALS = 2200
"""Room that `sum_of_reals` wants: its parts share no bit, and all reals together have 2098 different ones."""


@compiled
def magnitude(x: int) -> np.uint64:
    """The number without its sign; that of INT_MIN fits too."""
    return np.uint64(0) - np.uint64(x) if x < 0 else np.uint64(x)


@compiled
def added(x: int, y: int) -> tuple[int, bool]:
    """The sum, and whether it is within 64 bits: if not, it has lost the sign of both."""
    total = int(np.int64(np.uint64(x) + np.uint64(y)))
    return total, ((x ^ total) & (y ^ total)) >= 0


@compiled
def subtracted(x: int, y: int) -> tuple[int, bool]:
    """The difference, and whether it is within 64 bits."""
    difference = int(np.int64(np.uint64(x) - np.uint64(y)))
    return difference, ((x ^ y) & (x ^ difference)) >= 0


@compiled
def multiplied(x: int, y: int) -> tuple[int, bool]:
    """The product, and whether it is within 64 bits."""
    product = int(np.int64(np.uint64(x) * np.uint64(y)))
    if (-(2**31) <= x < 2**31 and -(2**31) <= y < 2**31) or x == 0:
        return product, True
    if x == -1:  # INT_MIN // -1 stops the processor
        return product, y != INT_MIN
    return product, product // x == y


@compiled
def power_of(base: int, exponent: int) -> tuple[int, bool]:
    """Base to the power of an exponent, and whether it has a value."""
    if exponent < 0:
        return 0, False
    result = 1
    # The powers of 2 and more have passed 64 bits by the 64th; those of -1, 0 and 1 go on, by turns.
    for _ in range(min(exponent, 64 + exponent % 2)):
        result, fits = multiplied(result, base)
        if not fits:
            return 0, False
    return result, True


@compiled
def root_below(x: int) -> int:
    """The square root of a number that is not negative, rounded down."""
    root = min(int(math.sqrt(x)), _ROOT_MAX)  # the float may be one off, either way
    while root * root > x:
        root -= 1
    while root < _ROOT_MAX and (root + 1) * (root + 1) <= x:
        root += 1
    return root


@compiled
def greatest_divisor(x: np.uint64, y: np.uint64) -> np.uint64:
    """The greatest common divisor, by Euclid."""
    while y != np.uint64(0):
        x, y = y, x % y
    return x


# ---- Primes ---------------------------------------------------------------------------------------------------------

# These bases decide every number of 64 bits (Sorenson and Webster, "Strong pseudoprimes to twelve prime bases",
# Mathematics of Computation 86, 2017); the first four all below 3,215,031,751 (Jaeschke, "On strong pseudoprimes to
# several bases", Mathematics of Computation 61, 1993).
_BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
_FOUR_DECIDE = 3_215_031_751
_SURE = 41 * 41  # a smaller number that no base divides is prime


@compiled
def is_prime(x: int) -> bool:
    """Whether the number is a prime (the test of Miller and Rabin)."""
    if x < 2:
        return False
    for base in _BASES:
        if x % base == 0:
            return x == base
    if x < _SURE:
        return True
    n = np.uint64(x)
    inverse = n  # of n, modulo 2^64: right in its last 3 bits, each step of Newton's method doubles them
    for _ in range(5):
        inverse *= np.uint64(2) - n * inverse
    bases, passed = 4 if x < _FOUR_DECIDE else 12, 0
    while passed < bases and not _is_witness(_BASES[passed], n, inverse):
        passed += 1
    return passed == bases


@compiled
def _is_witness(base: int, n: np.uint64, inverse: np.uint64) -> bool:
    """Whether the base proves that n is composite. Numbers stand times 2^64 here, as Montgomery's product has them."""
    one = (np.uint64(0) - n) % n
    minus_one = n - one
    power = np.uint64(0)
    for _ in range(base):
        power = (power + one) % n
    exponent, twos = n - np.uint64(1), 0
    while exponent & np.uint64(1) == np.uint64(0):
        exponent >>= np.uint64(1)
        twos += 1
    residue = one
    while exponent != np.uint64(0):
        if exponent & np.uint64(1) != np.uint64(0):
            residue = _product(residue, power, n, inverse)
        power = _product(power, power, n, inverse)
        exponent >>= np.uint64(1)
    if residue in (one, minus_one):
        return False
    for _ in range(twos - 1):
        residue = _product(residue, residue, n, inverse)
        if residue == minus_one:
            return False
    return True


@compiled
def _product(x: np.uint64, y: np.uint64, n: np.uint64, inverse: np.uint64) -> np.uint64:
    """X times y divided by 2^64, modulo n (Montgomery, "Modular multiplication without trial division", 1985)."""
    high, taken = _high(x, y), _high(x * y * inverse, n)
    return high - taken if high >= taken else high - taken + n


@compiled
def _high(x: np.uint64, y: np.uint64) -> np.uint64:
    """The upper 64 bits of a product of 128."""
    half, low = np.uint64(32), np.uint64(2**32 - 1)
    middle = (x >> half) * (y & low) + (((x & low) * (y & low)) >> half)
    other = (x & low) * (y >> half) + (middle & low)
    return (x >> half) * (y >> half) + (middle >> half) + (other >> half)


# ---- Sums of reals --------------------------------------------------------------------------------------------------


@compiled
def sum_of_reals(items: Ints, start: int, end: int, partials: NDArray[np.float64]) -> float:
    """The sum of reals, rounded once, as `math.fsum` has it; not finite if it, or a sum on the way, passes all reals.

    Shewchuk, "Adaptive precision floating-point arithmetic and fast robust geometric predicates", 1997.
    """
    used = 0
    for k in range(start, end):
        x = real_of_cell(items[k])
        kept = 0
        for j in range(used):
            x, low = _two_sum(x, partials[j])
            if low != 0.0:
                partials[kept] = low
                kept += 1
        used = kept
        if not math.isfinite(x):
            return x
        if x != 0.0:
            partials[used] = x
            used += 1
    return _rounded(partials, used)


@compiled
def _two_sum(x: float, y: float) -> tuple[float, float]:
    """The sum of two reals, and what rounding took from it."""
    if abs(x) < abs(y):
        x, y = y, x
    high = x + y
    return high, y - (high - x)


@compiled
def _rounded(partials: NDArray[np.float64], used: int) -> float:
    """The sum of parts that share no bit, the smallest first."""
    high, low = 0.0, 0.0
    while used > 0 and low == 0.0:
        used -= 1
        high, low = _two_sum(high, partials[used])
    # Half a unit was rounded to even; what is still smaller may say that it was more than half, or less.
    if used > 0 and ((low < 0.0 and partials[used - 1] < 0.0) or (low > 0.0 and partials[used - 1] > 0.0)):
        doubled = 2.0 * low
        other = high + doubled
        if doubled == other - high:
            return other
    return high
