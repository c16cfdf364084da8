"""The oracle guide: it knows the solution, and so says what the best of guides could save.

A guide says two kinds of things: which words, inputs and constants a solution has, as bits; and what form it has, as
sketches. The oracle says each as well as it can be said: bits under which the solution's own productions are as likely
as they are frequent in it, and the solution with one part left open.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from dsl.program import Lambda, Literal, Name, Program, Variable, walk
from synth.guidance import Guidance
from synth.pcfg import Pcfg, spec_pcfg
from synth.search.repair import cuts
from tasks.task import Spec

__all__ = ["oracle_guidance"]

_UNSEEN = 0.02
"""What a production that the solution lacks counts, where one that it has counts 1 each time."""
_LEFT_OPEN = 5
"""The most nodes of the part that a sketch leaves open; a guide that says all is no guide but an answer."""
_PROBABILITY = 0.5


def oracle_guidance(spec: Spec, solution: Lambda, *, bits: bool = True, sketch: bool = True) -> Guidance:
    """The guidance of one who knows a solution of the spec: bits, a sketch, or both.

    The sketch is the solution without its largest part of at most five nodes; none where the whole is no larger.
    """
    pcfg, leaves = spec_pcfg(spec)
    open_form = _sketch(solution) if sketch else None
    return Guidance(
        "oracle",
        _bits(pcfg, {p.key for p in leaves}, solution) if bits else {},
        () if open_form is None else ((open_form, _PROBABILITY),),
    )


def _bits(pcfg: Pcfg, leaves: set[str], solution: Lambda) -> Mapping[str, float]:
    """Bits to add to each production's cost, so that its weight becomes its frequency in the solution."""
    frequency = Counter(key for node in walk(solution.body) if (key := _key(node)) is not None)
    weights = {p.key: max(p.weight, 1e-6) for p in pcfg.grammar}
    seen = {key: math.log2(weight / (frequency[key] or _UNSEEN)) for key, weight in weights.items()}
    return seen | {key: -math.log2(frequency[key] or _UNSEEN) for key in leaves}


def _key(node: Program) -> str | None:
    match node:
        case Name(word):
            return word
        case Variable(name):
            return f"variable:{name}"
        case Literal(value):
            return f"literal:{value}"
    return None


def _sketch(solution: Lambda) -> Lambda | None:
    """The solution without its largest small part."""
    size, best = 0, None
    for body in cuts(solution.body):
        open_ = solution.body.size - body.size + 1
        if size < open_ <= _LEFT_OPEN:
            size, best = open_, body
    return None if best is None else Lambda(solution.parameters, best)
