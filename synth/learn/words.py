"""Learned words: which of a library they are, how they come into another one, and out of a program."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.library import Definition, Library
from dsl.program import Lambda, names
from synth.learn.definitions import NAMESPACE
from synth.learn.forms import inlined
from synth.learn.inlining import inline

__all__ = ["learned_in", "with_learned", "without_words"]


def learned_in(library: Library) -> tuple[Definition, ...]:
    """The learned definitions of a library, in order; each comes after those that it uses."""
    return tuple(e for e in library if isinstance(e, Definition) and e.name.startswith(f"{NAMESPACE}."))


def with_learned(library: Library, source: Library) -> Library:
    """A library with the learned words of another one, but for those that are defined by words which it has not."""
    for definition in learned_in(source):
        if all(library.entries.get(name) == source.entries[name] for name in names(definition.program)):
            library = library.extend(definition, shadow=True)
    return library


def without_words(program: Lambda, definitions: Sequence[Definition]) -> Lambda:
    """A program with definitions put in for their names, also where one is made of another; as it is if it uses none.

    Raises ResourceError where it would become huge.
    """
    if {definition.name for definition in definitions}.isdisjoint(names(program)):
        return program
    made = inlined(inline(program, definitions))
    assert isinstance(made, Lambda), "putting definitions in keeps the form"
    return made
