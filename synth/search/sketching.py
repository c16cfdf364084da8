"""The lane that fills sketches: those of the task, which the answer must follow, and those that a guide proposes.

It has an engine of its own, whose goals are the places of the holes: only so has every hole a bank of its type and
scope, built as far as the hole needs, also where the unguided search has no use for such a type or scope; and the order
of the unguided search stays as it is. Where a lambda or a let is written out, the hole sees its parameter as the engine
sees any lambda's: over a universe. Nothing but what the engine itself finds gets into its banks: fillings are columns
that are looked at and dropped.

Fillings come by the cost of all holes together, cheapest first. Several sketches take turns, level by level, each in
proportion to its probability; who comes first to a level pays for the banks that it needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dsl.grammar import Production
from dsl.program import Lambda, Program
from dsl.type_system import FunctionType, Type
from synth.budget import Meter
from synth.guidance import UNGUIDED, Guidance
from synth.pcfg import spec_pcfg, variable
from synth.search.bank import LEVELS
from synth.search.engine import Engine
from synth.search.filler import Filler
from synth.search.filling import Fillings
from synth.search.hits import Hits
from synth.search.schedule import schedule_together
from synth.search.skeleton import Abbreviation, Skeleton
from synth.search.sketch_reading import Unfillable, skeleton_of
from synth.search.switches import Switches
from synth.search.tuples import argument_tuples
from tasks.task import Spec

__all__ = ["Sketching"]


@dataclass(slots=True)
class _Work:
    """One sketch's part of the lane, and the work that it has done."""

    steps: Iterator[None]
    weight: float
    done: int = 0


@dataclass(slots=True)
class Sketching:
    """Fills sketches, each with a weight. `refused` are those that cannot be filled, and why."""

    spec: Spec
    meter: Meter
    hits: Hits
    sketches: Sequence[tuple[Lambda, float]]
    guidance: Guidance = UNGUIDED
    switches: Switches = field(default_factory=Switches)
    engine: Engine = field(init=False)
    refused: list[tuple[Lambda, str]] = field(default_factory=list)
    skeletons: list[tuple[Skeleton, float]] = field(default_factory=list)
    works: list[_Work] = field(default_factory=list)
    """What is done for each sketch, while there is something left to do."""
    meanings: Mapping[str, Program] = field(init=False)
    """The programs that the engine's abbreviations stand for."""
    _building: Iterator[None] = field(init=False)
    _built: int = 0
    """The level up to which every bank has what fillings of that level need."""
    _exhausted: bool = False

    def __post_init__(self) -> None:
        spec = self.spec
        for sketch, weight in self.sketches:
            try:
                skeleton = skeleton_of(sketch, spec.library, spec.type_request, spare=True)
            except Unfillable as reason:
                self.refused.append((sketch, str(reason)))
            else:
                self.skeletons.append((skeleton, weight))
        self._make_engine([skeleton for skeleton, _ in self.skeletons])
        self._building = self._build()

    def _make_engine(self, skeletons: Sequence[Skeleton]) -> None:
        """An engine that builds what the holes need, over the task's variables and the abbreviations."""
        pcfg, leaves = spec_pcfg(self.spec, self.guidance, _types(skeletons))
        short = {f"let {i}": a for i, a in enumerate(a for s in skeletons for a in s.abbreviations)}
        leaves = (*leaves, *_variables(short))
        switches = replace(self.switches, probing=True, goals=False)  # programs of the goal type are only banked here
        self.engine = Engine(self.spec, pcfg, leaves, self.meter, self.hits, switches)
        self.engine.schedule = schedule_together(pcfg, leaves, [s.places for s in skeletons])
        self.meanings = {name: self._name(name, abbreviation) for name, abbreviation in short.items()}

    def _name(self, name: str, abbreviation: Abbreviation) -> Program:
        """Make an abbreviation a variable of the top scope; the program that it stands for."""
        top, first = self.engine.top, np.zeros(1, dtype=np.intp)
        alone = Fillings(self.engine, Skeleton(abbreviation.part, (), ()), np.zeros((1, 0), dtype=np.int32))
        with alone.drafted():
            top.columns[name] = alone.column(abbreviation.part, top, first)
        return alone.program(0).body

    def steps(self) -> Iterator[None]:
        """The lane, a block of fillings (or of what the banks need) at a time."""
        works = self.works
        works += (_Work(self._fill(skeleton), weight) for skeleton, weight in self.skeletons if weight > 0)
        while works:
            work = min(works, key=lambda work: work.done / work.weight)
            before = self.meter.evaluations
            if next(work.steps, _ENDED) is _ENDED:
                works.remove(work)
            work.done += max(1, self.meter.evaluations - before)
            yield

    # ---- one sketch ----------------------------------------------------------------------------------------------

    def _fill(self, skeleton: Skeleton) -> Iterator[None]:
        """Fillings of one sketch, cheapest first, as far as banks and levels go."""
        filler = Filler(self.engine, skeleton, self.meter, self.hits, self.meanings)
        if not skeleton.spaces:
            filler.attempt(np.zeros((1, 0), dtype=np.int32))
            return
        for level in range(1, LEVELS):
            yield from self._build_up_to(level)
            for numbers in argument_tuples(filler.banks, level, False, filler.size):
                filler.attempt(numbers, level)
                yield
            if self._exhausted and level >= sum(bank.highest for bank in filler.banks):
                return

    # ---- banks ---------------------------------------------------------------------------------------------------

    def _build_up_to(self, level: int) -> Iterator[None]:
        while self._built < level and not self._exhausted:
            if next(self._building, _ENDED) is _ENDED:
                return
            yield

    def _build(self) -> Iterator[None]:
        """Levels of all banks, which all sketches share."""
        engine = self.engine
        while engine.level < LEVELS:
            before = self.meter.evaluations
            engine.level += 1
            for distance, place in engine.schedule.places:
                if engine.level > distance:
                    yield from engine.build(*place, engine.level - distance)
            self._built = engine.level
            self.meter.hold(engine.bytes_held)
            if self.meter.evaluations == before and engine.exhausted():
                self._exhausted = True
                return


def _types(skeletons: Sequence[Skeleton]) -> tuple[Type, ...]:
    """The types that holes ask for, and those of what they see."""
    found: dict[Type, None] = {}
    for skeleton in skeletons:
        for space in skeleton.spaces:
            t, key = space.type, space.key
            found |= dict.fromkeys((*t.parameters, t.result) if isinstance(t, FunctionType) else (t,))
            while key.outer is not None:
                found |= dict.fromkeys(key.parameters)
                key = key.outer
        found |= dict.fromkeys(abbreviation.type for abbreviation in skeleton.abbreviations)
    return tuple(found)


def _variables(short: Mapping[str, Abbreviation]) -> tuple[Production, ...]:
    return tuple(variable(name, abbreviation.type) for name, abbreviation in short.items())


class _Ended:
    """Stands for the end of a sketch's steps."""


_ENDED = _Ended()
