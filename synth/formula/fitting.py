"""Constants fitted together by least squares, then made simple where that costs no bits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from synth.formula.columns import Floats, Measurements
from synth.formula.model import Model, Term, data_bits, structure_bits, term_values
from synth.formula.terms import constants_in, with_constants

__all__ = ["fit_constants", "priced", "simplify_constants"]

_STARTS = (1.0, 0.5, 2.0)
"""Factors on inner constants, a start each; the sum is linear in the others, so these need none."""
_DENOMINATOR = 8


def priced(terms: Sequence[Term], measured: Measurements, inner: int = 0) -> Model:
    """The model of some terms as they stand."""
    weight = measured.weight
    target = measured.outcome * weight
    values = np.array([term.coefficient * term_values(term, measured) for term in terms])
    squares = float(np.square(target - values.sum(axis=0) * weight).sum() / np.mean(np.square(target)))
    free = sum(term.simple is None for term in terms) + inner
    bits = structure_bits(tuple(terms)) + data_bits(squares, len(target), free)
    return Model(tuple(terms), bits, math.sqrt(max(squares, 0.0) / len(target)))


def fit_constants(terms: Sequence[Term], measured: Measurements) -> Model:
    """The terms with all constants at their least squares.

    The sum is linear in its coefficients, so these are solved for at each step, and only inner constants are searched
    for: variable projection, Golub and Pereyra, 1973. Several starts; the best one is taken.
    """
    inner = [constant.value for term in terms if term.expression for constant in constants_in(term.expression)]
    if not inner:
        return priced(_solved(terms, measured), measured)
    from scipy.optimize import least_squares  # a second, which most formulas do without

    target = measured.outcome * measured.weight

    def residuals(logs: Floats) -> Floats:
        values = _values(_moved(terms, inner, logs), measured)
        if not np.isfinite(values).all():
            return np.full(len(target), 1e6)
        solved = np.linalg.lstsq(values.T, target, rcond=1e-13)[0]
        rest: Floats = target - solved @ values
        return rest

    found: Model | None = None
    for start in _STARTS:
        fitted = least_squares(residuals, np.full(len(inner), math.log(start)), xtol=1e-14, ftol=1e-14, gtol=1e-14)
        if not np.isfinite(_values(_moved(terms, inner, fitted.x), measured)).all():
            continue
        model = priced(_solved(_moved(terms, inner, fitted.x), measured), measured, len(inner))
        if found is None or model.bits < found.bits:
            found = model
    return found if found is not None else Model(tuple(terms), math.inf, math.inf)


def _moved(terms: Sequence[Term], inner: Sequence[float], logs: Floats) -> list[Term]:
    """The terms with inner constants times so much, signs kept."""
    values = [value * math.exp(min(50.0, max(-50.0, log))) for value, log in zip(inner, logs, strict=True)]
    return [replace(t, expression=with_constants(t.expression, values)) if t.expression else t for t in terms]


def _values(terms: Sequence[Term], measured: Measurements) -> Floats:
    values: Floats = np.array([term_values(term, measured) for term in terms]) * measured.weight
    return values


def _solved(terms: Sequence[Term], measured: Measurements) -> list[Term]:
    """The terms with coefficients at their least squares; those that were made simple stay as they are."""
    values, target = _values(terms, measured), measured.outcome * measured.weight
    free = [i for i, term in enumerate(terms) if term.simple is None]
    for i, term in enumerate(terms):
        if term.simple is not None:
            target = target - float(term.simple) * values[i]
    if not free:
        return list(terms)
    columns = values[free]
    length = np.sqrt(np.square(columns).sum(axis=1))
    solved = np.linalg.lstsq((columns / length[:, None]).T, target, rcond=1e-13)[0] / length
    moved = dict(zip(free, solved, strict=True))
    return [replace(t, coefficient=float(moved[i])) if i in moved else t for i, t in enumerate(terms)]


def simplify_constants(model: Model, measured: Measurements) -> Model:
    """The model with coefficients that are nearly simple fractions made so, one after the other, where bits fall."""
    found = model
    inner = sum(len(constants_in(term.expression)) for term in model.terms if term.expression)
    for place, term in enumerate(model.terms):
        near = Fraction(term.coefficient).limit_denominator(_DENOMINATOR)
        if near == 0 or abs(near.numerator) > 1000:
            continue
        terms = list(found.terms)
        terms[place] = replace(terms[place], coefficient=float(near), simple=near)
        trial = priced(_solved(terms, measured), measured, inner)
        if trial.bits < found.bits:
            found = trial
    return found
