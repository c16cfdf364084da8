"""Terms that a sum may be made of: their weighted values, what each costs, and which are one up to a factor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from synth.formula.bank import Bank
from synth.formula.columns import Floats, Measurements
from synth.formula.dimension import DIMENSIONLESS, Dimension
from synth.formula.expression import (
    Binary,
    Column,
    Constant,
    Expression,
    Unary,
    UnaryName,
    evaluate,
)
from synth.formula.model import Fold, Term, dimension_bits

__all__ = ["Terms", "inner_terms", "plain_terms"]

_INNER_SIZE = 3
"""Most nodes of what a constant may stand beside inside a function."""
_FACTORS = 40
_INSIDE = 60
_SHAPES = 4
_FUNCTION = 1.0
"""Bits for a function, which formulas have fewer of than sums and products; Guimera et al., "A Bayesian machine
scientist", 2020, counted both in those of an encyclopedia."""
_NESTED = 3.0
"""Bits for a function within a function, which is rarer still."""
_CONSTANT = 2.0
_SCALES = 2.0 ** np.arange(-5.0, 6.0)
"""Values that an inner constant is first tried at, in units of what it stands beside."""


@dataclass(frozen=True)
class Terms:
    """Terms with coefficient 1, cheapest first: weighted values (terms, measurements), bits of place and dimension."""

    items: tuple[Term, ...]
    values: Floats
    structure: Floats
    dimension: Floats
    groups: np.ndarray
    """Terms with the same number have coefficients of the same dimension."""

    def __len__(self) -> int:
        return len(self.items)

    def cheapest(self, count: int) -> Terms:
        """The first so many."""
        return Terms(
            self.items[:count],
            self.values[:count],
            self.structure[:count],
            self.dimension[:count],
            self.groups[:count],
        )


def plain_terms(bank: Bank, measured: Measurements, folds: Sequence[Fold], *, units: bool) -> Terms:
    """All entries of a bank as terms, one of those that are equal up to a factor, and the constant term."""
    weight = measured.weight
    wanted = measured.outcome_dimension if units else DIMENSIONLESS
    found: list[tuple[Term, Floats]] = [(Term(1.0, None, wanted), weight)]
    kinds: Sequence[Fold] = folds if measured.starts is not None else ("sum",)
    needed = _needed_dimensions(bank, wanted) if units else [wanted] * len(bank)
    for fold in kinds:
        values = measured.total(bank.values, fold) * weight
        found += [
            (Term(1.0, bank.expression(number), needed[number], fold), values[number]) for number in range(len(bank))
        ]
    sizes = [1, *list(bank.sizes) * len(kinds)]
    return _sorted(_different_values(found, sizes))


def _needed_dimensions(bank: Bank, wanted: Dimension) -> list[Dimension]:
    """The dimension that the coefficient of each entry needs, so that the whole is as wanted."""
    known: dict[bytes, Dimension] = {}
    found = []
    for row in bank.dimensions:
        key = row.tobytes()
        if key not in known:
            known[key] = wanted / Dimension(tuple(Fraction(int(e), 4) for e in row))
        found.append(known[key])
    return found


def _different_values(found: Sequence[tuple[Term, Floats]], sizes: Sequence[int]) -> list[tuple[Term, Floats]]:
    """One of the terms that are equal up to a factor, the smallest, with its price.

    The price is that of a number: which one it is of the terms whose coefficient has the same dimension and that have
    no more nodes, and how many nodes there are. So units make a term cheap where they leave few others.
    """
    values = np.array([v for _, v in found])
    largest_value = np.abs(values).max(axis=1)
    order = np.argsort(np.array(sizes), kind="stable")
    order = order[(np.isfinite(largest_value) & (largest_value > 0))[order]]
    unit = values[order] / largest_value[order, None]
    unit /= np.sqrt(np.square(unit).sum(axis=1, keepdims=True))
    unit *= np.where(unit[:, :1] < 0, -1.0, 1.0)
    _, first = np.unique(np.round(unit, 11), axis=0, return_index=True)
    kept = order[np.sort(first)]
    largest = max(sizes)
    counts: dict[Dimension, np.ndarray] = {}
    for i in kept:
        counts.setdefault(found[i][0].dimension, np.zeros(largest + 1))[sizes[i]] += 1
    smaller = {dimension: np.cumsum(count) for dimension, count in counts.items()}
    return [
        (replace(t, bits=math.log2(smaller[t.dimension][sizes[i]]) + math.log2(1 + sizes[i]) + function_bits(t)), v)
        for i in kept
        for t, v in [found[i]]
    ]


def function_bits(term: Term) -> float:
    """What its functions cost beyond its place."""
    return 0.0 if term.expression is None else _function_bits(term.expression, inside=False)


def _function_bits(expression: Expression, *, inside: bool) -> float:
    match expression:
        case Unary(_, operand):
            return _FUNCTION + _NESTED * inside + _function_bits(operand, inside=True)
        case Binary(_, left, right):
            return _function_bits(left, inside=inside) + _function_bits(right, inside=inside)
        case _:
            return 0.0


def _sorted(found: Sequence[tuple[Term, Floats]]) -> Terms:
    """Terms by what they cost."""
    bits = {t.dimension: dimension_bits(t.dimension) for t, _ in found}
    numbers = {d: n for n, d in enumerate(bits)}
    ordered = sorted(found, key=lambda one: one[0].bits + bits[one[0].dimension])
    return Terms(
        tuple(t for t, _ in ordered),
        np.array([v for _, v in ordered]),
        np.array([t.bits for t, _ in ordered]),
        np.array([bits[t.dimension] for t, _ in ordered]),
        np.array([numbers[t.dimension] for t, _ in ordered]),
    )


def inner_terms(bank: Bank, measured: Measurements, *, units: bool, unary: Sequence[UnaryName]) -> Terms:
    """Terms with one constant inside: `log(1 + c g)`, `exp(c g)`, `sqrt(1 + c g)`, `1 / (1 + c g)`, times a factor.

    The constant has the dimension that makes `c g` a number. It stands at several values; `fit_constants` moves it on.
    Only where a measurement is one row.
    """
    wanted = measured.outcome_dimension if units else DIMENSIONLESS
    inside = [n for n in range(len(bank)) if bank.sizes[n] <= _INNER_SIZE][:_INSIDE]
    factors: list[int | None] = [None, *range(min(_FACTORS, int((bank.sizes <= 2).sum())))]
    price = math.log2(len(inside) * len(factors) * _SHAPES) + _CONSTANT
    found: list[tuple[Term, Floats]] = []
    for number in inside:
        g = bank.expression(number)
        dimension = Dimension(tuple(Fraction(int(e), 4) for e in bank.dimensions[number]))
        unit = 1.0 / float(np.median(np.abs(bank.values[number])))
        for scale in (*_SCALES, *-_SCALES):
            constant = Constant(float(scale * unit), DIMENSIONLESS / dimension)
            for shape in _shapes(constant, g, unary):
                values = evaluate(shape, measured.columns)
                if not np.isfinite(values).all() or np.ptp(values) < 1e-12:
                    continue
                found += _with_factors(shape, values, factors, bank, measured, wanted)
    return (
        _sorted([(replace(t, bits=price), v) for t, v in found])
        if found
        else Terms((), np.empty((0, len(measured.outcome))), *(np.empty(0),) * 3)
    )


def _shapes(constant: Constant, g: Expression, unary: Sequence[UnaryName]) -> list[Expression]:
    product = Binary("multiply", constant, g)
    shifted = Binary("add", Constant(1.0), product)
    shapes: list[Expression] = [Binary("divide", Constant(1.0), shifted)]
    if "exp" in unary:
        shapes.append(Unary("exp", product))
    if "log" in unary:
        shapes.append(Unary("log", shifted))
    if "root" in unary:
        shapes.append(Unary("root", shifted))
    return shapes


def _with_factors(
    shape: Expression,
    values: Floats,
    factors: Sequence[int | None],
    bank: Bank,
    measured: Measurements,
    wanted: Dimension,
) -> list[tuple[Term, Floats]]:
    """A shape alone and times each factor."""
    found = []
    for number in factors:
        if number is None:
            found.append((Term(1.0, shape, wanted), values * measured.weight))
            continue
        dimension = wanted / Dimension(tuple(Fraction(int(e), 4) for e in bank.dimensions[number]))
        factor: Expression = bank.expression(number)
        whole = Binary("multiply", factor, shape)
        found.append((Term(1.0, whole, dimension), bank.values[number] * values * measured.weight))
    return found


def constants_in(expression: Expression) -> list[Constant]:
    """Constants inside an expression, left to right, without those that are 1."""
    match expression:
        case Constant(value):
            return [] if value == 1.0 else [expression]
        case Unary(_, operand):
            return constants_in(operand)
        case Binary(_, left, right):
            return constants_in(left) + constants_in(right)
        case Column():
            return []


def with_constants(expression: Expression, values: list[float]) -> Expression:
    """The expression with its constants at other values, taken off the front of the list."""
    match expression:
        case Constant(value, dimension):
            return expression if value == 1.0 else Constant(values.pop(0), dimension)
        case Unary(name, operand):
            return Unary(name, with_constants(operand, values))
        case Binary(name, left, right):
            first = with_constants(left, values)
            return Binary(name, first, with_constants(right, values))
        case Column():
            return expression
