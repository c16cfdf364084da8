"""Answers of the in-context net: shown pairs are read once, and each question's output is written greedily.

Imports torch; import it where a net is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import torch
from torch import Tensor

from synth.compare.incontext.episode_file import PAIRS
from synth.compare.incontext.layout import as_items, as_tokens
from synth.nets.in_context import ARROW_INT, ARROW_LIST, END, Cache, InContext, Places

__all__ = ["MOST_SHOWN", "Context", "Items", "Written"]

Items: TypeAlias = tuple[int, ...]

MOST_SHOWN = PAIRS - 1
"""The most pairs that are read; of more, these first ones are."""
_AT_ONCE = 64
"""Questions that are answered together."""
_ROOM = 8
"""How many more items than its input an output may have before its writing is cut off, and no less than this."""


@dataclass(frozen=True, slots=True)
class Written:
    """An answer, None where it has a number that has no token, and the product of its tokens' probabilities."""

    items: Items | None
    confidence: float


@dataclass(frozen=True)
class Context:
    """A net that has read the shown pairs of a task; `single` says that outputs are ints."""

    net: InContext
    cache: Cache
    shown: int
    single: bool

    @classmethod
    def of(cls, net: InContext, pairs: Sequence[tuple[Items, Items]], *, single: bool) -> Context:
        """Read the pairs; no weight changes."""
        pairs = pairs[:MOST_SHOWN]
        rows = [_row(given, output, number, single) for number, (given, output) in enumerate(pairs)]
        cache = net.empty_cache(sum(len(row[0]) for row in rows))
        if rows:
            tokens, *places = (
                torch.tensor([list(chain(*parts))], device=cache.kept.device) for parts in zip(*rows, strict=True)
            )
            with torch.no_grad():
                net.extend(cache, tokens, Places(*places))
        return cls(net, cache, len(pairs), single)

    @torch.no_grad()
    def answers(self, inputs: Sequence[Items]) -> list[Written]:
        """The net's outputs for some inputs, in their order."""
        by_length: defaultdict[int, list[int]] = defaultdict(list)
        for number, items in enumerate(inputs):
            by_length[len(items)].append(number)
        found: dict[int, Written] = {}
        for numbers in by_length.values():
            for first in range(0, len(numbers), _AT_ONCE):
                some = numbers[first : first + _AT_ONCE]
                found.update(zip(some, self._of_one_length([inputs[number] for number in some]), strict=True))
        return [found[number] for number in range(len(inputs))]

    def _of_one_length(self, inputs: Sequence[Items]) -> list[Written]:
        device = self.cache.kept.device
        B, length = len(inputs), len(inputs[0])
        most = 1 if self.single else length + max(_ROOM, length // 4)
        cache = self.cache.repeated(B, length + 1 + most)
        rows = [_row(items, (), self.shown, self.single) for items in inputs]
        tokens, *places = (torch.tensor(parts, device=device) for parts in zip(*rows, strict=True))
        row = self.net.extend(cache, tokens, Places(*places))[:, -1]  # (B, D)
        written: list[list[int]] = [[] for _ in inputs]
        ended = torch.zeros(B, dtype=torch.bool, device=device)
        sure = torch.ones(B, device=device)
        for place in range(1, most + 1):
            best = self.net.logits(row).softmax(dim=-1).max(dim=-1)
            sure = torch.where(ended, sure, sure * best.values)
            ended = ended | (best.indices == END)
            for number, token in enumerate(best.indices.tolist()):
                if not ended[number]:
                    written[number].append(token)
            if bool(ended.all()) or place == most:
                break
            row = self.net.extend(cache, best.indices[:, None], self._place(B, place, device))[:, -1]
        return [Written(as_items(w), float(s)) for w, s in zip(written, sure, strict=True)]

    def _place(self, count: int, place: int, device: torch.device) -> Places:
        """Where the written item of that number is."""

        def all_of(value: int) -> Tensor:
            return torch.full((count, 1), value, device=device)

        return Places(all_of(self.shown), all_of(place), all_of(place), all_of(2))


def _row(given: Items, output: Items, pair: int, single: bool) -> tuple[list[int], ...]:
    """A pair laid out as `synth.compare.incontext.layout` says: tokens, pairs, fronts, backs, parts."""
    n, m = len(given), len(output)
    items = as_tokens(torch.tensor([*given, *output], dtype=torch.int64)).tolist()
    return (
        [*items[:n], ARROW_INT if single else ARROW_LIST, *items[n:]],
        [pair] * (n + 1 + m),
        [*range(n), *range(m + 1)],
        [*reversed(range(n)), *range(m + 1)],
        [0] * n + [1] + [2] * m,
    )
