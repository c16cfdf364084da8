"""A module beside a user's words, for tests of exporting them."""

from __future__ import annotations

BASE = 100


def scaled(x: int) -> int:
    """Twice."""
    return 2 * x
