"""Compiling everything at once, which searches do little by little: what they run, and where it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from dsl.library import Entry
from dsl.primitives import CORE
from synth.search.kernels.columns import classify
from synth.search.kernels.compiled import cached_in
from synth.search.kernels.ready import compile_all
from synth.search.rehearsal import rehearse_cases, rehearse_goals, rehearse_search

__all__ = ["machine_code_files", "machine_code_folder", "warm_up"]

_ENDINGS = (".nbi", ".nbc")
"""Numba's lists of what there is, and machine code."""


def warm_up(
    told: Callable[[str, int, int], None] = lambda word, done, all_: None, words: Iterable[Entry] = CORE
) -> int:
    """Compile, or load, all that searches with these words run; returns how many kernels of words that are.

    `told` hears before each word's kernel which word it is, how many are done, and how many there are.
    """
    rehearse_search()
    rehearse_goals()
    rehearse_cases()
    return compile_all(told, words)


def machine_code_folder() -> Path:
    """Where machine code is kept from one process to the next."""
    return cached_in(classify)


def machine_code_files() -> list[Path]:
    """The files that are kept there now, those of older sources and of other versions of Python among them."""
    return sorted(path for path in machine_code_folder().glob("*.nb?") if path.suffix in _ENDINGS)
