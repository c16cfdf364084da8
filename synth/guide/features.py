"""Numbers for a network out of values and types; derived from the types, so nested ones need nothing of their own.

A value becomes *tokens*, one for each number, truth value, character, cell of a grid, and each list or tuple around
them. A token is a row of small ints: the scalar (a row of `scalar_features`), where it stands in what is around it,
from both ends, and what it is part of. Digits and residues are features because sums of embeddings find them hard
(Charton, "Linear algebra with transformers", 2022).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from dsl.type_system import INT, FunctionType, Type, TypeConstructor, TypeVariable, list_of, show_type
from dsl.values import Some
from synth.guide.grids import COLORS, cells_of, colors_of, is_color
from synth.guide.guide import CannotGuide

__all__ = [
    "COLUMNS",
    "INTS",
    "MARKS",
    "OUTPUT_SLOT",
    "SCALARS",
    "SCALAR_WIDTH",
    "TYPE_WIDTH",
    "check_type",
    "has_grid",
    "scalar_features",
    "scalar_of",
    "tokens_of",
    "type_features",
]

_EXACT = 1024
"""Ints up to this size have a row each; larger ones one for each sign and length in bits."""
_BITS = 64
_REAL_LOW, _REAL_HIGH = -12, 30
_KINDS = ("int", "bool", "text", "real", "list", "tuple", "option", "character")
INTS = _FIRST_LARGE = 2 * _EXACT + 1
"""Scalars below are ints, each its own, in their order."""
_FIRST_BOOL = _FIRST_LARGE + 2 * _BITS
_FIRST_CHARACTER = _FIRST_BOOL + 2
_CHARACTERS, _BUCKETS = 256, 61
"""Characters that have a row each; the others share some."""
_FIRST_REAL = _FIRST_CHARACTER + _CHARACTERS + _BUCKETS
_REALS = 2 * (_REAL_HIGH - _REAL_LOW + 1) + 1
_FIRST_COLOR = _FIRST_REAL + _REALS
MARKS = _FIRST_MARK = _FIRST_COLOR + 2 * COLORS
"""Scalars from here on are marks: of lists, tuples and the like."""
_MARKS = ("list", "tuple", "none", "some", "text", "grid")
SCALARS = _FIRST_MARK + len(_MARKS)
"""How many different scalars there are."""
COLUMNS = (("scalar", SCALARS), ("place", 16), ("from_end", 16), ("outer", 8), ("slot", 6), ("level", 4), ("size", 17))
"""The columns of a token, each with how many values it has."""
OUTPUT_SLOT = 5
_MOST_ITEMS, _MOST_INNER = 14, 6
"""Items of a list that are read: the first two thirds of so many, and the last third."""
_SIDE, _INNER_SIDE = 8, 4
"""Cells that are read along a side of a grid, and of one inside something."""
_CONSTRUCTORS = ("int", "bool", "real", "text", "list", "tuple", "option")
_LIKE = MappingProxyType({"grid": "list", "color": "int"})
"""What types of a domain are like: they have the features of these, and those of what is unknown."""
_INTS, _GRID = list_of(INT), TypeConstructor("grid")
_TYPE_KINDS = len(_CONSTRUCTORS) + 3
TYPE_WIDTH = 5 * _TYPE_KINDS


def check_type(t: Type) -> None:
    """Raise CannotGuide for a type whose values have no tokens: a domain's own."""
    match t:
        case TypeConstructor(name, arguments) if name in _CONSTRUCTORS or (name in _LIKE and not arguments):
            for argument in arguments:
                check_type(argument)
        case FunctionType(parameters, result):
            for part in (*parameters, result):
                check_type(part)
        case TypeVariable():
            return
        case _:
            raise CannotGuide(f"no encoder for type {show_type(t)}")


def has_grid(t: Type) -> bool:
    """Whether values of a type hold grids, which have many tokens."""
    return t == _GRID or any(map(has_grid, _inside(t)))


# ---- scalars ---------------------------------------------------------------------------------------------------------


def scalar_of(value: object, t: Type) -> int:
    """The row of a number, truth value or character; of anything else, the row of its kind."""
    match t, value:
        case TypeConstructor("int"), int():
            if abs(value) <= _EXACT:
                return value + _EXACT
            return _FIRST_LARGE + 2 * min(value.bit_length(), _BITS - 1) + (value < 0)
        case TypeConstructor("bool"), bool():
            return _FIRST_BOOL + value
        case TypeConstructor("real"), float():
            return _FIRST_REAL + _real_row(value)
        case TypeConstructor("option"), _:
            return _FIRST_MARK + _MARKS.index("none" if value is None else "some")
        case TypeConstructor("color"), int() if is_color(value):
            return _FIRST_COLOR + value
        case TypeConstructor("list" | "tuple" | "text" | "grid" as name), _:
            return _FIRST_MARK + _MARKS.index(name)
    raise CannotGuide(f"no encoder for type {show_type(t)}")


def _character(text: str) -> int:
    """The row of a character."""
    code = ord(text)
    return _FIRST_CHARACTER + (code if code < _CHARACTERS else _CHARACTERS + code % _BUCKETS)


def _real_row(value: float) -> int:
    if value == 0:
        return 0
    size = min(max(math.frexp(value)[1], _REAL_LOW), _REAL_HIGH) - _REAL_LOW
    return 1 + 2 * size + (value < 0)


@functools.cache
def scalar_features() -> NDArray[np.float32]:
    """(SCALARS, SCALAR_WIDTH) what is known of each scalar: kind, sign, size, residues, which small int it is."""
    return np.array(list(_rows()), dtype=np.float32)


def _rows() -> Iterator[list[float]]:
    for value in range(-_EXACT, _EXACT + 1):
        yield _row("int", value)
    for size in range(_BITS):
        yield _row("int", 2.0**size, exact=False)
        yield _row("int", -(2.0**size), exact=False)
    for truth in (0, 1):
        yield _row("bool", truth)
    for code in range(_CHARACTERS + _BUCKETS):
        yield _row("character", code)
    yield _row("real", 0.0, exact=False)
    for size in range(_REAL_LOW, _REAL_HIGH + 1):
        yield _row("real", 0.75 * 2.0**size, exact=False)
        yield _row("real", -0.75 * 2.0**size, exact=False)
    for color in range(COLORS):  # kinds in pairs, which nothing else has: a kind more would be another network
        yield _row(("int", "character"), color)
    for color in range(COLORS):  # of mixed blocks
        yield _row(("int", "character", "option"), color)
    for kind, value in (("list", 0), ("tuple", 0), ("option", 0), ("option", 1), ("text", 0)):
        yield _row(kind, value)
    yield _row(("list", "tuple"), 0)  # a grid


_STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 1000)
_SMALL = range(-2, 13)


def _row(kinds: str | tuple[str, ...], value: float, exact: bool = True) -> list[float]:
    size = abs(value)
    row = [float(k in ((kinds,) if isinstance(kinds, str) else kinds)) for k in _KINDS]
    row += [float(value > 0), float(value < 0), math.log2(1 + size) / 10, math.tanh(value / 10), math.tanh(value / 100)]
    row += [float(size > step) for step in _STEPS]
    for modulus in (2, 3, 5, 10):
        row += [float(exact and value % modulus == residue) for residue in range(modulus)]
    row += [float(exact and value == small) for small in _SMALL]
    root = math.isqrt(int(size)) if exact else 0
    row.append(float(exact and value >= 0 and root * root == value))
    row.append(float(exact and _is_prime(int(value))))
    return row


def _is_prime(value: int) -> bool:
    return value > 1 and all(value % d for d in range(2, math.isqrt(value) + 1))


SCALAR_WIDTH = len(_row("int", 0))

# ---- tokens ----------------------------------------------------------------------------------------------------------


def tokens_of(value: object, t: Type, slot: int) -> list[tuple[int, ...]]:
    """The tokens of a value, each a row of COLUMNS; `slot` says which input it is, or OUTPUT_SLOT.

    Raises CannotGuide for a type that nobody knows.
    """
    return list(_tokens(value, t, min(slot, OUTPUT_SLOT), 0, 0, 0, 0))


def _tokens(
    value: object, t: Type, slot: int, place: int, end: int, outer: int, level: int
) -> Iterator[tuple[int, ...]]:
    parts = _parts(value, t)
    where = (min(place, 15), min(end, 15), min(outer, 7), slot, min(level, 3))
    yield (scalar_of(value, t), *where, min(len(parts), 16))
    most = _MOST_ITEMS if level == 0 else _MOST_INNER
    if t == _INTS:
        yield from _tokens_of_ints(value, slot, place, min(level + 1, 3), most)  # type: ignore[arg-type]
        return
    if t == _GRID:
        yield from _tokens_of_grid(value, slot, min(level + 1, 3), _INNER_SIDE if level else _SIDE)
        return
    for number in _chosen(len(parts), _MOST_INNER if has_grid(t) else most):
        part, kind = parts[number]
        if kind is None:
            yield (
                _character(str(part)),
                min(number, 15),
                min(len(parts) - 1 - number, 15),
                min(place, 7),
                slot,
                min(level + 1, 3),
                0,
            )
        else:
            yield from _tokens(part, kind, slot, number, len(parts) - 1 - number, place, level + 1)


def _tokens_of_ints(values: tuple[int, ...], slot: int, outer: int, level: int, most: int) -> Iterator[tuple[int, ...]]:
    """The tokens of the items of a list of ints, which most lists are."""
    count, outer = len(values), min(outer, 7)
    for number in _chosen(count, most):
        value = values[number]
        row = value + _EXACT if -_EXACT <= value <= _EXACT else scalar_of(value, INT)
        yield (row, min(number, 15), min(count - 1 - number, 15), outer, slot, level, 0)


def _tokens_of_grid(grid: object, slot: int, level: int, side: int) -> Iterator[tuple[int, ...]]:
    """How many rows and columns there are, then the cells: the columns that say what is around it say the column."""
    colors = colors_of(grid)
    for place, count in enumerate(colors.shape):
        yield (scalar_of(count, INT), place, 1 - place, 0, slot, level, 0)
    for cell in cells_of(colors, side):
        color = _FIRST_COLOR + COLORS * cell.mixed + cell.color
        yield (color, cell.row, cell.row_from_end, cell.column, slot, level, 1 + cell.column_from_end)


def _chosen(count: int, most: int) -> Sequence[int]:
    if count <= most:
        return range(count)
    head = most * 2 // 3
    return [*range(head), *range(count - (most - head), count)]


def _parts(value: object, t: Type) -> Sequence[tuple[object, Type | None]]:
    """What a value holds, each with its type; a character has none."""
    match t, value:
        case TypeConstructor("list", (item,)), tuple():
            return [(v, item) for v in value]
        case TypeConstructor("tuple", items), tuple():
            return list(zip(value, items, strict=True))
        case TypeConstructor("option", (item,)), Some(held):
            return [(held, item)]
        case TypeConstructor("text"), str():
            return [(c, None) for c in value]
    return ()


# ---- types -----------------------------------------------------------------------------------------------------------


@functools.cache
def _type_features(t: Type) -> tuple[float, ...]:
    inside = _inside(t)
    blocks = np.zeros((5, _TYPE_KINDS))
    blocks[0] = _kind(t)
    if inside:
        blocks[1] = np.mean([_kind(p) for p in inside], axis=0)
        blocks[2] = _kind(inside[-1])
        blocks[3] = _kind(inside[0])
        deeper = [_kind(q) for p in inside for q in _inside(p)]
        blocks[4] = np.mean(deeper, axis=0) if deeper else 0.0
    return tuple(blocks.reshape(-1).tolist())


def type_features(t: Type) -> NDArray[np.float32]:
    """(TYPE_WIDTH,) what a type is made of, two levels deep; types with unknown parts look alike."""
    return np.array(_type_features(t), dtype=np.float32)


def _inside(t: Type) -> tuple[Type, ...]:
    match t:
        case TypeConstructor(_, arguments):
            return arguments
        case FunctionType(parameters, result):
            return (*parameters, result)
        case _:
            return ()


def _kind(t: Type) -> NDArray[np.float64]:
    row = np.zeros(_TYPE_KINDS)
    match t:
        case TypeConstructor(name) if name in _CONSTRUCTORS:
            row[_CONSTRUCTORS.index(name)] = 1
        case TypeConstructor(name) if name in _LIKE:
            row[_CONSTRUCTORS.index(_LIKE[name])] = row[-1] = 1
        case FunctionType():
            row[-3] = 1
        case TypeVariable():
            row[-2] = 1
        case _:
            row[-1] = 1
    return row
