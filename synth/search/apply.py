"""One production applied to many argument tuples at once.

Three paths, same meaning: a compiled kernel; selection, for `if`, `and`, `or`, which leave the other branch unrun; and
the boxed path, which calls the word's Python function once for each distinct tuple of arguments.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice, starmap
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.compiler import Compiler
from dsl.grammar import Production
from dsl.library import Definition, Entry, Library
from dsl.primitive import Primitive
from dsl.primitives import CORE
from dsl.program import Name
from dsl.type_system import Type
from dsl.values import Cause, Failure, TooLarge, Undefined, fault_of
from synth.search.brief import brief
from synth.search.calls import Calls
from synth.search.checks import are_kept, are_of, is_kept
from synth.search.column import Block, Column, Fresh, block_of, interned
from synth.search.composing import Composer
from synth.search.functions import FunctionColumn
from synth.search.kernels.calls import distinct_rows
from synth.search.kernels.convention import DEFINED, NESTED_ROOM, OUTSIDE, UNDEFINED, Ints, Kernel, Status
from synth.search.kernels.ready import Kernels
from synth.search.store import Store

__all__ = ["Applier", "FunctionColumn", "Operand"]

_MEMO_LIMIT, _MEMO_TRIAL = 200_000, 20_000
"""Entries of one word's memo, and the questions after which it must have paid."""
_NOTHING = -(2**63) - 1
"""The memo's mark for arguments without a result; no cell is that small."""
_ABSENT = object()
_BETWEEN_CHECKS, _LONGEST_BURST = 0.02, 32
"""Seconds that calls of a word may take before the search asks whether it must end, and calls between two looks at the
clock: a word that is quick on most arguments may be slow on the next."""


Operand: TypeAlias = Block | FunctionColumn
Caller: TypeAlias = Callable[..., object]


@dataclass(slots=True)
class _Memo:
    """What a word gave for arguments that it was called with; given up where most questions are new."""

    cells: dict[Any, int] = field(default_factory=dict)
    asked: int = 0
    missed: int = 0
    pays: bool = True


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
    composer: Composer = field(init=False)
    _memos: dict[Production, _Memo] = field(default_factory=dict)
    _callers: dict[str, Caller] = field(default_factory=dict)
    _scratch: dict[str, Ints] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.compiler = Compiler(self.library)
        self.composer = Composer(self.compiler, self.store, self.largest, self.kernels, self._block)

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
        programs, _ = _shape(operands, rows)
        kernel = self.kernels.find(production, programs * len(rows))
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
        cells, known = self._outcomes(production, keys[firsts[:count]])
        if count:
            flat = defined.reshape(-1) == DEFINED
            block.cells.reshape(-1)[flat] = cells[places[flat]]
            block.status.reshape(-1)[flat] = known[places[flat]]
        return block

    def _outcomes(self, production: Production, keys: Ints) -> tuple[Ints, Status]:
        """The result for each tuple of cells: a cell, and whether there is one."""
        memo = self._memos.setdefault(production, _Memo())
        if not memo.pays:
            return self._answered(production, keys)
        wanted: list[Any] = keys[:, 0].tolist() if keys.shape[1] == 1 else list(map(tuple, keys.tolist()))
        known = list(map(memo.cells.get, wanted))
        absent = [i for i, cell in enumerate(known) if cell is None]
        cells, there = self._answered(production, keys[absent])
        for i, cell, defined in zip(absent, cells.tolist(), there.tolist(), strict=True):
            known[i] = memo.cells[wanted[i]] = cell if defined else _NOTHING
        memo.asked, memo.missed = memo.asked + len(known), memo.missed + len(absent)
        if memo.asked > _MEMO_TRIAL and 2 * memo.missed > memo.asked:
            memo.pays = False
        if not memo.pays or len(memo.cells) > _MEMO_LIMIT:
            memo.cells.clear()
        status = np.array([cell != _NOTHING for cell in known], dtype=np.uint8)
        return np.array([0 if cell == _NOTHING else cell for cell in known], dtype=np.int64), status

    def _answered(self, production: Production, keys: Ints) -> tuple[Ints, Status]:
        """What a word gives for these tuples of cells. A definition is run by kernels where they can give a value."""
        found = self.composer.run(production, keys)
        if found is None:
            return self._called(production, self._columns(production, keys))
        self.check()
        cells, there = found
        without = np.nonzero(there != DEFINED)[0]
        if len(without):
            cells[without], there[without] = self._called(production, self._columns(production, keys[without]))
        return cells, there

    def _block(self, production: Production, operands: Sequence[Operand], rows: Ints) -> Block:
        return interned(self.apply(production, operands, rows), self.store)

    def _columns(self, production: Production, keys: Ints) -> list[list[object]]:
        """The values of the arguments, position by position."""
        return [self.store.decode_all(keys[:, i].tolist(), t) for i, t in enumerate(production.parameters)]

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
        cells, there = self._called(production, arguments)
        block.cells[where], block.status[where] = cells, there

    def _called(self, production: Production, columns: Sequence[Sequence[Any]]) -> tuple[Ints, Status]:
        """One call of the word for each row of these columns of arguments: cells, and where there are any."""
        assert isinstance(production.head, Name), "leaves are not called"
        word, result = production.head.name, production.result
        entry = self.library[word]
        values = self._results(word, entry, columns)
        right = self._believed(word, values, result)
        cells, there = np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=np.uint8)
        if len(right) == len(values):
            cells, there = self.store.encode_all(values, result), there + np.uint8(DEFINED)
        elif right:
            cells[right], there[right] = self.store.encode_all([values[i] for i in right], result), DEFINED
        return cells, there

    def _results(self, word: str, entry: Entry, columns: Sequence[Sequence[Any]]) -> list[Any]:
        """The word's results, or _ABSENT. A user's word may take its time, and raise what it did not declare.

        The clock is looked at between bursts of calls, which are short where calls take long.
        """
        call, clock = self._caller(word), time.perf_counter
        undefined = _undefined_for(entry)
        trusted = CORE.entries.get(word) is entry or isinstance(entry, Definition)
        values: list[Any] = []
        wanted, rows = len(columns[0]), zip(*columns, strict=True)
        burst, began = 1, clock()
        next_check = began
        while len(values) < wanted:
            try:
                values.extend(starmap(call, islice(rows, burst)))
            except undefined:
                values.append(_ABSENT)
            except Exception:  # the boundary with user code: the candidate dies, the word is counted and named
                if trusted:
                    raise
                self.calls.faults[word] += 1
                values.append(_ABSENT)
            now = clock()
            burst = min(2 * burst, _LONGEST_BURST) if now - began < _BETWEEN_CHECKS else 1
            if now >= next_check:
                self.check()
                next_check = now + _BETWEEN_CHECKS
            began = now
        return values

    def _believed(self, word: str, values: Sequence[Any], t: Type) -> list[int]:
        """Which results of a word are values of the type that it declares, and of a size to keep."""
        there = [i for i, value in enumerate(values) if value is not _ABSENT]
        found = [values[i] for i in there] if len(there) < len(values) else values
        if not are_of(found, t):
            causes = {i: fault.cause for i in there if (fault := fault_of(values[i], t)) is not None}
            if broken := sum(cause is Cause.FAULT for cause in causes.values()):
                self.calls.faults[word] += broken
            there = [i for i in there if i not in causes]
            found = [values[i] for i in there]
        if are_kept(found, t, self.largest):
            return there
        return [i for i in there if is_kept(values[i], self.largest)]

    def _caller(self, word: str) -> Caller:
        found = self._callers.get(word)
        if found is None:
            entry = self.library[word]
            found = self._definition(entry) if isinstance(entry, Definition) else entry.function
            self._callers[word] = found
        return found

    def _definition(self, entry: Definition) -> Caller:
        run = brief(self.compiler, entry.program)

        def call(*arguments: object) -> object:
            outcome = run(arguments)
            if isinstance(outcome, Failure):
                raise Undefined
            return outcome

        return call

    def release(self) -> None:
        """Let go of memos and buffers."""
        self._memos.clear()
        self._scratch.clear()

    @property
    def bytes_held(self) -> int:
        """Memory held by memos and buffers, in bytes, estimated."""
        buffers = sum(buffer.nbytes for buffer in self._scratch.values())
        return buffers + 150 * sum(len(memo.cells) for memo in self._memos.values())


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


def _undefined_for(entry: Entry) -> tuple[type[Exception], ...]:
    """Exceptions by which a word says that it has no value."""
    declared = entry.raises if isinstance(entry, Primitive) else ()
    return (Undefined, TooLarge, OverflowError, RecursionError, *declared)
