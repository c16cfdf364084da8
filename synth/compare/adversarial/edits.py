"""Attacks on functions of sequences by substituting items; the right output is computed anew for every edit.

So an answer that changes is not an error by itself: an attack succeeds where the answer differs from the true output
of the edited input. None of these needs a gradient; they are the same for nets and programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import TypeAlias

import numpy as np

from synth.compare.metrics import Count
from synth.compare.tokens.encoding import TOKENS, Encoding
from synth.compare.tokens.source import Items

__all__ = [
    "Answering",
    "Fooled",
    "Function",
    "closeness",
    "every_list",
    "exhaust",
    "is_wrong",
    "neighbours",
    "search_edits",
]

Answering: TypeAlias = Callable[[Sequence[Items]], list[object]]
"""From inputs, of any lengths, to answers."""
Function: TypeAlias = Callable[[Items], object]
"""The true function."""

_CHUNK = 4_000
"""Inputs that are asked at a time when all are tried."""
_ROUND = 10
"""Queries for each input in one round of the search."""


@dataclass(frozen=True, slots=True)
class Fooled:
    """An edited input, its true output, and the wrong answer."""

    base: Items
    edited: Items
    truth: object
    answer: object


def is_wrong(truth: object, answer: object) -> bool:
    """Whether an answer counts as wrong."""
    return not TOKENS.right(truth, answer)


def closeness(truth: object, answer: object) -> float:
    """How close an answer is, from 0 to 1."""
    assert TOKENS.close is not None, "tokens have a measure of closeness"
    return TOKENS.close(truth, answer)


def search_edits(
    answer: Answering,
    truth: Function,
    bases: Sequence[Items],
    encoding: Encoding,
    *,
    edits: int,
    queries: int,
    rng: np.random.Generator,
) -> list[Fooled | None]:
    """Black-box search within some edits of each base: half of the queries are drawn, half climb from the worst so far.

    Every base has the same number of queries, whoever is attacked.
    """
    found: list[Fooled | None] = [None] * len(bases)
    worst: list[tuple[float, Items]] = [(1.0, base) for base in bases]
    rounds = max(2, queries // _ROUND)
    for number in range(rounds):
        left = [place for place, hit in enumerate(found) if hit is None]
        climbing = number >= rounds // 2
        tried = [
            (place, _edit(bases[place], worst[place][1] if climbing else bases[place], encoding, edits, rng))
            for place in left
            for _ in range(_ROUND)
        ]
        answers = answer([items for _, items in tried]) if tried else []
        for (place, items), said in zip(tried, answers, strict=True):
            right = truth(items)
            near = closeness(right, said)
            if is_wrong(right, said) and found[place] is None:
                found[place] = Fooled(bases[place], items, right, said)
            worst[place] = min(worst[place], (near, items), key=lambda one: one[0])
    return found


def _edit(base: Items, start: Items, encoding: Encoding, edits: int, rng: np.random.Generator) -> Items:
    """A neighbour of `start` that differs from `base` in one place at least and in `edits` at most."""
    items = list(start)
    changed = [place for place in range(len(base)) if items[place] != base[place]]
    more = int(rng.integers(1, edits + 1)) if not changed else 1
    for place in rng.permutation(len(base))[:more].tolist():
        if place not in changed and len(changed) >= edits:
            undone = changed.pop(int(rng.integers(len(changed))))
            items[undone] = base[undone]
        items[place] = _other(base[place], encoding, rng)
        changed = [where for where in range(len(base)) if items[where] != base[where]]
    return tuple(items)


def _other(item: int, encoding: Encoding, rng: np.random.Generator) -> int:
    """A symbol that is not this one."""
    drawn = int(rng.integers(encoding.low, encoding.low + encoding.symbols - 1))
    return drawn + (drawn >= item)


def neighbours(base: Items, encoding: Encoding, edits: int) -> Iterator[Items]:
    """All inputs that differ from a base in exactly so many places.

    >>> list(neighbours((0, 1), Encoding(low=0, symbols=2, single=True), 1))
    [(1, 1), (0, 0)]
    """
    symbols = range(encoding.low, encoding.low + encoding.symbols)
    for places in combinations(range(len(base)), edits):
        for chosen in product(*([s for s in symbols if s != base[place]] for place in places)):
            items = list(base)
            for place, symbol in zip(places, chosen, strict=True):
                items[place] = symbol
            yield tuple(items)


def exhaust(answer: Answering, truth: Function, inputs: Iterator[Items]) -> Count:
    """On how many of some inputs a function is right, all of them asked. A right function is right on every one."""
    total = Count(0, 0)
    while some := list(islice(inputs, _CHUNK)):
        answers = answer(some)
        right = sum(not is_wrong(truth(items), said) for items, said in zip(some, answers, strict=True))
        total += Count(right, len(some))
    return total


def every_list(encoding: Encoding, longest: int) -> Iterator[Items]:
    """All lists of the symbols, of one item up to `longest`."""
    symbols = range(encoding.low, encoding.low + encoding.symbols)
    for length in range(1, longest + 1):
        yield from product(symbols, repeat=length)
