"""Compiled loops that move whole columns between banks and blocks: NumPy's own ways to do it take several passes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.search.kernels.compiled import compiled
from synth.search.kernels.convention import DEFINED, Ints, Status

__all__ = ["gather", "put", "some_defined", "weigh"]


@compiled
def gather(cells: Ints, status: Status, numbers: NDArray[np.int32], first: int, out: Ints, known: Status) -> None:
    """Copy the columns of some classes, `out.shape[1]` rows from `first` on."""
    rows = out.shape[1]
    for i in range(len(numbers)):
        number = numbers[i]
        for row in range(rows):
            out[i, row] = cells[number, first + row]
            known[i, row] = status[number, first + row]


@compiled
def put(source: Ints, known: Status, which: Ints, at: int, cells: Ints, status: Status) -> None:
    """Copy some programs of a block behind the first `at` classes of a bank."""
    rows = source.shape[1]
    for i in range(len(which)):
        for row in range(rows):
            cells[at + i, row] = source[which[i], row]
            status[at + i, row] = known[which[i], row]


@compiled
def some_defined(status: Status, alive: NDArray[np.bool_]) -> None:
    """Which programs have a value on some row."""
    n, rows = status.shape
    for i in range(n):
        alive[i] = False
        for row in range(rows):
            if status[i, row] == DEFINED:
                alive[i] = True
                break


@compiled
def weigh(mass: NDArray[np.float64], source: NDArray[np.float64], numbers: NDArray[np.int32], position: int) -> None:
    """Multiply the mass of programs by those of the classes that are their arguments at a position."""
    for i in range(len(mass)):
        mass[i] *= source[numbers[i, position]]
