"""Kernels for dense columns: a word applied to whole blocks of numbers by NumPy.

A kernel takes the cells of its arguments, all of one shape, and returns the cells of the result with a mask of where
it is defined (None for everywhere). It sees only cells whose arguments are defined, or zeros, whose results are
thrown away. Each is tested against the interpreter on drawn inputs, overflow included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.type_system import BOOL, INT, REAL, Type
from dsl.values import INT_MAX, INT_MIN
from synth.search.column import Cells

__all__ = ["KERNELS", "Kernel", "kernel_for"]

Mask: TypeAlias = "NDArray[np.bool_] | None"
Kernel: TypeAlias = Callable[..., tuple[Cells, Mask]]


def _add(x: Cells, y: Cells) -> tuple[Cells, Mask]:
    result = x + y
    return result, ((x ^ result) & (y ^ result)) >= 0


def _subtract(x: Cells, y: Cells) -> tuple[Cells, Mask]:
    result = x - y
    return result, ((x ^ y) & (x ^ result)) >= 0


def _multiply(x: Cells, y: Cells) -> tuple[Cells, Mask]:
    result = x * y
    size = np.abs(x.astype(np.float64)) * np.abs(y.astype(np.float64))
    safe = size < 2.0**62
    if safe.all():
        return result, None
    # Near the limit a float cannot decide: those few are done with Python's own integers.
    for place in zip(*np.nonzero(~safe), strict=True):
        safe[place] = INT_MIN <= int(x[place]) * int(y[place]) <= INT_MAX
    return result, safe


def _divide(x: Cells, y: Cells) -> tuple[Cells, Mask]:
    defined = (y != 0) & ~((x == INT_MIN) & (y == -1))
    return np.floor_divide(x, np.where(defined, y, 1)), defined


def _modulo(x: Cells, y: Cells) -> tuple[Cells, Mask]:
    defined = y != 0
    return np.remainder(x, np.where(defined & (y != -1), y, 1)), defined


def _negate(x: Cells) -> tuple[Cells, Mask]:
    return -x, x != INT_MIN


def _absolute(x: Cells) -> tuple[Cells, Mask]:
    return np.abs(x), x != INT_MIN


def _total(function: Callable[..., Cells]) -> Kernel:
    return lambda *cells: (function(*cells), None)


def _finite(function: Callable[..., Cells]) -> Kernel:
    def kernel(*cells: Cells) -> tuple[Cells, Mask]:
        with np.errstate(all="ignore"):
            result = function(*cells)
        return result, np.isfinite(result)

    return kernel


_COMPARE: dict[str, Callable[..., Cells]] = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}

_BY_WORD: dict[tuple[str, Type], Kernel] = {
    ("int.add", INT): _add,
    ("int.subtract", INT): _subtract,
    ("int.multiply", INT): _multiply,
    ("int.divide", INT): _divide,
    ("int.modulo", INT): _modulo,
    ("int.negate", INT): _negate,
    ("int.absolute", INT): _absolute,
    ("int.sign", INT): _total(np.sign),
    ("int.square", INT): lambda x: _multiply(x, x),
    ("int.is_even", INT): _total(lambda x: (x & 1) == 0),
    ("int.is_odd", INT): _total(lambda x: (x & 1) == 1),
    ("bool.not", BOOL): _total(np.logical_not),
    ("real.add", REAL): _finite(np.add),
    ("real.subtract", REAL): _finite(np.subtract),
    ("real.multiply", REAL): _finite(np.multiply),
    ("real.negate", REAL): _total(np.negative),
    ("real.absolute", REAL): _total(np.abs),
    **{(f"order.{name}", t): _total(f) for name, f in _COMPARE.items() for t in (INT, BOOL, REAL)},
    ("order.min", INT): _total(np.minimum),
    ("order.max", INT): _total(np.maximum),
}

KERNELS: Mapping[tuple[str, Type], Kernel] = MappingProxyType(_BY_WORD)
"""Kernels by word and the type of its first argument."""


def kernel_for(word: str, parameters: tuple[Type, ...]) -> Kernel | None:
    """The kernel of a word at these argument types, if it has one."""
    return KERNELS.get((word, parameters[0])) if parameters else None
