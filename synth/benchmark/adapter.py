"""The one place where the benchmarks reach into the search engine: everything else goes by `Solver`."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dsl.grammar import Production
from dsl.library import Library
from dsl.program import Name
from dsl.type_system import Type
from synth.budget import Budget
from synth.search.apply import Applier
from synth.search.bank import Bank
from synth.search.calls import Calls
from synth.search.column import Block, block_of
from synth.search.forward import BottomUp
from synth.search.kernels.banking import weigh
from synth.search.kernels.ready import Kernels
from synth.search.search import Search
from synth.search.store import Store
from synth.search.switches import Switches
from synth.search.tuples import argument_tuples
from synth.search.warming import warm_up
from synth.solver import Progress, Solver
from tasks.task import Spec

__all__ = [
    "FilledBank",
    "banked_pairs",
    "banking_search",
    "filled_bank",
    "make_ready",
    "seconds_to_first_evaluation",
]

_LARGEST = 128
"""Longer than any list here, so that no result is refused."""
_BLOCK = 2_000_000 // (5 * _LARGEST)
"""Programs applied at once: as many as the engine takes for lists of that length on five rows."""


def make_ready(library: Library) -> None:
    """Compile, or load, what searches with these words run, so that no measurement pays for it."""
    warm_up(words=library)


def banking_search() -> Solver:
    """The search with every program put into a bank: none is only probed against the wanted outputs."""
    return BottomUp(switches=Switches(probing=False, goals=False, cases=False, sketches=False, repair=False))


def banked_pairs(
    spec: Spec, word: str, parameters: tuple[Type, Type], columns: tuple[Sequence[Any], Sequence[Any]]
) -> Callable[[], int]:
    """The engine's path for one production, made ready: all pairs of argument columns applied and banked.

    What is returned runs it, once, and says how many different columns the production gave. Result type: that of the
    second parameter.
    """
    store, rows = Store(), np.arange(len(spec.examples), dtype=np.int64)
    meter = Budget().start()
    applier = Applier(spec.library, store, _LARGEST, lambda: None, Kernels(True, meter), Calls())
    production = Production(Name(word), parameters, parameters[1], 0.5, word)
    sources = [_bank_of(t, given, store) for t, given in zip(parameters, columns, strict=True)]
    results = Bank(production.result, len(rows), store, arities=[2])

    def run() -> int:
        for numbers in argument_tuples(sources, 2, ordered=False, size=_BLOCK):
            column = applier.apply(
                production, [b.block(np.ascontiguousarray(numbers[:, i])) for i, b in enumerate(sources)], rows
            )
            mass = np.full(len(numbers), production.weight)
            for i, source in enumerate(sources):
                weigh(mass, source.mass, numbers, i)
            results.add(column, 0, numbers, mass, 1)
        return results.count

    return run


def _bank_of(t: Type, columns: Sequence[tuple[object, ...]], store: Store) -> Bank:
    bank = Bank(t, len(columns[0]), store, arities=[0])
    blocks = [block_of(column, t, store) for column in columns]
    block = Block(np.concatenate([b.cells for b in blocks]), np.concatenate([b.status for b in blocks]))
    bank.add(block, 0, np.zeros((len(columns), 0), dtype=np.int32), np.full(len(columns), 0.5), 1)
    return bank


@dataclass(frozen=True, slots=True)
class FilledBank:
    """What a search holds: its classes, its own estimate of the bytes, and the search, so that it stays in memory."""

    classes: int
    estimated_bytes: int
    search: Search


def filled_bank(spec: Spec, evaluations: int) -> FilledBank:
    """A search over a spec's words after so many evaluations, everything still held."""
    switches = Switches(probing=False, goals=False, cases=False, sketches=False, repair=False)
    search = Search(spec, Budget(evaluations=evaluations).start(), switches=switches)
    search.run()
    return FilledBank(search.engine.classes, search.engine.bytes_held, search)


def seconds_to_first_evaluation(spec: Spec) -> float:
    """Wall-seconds from now until the search reports that it has evaluated something, compiling included."""
    begin = time.monotonic()
    seen: list[float] = []

    def watch(progress: Progress) -> None:
        if progress.evaluations and not seen:
            seen.append(time.monotonic() - begin)

    BottomUp(progress=watch).solve(spec, Budget(evaluations=10_000), rng=random.Random(0))
    return seen[0] if seen else time.monotonic() - begin
