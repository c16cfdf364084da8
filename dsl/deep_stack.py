"""More of Python's stack, for a while: for the rare program that is nested deeper than usual."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["deep_stack"]


@contextmanager
def deep_stack(frames: int) -> Iterator[None]:
    """Allow `frames` more Python frames than usual within the `with` block."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(usual + frames)
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)
