"""Guidance: what is known or guessed about a solution before the search, as plain data.

It lies below search: a guide makes it, a search reads it, neither knows the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dsl.program import Lambda

__all__ = ["UNGUIDED", "Guidance"]


def _no_weights() -> Mapping[str, float]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Guidance:
    """Bits to add to (or, negative, take from) the cost of productions, by name; and who says so.

    Keys are qualified words (`list.map`), `variable:xs` or `literal:3`. `source` is shown with every run. `sketches`
    are programs with typed holes that a solution may have the form of, each with its probability.
    """

    source: str = "none"
    bits: Mapping[str, float] = field(default_factory=_no_weights)
    sketches: tuple[tuple[Lambda, float], ...] = ()


UNGUIDED = Guidance()
