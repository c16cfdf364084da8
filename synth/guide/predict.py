"""The guide that is a trained network."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from dsl.library import Library
from dsl.program import Lambda, Program
from synth.guidance import Guidance
from synth.guide.arrays import Inputs, inputs_of, presence_heads
from synth.guide.batches import reading_of
from synth.guide.columns import columns_of, joined, with_columns, written_out
from synth.guide.context_scores import contexts_by
from synth.guide.decode import Embedded, sketches_by
from synth.guide.model import GuideNet, threads
from synth.guide.places import Grounds
from synth.guide.subgoals import likely_parts
from synth.guide.words import Known
from tasks.task import Spec

__all__ = ["NeuralGuide"]

_STEPS_A_BIT = 4
_MOST_BITS = 5.0
_LEAST_CHANCE, _MOST_PARENTS = 0.01, 32
"""Words for whose arguments there are contexts: those that are likely enough to occur, and not too many."""
_MOST_ROWS, _MOST_LIBRARIES = 30_000, 4
"""Embedded choices that are kept of a library, and libraries; then they are forgotten and made anew."""


@dataclass
class NeuralGuide:
    """Guides by a network. `sketches` is the most that it proposes; `center` the mean of what it makes of its own
    tasks, for `distance`. So many of its own `subgoals` are run, and what they yield is read before it says the rest.
    """

    net: GuideNet
    name: str = "neural"
    sketches: int = 100
    center: tuple[float, ...] = ()
    subgoals: int = 0
    _embedded: dict[int, tuple[Library, Embedded]] = field(default_factory=dict, repr=False)
    _known: Known = field(default_factory=dict, repr=False)

    def predict(self, spec: Spec, columns: Sequence[tuple[Lambda, float]] = ()) -> Guidance:
        """Guidance for a task; CannotGuide for types that nobody knows. Bits come in quarters, and so do the
        logarithms of probabilities, so that what computers differ in is rounded away.

        `columns` are programs over the parameters that are likely parts of a solution, each with its probability, from
        anywhere: they are run, and sketches that have them are proposed besides.
        """
        inputs = inputs_of(spec)
        with threads(), torch.inference_mode():
            embedded = self._embedded_of(spec.library)
            grounds = Grounds(spec, embedded.choices)
            task = self._task(inputs)
            bits, chances = self._words(grounds, embedded, task, inputs)
            found = sketches_by(embedded, grounds, task[0], self.sketches)
            likely = sorted((-p, key) for key, p in chances.items() if p >= _LEAST_CHANCE)[:_MOST_PARENTS]
            contexts = contexts_by(embedded, grounds, task[0], [key for _, key in likely])
            own = likely_parts(found, spec.parameters)[: self.subgoals]
            parts = [*columns, *((Lambda(spec.parameters, body), p) for body, p in own)]
            found = self._beyond(spec, embedded, found, parts)
        sketches = tuple((Lambda(spec.parameters, body), _rounded(p)) for body, p in found)
        common = likely_parts(found, spec.parameters)
        subgoals = tuple((Lambda(spec.parameters, body), _rounded(p)) for body, p in common)
        return Guidance(self.name, bits, sketches, contexts=contexts, subgoals=subgoals)

    def _beyond(
        self,
        spec: Spec,
        embedded: Embedded,
        sketches: list[tuple[Program, float]],
        parts: Sequence[tuple[Lambda, float]],
    ) -> list[tuple[Program, float]]:
        """The sketches, and those that are proposed where what some parts yield is read, too."""
        columns = columns_of(spec, parts, len(parts)) if parts else ()
        if not columns:
            return sketches
        longer, named = with_columns(spec, columns)
        grounds = Grounds(longer, embedded.choices)
        found = sketches_by(embedded, grounds, self._task(inputs_of(longer))[0], self.sketches)
        return joined(sketches, written_out(found, named), self.sketches)

    def distance(self, spec: Spec) -> float:
        """How far what the network makes of a spec is from what it made of the tasks that it learned from."""
        with threads(), torch.inference_mode():
            task = self._task(inputs_of(spec))[0]
        return float((task - torch.tensor(self.center)).norm()) if self.center else 0.0

    def _task(self, inputs: Inputs) -> Tensor:
        """(1, D) what the network makes of a spec."""
        r = reading_of([inputs])
        return self.net.read(r.tokens, r.lengths, r.owner, r.properties, r.request)

    def _embedded_of(self, library: Library) -> Embedded:
        known = self._embedded.get(id(library))
        if known is None or known[1].rows > _MOST_ROWS:
            if len(self._embedded) >= _MOST_LIBRARIES:
                self._embedded.clear()
            known = self._embedded[id(library)] = library, Embedded(self.net, library, self._known)
        return known[1]

    def _words(
        self, grounds: Grounds, embedded: Embedded, task: Tensor, inputs: Inputs
    ) -> tuple[Mapping[str, float], Mapping[str, float]]:
        """How much less likely each production is than without the examples, in bits; and how likely it is."""
        heads = presence_heads(grounds)
        names = _keys(grounds)
        request = torch.from_numpy(inputs.request.astype(np.float32))[None]
        usual, present = self.net.presence(task, request, embedded.table())
        change = torch.nn.functional.logsigmoid(usual) - torch.nn.functional.logsigmoid(present)
        bits = (change[0, torch.from_numpy(heads.astype(np.int64))] / math.log(2)).clamp(-_MOST_BITS, _MOST_BITS)
        found: dict[str, float] = {}
        for head, value in zip(heads.tolist(), bits.tolist(), strict=True):
            rounded = round(value * _STEPS_A_BIT) / _STEPS_A_BIT
            for key in names[head]:
                found[key] = min(rounded, found.get(key, rounded))
        chances = present.sigmoid()[0]
        likely = {key: float(chances[head]) for head in heads.tolist() for key in names[head]}
        return {key: value for key, value in found.items() if value}, likely

    def probabilities(self, spec: Spec) -> Mapping[str, float]:
        """For each production by its name, how likely it is to occur in a solution."""
        inputs = inputs_of(spec)
        with threads(), torch.inference_mode():
            embedded = self._embedded_of(spec.library)
            grounds = Grounds(spec, embedded.choices)
            return self._words(grounds, embedded, self._task(inputs), inputs)[1]


def _keys(grounds: Grounds) -> dict[int, set[str]]:
    """The names of the productions that have each head: of words their names, of inputs and constants their keys."""
    choices, root = grounds.choices, grounds.root
    names: dict[int, set[str]] = {head: {name} for head, name in enumerate(choices.library.entries)}
    where = {s.production.key: s for s in root.scope}
    for production in root.leaves:
        head = choices.heads[choices.row(production, where, grounds.given)]
        names.setdefault(head, set()).add(production.key)
    return names


def _rounded(probability: float) -> float:
    """A probability whose logarithm comes in steps, rounded down so that the sum stays below 1."""
    return float(2.0 ** (math.floor(math.log2(probability) * _STEPS_A_BIT) / _STEPS_A_BIT))
