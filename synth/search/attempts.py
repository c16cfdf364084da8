"""Sketches filled over the unguided engine's own banks, in turns: the likelier and the less tried first.

Banks and scopes are only read, so the order of the unguided search stays as it is, and what fills a hole costs nothing
but its trial. Where the words around a single hole have inverses, what the hole must yield is known, and whole banks
are compared with that instead of being run.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from dsl.program import Lambda
from synth.budget import Meter
from synth.search.engine import Engine
from synth.search.filler import Filler
from synth.search.goals import Goal, matches
from synth.search.hits import Hits
from synth.search.residuals import residual_of
from synth.search.schedule import Place
from synth.search.scope import TOP, ScopeKey
from synth.search.skeleton import Skeleton
from synth.search.sketch_reading import Unfillable, skeleton_of
from synth.search.tuples import argument_tuples

__all__ = ["Attempt", "Attempts"]


@dataclass(slots=True)
class Attempt:
    """A sketch, how much counts against it, in bits, and what has been done.

    `tried` are, of one hole, the classes that were tried in it, of several, the level that they cost together.
    """

    sketch: Lambda
    against: float
    tried: int = 0
    work: int = 0
    skeleton: Skeleton | None = None
    filler: Filler | None = None
    goal: Goal | None = None

    @property
    def priority(self) -> float:
        """The lower, the sooner its turn; one doubling of the work counts 1."""
        return self.against + math.log2(1 + self.work)


@dataclass(slots=True)
class Attempts:
    """Attempts over an engine's banks. `portion` classes are tried in a hole first; later, as many as before."""

    engine: Engine
    meter: Meter
    hits: Hits
    portion: int
    all: list[Attempt] = field(default_factory=list)
    _queue: list[tuple[float, int, Attempt]] = field(default_factory=list)
    _waiting: list[Attempt] = field(default_factory=list)
    """What has tried all that there is to try."""
    _waiting_since: int = 0
    _distances: dict[Place, int] = field(init=False)
    _keys: frozenset[ScopeKey] = field(init=False)
    _order: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self._distances = {place: distance for distance, place in self.engine.schedule.places}
        self._keys = frozenset(key for key, _ in self._distances)

    def add(self, sketch: Lambda, against: float, skeleton: Skeleton | None = None) -> None:
        """Take up a sketch; its skeleton is made when its turn comes, if it is not given."""
        self.all.append(Attempt(sketch, against, skeleton=skeleton))
        self._push(self.all[-1])

    def has_banks(self, skeleton: Skeleton) -> bool:
        """Whether the engine soon has what fills a sketch's holes: bodies of lambdas come late, far from a goal."""
        at_top = all(key == TOP and (key, t) in self._distances for key, t in skeleton.places)
        return at_top and self._keys >= set(skeleton.keys)

    def next(self) -> Attempt | None:
        """Whose turn it is, with something to try; None while there is nothing."""
        if len(self.engine.levels) > self._waiting_since:
            self._waiting_since = len(self.engine.levels)
            for waiting in self._waiting:
                self._push(waiting)
            self._waiting.clear()
        while self._queue:
            chosen = self._queue[0][2]
            try:
                filler = self._filler(chosen)
            except Unfillable:
                heapq.heappop(self._queue)
                continue
            if filler is not None and self._can_go_on(chosen, filler):
                return chosen
            heapq.heappop(self._queue)
            self._waiting.append(chosen)
        return None

    def work(self) -> Iterator[None]:
        """The next portion of what `next` found, a block at a time."""
        chosen, before = heapq.heappop(self._queue)[2], self.meter.evaluations
        filler = chosen.filler
        assert filler is not None, "only what can be filled has its turn"
        yield from self._one_hole(chosen, filler) if len(filler.banks) == 1 else self._holes(chosen, filler)
        chosen.work += max(1, self.meter.evaluations - before)
        self._push(chosen)

    def _push(self, item: Attempt) -> None:
        heapq.heappush(self._queue, (item.priority, next(self._order), item))

    def _filler(self, item: Attempt) -> Filler | None:
        """What fills the holes; None while the search has not built there. Raises Unfillable."""
        if item.filler is None:
            engine, spec = self.engine, self.engine.spec
            if item.skeleton is None:
                item.skeleton = skeleton_of(item.sketch, spec.library, spec.type_request)
            skeleton, scopes = item.skeleton, engine.lambdas.scopes
            keys = {*skeleton.keys, *(key for key, _ in skeleton.places)} - {TOP}
            if all(key in scopes for key in keys) and all(
                t in engine.lambdas.scope(k).banks for k, t in skeleton.places
            ):
                item.filler = Filler(engine, skeleton, self.meter, self.hits)
                if len(skeleton.spaces) == 1 and engine.switches.goals:
                    item.goal = residual_of(engine, skeleton, self.meter)
        return item.filler

    def _can_go_on(self, item: Attempt, filler: Filler) -> bool:
        banks = filler.banks
        if len(banks) == 1:
            return item.tried < banks[0].count
        if not all(bank.count for bank in banks):
            return False
        least = [bank.lowest for bank in banks]
        item.tried = max(item.tried, sum(least) - 1)
        spare, done = item.tried + 1 - sum(least), len(self.engine.levels)
        assert item.skeleton is not None, "it has been filled"
        ready = (done - self._distances.get(place, done) for place in item.skeleton.places)
        return all(low + spare <= level for low, level in zip(least, ready, strict=True))

    def _one_hole(self, item: Attempt, filler: Filler) -> Iterator[None]:
        """The next classes in the one hole."""
        (bank,), goal = filler.banks, item.goal
        if goal is None:
            stop = min(bank.count, max(self.portion, 2 * item.tried))
            numbers = np.arange(item.tried, stop, dtype=np.int32)
        else:
            stop = bank.count
            self.meter.check()
            self.meter.count(1)
            cells, status = bank.cells[item.tried : stop], bank.status[item.tried : stop]
            numbers = (item.tried + matches(goal, cells, status)).astype(np.int32)
        for start in range(0, len(numbers), filler.size):
            filler.attempt(numbers[start : start + filler.size, None])
            yield
        item.tried = stop

    def _holes(self, item: Attempt, filler: Filler) -> Iterator[None]:
        """The fillings of several holes that cost a level more."""
        level = item.tried + 1
        for numbers in argument_tuples(filler.banks, level, False, filler.size):
            filler.attempt(numbers, level)
            yield
        item.tried = level
