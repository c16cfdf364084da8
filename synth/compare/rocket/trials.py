"""What launches and landings have in common: a trial with its readings, a model that foretells trials, and a source.

Every learner makes a `Forecast` out of trials. The source of a task inverts it the same way for all, and says what
becomes of the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from synth.compare.scoring import Marking, Probe, Said
from synth.compare.streams import digest
from synth.formula.columns import Floats

__all__ = [
    "NEW",
    "NEW_POINTS",
    "READING_NOISE",
    "Craft",
    "Forecast",
    "Instruments",
    "Motion",
    "Trial",
    "TrialSource",
    "hash_trials",
    "without_gap",
]

Motion: TypeAlias = Callable[..., tuple[Floats, Floats]]
"""What instruments read, a column each, to how fast two of the quantities change."""
Forecast: TypeAlias = Callable[..., Floats]
"""Settings of trials, a column each, to their outcomes."""

NEW_POINTS = (0, 1, 4)
"""How many trials on the new planet a learner has seen when it is tested there."""
NEW = tuple(f"new planet, {count} seen" for count in NEW_POINTS)
READING_NOISE = 0.005
"""Noise of a reading, as a share of the largest one of its trial."""


@dataclass(frozen=True)
class Trial:
    """What was set and what came of it; `readings` are (times, quantities and then how fast some of them change)."""

    settings: tuple[float, ...]
    readings: Floats
    outcome: float


@dataclass(frozen=True)
class Instruments:
    """The quantities that are read, and those of which it is read how fast they change, with units; readings a trial.

    The latter are what a law of motion tells from the former.
    """

    reads: Mapping[str, str]
    rates: Mapping[str, str]
    samples: int


class Craft(Protocol):
    """A planet with what flies there."""

    def motion(self, *readings: Floats) -> tuple[Floats, Floats]:
        """The true law of motion."""


class TrialSource(Protocol):
    """The data of a task on trials: what is shown at home and on a new planet, what is wanted, how plans are made.

    `good` is the largest miss that is a hit.
    """

    @property
    def marking(self) -> Marking:
        """How outcomes are marked."""

    @property
    def instruments(self) -> Instruments:
        """What is read in a trial."""

    @property
    def good(self) -> float:
        """The largest miss that is a hit."""

    def crafts(self, seed: int) -> tuple[Craft, Craft]:
        """At home and on the new planet."""

    def shown(self, seed: int, size: int) -> tuple[Trial, ...]:
        """Trials at home; more of them are the fewer ones and others besides."""

    def new(self, seed: int, size: int) -> tuple[Trial, ...]:
        """Trials on the new planet."""

    def tests(self, seed: int, count: int) -> tuple[Probe, ...]:
        """What is wanted in every region at home, and on the new planet; some setting gives it."""

    def says(self, seed: int, plan: Callable[[str, Floats], Floats]) -> Callable[[Probe], list[Said]]:
        """What truly becomes of a plan, which chooses the first setting for what is wanted at a point."""

    def target(self, seed: int, rng: np.random.Generator) -> Floats:
        """Something that is wanted on the new planet, as an input of tests is."""

    def attempt(self, seed: int, target: Floats, chosen: float, noise: Floats) -> tuple[Trial, float]:
        """A trial on the new planet with the first setting chosen, and by how much it misses."""

    def integrate(self, motion: Motion) -> Forecast:
        """The model of trials that follows from a law of motion."""

    def choose(self, forecast: Forecast, targets: Floats) -> Floats:
        """The first setting with which a model gives what is wanted, for each row of targets."""

    def in_logs(self, settings: Floats) -> Floats:
        """Settings in logarithms, as far as they have any."""

    def log_outcomes(self, settings: Floats, outcomes: Floats) -> Floats:
        """What a net in logarithms learns of outcomes."""

    def from_logs(self, settings: Floats, said: Floats) -> Floats:
        """What it says, as outcomes."""

    def fits(self, wanted: Floats, said: Floats) -> np.ndarray:
        """For which outcomes a model fits, to two per cent."""


def hash_trials(trials: Sequence[Trial]) -> str:
    """The content hash of trials."""
    return digest([(*trial.settings, trial.outcome, trial.readings.tolist()) for trial in trials])


def without_gap(values: Floats, gap: tuple[float, float]) -> Floats:
    """Values with what falls into a gap moved to the range above it."""
    below, above = gap
    found: Floats = np.where((values > below) & (values < above), values + (above - below), values)
    return found
