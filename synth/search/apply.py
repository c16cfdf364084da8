"""One production applied to many argument tuples at once.

Three paths, same meaning: a NumPy kernel on dense cells; selection, for `if`, `and`, `or`, which leave the other
branch unrun; and the boxed path, which calls the word's Python function once for each distinct tuple of arguments.
"""

from __future__ import annotations

import itertools
from collections import Counter
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
from dsl.type_system import BOOL, INT, REAL, FunctionType, Type, TypeConstructor, TypeVariable
from dsl.values import INT_MAX, INT_MIN, Cause, Failure, TooLarge, Undefined, fault_of
from synth.search.column import Block, Cells, Interners, block_of, cells_dtype, is_dense
from synth.search.functions import Functions, OutsideUniverse
from synth.search.kernels.dense import kernel_for

__all__ = ["Applier", "FunctionColumn", "Operand"]

_ABSENT = object()
_NOTHING = object()
"""The memo's mark for arguments without a result."""
_MEMO_LIMIT = 3_000_000
_SMALL = 1 << 20
"""Ints below this in size are their own code; others are interned."""


@dataclass(frozen=True, slots=True)
class FunctionColumn:
    """An argument position filled by functions: one class number for each program.

    `row`, where given, is the one outer row that the other operands are about.
    """

    functions: Functions
    numbers: NDArray[np.int32]
    row: int | None = None

    def codes(self) -> NDArray[np.int64]:
        """(n, rows) numbers of the shared tables."""
        ids = self.functions.table_ids(self.numbers)
        return (ids if self.row is None else ids[:, self.row : self.row + 1]).astype(np.int64)

    def exact(self, places: tuple[NDArray[np.intp], NDArray[np.intp]]) -> list[Callable[..., object]]:
        """The exact function for each (program, row) of these places."""
        numbers = self.numbers[places[0]].tolist()
        rows = places[1].tolist() if self.row is None else [self.row] * len(numbers)
        return list(map(self.functions.exact, numbers, rows))


Operand: TypeAlias = Block | FunctionColumn
Caller: TypeAlias = Callable[..., object]


@dataclass(slots=True)
class Applier:
    """Applies productions. `faults` counts, by word, results that broke the word's own declaration.

    `largest` is the longest list (or text) that a search keeps; longer ones count as undefined here. `check` is asked
    now and then, inside slow Python calls, whether to stop; it raises to stop.
    """

    library: Library
    interners: Interners
    largest: int
    check: Callable[[], None]
    kernels: bool = True
    compiler: Compiler = field(init=False)
    faults: Counter[str] = field(default_factory=Counter)
    _memos: dict[Production, dict[int, Any]] = field(default_factory=dict)
    _callers: dict[str, Caller] = field(default_factory=dict)
    _held: int = 0

    def __post_init__(self) -> None:
        self.compiler = Compiler(self.library)

    def apply(self, production: Production, operands: Sequence[Operand]) -> Block:
        """The columns of a word applied to n argument tuples, given as one operand for each parameter."""
        assert isinstance(production.head, Name), "leaves have columns of their own"
        word = production.head.name
        blocks = [operand for operand in operands if isinstance(operand, Block)]
        if word == "control.if":
            return _choose(*blocks)
        if word in ("bool.and", "bool.or"):
            return _connect(word == "bool.and", *blocks)
        kernel = kernel_for(word, production.parameters) if self.kernels and len(blocks) == len(operands) else None
        if kernel is not None:
            defined = np.logical_and.reduce([b.defined for b in blocks])
            cells, where = kernel(*(b.cells for b in blocks))
            defined = defined if where is None else defined & where
            return Block(np.where(defined, cells, np.zeros((), cells.dtype)), defined)
        if word in ("order.eq", "order.ne") and len(blocks) == 2 and not _holds_real(production.parameters[0]):
            return _compare(word == "order.eq", *blocks)
        return self._boxed(production, operands)

    def constant(self, word: str, t: Type, rows: int) -> Block:
        """The column of a word without parameters."""
        entry = self.library[word]
        value = entry.function() if isinstance(entry, Primitive) else self.compiler.compile(entry.program)(())
        undefined = range(rows) if isinstance(value, Failure) else ()
        return block_of([value] * rows, t, self.interners, undefined)

    # ---- the boxed path ------------------------------------------------------------------------------------------

    def _boxed(self, production: Production, operands: Sequence[Operand]) -> Block:
        """Codes for the arguments, one call for each distinct tuple of codes, and the results spread out again."""
        exact = [o for o in operands if isinstance(o, FunctionColumn) and self._accumulates(production)]
        defined, codes, packed, width = self._codes(production, operands)
        result = _Results.empty(defined.shape, production.result)
        if exact or packed is None:
            rows, columns = np.nonzero(defined)
            self._call_each(production, operands, codes, (rows, columns), result)
            return result.block()
        flat = packed[defined]
        distinct, places = np.unique(flat, return_inverse=True)
        outcomes = self._outcomes(production, operands, distinct, width)
        missed = np.array([o is OutsideUniverse for o in outcomes], dtype=np.bool_)
        cells = self._cells(outcomes, production.result)
        result.cells[defined] = cells[0][places]
        result.defined[defined] = cells[1][places]
        if missed.any():
            rows, columns = np.nonzero(defined)
            outside = missed[places]
            self._call_each(production, operands, codes, (rows[outside], columns[outside]), result)
        return result.block()

    def _codes(
        self, production: Production, operands: Sequence[Operand]
    ) -> tuple[NDArray[np.bool_], list[NDArray[np.int64]], NDArray[np.int64] | None, int]:
        """Where all arguments are defined; each argument's code; all codes packed into one number, if they fit."""
        width = 62 // max(1, len(operands))
        defined: NDArray[np.bool_] | None = None
        codes: list[NDArray[np.int64]] = []
        for operand, t in zip(operands, production.parameters, strict=True):
            if isinstance(operand, FunctionColumn):
                codes.append(operand.codes())
                continue
            codes.append(self._code(operand.cells, t))
            defined = operand.defined if defined is None else defined & operand.defined
        if defined is None:
            defined = np.ones(codes[0].shape, dtype=np.bool_)
        if any(c.size and int(c.max()) >= 1 << width for c in codes):
            return defined, codes, None, width
        packed = np.zeros(defined.shape, dtype=np.int64)
        for code in codes:
            packed = (packed << width) | code
        return defined, codes, packed, width

    def _code(self, cells: Cells, t: Type) -> NDArray[np.int64]:
        if t == INT:
            if cells.size and int(cells.min()) > -_SMALL and int(cells.max()) < _SMALL:
                return cells + _SMALL
            distinct, places = np.unique(cells, return_inverse=True)
            numbers = [
                v + _SMALL if -_SMALL < v < _SMALL else 2 * _SMALL + self.interners[INT].number(v)
                for v in distinct.tolist()
            ]
            return np.array(numbers, dtype=np.int64)[places].reshape(cells.shape)
        if t == REAL:
            distinct, places = np.unique(cells, return_inverse=True)
            numbers = [self.interners[REAL].number(v) for v in distinct.tolist()]
            return np.array(numbers, dtype=np.int64)[places].reshape(cells.shape)
        return cells.astype(np.int64)

    def _decode(self, codes: NDArray[np.int64], t: Type) -> list[object]:
        listed: list[int] = codes.tolist()
        if t == INT:
            large = self.interners[INT].values
            return [c - _SMALL if c < 2 * _SMALL else large[c - 2 * _SMALL] for c in listed]
        if t == BOOL:
            return [bool(c) for c in listed]
        values = self.interners[t].values
        return [values[c] for c in listed]

    def _outcomes(
        self, production: Production, operands: Sequence[Operand], distinct: NDArray[np.int64], width: int
    ) -> list[Any]:
        """The result for each distinct packed tuple: a value, `_NOTHING`, or OutsideUniverse."""
        memo = self._memos.setdefault(production, {})
        outcomes = [memo.get(code, _ABSENT) for code in distinct.tolist()]
        absent = [i for i, outcome in enumerate(outcomes) if outcome is _ABSENT]
        if not absent:
            return outcomes
        todo = distinct[absent]
        columns: list[list[Any]] = []
        for position, (operand, t) in enumerate(zip(operands, production.parameters, strict=True)):
            part = (todo >> (width * (len(operands) - 1 - position))) & ((1 << width) - 1)
            if isinstance(operand, FunctionColumn):
                columns.append(list(map(operand.functions.shared, part.tolist())))
            else:
                columns.append(self._decode(part, t))
        run = self._runner(production)
        for i, code, arguments in zip(absent, todo.tolist(), zip(*columns, strict=True), strict=True):
            outcomes[i] = memo[code] = run(arguments)
        self._held += len(absent)
        if self._held > _MEMO_LIMIT:
            self._memos.clear()
            self._held = 0
        return outcomes

    def _call_each(
        self,
        production: Production,
        operands: Sequence[Operand],
        codes: Sequence[NDArray[np.int64]],
        places: tuple[NDArray[np.intp], NDArray[np.intp]],
        result: _Results,
    ) -> None:
        """Run the word at these cells with exact functions, which know arguments outside their universe."""
        columns: list[list[Any]] = []
        for operand, code, t in zip(operands, codes, production.parameters, strict=True):
            if isinstance(operand, FunctionColumn):
                columns.append(list(operand.exact(places)))
            else:
                columns.append(self._decode(code[places], t))
        run = self._runner(production)
        outcomes = [run(arguments) for arguments in zip(*columns, strict=True)]
        result.cells[places], result.defined[places] = self._cells(outcomes, production.result)

    def _runner(self, production: Production) -> Callable[[tuple[Any, ...]], Any]:
        """Calls a word once: its value, `_NOTHING` where it has none, OutsideUniverse where a table did not know."""
        assert isinstance(production.head, Name), "leaves are not called"
        word, call = production.head.name, self._caller(production.head.name)
        entry = self.library[word]
        declared = entry.raises if isinstance(entry, Primitive) else ()
        undefined: tuple[type[Exception], ...] = (
            Undefined,
            TooLarge,
            OverflowError,
            MemoryError,
            RecursionError,
            *declared,
        )
        trusted = CORE.entries.get(word) is entry
        fault = _size_checker(self.largest) if trusted else _checker(production.result, self.largest)
        calls = 0

        def run(arguments: tuple[Any, ...]) -> Any:
            nonlocal calls
            calls += 1
            if calls & 63 == 0:
                self.check()
            try:
                value = call(*arguments)
            except OutsideUniverse:
                return OutsideUniverse
            except undefined:
                return _NOTHING
            except Exception:  # the boundary with user code: the candidate dies, the word is counted and named
                self.faults[word] += 1
                return _NOTHING
            verdict = fault(value)
            if verdict is None:
                return value
            if verdict is Cause.FAULT:
                self.faults[word] += 1
            return _NOTHING

        return run

    def _caller(self, word: str) -> Caller:
        found = self._callers.get(word)
        if found is None:
            entry = self.library[word]
            made = self._definition(entry) if isinstance(entry, Definition) else entry.function
            found = self._callers[word] = made
        return found

    def _definition(self, entry: Definition) -> Caller:
        run = self.compiler.compile(entry.program)

        def call(*arguments: object) -> object:
            outcome = run(arguments)
            if isinstance(outcome, Failure):
                raise Undefined
            return outcome

        return call

    def _accumulates(self, production: Production) -> bool:
        """Whether a function argument feeds on its own results (fold, scan, iterate): its table seldom knows them."""
        declared = self.library[production.key].type
        parameters = declared.parameters if isinstance(declared, FunctionType) else ()
        return any(isinstance(p, FunctionType) and p.result in p.parameters and isinstance(p.result, TypeVariable)
                   for p in parameters)  # fmt: skip

    def _cells(self, outcomes: Sequence[Any], t: Type) -> tuple[Cells, NDArray[np.bool_]]:
        """Outcomes as cells, and which of them are values."""
        known = np.array([o is not _NOTHING and o is not OutsideUniverse for o in outcomes], dtype=np.bool_)
        if is_dense(t):
            plain = [o if k else 0 for o, k in zip(outcomes, known.tolist(), strict=True)]
        else:
            number = self.interners[t].number
            plain = [number(o) if k else 0 for o, k in zip(outcomes, known.tolist(), strict=True)]
        return np.array(plain, dtype=cells_dtype(t)), known

    @property
    def bytes_held(self) -> int:
        """Memory held by memos and interned values, in bytes, estimated."""
        return self._held * 100 + sum(len(i.values) * 250 for i in self.interners.by_type.values())


@dataclass(frozen=True, slots=True)
class _Results:
    """Cells to be filled in; wraps the two arrays of a block while it is made."""

    cells: Cells
    defined: NDArray[np.bool_]

    @classmethod
    def empty(cls, shape: tuple[int, ...], t: Type) -> _Results:
        return cls(np.zeros(shape, dtype=cells_dtype(t)), np.zeros(shape, dtype=np.bool_))

    def block(self) -> Block:
        return Block(self.cells, self.defined)


def _choose(condition: Block, then: Block, otherwise: Block) -> Block:
    """`if`: the cells of the branch taken; the other may be undefined."""
    taken = condition.cells
    cells = np.where(taken, then.cells, otherwise.cells)
    defined = condition.defined & np.where(taken, then.defined, otherwise.defined)
    return Block(np.where(defined, cells, np.zeros((), cells.dtype)), defined)


def _connect(conjunction: bool, left: Block, right: Block) -> Block:
    """`and` and `or`, which do not run the right side where the left one settles it."""
    settled = left.defined & (left.cells != conjunction)
    cells = np.where(settled, left.cells, right.cells)
    defined = left.defined & (settled | right.defined)
    return Block(cells & defined, defined)


def _compare(equal: bool, left: Block, right: Block) -> Block:
    """`==` and `!=` on interned values: equal values have equal numbers."""
    defined = left.defined & right.defined
    same = left.cells == right.cells
    return Block((same if equal else ~same) & defined, defined)


def _holds_real(t: Type) -> bool:
    return t == REAL or (not isinstance(t, TypeVariable | FunctionType) and any(map(_holds_real, t.arguments)))


def _checker(t: Type, largest: int) -> Callable[[Any], Cause | None]:
    """What is wrong with a result of a ground type, found fast; the slow twin is `dsl.values.fault_of`."""
    if t == INT:
        return _check_int
    if t == BOOL:
        return lambda value: None if type(value) is bool else Cause.FAULT

    def check(value: Any) -> Cause | None:
        if isinstance(value, tuple | str) and len(value) > largest:
            return Cause.TOO_LARGE
        return _check_all((value,), t, largest)

    return check


def _size_checker(largest: int) -> Callable[[Any], Cause | None]:
    """For our own words, whose tests show that they return their type from good arguments: 64 bits, and the size."""

    def check(value: Any) -> Cause | None:
        kind = type(value)
        if kind is int:
            return None if INT_MIN <= value <= INT_MAX else Cause.OVERFLOW
        if kind is tuple or kind is str:
            return None if len(value) <= largest else Cause.TOO_LARGE
        return None

    return check


def _check_int(value: Any) -> Cause | None:
    if type(value) is not int:
        return Cause.FAULT
    return None if INT_MIN <= value <= INT_MAX else Cause.OVERFLOW


def _check_all(values: Sequence[Any], t: Type, largest: int) -> Cause | None:
    """What is wrong with the first bad one of some values of a type; looks at whole levels of nesting at once."""
    if not values:
        return None
    kinds = set(map(type, values))
    match t:
        case TypeConstructor("int"):
            if kinds != {int}:
                return Cause.FAULT
            return None if min(values) >= INT_MIN and max(values) <= INT_MAX else Cause.OVERFLOW
        case TypeConstructor("bool"):
            return None if kinds == {bool} else Cause.FAULT
        case TypeConstructor("list", (item,)):
            if kinds != {tuple}:
                return Cause.FAULT
            items = tuple(itertools.chain.from_iterable(values))
            return Cause.TOO_LARGE if len(items) > 8 * largest else _check_all(items, item, largest)
        case TypeConstructor("tuple", parts):
            if kinds != {tuple} or set(map(len, values)) != {len(parts)}:
                return Cause.FAULT
            columns = zip(zip(*values, strict=True), parts, strict=True)
            return next((fault for column, part in columns if (fault := _check_all(column, part, largest))), None)
        case _:
            faults = (fault_of(value, t) for value in values)
            return next((found.cause for found in faults if found is not None), None)
