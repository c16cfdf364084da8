"""Which compiled kernels a search may use now: those compiled in an earlier process at once, others once they pay.

Compiling a kernel takes some tenths of a second, once on a machine; loading it from the cache, some milliseconds. So a
word runs as plain Python until it has been given so many cells that compiling is worth its time. Results do not depend
on it: a kernel and its Python function give the same. Time spent compiling is not charged to the search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from dsl.grammar import Production
from dsl.library import Entry
from dsl.primitives import CORE
from dsl.program import Name
from dsl.type_system import INT, FunctionType, apply, list_of, type_variables
from synth.budget import Meter
from synth.search.kernels import kernel_for
from synth.search.kernels.compiled import is_loaded, is_on_disk
from synth.search.kernels.convention import Kernel, Lists
from synth.search.kernels.machine import empty_table

__all__ = ["Kernels", "compile_all", "compiled_before", "load"]

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
        if kernel is not None and not _loaded(kernel) and not compiled_before(kernel):
            self._cells[word] += cells
            if self._cells[word] < _WORTH_COMPILING:
                return None
            self.compiling(word)
        self._ready[production] = kernel
        return kernel

    def call(self, kernel: Kernel, arguments: tuple[Any, ...]) -> None:
        """Run a kernel; where that compiles or loads it, the time is not charged to the search."""
        if _loaded(kernel):
            kernel.loop(*arguments)
            return
        with self.meter.paused():
            kernel.loop(*arguments)


def load(meter: Meter, loop: Any, rehearse: Callable[[], object]) -> None:
    """Make sure that compiled code is in memory before it is needed; what that takes is not charged to the search.

    `loop` is a compiled function that `rehearse` calls, on next to nothing, along with all others that belong to it.
    """
    if not is_loaded(loop):
        with meter.paused():
            rehearse()


def compile_all(
    told: Callable[[str, int, int], None] = lambda word, done, all_: None, words: Iterable[Entry] = CORE
) -> int:
    """Compile (or load) the kernels of built-in words; `told` hears each word before. Returns how many there are."""
    kernels = list(_kernels_of(words))
    for done, (word, arity, kernel) in enumerate(kernels):
        told(word, done, len(kernels))
        kernel.loop(*_nothing(kernel, arity))
    return len(kernels)


def _kernels_of(words: Iterable[Entry]) -> Iterator[tuple[str, int, Kernel]]:
    """Every kernel of the built-in ones among some words, with the word and its number of arguments.

    A word that asks for an order has one for numbers and one for lists.
    """
    for entry in words:
        found: list[Kernel] = []
        for item in (INT, list_of(INT)):
            ground = apply({v.name: item for v in type_variables(entry.type)}, entry.type)
            if CORE.entries.get(entry.name) is not entry or not isinstance(ground, FunctionType):
                continue
            kernel = kernel_for(entry.name, ground.parameters, ground.result)
            if kernel is not None and kernel not in found:
                found.append(kernel)
                yield entry.name, len(ground.parameters), kernel


def _nothing(kernel: Kernel, arity: int) -> tuple[Any, ...]:
    """Arguments of the right types without a single entry."""
    none, status = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint8)
    functions = (empty_table(), none) if kernel.takes_function else ()
    arguments = (*[none] * arity, *functions, Lists(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)), status)
    match kernel.result:
        case "cell":
            return (*arguments, none)
        case "list":
            return (*arguments, 1, none, none)
        case "nested":
            return (*arguments, 1, none, none, none)


def compiled_before(kernel: Kernel) -> bool:
    """Whether machine code of a kernel, made from the sources as they are now, is on disk."""
    return is_on_disk(_dispatcher(kernel))


def _loaded(kernel: Kernel) -> bool:
    return is_loaded(_dispatcher(kernel))


def _dispatcher(kernel: Kernel) -> Any:
    """What Numba made of the loop; several words may share one, each with a first argument of its own."""
    return kernel.loop.func if isinstance(kernel.loop, partial) else kernel.loop
