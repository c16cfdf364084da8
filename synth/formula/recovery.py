"""Whether a formula is a law: the same by algebra, up to constants that were fitted."""

from __future__ import annotations

from typing import Any

__all__ = ["is_recovered"]

_NOTHING = 1e-9
"""A term whose coefficient is this small a share of the largest one is rounding."""


def is_recovered(found: Any, truth: Any, *, tolerance: float) -> bool:
    """Whether `simplify(found - truth)` is 0 when each fitted coefficient is moved to the law's by at most `tolerance`.

    Both are sympy expressions over the same symbols. They are expanded to sums of coefficient times term; a term that
    the law does not have, or a coefficient too far off, is a difference.

    >>> import sympy
    >>> x = sympy.Symbol("x", positive=True)
    >>> is_recovered(2.001 * sympy.log(x), 2 * sympy.log(x), tolerance=0.01)
    True
    >>> is_recovered(2.001 * sympy.log(x), 2 * x, tolerance=0.01)
    False
    """
    import sympy

    right = _by_term(truth)
    mine = _by_term(found)
    largest = max((abs(c) for c in mine.values()), default=0.0)
    moved = sympy.Integer(0)
    for term, coefficient in mine.items():
        near = right.get(term)
        if near is not None and abs(float(coefficient) - float(near)) <= tolerance * abs(float(near)):
            moved += near * term
        elif abs(coefficient) > _NOTHING * largest:
            moved += coefficient * term
    difference = sympy.simplify(sum((c * t for t, c in right.items()), sympy.Integer(0)) - moved)
    return bool(difference == 0)


def _by_term(expression: Any) -> dict[Any, Any]:
    """The expression, expanded, as coefficients by term."""
    import sympy

    expanded = sympy.expand(sympy.expand_log(sympy.expand(expression), force=True))
    found: dict[Any, Any] = {}
    for part in sympy.Add.make_args(expanded):
        coefficient, term = part.as_coeff_Mul()
        found[term] = found.get(term, sympy.Integer(0)) + coefficient
    return found
