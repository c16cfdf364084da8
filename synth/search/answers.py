"""From what a search found to its answer: ranked behaviours, and an explanation."""

from __future__ import annotations

import random

from dsl.compiler import Compiler
from dsl.program import Name, walk
from synth.budget import StopReason
from synth.search.posterior import posterior_of, split_by_probes
from synth.search.probes import probes_for
from synth.search.schedule import STEP_BITS
from synth.search.search import Search
from synth.search.tidy import tidy
from synth.solver import Answer, Candidate, Explanation, LevelShare, NearMiss

__all__ = ["answer_of"]

_NEAREST = 3
_PROBES = 24
"""Further inputs on which programs that fit are told apart."""


def answer_of(search: Search, stop: StopReason, top: int, rng: random.Random) -> Answer:
    """The answer of a search that has ended."""
    engine, meter, hit = search.engine, search.meter, search.hits.best()
    nearest = tuple(NearMiss(tidy(m.program), m.right, m.bits) for m in engine.judge.nearest()[:_NEAREST])
    stop = StopReason.SOLVED if hit is not None else stop
    candidates = _candidates(search, top, rng) if hit is not None and top > 1 else ()
    return Answer(
        program=candidates[0].program if candidates else hit.program if hit is not None else None,
        stop=stop,
        evaluations=meter.evaluations,
        seconds=meter.seconds,
        bits=candidates[0].bits if candidates else hit.level * STEP_BITS if hit is not None else None,
        guided_by=search.guided_by,
        near_misses=() if hit is not None else nearest,
        message=_message(search, stop),
        details={
            "level_bits": engine.level * STEP_BITS,
            "classes": engine.classes,
            "bytes": engine.bytes_held,
            "faults": dict(search.hits.calls.faults),
        },
        alternatives=candidates[:top],
        mass=candidates[0].mass if candidates else None,
        explanation=_explanation(search),
        guidance=search.guidance,
        first_fit=search.hits.first_at if search.hits.found else None,
        full_at=meter.full_at,
    )


def _candidates(search: Search, top: int, rng: random.Random) -> tuple[Candidate, ...]:
    """The behaviours that fit, the likeliest first; programs are told apart on inputs like those of the examples.

    Each program found weighs 2 to the power of minus its bits: a truncated posterior, over what was found.
    """
    compiler = Compiler(search.spec.library)
    bits = {hit.program: hit.level * STEP_BITS for hit in search.hits.found}
    probes = probes_for(search.spec, rng, _PROBES)
    runs = {program: compiler.compile(program) for program in bits}
    groups = split_by_probes([(p, -b) for p, b in bits.items()], lambda p, inputs: runs[p](inputs), probes)
    posterior = posterior_of([g.log2_mass for g in groups], [bits[g.programs[0]] for g in groups])
    return tuple(
        Candidate(groups[b.number].programs[0], bits[groups[b.number].programs[0]], b.probability)
        for b in posterior.ranked
    )


def _explanation(search: Search) -> Explanation:
    """What the search saw, for people."""
    engine = search.engine
    banks = [bank for scope in engine.scopes for bank in scope.banks.values()]
    levels = list(engine.levels)
    if (begun := engine.meter.evaluations - sum(level.programs for level in levels)) > 0:
        levels.append(LevelShare(engine.level * STEP_BITS, begun, False))
    counts = {"classes": engine.classes, "merged duplicates": sum(bank.merged for bank in banks)}
    if engine.goals is not None:
        counts |= {
            "goals": sum(map(len, engine.goals.backwards.goals.values())),
            "residuals": engine.goals.evaluations,
            "programs completed backwards": engine.goals.completed,
        }
    if engine.cases is not None:
        counts |= {"case splits judged": engine.cases.candidates, "case trees": engine.cases.trees}
    useful = {n.name for miss in engine.judge.near.values() for n in walk(miss.program) if isinstance(n, Name)}
    tried = dict.fromkeys(p.key for t in search.pcfg.grammar.ranks for p in search.pcfg.grammar[t])
    useless = () if search.hits.found else tuple(word for word in tried if word not in useful)
    return Explanation(
        levels=tuple(levels),
        space_seen=min(1.0, engine.covered),
        useless_words=useless,
        counts=counts,
        faults=dict(search.hits.calls.faults),
    )


def _message(search: Search, stop: StopReason) -> str:
    faults = ", ".join(f"{word} ({n} times)" for word, n in search.hits.calls.faults.most_common(3))
    blame = f"words that broke their own declaration: {faults}" if faults else ""
    ended = "every program that these words can build was tried" if stop is StopReason.EXHAUSTED else ""
    if ended and search.engine.merged_bodies:
        ended += ", but bodies of lambdas that agree on the arguments seen were taken for one"
    full = ""
    if search.engine.frozen:
        full = "the memory allowed was full: from then on only programs over what was kept were checked"
    return "; ".join(part for part in (ended, full, blame) if part)
