"""Trying fillings of a skeleton: counted, run on one example after the other, and reported if they fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsl.program import Lambda, Program
from synth.budget import Meter
from synth.search.bank import Arguments, Bank
from synth.search.column import Block
from synth.search.engine import Engine
from synth.search.filling import Fillings
from synth.search.hits import Hits
from synth.search.schedule import SCALARS
from synth.search.scope import TOP, ScopeKey
from synth.search.skeleton import Call, Part, Skeleton
from synth.search.tidy import tidy

__all__ = ["Filler"]

_BLOCK_CELLS, _BLOCK_ITEMS = 40_000, 2_000_000
_BLOCK_LEAST, _BLOCK_MOST = 32, 16_384
"""As in the engine: cells that a block aims at; cells that its lists may need; and bounds for its length."""
_RUN_COSTS = 12
"""Steps that each part of a sketch counts for where no grammar has it."""


@dataclass(slots=True)
class Filler:
    """Tries fillings of one skeleton over an engine's banks; a filling is a class number for each gap.

    One evaluation is one part with gaps run for one filling of these gaps. `meanings` are the programs that the
    engine's abbreviations stand for.
    """

    engine: Engine
    skeleton: Skeleton
    meter: Meter
    hits: Hits
    meanings: Mapping[str, Program] = field(default_factory=dict)
    size: int = field(init=False)
    """How many fillings make a block."""
    _begun: bool = False
    _fixed: dict[tuple[Part, ScopeKey, int], Block] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = max(self.engine.lambdas.scope(key).rows for key in (TOP, *self.skeleton.keys))
        results = [p.production.result if isinstance(p, Call) else p.type for p in self.skeleton.runs]
        most = _BLOCK_CELLS // rows
        if not all(t in SCALARS for t in results):
            most = min(most, _BLOCK_ITEMS // (rows * self.engine.applier.largest))
        self.size = max(_BLOCK_LEAST, min(_BLOCK_MOST, most))

    @property
    def banks(self) -> tuple[Bank, ...]:
        """What fills each gap."""
        return tuple(self.engine.lambdas.scope(key).bank(t) for key, t in self.skeleton.places)

    def attempt(self, numbers: Arguments, level: int = 0) -> None:
        """Run a block of different fillings, and report those that fit; their gaps cost so many steps together."""
        fillings = self._within_budget(numbers)
        if not len(fillings):
            return
        with fillings.drafted():
            fitting = self.fitting(fillings)
        for position in fitting:
            program = fillings.program(int(position))
            self.hits.add(program, self._level(program, level))

    def fitting(self, fillings: Fillings) -> NDArray[np.intp]:
        """The fillings that miss no more examples than they may, by position, as many as are worth reporting."""
        judge, allowed = self.engine.judge, self.engine.spec.allowed_misses
        alive = np.arange(len(fillings))
        right = np.ones((len(fillings), len(judge.order)), dtype=np.bool_)
        for row in judge.order:
            right[alive, row] = judge.right_on(fillings.outputs(alive, slice(row, row + 1)), row)
            alive = alive[(~right[alive]).sum(axis=1) <= allowed]
            if not len(alive):
                break
        cheapest: NDArray[np.intp] = alive[self.hits.cheapest(right[alive])]
        return cheapest

    def _within_budget(self, numbers: Arguments) -> Fillings:
        """As many fillings as the budget still allows, counted."""
        self.meter.check()
        fillings = Fillings(self.engine, self.skeleton, numbers, self._fixed, self.meanings)
        varied = [p for p in self.skeleton.runs if p.gaps]
        once = 0 if self._begun else len(self.skeleton.runs) - len(varied)
        price = once + (sum(len(fillings.groups(p.gaps)[0]) for p in varied) if varied else len(numbers))
        left = self.meter.remaining()
        if left is not None and price > left:  # what is left pays for the parts of a filling that is not finished, too
            most, price = max(0, left - once) // max(1, len(varied)), left
            fillings = Fillings(self.engine, self.skeleton, numbers[:most], self._fixed, self.meanings)
        self._begun = True
        self.meter.count(price)
        return fillings

    def _level(self, program: Lambda, level: int) -> int:
        """What the prior says that a program costs; a guess for one that has a part which no grammar has."""
        tidied = tidy(program)
        assert isinstance(tidied, Lambda), "tidying keeps the parameters"
        known = self.hits.cost(tidied)
        return level + _RUN_COSTS * len(self.skeleton.runs) if known is None else known
