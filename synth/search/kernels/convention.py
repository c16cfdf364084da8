"""How compiled kernels are called: the shapes in which columns are given to them and taken from them.

Every value is one *cell*, a 64-bit integer. An int is itself, a bool 0 or 1; a real is its bits, put in order, so that
cells compare as the numbers do. A list, tuple or option is the number of a sequence of cells in the search's `Store`
(an option has no cell or one). Equal values of one type have equal cells. A kernel is given flat arrays, one entry for
each (program, row); it allocates nothing for a value, and writes into buffers that its caller has made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from synth.search.kernels.compiled import compiled

__all__ = [
    "DEFINED",
    "INT_MAX",
    "INT_MIN",
    "NESTED_ROOM",
    "OUTSIDE",
    "UNDEFINED",
    "Ints",
    "Kernel",
    "Lists",
    "Status",
    "cell_of_real",
    "real_of_cell",
]

Ints: TypeAlias = NDArray[np.int64]
Status: TypeAlias = NDArray[np.uint8]

UNDEFINED, DEFINED, OUTSIDE = 0, 1, 2
"""What is known of a cell: it has no value; it has one; a function was asked about arguments that it does not know."""
INT_MIN, INT_MAX = -(2**63), 2**63 - 1
NESTED_ROOM = 8
"""A sequence of sequences may hold, all inner ones together, this many times as many cells as a plain one."""


class Lists(NamedTuple):
    """All sequences of a store: number i has the cells `items[starts[i]:starts[i + 1]]`."""

    items: Ints
    starts: Ints


@dataclass(frozen=True, slots=True)
class Kernel:
    """A compiled word, called in one of three ways.

    They differ by what the result is:

    * `cell`: `loop(*arguments, lists, status, out)`; `out[i]` is the result's cell.
    * `list`: `loop(*arguments, lists, status, most, out, ends)`; the results' cells stand one after the other in
      `out`, those of entry i end at `ends[i]` (an undefined entry has none).
    * `nested`: `loop(*arguments, lists, status, most, out, inner_ends, ends)`: sequences of sequences; the cells of
      the k-th inner one end at `inner_ends[k]`, and the inner ones of entry i end before number `ends[i]`.

    `arguments` are flat arrays of cells. `status` comes in as DEFINED where all arguments are, and a kernel looks at
    no other entry; it lowers it to UNDEFINED where the word has no value or a result is longer than `most`. `out` has
    room for `most` cells an entry (`nested`: `NESTED_ROOM * most` cells and `most` inner sequences an entry).

    A kernel of a word that takes a function (`takes_function`) is given the function's number in the first argument,
    and before `lists` the function's `Table` and the outer row of each entry.
    """

    loop: Callable[..., Any]
    result: Literal["cell", "list", "nested"]
    takes_function: bool = False


@compiled
def cell_of_real(x: float) -> int:
    """The cell of a real: its bits, those of negative numbers turned, so that cells are in the order of the numbers."""
    bits = np.float64(x + 0.0).view(np.int64)  # adding 0.0 makes one zero of the two
    return int(bits ^ ((bits >> 63) & INT_MAX))


@compiled
def real_of_cell(cell: int) -> float:
    """The real of a cell."""
    bits = np.int64(cell)
    turned = np.int64(bits ^ ((bits >> 63) & INT_MAX))
    return turned.view(np.float64)
