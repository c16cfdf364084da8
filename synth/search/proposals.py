"""The lane for what a guide proposes: sketches, the likelier and the less tried first, and whole programs among them.

Holes are filled from the banks of the unguided search, which have been paid for. Sketches with holes for which it
builds nothing, or builds it late, are `foreign`: they need an engine of their own (see `sketching.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dsl.program import Lambda, holes
from synth.budget import Meter
from synth.search.attempts import Attempts
from synth.search.engine import Engine
from synth.search.hits import Hits
from synth.search.skeleton import Skeleton
from synth.search.sketch_reading import Unfillable, skeleton_of
from synth.search.whole_programs import WholePrograms

__all__ = ["Proposals"]

_PORTION = 8
"""Classes that are tried in a sketch's hole the first time."""


@dataclass(slots=True)
class Proposals:
    """Tries what was proposed, each sketch with its probability, over an engine's banks."""

    engine: Engine
    meter: Meter
    hits: Hits
    sketches: Sequence[tuple[Lambda, float]]
    foreign: list[tuple[Lambda, float]] = field(default_factory=list)
    wholes: list[tuple[Lambda, float]] = field(default_factory=list)
    """Programs without holes, the likeliest first."""
    attempts: Attempts = field(init=False)

    def __post_init__(self) -> None:
        self.attempts = Attempts(self.engine, self.meter, self.hits, _PORTION)
        for sketch, probability in sorted(self.sketches, key=lambda pair: -pair[1]):
            if next(holes(sketch.body), None) is None:
                self.wholes.append((sketch, probability))
            elif (skeleton := self._skeleton(sketch)) is not None:
                self.attempts.add(sketch, -math.log2(probability), skeleton)
            else:
                self.foreign.append((sketch, probability))

    def _skeleton(self, sketch: Lambda) -> Skeleton | None:
        """A sketch made ready to be filled; None for one that the banks cannot fill."""
        try:
            skeleton = skeleton_of(sketch, self.engine.spec.library, self.engine.spec.type_request)
        except Unfillable:
            return None
        return skeleton if self.attempts.has_banks(skeleton) else None

    def steps(self) -> Iterator[None]:
        """The lane, a block at a time; a step without work where the banks have nothing new to fill holes with."""
        programs = WholePrograms(self.engine.spec, self.engine.applier.compiler, self.meter)
        wholes = iter(self.wholes)
        whole = next(wholes, None)
        while True:
            chosen = self.attempts.next()
            if whole is not None and (chosen is None or -math.log2(whole[1]) <= chosen.priority):
                if programs.misses(whole[0]) <= self.engine.spec.allowed_misses:
                    self.hits.propose(whole[0])
                whole = next(wholes, None)
                yield
            elif chosen is not None:
                yield from self.attempts.work()
            elif whole is None:
                yield
