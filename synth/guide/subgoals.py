"""Parts that many of a guide's sketches have in common: what is likely to be computed on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from dsl.program import Application, Hole, Program, free_variables, walk

__all__ = ["likely_parts"]

_MOST, _LEAST = 8, 0.02


def likely_parts(
    sketches: Iterable[tuple[Program, float]], parameters: Iterable[str]
) -> tuple[tuple[Program, float], ...]:
    """Proper parts without holes over the parameters alone, each with the probability of the sketches that have it.

    `sketches` are bodies; at most eight parts, the likeliest first.
    """
    known = frozenset(parameters)
    chances: dict[Program, float] = defaultdict(float)
    for body, probability in sketches:
        for part in {part for part in walk(body) if part != body and _is_whole(part, known)}:
            chances[part] += probability
    ranked = sorted(chances.items(), key=lambda pair: (-pair[1], pair[0].size))
    return tuple((part, min(p, 0.99)) for part, p in ranked[:_MOST] if p >= _LEAST)


def _is_whole(part: Program, known: frozenset[str]) -> bool:
    if not isinstance(part, Application) or not free_variables(part) <= known:
        return False
    return bool(free_variables(part)) and not any(isinstance(inside, Hole) for inside in walk(part))
