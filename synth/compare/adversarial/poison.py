"""Attacks on learning itself: examples with a wrong output, and right examples that tell little.

The attacker knows the true function, and, for attacks of the kind `rival`, what a search of this kind tends to find:
*rivals* are programs that fit one example and are wrong elsewhere, each with its weight under the search's own prior.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np

from dsl.compiler import Compiler
from dsl.library import Library
from dsl.program import Program
from dsl.values import Failure
from synth.budget import Budget
from synth.compare.adversarial.edits import is_wrong
from synth.compare.adversarial.sequences import SequenceSource
from synth.compare.tokens.source import Items, ListSource
from synth.solver import Solver
from tasks.task import Example

__all__ = ["KINDS", "Kind", "Rival", "ambiguous", "best_rival", "poisoned", "rivals_of", "typo"]

Kind: TypeAlias = Literal["typo", "rival"]
"""How an output is made wrong: one item replaced by another at random, or what the best rival says."""
KINDS: tuple[Kind, ...] = ("typo", "rival")

_SEEDS = 6
"""Single examples from which rivals are grown."""
_EVALUATIONS = 20_000
_TOP = 40
_POOL = 200
"""Right examples among which the attacker may choose."""


@dataclass(frozen=True, slots=True)
class Rival:
    """A wrong program: what it says, and its weight under the search's prior."""

    run: Callable[[Items], object]
    weight: float
    bits: float


@lru_cache(maxsize=8)
def rivals_of(
    source: SequenceSource, words: Callable[[], Library], make_solver: Callable[[int], Solver]
) -> tuple[Rival, ...]:
    """Wrong programs that a search finds for one example each, the weightiest first; the same for all seeds."""
    library = words()
    found: dict[Program, tuple[Callable[[Items], object], float]] = {}
    for number in range(_SEEDS):
        task = source.spec_task(10_000 + number, library, 1)
        answer = make_solver(_TOP).solve(task.spec, Budget(_EVALUATIONS, 10.0), rng=random.Random(number))
        compiler = Compiler(library)
        for candidate in answer.alternatives:
            found[candidate.program] = (_calling(compiler.compile(candidate.program)), candidate.bits)
    probes = [items for example in source.lists.shown(20_000, 30) if isinstance(items := example.arguments[0], tuple)]
    wrong: dict[tuple[object, ...], Rival] = {}
    for run, bits in sorted(found.values(), key=lambda one: one[1]):
        said = tuple(map(run, probes))
        if any(is_wrong(source.truth(items), value) for items, value in zip(probes, said, strict=True)):
            wrong.setdefault(said, Rival(run, 2.0**-bits, bits))
    return tuple(wrong.values())


def _calling(run: Callable[[tuple[object, ...]], object]) -> Callable[[Items], object]:
    return lambda items: run((items,))


def best_rival(rivals: Sequence[Rival], source: ListSource, examples: Sequence[Example]) -> Rival | None:
    """The rival that is right on most of the examples and not on all, and of those the weightiest; None for none."""
    scored = [
        (sum(_agrees(rival, source, example) for example in examples), rival.weight, place)
        for place, rival in enumerate(rivals)
    ]
    able = [one for one in scored if one[0] < len(examples)]
    return rivals[max(able, key=lambda one: (one[0], one[1], -one[2]))[2]] if able else None


def _agrees(rival: Rival, source: ListSource, example: Example) -> bool:
    items = _items(example)
    return not is_wrong(source.truth(items), rival.run(items))


def _items(example: Example) -> Items:
    items = example.arguments[0]
    assert isinstance(items, tuple)
    return items


def poisoned(
    source: ListSource,
    examples: Sequence[Example],
    count: int,
    kind: Kind,
    rival: Rival | None,
    rng: np.random.Generator,
) -> tuple[Example, ...]:
    """The examples with `count` outputs made wrong; a rival that says nothing usable somewhere gives way to a typo."""
    order = rng.permutation(len(examples)).tolist()
    wrong = {place: _wrong_output(source, examples[place], kind, rival) for place in order}
    usable = [place for place in order if wrong[place] is not None] + [p for p in order if wrong[p] is None]
    changed = set(usable[:count])
    return tuple(
        Example(example.arguments, wrong[place] if wrong[place] is not None else typo(source, example, rng))
        if place in changed
        else example
        for place, example in enumerate(examples)
    )


def _wrong_output(source: ListSource, example: Example, kind: Kind, rival: Rival | None) -> object | None:
    """What the rival says where that is a wrong output of the right form, else None."""
    if kind == "typo" or rival is None:
        return None
    items = _items(example)
    said = rival.run(items)
    usable = not isinstance(said, Failure) and source.encoding.encode_output(said, len(items)) is not None
    return said if usable and is_wrong(source.truth(items), said) else None


def typo(source: ListSource, example: Example, rng: np.random.Generator) -> object:
    """The true output with one item replaced by another symbol; one item is put in where there was none."""
    encoding, truth = source.encoding, source.truth(_items(example))
    symbols = [encoding.low + number for number in range(encoding.symbols)]
    if not isinstance(truth, tuple):
        return int(rng.choice([symbol for symbol in symbols if symbol != truth]))
    if not truth:
        return (int(rng.choice(symbols)),)
    place = int(rng.integers(len(truth)))
    other = int(rng.choice([symbol for symbol in symbols if symbol != truth[place]]))
    return (*truth[:place], other, *truth[place + 1 :])


def ambiguous(
    source: ListSource, rivals: Sequence[Rival], examples: Sequence[Example], count: int, seed: int
) -> tuple[Example, ...]:
    """The examples, the last `count` of them replaced by right ones that leave as much weight of rivals as can be.

    The attacker chooses one by one from a pool drawn as examples are, knowing those that stay.
    """
    kept = list(examples[: len(examples) - count])
    taken = {example.arguments for example in examples}
    pool = [e for e in _pool(source, seed) if e.arguments not in taken]
    alive = [rival for rival in rivals if all(_agrees(rival, source, example) for example in kept)]
    agreeing = {e.arguments: [_agrees(rival, source, e) for rival in alive] for e in pool}
    weights = np.array([rival.weight for rival in alive])
    left = np.ones(len(alive), dtype=bool)
    for _ in range(count):
        best = max(pool, key=lambda e: float(weights[left & np.array(agreeing[e.arguments], dtype=bool)].sum()))
        left &= np.array(agreeing[best.arguments], dtype=bool)
        pool.remove(best)
        kept.append(best)
    return tuple(kept)


def _pool(source: ListSource, seed: int) -> list[Example]:
    """Right examples, drawn as those that are shown, from a stream of their own."""
    return list(source.shown(1_000_000 + seed, _POOL))
