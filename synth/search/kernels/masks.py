"""Compiled loops over bit masks: which terms are right on a set of rows.

Items (terms or predicates) stand in order of their bits, the cheapest first. Their masks are kept both ways: `masks`
has one line of words an item, a bit a row; `index` has one line of words a block of 64 items, a word a row, so that
one `and` asks 64 items at once whether they are right on a row. Rows are lists of row numbers, the rarest first: the
rows on which the fewest terms are right, which let a search give up soonest.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from synth.search.kernels.compiled import compiled
from synth.search.kernels.interning import mix

__all__ = ["Masks", "cheapest_covers", "count_ones", "distinct_masks", "has", "index_of", "keep_undominated", "pack"]

Masks: TypeAlias = NDArray[np.uint64]
"""(items, words): bit r % 64 of word r // 64 is row r."""

_ZERO, _ONE = np.uint64(0), np.uint64(1)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_PAIRS, _FOURS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_EIGHTS, _BYTES = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)


def pack(matrix: NDArray[np.bool_]) -> Masks:
    """Masks of the lines of a matrix (items, rows).

    >>> pack(np.array([[True, False, True]])).tolist()
    [[5]]
    """
    items, rows = matrix.shape
    bytes_of = np.zeros((items, 8 * max(1, -(-rows // 64))), dtype=np.uint8)
    packed = np.packbits(matrix, axis=1, bitorder="little")
    bytes_of[:, : packed.shape[1]] = packed
    return bytes_of.view("<u8")


@compiled
def count_ones(x: np.uint64) -> np.int64:
    """How many bits of a word are set."""
    x = x - ((x >> _ONE) & _PAIRS)
    x = (x & _FOURS) + ((x >> np.uint64(2)) & _FOURS)
    x = (x + (x >> np.uint64(4))) & _EIGHTS
    return np.int64((x * _BYTES) >> np.uint64(56))


@compiled
def _lowest(x: np.uint64) -> np.int64:
    """Position of the lowest set bit of a word that is not zero."""
    return count_ones((x & (~x + _ONE)) - _ONE)


@compiled
def has(mask: np.ndarray, row: int) -> bool:
    """Whether a row is in a mask."""
    return bool((mask[row >> 6] >> np.uint64(row & 63)) & _ONE)


@compiled
def index_of(masks: np.ndarray, rows: int) -> np.ndarray:
    """The masks the other way round: (blocks of 64 items, rows)."""
    index = np.zeros(((len(masks) + 63) // 64, rows), dtype=np.uint64)
    for item in range(len(masks)):
        bit, block = _ONE << np.uint64(item & 63), item >> 6
        for w in range(masks.shape[1]):
            word = masks[item, w]
            while word != _ZERO:
                index[block, 64 * w + _lowest(word)] |= bit
                word &= word - _ONE
    return index


@compiled
def distinct_masks(masks: np.ndarray) -> np.ndarray:
    """Numbers of the items whose mask no earlier item has, in order (open addressing on a hash of the words)."""
    n, words = masks.shape
    size = 16
    while size < 2 * n:
        size *= 2
    table = np.full(size, -1, dtype=np.int64)
    kept = np.empty(n, dtype=np.int64)
    count = 0
    for item in range(n):
        h = _ZERO
        for w in range(words):
            h = mix(h ^ masks[item, w]) + np.uint64(0x9E3779B97F4A7C15)
        slot = np.int64(mix(h) & np.uint64(size - 1))
        while table[slot] >= 0 and not _same(masks, table[slot], item):
            slot = (slot + 1) & (size - 1)
        if table[slot] < 0:
            table[slot] = item
            kept[count] = item
            count += 1
    return kept[:count]


@compiled
def _same(masks: np.ndarray, a: int, b: int) -> bool:
    different = _ZERO
    for w in range(masks.shape[1]):
        different |= masks[a, w] ^ masks[b, w]
    return bool(different == _ZERO)


@compiled
def keep_undominated(masks: np.ndarray, index: np.ndarray, rows: np.ndarray, work: int) -> np.ndarray:
    """Which items are right on some row where no cheaper single item is right on all of their rows.

    Looks at about `work` words and keeps all items after that: one kept too many costs time, never an answer.
    """
    kept = np.ones(len(masks), dtype=np.bool_)
    own = np.empty(len(rows), dtype=np.int32)
    for item in range(len(masks)):
        if work <= 0:
            break
        count = 0
        for row in rows:
            if has(masks[item], row):
                own[count] = row
                count += 1
        work -= len(rows) // 8
        for block in range((item >> 6) + 1):
            alive = _ALL
            if block == item >> 6:
                alive = (_ONE << np.uint64(item & 63)) - _ONE
            for i in range(count):
                alive &= index[block, own[i]]
                work -= 1
                if alive == _ZERO:
                    break
            if alive != _ZERO:
                kept[item] = False
                break
    return kept


@compiled
def cheapest_covers(
    index: np.ndarray, size: int, rows: np.ndarray, count: int, most: int, planes: np.ndarray, best: np.ndarray
) -> None:
    """For each number of misses j up to `most`: `best[j]` is the first item wrong on at most j of the rows, or -1.

    Misses of 64 items are counted at once, in counters cut into `planes` of one bit each, which start so high that
    they overflow at `most` + 1 misses.
    """
    for j in range(most + 1):
        best[j] = -1
    depth = 0
    while (1 << depth) < most + 1:
        depth += 1
    start = (1 << depth) - 1 - most
    for block in range(len(index)):
        for p in range(depth):
            planes[p] = _ALL if (start >> p) & 1 else _ZERO
        over = _ZERO
        for i in range(count):
            carry = ~index[block, rows[i]]
            for p in range(depth):
                next_carry = planes[p] & carry
                planes[p] ^= carry
                carry = next_carry
                if carry == _ZERO:
                    break
            over |= carry
            if over == _ALL:
                break
        alive = ~over
        while alive != _ZERO:
            lane = _lowest(alive)
            alive &= alive - _ONE
            if 64 * block + lane >= size:
                break
            misses = -start
            for p in range(depth):
                if (planes[p] >> np.uint64(lane)) & _ONE != _ZERO:
                    misses += 1 << p
            for j in range(misses, most + 1):
                if best[j] < 0:
                    best[j] = 64 * block + lane
        if best[0] >= 0:
            return
