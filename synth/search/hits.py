"""Hits: programs that fit, each confirmed by the interpreter before it counts, and when to look no further."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from dsl.interpreter import run
from dsl.primitives import CORE
from dsl.program import Lambda, Name, Program, walk
from dsl.values import Cause, Failure, agree
from synth.search.calls import CallMonitor
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
    """The programs found so far. The search is settled once no cheaper one can come."""

    KEPT: ClassVar[int] = 64
    spec: Spec
    calls: CallMonitor
    beyond: float = 0.0
    found: list[Hit] = field(default_factory=list)
    _last: float | None = None
    _seen: set[Program] = field(default_factory=set)

    def add(self, program: Lambda, level: int, evaluations: int, price: int = 0) -> None:
        """Take a program that a search believes to fit, found after so many evaluations.

        `price`, for the examples that it misses, is added to its level.
        """
        program = tidy(program)  # type: ignore[assignment]
        if program in self._seen or len(self.found) >= self.KEPT:
            return
        self._seen.add(program)
        missed = self._missed(program)
        if missed is not None:
            self._last = self._last or evaluations * (1 + self.beyond)
            self.found.append(Hit(program, level + price, missed))

    def settled(self, level: int, evaluations: int) -> bool:
        """Whether a program was found that those still to come at this level and above cannot beat, and time is up."""
        return self._last is not None and evaluations >= self._last and any(h.level <= level for h in self.found)

    def best(self) -> Hit | None:
        """The cheapest program found."""
        return min(self.found, key=lambda hit: hit.level, default=None)

    def _missed(self, program: Lambda) -> tuple[int, ...] | None:
        """The examples that the program misses, by the interpreter; None for more than are allowed."""
        outcomes = [run(program, example.arguments, self.spec.library) for example in self.spec.examples]
        pairs = enumerate(zip(self.spec.examples, outcomes, strict=True))
        missed = tuple(i for i, (e, o) in pairs if isinstance(o, Failure) or not agree(o, e.output))
        if len(missed) <= self._allowed:
            return missed
        if any(isinstance(o, Failure) and o.cause in _BLAMELESS for o in outcomes):
            return None
        suspects = [n.name for n in walk(program) if isinstance(n, Name) and n.name not in CORE.entries]
        if not suspects:
            raise EngineError(f"the search's columns say that {program!r} fits; the interpreter, that it does not")
        for word in suspects:  # a word that gives now this, now that
            self.calls.fault(word)
        return None

    @property
    def _allowed(self) -> int:
        return int(getattr(self.spec, "allowed_misses", 0))
