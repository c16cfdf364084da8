"""The one interface of every method that solves tasks, nets included."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from dsl.program import Program
from synth.budget import Budget, StopReason
from tasks.task import Spec

__all__ = ["Answer", "NearMiss", "Progress", "Solver"]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A program that is right on some examples: which (0-based), and its cost in bits."""

    program: Program
    right: tuple[int, ...]
    bits: float


def _no_details() -> Mapping[str, object]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Answer:
    """What a solver gives back: a program or a predictor, why it ended, and what it cost.

    `program` is a Lambda over the spec's parameters. A net has no program; it sets `predict` instead, which maps
    arguments to an output. `bits` is the program's description length under the search's prior. `details` holds
    figures for people (classes, programs per second, types never reached); nothing depends on them.
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


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a running search is, for a live view."""

    evaluations: int
    seconds: float
    level_bits: float
    classes: int
    best: NearMiss | None = None


class Solver(Protocol):
    """Anything from a spec and a budget to an answer."""

    @property
    def name(self) -> str:
        """A short name for tables and logs."""
        ...

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """Solve or say why not; never raises for a task that is merely hard or contradictory."""
        ...
