"""What a network says may stand somewhere by what is above it: the contexts of its guidance."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dsl.grammar import Production
from dsl.program import Name
from dsl.type_system import FunctionType
from synth.guidance import WHOLE, Above
from synth.guide.choices import Options
from synth.guide.decode import Embedded
from synth.guide.places import Grounds, Place

__all__ = ["contexts_by"]

_INSTANCES = 3
"""Productions of one word that stand above: the likeliest of its instances."""
_STEPS_A_BIT, _RANGE = 2, 8.0
"""Bits are rounded to halves; what is this much dearer than the cheapest is left out, but for one, the floor."""


@dataclass(frozen=True, slots=True)
class _Context:
    """A place, and how much it counts among those of the same name."""

    above: Above
    place: Place
    weight: float


def contexts_by(
    embedded: Embedded, grounds: Grounds, task: Tensor, parents: Iterable[str]
) -> Mapping[Above, Mapping[str, float]]:
    """What stands where, in bits, for whole programs and the arguments of some words; `task` is (D,).

    A word with several instances has one context for each argument: the mean over the likeliest of them.
    """
    contexts = [_Context(WHOLE, grounds.root, 1.0), *_arguments(grounds, set(parents))]
    options = [grounds.options(c.place) for c in contexts]
    probabilities: dict[Above, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for context, chosen, likely in zip(contexts, options, _likely(embedded, contexts, options, task), strict=True):
        into = probabilities[context.above]
        for name, probability in zip(_names(context.place, chosen), likely.tolist(), strict=True):
            into[name] += context.weight * probability
    return {above: _bits(likely) for above, likely in probabilities.items()}


def _arguments(grounds: Grounds, parents: set[str]) -> Iterator[_Context]:
    instances: dict[str, list[Production]] = defaultdict(list)
    for production in grounds.pcfg.grammar:
        if production.key in parents and production.parameters:
            instances[production.key].append(production)
    for key, productions in instances.items():
        chosen = sorted(productions, key=lambda p: -p.weight)[:_INSTANCES]
        whole = sum(p.weight for p in chosen)
        for production in chosen:
            row = grounds.choices.row(production, {}, grounds.given)
            for argument, place in enumerate(grounds.opened(grounds.root, production, row)):
                yield _Context((key, argument), _with_parameters(place, grounds), production.weight / whole)


def _with_parameters(place: Place, grounds: Grounds) -> Place:
    """A place of a value as it is inside a lambda over two values of its type; those of functions have their own."""
    if isinstance(place.type, FunctionType):
        return place
    around = FunctionType((place.type, place.type), place.type)
    inside = grounds.inside(place, grounds.fresh(place, 2), around)
    return Place(place.type, place.parent, place.argument, place.depth, inside.leaves, inside.scope)


def _names(place: Place, options: Options) -> list[str]:
    """The names that guidance has for productions at a place."""
    bound = {s.production.key: f"parameter:{s.place}" for s in place.scope if s.bound and not s.level}
    return [p.key if isinstance(p.head, Name) else bound.get(p.key, p.key) for p in options.productions]


def _likely(
    embedded: Embedded, contexts: Sequence[_Context], options: Sequence[Options], task: Tensor
) -> list[NDArray[np.float64]]:
    """The probabilities of the options of each context, all contexts at once."""
    net, places = embedded.net, [c.place for c in contexts]
    types = torch.tensor([embedded.types.row(place.type) for place in places])
    parents = torch.tensor([place.parent for place in places])
    arguments = torch.tensor([min(place.argument, 3) for place in places])
    table = embedded.table()
    queries = net.in_context(table, parents, arguments, types, task.expand(len(places), -1))
    rows = [torch.from_numpy(o.rows.astype(np.int64)) for o in options]
    everything = queries @ table.productions.T  # (contexts, productions): small
    prior = float(net.prior) * math.log(2)
    raw = (scores[r] - prior * torch.from_numpy(o.bits) for scores, r, o in zip(everything, rows, options, strict=True))
    return [scores.softmax(dim=-1).numpy().astype(np.float64) for scores in raw]


def _bits(likely: Mapping[str, float]) -> dict[str, float]:
    """Bits of the likeliest, the cheapest first, and of one that is not among them: what all others cost."""
    exact = sorted(((-math.log2(max(p, 1e-9)), name) for name, p in likely.items() if p > 0), key=lambda pair: pair[0])
    least = exact[0][0]
    kept = [(name, bits) for bits, name in exact if bits <= least + _RANGE]
    kept += [(name, min(bits, least + _RANGE + 2)) for bits, name in exact[len(kept) : len(kept) + 1]]
    return {name: round(bits * _STEPS_A_BIT) / _STEPS_A_BIT for name, bits in kept}
