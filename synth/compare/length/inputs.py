"""Inputs of tasks for which not every list is one: expressions, additions, stacks with actions.

They are drawn as Deletang et al. 2023 (arXiv 2207.02098) draw theirs, so that results can be laid side by side. Each
function is given a length and a random stream, and gives tokens as the tasks of the suite `length` read them.
"""

from __future__ import annotations

import numpy as np

__all__ = ["addition", "bracketed_expression", "expression", "stack_and_actions"]

_MODULUS = 5
_PLUS, _MINUS = 5, 6
_OPEN, _CLOSE = 7, 8

Items = tuple[int, ...]


def expression(length: int, rng: np.random.Generator) -> Items:
    """Digits with a sign (plus, minus or times) between any two; one symbol less where the length is even.

    >>> expression(6, np.random.default_rng(0))
    (4, 5, 3, 5, 2)
    """
    digits = rng.integers(_MODULUS, size=(length + 1) // 2)
    signs = rng.integers(_PLUS, _PLUS + 3, size=len(digits) - 1)
    items = np.empty(2 * len(digits) - 1, dtype=np.int64)
    items[::2], items[1::2] = digits, signs
    return tuple(items.tolist())


def bracketed_expression(length: int, rng: np.random.Generator) -> Items:
    """An expression of exactly that length; from five symbols on it is `(left sign right)` with parts drawn alike.

    >>> bracketed_expression(5, np.random.default_rng(1))
    (7, 2, 6, 2, 8)
    """
    if length < 5:  # a digit, with a minus before it, a bracket around it, or both
        inner = (*((_MINUS,) if length in (2, 4) else ()), int(rng.integers(_MODULUS)))
        return inner if length < 3 else (_OPEN, *inner, _CLOSE)
    left = int(rng.integers(1, length - 3))
    before = bracketed_expression(left, rng)
    after = bracketed_expression(length - left - 3, rng)
    return (_OPEN, *before, int(rng.choice((_PLUS, _MINUS))), *after, _CLOSE)


def addition(length: int, rng: np.random.Generator) -> Items:
    """Two numbers of at least 1 in binary, the ones first, with a 2 between; below three symbols one number alone.

    >>> addition(6, np.random.default_rng(0))
    (1, 1, 0, 0, 2, 1)
    """
    if length < 3:
        return _number(length, rng)
    first = int(rng.integers(1, length - 1))
    return (*_number(first, rng), 2, *_number(length - 1 - first, rng))


def _number(bits: int, rng: np.random.Generator) -> Items:
    """Bits that are not all zero, every such row as likely as any other."""
    while True:
        drawn = rng.integers(2, size=bits)
        if drawn.any():
            return tuple(drawn.tolist())


def stack_and_actions(length: int, rng: np.random.Generator) -> Items:
    """At least one 0 or 1, then, from two symbols on, at least one action.

    >>> stack_and_actions(6, np.random.default_rng(0))
    (1, 1, 0, 0, 0, 2)
    """
    stack = 1 if length == 1 else int(rng.integers(1, length))
    return (*rng.integers(2, size=stack).tolist(), *rng.integers(2, 5, size=length - stack).tolist())
