"""More of Python's stack, for a while: for the rare program that is nested deeper than usual."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

__all__ = ["deep_stack"]

_ONE_THREAD = RLock()
"""The limit is the whole process's: while one thread has it raised, no other changes it."""


@contextmanager
def deep_stack(frames: int) -> Iterator[None]:
    """Allow `frames` more Python frames than usual within the `with` block."""
    with _ONE_THREAD:
        usual = sys.getrecursionlimit()
        sys.setrecursionlimit(usual + frames)
        try:
            yield
        finally:
            sys.setrecursionlimit(usual)
