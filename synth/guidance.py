"""Guidance: what is known or guessed about a solution before the search, as plain data.

It lies below search: a guide makes it, a search reads it, neither knows the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dsl.program import Lambda
from tasks.task import Spec

__all__ = ["ASKED_AFTER", "UNGUIDED", "Guidance", "Later"]

ASKED_AFTER = 20_000
"""Evaluations that the unguided search has for itself before a guide is asked that takes time to load."""


def _no_weights() -> Mapping[str, float]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Guidance:
    """Bits to add to (or, negative, take from) the cost of productions, by name; and who says so.

    Keys are qualified words (`list.map`), `variable:xs` or `literal:3`. `source` is shown with every run. `sketches`
    are programs with typed holes that a solution may have the form of, each with its probability. `after` says how many
    evaluations of the unguided search come before any of it is used.
    """

    source: str = "none"
    bits: Mapping[str, float] = field(default_factory=_no_weights)
    sketches: tuple[tuple[Lambda, float], ...] = ()
    after: int = 0

    @property
    def helps(self) -> bool:
        """Whether there is anything in it that a search can use."""
        return bool(self.bits or self.sketches)


UNGUIDED = Guidance()


@dataclass(frozen=True)
class Later:
    """A guide that is asked only when a search has come so far: `ask` may be slow, its time is not the search's.

    It is asked `after` so many evaluations of the unguided search (0: at the start).
    """

    ask: Callable[[Spec], Guidance]
    after: int = ASKED_AFTER
