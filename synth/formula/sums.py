"""Which few terms add up to the measurements: all ones, all twos, and the best twos with a third, by bits.

The sums of squares of all pairs come from one table of products, as in best-subset regression (Furnival and Wilson,
"Regressions by leaps and bounds", 1974); the best are then solved anew, as that table loses half of the digits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.formula.columns import Floats
from synth.formula.model import constant_bits, data_bits
from synth.formula.terms import Terms

__all__ = ["Sum", "best_sums"]

_COLLINEAR = 1e-9
_ROUNDING = 1e-13
_KEPT = 400
_FOR_THIRDS = 60


@dataclass(frozen=True, slots=True)
class Sum:
    """Some terms by number, their coefficients, the sum of squared weighted residuals, and bits in all."""

    chosen: tuple[int, ...]
    coefficients: tuple[float, ...]
    squares: float
    bits: float


def best_sums(terms: Terms, target: Floats, *, most: int, pairs: int, thirds: int) -> tuple[list[Sum], int]:
    """The best sums of at most `most` terms, best first, and how many were looked at.

    `target` is the weighted outcome. Pairs are made of the cheapest `pairs` terms, thirds are the cheapest `thirds`.
    """
    scale = float(np.mean(np.square(target)))
    looked = len(terms)
    found = [_solve(terms, (i,), target, scale) for i in _best_ones(terms, target)]
    if most >= 2:
        few = terms.cheapest(pairs)
        looked += len(few) * (len(few) - 1) // 2
        twos = [_solve(terms, pair, target, scale) for pair in _best_twos(few, target)]
        found += twos
        if most >= 3:
            best = sorted(twos, key=lambda s: s.bits)[:_FOR_THIRDS]
            looked += len(best) * min(thirds, len(terms))
            found += [s for two in best for s in _thirds(terms, two, target, scale, thirds)]
    return sorted((s for s in found if np.isfinite(s.bits)), key=lambda s: s.bits), looked


def _unit(values: Floats) -> Floats:
    values = values / np.abs(values).max(axis=-1, keepdims=True)
    unit: Floats = values / np.sqrt(np.square(values).sum(axis=-1, keepdims=True))
    return unit


def _bits(squares: np.ndarray, count: int, constants: int) -> np.ndarray:
    """`data_bits` of many, from shares of the outcome's squares that are left."""
    free = count - constants
    if free < 2:
        return np.full_like(squares, np.inf)
    found: np.ndarray = 0.5 * count * np.log2(np.maximum(squares * count / free, _ROUNDING)) + constant_bits(
        count, constants
    )
    return found


def _best_ones(terms: Terms, target: Floats) -> list[int]:
    along = _unit(terms.values) @ _unit(target)
    bits = _bits(1 - along**2, len(target), 1) + terms.structure + terms.dimension
    return [int(i) for i in np.argsort(bits)[:_KEPT]]


def _best_twos(terms: Terms, target: Floats) -> list[tuple[int, int]]:
    """The pairs with the fewest bits, computed a strip of the table at a time."""
    unit = _unit(terms.values)
    along = unit @ _unit(target)
    numbers = np.arange(len(terms))
    best_bits, best_pairs = np.empty(0), np.empty((0, 2), dtype=np.int64)
    strip = max(1, 4_000_000 // max(1, len(terms)))
    for low in range(0, len(terms), strip):
        rows = numbers[low : low + strip]
        rho = unit[rows] @ unit.T
        apart = 1 - rho**2
        with np.errstate(all="ignore"):
            explained = (along[rows, None] ** 2 + along**2 - 2 * along[rows, None] * along * rho) / apart
        left = np.clip(1 - explained, 0.0, 1.0)
        same = terms.groups[rows, None] == terms.groups
        bits = _bits(left, len(target), 2) + terms.structure[rows, None] + terms.structure
        bits += terms.dimension[rows, None] + np.where(same, 0.0, terms.dimension)
        bits[(apart < _COLLINEAR) | (numbers <= rows[:, None])] = np.inf
        flat = np.argpartition(bits, min(_KEPT, bits.size - 1), axis=None)[:_KEPT]
        i, j = np.unravel_index(flat, bits.shape)
        best_bits = np.concatenate([best_bits, bits[i, j]])
        best_pairs = np.concatenate([best_pairs, np.stack([rows[i], j], axis=1)])
        keep = np.argsort(best_bits)[:_KEPT]
        best_bits, best_pairs = best_bits[keep], best_pairs[keep]
    return [(int(i), int(j)) for (i, j), bits in zip(best_pairs, best_bits, strict=True) if np.isfinite(bits)]


def _thirds(terms: Terms, two: Sum, target: Floats, scale: float, count: int) -> list[Sum]:
    """A pair with each of the best terms that explain what it leaves."""
    basis = np.linalg.qr(terms.values[list(two.chosen)].T)[0]
    unit = _unit(terms.values[:count])
    rest = unit - (unit @ basis) @ basis.T
    length = np.square(rest).sum(axis=1)
    left = _unit(target)
    left = left - basis @ (basis.T @ left)
    with np.errstate(all="ignore"):
        squares = np.clip(left @ left - (rest @ left) ** 2 / length, 0.0, 1.0)
    bits = _bits(squares, len(target), 3) + terms.structure[:count] + terms.dimension[:count]
    bits[(length < _COLLINEAR) | np.isin(np.arange(len(bits)), two.chosen)] = np.inf
    return [_solve(terms, (*two.chosen, int(i)), target, scale) for i in np.argsort(bits)[:5] if np.isfinite(bits[i])]


def _solve(terms: Terms, chosen: tuple[int, ...], target: Floats, scale: float) -> Sum:
    """The coefficients of some terms, by least squares on columns of one length."""
    columns = terms.values[list(chosen)]
    length = np.sqrt(np.square(columns).sum(axis=1))
    solved = np.linalg.lstsq((columns / length[:, None]).T, target, rcond=1e-13)[0] / length
    squares = float(np.square(target - solved @ columns).sum()) / scale
    groups = terms.groups[list(chosen)]
    dimension = sum({int(g): float(b) for g, b in zip(groups, terms.dimension[list(chosen)], strict=True)}.values())
    structure = float(terms.structure[list(chosen)].sum()) + dimension + len(chosen)
    bits = structure + data_bits(squares, len(target), len(chosen))
    return Sum(chosen, tuple(map(float, solved)), squares, bits)
