"""The list domain: lists of numbers, and everything the core words say about them."""

from __future__ import annotations

from dsl.primitives import CORE
from tasks.domain import Domain, Tier

__all__ = ["LISTS"]

_PLAIN_WORDS = (
    "list.fold",
    "list.cons",
    "list.append",
    "control.if",
    "order.lt",
    "order.eq",
    "int.add",
    "tuple.pair",
    "tuple.first",
    "tuple.second",
    "list.head",
    "list.tail",
    "list.is_empty",
    "list.range",
    "list.get",
)

LISTS = Domain(
    name="lists",
    library=CORE,
    suites=("lists", "length", "samples", "tour", "growing", "adversarial"),
    tiers=(
        Tier("T0", _PLAIN_WORDS, "one fold, and the words to take lists and pairs apart and build them"),
        Tier("T1", None, "all core words"),
    ),
    description="Lists of numbers and truth values, numbers beside them, and lists of lists.",
)
