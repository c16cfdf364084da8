"""A formula with fitted constants: a weighted sum of terms, and what it costs to tell, in bits.

The cost is a description length (Rissanen, "Modeling by shortest data description", 1978): which term of those that
are no larger and need a constant of the same dimension; the dimensions of the constants; and the data, told by the
formula, with the penalty of Schwarz, "Estimating the dimension of a model", 1978, for fitted constants.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Literal, TypeAlias

import numpy as np

from synth.formula.columns import Floats, Measurements
from synth.formula.dimension import DIMENSIONLESS, Dimension
from synth.formula.expression import Binary, Constant, Expression, evaluate

__all__ = [
    "EXACT",
    "Fold",
    "Model",
    "Term",
    "data_bits",
    "dimension_bits",
    "plain_expression",
    "structure_bits",
    "term_values",
]

Fold: TypeAlias = Literal["sum", "first", "last"]

EXACT = 1e-9
"""A relative residual below this is rounding, not noise."""
_CONSTANT = 2.0
"""Bits for the fact that a constant stands in a place."""


@dataclass(frozen=True, slots=True)
class Term:
    """A coefficient times an expression (None: nothing but the coefficient), over the parts of a measurement.

    `simple` is the near rational that the coefficient was found to be, if it is one; `bits` is what it costs to say
    which term it is, of those with a coefficient of this dimension.
    """

    coefficient: float
    expression: Expression | None
    dimension: Dimension = DIMENSIONLESS
    fold: Fold = "sum"
    simple: Fraction | None = None
    bits: float = 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """A sum of terms, its description length in bits and its relative residual (root of the mean square)."""

    terms: tuple[Term, ...]
    bits: float
    residual: float

    def predict(self, measured: Measurements) -> Floats:
        """What it says to measurements."""
        found = np.zeros(len(measured.outcome))
        for term in self.terms:
            found = found + term.coefficient * term_values(term, measured)
        return found


def term_values(term: Term, measured: Measurements) -> Floats:
    """The values of a term, without its coefficient."""
    if term.expression is None:
        return np.ones(len(measured.outcome))
    return measured.total(evaluate(term.expression, measured.columns), term.fold)


def dimension_bits(dimension: Dimension) -> float:
    """What a constant's dimension costs: a bit a unit, two for each step of its exponent, more for a root.

    >>> from synth.formula.dimension import parse_dimension
    >>> dimension_bits(DIMENSIONLESS), dimension_bits(parse_dimension("m/s^2"))
    (3.0, 9.0)
    """
    return sum(1.0 + 2.0 * math.ceil(abs(e)) + 3.0 * (e.denominator > 1) for e in dimension.exponents)


def structure_bits(terms: tuple[Term, ...]) -> float:
    """What the terms cost without the data: which ones, dimensions (each once), and constants that were simplified."""
    dimensions = {term.dimension for term in terms}
    spelled = sum(_CONSTANT if term.simple is None else fraction_bits(term.simple) for term in terms)
    return sum(term.bits for term in terms) + sum(map(dimension_bits, dimensions)) + len(terms) + spelled


def fraction_bits(value: Fraction) -> float:
    """What a rational number costs: sign, numerator and denominator, each about twice its length.

    >>> fraction_bits(Fraction(1)), fraction_bits(Fraction(-9, 4))
    (2.0, 12.0)
    """
    return 2.0 + 2 * math.floor(math.log2(max(1, abs(value.numerator)))) + 2 * math.floor(math.log2(value.denominator))


def data_bits(squares: float, count: int, constants: int) -> float:
    """The data told by a model: `squares` is the sum of squared weighted residuals, in units of the outcome.

    With hardly more measurements than constants nothing is left that could speak for a model.
    """
    if count - constants < 2:
        return math.inf
    return residual_bits(squares, count, constants) + constant_bits(count, constants)


def residual_bits(squares: float, count: int, constants: int) -> float:
    """What is left to tell when the formula has spoken; less than rounding is nothing."""
    return 0.5 * count * math.log2(max(squares / (count - constants), EXACT**2))


def constant_bits(count: int, constants: int) -> float:
    """The penalty for fitted constants: Schwarz's, or where measurements are few that of Hurvich and Tsai, if larger.

    "Regression and time series model selection in small samples", 1989: their correction of Akaike's criterion. The
    noise is a constant too.
    """
    left = count - constants - 2
    small = count * (constants + 1) / left / math.log(2) if left > 0 else math.inf
    return max(small, 0.5 * constants * math.log2(count))


def plain_expression(model: Model) -> Expression:
    """The model as one formula tree. Only where a measurement is one row."""
    parts = [_part(term) for term in model.terms]
    return reduce(lambda left, right: Binary("add", left, right), parts)


def _part(term: Term) -> Expression:
    constant = Constant(term.coefficient, term.dimension)
    if term.expression is None:
        return constant
    if term.simple == 1:
        return term.expression
    return Binary("multiply", constant, term.expression)
