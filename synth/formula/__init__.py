"""Laws from a few measurements: formulas over columns of reals, with units, found by enumeration and least squares."""

from __future__ import annotations

from synth.formula.columns import Measurements
from synth.formula.dimension import Dimension, parse_dimension
from synth.formula.search import FormulaAnswer, SearchSettings, find_formula

__all__ = ["Dimension", "FormulaAnswer", "Measurements", "SearchSettings", "find_formula", "parse_dimension"]
