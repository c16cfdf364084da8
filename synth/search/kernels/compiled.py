"""How functions of kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

__all__ = ["uncounted"]

uncounted: Callable[..., Any] = njit(cache=True, _nrt=False)
"""Compiles a function that makes no array: without counting references to those that it is given.

Where a word is run on one value at a time, the counting takes longer than the word: each array is counted up and down
in every call that is not inlined.
"""
