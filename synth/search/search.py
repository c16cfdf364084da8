"""One search: the unguided engine, and the lanes beside it, until a program fits or the budget ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from dsl.grammar import Production
from dsl.program import Lambda
from synth.budget import Meter, Spent, StopReason
from synth.guidance import UNGUIDED, Guidance, Later
from synth.pcfg import Pcfg, spec_pcfg
from synth.search.engine import Engine
from synth.search.hits import Hits
from synth.search.kernels.columns import classify
from synth.search.kernels.ready import load
from synth.search.lanes import Lane, Latecomers, side_by_side, take_turns
from synth.search.online import learned
from synth.search.proposals import Proposals
from synth.search.rehearsal import rehearse_search
from synth.search.repair import Repair
from synth.search.schedule import STEP_BITS
from synth.search.sketching import Sketching
from synth.search.switches import Switches
from synth.solver import NearMiss, Progress
from tasks.task import Spec

__all__ = ["Search"]

_GUIDED_SHARE, _REPAIR_SHARE = 0.85, 0.15
"""Shares of the unguided work: what lanes ordered by guidance or sketches may do, and what repair may."""
_HOPEFUL, _TAIL_SHARE = 100_000, 0.05
"""Evaluations after which a guide's lane has this share: what a good guide finds, it finds early, and an evaluation in
its lane, with smaller blocks, takes several times as long."""
_FIRST_PATIENCE, _PATIENCE_GROWS = 20_000, 3
"""Evaluations that an online lane has before it may start anew, and how that number grows from round to round."""


@dataclass(slots=True)
class Search:
    """All that works on one task: `engine` is the unguided lane, `hits` what any lane has found."""

    spec: Spec
    meter: Meter
    guidance: Guidance = UNGUIDED
    switches: Switches = field(default_factory=Switches)
    progress: Callable[[Progress], None] | None = None
    beyond: float = 0.0
    online: bool = False
    later: Later | None = None
    """Who is asked for guidance, and when; what it says takes the place of `guidance`."""
    rounds: int = 0
    pcfg: Pcfg = field(init=False)
    leaves: tuple[Production, ...] = field(init=False)
    hits: Hits = field(init=False)
    engine: Engine = field(init=False)
    lanes: list[Lane] = field(init=False)
    _engines: list[Engine] = field(default_factory=list)
    _asked: bool = False

    def __post_init__(self) -> None:
        load(self.meter, classify, rehearse_search)
        self.pcfg, self.leaves = spec_pcfg(self.spec)
        self.hits = Hits(self.spec, self.meter, self.cost, self.beyond)
        self.engine = self._engine(UNGUIDED, self.meter.branch())
        self.lanes = [Lane(self.engine.steps(), self.engine.meter)]
        if self.guidance.after:  # asked in an earlier run of this search, and used when it was used then
            told = self.guidance
            self.later, self.guidance = Later(lambda _: told, told.after), UNGUIDED
        if self.later is not None and not self.later.after:
            self._ask(self.later)
        self._add_guided(_GUIDED_SHARE)
        if self.switches.repair:
            self._add_lane(lambda meter: Repair(self.engine, meter, self.hits).steps(), _REPAIR_SHARE)

    def run(self) -> StopReason:
        """Search; why it ended."""
        try:
            take_turns(self.lanes, self._is_over, self._latecomers())
        except Spent as spent:
            return spent.reason
        return StopReason.SOLVED if self.hits.found else StopReason.EXHAUSTED

    def _is_over(self) -> bool:
        return self.hits.settled(self.engine.level, self.engine.meter.evaluations)

    @property
    def guided_by(self) -> str:
        """What guided the search, for people."""
        if self.online:
            return f"online (learned {self.rounds} times)"
        after = self.guidance.after
        return self.guidance.source + (f" (asked after {after:,} evaluations)" if after and self.guidance.helps else "")

    def cost(self, program: Lambda) -> int | None:
        """The level at which the unguided lane would come to a program; None for one that it never builds."""
        bits = self.pcfg.bits(program.body, self.spec.type_request.result, self.leaves)
        return math.ceil(bits / STEP_BITS) if math.isfinite(bits) else None

    def _latecomers(self) -> Latecomers | None:
        """The lanes of a guide that is still to be asked; none where a task's own sketches say what counts."""
        later = self.later
        if later is None or self._asked or self.online or self.spec.sketches:
            return None

        def make() -> list[Lane]:
            if self.meter.spent() is not None:  # a guide takes a while to load, and nobody would read what it says
                return []
            before = len(self.lanes)
            self._ask(later)
            self._add_guided(_GUIDED_SHARE)
            return self.lanes[before:]

        return Latecomers(later.after, make)

    def _ask(self, later: Later) -> None:
        """Ask for guidance, while the clock stands still."""
        self._asked = True
        with self.meter.paused():
            self.guidance = replace(later.ask(self.spec), after=later.after)

    def _add_guided(self, share: float) -> None:
        """A lane for what is known so far: sketches of the task, what the search has learned, or what a guide says."""
        if self.spec.sketches and self.switches.sketches:
            sketching = self._sketching([(sketch, 1.0) for sketch in self.spec.sketches], self.meter.branch())
            self.lanes.append(Lane(sketching.steps(), sketching.meter, share, apart=True))
        elif self.online:
            self._add_lane(self._online, share)
        elif self.guidance.helps:
            self._add_lane(self._guided, share, _HOPEFUL)

    def _add_lane(self, steps: Callable[[Meter], Iterator[None]], share: float, hopeful: float = math.inf) -> None:
        meter = self.meter.branch()
        self.lanes.append(Lane(steps(meter), meter, share, hopeful=hopeful, tail=_TAIL_SHARE))

    def _guided(self, meter: Meter) -> Iterator[None]:
        """What a guide says, all of it at the same time: its sketches, and a search under its weights."""
        parts = list[Lane]()
        if self.switches.sketches and self.guidance.sketches:
            proposals = Proposals(self.engine, meter.branch(), self.hits, self.guidance.sketches)
            parts.append(Lane(proposals.steps(), proposals.meter))
            if proposals.foreign:
                sketching = self._sketching(proposals.foreign, meter.branch())
                parts.append(Lane(sketching.steps(), sketching.meter, min(1.0, sum(p for _, p in proposals.foreign))))
        if Pcfg(self.pcfg.grammar, self.guidance).is_guided:
            engine = self._engine(self.guidance, meter.branch())
            parts.append(Lane(engine.steps(), engine.meter))
        return side_by_side(parts)

    def _sketching(self, sketches: Sequence[tuple[Lambda, float]], meter: Meter) -> Sketching:
        """What fills sketches that need an engine of their own."""
        sketching = Sketching(self.spec, meter, self.hits, sketches, self.guidance, self.switches)
        self._engines.append(sketching.engine)
        return sketching

    def _engine(self, guidance: Guidance, meter: Meter) -> Engine:
        pcfg = self.pcfg if guidance is UNGUIDED else Pcfg(self.pcfg.grammar, guidance)
        engine = Engine(self.spec, pcfg, self.leaves, meter, self.hits, self.switches, self.progress)
        self._engines.append(engine)
        return engine

    def release(self) -> None:
        """Give the memory of a search back that is over: its parts know each other, so Python would wait with that."""
        self.lanes.clear()
        for engine in self._engines:
            engine.release()

    def _online(self, meter: Meter) -> Iterator[None]:
        """Rounds of search, each under what the ones before and the other lanes have learned."""
        guidance, patience, begun = Guidance("online"), _FIRST_PATIENCE, 0
        near: dict[tuple[int, ...], NearMiss] = {}
        engine: Engine | None = None
        while True:
            near = self.engine.judge.near | ({} if engine is None else engine.judge.near) | near
            bits = learned(near.values(), self.spec)
            if engine is None or (bits != guidance.bits and meter.evaluations - begun >= patience):
                patience *= 1 if engine is None else _PATIENCE_GROWS
                self.rounds, begun = self.rounds + 1, meter.evaluations
                guidance = Guidance("online", bits)
                engine = self._engine(guidance, meter)
                steps = engine.steps()
            level = engine.level
            while engine.level == level:
                if next(steps, _END) is _END:
                    return
                yield


_END = object()
