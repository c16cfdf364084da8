"""The store: every value that a search holds, as a cell of 64 bits, equal values of one type as equal cells.

Ints, bools and reals are their own cells. Lists, tuples and options are numbered sequences of cells, kept in one flat
buffer with offsets; values of any other type (texts, a user's own) are numbered Python objects, the *boxed* types.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from dsl.type_system import BOOL, INT, REAL, Type, TypeConstructor
from dsl.values import Some
from synth.search.kernels.convention import DEFINED, INT_MAX, Ints, Lists, Status
from synth.search.kernels.interning import fill_table, intern_sequences
from synth.search.room import grown, zeros

__all__ = ["Store", "is_boxed", "is_sequence"]

_SEQUENCES = ("list", "tuple", "option")
_DECODED_KEPT = 200_000
_S = TypeVar("_S", bound=np.generic)


def is_sequence(t: Type) -> bool:
    """Whether values of the type are kept as sequences of cells."""
    return isinstance(t, TypeConstructor) and t.name in _SEQUENCES


def is_boxed(t: Type) -> bool:
    """Whether values of the type are kept as Python objects."""
    return t not in (INT, BOOL, REAL) and not is_sequence(t)


@dataclass(slots=True)
class _Interner:
    """Numbers for the values of one boxed type, in order of first sight."""

    values: list[object] = field(default_factory=list)
    numbers: dict[object, int] = field(default_factory=dict)

    def number(self, value: object) -> int:
        found = self.numbers.get(value)
        if found is None:
            found = self.numbers[value] = len(self.values)
            self.values.append(value)
        return found


@dataclass(slots=True)
class Store:
    """All values of one search. `lists` is what kernels read sequences from."""

    count: int = 0
    _items: Ints = field(default_factory=lambda: np.zeros(1024, dtype=np.int64))
    _starts: Ints = field(default_factory=lambda: np.zeros(257, dtype=np.int64))
    _hashes: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(256, dtype=np.uint64))
    _table: NDArray[np.int32] = field(default_factory=lambda: np.zeros(512, dtype=np.int32))
    _boxed: dict[Type, _Interner] = field(default_factory=dict)
    _decoded: dict[Type, dict[int, object]] = field(default_factory=dict)

    @property
    def lists(self) -> Lists:
        """The sequences, as kernels see them; to be asked for anew after anything was added."""
        return Lists(self._items, self._starts)

    # ---- values to cells and back ---------------------------------------------------------------------------------

    def encode(self, value: object, t: Type) -> int:
        """The cell of a value of type `t`."""
        return int(self.encode_all((value,), t)[0])

    def encode_all(self, values: Sequence[Any], t: Type) -> Ints:
        """The cells of many values of one type, numbered together."""
        if t in (INT, BOOL):
            return np.fromiter(values, dtype=np.int64, count=len(values))
        if t == REAL:
            return np.array(list(map(_cell_of_real, values)), dtype=np.int64)
        if not is_sequence(t):
            return np.array(list(map(self._interner(t).number, values)), dtype=np.int64)
        assert isinstance(t, TypeConstructor)
        match t.name:
            case "list":
                cells = self.encode_all(tuple(chain.from_iterable(values)), t.arguments[0])
                ends = np.cumsum(np.array(list(map(len, values)), dtype=np.int64))
            case "tuple":
                columns = [self.encode_all([v[i] for v in values], part) for i, part in enumerate(t.arguments)]
                cells = np.stack(columns, axis=1).reshape(-1)
                ends = np.arange(1, len(values) + 1, dtype=np.int64) * len(columns)
            case _:
                cells = self.encode_all([v.value for v in values if v is not None], t.arguments[0])
                ends = np.cumsum(np.array([v is not None for v in values], dtype=np.int64))
        return self.intern(cells, ends, np.full(len(values), DEFINED, dtype=np.uint8))

    def decode(self, cell: int, t: Type) -> object:
        """The value of a cell, as the language has it."""
        return self.decode_all((int(cell),), t)[0]

    def decode_all(self, cells: Sequence[int], t: Type) -> list[object]:
        """The values of many cells of one type."""
        if t == INT:
            return list(map(int, cells))
        if t == BOOL:
            return list(map(bool, cells))
        if t == REAL:
            return list(map(_real_of_cell, cells))
        if not is_sequence(t):
            values = self._interner(t).values
            return [values[cell] for cell in cells]
        known = self._decoded.setdefault(t, {})
        if len(known) >= _DECODED_KEPT:
            known.clear()
        for cell in {cell for cell in cells if cell not in known}:
            known[cell] = self._sequence(cell, t)
        return [known[cell] for cell in cells]

    def _sequence(self, cell: int, t: Type) -> object:
        assert isinstance(t, TypeConstructor)
        cells: list[int] = self._items[self._starts[cell] : self._starts[cell + 1]].tolist()
        match t.name:
            case "list":
                return tuple(cells) if t.arguments[0] == INT else tuple(self.decode_all(cells, t.arguments[0]))
            case "tuple":
                return tuple(self.decode(c, p) for c, p in zip(cells, t.arguments, strict=True))
            case _:
                return Some(self.decode(cells[0], t.arguments[0])) if cells else None

    def _interner(self, t: Type) -> _Interner:
        found = self._boxed.get(t)
        if found is None:
            found = self._boxed[t] = _Interner()
        return found

    # ---- sequences that kernels wrote -----------------------------------------------------------------------------

    def intern(self, cells: Ints, ends: Ints, status: Status) -> Ints:
        """Cells of the sequences that stand one after the other in `cells`; 0 for entries that are not defined."""
        numbers = np.zeros(len(ends), dtype=np.int64)
        if not len(ends):
            return numbers
        self._make_room(len(ends), int(ends[-1]))
        self.count = intern_sequences(
            cells, ends, status, self._items, self._starts, self._hashes, self._table, self.count, numbers
        )
        return numbers

    def intern_nested(self, cells: Ints, inner_ends: Ints, ends: Ints, status: Status) -> Ints:
        """Cells of sequences of sequences: `inner_ends` cuts `cells`, `ends` cuts the inner sequences."""
        inner = inner_ends[: int(ends[-1]) if len(ends) else 0]
        numbers = self.intern(cells, inner, np.full(len(inner), DEFINED, dtype=np.uint8))
        return self.intern(numbers, ends, status)

    def _make_room(self, sequences: int, cells: int) -> None:
        most = self.count + sequences
        if most > len(self._hashes):
            self._hashes = grown(self._hashes, most, self.count)
            self._starts = grown(self._starts, len(self._hashes) + 1, self.count + 1)
        if 2 * most > len(self._table):
            size = 1 << (2 * most - 1).bit_length()
            self._table = zeros((size,), np.int32)
            fill_table(self._hashes, self.count, self._table)
        used = int(self._starts[self.count])
        if used + cells > len(self._items):
            self._items = grown(self._items, used + cells, used)

    @property
    def hashes(self) -> NDArray[np.uint64]:
        """The content hash of each sequence."""
        return self._hashes

    def release(self) -> None:
        """Let go of all values."""
        self.count = 0
        self._items, self._starts = np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
        self._hashes, self._table = np.zeros(0, dtype=np.uint64), np.zeros(2, dtype=np.int32)
        self._boxed.clear()
        self._decoded.clear()

    @property
    def bytes_held(self) -> int:
        """Memory held, in bytes; that of Python objects is estimated."""
        arrays = 8 * (int(self._starts[self.count]) + 2 * self.count) + self._table.nbytes
        return arrays + 250 * (sum(map(len, self._decoded.values())) + sum(len(i.values) for i in self._boxed.values()))


# The slow twins of `cell_of_real` and `real_of_cell`, for single values.


def _cell_of_real(value: float) -> int:
    bits: int = struct.unpack("<q", struct.pack("<d", value + 0.0))[0]
    return bits ^ ((bits >> 63) & INT_MAX)


def _real_of_cell(cell: int) -> float:
    (value,) = struct.unpack("<d", struct.pack("<q", cell ^ ((cell >> 63) & INT_MAX)))
    return float(value)
