"""Whole numbers of 64 bits; what passes 64 bits is undefined (overflow), never wrapped."""

from __future__ import annotations

import math

from dsl.inverses import ANYTHING, Anything, Preimages
from dsl.laws import absorbing, associative, commutative, idempotent, identity, involution, right_identity
from dsl.primitive import primitive
from dsl.values import INT_MAX, TooLarge, Undefined

__all__ = [
    "absolute",
    "add",
    "digits",
    "divide",
    "divides",
    "from_digits",
    "gcd",
    "is_even",
    "is_odd",
    "is_prime",
    "is_square",
    "lcm",
    "modulo",
    "multiply",
    "negate",
    "power",
    "sign",
    "square",
    "square_root",
    "subtract",
]

NAMESPACE = "int"


@primitive(laws=[commutative, associative, identity(0)], weight=4)
def add(x: int, y: int) -> int:
    """Sum of two integers; written `x + y`.

    >>> add(2, 3)
    5
    """
    return x + y


@add.inverse("x")
def _(out: int, y: int) -> int:
    return out - y


@add.inverse("y")
def _(out: int, x: int) -> int:
    return out - x


@primitive(laws=[right_identity(0)], weight=4)
def subtract(x: int, y: int) -> int:
    """Difference of two integers; written `x - y`.

    >>> subtract(2, 3)
    -1
    """
    return x - y


@subtract.inverse("x")
def _(out: int, y: int) -> int:
    return out + y


@subtract.inverse("y")
def _(out: int, x: int) -> int:
    return x - out


@primitive(laws=[commutative, associative, identity(1), absorbing(0)], weight=3)
def multiply(x: int, y: int) -> int:
    """Product of two integers; written `x * y`.

    >>> multiply(2, 3)
    6
    """
    return x * y


def _exact_quotient(out: int, factor: int) -> int | Anything:
    if factor == 0 and out == 0:
        return ANYTHING
    if factor == 0 or out % factor:
        raise Undefined(f"{out} is no multiple of {factor}")
    return out // factor


@multiply.inverse("x")
def _(out: int, y: int) -> int | Anything:
    return _exact_quotient(out, y)


@multiply.inverse("y")
def _(out: int, x: int) -> int | Anything:
    return _exact_quotient(out, x)


@primitive(raises=[ZeroDivisionError], laws=[right_identity(1)], weight=2)
def divide(x: int, y: int) -> int:
    """Quotient rounded down, as in Python; written `x // y`. Undefined for y = 0.

    >>> divide(7, 2), divide(-7, 2)
    (3, -4)
    """
    return x // y


@divide.inverse("x")
def _(out: int, y: int) -> Preimages[int]:
    if y == 0:
        raise Undefined("nothing is divided by 0")
    return Preimages.of(range(out * y, out * y + y, 1 if y > 0 else -1))


@primitive(raises=[ZeroDivisionError], weight=2)
def modulo(x: int, y: int) -> int:
    """Remainder of `x // y`, of the sign of y, as in Python; written `x % y`. Undefined for y = 0.

    >>> modulo(7, 3), modulo(-7, 3)
    (1, 2)
    """
    return x % y


@primitive(laws=[right_identity(1)], weight=0.5)
def power(base: int, exponent: int) -> int:
    """Base to the power of an exponent; written `x ** y`. Undefined for a negative exponent.

    >>> power(2, 10)
    1024
    """
    if exponent < 0:
        raise Undefined(f"expected an exponent of at least 0, found {exponent}")
    # |base| >= 2 passes 64 bits from exponent 64 on: say so before building the number.
    if abs(base) > 1 and exponent > 63:
        raise OverflowError(f"{base} ** {exponent}")
    # The parity of the exponent decides the powers of -1, 0 and 1, however large it is.
    return int(base**exponent) if exponent <= 63 else int(base ** (2 + exponent % 2))


@power.inverse("exponent")
def _(out: int, base: int) -> int:
    if abs(base) < 2:
        raise TooLarge("many exponents do for a base of -1, 0 or 1")
    found = next((e for e in range(64) if base**e == out), None)
    if found is None:
        raise Undefined(f"{out} is no power of {base}")
    return found


@power.inverse("base")
def _(out: int, exponent: int) -> Preimages[int]:
    if not 0 < exponent < 64:
        raise TooLarge("all bases, or few and small ones, do for such an exponent")
    root = round(abs(out) ** (1 / exponent))
    near = range(max(root - 1, 0), root + 2)
    return Preimages.of(base for size in near for base in {size, -size} if base**exponent == out)


@primitive(laws=[involution])
def negate(x: int) -> int:
    """The number with its sign turned; written `-x`.

    >>> negate(3)
    -3
    """
    return -x


@negate.inverse("x")
def _(out: int) -> int:
    return -out


@primitive(laws=[idempotent])
def absolute(x: int) -> int:
    """The number without its sign.

    >>> absolute(-3)
    3
    """
    return abs(x)


def _with_either_sign(size: int) -> Preimages[int]:
    """The numbers of a size: two, or one for 0."""
    return Preimages((size, -size) if size else (0,))


@absolute.inverse("x")
def _(out: int) -> Preimages[int]:
    if out < 0:
        raise Undefined("no number is of negative size")
    return _with_either_sign(out)


@primitive(laws=[idempotent], weight=0.5)
def sign(x: int) -> int:
    """-1, 0 or 1 for a negative number, zero, a positive number.

    >>> sign(-7)
    -1
    """
    return (x > 0) - (x < 0)


@primitive(weight=0.5)
def square(x: int) -> int:
    """The number times itself.

    >>> square(-4)
    16
    """
    return x * x


@square.inverse("x")
def _(out: int) -> Preimages[int]:
    if not is_square(out):
        raise Undefined(f"{out} is no square")
    return _with_either_sign(math.isqrt(out))


@primitive(raises=[ValueError], weight=0.25)
def square_root(x: int) -> int:
    """Square root rounded down; undefined for negative numbers.

    >>> square_root(17)
    4
    """
    return math.isqrt(x)


@square_root.inverse("x")
def _(out: int) -> Preimages[int]:
    return Preimages.of(range(out**2, (out + 1) ** 2) if out >= 0 else ())


@primitive(weight=0.25)
def is_square(x: int) -> bool:
    """Whether the number is the square of an integer.

    >>> is_square(16), is_square(-16)
    (True, False)
    """
    return x >= 0 and math.isqrt(x) ** 2 == x


@primitive(weight=1.5)
def is_even(x: int) -> bool:
    """Whether 2 divides the number.

    >>> is_even(4)
    True
    """
    return x % 2 == 0


@primitive(weight=1.5)
def is_odd(x: int) -> bool:
    """Whether 2 does not divide the number.

    >>> is_odd(4)
    False
    """
    return x % 2 == 1


@primitive(weight=0.5)
def divides(divisor: int, x: int) -> bool:
    """Whether `x` is a multiple of the divisor; only 0 is a multiple of 0.

    >>> divides(3, 12), divides(3, 13), divides(0, 5)
    (True, False, False)
    """
    return x % divisor == 0 if divisor else x == 0


@primitive(laws=[commutative, associative], weight=0.25)
def gcd(x: int, y: int) -> int:
    """Greatest common divisor, never negative; 0 if both numbers are 0.

    >>> gcd(12, 18)
    6
    """
    return math.gcd(x, y)


@primitive(laws=[commutative, associative, absorbing(0)], weight=0.25)
def lcm(x: int, y: int) -> int:
    """Least common multiple, never negative; 0 if either number is 0.

    >>> lcm(4, 6)
    12
    """
    return math.lcm(x, y)


# These bases decide every number below 3.3e24 (Sorenson and Webster, "Strong pseudoprimes to twelve prime
# bases", Mathematics of Computation 86, 2017), so all of 64 bits.
_BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)


def _is_witness(base: int, x: int) -> bool:
    """Whether the base proves the odd number composite (the test of Miller and Rabin)."""
    twos = ((x - 1) & (1 - x)).bit_length() - 1
    residue = pow(base, (x - 1) >> twos, x)
    if residue in (1, x - 1):
        return False
    return all((residue := residue * residue % x) != x - 1 for _ in range(twos - 1))


@primitive(weight=0.25)
def is_prime(x: int) -> bool:
    """Whether the number is a prime: 2, 3, 5, 7, ...

    >>> is_prime(97), is_prime(91), is_prime(-7)
    (True, False, False)
    """
    if x < 2:
        return False
    if any(x % base == 0 for base in _BASES):
        return x in _BASES
    return not any(_is_witness(base, x) for base in _BASES)


@primitive(weight=0.25)
def digits(x: int) -> tuple[int, ...]:
    """Decimal digits, the most significant first, of the number without its sign.

    >>> digits(402)
    (4, 0, 2)
    """
    return tuple(map(int, str(abs(x))))


@digits.inverse("x")
def _(out: tuple[int, ...]) -> Preimages[int]:
    number = from_digits(out)
    if digits(number) != out:
        raise Undefined("expected digits, the first of several not 0")
    return _with_either_sign(number)


@primitive(weight=0.25)
def from_digits(xs: tuple[int, ...]) -> int:
    """The number with these decimal digits; 0 for none. Undefined if an item is no digit.

    >>> from_digits((4, 0, 2))
    402
    """
    total = 0
    for digit in xs:
        if not 0 <= digit <= 9:
            raise Undefined(f"expected digits 0 to 9, found {digit}")
        total = 10 * total + digit
        if total > INT_MAX:
            raise OverflowError("more than 64 bits")
    return total


@from_digits.inverse("xs")
def _(out: int) -> tuple[int, ...]:
    if out < 0:
        raise Undefined(f"expected a number of at least 0, found {out}")
    return digits(out)
