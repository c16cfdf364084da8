"""Bodies of lambdas as nodes of a graph that compiled code can evaluate on any arguments.

Every class of a lambda's scope is one node: what its cheapest derivation does, and the nodes of its arguments. Where a
body does what compiled code cannot do, its node says so, and the body is run by the interpreter's closures instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsl.type_system import Type
from synth.search.kernels.convention import Ints, Status
from synth.search.room import grown

__all__ = ["Nodes"]

_PARTS = 3


@dataclass(slots=True)
class Nodes:
    """The nodes of one lambda scope; `of` finds them by type and class number.

    `captured` holds, for each value taken from the outer scope, its cells on the outer rows.
    """

    outer_rows: int
    count: int = 0
    operation: NDArray[np.int32] = field(default_factory=lambda: np.zeros(64, dtype=np.int32))
    parts: NDArray[np.int32] = field(default_factory=lambda: np.full((64, _PARTS), -1, dtype=np.int32))
    constant: Ints = field(default_factory=lambda: np.zeros(64, dtype=np.int64))
    captured: Ints = field(init=False)
    captured_status: Status = field(init=False)
    _slots: dict[object, int] = field(default_factory=dict)
    _of: dict[Type, NDArray[np.int32]] = field(default_factory=dict)
    _known: dict[Type, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.captured = np.zeros((1, self.outer_rows), dtype=np.int64)  # number 0 is nobody's
        self.captured_status = np.zeros((1, self.outer_rows), dtype=np.uint8)

    def of(self, t: Type) -> NDArray[np.int32]:
        """The node of each class of a type, by class number."""
        return self._of.get(t, np.zeros(0, dtype=np.int32))[: self._known.get(t, 0)]

    def slot(self, what: object, cells: Ints, status: Status) -> int:
        """The number under which a value of the outer scope is captured, with its cells on all outer rows."""
        found = self._slots.get(what)
        if found is None:
            found = self._slots[what] = len(self.captured)
            self.captured = np.vstack([self.captured, cells.reshape(1, -1)])
            self.captured_status = np.vstack([self.captured_status, status.reshape(1, -1)])
        return found

    def slots(self) -> Iterator[tuple[object, int]]:
        """What is captured, and its numbers."""
        yield from self._slots.items()

    def widen(self, outer_rows: int) -> None:
        """Follow an outer scope that has more rows now; what was captured is undefined there until told."""
        more = outer_rows - self.captured.shape[1]
        if more > 0:
            self.outer_rows = outer_rows
            self.captured = np.pad(self.captured, ((0, 0), (0, more)))
            self.captured_status = np.pad(self.captured_status, ((0, 0), (0, more)))

    def recapture(self, slot: int, cells: Ints, status: Status) -> None:
        """Say anew what a captured value is on all outer rows."""
        self.captured[slot], self.captured_status[slot] = cells, status

    def add(self, t: Type, operation: int, constant: int, parts: NDArray[np.int32], classes: int) -> None:
        """Nodes for the next `classes` classes of a type: (classes, k) nodes of their arguments."""
        made = self.append(operation, constant, parts, classes)
        known = self._known.get(t, 0)
        mine = self._of.get(t)
        if mine is None or known + classes > len(mine):
            mine = np.zeros(0, np.int32) if mine is None else mine
            mine = self._of[t] = grown(mine, known + classes, known)
        mine[known : known + classes] = made
        self._known[t] = known + classes

    def append(self, operation: int, constant: int | Ints, parts: NDArray[np.int32], count: int) -> NDArray[np.int32]:
        """That many more nodes, of no class yet; their numbers."""
        first, self.count = self.count, self.count + count
        if self.count > len(self.operation):
            self.operation = grown(self.operation, self.count, first)
            self.constant = grown(self.constant, len(self.operation), first)
            self.parts = grown(self.parts, len(self.operation), first)
        part = slice(first, self.count)
        self.operation[part], self.constant[part] = operation, constant
        self.parts[part] = -1
        self.parts[part, : parts.shape[1]] = parts
        return np.arange(first, self.count, dtype=np.int32)

    def capture(self, cells: Ints, status: Status) -> Ints:
        """Numbers for more captured values: (n, outer rows) cells."""
        first = len(self.captured)
        self.captured, self.captured_status = (
            np.vstack([self.captured, cells]),
            np.vstack([self.captured_status, status]),
        )
        return np.arange(first, len(self.captured), dtype=np.int64)

    @contextmanager
    def draft(self) -> Iterator[None]:
        """Nodes and captured values that are made inside are forgotten at the end."""
        count, slots = self.count, dict(self._slots)
        captured, status = self.captured, self.captured_status
        try:
            yield
        finally:
            self.count, self._slots = count, slots
            self.captured, self.captured_status = captured, status

    @property
    def bytes_held(self) -> int:
        """Memory held, in bytes: what has been written of arrays that have room for more."""
        arrays = self.operation.nbytes + self.constant.nbytes + self.parts.nbytes
        return arrays * self.count // len(self.operation) + self.captured.nbytes + 4 * sum(self._known.values())
