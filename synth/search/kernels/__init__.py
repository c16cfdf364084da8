"""Kernels: words of the language applied to whole columns."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dsl.primitives import CORE
from dsl.type_system import BOOL, INT, REAL, FunctionType, Substitution, Type, TypeConstructor, instantiate, unify
from dsl.type_system import apply as substitute
from dsl.type_system import type_variables as variables_of

if TYPE_CHECKING:
    from synth.search.kernels.convention import Kernel

__all__ = ["kernel_for"]

_MODULES = ("scalars", "reals", "records", "list_order", "lists", "list_functions")
_LEXICOGRAPHIC = "lexicographic"
_SCALARS = (INT, BOOL, REAL)


def kernel_for(word: str, parameters: tuple[Type, ...], result: Type) -> Kernel | None:
    """The compiled form of a word of the language at these types, if it has one that is right for them.

    Cells say whether two values of any type are equal. They stand in the order of the values for ints, bools and reals
    only; for lists and tuples of these there are kernels that compare the sequences. Other orders have no kernel.

    >>> from dsl.type_system import TEXT
    >>> kernel_for("order.lt", (INT, INT), BOOL).result, kernel_for("order.lt", (TEXT, TEXT), BOOL)
    ('cell', None)
    """
    ordered = _ordered_types(word, FunctionType(parameters, result))
    if ordered is None:
        return None
    if all(t in _SCALARS for t in ordered):
        return next((found[word] for found in map(_kernels, _MODULES) if word in found), None)
    return _kernels(_LEXICOGRAPHIC).get(word) if all(map(_is_flat, ordered)) else None


def _kernels(module: str) -> Mapping[str, Kernel]:
    """The kernels of a module, by word. It is imported only here: that takes Numba, and so a while."""
    found: Mapping[str, Kernel] = importlib.import_module(f"{__name__}.{module}").KERNELS
    return found


def _ordered_types(word: str, wanted: FunctionType) -> list[Type] | None:
    """The types whose order a word asks for at these types; None where it is no word for them."""
    entry = CORE.entries.get(word)
    if entry is None:
        return None
    declared, substitution = instantiate(entry.type, _fresh()), Substitution()
    if not unify(declared, wanted, substitution):
        return None
    bound = {v: substitute(substitution, v) for v in variables_of(declared)}
    if any(map(_holds_function, bound.values())):
        return None
    return [t for v, t in bound.items() if v.constraint == "ordered"]


def _fresh() -> Iterator[str]:
    number = 0
    while True:
        yield f"~{number}"
        number += 1


def _is_flat(t: Type) -> bool:
    """Whether values of the type are kept as sequences of cells that stand in order."""
    return isinstance(t, TypeConstructor) and t.name in ("list", "tuple") and all(a in _SCALARS for a in t.arguments)


def _holds_function(t: Type) -> bool:
    """Whether a type is no plain one: such values have no cells."""
    return not isinstance(t, TypeConstructor) or any(map(_holds_function, t.arguments))
