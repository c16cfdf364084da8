"""Real numbers; a result that is not finite is undefined."""

from __future__ import annotations

import math

from dsl.inverses import Preimages
from dsl.laws import absorbing, commutative, idempotent, identity, involution, right_identity
from dsl.primitive import primitive
from dsl.values import TooLarge, Undefined, agree

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
    "mean",
    "multiply",
    "negate",
    "pi",
    "power",
    "round_",
    "sin",
    "square_root",
    "subtract",
    "sum_",
]

NAMESPACE = "real"

# Rounding makes no sum or product of reals associative: (1e16 - 1e16) + 1 is 1, 1e16 + (-1e16 + 1) is 0.


@primitive(laws=[commutative, identity(0.0)], weight=4)
def add(x: float, y: float) -> float:
    """Sum of two reals; written `x + y`.

    >>> add(1.5, 2.0)
    3.5
    """
    return x + y


def _confirmed(found: float, back: float, out: float) -> float:
    """A preimage, unless rounding has lost it: 1.0 - 1e300 is -1e300, and -1e300 + 1e300 is not 1.0."""
    if not agree(back, out):
        raise Undefined("rounding leaves no number that gives this one")
    return found


@add.inverse("x")
def _(out: float, y: float) -> float:
    return _confirmed(out - y, (out - y) + y, out)


@add.inverse("y")
def _(out: float, x: float) -> float:
    return _confirmed(out - x, x + (out - x), out)


@primitive(laws=[right_identity(0.0)], weight=4)
def subtract(x: float, y: float) -> float:
    """Difference of two reals; written `x - y`.

    >>> subtract(1.5, 2.0)
    -0.5
    """
    return x - y


@subtract.inverse("x")
def _(out: float, y: float) -> float:
    return _confirmed(out + y, (out + y) - y, out)


@subtract.inverse("y")
def _(out: float, x: float) -> float:
    return _confirmed(x - out, x - (x - out), out)


@primitive(laws=[commutative, identity(1.0), absorbing(0.0)], weight=4)
def multiply(x: float, y: float) -> float:
    """Product of two reals; written `x * y`.

    >>> multiply(1.5, 2.0)
    3.0
    """
    return x * y


def _quotient(out: float, factor: float) -> float:
    if factor == 0:
        raise TooLarge("every number does, or none")
    return _confirmed(out / factor, out / factor * factor, out)


@multiply.inverse("x")
def _(out: float, y: float) -> float:
    return _quotient(out, y)


@multiply.inverse("y")
def _(out: float, x: float) -> float:
    return _quotient(out, x)


@primitive(raises=[ZeroDivisionError], laws=[right_identity(1.0)], weight=3)
def divide(x: float, y: float) -> float:
    """Quotient of two reals; written `x / y`. Undefined for y = 0.

    >>> divide(3.0, 2.0)
    1.5
    """
    return x / y


@divide.inverse("x")
def _(out: float, y: float) -> float:
    if y == 0:
        raise Undefined("nothing is divided by 0")
    return _confirmed(out * y, out * y / y, out)


@divide.inverse("y")
def _(out: float, x: float) -> float:
    if out == 0 or x == 0:
        raise TooLarge("every number does, or none")
    return _confirmed(x / out, x / (x / out), out)


@primitive(raises=[ValueError], laws=[right_identity(1.0)])
def power(base: float, exponent: float) -> float:
    """Base to the power of an exponent; written `x ** y`. Undefined for a root of a negative number.

    >>> power(2.0, 0.5)
    1.4142135623730951
    """
    return math.pow(base, exponent)


@primitive(laws=[involution])
def negate(x: float) -> float:
    """The number with its sign turned; written `-x`.

    >>> negate(1.5)
    -1.5
    """
    return -x


@negate.inverse("x")
def _(out: float) -> float:
    return -out


@primitive(laws=[idempotent], weight=0.5)
def absolute(x: float) -> float:
    """The number without its sign.

    >>> absolute(-1.5)
    1.5
    """
    return abs(x)


@absolute.inverse("x")
def _(out: float) -> Preimages[float]:
    return Preimages(() if out < 0 else (out, -out) if out else (out,))


@primitive
def from_int(x: int) -> float:
    """The integer as a real.

    >>> from_int(3)
    3.0
    """
    return float(x)


@from_int.inverse("x")
def _(out: float) -> int:
    if not out.is_integer():
        raise Undefined(f"{out} is no integer")
    return int(out)


@primitive(weight=0.5)
def floor(x: float) -> int:
    """The largest integer that is not above the number.

    >>> floor(1.5), floor(-1.5)
    (1, -2)
    """
    return math.floor(x)


@primitive(weight=0.5)
def ceiling(x: float) -> int:
    """The smallest integer that is not below the number.

    >>> ceiling(1.5), ceiling(-1.5)
    (2, -1)
    """
    return math.ceil(x)


@primitive(name="round", weight=0.5)
def round_(x: float) -> int:
    """The nearest integer; of two equally near the even one, as in Python.

    >>> round_(1.6), round_(2.5)
    (2, 2)
    """
    return round(x)


@primitive(raises=[ValueError])
def square_root(x: float) -> float:
    """Square root; undefined for negative numbers.

    >>> square_root(2.25)
    1.5
    """
    return math.sqrt(x)


@square_root.inverse("x")
def _(out: float) -> float:
    if out < 0:
        raise Undefined("no square root is negative")
    return _confirmed(out * out, math.sqrt(out * out), out)


@primitive
def exp(x: float) -> float:
    """Power of e, the base of the natural logarithm.

    >>> exp(0.0)
    1.0
    """
    return math.exp(x)


@exp.inverse("x")
def _(out: float) -> float:
    if out <= 0:
        raise Undefined("no power of e is 0 or negative")
    return _confirmed(math.log(out), math.exp(math.log(out)), out)


@primitive(raises=[ValueError])
def log(x: float) -> float:
    """Natural logarithm; undefined for numbers that are not positive.

    >>> log(1.0)
    0.0
    """
    return math.log(x)


@log.inverse("x")
def _(out: float) -> float:
    return math.exp(out)


@primitive
def sin(x: float) -> float:
    """Sine of an angle in radians.

    >>> sin(0.0)
    0.0
    """
    return math.sin(x)


@primitive
def cos(x: float) -> float:
    """Cosine of an angle in radians.

    >>> cos(0.0)
    1.0
    """
    return math.cos(x)


@primitive(weight=0.5)
def pi() -> float:
    """Half the circumference of the unit circle, 3.14159...

    >>> pi()
    3.141592653589793
    """
    return math.pi


@primitive(name="sum")
def sum_(xs: tuple[float, ...]) -> float:
    """Sum of a list of reals; 0.0 for the empty list.

    >>> sum_((0.5, 1.0))
    1.5
    """
    return math.fsum(xs)


@primitive(raises=[ZeroDivisionError])
def mean(xs: tuple[float, ...]) -> float:
    """Sum divided by length; undefined for the empty list.

    >>> mean((1.0, 2.0))
    1.5
    """
    return math.fsum(xs) / len(xs)
