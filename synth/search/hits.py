"""Hits: programs that fit, each confirmed by the interpreter before it counts, and when to look no further."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from dsl.forms import has_form
from dsl.interpreter import run
from dsl.primitives import CORE
from dsl.program import Lambda, Name, Program, walk
from dsl.values import Cause, Failure, agree
from synth.budget import Meter
from synth.search.calls import Calls
from synth.search.cases import listing_bits
from synth.search.schedule import STEP_BITS
from synth.search.tidy import tidy
from synth.verify import EngineError
from tasks.task import Spec

__all__ = ["Hit", "Hits"]

_BLAMELESS = frozenset({Cause.OUT_OF_FUEL, Cause.TOO_LARGE})
"""Limits of the interpreter that columns do not count: such a program is no answer, and no bug either."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A program that misses at most the examples it may, the cost level at which it was found, and its misses."""

    program: Lambda
    level: int
    missed: tuple[int, ...]


@dataclass(slots=True)
class Hits:
    """The programs found so far, by all lanes of a search, and whether it may end.

    `cost` is the level at which the unguided search would come to a program. After the first hit the search goes on
    for the share `beyond` of the work that it took, and longer the dearer the program is than those it has come to:
    each bit doubles, about, what there is to search, and a dear program that fits is the likelier a coincidence.
    """

    KEPT: ClassVar[int] = 64
    spec: Spec
    meter: Meter
    cost: Callable[[Lambda], int | None]
    beyond: float = 0.0
    calls: Calls = field(default_factory=Calls)
    found: list[Hit] = field(default_factory=list)
    first_at: int = 0
    """The evaluations of the whole search when the first of them was found."""
    _known_at: int = 0
    """Those of the unguided search when it was first asked whether that is enough."""
    _miss_bits: list[float] = field(init=False)
    _seen: set[Program] = field(default_factory=set)

    def __post_init__(self) -> None:
        outputs = [example.output for example in self.spec.examples]
        which = math.log2(len(outputs)) if outputs else 0.0
        self._miss_bits = [which + bits for bits in listing_bits(outputs).tolist()] if outputs else []

    @property
    def miss_bits(self) -> float:
        """What a missed example costs on average, in bits."""
        return sum(self._miss_bits) / max(1, len(self._miss_bits))

    def propose(self, program: Lambda, level: int | None = None) -> None:
        """Take a program that may fit, if it does."""
        self.add(program, level, certain=False)

    def add(self, program: Lambda, level: int | None = None, *, certain: bool = True) -> None:
        """Take a program whose columns say that it fits; examples that it misses add to its level.

        Raises EngineError for one that the interpreter says is wrong, if the columns are `certain`.
        """
        tidied = tidy(program)
        assert isinstance(tidied, Lambda), "tidying keeps the parameters"
        if tidied in self._seen:
            return
        self._seen.add(tidied)
        if self.spec.sketches and not any(has_form(tidied, sketch) for sketch in self.spec.sketches):
            return
        level = self.cost(tidied) if level is None else level
        if level is None or self._is_too_dear(level):
            return
        missed = self._missed(tidied, certain)
        if missed is not None:
            self.first_at = self.first_at or self.meter.evaluations
            self._keep(Hit(tidied, level + self.price(missed), missed))

    def _is_too_dear(self, level: int) -> bool:
        return len(self.found) >= self.KEPT and level >= max(hit.level for hit in self.found)

    def _keep(self, hit: Hit) -> None:
        """Keep a hit, in place of the dearest where there are enough; of equals the earlier stays."""
        self.found.append(hit)
        if len(self.found) > self.KEPT:
            dearest = max(range(len(self.found)), key=lambda i: (self.found[i].level, i))
            del self.found[dearest]

    def cheapest(self, right: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Of programs that cost about the same, as (n, examples) whether they are right: those to add, at most KEPT.

        They miss no more examples than they may; those whose misses cost least come first.
        """
        # few are right
        programs, counts = np.unique(np.flatnonzero(right) // max(1, right.shape[1]), return_counts=True)
        least = right.shape[1] - self.spec.allowed_misses
        fitting = programs[counts >= least] if least > 0 else np.arange(len(right))
        owed = (~right[fitting]) @ np.array(self._miss_bits)
        cheapest: NDArray[np.intp] = fitting[np.argsort(owed, kind="stable")[: self.KEPT]]
        return cheapest

    def price(self, missed: Iterable[int]) -> int:
        """What examples that a program misses add to its level: to say which they are, and their outputs."""
        return round(sum(self._miss_bits[example] for example in missed) / STEP_BITS)

    def settled(self, level: int, work: int) -> bool:
        """Whether a program was found that nothing still to come at this level and above can beat, or time is up.

        `level` is the one that the unguided search is at, `work` its evaluations: with other lanes beside it, it looks
        as far before it is up as it would alone.
        """
        if not self.found:
            return False
        self._known_at = self._known_at or work
        gap = (min(hit.level for hit in self.found) - level) * STEP_BITS
        patience = max(1 + self.beyond, 2.0 ** (gap / 2)) if gap > 0 else 1 + self.beyond
        return work >= self._known_at * patience

    def best(self) -> Hit | None:
        """The cheapest program found."""
        return min(self.found, key=lambda hit: hit.level, default=None)

    def _missed(self, program: Lambda, certain: bool) -> tuple[int, ...] | None:
        """The examples that the program misses, by the interpreter; None for more than are allowed."""
        outcomes = [run(program, example.arguments, self.spec.library) for example in self.spec.examples]
        pairs = enumerate(zip(self.spec.examples, outcomes, strict=True))
        missed = tuple(i for i, (e, o) in pairs if isinstance(o, Failure) or not agree(o, e.output))
        if len(missed) <= self.spec.allowed_misses:
            return missed
        if not certain or any(isinstance(o, Failure) and o.cause in _BLAMELESS for o in outcomes):
            return None
        suspects = [n.name for n in walk(program) if isinstance(n, Name) and n.name not in CORE.entries]
        if not suspects:
            raise EngineError(f"the search's columns say that {program!r} fits; the interpreter, that it does not")
        for word in suspects:  # a word that gives now this, now that
            self.calls.faults[word] += 1
        return None
