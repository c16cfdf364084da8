"""Kernels of the words that are given a function."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from dsl.type_system import BOOL, INT, REAL, FunctionType, Type
from synth.search.kernels import fold_functions, item_functions, key_functions
from synth.search.kernels.convention import Kernel

__all__ = ["KERNELS", "kernel_for"]

KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "list.map": Kernel(item_functions.map_, "list", True),
        "list.map_indexed": Kernel(item_functions.map_indexed, "list", True),
        "list.zip_with": Kernel(item_functions.zip_with, "list", True),
        "list.flat_map": Kernel(item_functions.flat_map, "list", True),
        "list.filter": Kernel(partial(item_functions.keep, 1), "list", True),
        "list.reject": Kernel(partial(item_functions.keep, 0), "list", True),
        "list.filter_indexed": Kernel(item_functions.filter_indexed, "list", True),
        "list.partition": Kernel(key_functions.partition, "nested", True),
        "list.take_while": Kernel(partial(item_functions.cut, 1), "list", True),
        "list.drop_while": Kernel(partial(item_functions.cut, 0), "list", True),
        "list.span": Kernel(key_functions.span, "nested", True),
        "list.any": Kernel(partial(item_functions.any_or_all, 1), "cell", True),
        "list.all": Kernel(partial(item_functions.any_or_all, 0), "cell", True),
        "list.count": Kernel(item_functions.count, "cell", True),
        "list.find": Kernel(item_functions.find, "list", True),
        "list.find_index": Kernel(item_functions.find_index, "cell", True),
        "list.find_indices": Kernel(item_functions.find_indices, "list", True),
        "list.fold": Kernel(fold_functions.fold, "cell", True),
        "list.fold_right": Kernel(fold_functions.fold_right, "cell", True),
        "list.reduce": Kernel(fold_functions.reduce, "cell", True),
        "list.scan": Kernel(fold_functions.scan, "list", True),
        "list.scan1": Kernel(fold_functions.scan1, "list", True),
        "list.iterate": Kernel(fold_functions.iterate, "cell", True),
        "list.sort_by": Kernel(key_functions.sort_by, "list", True),
        "list.argmax": Kernel(partial(key_functions.argument_of_extreme, 1), "cell", True),
        "list.argmin": Kernel(partial(key_functions.argument_of_extreme, -1), "cell", True),
        "list.group_by": Kernel(key_functions.group_by, "nested", True),
        "list.gather_by": Kernel(key_functions.gather_by, "nested", True),
        "option.map_option": Kernel(item_functions.map_, "list", True),
    }
)
"""By word. Where keys are put in order, they must be numbers: `kernel_for` knows."""

_BY_ORDER = ("list.sort_by", "list.argmax", "list.argmin")


def kernel_for(word: str, parameters: tuple[Type, ...]) -> Kernel | None:
    """The kernel of one of the language's own words at these ground types, if it has one.

    >>> kernel_for("list.unfold", (FunctionType((INT,), INT), INT)) is None
    True
    """
    if word in _BY_ORDER:
        (key,) = (p.result for p in parameters if isinstance(p, FunctionType))
        if key not in (INT, BOOL, REAL):
            return None
    return KERNELS.get(word)
