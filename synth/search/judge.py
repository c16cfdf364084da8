"""Judging columns of the goal type: which programs are right on which examples, and which came near."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsl.program import Program
from dsl.type_system import REAL, Type, TypeConstructor
from dsl.values import agree
from synth.search.column import Block, Column, Fresh, block_of, interned
from synth.search.kernels.columns import agrees, same_cells
from synth.search.kernels.convention import DEFINED, INT_MAX, Ints
from synth.search.store import Store
from synth.solver import NearMiss
from tasks.task import Spec

__all__ = ["Judge", "longest"]

_MISSES_KEPT, _KEPT_OF_A_SET = 400, 3
"""Near misses that are kept, in all and for one set of examples right."""


@dataclass(slots=True)
class Judge:
    """Compares columns with the wanted outputs, and remembers the cheapest program for each set of examples right."""

    spec: Spec
    store: Store
    near: dict[tuple[int, ...], NearMiss] = field(default_factory=dict)
    kept: list[NearMiss] = field(default_factory=list)
    """Near misses in order of finding: of each set of examples right the first few."""
    wanted: Block = field(init=False)
    order: list[int] = field(init=False)
    """The examples, those that most programs fail first."""
    _sequences: list[Ints] = field(default_factory=list)
    _counts: Counter[tuple[int, ...]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        examples, t = self.spec.examples, self.spec.type_request.result
        self.wanted = block_of([e.output for e in examples], t, self.store)
        sizes = [longest(e.output) + longest(e.arguments) for e in examples]
        self.order = sorted(range(len(sizes)), key=lambda row: -sizes[row])
        lists = self.store.lists
        if isinstance(t, TypeConstructor) and t.name in ("list", "tuple", "option"):
            bounds = [(lists.starts[c], lists.starts[c + 1]) for c in self.wanted.cells[0]]
            self._sequences = [lists.items[a:b].copy() for a, b in bounds]

    def right_on(self, column: Column, example: int) -> NDArray[np.bool_]:
        """(n,) whether programs, given as a column of one row, are right on an example."""
        t = self.spec.type_request.result
        if isinstance(column, Fresh) and not _mentions_real(t):
            right: NDArray[np.bool_] = agrees(
                column.out, column.ends, column.status.reshape(-1), self._sequences[example]
            )
            return right
        return self._agree(interned(column, self.store), self.wanted.cells[:, example : example + 1])[:, 0]

    def right(self, column: Column) -> NDArray[np.bool_]:
        """(n, examples) whether programs, given with all rows, are right on each example."""
        block = interned(column, self.store)
        examples = slice(0, len(self.spec.examples))
        return self._agree(Block(block.cells[:, examples], block.status[:, examples]), self.wanted.cells)

    def _agree(self, block: Block, wanted: Ints) -> NDArray[np.bool_]:
        t = self.spec.type_request.result
        if t == REAL:
            close: NDArray[np.bool_] = np.isclose(_reals(block.cells), _reals(wanted), rtol=1e-6, atol=1e-9)
            close &= block.status == DEFINED
            return close
        same = np.empty(block.cells.shape, dtype=np.bool_)
        same_cells(block.cells, block.status, wanted[0], same)
        if _mentions_real(t):
            defined = block.status == DEFINED
            for i, j in zip(*np.nonzero(~same & defined), strict=True):
                found = self.store.decode(int(block.cells[i, j]), t)
                same[i, j] = agree(found, self.store.decode(int(wanted[0, j]), t))
        return same

    def note(self, right: NDArray[np.bool_], bits: float, program: Callable[[int], Program]) -> None:
        """Remember, of programs (by position) that are right on some examples, those that no cheaper one matches."""
        for position in np.unique(np.flatnonzero(right) // max(1, right.shape[1])):
            which = tuple(np.nonzero(right[position])[0].tolist())
            if self._counts[which] < _KEPT_OF_A_SET and len(self.kept) < _MISSES_KEPT:
                self.keep(NearMiss(program(int(position)), which, bits))

    def keep(self, miss: NearMiss) -> None:
        """Remember a near miss."""
        self._counts[miss.right] += 1
        self.kept.append(miss)
        self.near.setdefault(miss.right, miss)

    def nearest(self) -> tuple[NearMiss, ...]:
        """The programs right on most examples, best first."""
        return tuple(sorted(self.near.values(), key=lambda m: (-len(m.right), m.bits)))


def _reals(cells: Ints) -> NDArray[np.float64]:
    return (cells ^ ((cells >> 63) & INT_MAX)).view(np.float64)


def longest(value: object) -> int:
    """The length of the longest list or text in a value."""
    if isinstance(value, str):
        return len(value)
    return max(len(value), *map(longest, value), 0) if isinstance(value, tuple) else 0


def _mentions_real(t: Type) -> bool:
    return t == REAL or (isinstance(t, TypeConstructor) and any(map(_mentions_real, t.arguments)))
