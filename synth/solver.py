"""The one interface of every method that solves tasks, nets included."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from dsl.library import Library
from dsl.program import Program
from synth.budget import Budget, StopReason
from synth.guidance import UNGUIDED, Guidance
from tasks.task import Spec

__all__ = ["Answer", "Candidate", "Explanation", "LevelShare", "NearMiss", "Preparing", "Progress", "Solver"]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A program that is right on some examples: which (0-based), and its cost in bits."""

    program: Program
    right: tuple[int, ...]
    bits: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One behaviour that fits the examples: its best program, and how likely it is.

    `bits` is the program's length under the library's prior; `mass` the behaviour's share of the posterior found so
    far, the sum over all its programs.
    """

    program: Program
    bits: float
    mass: float


@dataclass(frozen=True, slots=True)
class LevelShare:
    """One cost level of a search: its bits, how many programs of it were tried, and whether that was all of them."""

    bits: float
    programs: int
    complete: bool


@dataclass(frozen=True)
class Explanation:
    """What a search saw, for people who ask why it ended as it did.

    `space_seen` is the share of the prior's probability mass that was covered. `useless_words` occur in no class that
    is right on any example and in no near miss. `counts` says how often each trick came to something (goals,
    residuals, case trees, sketches, repairs, classes, merged duplicates). `faults` counts, by word, results that broke
    the word's own declaration; `slow` has the words that take more than 0.1 s a call, with the seconds. An explanation
    crosses processes, so its mappings are plain dicts.
    """

    levels: tuple[LevelShare, ...] = ()
    space_seen: float | None = None
    unreached_types: tuple[str, ...] = ()
    useless_words: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    faults: Mapping[str, int] = field(default_factory=dict)
    slow: Mapping[str, float] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()


def _no_details() -> Mapping[str, object]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Answer:
    """What a solver gives back: a program or a predictor, why it ended, and what it cost.

    `program` is a Lambda over the spec's parameters. A net has no program; it sets `predict` instead, which maps
    arguments to an output. `bits` is the program's description length under the search's prior, `mass` its behaviour's
    share of the posterior found so far. `first_fit` are the evaluations after which the first program that fits was
    found, `full_at` those after which memory was short; None where there were none. `alternatives` are behaviours that
    fit, the answer itself first, then the best of the others. `guidance` is what the search was given to begin with:
    with it, and with `evaluations` for a budget, the same search ends the same way. `details` holds figures for
    people; nothing depends on them.
    """

    program: Program | None
    stop: StopReason
    evaluations: int = 0
    seconds: float = 0.0
    bits: float | None = None
    guided_by: str = "none"
    near_misses: tuple[NearMiss, ...] = ()
    message: str = ""
    details: Mapping[str, object] = field(default_factory=_no_details)
    predict: Callable[[tuple[object, ...]], object] | None = None
    alternatives: tuple[Candidate, ...] = ()
    mass: float | None = None
    explanation: Explanation | None = None
    guidance: Guidance = UNGUIDED
    first_fit: int | None = None
    full_at: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a running search is, for a live view. `bytes` is the memory it holds."""

    evaluations: int
    seconds: float
    level_bits: float
    classes: int
    best: NearMiss | None = None
    bytes: int = 0

    @property
    def programs_per_second(self) -> float:
        """Evaluations a CPU-second so far; 0 at the very start."""
        return self.evaluations / self.seconds if self.seconds > 0 else 0.0


class Solver(Protocol):
    """Anything from a spec and a budget to an answer."""

    @property
    def name(self) -> str:
        """A short name for tables and logs."""
        ...

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """Solve or say why not; never raises for a task that is merely hard or contradictory."""
        ...


@runtime_checkable
class Preparing(Protocol):
    """A solver that has something to do before its first task, such as compiling, which is no part of solving."""

    def prepare(self, library: Library) -> None:
        """Make ready for tasks over these words; doing it again costs next to nothing."""
        ...
