"""From a network's scores to sketches: a beam search over decisions in typed pre-order.

A sketch's probability is the product of its decisions', those to leave a part open among them, so the probabilities of
all sketches add up to one, and those of the likeliest to less.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dsl.grammar import Production
from dsl.library import Library
from dsl.program import Application, Hole, Lambda, Program
from dsl.type_system import FunctionType
from synth.guide.arrays import TypeTable
from synth.guide.choices import LEAF_WIDTH, SHAPE_WIDTH, Choices, Options
from synth.guide.model import GuideNet, Table
from synth.guide.places import Grounds, Place
from synth.guide.words import Known, definition_shares, word_features

__all__ = ["Embedded", "sketches_by"]

_MOST_DECISIONS = 24
_OPENNESS = 1.0
"""Nats by which leaving a part open is likelier than in training. On 150 tasks made for the purpose, recall at 100 was
0.81 with 0, 0.92 with 1, 0.95 with 2; with 2 three sketches of four have holes."""
_LEAST = math.log(1e-5)
"""Partial sketches less likely than this are dropped: to fill them would cost more than to search without."""


class Embedded:
    """The choices of a library, embedded by a network as they are met."""

    def __init__(self, net: GuideNet, library: Library, known: Known | None = None) -> None:
        self.net, self.library = net, library
        self.choices, self.types = Choices(library), TypeTable()
        words = torch.from_numpy(word_features(library, known))
        self._heads = net.words(words, torch.from_numpy(definition_shares(library)))
        self._productions = self._heads[:0]
        self._kinds = self._heads[:0]
        self._leaves = 0

    @property
    def rows(self) -> int:
        """How many productions have been met."""
        return len(self.choices.heads)

    def table(self) -> Table:
        """All that have been met, those that are new embedded first."""
        net, choices = self.net, self.choices
        if self._leaves < len(choices.leaves):
            fresh = np.array(choices.leaves[self._leaves :], dtype=np.float32).reshape(-1, LEAF_WIDTH)
            self._heads = torch.cat([self._heads, net.leaf(torch.from_numpy(fresh))])
            self._leaves = len(choices.leaves)
        known = len(self._productions)
        if known < len(choices.heads):
            shapes = np.array(choices.shapes[known:], dtype=np.float32).reshape(-1, SHAPE_WIDTH)
            heads = self._heads[torch.tensor(choices.heads[known:])]
            self._productions = torch.cat([self._productions, heads + net.shape(torch.from_numpy(shapes))])
        if len(self._kinds) < len(self.types.rows):
            fresh_types = torch.from_numpy(self.types.features[len(self._kinds) :])
            self._kinds = torch.cat([self._kinds, net.kind(fresh_types)])
        return Table(self._heads, self._productions, self._kinds)


_Made: TypeAlias = "tuple[_Made, Place, Production | None] | None"
"""The decisions of a partial sketch, the last one first; None for a part left open."""


@dataclass(slots=True)
class _Partial:
    """A sketch under way: log-probability, decisions, places still to be decided (the next one last)."""

    score: float
    before: int
    made: _Made
    pending: tuple[Place, ...]
    state: int = 0


@dataclass
class _Beam:
    """One beam search."""

    embedded: Embedded
    grounds: Grounds
    task: Tensor
    width: int
    finished: dict[Program, float] = field(default_factory=dict)

    def run(self) -> None:
        active = [_Partial(0.0, -2, None, (self.grounds.root,))]
        states = self.embedded.net.start(self.task[None])  # (1, D)
        for _ in range(_MOST_DECISIONS):
            active, states = self._advance(active, states)
            if not active or (len(self.finished) >= self.width and active[0].score < self._worst()):
                return

    def _worst(self) -> float:
        """The log-probability of the last of the sketches that count."""
        ranked = sorted(self.finished.values(), reverse=True)
        return math.log(ranked[self.width - 1])

    def _advance(self, active: Sequence[_Partial], states: Tensor) -> tuple[list[_Partial], Tensor]:
        net, places = self.embedded.net, [p.pending[-1] for p in active]
        options = [self.grounds.options(place) for place in places]
        steps = self._steps(active, places)
        after, _ = net.step(steps[:, None], states[None])
        states = after[:, 0]  # (A, D)
        queries, open_ = net.decide(states, steps, self.task.expand(len(active), -1))
        scores = [p.score for p in active]
        best = list(self._best(scores, options, queries, open_, places))
        moved = [self._next(active[at], number, options[at], score, at) for at, number, score in best]
        going = [p for p in moved if p is not None]
        return going, states[torch.tensor([p.state for p in going], dtype=torch.long)]

    def _steps(self, active: Sequence[_Partial], places: Sequence[Place]) -> Tensor:
        types = [self.embedded.types.row(place.type) for place in places]
        columns = (
            [p.before for p in active],
            [place.parent for place in places],
            [min(place.argument, 3) for place in places],
            [min(place.depth, 7) for place in places],
            types,
        )
        return self.embedded.net.steps(self.embedded.table(), *map(torch.tensor, columns))

    def _best(
        self,
        scores: Sequence[float],
        options: Sequence[Options],
        queries: Tensor,
        open_: Tensor,
        places: Sequence[Place],
    ) -> Iterator[tuple[int, int, float]]:
        """The likeliest ways to go on: which partial sketch, which option (-1: left open), and its log-probability."""
        going = torch.nn.functional.logsigmoid(-open_ - _OPENNESS).numpy().astype(np.float64)
        leaving = torch.nn.functional.logsigmoid(open_ + _OPENNESS).numpy().astype(np.float64)
        at_top = np.array([place.parent < 0 for place in places])
        base = np.array(scores)
        owners, numbers = [np.arange(len(scores))], [np.full(len(scores), -1)]
        values = [np.where(at_top, -np.inf, base + leaving)]
        productions, prior = self.embedded.table().productions, float(self.embedded.net.prior) * math.log(2)
        for members in _grouped(options):
            chosen = options[members[0]]
            kept = productions[torch.from_numpy(chosen.rows.astype(np.int64))]
            raw = queries[torch.from_numpy(members)] @ kept.T - prior * torch.from_numpy(chosen.bits)
            likely = raw.log_softmax(dim=-1).numpy() + (base + np.where(at_top, 0.0, going))[members][:, None]
            owners.append(np.repeat(members, likely.shape[1]))
            numbers.append(np.tile(np.arange(likely.shape[1]), len(members)))
            values.append(likely.reshape(-1))
        owner, number, value = (np.concatenate(parts) for parts in (owners, numbers, values))
        order = np.argsort(-value, kind="stable")[: self.width]
        for at in order:
            if value[at] > _LEAST:
                yield int(owner[at]), int(number[at]), float(value[at])

    def _next(self, p: _Partial, number: int, options: Options, score: float, state: int) -> _Partial | None:
        """The partial sketch after a decision; None where it is finished."""
        *rest, place = p.pending
        if number < 0:
            made: _Made = (p.made, place, None)
            following, before = tuple(rest), -1
        else:
            production, before = options.productions[number], int(options.rows[number])
            made = (p.made, place, production)
            following = (*rest, *reversed(self.grounds.opened(place, production, before)))
        if following:
            return _Partial(score, before, made, following, state)
        body = _built(made)
        self.finished[body] = self.finished.get(body, 0.0) + math.exp(score)
        return None


def _grouped(options: Sequence[Options]) -> Iterator[NDArray[np.int64]]:
    """Positions that share their options."""
    groups: dict[int, list[int]] = {}
    for at, o in enumerate(options):
        groups.setdefault(id(o), []).append(at)
    return (np.array(members, dtype=np.int64) for members in groups.values())


def _built(made: _Made) -> Program:
    """The program that decisions in pre-order write."""
    decisions: list[tuple[Place, Production | None]] = []
    while made is not None:
        made, place, production = made
        decisions.append((place, production))
    parts: list[Program] = []
    for place, production in decisions:  # from the last one: the parts of a node are there when it comes
        parts.append(_node(place, production, parts))
    return parts[0]


def _node(place: Place, production: Production | None, parts: list[Program]) -> Program:
    if production is None:
        return Hole("", place.type)
    body: Program = production.head
    if production.parameters:
        body = Application(production.head, tuple(parts.pop() for _ in production.parameters))
    return Lambda(place.bound, body) if isinstance(place.type, FunctionType) else body


def sketches_by(embedded: Embedded, grounds: Grounds, task: Tensor, width: int = 100) -> list[tuple[Program, float]]:
    """The bodies of up to `width` sketches with their probabilities, the likeliest first; `task` is (D,)."""
    beam = _Beam(embedded, grounds, task, width)
    beam.run()
    ranked = sorted(beam.finished.items(), key=lambda pair: -pair[1])
    return ranked[:width]
