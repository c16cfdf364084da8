"""Guidance learned while searching: what partly right programs are made of becomes cheaper.

After Barke, Peleg and Polikarpova, "Just-in-Time Learning for Bottom-Up Enumerative Synthesis" (Probe, OOPSLA 2020),
section 4: a production's probability p becomes p to the power (1 - fit), where fit is the largest share of the
examples that some program using it is right on. A search that learns something starts anew with the new costs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from dsl.program import Literal, Name, Program, Variable, walk
from synth.budget import Budget, Meter, StopReason
from synth.guidance import Guidance
from synth.pcfg import spec_pcfg
from synth.search.engine import Engine
from synth.search.forward import answer_of, hopeless, interruptible
from synth.search.switches import Switches
from synth.solver import Answer, NearMiss, Progress
from tasks.task import Spec

__all__ = ["Online", "learned"]

_FIRST_PATIENCE = 20_000
_PATIENCE_GROWS = 3
"""Evaluations that the first round has before it may be restarted, and how that number grows from round to round."""


@dataclass(frozen=True)
class Online:
    """Bottom-up search whose production weights are learned from the partial solutions of the same search."""

    switches: Switches = field(default_factory=Switches)
    progress: Callable[[Progress], None] | None = None

    @property
    def name(self) -> str:
        """A short name for tables and logs."""
        return "bottom-up, online guide"

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """The first program found that is right on every example, or why there is none."""
        if (answer := hopeless(spec)) is not None:
            return answer
        with interruptible() as interrupted:
            meter = budget.start(interrupted)
            engine, source, stop = self._search(spec, meter)
        hit = engine.found() if stop is StopReason.SOLVED else None
        return answer_of(engine, meter, stop, hit, source)

    def _search(self, spec: Spec, meter: Meter) -> tuple[Engine, str, StopReason]:
        """Rounds of search, each under what the ones before have learned; the meter counts them all."""
        guidance, rounds, patience, begun = Guidance(), 0, _FIRST_PATIENCE, 0
        engine = self._engine(spec, guidance, meter)
        near: dict[tuple[int, ...], NearMiss] = {}
        while (stop := engine.advance()) is None:
            near = engine.near | near
            bits = learned(near.values(), spec) if meter.evaluations - begun >= patience else guidance.bits
            if bits != guidance.bits:
                rounds, patience, begun = rounds + 1, patience * _PATIENCE_GROWS, meter.evaluations
                guidance = Guidance("online", bits)
                engine = self._engine(spec, guidance, meter)
        return engine, f"online (learned {rounds} times)", stop

    def _engine(self, spec: Spec, guidance: Guidance, meter: Meter) -> Engine:
        pcfg, leaves = spec_pcfg(spec, guidance)
        return Engine(spec, pcfg, leaves, meter, self.switches, self.progress)


def learned(partial: Iterable[NearMiss], spec: Spec) -> Mapping[str, float]:
    """Bits to take from each production that partly right programs use, by production key."""
    pcfg, leaves = spec_pcfg(spec)
    known = {p.key: bits for t in pcfg.grammar.ranks for p, bits in pcfg.productions(t, leaves)}
    fit: dict[str, float] = {}
    for miss in partial:
        share = len(miss.right) / len(spec.examples)
        for key in _keys(miss.program):
            fit[key] = max(share, fit.get(key, 0.0))
    return {key: -share * known[key] for key, share in sorted(fit.items()) if key in known}


def _keys(program: Program) -> set[str]:
    """The production keys of a program's nodes; lambdas and applications have none of their own."""
    keys: set[str] = set()
    for node in walk(program):
        match node:
            case Name(name):
                keys.add(name)
            case Variable(name):
                keys.add(f"variable:{name}")
            case Literal(value):
                keys.add(f"literal:{value}")
            case _:
                pass
    return keys
