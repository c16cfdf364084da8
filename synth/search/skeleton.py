"""Skeletons: sketches made ready to be filled, with the types of all parts and the scopes of all holes.

A skeleton has no lets: a let's value stands where its name is used. Holes that should see the name still do: a value
that is the same for all fillings becomes an *abbreviation*, a further variable of the top scope; of any other value the
holes are filled by functions, which are called with it (lambda lifting: Johnsson, 1985). A hole that is called, as in
`?f(xs)`, stands for any program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from dsl.grammar import Production
from dsl.type_system import FunctionType, Type
from synth.search.schedule import Place, place_of
from synth.search.scope import ScopeKey

__all__ = ["Abbreviation", "Body", "Call", "Called", "Gap", "Leaf", "Part", "Skeleton", "Space", "type_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A variable, a constant, or a word without parameters."""

    production: Production
    gaps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """A place to be filled; gaps of one number are filled by one program."""

    number: int
    type: Type
    gaps: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "gaps", (self.number,))


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A word applied. `gaps` are the numbers of all gaps inside, rising, as for every part."""

    production: Production
    arguments: tuple[Part, ...]
    gaps: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "gaps", _gaps(self.arguments))


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A function written out, as a body in a lambda's scope."""

    type: FunctionType
    key: ScopeKey
    part: Part
    gaps: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "gaps", self.part.gaps)


@dataclass(frozen=True, slots=True, eq=False)
class Called:
    """A function that fills a gap, applied."""

    function: Gap
    arguments: tuple[Part, ...]
    type: Type
    gaps: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "gaps", _gaps((self.function, *self.arguments)))


Part: TypeAlias = Leaf | Gap | Call | Body | Called


def type_of(part: Part) -> Type:
    """The type of what a part yields."""
    return part.production.result if isinstance(part, Leaf | Call) else part.type


@dataclass(frozen=True, slots=True)
class Space:
    """What fills the gaps of one number: programs of a type in a scope."""

    key: ScopeKey
    type: Type

    @property
    def place(self) -> Place:
        """Where these programs are built."""
        return place_of(self.key, self.type)


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A part that is the same for all fillings, and so may have a name that these use."""

    type: Type
    part: Part


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A sketch ready to be filled: `spaces` tell what fills the gaps, by number."""

    root: Part
    spaces: tuple[Space, ...]
    abbreviations: tuple[Abbreviation, ...]
    parts: tuple[Part, ...] = field(init=False)
    keys: tuple[ScopeKey, ...] = field(init=False)
    """The scopes of the functions that it writes out."""
    runs: tuple[Call | Called, ...] = field(init=False)
    """The parts that are run."""

    def __post_init__(self) -> None:
        parts = tuple(_parts_of(self.root))
        object.__setattr__(self, "parts", parts)
        object.__setattr__(self, "keys", tuple(dict.fromkeys(p.key for p in parts if isinstance(p, Body))))
        object.__setattr__(self, "runs", tuple(p for p in parts if isinstance(p, Call | Called)))

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the programs for each gap are built."""
        return tuple(space.place for space in self.spaces)


def _parts_of(part: Part) -> Iterator[Part]:
    """All different parts, each before those inside it."""
    seen: dict[int, Part] = {}
    waiting = [part]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen[id(part)] = part
        yield part
        match part:
            case Call(_, arguments):
                waiting.extend(arguments)
            case Body():
                waiting.append(part.part)
            case Called():
                waiting.extend((part.function, *part.arguments))


def _gaps(parts: tuple[Part, ...]) -> tuple[int, ...]:
    return tuple(sorted({gap for part in parts for gap in part.gaps}))
