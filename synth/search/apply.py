"""One production applied to many argument tuples at once.

Three paths, same meaning: a compiled kernel; selection, for `if`, `and`, `or`, which leave the other branch unrun; and
the boxed path, which calls the word's Python function once for each distinct tuple of arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.compiler import Compiler
from dsl.grammar import Production
from dsl.library import Definition, Library
from dsl.primitive import Primitive
from dsl.primitives import CORE
from dsl.program import Name
from dsl.type_system import Type
from dsl.values import INT_MAX, INT_MIN, Cause, Failure, Some, TooLarge, Undefined, fault_of
from synth.search.calls import Calls
from synth.search.column import Block, Column, Fresh, block_of, interned
from synth.search.functions import Callables
from synth.search.kernels.calls import distinct_rows
from synth.search.kernels.convention import DEFINED, NESTED_ROOM, OUTSIDE, UNDEFINED, Ints, Kernel, Status
from synth.search.kernels.ready import Kernels
from synth.search.store import Store

__all__ = ["Applier", "FunctionColumn", "Operand"]

_MEMO_LIMIT = 1_000_000
_NOTHING = -(2**63) - 1
"""The memo's mark for arguments without a result; no cell is that small."""


@dataclass(frozen=True, slots=True)
class FunctionColumn:
    """An argument position filled by functions: one number for each program."""

    functions: Callables
    numbers: NDArray[np.int32]


Operand: TypeAlias = Block | FunctionColumn
Caller: TypeAlias = Callable[..., object]
_Call: TypeAlias = Callable[[tuple[Any, ...]], int]
"""Runs a word on arguments; the cell of what it gives, or `_NOTHING`."""


@dataclass(slots=True)
class Applier:
    """Applies productions. `calls` counts results that broke a word's own declaration.

    `largest` is the longest list (or text) that a search keeps; longer ones count as undefined here. `check` is asked
    now and then, inside slow Python calls, whether to stop; it raises to stop.
    """

    library: Library
    store: Store
    largest: int
    check: Callable[[], None]
    kernels: Kernels
    calls: Calls
    compiler: Compiler = field(init=False)
    _memos: dict[Production, dict[Any, int]] = field(default_factory=dict)
    _callers: dict[str, Caller] = field(default_factory=dict)
    _runners: dict[Production, _Call] = field(default_factory=dict)
    _scratch: dict[str, Ints] = field(default_factory=dict)
    _held: int = 0

    def __post_init__(self) -> None:
        self.compiler = Compiler(self.library)

    def apply(self, production: Production, operands: Sequence[Operand], rows: Ints) -> Column:
        """A word applied to n argument tuples, given as one operand for each parameter, on some rows of a scope.

        The column's fresh sequences are only good until the next call.
        """
        assert isinstance(production.head, Name), "leaves have columns of their own"
        word = production.head.name
        blocks = [operand for operand in operands if isinstance(operand, Block)]
        if word == "control.if":
            return _choose(*blocks)
        if word in ("bool.and", "bool.or"):
            return _connect(word == "bool.and", *blocks)
        kernel = self.kernels.find(production, len(operands[0].numbers if not blocks else blocks[0].cells) * len(rows))
        if kernel is None or CORE.entries.get(word) is not self.library[word]:
            return self._boxed(production, operands, rows)
        column = self._run(kernel, operands, blocks, rows)
        if kernel.takes_function and (outside := column.status == OUTSIDE).any():
            return self._outside(production, operands, rows, interned(column, self.store), outside)
        return column

    def constant(self, word: str, t: Type, rows: int) -> Block:
        """The column of a word without parameters."""
        entry = self.library[word]
        value = entry.function() if isinstance(entry, Primitive) else self.compiler.compile(entry.program)(())
        undefined = range(rows) if isinstance(value, Failure) else ()
        return block_of([value] * rows, t, self.store, undefined)

    # ---- compiled ------------------------------------------------------------------------------------------------

    def _run(self, kernel: Kernel, operands: Sequence[Operand], blocks: Sequence[Block], rows: Ints) -> Column:
        shape = _shape(operands, rows)
        status = _all_defined(blocks, shape)
        flat = status.reshape(-1)
        arguments: list[Any] = [_flat(operand, len(rows)) for operand in operands]
        if kernel.takes_function:
            (functions,) = (o.functions for o in operands if isinstance(o, FunctionColumn))
            arguments += [functions.table(), np.tile(rows, shape[0])]
        lists = self.store.lists
        count = len(flat)
        if kernel.result == "cell":
            out = np.zeros(count, dtype=np.int64)
            self.kernels.call(kernel, (*arguments, lists, flat, out))
            return Block(out.reshape(shape), status)
        ends = np.zeros(count, dtype=np.int64)
        if kernel.result == "list":
            out = self._buffer("out", count * self.largest)
            self.kernels.call(kernel, (*arguments, lists, flat, self.largest, out, ends))
            return Fresh(out, ends, status)
        out = self._buffer("out", count * self.largest * NESTED_ROOM)
        inner_ends = self._buffer("inner", count * self.largest)
        self.kernels.call(kernel, (*arguments, lists, flat, self.largest, out, inner_ends, ends))
        inner = inner_ends[: int(ends[-1]) if count else 0]
        numbers = self.store.intern(out, inner, np.full(len(inner), DEFINED, dtype=np.uint8))
        return Fresh(numbers, ends, status)

    def _buffer(self, name: str, size: int) -> Ints:
        """A buffer that calls share, so that memory is touched once."""
        found = self._scratch.get(name)
        if found is None or len(found) < size:
            found = self._scratch[name] = np.empty(size, dtype=np.int64)
        return found

    def _outside(
        self,
        production: Production,
        operands: Sequence[Operand],
        rows: Ints,
        block: Block,
        outside: NDArray[np.bool_],
    ) -> Block:
        """The block with the entries filled in for which compiled code did not know what a function gives."""
        where = np.nonzero(outside)
        block.status[where] = UNDEFINED
        self._call_each(production, operands, rows, where, block)
        return block

    # ---- the boxed path ------------------------------------------------------------------------------------------

    def _boxed(self, production: Production, operands: Sequence[Operand], rows: Ints) -> Block:
        """One call for each distinct tuple of arguments, and the results spread out again."""
        shape = _shape(operands, rows)
        defined = _all_defined([o for o in operands if isinstance(o, Block)], shape)
        block = Block(np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.uint8))
        if any(isinstance(o, FunctionColumn) for o in operands):
            self._call_each(production, operands, rows, np.nonzero(defined), block)
            return block
        keys = np.stack([o.cells.reshape(-1) for o in operands if isinstance(o, Block)], axis=1)
        places, firsts = np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=np.int64)
        count = distinct_rows(keys, defined.reshape(-1), places, firsts)
        outcomes = self._outcomes(production, keys[firsts[:count]])
        known = np.array([o != _NOTHING for o in outcomes], dtype=np.uint8)
        cells = np.array([0 if o == _NOTHING else o for o in outcomes], dtype=np.int64)
        if count:
            flat = defined.reshape(-1) == DEFINED
            block.cells.reshape(-1)[flat] = cells[places[flat]]
            block.status.reshape(-1)[flat] = known[places[flat]]
        return block

    def _outcomes(self, production: Production, keys: Ints) -> list[int]:
        """The result for each tuple of cells: a cell, or `_NOTHING`."""
        memo = self._memos.setdefault(production, {})
        wanted: list[Any] = keys[:, 0].tolist() if keys.shape[1] == 1 else list(map(tuple, keys.tolist()))
        outcomes = list(map(memo.get, wanted))
        absent = [i for i, outcome in enumerate(outcomes) if outcome is None]
        if absent:
            types = production.parameters
            columns = [self.store.decode_all(keys[absent, i].tolist(), t) for i, t in enumerate(types)]
            run = self._runner(production)
            for i, arguments in zip(absent, zip(*columns, strict=True), strict=True):
                outcomes[i] = memo[wanted[i]] = run(arguments)
            self._held += len(absent)
            if self._held > _MEMO_LIMIT:
                self._memos.clear()
                self._held = 0
        return outcomes  # type: ignore[return-value]

    def _call_each(
        self,
        production: Production,
        operands: Sequence[Operand],
        rows: Ints,
        where: tuple[NDArray[np.intp], ...],
        block: Block,
    ) -> None:
        """Run the word at these entries, with functions as Python callables, and put the results in."""
        programs, columns = where
        arguments: list[Sequence[Any]] = []
        for operand, t in zip(operands, production.parameters, strict=True):
            if isinstance(operand, FunctionColumn):
                exact = operand.functions.exact
                arguments.append(list(map(exact, operand.numbers[programs].tolist(), rows[columns].tolist())))
            else:
                arguments.append(self.store.decode_all(operand.cells[where].tolist(), t))
        run = self._runner(production)
        for i, j, values in zip(programs.tolist(), columns.tolist(), zip(*arguments, strict=True), strict=True):
            cell = run(values)
            if cell != _NOTHING:
                block.cells[i, j], block.status[i, j] = cell, DEFINED

    def _runner(self, production: Production) -> _Call:
        found = self._runners.get(production)
        if found is None:
            found = self._runners[production] = self._make_runner(production)
        return found

    def _make_runner(self, production: Production) -> _Call:
        """Calls a word once, and judges what it gives."""
        assert isinstance(production.head, Name), "leaves are not called"
        word, call, result = production.head.name, self._caller(production.head.name), production.result
        entry = self.library[word]
        declared = entry.raises if isinstance(entry, Primitive) else ()
        undefined: tuple[type[Exception], ...] = (Undefined, TooLarge, OverflowError, RecursionError, *declared)
        trusted = CORE.entries.get(word) is entry or isinstance(entry, Definition)
        encode, largest, calls, check = self.store.encode, self.largest, self.calls, self.check

        def run_trusted(arguments: tuple[Any, ...]) -> int:
            if calls.tick():
                check()
            try:
                value = call(*arguments)
            except undefined:
                return _NOTHING
            return encode(value, result) if _kept(value, largest) else _NOTHING

        def run_watched(arguments: tuple[Any, ...]) -> int:
            check()
            try:
                value = call(*arguments)
            except undefined:
                return _NOTHING
            except Exception:  # the boundary with user code: the candidate dies, the word is counted and named
                calls.faults[word] += 1
                return _NOTHING
            fault = fault_of(value, result)
            if fault is None:
                return encode(value, result) if _kept(value, largest) else _NOTHING
            if fault.cause is Cause.FAULT:
                calls.faults[word] += 1
            return _NOTHING

        return run_trusted if trusted else run_watched

    def _caller(self, word: str) -> Caller:
        found = self._callers.get(word)
        if found is None:
            entry = self.library[word]
            found = self._definition(entry) if isinstance(entry, Definition) else entry.function
            self._callers[word] = found
        return found

    def _definition(self, entry: Definition) -> Caller:
        run = self.compiler.compile(entry.program)

        def call(*arguments: object) -> object:
            outcome = run(arguments)
            if isinstance(outcome, Failure):
                raise Undefined
            return outcome

        return call

    @property
    def bytes_held(self) -> int:
        """Memory held by memos and buffers, in bytes, estimated."""
        return self._held * 150 + sum(buffer.nbytes for buffer in self._scratch.values())


def _shape(operands: Sequence[Operand], rows: Ints) -> tuple[int, int]:
    first = operands[0]
    return len(first.numbers if isinstance(first, FunctionColumn) else first.cells), len(rows)


def _flat(operand: Operand, rows: int) -> Ints:
    if isinstance(operand, FunctionColumn):
        return np.repeat(operand.numbers.astype(np.int64), rows)
    return np.ascontiguousarray(operand.cells).reshape(-1)


def _all_defined(blocks: Sequence[Block], shape: tuple[int, int]) -> Status:
    """Where all arguments are defined; a new array, in rows."""
    status = np.full(shape, DEFINED, dtype=np.uint8)
    for block in blocks:
        status &= block.status
    return status


def _choose(condition: Block, then: Block, otherwise: Block) -> Block:
    """`if`: the cells of the branch taken; the other may be undefined."""
    taken = condition.cells == 1
    cells = np.where(taken, then.cells, otherwise.cells)
    status = condition.status * np.where(taken, then.status, otherwise.status)
    return Block(np.where(status == DEFINED, cells, 0), status)


def _connect(conjunction: bool, left: Block, right: Block) -> Block:
    """`and` and `or`, which do not run the right side where the left one settles it."""
    settled = (left.status == DEFINED) & (left.cells != conjunction)
    cells = np.where(settled, left.cells, right.cells)
    status = left.status * (settled | (right.status == DEFINED))
    return Block(np.where(status == DEFINED, cells, 0), status.astype(np.uint8))


def _kept(value: Any, largest: int) -> bool:
    """Whether a value is of a size that the search keeps, as kernels judge it too."""
    kind = type(value)
    if kind is int:
        return INT_MIN <= value <= INT_MAX
    if kind is float:
        return math.isfinite(value)
    if kind is str:
        return len(value) <= largest
    if kind is Some:
        return _kept(value.value, largest)
    if kind is not tuple:
        return True
    if len(value) > largest:
        return False
    inner = [part for part in value if type(part) is tuple]
    if sum(map(len, inner)) > NESTED_ROOM * largest:
        return False
    return all(_kept(part, largest) for part in value)
