"""What programs about points may be made of: the plain words of a pattern that repeats, and the numbers 1 to 40."""

from __future__ import annotations

from functools import cache

from dsl.library import Definition, Library
from dsl.primitives import CORE
from dsl.program import Literal
from dsl.type_system import REAL

__all__ = ["CONSTANTS", "all_words", "plain_words"]

CONSTANTS = tuple(
    Definition(f"number.c{value}", REAL, Literal(float(value)), f"The number {value}.") for value in range(1, 41)
)
"""The numbers that programs may use, as words: a search lists no real constants of its own but four."""

_PLAIN = ("real.floor", "real.multiply", "int.add", "int.is_odd")


@cache
def plain_words() -> Library:
    """Tier T0: `floor`, `*`, `+` and the remainder by 2, and the numbers 1 to 40."""
    return CORE.only(_PLAIN).extend(*CONSTANTS)


@cache
def all_words() -> Library:
    """Tier T1: all core words, and the numbers 1 to 40."""
    return CORE.extend(*CONSTANTS)
