"""Ablations of the program side's prior: other tiers of words, one word less, and useless words besides."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from dsl.library import Library
from dsl.primitive import Primitive
from dsl.type_system import BOOL, INT, FunctionType, Type, list_of
from synth.compare.programs import ProgramSearch
from synth.compare.protocol import Learner

__all__ = ["ablation_learners", "leave_one_out", "with_decoys"]

_TYPES = (INT, BOOL, list_of(INT))
"""What decoys take and give."""


def leave_one_out(library: Library) -> Iterator[tuple[str, Library]]:
    """For each word that a search may use, the library without it (and without what is defined by it)."""
    for word in library.vocabulary:
        yield word.name, library.without([word.name])


def with_decoys(library: Library, times: int, seed: int) -> Library:
    """The library with `times` as many useless words besides: well-typed, total, and random.

    They are deterministic functions of ints, truth values and lists of ints that mean nothing. The same seed gives the
    same words.
    """
    rng = random.Random(f"decoys {seed}")
    count = times * len(library.vocabulary)
    return library.extend(*(_decoy(f"decoy.word{number}", rng) for number in range(count)))


def _decoy(name: str, rng: random.Random) -> Primitive:
    parameters = tuple(rng.choice(_TYPES) for _ in range(rng.choice((1, 1, 2))))
    result = rng.choice(_TYPES)
    names = ("x", "y")[: len(parameters)]
    meaning = _Noise(rng.randrange(1, 9973), result)
    return Primitive(name, FunctionType(parameters, result), meaning, "A word that means nothing.", names)


@dataclass(frozen=True)
class _Noise:
    """A function whose value looks drawn: it mixes its arguments' numbers with a salt of its own."""

    salt: int
    result: Type

    def __call__(self, *arguments: object) -> object:
        """The value."""
        mixed = self.salt
        for number in chain.from_iterable(map(_numbers, arguments)):
            mixed = (31 * mixed + number) % 9973
        if self.result == INT:
            return mixed % 10
        return (
            mixed % 2 == 0 if self.result == BOOL else tuple((mixed * (place + 7)) % 10 for place in range(mixed % 4))
        )


def _numbers(value: object) -> Iterator[int]:
    match value:
        case bool() | int():
            yield int(value)
        case tuple():
            yield len(value)
            for item in value:
                yield from _numbers(item)


def ablation_learners(
    learner: Learner,
    *,
    without: Sequence[str] = (),
    decoys: Sequence[int] = (1, 3, 10),
    tiers: Sequence[tuple[str, Callable[[], Library]]] = (),
) -> tuple[Learner, ...]:
    """Variants of a program learner whose `run` is a ProgramSearch: each named word left out, decoys, other tiers.

    They share everything else with it, and its examples. In no finding, and in a table of their own.
    """
    assert isinstance(learner.run, ProgramSearch), "ablations change the words of a program search"
    words = learner.run.words
    return (
        *(_variant(learner, f"tier_{name}", f"with the words of tier {name}", made, tier=name) for name, made in tiers),
        *(
            _variant(learner, f"without_{word.replace('.', '_')}", f"without {word}", partial(_less, words, word))
            for word in without
        ),
        *(
            _variant(learner, f"decoys_{n}", f"with {n} times as many useless words", partial(_more, words, n))
            for n in decoys
        ),
    )


def _less(words: Callable[[], Library], word: str) -> Library:
    return words().without([word])


def _more(words: Callable[[], Library], times: int) -> Library:
    return with_decoys(words(), times, seed=0)


def _variant(learner: Learner, name: str, title: str, words: Callable[[], Library], tier: str | None = None) -> Learner:
    assert isinstance(learner.run, ProgramSearch)
    return replace(
        learner,
        name=f"{learner.name}_{name}",
        title=f"{learner.title}, {title}",
        run=replace(learner.run, words=words),
        words=words,
        tier=learner.tier if tier is None else tier,
        ablates=learner.name,
    )
