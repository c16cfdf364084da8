"""Functions applied to single arguments: what a sketch such as `?f(length(xs))` asks, of many functions at once."""

from __future__ import annotations

from synth.search.kernels.compiled import uncounted
from synth.search.kernels.convention import DEFINED, Ints, Kernel, Lists, Status
from synth.search.kernels.machine import Table, call1, call2

__all__ = ["APPLY"]


@uncounted
def _apply1(functions: Ints, xs: Ints, table: Table, rows: Ints, lists: Lists, status: Status, out: Ints) -> None:
    for i in range(len(status)):
        if status[i] == DEFINED:
            out[i], status[i] = call1(table, functions[i], rows[i], xs[i], lists)


@uncounted
def _apply2(
    functions: Ints, xs: Ints, ys: Ints, table: Table, rows: Ints, lists: Lists, status: Status, out: Ints
) -> None:
    for i in range(len(status)):
        if status[i] == DEFINED:
            out[i], status[i] = call2(table, functions[i], rows[i], xs[i], ys[i], lists)


APPLY = {1: Kernel(_apply1, "cell", takes_function=True), 2: Kernel(_apply2, "cell", takes_function=True)}
"""By the number of the function's arguments. Where compiled code does not know the result, the status is OUTSIDE."""
