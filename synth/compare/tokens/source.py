"""The data of a comparison: what programs are shown, what nets train on, what everyone is tested on.

Each has a random stream of its own, made from protocol, task, seed and purpose, so that no draw depends on another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.compiler import compile_program
from dsl.errors import InterfaceError
from dsl.library import Library
from dsl.values import Failure
from synth.compare.protocol import Effort
from synth.compare.scoring import Marking, Probe
from synth.compare.streams import random_stream
from synth.compare.tokens.encoding import TOKENS, Encoding, encoding_of
from tasks.task import Example, Task

__all__ = ["Batch", "DrawItems", "Items", "ListData", "ListSource", "OverLists", "Tokens"]

Tokens = NDArray[np.int64]
Items = tuple[int, ...]
DrawItems: TypeAlias = Callable[[int, np.random.Generator], Items]
"""How an input is drawn, from a length and a random stream."""
_ENUMERABLE = 4
"""Below this many possible inputs for each one wanted, list all and choose, instead of drawing until they differ."""
_UNCOUNTED = 10**18
"""From so many possible inputs on it is not said how many there are: hundreds of digits say nothing more."""
_PATIENCE = 100
"""So many draws for each input that is wanted: where a task draws its own, nobody knows how many there are."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs of one length and the slots of their outputs: (B, N) and (B, S) tokens."""

    inputs: Tokens
    outputs: Tokens


@dataclass(frozen=True, slots=True)
class ListData:
    """How lists are drawn for all tasks of a protocol: its name, and lengths, all inclusive.

    Nets train on lengths `trained`, programs are shown lengths `shown`, `tested` are the points of the axis. A batch
    of a net is in `groups` of one length each.
    """

    protocol: str
    trained: tuple[int, int]
    shown: tuple[int, int]
    tested: tuple[int, ...]
    groups: int = 3


@dataclass(frozen=True)
class ListSource:
    """Where all data of one task comes from; `truth` is the task's own solution.

    Programs see `pairs` examples, where a size does not say how many; more examples are fewer ones and others besides.
    Tests stay away from the first `most` of them. `reference` is a program that is known to be right. `draw` draws an
    input where not every list is one.
    """

    data: ListData
    task: Task
    encoding: Encoding
    truth: Callable[[Items], object]
    pairs: int
    reference: str | None = None
    most: int = 0
    draw: DrawItems | None = None

    @classmethod
    def of(
        cls,
        data: ListData,
        task: Task,
        *,
        pairs: int,
        reference: str | None = None,
        most: int = 0,
        draw: DrawItems | None = None,
        results: int = 0,
        widening: int = 1,
    ) -> ListSource:
        """The source of a generator task; InterfaceError for a task that generates nothing or cannot be encoded.

        `results` and `widening` are those of `Encoding`.
        """
        if task.solution is None:
            raise InterfaceError(f"expected a generator task, found no `solution` line in {task.name!r}")
        run = compile_program(task.solution, task.library)

        def truth(items: Items) -> object:
            value = run((items,))
            if isinstance(value, Failure):
                raise InterfaceError(f"the solution of {task.name!r} gives no value for {items}: {value}")
            return value

        encoding = encoding_of(task, results=results, widening=widening)
        return cls(data, task, encoding, truth, pairs, reference, most, draw)

    @property
    def encoding_name(self) -> str:
        """The form in which everyone is given inputs and outputs (rule F14)."""
        times = f"{self.encoding.widening} times " if self.encoding.widening > 1 else ""
        slots = "one slot" if self.encoding.single else f"{times}as many slots as the input has items"
        results = f", {self.encoding.results} for outputs" if self.encoding.results else ""
        return f"{self.encoding.symbols} symbols{results}, {slots}"

    @property
    def marking(self) -> Marking:
        """How answers are marked."""
        return TOKENS

    def stream(self, purpose: str, seed: int) -> np.random.Generator:
        """A random stream of this task's for a purpose."""
        return random_stream(self.data.protocol, self.task.name, purpose, seed)

    def shown(self, seed: int, size: int | None = None) -> tuple[Example, ...]:
        """The pairs that programs learn from: different inputs, lengths drawn evenly from what may be shown.

        InterfaceError where there are fewer inputs than pairs wanted.
        """
        rng = self.stream("shown", seed)
        low, high = self.data.shown
        wanted = self.pairs if size is None else size
        possible = sum(self.encoding.symbols**length for length in range(low, high + 1))
        if wanted > possible:
            raise InterfaceError(f"expected at most {possible} pairs of length {low} to {high}, found {wanted}")
        inputs: dict[Items, None] = {}
        for _ in range(_PATIENCE * wanted):
            inputs[self.draw_items(int(rng.integers(low, high + 1)), rng)] = None
            if len(inputs) == wanted:
                break
        else:
            raise InterfaceError(f"expected {wanted} different inputs of length {low} to {high}, found {len(inputs)}")
        return tuple(Example((items,), self.truth(items)) for items in inputs)

    def spec_task(self, seed: int, library: Library, size: int | None = None) -> Task:
        """The task as a solver gets it: the shown pairs, the words of its tier, no solution."""
        return replace(
            self.task, examples=self.shown(seed, size), library=library, solution=None, queries=(), holdout=()
        )

    def tests(self, seed: int, count: int) -> tuple[Probe, ...]:
        """Test sets for all tested lengths, from a stream of their own, without what programs are shown."""
        rng = self.stream("test", seed)
        shown = {example.arguments[0] for example in self.shown(seed, max(self.pairs, self.most))}
        return tuple(self._probe(length, count, shown, rng) for length in self.data.tested)

    def _probe(self, length: int, count: int, shown: set[object], rng: np.random.Generator) -> Probe:
        every = self.encoding.symbols**length
        possible = every if self.draw is None and every < _UNCOUNTED else None
        kept: dict[Items, None] = {}
        dropped: set[Items] = set()
        for items in self._candidates(length, count, rng):
            if items in shown:
                dropped.add(items)
            else:
                kept[items] = None
            if len(kept) == count:
                break
        pairs = tuple(((items,), self.truth(items)) for items in kept)
        return Probe(length, pairs, len(dropped), possible)

    def _candidates(self, length: int, count: int, rng: np.random.Generator) -> Iterator[Items]:
        """Inputs of a length in random order: all of them where they are few, else draws without end.

        Where a task draws its own, there are only so many draws, and one that is rare may be missed.
        """
        low, symbols = self.encoding.low, self.encoding.symbols
        if self.draw is not None:
            yield from (self.draw_items(length, rng) for _ in range(_PATIENCE * count))
        elif symbols**length <= _ENUMERABLE * count:
            every = list(product(range(low, low + symbols), repeat=length))
            yield from (every[place] for place in rng.permutation(len(every)))
        else:
            while True:
                yield self.draw_items(length, rng)

    def draw_items(self, length: int, rng: np.random.Generator) -> Items:
        """An input of a length."""
        if self.draw is not None:
            return self.draw(length, rng)
        low = self.encoding.low
        return tuple(int(v) for v in rng.integers(low, low + self.encoding.symbols, size=length))

    def batches(self, seed: int, effort: Effort, lengths: Sequence[int] = ()) -> Iterator[tuple[Batch, ...]]:
        """Fresh training data without end: for each step, groups of inputs, each group of one length.

        Lengths are drawn evenly from all that nets train on, or from the `lengths` given.
        """
        rng = self.stream("train", seed)
        low, high = self.data.trained
        size = effort.batch // self.data.groups
        while True:
            if lengths:
                drawn = rng.choice(lengths, size=self.data.groups)
            else:
                drawn = rng.integers(low, high + 1, size=self.data.groups)
            yield tuple(self._batch(int(length), size, rng) for length in drawn)

    def training_sample(
        self, seed: int, count: int, purpose: str = "train-check", lengths: Sequence[int] = ()
    ) -> tuple[Batch, ...]:
        """More of the training distribution: `count` inputs of each trained length, to see if a net has learned."""
        rng = self.stream(purpose, seed)
        low, high = self.data.trained
        return tuple(self._batch(length, count, rng) for length in lengths or range(low, high + 1))

    def _batch(self, length: int, size: int, rng: np.random.Generator) -> Batch:
        if self.draw is None:
            inputs = rng.integers(0, self.encoding.symbols, size=(size, length))
        else:
            drawn = [self.draw(length, rng) for _ in range(size)]
            inputs = np.array(drawn, dtype=np.int64) - self.encoding.low
        outputs = [self.slots_of(tuple(row)) for row in (inputs + self.encoding.low).tolist()]
        return Batch(inputs, np.array(outputs, dtype=np.int64))

    def slots_of(self, items: Items) -> list[int]:
        """The wanted slots for an input; InterfaceError where the solution's value does not fit into them."""
        value = self.truth(items)
        slots = self.encoding.encode_output(value, len(items))
        if slots is None:
            raise InterfaceError(
                f"the solution of {self.task.name!r} gives {value!r} for {items}, which the slots cannot hold",
                hint="outputs are ints of the input's range, no more of them than the input has items",
            )
        return slots


@dataclass(frozen=True, eq=False)
class OverLists:
    """A source that draws its data from a `ListSource`, in its own way; what is asked of the task is asked of that.

    Sources over it say themselves whether they are compared by what they hold, or are one only as the same object.
    """

    lists: ListSource

    @property
    def task(self) -> Task:
        """The task, with its solution."""
        return self.lists.task

    @property
    def reference(self) -> str | None:
        """A program over plain words that is known to be right; no solver is shown it."""
        return self.lists.reference

    @property
    def encoding(self) -> Encoding:
        """The tokens of inputs and outputs."""
        return self.lists.encoding

    @property
    def encoding_name(self) -> str:
        """The form in which everyone is given inputs and outputs (rule F14)."""
        return self.lists.encoding_name

    @property
    def marking(self) -> Marking:
        """How answers are marked."""
        return self.lists.marking

    def truth(self, items: Items) -> object:
        """The true output."""
        return self.lists.truth(items)

    def stream(self, purpose: str, seed: int) -> np.random.Generator:
        """A random stream of this task's for a purpose."""
        return self.lists.stream(purpose, seed)
