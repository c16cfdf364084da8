"""Dimensions of physical quantities, as vectors of exponents of base units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["DIMENSIONLESS", "UNITS", "Dimension", "parse_dimension"]

UNITS = ("kg", "m", "s")
"""The base units, in the order of exponents."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """Exponents of the base units: speed, `m/s`, is (0, 1, -1)."""

    exponents: tuple[Fraction, ...] = (Fraction(0),) * len(UNITS)

    def __mul__(self, other: Dimension) -> Dimension:
        return Dimension(tuple(a + b for a, b in zip(self.exponents, other.exponents, strict=True)))

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other.power(-1)

    def power(self, exponent: Fraction | int) -> Dimension:
        """The dimension of a power of a quantity.

        >>> str(parse_dimension("m/s^2").power(Fraction(1, 2)))
        'm^1/2 s^-1'
        """
        return Dimension(tuple(e * exponent for e in self.exponents))

    @property
    def is_none(self) -> bool:
        """Whether a quantity of it is a mere number."""
        return not any(self.exponents)

    def __str__(self) -> str:
        told = [unit if e == 1 else f"{unit}^{e}" for unit, e in zip(UNITS, self.exponents, strict=True) if e]
        return " ".join(told) or "1"


DIMENSIONLESS = Dimension()


def parse_dimension(text: str) -> Dimension:
    """A dimension from units with exponents, parted by spaces, `*` or `/`; ValueError for anything else.

    >>> str(parse_dimension("kg/s")), str(parse_dimension("1")), parse_dimension("m s^-1") == parse_dimension("m/s")
    ('kg s^-1', '1', True)
    """
    found = DIMENSIONLESS
    for sign, factor in re.findall(r"(^|[\s*/]+)([^\s*/]+(?:/\d+(?=$|[\s*/]))?)", text.strip()):
        unit, _, exponent = factor.partition("^")
        if unit == "1" and not exponent:
            continue
        if unit not in UNITS:
            raise ValueError(f"expected units of {', '.join(UNITS)}, found {unit!r} in {text!r}")
        base = Dimension(tuple(Fraction(u == unit) for u in UNITS))
        found *= base.power(Fraction(exponent or 1) * (-1 if "/" in sign else 1))
    return found
