"""From what a search found to its answer: ranked behaviours, and an explanation."""

from __future__ import annotations

import random

from synth.budget import StopReason
from synth.search.schedule import STEP_BITS
from synth.search.search import Search
from synth.search.tidy import tidy
from synth.solver import Answer, Candidate, Explanation, NearMiss

__all__ = ["answer_of"]

_NEAREST = 3


def answer_of(search: Search, stop: StopReason, top: int, rng: random.Random) -> Answer:
    """The answer of a search that has ended."""
    engine, meter, hit = search.engine, search.meter, search.hits.best()
    nearest = tuple(NearMiss(tidy(m.program), m.right, m.bits) for m in engine.judge.nearest()[:_NEAREST])
    stop = StopReason.SOLVED if hit is not None else stop
    candidates: tuple[Candidate, ...] = ()
    return Answer(
        program=hit.program if hit is not None else None,
        stop=stop,
        evaluations=meter.evaluations,
        seconds=meter.seconds,
        bits=hit.level * STEP_BITS if hit is not None else None,
        guided_by=search.guided_by,
        near_misses=() if hit is not None else nearest,
        message=_message(search, stop),
        details={
            "level_bits": engine.level * STEP_BITS,
            "classes": engine.classes,
            "bytes": engine.bytes_held,
            "faults": dict(search.hits.calls.faults),
        },
        alternatives=candidates,
        explanation=Explanation(counts={"classes": engine.classes}, faults=dict(search.hits.calls.faults)),
        guidance=search.guidance,
    )


def _message(search: Search, stop: StopReason) -> str:
    faults = ", ".join(f"{word} ({n} times)" for word, n in search.hits.calls.faults.most_common(3))
    blame = f"words that broke their own declaration: {faults}" if faults else ""
    ended = "every program that these words can build was tried" if stop is StopReason.EXHAUSTED else ""
    full = ""
    if search.engine.frozen:
        full = "the memory allowed was full: from then on only programs over what was kept were checked"
    return "; ".join(part for part in (ended, full, blame) if part)
