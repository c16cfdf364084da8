"""Guidance: what is known or guessed about a solution before the search, as plain data.

It lies below search: a guide makes it, a search reads it, neither knows the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from dsl.program import Lambda, Literal, Name, Program, Variable, walk
from tasks.task import Spec

__all__ = ["ASKED_AFTER", "UNGUIDED", "WHOLE", "Above", "Guidance", "Later", "keys_in"]

ASKED_AFTER = 20_000
"""Evaluations that the unguided search has for itself before a guide is asked that takes time to load."""


def _no_weights() -> Mapping[str, float]:
    return MappingProxyType({})


def _no_contexts() -> Mapping[Above, Mapping[str, float]]:
    return MappingProxyType({})


Above: TypeAlias = tuple[str, int]
"""What a part of a program stands in: the key of the production above it, and which of its arguments it is."""
WHOLE: Above = ("", 0)
"""Where the body of a whole program stands."""


@dataclass(frozen=True)
class Guidance:
    """What may be said of a solution, and who says so. `source` is shown with every run.

    `bits` are to be added to (or, negative, taken from) the cost of productions, by name: words by their qualified
    names (`list.map`), `variable:xs`, `literal:3`. `contexts` say more, by what stands above: in each, what productions
    cost, in bits, before that is made a distribution over those that the scope admits; there, `parameter:1` is the
    second parameter of a lambda. What a context does not name costs as much as the dearest that it names; where there
    is no context, `bits` count. `sketches` are programs with typed holes that a solution may have the form of, each
    with its probability; `subgoals` whole programs that it may contain, likewise. `after` says how many evaluations of
    the unguided search come before any of it is used.
    """

    source: str = "none"
    bits: Mapping[str, float] = field(default_factory=_no_weights)
    sketches: tuple[tuple[Lambda, float], ...] = ()
    after: int = 0
    contexts: Mapping[Above, Mapping[str, float]] = field(default_factory=_no_contexts)
    subgoals: tuple[tuple[Lambda, float], ...] = ()

    @property
    def helps(self) -> bool:
        """Whether there is anything in it that a search can use."""
        return bool(self.bits or self.sketches or self.contexts or self.subgoals)


UNGUIDED = Guidance()


@dataclass(frozen=True)
class Later:
    """A guide that is asked only when a search has come so far: `ask` may be slow, its time is not the search's.

    It is asked `after` so many evaluations of the unguided search (0: at the start).
    """

    ask: Callable[[Spec], Guidance]
    after: int = ASKED_AFTER


def keys_in(program: Program) -> Iterator[str]:
    """The names that `Guidance.bits` has for the nodes of a program, repeats included.

    Lambdas, applications and holes have none.
    """
    for node in walk(program):
        match node:
            case Name(word):
                yield word
            case Variable(name):
                yield f"variable:{name}"
            case Literal(value):
                yield f"literal:{value}"
