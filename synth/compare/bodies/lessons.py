"""Finite data: so many examples of the training lengths, in batches again and again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from synth.compare.protocol import Effort
from synth.compare.streams import digest
from synth.compare.tokens.source import Batch, Items, ListSource

__all__ = ["Lessons"]


class Lessons:
    """The first `size` examples of a seed, of lengths drawn evenly; more are the fewer ones and others besides."""

    def __init__(self, source: ListSource, seed: int, size: int) -> None:
        self.source = source
        rng = source.stream("lessons", seed)
        low, high = source.data.trained
        self.inputs: list[Items] = [source.draw_items(int(rng.integers(low, high + 1)), rng) for _ in range(size)]
        rows: dict[int, list[Items]] = {}
        for items in self.inputs:
            rows.setdefault(len(items), []).append(items)
        self._groups = [self._batch(group) for _, group in sorted(rows.items())]

    def _batch(self, rows: list[Items]) -> Batch:
        outputs = {items: self.source.slots_of(items) for items in set(rows)}
        inputs = np.array(rows, dtype=np.int64) - self.source.encoding.low
        return Batch(inputs, np.array([outputs[items] for items in rows], dtype=np.int64))

    @property
    def fingerprint(self) -> str:
        """A content hash of the examples."""
        return digest(self.inputs)

    @property
    def seen(self) -> frozenset[Items]:
        """The inputs, each once."""
        return frozenset(self.inputs)

    def batches(self, seed: int, effort: Effort) -> Iterator[tuple[Batch, ...]]:
        """Batches without end: in each, groups of one length each, lengths by how many examples they have."""
        rng = self.source.stream("lesson order", seed)
        shares = np.array([len(group.inputs) for group in self._groups]) / len(self.inputs)
        count, groups = effort.batch // self.source.data.groups, self.source.data.groups
        while True:
            chosen = rng.choice(len(self._groups), size=groups, p=shares)
            yield tuple(_some(self._groups[place], rng, count) for place in chosen)


def _some(group: Batch, rng: np.random.Generator, count: int) -> Batch:
    places = rng.integers(len(group.inputs), size=count)
    return Batch(group.inputs[places], group.outputs[places])
