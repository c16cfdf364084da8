"""Compression: what solved programs have in common becomes definitions, and the programs are rewritten with them."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.library import Definition, Library
from synth.learn.corpus import Corpus, Dropped

__all__ = ["Compression", "Discarded", "Learned", "compress"]


@dataclass(frozen=True, slots=True)
class Learned:
    """A definition that was learned: how often the rewritten corpus uses it, what that saves, and where it came from.

    `saved_bits` is what the corpus and the library would be longer without it; below zero, it does not pay. `examples`
    are calls of it and their values, `tasks` those whose programs use it, also by way of other definitions.
    """

    definition: Definition
    uses: int
    saved_bits: float
    examples: tuple[str, ...]
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Discarded:
    """An abstraction that did not become a definition, and why."""

    body: str
    reason: str


@dataclass(frozen=True, slots=True)
class Compression:
    """What a corpus was compressed to.

    `library` is the old one with the learned definitions, `corpus` the same tasks with their programs rewritten.
    `bits_before` and `bits_after` are description lengths of the programs and of the definitions that were learned.
    """

    library: Library
    learned: tuple[Learned, ...]
    corpus: Corpus
    bits_before: float
    bits_after: float
    dropped: tuple[Dropped, ...] = ()
    discarded: tuple[Discarded, ...] = ()


def compress(corpus: Corpus, library: Library, *, most: int = 10, arity: int = 3) -> Compression:
    """The corpus rewritten with at most `most` new definitions of at most `arity` parameters."""
    raise NotImplementedError
