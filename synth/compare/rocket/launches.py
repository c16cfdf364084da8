"""The data of task `launch`: flights at home and on a new planet, and targets there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from synth.compare.rocket.flights import SAMPLES, Planet, choose_speeds, fly, land, track_of
from synth.compare.rocket.laws import BEYOND, BOTH, FAR, GAP, INSIDE, OTHER
from synth.compare.rocket.source import HIT, MARKING
from synth.compare.rocket.trials import NEW, READING_NOISE, Forecast, Instruments, Motion, Trial, without_gap
from synth.compare.scoring import Arguments, Marking, Probe, Said
from synth.compare.streams import random_stream
from synth.formula.columns import Floats

__all__ = ["FlightSource"]

_SPEEDS = {GAP: (85.0, 95.0), BEYOND: (140.0, 220.0), FAR: (220.0, 350.0), BOTH: (220.0, 350.0)}
_SHOWN_SPEEDS = (50.0, 140.0)
_INSTRUMENTS = Instruments(
    MappingProxyType({"along": "m/s", "up": "m/s"}), MappingProxyType({"along": "m/s^2", "up": "m/s^2"}), SAMPLES
)


@dataclass(frozen=True)
class FlightSource:
    """Launches to learn from, targets to hit; a target's input is distance, elevation and wind, its truth the distance.

    A launch is set by speed, elevation and wind. An answer is where the launch that a learner chose truly lands.
    """

    task: str
    marking: Marking = field(default=MARKING, repr=False, compare=False)
    instruments: Instruments = field(default=_INSTRUMENTS, repr=False, compare=False)
    good: float = HIT

    def crafts(self, seed: int) -> tuple[Planet, Planet]:
        """Home and the new planet."""
        rng = random_stream("rocket", "planets", seed)
        home = Planet(float(rng.uniform(6, 12)), float(np.exp(rng.uniform(np.log(6e-4), np.log(2e-3)))))
        lighter, thinner = rng.uniform(0.3, 0.6), rng.uniform(0.2, 0.5)
        return home, Planet(home.gravity * float(lighter), home.drag * float(thinner))

    def shown(self, seed: int, size: int) -> tuple[Trial, ...]:
        """Flights at home; more of them are the fewer ones and others besides."""
        return _flights(seed, False, 1 << max(3, (size - 1).bit_length()))[:size]

    def new(self, seed: int, size: int) -> tuple[Trial, ...]:
        """Flights on the new planet."""
        return _flights(seed, True, 8)[:size]

    def tests(self, seed: int, count: int) -> tuple[Probe, ...]:
        """Targets in every region at home, and on the new planet, each within reach of some speed."""
        return _tests(self.task, seed, count)

    def says(self, seed: int, plan: Callable[[str, Floats], Floats]) -> Callable[[Probe], list[Said]]:
        """What becomes of a plan that gives speeds for targets of a point: where the launches truly land."""
        home, new = self.crafts(seed)

        def say(probe: Probe) -> list[Said]:
            targets = np.array([arguments for arguments, _ in probe.pairs], dtype=float)
            speeds = plan(str(probe.point), targets)
            planet = new if probe.point in NEW else home
            return [
                Said(land(planet, float(min(max(v, 1.0), 2_000.0)), float(t[1]), float(t[2])))
                for v, t in zip(speeds, targets, strict=True)
            ]

        return say

    def target(self, seed: int, rng: np.random.Generator) -> Floats:
        """A place on the new planet that some speed reaches."""
        speed, elevation, wind = rng.uniform(60, 130), rng.uniform(30, 60), rng.uniform(-10, 10)
        return np.array([land(self.crafts(seed)[1], speed, elevation, wind), elevation, wind])

    def attempt(self, seed: int, target: Floats, chosen: float, noise: Floats) -> tuple[Trial, float]:
        """A launch at a place on the new planet, and the miss as a share of the distance."""
        wanted, elevation, wind = map(float, target)
        speed = float(np.clip(chosen, 1.0, 2_000.0))
        trial = _noisy(self.crafts(seed)[1], (speed, elevation, wind), noise)
        return trial, abs(trial.outcome / wanted - 1)

    def integrate(self, motion: Motion) -> Forecast:
        """Where flights by a law of motion land."""
        return lambda speed, elevation, wind: fly(motion, speed, elevation, wind)

    def choose(self, forecast: Forecast, targets: Floats) -> Floats:
        """The speeds that hit targets."""
        return choose_speeds(forecast, targets)

    def in_logs(self, settings: Floats) -> Floats:
        """Speeds and elevations in logarithms; winds, which have a sign, as shares of the speed."""
        return np.stack([np.log(settings[:, 0]), np.log(settings[:, 1]), settings[:, 2] / settings[:, 0]], axis=1)

    def log_outcomes(self, settings: Floats, outcomes: Floats) -> Floats:
        """Logarithms of distances."""
        found: Floats = np.log(np.maximum(outcomes, 1e-3))
        return found

    def from_logs(self, settings: Floats, said: Floats) -> Floats:
        """Distances from their logarithms."""
        found: Floats = np.exp(np.clip(said, -50, 50))
        return found

    def fits(self, wanted: Floats, said: Floats) -> np.ndarray:
        """Which distances are told to two per cent."""
        with np.errstate(all="ignore"):
            found: np.ndarray = np.abs(said / wanted - 1) <= 0.02
        return found


def _settings(rng: np.random.Generator, region: str, count: int) -> Floats:
    """Speeds, elevations and winds of a region, (count, 3)."""
    low, high = _SPEEDS.get(region, _SHOWN_SPEEDS)
    speeds = rng.uniform(low, high, size=count)
    if region in (INSIDE, OTHER):
        speeds = without_gap(speeds, _SPEEDS[GAP])
    strong = region in (OTHER, BOTH)
    winds = rng.uniform(10, 25, size=count) * rng.choice([-1, 1], size=count) if strong else rng.uniform(-10, 10, count)
    return np.stack([speeds, rng.uniform(30, 60, size=count), winds], axis=1)


@lru_cache(maxsize=8)
def _flights(seed: int, new: bool, count: int) -> tuple[Trial, ...]:
    planet = FlightSource("launch").crafts(seed)[new]
    rows = _settings(random_stream("rocket", "flights", seed, new), INSIDE, 4_096)[:count].tolist()
    noise = random_stream("rocket", "readings", seed, new).normal(size=(4_096, SAMPLES, 2))
    return tuple(_noisy(planet, row, noise[number]) for number, row in enumerate(rows))


def _noisy(planet: Planet, row: Sequence[float], noise: Floats) -> Trial:
    speed, elevation, wind = row
    track = track_of(planet, speed, elevation, wind)
    readings = track.readings.copy()
    readings[:, 2:] += READING_NOISE * np.abs(readings[:, 2:]).max() * noise
    return Trial((speed, elevation, wind), readings, track.distance)


@lru_cache(maxsize=8)
def _tests(task: str, seed: int, count: int) -> tuple[Probe, ...]:
    home, new = FlightSource(task).crafts(seed)
    found = []
    for point in (INSIDE, GAP, BEYOND, FAR, OTHER, BOTH, *NEW):
        planet, region = (new, INSIDE) if point in NEW else (home, point)
        purpose = "new" if point in NEW else point
        rows = _settings(random_stream("rocket", "targets", seed, purpose), region, count).tolist()
        pairs: list[tuple[Arguments, object]] = []
        for speed, elevation, wind in rows:
            distance = land(planet, speed, elevation, wind)
            pairs.append(((distance, elevation, wind), distance))
        found.append(Probe(point, tuple(pairs)))
    return tuple(found)
