"""The search for a law: all small terms that units allow, all sums of a few, the one that tells the data shortest.

Langley et al., "BACON", 1981, looked for laws in tables with few rows; Brence et al., "Dimensionally-consistent
equation discovery", 2023, let units prune. Here constants may have any dimension, at a price.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from synth.formula.bank import build_bank
from synth.formula.columns import Measurements
from synth.formula.expression import UNARY, UnaryName
from synth.formula.fitting import fit_constants, simplify_constants
from synth.formula.model import EXACT, Fold, Model
from synth.formula.sums import Sum, best_sums
from synth.formula.terms import Terms, inner_terms, plain_terms

__all__ = ["FormulaAnswer", "SearchSettings", "find_formula"]


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How far a search goes: nodes of a term, entries of the bank, terms of a sum, how many terms make pairs.

    `unary` are the functions that it may use. `units` off takes all quantities for mere numbers. `inner` off leaves out
    constants inside functions.
    """

    size: int = 7
    entries: int = 60_000
    terms: int = 3
    pairs: int = 5_000
    thirds: int = 1_500
    unary: tuple[UnaryName, ...] = UNARY
    folds: tuple[Fold, ...] = ("sum", "first", "last")
    units: bool = True
    inner: bool = True
    finalists: int = 40


@dataclass(frozen=True, slots=True)
class FormulaAnswer:
    """The best model and the next best ones, how many expressions and sums were looked at, and CPU-seconds."""

    model: Model
    others: tuple[Model, ...]
    evaluations: int
    cpu_seconds: float


def find_formula(measured: Measurements, settings: SearchSettings | None = None) -> FormulaAnswer:
    """The law that tells some measurements in the fewest bits. ValueError for fewer than three of them."""
    how = settings or SearchSettings()
    if len(measured.outcome) < 3:
        raise ValueError(f"expected at least three measurements, found {len(measured.outcome)}")
    started = time.process_time()
    bank = build_bank(measured, size=how.size, most=how.entries, unary=how.unary, units=how.units)
    terms = plain_terms(bank, measured, how.folds, units=how.units)
    target = measured.outcome * measured.weight
    sums, looked = best_sums(terms, target, most=how.terms, pairs=how.pairs, thirds=how.thirds)
    models = _fitted(sums[: how.finalists], terms, measured)
    if how.inner and measured.starts is None and (not models or models[0].residual > EXACT):
        inside = inner_terms(bank, measured, units=how.units, unary=how.unary)
        if len(inside):
            more, looked_too = _sums_with_inner(inside, terms, target)
            looked += looked_too
            models += _fitted(more[: how.finalists // 2], _joined(inside, terms), measured)
    ordered = sorted(models, key=lambda model: model.bits)
    best = simplify_constants(ordered[0], measured)
    return FormulaAnswer(best, tuple(ordered[1:10]), bank.computed + looked, time.process_time() - started)


def _fitted(sums: Sequence[Sum], terms: Terms, measured: Measurements) -> list[Model]:
    """Models of sums, all constants fitted, best first."""
    chosen = [
        [replace(terms.items[i], coefficient=c) for i, c in zip(s.chosen, s.coefficients, strict=True)] for s in sums
    ]
    models = [fit_constants(one, measured) for one in chosen]
    return sorted(models, key=lambda model: model.bits)


_BESIDE = 60
"""How many plain terms stand beside one that has a constant inside."""


def _joined(inside: Terms, plain: Terms) -> Terms:
    """Terms with constants inside, and after them the cheapest plain ones."""
    few = plain.cheapest(_BESIDE)
    known = {t.dimension: int(g) for t, g in zip(few.items, few.groups, strict=True)}
    groups = [known.setdefault(t.dimension, len(known) + 1_000) for t in inside.items]
    return Terms(
        (*inside.items, *few.items),
        np.concatenate([inside.values, few.values]),
        np.concatenate([inside.structure, few.structure]),
        np.concatenate([inside.dimension, few.dimension]),
        np.concatenate([np.array(groups, dtype=np.int64), few.groups]),
    )


def _sums_with_inner(inside: Terms, plain: Terms, target: np.ndarray) -> tuple[list[Sum], int]:
    """The best sums of one term with a constant inside, and at most one plain one; a shape stands there once."""
    ones, looked = best_sums(inside, target, most=1, pairs=0, thirds=0)
    best = _different(ones, inside)[:40]
    found = list(best)
    for one in best:
        few = _joined(
            Terms(
                (inside.items[one.chosen[0]],),
                inside.values[[one.chosen[0]]],
                inside.structure[[one.chosen[0]]],
                inside.dimension[[one.chosen[0]]],
                inside.groups[[one.chosen[0]]],
            ),
            plain,
        )
        twos, more = best_sums(few, target, most=2, pairs=len(few), thirds=0)
        looked += more
        # numbers in `few` to numbers in `joined`: the first is the one with the constant, the others are plain
        found += [
            replace(s, chosen=tuple(one.chosen[0] if i == 0 else len(inside) + i - 1 for i in s.chosen))
            for s in twos[:40]
            if 0 in s.chosen and len(s.chosen) == 2
        ]
    return sorted(found, key=lambda s: s.bits), looked


def _different(sums: Sequence[Sum], terms: Terms) -> list[Sum]:
    """One sum for each shape, whatever its inner constant."""
    seen: set[str] = set()
    found = []
    for one in sums:
        shape = str([_shape(terms.items[i].expression) for i in one.chosen])
        if shape not in seen:
            seen.add(shape)
            found.append(one)
    return found


def _shape(expression: object) -> str:
    return re.sub(r"Constant\(value=[-+.e\d]+", "Constant(", str(expression))
