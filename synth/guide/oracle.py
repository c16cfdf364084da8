"""The oracle guide: it knows the solution, and so says what the best of guides could save.

A guide says several kinds of things: which words, inputs and constants a solution has, as bits, also by what stands
above them; what form it has, as sketches; and what it contains, as subgoals. The oracle says each as well as it can be
said: bits under which the solution's own productions are as likely as they are frequent in it, or in each place of it;
the solution with one part left open; and one part of it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from dsl.library import Library
from dsl.program import Application, Lambda, Let, Literal, Name, Program, Variable, children, free_variables
from dsl.type_system import FunctionType
from synth.guidance import WHOLE, Above, Guidance, keys_in
from synth.pcfg import Pcfg, spec_pcfg
from synth.search.repair import cuts
from tasks.task import Spec

__all__ = ["closed_parts", "oracle_guidance"]

_UNSEEN = 0.02
"""What a production that the solution lacks counts, where one that it has counts 1 each time."""
_LEFT_OPEN = 5
"""The most nodes of the part that a sketch leaves open; a guide that says all is no guide but an answer."""
_PROBABILITY = 0.5


def oracle_guidance(
    spec: Spec,
    solution: Lambda,
    *,
    bits: bool = True,
    sketch: bool = True,
    contexts: bool = False,
    subgoal: bool = False,
) -> Guidance:
    """The guidance of one who knows a solution of the spec, of the kinds asked for.

    The sketch is the solution without its largest part of at most five nodes, none where the whole is no larger; the
    subgoal its part of nearest to half its size that can stand alone.
    """
    pcfg, leaves = spec_pcfg(spec)
    keys = {p.key for p in leaves}
    open_form = _sketch(solution) if sketch else None
    part = _part(solution) if subgoal else None
    return Guidance(
        "oracle",
        _bits(pcfg, keys, solution) if bits else {},
        () if open_form is None else ((open_form, _PROBABILITY),),
        contexts=_contexts({*keys, *(p.key for p in pcfg.grammar)}, spec, solution) if contexts else {},
        subgoals=() if part is None else ((part, _PROBABILITY),),
    )


def _bits(pcfg: Pcfg, leaves: set[str], solution: Lambda) -> Mapping[str, float]:
    """Bits to add to each production's cost, so that its weight becomes its frequency in the solution."""
    frequency = Counter(keys_in(solution.body))
    weights = {p.key: max(p.weight, 1e-6) for p in pcfg.grammar}
    seen = {key: math.log2(weight / (frequency[key] or _UNSEEN)) for key, weight in weights.items()}
    return seen | {key: -math.log2(frequency[key] or _UNSEEN) for key in leaves}


def _sketch(solution: Lambda) -> Lambda | None:
    """The solution without its largest small part."""
    size, best = 0, None
    for body in cuts(solution.body):
        open_ = solution.body.size - body.size + 1
        if size < open_ <= _LEFT_OPEN:
            size, best = open_, body
    return None if best is None else Lambda(solution.parameters, best)


# --- by place -------------------------------------------------------------------------------------------------------

_Scope: TypeAlias = Mapping[str, "str | tuple[Program, _Scope]"]
"""Bound variables: the keys of their productions; or, where a let binds them, the value and what it sees."""


def _contexts(known: Iterable[str], spec: Spec, solution: Lambda) -> Mapping[Above, Mapping[str, float]]:
    """For each place of the solution, bits by how often each production stands there."""
    scope: _Scope = {a: f"variable:{b}" for a, b in zip(solution.parameters, spec.parameters, strict=True)}
    found: dict[Above, Counter[str]] = {}
    for above, key in _standing(solution.body, WHOLE, scope, spec.library):
        found.setdefault(above, Counter())[key] += 1
    named = sorted(known)
    return {above: _place_bits(named, counts) for above, counts in found.items()}


def _place_bits(known: Iterable[str], counts: Counter[str]) -> Mapping[str, float]:
    """Bits by frequency. A lambda's parameter that does not occur is not named, and so costs what the dearest does."""
    parameters = (key for key in counts if key.startswith("parameter:"))
    return {key: -math.log2(counts[key] or _UNSEEN) for key in (*known, *parameters)}


def _standing(part: Program, above: Above, scope: _Scope, library: Library) -> Iterator[tuple[Above, str]]:
    """Every place at or below a part, with the key of what stands there; lambdas and lets are no productions."""
    match part:
        case Lambda(parameters, body):
            own = {name: f"parameter:{position}" for position, name in enumerate(parameters)}
            yield from _standing(body, above, {**scope, **own}, library)
        case Let(name, value, body):
            yield from _standing(body, above, {**scope, name: (value, scope)}, library)
        case Variable(name):
            bound = scope.get(name)
            if isinstance(bound, tuple):
                yield from _standing(bound[0], above, bound[1], library)
            elif bound is not None:
                yield above, bound
        case Literal(value):
            yield above, f"literal:{value}"
        case Application(Name(word), arguments):
            yield above, word
            for position, argument in enumerate(arguments):
                yield from _standing(argument, (word, position), scope, library)
        case Name(word):  # as a function: of its own parameters
            yield above, word
            entry = library.entries.get(word)
            if entry is not None and isinstance(entry.type, FunctionType):
                for position in range(len(entry.type.parameters)):
                    yield (word, position), f"parameter:{position}"


def _part(solution: Lambda) -> Lambda | None:
    """The part of nearest to half the solution's size that is a value of the inputs alone; None where there is none."""
    whole = solution.body
    proper = (part for part in closed_parts(solution) if part.body is not whole)
    return min(proper, key=lambda part: abs(2 * part.body.size - whole.size), default=None)


def closed_parts(solution: Lambda) -> Iterator[Lambda]:
    """Calls in a program that are values of its inputs alone, as programs over these, from the top down.

    >>> from dsl.program import call
    >>> xs = Variable("xs")
    >>> double = Lambda(("x",), call("int.add", Variable("x"), Variable("x")))
    >>> parts = closed_parts(Lambda(("xs",), call("list.map", double, call("list.sort", xs))))
    >>> [part.body.function.name for part in parts]
    ['list.map', 'list.sort']
    """
    return (Lambda(solution.parameters, part) for part in _closed_calls(solution.body, frozenset()))


def _closed_calls(part: Program, bound: frozenset[str]) -> Iterator[Program]:
    """Applications that no variable bound inside the solution occurs in."""
    if isinstance(part, Application) and not free_variables(part) & bound:
        yield part
    match part:
        case Lambda(parameters, body):
            yield from _closed_calls(body, bound | set(parameters))
        case Let(name, value, body):
            yield from _closed_calls(value, bound)
            yield from _closed_calls(body, bound | {name})
        case _:
            for child in children(part):
                yield from _closed_calls(child, bound)
