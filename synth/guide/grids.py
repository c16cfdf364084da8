"""Grids of colours as cells that a network can read: each with its row and column from both ends; large ones in blocks.

A grid is a tuple of rows of colours, a colour an int from 0 to 9, as in the Abstraction and Reasoning Corpus (Chollet,
"On the measure of intelligence", 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.guide.guide import CannotGuide

__all__ = ["COLORS", "Cell", "cells_of", "colors_of", "is_color"]

COLORS = 10


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a grid, or a block of cells; `mixed` says whether a block has other colours than this one, too."""

    row: int
    row_from_end: int
    column: int
    column_from_end: int
    color: int
    mixed: bool


def is_color(value: object) -> bool:
    """Whether a value is a colour."""
    return type(value) is int and 0 <= value < COLORS


def colors_of(grid: object) -> NDArray[np.int64]:
    """(R, C) the colours of a grid. Raises CannotGuide for what is none."""
    if not isinstance(grid, tuple) or not all(isinstance(row, tuple) and all(map(is_color, row)) for row in grid):
        raise CannotGuide("no encoder for a grid that is not rows of colours from 0 to 9")
    if len({len(row) for row in grid}) > 1:
        raise CannotGuide("no encoder for a grid whose rows differ in length")
    return np.array(grid, dtype=np.int64).reshape(len(grid), len(grid[0]) if grid else 0)


def cells_of(colors: NDArray[np.int64], most: int) -> Sequence[Cell]:
    """The cells of a grid (R, C) row by row; where a side has more than `most`, that many blocks, as equal as can be.

    A block has the colour that most of its cells have, but for the one that most of the grid has, the background: what
    is drawn on it is thin, and would be lost.
    """
    if not colors.size:
        return ()
    rows, columns = (min(side, most) for side in colors.shape)
    each = colors[:, :, None] == np.arange(COLORS)  # (R, C, COLORS)
    counts = np.add.reduceat(each.astype(np.int64), _starts(colors.shape[0], rows), axis=0)
    counts = np.add.reduceat(counts, _starts(colors.shape[1], columns), axis=1)  # (rows, columns, COLORS)
    mixed = (counts > 0).sum(axis=-1) > 1
    background = int(counts.sum(axis=(0, 1)).argmax())
    drawn = counts.copy()
    drawn[:, :, background] = 0
    chosen = np.where(drawn.any(axis=-1), drawn.argmax(axis=-1), background)
    return [
        Cell(row, rows - 1 - row, column, columns - 1 - column, int(chosen[row, column]), bool(mixed[row, column]))
        for row in range(rows)
        for column in range(columns)
    ]


def _starts(count: int, blocks: int) -> NDArray[np.int64]:
    """Where each of some blocks begins."""
    return np.arange(blocks, dtype=np.int64) * count // blocks
