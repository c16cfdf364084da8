"""The lane that repairs near misses: programs that are right on some examples, with one part replaced.

Each subtree of a near miss, cut out, leaves a sketch with one hole. What fills it are the classes that the unguided
search has found there, cheapest first, in portions that double; the sketches of programs that are cheap and most nearly
right, and those least tried so far, come first. Where the words around the hole have inverses, what the hole must yield
is known, and whole banks are compared with that instead of being run. Banks and scopes are the unguided engine's own;
they are only read.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from dsl.inference import UNTYPED
from dsl.program import Application, Hole, Lambda, Program, children, rebuild
from synth.budget import Meter
from synth.search.engine import Engine
from synth.search.filler import Filler
from synth.search.goals import Goal, matches
from synth.search.hits import Hits
from synth.search.residuals import residual_of
from synth.search.scope import TOP
from synth.search.skeleton import Skeleton
from synth.search.sketch_reading import Unfillable, skeleton_of
from synth.solver import NearMiss

__all__ = ["Repair", "cuts"]

_PORTION = 64
"""Classes that are tried in a hole the first time; then as many again as before."""
_MISSING_COSTS, _BITS_COST = 12.0, 0.1
"""What counts against a near miss: all examples missed, and a bit of its length; one doubling of the work counts 1."""


def cuts(program: Program) -> Iterator[Program]:
    """A program with each of its parts in turn, but for whole functions, replaced by a hole.

    >>> from dsl.program import Variable, call
    >>> [cut == call("list.reverse", Hole("", UNTYPED)) for cut in cuts(call("list.reverse", Variable("xs")))]
    [True]
    """
    parts = children(program)
    for i, part in enumerate(parts):
        if i == 0 and isinstance(program, Application):
            continue
        whole = () if isinstance(part, Lambda) else (Hole("", UNTYPED),)
        for cut in itertools.chain(whole, cuts(part)):
            yield rebuild(program, (*parts[:i], cut, *parts[i + 1 :]))


@dataclass(slots=True)
class _Try:
    """A near miss with a hole, how much counts against it, and what has been done: classes tried, and work."""

    sketch: Lambda
    against: float
    tried: int = 0
    work: int = 0
    skeleton: Skeleton | None = None
    filler: Filler | None = None
    goal: Goal | None = None

    @property
    def priority(self) -> float:
        """The lower, the sooner its turn."""
        return self.against + math.log2(1 + self.work)


@dataclass(slots=True)
class Repair:
    """Repairs the near misses of an engine; new ones are taken up as they come."""

    engine: Engine
    meter: Meter
    hits: Hits
    tries: list[_Try] = field(default_factory=list)
    """All near misses with a hole, as they were taken up."""
    _seen: set[Lambda] = field(default_factory=set)
    _taken: int = 0
    _queue: list[tuple[float, int, _Try]] = field(default_factory=list)
    _waiting: list[_Try] = field(default_factory=list)
    """What has tried all classes that there are."""
    _waiting_since: int = 0
    _order: Iterator[int] = field(default_factory=itertools.count)

    def steps(self) -> Iterator[None]:
        """The lane, a block of fillings at a time; a step without work where there is nothing to repair now."""
        while True:
            self._take_up()
            if not self._queue:
                yield
                continue
            chosen = heapq.heappop(self._queue)[2]
            try:
                filler = self._filler(chosen)
            except Unfillable:
                continue
            if filler is None or chosen.tried >= filler.banks[0].count:
                self._waiting.append(chosen)
                continue
            before = self.meter.evaluations
            yield from self._work(chosen, filler)
            chosen.work += self.meter.evaluations - before
            self._push(chosen)

    # ---- what to try ---------------------------------------------------------------------------------------------

    def _take_up(self) -> None:
        """Near misses that are new, and, after a level of the search, what waits for more classes."""
        near = self.engine.judge.kept
        for miss in near[self._taken :]:
            self._cut(miss)
        self._taken = len(near)
        if self.engine.level > self._waiting_since:
            self._waiting_since = self.engine.level
            for waiting in self._waiting:
                self._push(waiting)
            self._waiting.clear()

    def _cut(self, miss: NearMiss) -> None:
        assert isinstance(miss.program, Lambda), "a near miss is a whole program"
        count = len(self.engine.spec.examples)
        against = _MISSING_COSTS * (count - len(miss.right)) / count + _BITS_COST * miss.bits
        for body in cuts(miss.program.body):
            sketch = Lambda(miss.program.parameters, body)
            if sketch not in self._seen:
                self._seen.add(sketch)
                self.tries.append(_Try(sketch, against))
                self._push(self.tries[-1])

    def _push(self, item: _Try) -> None:
        heapq.heappush(self._queue, (item.priority, next(self._order), item))

    # ---- trying --------------------------------------------------------------------------------------------------

    def _filler(self, item: _Try) -> Filler | None:
        """What fills the hole; None while the search has not built there. Raises Unfillable."""
        if item.filler is None:
            engine, spec = self.engine, self.engine.spec
            if item.skeleton is None:
                item.skeleton = skeleton_of(item.sketch, spec.library, spec.type_request)
            scopes, ((key, t),) = engine.lambdas.scopes, item.skeleton.places
            known = all(k in scopes for k in (key, *item.skeleton.keys) if k != TOP)
            if known and t in engine.lambdas.scope(key).banks:
                item.filler = Filler(engine, item.skeleton, self.meter, self.hits)
                item.goal = residual_of(engine, item.skeleton, self.meter) if engine.switches.goals else None
        return item.filler

    def _work(self, item: _Try, filler: Filler) -> Iterator[None]:
        """The next portion of classes in the hole."""
        (bank,), goal = filler.banks, item.goal
        if goal is None:
            stop = min(bank.count, max(_PORTION, 2 * item.tried))
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
