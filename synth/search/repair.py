"""The lane that repairs near misses: programs that are right on some examples, with one part replaced.

Each subtree of a near miss, cut out, leaves a sketch with one hole. What fills it are the classes that the unguided
search has found there, cheapest first, in portions that double; the sketches of programs that are cheap and most nearly
right, and those least tried so far, come first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from dsl.inference import UNTYPED
from dsl.program import Application, Hole, Lambda, Program, children, rebuild
from synth.budget import Meter
from synth.search.attempts import Attempts
from synth.search.engine import Engine
from synth.search.hits import Hits
from synth.solver import NearMiss

__all__ = ["Repair", "cuts"]

_PORTION = 64
"""Classes that are tried in a hole the first time; then as many again as before."""
_MISSING_COSTS, _BITS_COST = 12.0, 0.1
"""What counts against a near miss: all examples missed, and a bit of its length."""


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
class Repair:
    """Repairs the near misses of an engine; new ones are taken up as they come."""

    engine: Engine
    meter: Meter
    hits: Hits
    attempts: Attempts = field(init=False)
    """All near misses with a hole, as they were taken up."""
    _seen: set[Lambda] = field(default_factory=set)
    _taken: int = 0

    def __post_init__(self) -> None:
        self.attempts = Attempts(self.engine, self.meter, self.hits, _PORTION)

    def steps(self) -> Iterator[None]:
        """The lane, a block of fillings at a time; a step without work where there is nothing to repair now."""
        while True:
            self._take_up()
            if self.attempts.next() is None:
                yield
            else:
                yield from self.attempts.work()

    def _take_up(self) -> None:
        """Cut near misses that are new."""
        near = self.engine.judge.kept
        for miss in near[self._taken :]:
            self._cut(miss)
        self._taken = len(near)

    def _cut(self, miss: NearMiss) -> None:
        assert isinstance(miss.program, Lambda), "a near miss is a whole program"
        count = len(self.engine.spec.examples)
        against = _MISSING_COSTS * (count - len(miss.right)) / count + _BITS_COST * miss.bits
        for body in cuts(miss.program.body):
            sketch = Lambda(miss.program.parameters, body)
            if sketch not in self._seen:
                self._seen.add(sketch)
                self.attempts.add(sketch, against)
