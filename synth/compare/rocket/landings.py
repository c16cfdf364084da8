"""The data of task `landing`: descents on a moon and on another one, and landers that are to touch down softly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from synth.compare.rocket.descents import LOWEST, SAMPLES, Moon, choose_ignitions, descend, descent_of
from synth.compare.rocket.laws import BEYOND, BOTH, FAR, GAP, INSIDE, OTHER, REGIONS
from synth.compare.rocket.trials import NEW, READING_NOISE, Forecast, Instruments, Motion, Trial, without_gap
from synth.compare.scoring import Arguments, Marking, Probe, Said
from synth.compare.streams import random_stream
from synth.formula.columns import Floats

__all__ = ["LANDING", "SOFT", "Fall", "LandingSource"]

SOFT = 2.0
"""A touchdown at most so fast, in m/s, is soft: a hit."""
_ALTITUDES = {GAP: (180.0, 210.0), BEYOND: (300.0, 500.0), FAR: (500.0, 800.0), BOTH: (500.0, 800.0)}
_SHOWN_ALTITUDES = (100.0, 300.0)
_SPEEDS = {BEYOND: (12.0, 18.0), FAR: (18.0, 25.0), BOTH: (18.0, 25.0)}
_SHOWN_SPEEDS = (5.0, 12.0)
_SHOWN_MASSES, _HEAVY = (1_000.0, 1_500.0), (1_500.0, 2_200.0)
_IGNITIONS = (0.1, 0.7)
"""Where trials ignite, as shares of the altitude: they explore, and most of them crash."""
_MOST_SHOWN = 10_000
_INSTRUMENTS = Instruments(
    MappingProxyType({"mass": "kg", "speed": "m/s", "burns": "1"}),
    MappingProxyType({"speed": "m/s^2", "mass": "kg/s"}),
    2 * SAMPLES,
)


@dataclass(frozen=True, slots=True)
class Fall:
    """The truth of a test: how fast the lander would be at the ground if its engine stayed off."""

    speed: float


def _is_soft(truth: object, answer: object) -> bool:
    assert isinstance(answer, float)
    return answer <= SOFT


def _share_of_fall(truth: object, answer: object) -> float:
    """The speed of a touchdown as a share of an unbraked one."""
    assert isinstance(truth, Fall)
    assert isinstance(answer, float)
    return answer / truth.speed


def _told(value: object) -> tuple[str, ...]:
    if isinstance(value, Fall):
        return (f"at most {SOFT:g} m/s (unbraked {value.speed:.3g})",)
    return (f"{value:.3g} m/s",)


def _shown(arguments: Arguments) -> str:
    return ", ".join(f"{value:.4g} {unit}" for value, unit in zip(arguments, ("m", "m/s", "kg"), strict=True))


LANDING = Marking(right=_is_soft, error=_share_of_fall, parts=_told, show=_shown)


@dataclass(frozen=True)
class LandingSource:
    """Descents to learn from, landers to land; a test's input is altitude, speed and mass, its truth an unbraked fall.

    A descent is set by the altitude of ignition, and these three; its outcome is its figure. An answer is the speed at
    which the lander truly touches down.
    """

    task: str
    marking: Marking = field(default=LANDING, repr=False, compare=False)
    instruments: Instruments = field(default=_INSTRUMENTS, repr=False, compare=False)
    good: float = SOFT

    def crafts(self, seed: int) -> tuple[Moon, Moon]:
        """The same engine at home and on the new moon, where gravity is 0.5 to 0.7 or 1.3 to 1.5 times as strong."""
        rng = random_stream("rocket", "moons", seed)
        gravity = float(rng.uniform(1.5, 3.0))
        home = Moon(gravity, gravity * _SHOWN_MASSES[1] * float(rng.uniform(2.5, 3.5)), float(rng.uniform(300, 600)))
        other = float(rng.choice([rng.uniform(0.5, 0.7), rng.uniform(1.3, 1.5)]))
        return home, Moon(gravity * other, home.thrust, home.exhaust)

    def shown(self, seed: int, size: int) -> tuple[Trial, ...]:
        """Descents at home; more of them are the fewer ones and others besides."""
        return _descents(seed, False, 1 << max(3, (size - 1).bit_length()))[:size]

    def new(self, seed: int, size: int) -> tuple[Trial, ...]:
        """Descents on the new moon."""
        return _descents(seed, True, 8)[:size]

    def tests(self, seed: int, count: int) -> tuple[Probe, ...]:
        """Landers in every region at home, and on the new moon; each can be landed by some ignition."""
        return _tests(self.task, seed, count)

    def says(self, seed: int, plan: Callable[[str, Floats], Floats]) -> Callable[[Probe], list[Said]]:
        """How fast landers truly touch down, by a plan that gives altitudes of ignition for landers of a point."""
        home, new = self.crafts(seed)

        def say(probe: Probe) -> list[Said]:
            landers = np.array([arguments for arguments, _ in probe.pairs], dtype=float)
            moon = new if probe.point in NEW else home
            chosen = plan(str(probe.point), landers)
            return [Said(_landed(moon, lander, at)[1]) for lander, at in zip(landers, chosen, strict=True)]

        return say

    def target(self, seed: int, rng: np.random.Generator) -> Floats:
        """A lander over the new moon."""
        return np.array([rng.uniform(120, 280), rng.uniform(*_SHOWN_SPEEDS), rng.uniform(*_SHOWN_MASSES)])

    def attempt(self, seed: int, target: Floats, chosen: float, noise: Floats) -> tuple[Trial, float]:
        """A descent on the new moon, and the speed of its touchdown."""
        return _landed(self.crafts(seed)[1], target, chosen, noise)

    def integrate(self, motion: Motion) -> Forecast:
        """Figures of descents by a law of motion."""
        return lambda ignition, altitude, speed, mass: descend(motion, ignition, altitude, speed, mass)

    def choose(self, forecast: Forecast, targets: Floats) -> Floats:
        """Where to ignite."""
        return choose_ignitions(forecast, targets)

    def in_logs(self, settings: Floats) -> Floats:
        """All of them."""
        found: Floats = np.log(settings)
        return found

    def log_outcomes(self, settings: Floats, outcomes: Floats) -> Floats:
        """Figures, which have a sign, over the root of the altitude, which a fall is as fast as."""
        found: Floats = outcomes / np.sqrt(settings[:, 1])
        return found

    def from_logs(self, settings: Floats, said: Floats) -> Floats:
        """Figures from these."""
        found: Floats = said * np.sqrt(settings[:, 1])
        return found

    def fits(self, wanted: Floats, said: Floats) -> np.ndarray:
        """Which figures are told to two per cent of the largest one."""
        found: np.ndarray = np.abs(said - wanted) <= 0.02 * np.abs(wanted).max()
        return found


def _landed(moon: Moon, lander: Floats, chosen: float, noise: Floats | None = None) -> tuple[Trial, float]:
    """A descent with the ignition at an altitude, or the nearest possible one, and the speed of its touchdown."""
    altitude, speed, mass = map(float, lander)
    settings = (float(min(max(chosen, LOWEST), altitude)), altitude, speed, mass)
    descent = descent_of(moon, *settings)
    readings = descent.readings
    if noise is not None:
        readings = readings.copy()
        readings[:, 3:] += READING_NOISE * np.abs(readings[:, 3:]).max(axis=0) * noise
    return Trial(settings, readings, descent.figure), abs(descent.figure)


def _landers(rng: np.random.Generator, region: str, count: int) -> Floats:
    """Altitudes, speeds and masses of a region, (count, 3)."""
    altitudes = rng.uniform(*_ALTITUDES.get(region, _SHOWN_ALTITUDES), size=count)
    if region in (INSIDE, OTHER):
        altitudes = without_gap(altitudes, _ALTITUDES[GAP])
    speeds = rng.uniform(*_SPEEDS.get(region, _SHOWN_SPEEDS), size=count)
    masses = rng.uniform(*(_HEAVY if region in (OTHER, BOTH) else _SHOWN_MASSES), size=count)
    return np.stack([altitudes, speeds, masses], axis=1)


@lru_cache(maxsize=8)
def _descents(seed: int, new: bool, count: int) -> tuple[Trial, ...]:
    """Descents that explore; the first ones of any number are the same."""
    moon = LandingSource("landing").crafts(seed)[new]
    landers = _landers(random_stream("rocket", "descents", seed, new), INSIDE, _MOST_SHOWN)[:count]
    shares = random_stream("rocket", "ignitions", seed, new).uniform(*_IGNITIONS, size=_MOST_SHOWN)
    noise = random_stream("rocket", "descent readings", seed, new).normal(size=(_MOST_SHOWN, 2 * SAMPLES, 2))
    return tuple(
        _landed(moon, lander, shares[number] * lander[0], noise[number])[0] for number, lander in enumerate(landers)
    )


@lru_cache(maxsize=8)
def _tests(task: str, seed: int, count: int) -> tuple[Probe, ...]:
    home, new = LandingSource(task).crafts(seed)
    found = []
    for point in (*REGIONS, *NEW):
        moon, region, purpose = (new, INSIDE, "new") if point in NEW else (home, point, point)
        landers = _landers(random_stream("rocket", "landers", seed, purpose), region, count).tolist()
        found.append(Probe(point, tuple((tuple(row), Fall(moon.unbraked(row[0], row[1]))) for row in landers)))
    return tuple(found)
