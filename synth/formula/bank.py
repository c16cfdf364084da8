"""All small formulas without constants over some columns: by size, dimension-checked, one for each column of values.

Two formulas with the same values on all rows and the same dimension are one, the smaller; Udupa et al., "TRANSIT", 2013
(section 4), call it observational equivalence. Nothing is a tree here: an entry is an operation and the numbers of
its parts, so that a whole level is computed at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from synth.formula.columns import Floats, Measurements
from synth.formula.expression import (
    BINARY,
    UNARY,
    Binary,
    BinaryName,
    Column,
    Expression,
    Unary,
    UnaryName,
    apply_binary,
    apply_unary,
)

__all__ = ["Bank", "build_bank"]

Ints = NDArray[np.int64]

_PARTS = 4
"""Exponents of dimensions are counted in quarters, so that two roots in one another stay exact."""
_STEEPEST = 4 * _PARTS
"""No unit to a higher power than the fourth."""
_COLUMN = -1
_LARGEST = 1e15
_BLOCK = 400_000
"""Most candidates that are computed at once."""


@dataclass(frozen=True)
class Bank:
    """Formulas of one search, smallest first: values (entries, rows), dimensions (entries, units), how each is made."""

    names: tuple[str, ...]
    values: Floats
    dimensions: Ints
    sizes: Ints
    operations: Ints
    left: Ints
    right: Ints
    computed: int

    def __len__(self) -> int:
        return len(self.sizes)

    def expression(self, number: int) -> Expression:
        """An entry as a tree."""
        operation = int(self.operations[number])
        if operation == _COLUMN:
            return Column(self.names[int(self.left[number])])
        left = self.expression(int(self.left[number]))
        if operation < len(UNARY):
            return Unary(UNARY[operation], left)
        return Binary(BINARY[operation - len(UNARY)], left, self.expression(int(self.right[number])))


@dataclass
class _Growing:
    """The levels so far, and the keys of everything in them."""

    values: list[Floats]
    dimensions: list[Ints]
    operations: list[Ints]
    left: list[Ints]
    right: list[Ints]
    keys: NDArray[np.uint64]
    salt: NDArray[np.uint64]
    computed: int = 0
    starts: list[int] = field(default_factory=lambda: [0])

    @property
    def count(self) -> int:
        return sum(map(len, self.left))


@dataclass(frozen=True)
class _Block:
    """Candidates: how they are made, their values and dimensions."""

    operation: int
    left: Ints
    right: Ints
    values: Floats
    dimensions: Ints


def build_bank(
    measured: Measurements,
    *,
    size: int,
    most: int,
    unary: Sequence[UnaryName] = UNARY,
    binary: Sequence[BinaryName] = BINARY,
    units: bool = True,
) -> Bank:
    """All formulas of at most `size` nodes, or as many as fit into `most` entries, level by level.

    `units` off takes every column for a mere number.
    """
    names = tuple(measured.columns)
    values = np.array([measured.columns[name] for name in names])
    dimensions = np.array(
        [[int(e * _PARTS) for e in measured.dimensions[name].exponents] for name in names], dtype=np.int64
    ) * int(units)
    rng = np.random.default_rng(20_240)
    salt = rng.integers(1, 2**63, size=2 * values.shape[1] + dimensions.shape[1], dtype=np.uint64) | np.uint64(1)
    none = np.zeros(len(names), dtype=np.int64)
    bank = _Growing([], [], [], [], [], np.empty(0, dtype=np.uint64), salt)
    _add(bank, [_Block(_COLUMN, np.arange(len(names)), none, values, dimensions)], most)
    for level in range(2, size + 1):
        if bank.count >= most:
            break
        _add(bank, _level(bank, level, unary, binary, units), most)
    sizes = np.concatenate([np.full(len(left), number + 1) for number, left in enumerate(bank.left)])
    return Bank(
        names,
        np.concatenate(bank.values),
        np.concatenate(bank.dimensions),
        sizes,
        np.concatenate(bank.operations),
        np.concatenate(bank.left),
        np.concatenate(bank.right),
        bank.computed,
    )


def _level(
    bank: _Growing, level: int, unary: Sequence[UnaryName], binary: Sequence[BinaryName], units: bool
) -> Iterator[_Block]:
    """All candidates of a size."""
    for name in unary:
        yield from _unary_block(bank, level - 1, name)
    for left_size in range(1, level - 1):
        right_size = level - 1 - left_size
        for both in binary:
            if both in ("add", "multiply") and left_size > right_size:
                continue  # the other way round it is the same
            yield from _binary_blocks(bank, left_size, right_size, both, units)


def _unary_block(bank: _Growing, size: int, name: UnaryName) -> Iterator[_Block]:
    values, dimensions = bank.values[size - 1], bank.dimensions[size - 1]
    numbers = np.arange(len(values))
    if name in ("log", "exp"):
        numbers = numbers[~dimensions.any(axis=1)]
    found = dimensions[numbers]
    if name == "root":
        whole = (found % 2 == 0).all(axis=1)
        numbers, found = numbers[whole], found[whole] // 2
    elif name == "square":
        found = found * 2
    start = bank.starts[size - 1]
    yield _Block(UNARY.index(name), numbers + start, np.zeros_like(numbers), apply_unary(name, values[numbers]), found)


def _binary_blocks(bank: _Growing, left: int, right: int, name: BinaryName, units: bool) -> Iterator[_Block]:
    """Pairs of entries of two sizes, a few rows of the table of pairs at a time."""
    first, second = bank.values[left - 1], bank.values[right - 1]
    if not len(first) or not len(second):
        return
    step = max(1, _BLOCK // len(second))
    for low in range(0, len(first), step):
        rows, columns = np.meshgrid(np.arange(low, min(low + step, len(first))), np.arange(len(second)), indexing="ij")
        i, j = rows.ravel(), columns.ravel()
        if left == right and name != "divide":
            keep = i <= j if name == "multiply" else i < j  # a - b is b - a but for the sign
            i, j = i[keep], j[keep]
        one, other = bank.dimensions[left - 1][i], bank.dimensions[right - 1][j]
        if name in ("add", "subtract"):
            if units:
                same = (one == other).all(axis=1)
                i, j, one = i[same], j[same], one[same]
            dimensions = one
        else:
            dimensions = one + other if name == "multiply" else one - other
        values = apply_binary(name, first[i], second[j])
        yield _Block(
            len(UNARY) + BINARY.index(name),
            i + bank.starts[left - 1],
            j + bank.starts[right - 1],
            values,
            dimensions,
        )


def _add(bank: _Growing, blocks: Iterator[_Block] | list[_Block], most: int) -> None:
    """Put a level's new entries into the bank: those with proper values that nothing had before."""
    kept: list[_Block] = []
    operations: list[Ints] = []
    room = most - bank.count
    for block in blocks:
        bank.computed += len(block.left)
        fine = _proper(block)
        keys = _keys(block.values[fine], block.dimensions[fine], bank.salt)
        _, first = np.unique(keys, return_index=True)
        first.sort()
        first = first[~np.isin(keys[first], bank.keys)][: max(0, room)]
        chosen = np.flatnonzero(fine)[first]
        bank.keys = np.concatenate([bank.keys, keys[first]])
        room -= len(chosen)
        kept.append(
            _Block(
                block.operation, block.left[chosen], block.right[chosen], block.values[chosen], block.dimensions[chosen]
            )
        )
        operations.append(np.full(len(chosen), block.operation))
        if room <= 0:
            break
    bank.values.append(np.concatenate([block.values for block in kept]))
    bank.dimensions.append(np.concatenate([block.dimensions for block in kept]))
    bank.left.append(np.concatenate([block.left for block in kept]))
    bank.right.append(np.concatenate([block.right for block in kept]))
    bank.operations.append(np.concatenate(operations))
    bank.starts.append(bank.count)


def _proper(block: _Block) -> NDArray[np.bool_]:
    """Which candidates are finite, moderate, not the same on all rows, and of no steep dimension."""
    values = block.values
    size = np.abs(values)
    with np.errstate(all="ignore"):
        fine = np.isfinite(values).all(axis=1) & (size.max(axis=1, initial=0.0) < _LARGEST)
        varied = values.max(axis=1, initial=-np.inf) - values.min(axis=1, initial=np.inf) > 1e-9 * size.max(
            axis=1, initial=0.0
        )
    found: NDArray[np.bool_] = fine & varied & (np.abs(block.dimensions) <= _STEEPEST).all(axis=1)
    return found


def _keys(values: Floats, dimensions: Ints, salt: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number for each candidate that is equal for those with equal values (ten digits) and dimensions."""
    mantissas, exponents = np.frexp(values)
    digits = np.round(mantissas * 2**33).astype(np.int64)
    parts = np.concatenate([digits, exponents.astype(np.int64), dimensions], axis=1).astype(np.uint64)
    mixed = (parts + np.uint64(0x9E3779B97F4A7C15)) * salt
    mixed ^= mixed >> np.uint64(29)
    summed: NDArray[np.uint64] = (mixed * salt[::-1]).sum(axis=1, dtype=np.uint64)
    return summed
