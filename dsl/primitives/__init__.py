"""The words of the language, one module per type; `CORE` is the library of them all."""

from __future__ import annotations

from dsl.library import Library
from dsl.primitives import (
    booleans,
    control,
    integers,
    list_changes,
    list_functions,
    list_order,
    list_parts,
    lists,
    options,
    order,
    reals,
    texts,
    tuples,
)

__all__ = ["CORE"]

CORE = Library.of(
    control, order, booleans, integers, reals, texts, lists, list_changes, list_parts, list_functions, list_order,
    tuples, options,
)  # fmt: skip
