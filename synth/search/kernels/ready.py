"""Which compiled kernels a search may use now: those compiled in an earlier process at once, others once they pay.

Compiling a kernel takes some tenths of a second, once on a machine; loading it from the cache, some milliseconds. So a
word runs as plain Python until it has been given so many cells that compiling is worth its time. Results do not depend
on it: a kernel and its Python function give the same. Time spent compiling is not charged to the search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dsl.grammar import Production
from dsl.program import Name
from synth.budget import Meter
from synth.search.kernels import kernel_for
from synth.search.kernels.convention import Kernel

__all__ = ["Kernels", "compiled_before"]

_WORTH_COMPILING = 20_000
"""Cells that a word is given as plain Python before its kernel is compiled."""


@dataclass(slots=True)
class Kernels:
    """The kernels of one search; `compiling` is told each word that is being compiled."""

    enabled: bool
    meter: Meter
    compiling: Callable[[str], None] = lambda word: None
    _ready: dict[Production, Kernel | None] = field(default_factory=dict)
    _cells: Counter[str] = field(default_factory=Counter)

    def find(self, production: Production, cells: int) -> Kernel | None:
        """The kernel to use for so many cells of a production now; None where Python must do."""
        if not self.enabled:
            return None
        found = self._ready.get(production)
        if found is not None or production in self._ready:
            return found
        assert isinstance(production.head, Name), "leaves have no kernels"
        word = production.head.name
        kernel = kernel_for(word, production.parameters, production.result)
        if kernel is not None and not kernel.loop.signatures and not compiled_before(kernel.loop):
            self._cells[word] += cells
            if self._cells[word] < _WORTH_COMPILING:
                return None
            self.compiling(word)
        self._ready[production] = kernel
        return kernel

    def call(self, kernel: Kernel, arguments: tuple[Any, ...]) -> None:
        """Run a kernel; where that compiles or loads it, the time is not charged to the search."""
        if kernel.loop.signatures:  # type: ignore[attr-defined]
            kernel.loop(*arguments)
            return
        with self.meter.paused():
            kernel.loop(*arguments)


def compiled_before(loop: Any) -> bool:
    """Whether a compiled form is in the cache on disk (it may be of an older source; then it is compiled again)."""
    cache = getattr(getattr(loop, "_cache", None), "_cache_file", None)
    index = getattr(cache, "_index_path", None)
    return index is not None and Path(index).exists()
