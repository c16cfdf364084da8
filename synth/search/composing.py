"""Definitions run by the kernels of the words that they are made of (see `composed.py`).

Where that gives a value, it is the definition's. Where it gives none, the definition itself must be asked: a list
between two words may have been longer than a kernel writes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from dsl.compiler import Compiler
from dsl.grammar import Production
from dsl.library import Definition
from dsl.program import Name
from synth.search.brief import brief
from synth.search.column import Block
from synth.search.composed import CHOOSING, Call, Constant, Function, Given, Node, Part, composition_of, words_in
from synth.search.functions import FunctionColumn, exact_function, undefined_function
from synth.search.kernels.convention import DEFINED, Ints, Status
from synth.search.kernels.machine import FRAME, Table
from synth.search.kernels.ready import Kernels
from synth.search.store import Store

__all__ = ["Composer"]

_ROWS = 4096
"""Argument tuples that are run at once, so that buffers stay small."""
_DEEPEST_BODY = 40
"""Levels of a lambda's body that compiled code runs."""

Apply: TypeAlias = "Callable[[Production, Sequence[Block | FunctionColumn], Ints], Block]"
"""Applies a word to one program's columns, on some rows."""


@dataclass(slots=True)
class Composer:
    """Runs definitions by kernels, where all that they need are ready. `largest` is the longest list that is kept."""

    compiler: Compiler
    store: Store
    largest: int
    kernels: Kernels
    apply: Apply
    _made: dict[Production, Call | None] = field(default_factory=dict)

    def run(self, production: Production, keys: Ints) -> tuple[Ints, Status] | None:
        """(n, k) cells of arguments -> the n cells that a definition gives and where there are any; None if not so."""
        call = self._composition(production)
        if call is None or not all(self._is_ready(word, len(keys)) for word in words_in(call)):
            return None
        cells, status = np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=np.uint8)
        for first in range(0, len(keys), _ROWS):
            part = slice(first, first + _ROWS)
            block = self._call(call, keys[part])
            cells[part], status[part] = block.cells[0], block.status[0]
        return cells, status

    def _composition(self, production: Production) -> Call | None:
        assert isinstance(production.head, Name), "leaves are not defined"
        if not isinstance(self.compiler.library[production.head.name], Definition):
            return None
        if production not in self._made:
            self._made[production] = composition_of(production, self.compiler.library, self.largest)
        return self._made[production]

    def _is_ready(self, word: Production, count: int) -> bool:
        return word.key in CHOOSING or self.kernels.find(word, count) is not None

    def _call(self, call: Call, keys: Ints) -> Block:
        operands = tuple(self._operand(argument, keys) for argument in call.arguments)
        return self.apply(call.production, operands, np.arange(len(keys), dtype=np.int64))

    def _operand(self, part: Part, keys: Ints) -> Block | FunctionColumn:
        if isinstance(part, Function):
            captured = tuple(self._column(taken, keys) for taken in part.captured)
            functions = _Closed(part, captured, self.compiler, self.store, self.largest)
            return FunctionColumn(functions, np.zeros(1, dtype=np.int32))
        return self._column(part, keys)

    def _column(self, part: Part, keys: Ints) -> Block:
        match part:
            case Given(position):
                cells = np.ascontiguousarray(keys[:, position]).reshape(1, -1)
                return Block(cells, np.full(cells.shape, DEFINED, dtype=np.uint8))
            case Constant(value, t):
                shape = (1, len(keys))
                return Block(np.full(shape, self.store.encode(value, t)), np.full(shape, DEFINED, dtype=np.uint8))
            case Call():
                return self._call(part, keys)
            case Function():
                raise AssertionError("a function has no column")
        assert_never(part)


@dataclass(slots=True)
class _Closed:
    """One function written out in a definition, on rows that are the definition's argument tuples."""

    function: Function
    captured: tuple[Block, ...]
    compiler: Compiler
    store: Store
    largest: int

    def table(self) -> Table:
        """The function as compiled words see it: it knows no results, and is run by its nodes on all arguments."""
        nodes, nothing = self.function.nodes, np.zeros(1, dtype=np.int64)
        rows = self.captured[0].cells.shape[1] if self.captured else 1
        unknown = Block(np.zeros((1, rows), dtype=np.int64), np.zeros((1, rows), dtype=np.uint8))
        taken = self.captured or (unknown,)
        return Table(
            cells=np.zeros((1, 1), dtype=np.int64),
            status=np.zeros((1, 1), dtype=np.uint8),
            slots=np.full(2, -1, dtype=np.int32),
            owner=nothing,
            arguments=np.zeros((1, len(self.function.type.parameters)), dtype=np.int64),
            node=np.array([self.function.root], dtype=np.int32),
            operation=np.array([node.operation for node in nodes], dtype=np.int32),
            parts=_parts(nodes),
            constant=np.array([self._constant(node) for node in nodes], dtype=np.int64),
            captured=np.concatenate([block.cells for block in taken]),
            captured_status=np.concatenate([block.status for block in taken]),
            stack=np.zeros(FRAME * _DEEPEST_BODY, dtype=np.int64),
        )

    def exact(self, number: int, row: int) -> Callable[..., object]:
        """The function on one row, run by the interpreter's closures."""
        if any(block.status[0, row] != DEFINED for block in self.captured):
            return undefined_function
        pairs = zip(self.captured, self.function.types, strict=True)
        values = tuple(self.store.decode(int(block.cells[0, row]), t) for block, t in pairs)
        body = brief(self.compiler, self.function.program)
        return exact_function(body, values, len(self.function.type.parameters), self.largest)

    def _constant(self, node: Node) -> int:
        what = node.what
        return self.store.encode(what.value, what.type) if isinstance(what, Constant) else what


def _parts(nodes: Sequence[Node]) -> NDArray[np.int32]:
    """(nodes, 3) the parts of each, then -1."""
    return np.array([(*node.parts, -1, -1, -1)[:3] for node in nodes], dtype=np.int32)
