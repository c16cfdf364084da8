"""Learned words in a library: which they are, and how they come into another one."""

from __future__ import annotations

from dsl.library import Definition, Library
from dsl.program import names
from synth.learn.definitions import NAMESPACE

__all__ = ["learned_in", "with_learned"]


def learned_in(library: Library) -> tuple[Definition, ...]:
    """The learned definitions of a library, in order; each comes after those that it uses."""
    return tuple(e for e in library if isinstance(e, Definition) and e.name.startswith(f"{NAMESPACE}."))


def with_learned(library: Library, source: Library) -> Library:
    """A library with the learned words of another one, but for those that are defined by words which it has not."""
    for definition in learned_in(source):
        if all(library.entries.get(name) == source.entries[name] for name in names(definition.program)):
            library = library.extend(definition, shadow=True)
    return library
