"""The store: every value that a search holds, as a cell of 64 bits, equal values of one type as equal cells.

Ints, bools and reals are their own cells. Lists, tuples and options are numbered sequences of cells, kept in one flat
buffer with offsets; values of any other type (texts, a user's own) are numbered Python objects, the *boxed* types.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsl.type_system import BOOL, INT, REAL, Type, TypeConstructor
from dsl.values import Some
from synth.search.kernels.convention import DEFINED, INT_MAX, Ints, Lists, Status
from synth.search.kernels.interning import fill_table, intern_sequences

__all__ = ["Store", "is_boxed", "is_sequence"]

_SEQUENCES = ("list", "tuple", "option")
_DECODED_KEPT = 200_000


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
    _table: NDArray[np.int32] = field(default_factory=lambda: np.full(512, -1, dtype=np.int32))
    _boxed: dict[Type, _Interner] = field(default_factory=dict)
    _decoded: dict[tuple[int, Type], object] = field(default_factory=dict)

    @property
    def lists(self) -> Lists:
        """The sequences, as kernels see them; to be asked for anew after anything was added."""
        return Lists(self._items, self._starts)

    # ---- values to cells and back ---------------------------------------------------------------------------------

    def encode(self, value: object, t: Type) -> int:
        """The cell of a value of type `t`."""
        if isinstance(value, bool | int) and t in (INT, BOOL):
            return int(value)
        if isinstance(value, float) and t == REAL:
            return _cell_of_real(value)
        if not is_sequence(t):
            return self._interner(t).number(value)
        cells = np.array([self.encode(part, p) for part, p in _parts(value, t)], dtype=np.int64)
        ends = np.array([len(cells)], dtype=np.int64)
        return int(self.intern(cells, ends, np.ones(1, dtype=np.uint8))[0])

    def decode(self, cell: int, t: Type) -> object:
        """The value of a cell, as the language has it."""
        if t == INT:
            return int(cell)
        if t == BOOL:
            return bool(cell)
        if t == REAL:
            return _real_of_cell(int(cell))
        if not is_sequence(t):
            return self._interner(t).values[cell]
        key = (int(cell), t)
        found = self._decoded.get(key)
        if found is None and key not in self._decoded:
            if len(self._decoded) >= _DECODED_KEPT:
                self._decoded.clear()
            found = self._decoded[key] = self._sequence(int(cell), t)
        return found

    def decode_all(self, cells: Iterable[int], t: Type) -> list[object]:
        """The values of many cells of one type."""
        if t == INT:
            return list(map(int, cells))
        return [self.decode(cell, t) for cell in cells]

    def _sequence(self, cell: int, t: Type) -> object:
        assert isinstance(t, TypeConstructor)
        cells: list[int] = self._items[self._starts[cell] : self._starts[cell + 1]].tolist()
        match t.name:
            case "list":
                return tuple(self.decode_all(cells, t.arguments[0]))
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
            self._hashes = _grown(self._hashes, most)
            self._starts = _grown(self._starts, len(self._hashes) + 1)
        if 2 * most > len(self._table):
            size = 1 << (2 * most - 1).bit_length()
            self._table = np.full(size, -1, dtype=np.int32)
            fill_table(self._hashes, self.count, self._table)
        used = int(self._starts[self.count])
        if used + cells > len(self._items):
            self._items = _grown(self._items, used + cells)

    @property
    def hashes(self) -> NDArray[np.uint64]:
        """The content hash of each sequence."""
        return self._hashes

    @property
    def bytes_held(self) -> int:
        """Memory held, in bytes; that of Python objects is estimated."""
        arrays = self._items.nbytes + self._starts.nbytes + self._hashes.nbytes + self._table.nbytes
        return arrays + 250 * (len(self._decoded) + sum(len(i.values) for i in self._boxed.values()))


def _grown(array: NDArray[np.generic], size: int) -> NDArray[np.generic]:
    """The array with room for at least `size` entries, half as much again as before."""
    made = np.zeros(max(size, len(array) + len(array) // 2), dtype=array.dtype)
    made[: len(array)] = array
    return made


def _parts(value: object, t: Type) -> Sequence[tuple[object, Type]]:
    assert isinstance(t, TypeConstructor)
    match t.name:
        case "list":
            assert isinstance(value, tuple)
            return [(part, t.arguments[0]) for part in value]
        case "tuple":
            assert isinstance(value, tuple)
            return list(zip(value, t.arguments, strict=True))
        case _:
            return [(value.value, t.arguments[0])] if isinstance(value, Some) else []


# The slow twins of `cell_of_real` and `real_of_cell`, for single values.


def _cell_of_real(value: float) -> int:
    (bits,) = struct.unpack("<q", struct.pack("<d", value + 0.0))
    return bits ^ ((bits >> 63) & INT_MAX)


def _real_of_cell(cell: int) -> float:
    (value,) = struct.unpack("<d", struct.pack("<q", cell ^ ((cell >> 63) & INT_MAX)))
    return float(value)
