"""Messages of errors as one text for a golden file."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from dsl.errors import DslError

__all__ = ["messages"]


def messages(cases: Iterable[tuple[str, Callable[[], object]]]) -> str:
    """The messages of cases that must each raise an error of the language."""
    shown = []
    for title, case in cases:
        with pytest.raises(DslError) as caught:
            case()
        shown.append(f"### {title}\n{type(caught.value).__name__}: {caught.value}\n")
    return "\n".join(shown)
