"""How functions are compiled that run once for each value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from numba import njit

__all__ = ["inlined", "uncounted"]

F = TypeVar("F", bound=Callable[..., object])


def uncounted(function: F) -> F:
    """Compile a function that makes no array, without counting references to those that it is given.

    Where a word is run on one value at a time, counting takes longer than the word: each array is counted up and
    down in every call that is not inlined. Numba has the option for its own tests, and leaves it out of its types.
    """
    compiled: F = njit(cache=True, _nrt=False)(function)  # type: ignore[call-overload]
    return compiled


def inlined(function: F) -> F:
    """Compile a function like `uncounted`, and copy it into its callers: for short ones that are given many arrays.

    A call hands over each array as seven words and more, which takes longer than a look into one.
    """
    compiled: F = njit(cache=True, _nrt=False, forceinline=True)(function)  # type: ignore[call-overload]
    return compiled
