"""The data of the protocol `samples`: one row of examples a seed, of which learners get the first few or many.

Everybody's examples are a beginning of the same row, so at equal numbers they are identical. Tests are asked in four
regions: where the examples are from, at one length that was withheld, at greater lengths, and on what another task
makes of a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from dsl.library import Library
from synth.compare.scoring import Probe, Said
from synth.compare.tokens.source import Items, OverLists
from tasks.task import Example, Task

__all__ = [
    "CHAINED",
    "INSIDE",
    "LONGER",
    "REGIONS",
    "WITHHELD",
    "Row",
    "SampleSource",
    "answers_by_length",
    "as_rows",
    "items_of",
]

Row: TypeAlias = tuple[Items, Items]
"""An input and its output."""

INSIDE, WITHHELD, LONGER, CHAINED = "inside", "length 6", "length 11 to 40", "chained"
REGIONS = (INSIDE, WITHHELD, LONGER, CHAINED)
"""Where everyone is tested: as the examples, at the length that they leave out, beyond, and after another task."""

_LENGTHS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        INSIDE: (1, 2, 3, 4, 5, 7, 8, 9, 10),
        WITHHELD: (6,),
        LONGER: tuple(range(11, 41)),
        CHAINED: (1, 2, 3, 4, 5, 7, 8, 9, 10),
    }
)
_BLOCK = 1024
"""Inputs are drawn in blocks of so many, so that a longer row begins with the shorter one."""


@dataclass(frozen=True)
class SampleSource(OverLists):
    """Where all data of one task comes from: the task's own data, and the task whose answers it is chained to.

    Tests stay away from the first `most` examples, which is as many as anybody gets. `forbidden` are words that would
    be the answer by themselves.
    """

    before: Callable[[Items], object]
    most: int
    forbidden: frozenset[str] = frozenset()

    def inputs(self, seed: int, size: int) -> tuple[Items, ...]:
        """The first inputs of the row, all different."""
        found: dict[Items, None] = {}
        for items in self._draw(INSIDE, self.stream("shown", seed)):
            found[items] = None
            if len(found) == size:
                break
        return tuple(found)

    def shown(self, seed: int, size: int) -> tuple[Example, ...]:
        """The examples that a learner gets who gets `size`; more are fewer ones and others besides."""
        return tuple(Example((items,), self.lists.truth(items)) for items in self.inputs(seed, size))

    def spec_task(self, seed: int, library: Library, size: int | None) -> Task:
        """The task as a solver gets it: its examples, the words less the forbidden ones, no solution."""
        assert size is not None, "how many examples is what is asked here"
        forbidden = self.forbidden & set(library.entries)
        return replace(
            self.task,
            examples=self.shown(seed, size),
            library=library.without(forbidden) if forbidden else library,
            solution=None,
        )

    def tests(self, seed: int, count: int) -> tuple[Probe, ...]:
        """Test inputs of every region, all different, and none of them among anybody's examples."""
        taken = frozenset(self.inputs(seed, self.most))
        return tuple(self._probe(region, seed, count, taken) for region in REGIONS)

    def _probe(self, region: str, seed: int, count: int, taken: frozenset[Items]) -> Probe:
        kept: dict[Items, None] = {}
        dropped: set[Items] = set()
        for items in self._asked(region, self.stream(f"test {region}", seed)):
            if items in taken:
                dropped.add(items)
            else:
                kept[items] = None
            if len(kept) == count:
                break
        return Probe(region, tuple(((items,), self.lists.truth(items)) for items in kept), len(dropped))

    def _asked(self, region: str, rng: np.random.Generator) -> Iterator[Items]:
        """Inputs of a region without end."""
        for items in self._draw(region, rng):
            if region == CHAINED:
                made = self.before(items)
                assert isinstance(made, tuple), "tasks of this protocol make lists"
                yield made
            else:
                yield items

    def _draw(self, region: str, rng: np.random.Generator) -> Iterator[Items]:
        """Lists of a region's lengths, each equally likely, without end."""
        lengths, low = np.array(_LENGTHS[region]), self.encoding.low
        while True:
            drawn = rng.choice(lengths, size=_BLOCK).tolist()
            cells = rng.integers(low, low + self.encoding.symbols, size=(_BLOCK, int(lengths.max()))).tolist()
            yield from (tuple(row[:length]) for row, length in zip(cells, drawn, strict=True))


def as_rows(examples: Sequence[Example]) -> list[Row]:
    """Examples as pairs of lists."""
    return [(items_of(example.arguments[0]), items_of(example.output)) for example in examples]


def items_of(value: object) -> Items:
    """A value that is a list of ints."""
    assert isinstance(value, tuple)
    return value


def answers_by_length(probe: Probe, answer: Callable[[Sequence[Items]], Sequence[Said]]) -> list[Said]:
    """Answers to all inputs of a probe, from a function that takes inputs of one length at a time."""
    inputs = [items_of(arguments[0]) for arguments, _ in probe.pairs]
    said: dict[int, Said] = {}
    for length in sorted({len(items) for items in inputs}):
        places = [place for place, items in enumerate(inputs) if len(items) == length]
        said.update(zip(places, answer([inputs[place] for place in places]), strict=True))
    return [said[place] for place in range(len(inputs))]
