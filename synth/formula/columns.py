"""Measurements as columns of numbers with dimensions, where one measurement may be a list of parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.formula.dimension import Dimension

__all__ = ["Floats", "Measurements"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measurements:
    """What was measured: inputs by name, each with its dimension, and the outcome with its own.

    A measurement is a row of the columns. Where it is a list of parts (the stages of a rocket), each part is a row, and
    `starts` says at which row each measurement starts; `outcome` then has one value a measurement, not one a row.
    `weights` multiply the residuals: 1 / |outcome| where errors grow with what is measured, which is the default.
    """

    columns: Mapping[str, Floats]
    dimensions: Mapping[str, Dimension]
    outcome: Floats
    outcome_dimension: Dimension
    starts: NDArray[np.int64] | None = None
    weights: Floats | None = None

    def __post_init__(self) -> None:
        rows = {len(column) for column in self.columns.values()}
        if len(rows) != 1 or set(self.columns) != set(self.dimensions):
            raise ValueError("expected columns of one length, and a dimension for each of them")
        if len(self.outcome) != (rows.pop() if self.starts is None else len(self.starts)):
            raise ValueError("expected one outcome for each measurement")
        if not np.isfinite(self.outcome).all() or not all(np.isfinite(c).all() for c in self.columns.values()):
            raise ValueError("expected measurements that are finite numbers")

    @property
    def weight(self) -> Floats:
        """How much each residual counts."""
        if self.weights is not None:
            return self.weights
        size: Floats = np.abs(self.outcome)
        return 1.0 / np.maximum(size, 1e-9 * max(float(size.max()), 1e-300))

    def total(self, values: Floats, fold: str = "sum") -> Floats:
        """From values of rows, (..., rows), to values of measurements: their sum, or that of the first or last part."""
        if self.starts is None:
            return values
        if fold == "sum":
            summed: Floats = np.add.reduceat(values, self.starts, axis=-1)
            return summed
        ends = np.append(self.starts[1:], values.shape[-1]) - 1
        return values[..., self.starts if fold == "first" else ends]
