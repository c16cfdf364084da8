"""The slow twin of compression: every abstraction there is, tried on every program. For corpora of a few small ones.

An abstraction is a part of some program with some of its subtrees cut out. All ways to cut are enumerated, and for
each whether equal subtrees share a gap; what an abstraction saves is found by rewriting all programs as cheaply as can
be. Nothing of `synth.learn.patterns` is used but what a tree costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from dsl.inference import UNTYPED
from dsl.program import Application, Hole, Lambda, Let, Program, Variable, children, rebuild, walk
from synth.learn.patterns import WORD_COST, cost

__all__ = ["best_abstraction", "utility"]

Cut = tuple[Program, tuple[Program, ...]]
"""A pattern whose gaps are all different, `?0`, `?1`, ..., and what was cut out for each."""


def best_abstraction(programs: Sequence[Program], arity: int) -> tuple[int, Program | None]:
    """What the best abstraction of nameless programs saves, and one such; (0, None) where none saves anything."""
    best: tuple[int, Program | None] = (0, None)
    seen: set[Program] = set()
    for program in programs:
        body = program.body if isinstance(program, Lambda) else program
        for part in walk(body):
            for pattern in abstractions_in(part, arity):
                if pattern not in seen:
                    seen.add(pattern)
                    saved = utility(pattern, programs)
                    best = (saved, pattern) if saved > best[0] else best
    return best


def abstractions_in(part: Program, arity: int) -> Iterator[Program]:
    """Every pattern with at most so many gaps that a tree is an instance of, but for a lone gap."""
    for pattern, cut_out in cuts(part, 0):
        if isinstance(pattern, Hole) or _is_open(pattern, 0):
            continue
        for shared in _shared(pattern, cut_out):
            if len({h.name for h in walk(shared) if isinstance(h, Hole)}) <= arity:
                yield shared


def cuts(p: Program, depth: int) -> list[Cut]:
    """All ways to cut subtrees out of a tree that stands under `depth` binders of the pattern."""
    found: list[Cut] = []
    outside = _moved(p, depth)
    if outside is not None:
        found.append((Hole("?0", UNTYPED), (outside,)))
    made: list[tuple[tuple[Program, ...], tuple[Program, ...]]] = [((), ())]
    for place, (part, binds) in enumerate(zip(children(p), _binders(p), strict=True)):
        is_head = isinstance(p, Application) and place == 0
        ways = [(part, ())] if is_head else cuts(part, depth + binds)
        made = [
            ((*parts, _renumbered(pattern, len(taken))), (*taken, *more))
            for parts, taken in made
            for pattern, more in ways
        ]
    found.extend((rebuild(p, parts) if parts else p, taken) for parts, taken in made)
    return found


def _binders(p: Program) -> tuple[int, ...]:
    match p:
        case Lambda(parameters, _):
            return (len(parameters),)
        case Let():
            return (0, 1)
        case _:
            return (0,) * len(children(p))


def _renumbered(pattern: Program, by: int) -> Program:
    if isinstance(pattern, Hole):
        return Hole(f"?{int(pattern.name[1:]) + by}", UNTYPED)
    parts = children(pattern)
    return rebuild(pattern, tuple(_renumbered(part, by) for part in parts)) if parts else pattern


def _moved(p: Program, depth: int, inside: int = 0) -> Program | None:
    """A tree as it is outside of `depth` binders; None where it uses what they bind."""
    if isinstance(p, Variable) and p.name.startswith("$"):
        index = int(p.name[1:])
        if index < inside:
            return p
        return Variable(f"${index - depth}") if index - inside >= depth else None
    parts = [_moved(part, depth, inside + b) for part, b in zip(children(p), _binders(p), strict=True)]
    if any(part is None for part in parts):
        return None
    return rebuild(p, tuple(part for part in parts if part is not None)) if parts else p


def _is_open(p: Program, depth: int) -> bool:
    """Whether a pattern uses variables that it does not bind."""
    if isinstance(p, Variable) and p.name.startswith("$"):
        return int(p.name[1:]) >= depth
    return any(_is_open(part, depth + b) for part, b in zip(children(p), _binders(p), strict=True))


def _shared(pattern: Program, cut_out: tuple[Program, ...]) -> Iterator[Program]:
    """The pattern with gaps joined, in every way, that have equal subtrees."""

    def choices(place: int, chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if place == len(cut_out):
            yield chosen
            return
        new = max(chosen, default=-1) + 1
        equal = {number for number, other in zip(chosen, cut_out, strict=False) if other == cut_out[place]}
        for number in (new, *sorted(equal)):
            yield from choices(place + 1, (*chosen, number))

    for chosen in choices(0, ()):
        yield _joined(pattern, chosen)


def _joined(pattern: Program, chosen: tuple[int, ...]) -> Program:
    if isinstance(pattern, Hole):
        return Hole(f"#{chosen[int(pattern.name[1:])]}", UNTYPED)
    parts = children(pattern)
    return rebuild(pattern, tuple(_joined(part, chosen) for part in parts)) if parts else pattern


# ---- what it saves ------------------------------------------------------------------------------------------------


def utility(pattern: Program, programs: Sequence[Program]) -> int:
    """What programs cost less with an abstraction, less its body; 0 where fewer than two programs use it."""

    @lru_cache(None)
    def cheapest(p: Program) -> int:
        parts = children(p)
        kept = cost(p) - sum(map(cost, parts)) + sum(map(cheapest, parts))
        found: dict[str, Program] = {}
        if not _fits(pattern, p, 0, found):
            return kept
        return min(kept, WORD_COST + len(found) + sum(map(cheapest, found.values())))

    bodies = [p.body if isinstance(p, Lambda) else p for p in programs]
    saved = [cost(body) - cheapest(body) for body in bodies]
    if sum(amount > 0 for amount in saved) < 2:
        return 0
    return sum(saved) - cost(pattern) + WORD_COST * sum(isinstance(node, Hole) for node in walk(pattern))


def _fits(pattern: Program, subject: Program, depth: int, found: dict[str, Program]) -> bool:
    if isinstance(pattern, Hole):
        outside = _moved(subject, depth)
        return outside is not None and found.setdefault(pattern.name, outside) == outside
    parts, others = children(pattern), children(subject)
    if type(pattern) is not type(subject) or len(parts) != len(others) or _binders(pattern) != _binders(subject):
        return False
    if not parts:
        return pattern == subject
    return all(_fits(a, b, depth + n, found) for a, b, n in zip(parts, others, _binders(pattern), strict=True))
