"""The data of task `launch`: flights at home and on a new planet, and targets there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from synth.compare.rocket.flights import SAMPLES, Planet, Track, land, track_of
from synth.compare.rocket.laws import BEYOND, BOTH, FAR, GAP, INSIDE, OTHER
from synth.compare.rocket.source import MARKING
from synth.compare.scoring import Arguments, Marking, Probe, Said
from synth.compare.streams import digest, random_stream
from synth.formula.columns import Floats

__all__ = ["NEW", "NEW_POINTS", "READING_NOISE", "Flight", "FlightSource"]

NEW_POINTS = (0, 1, 4)
"""How many launches on the new planet a learner has seen when it is tested there."""
NEW = tuple(f"new planet, {count} seen" for count in NEW_POINTS)
READING_NOISE = 0.005
"""Noise of the accelerometer, as a share of the largest acceleration of a flight."""
_SPEEDS = {GAP: (85.0, 95.0), BEYOND: (140.0, 220.0), FAR: (220.0, 350.0), BOTH: (220.0, 350.0)}
_SHOWN_SPEEDS = (50.0, 140.0)


@dataclass(frozen=True)
class Flight:
    """A launch and what came of it."""

    speed: float
    elevation: float
    wind: float
    track: Track


@dataclass(frozen=True)
class FlightSource:
    """Launches to learn from, targets to hit; a target's input is distance, elevation and wind, its truth the distance.

    An answer is where the launch that a learner chose truly lands.
    """

    task: str
    marking: Marking = field(default=MARKING, repr=False, compare=False)

    def planets(self, seed: int) -> tuple[Planet, Planet]:
        """Home and the new planet."""
        rng = random_stream("rocket", "planets", seed)
        home = Planet(float(rng.uniform(6, 12)), float(np.exp(rng.uniform(np.log(6e-4), np.log(2e-3)))))
        lighter, thinner = rng.uniform(0.3, 0.6), rng.uniform(0.2, 0.5)
        return home, Planet(home.gravity * float(lighter), home.drag * float(thinner))

    def shown(self, seed: int, size: int) -> tuple[Flight, ...]:
        """Flights at home; more of them are the fewer ones and others besides."""
        return _flights(seed, False, 1 << max(3, (size - 1).bit_length()))[:size]

    def new(self, seed: int, size: int) -> tuple[Flight, ...]:
        """Flights on the new planet."""
        return _flights(seed, True, 8)[:size]

    def tests(self, seed: int, count: int) -> tuple[Probe, ...]:
        """Targets in every region at home, and on the new planet, each within reach of some speed."""
        return _tests(self.task, seed, count)

    def hash_of(self, flights: Sequence[Flight]) -> str:
        """The content hash of flights."""
        return digest([(f.speed, f.elevation, f.wind, f.track.distance, f.track.readings.tolist()) for f in flights])

    def says(self, seed: int, plan: Callable[[str, Floats], Floats]) -> Callable[[Probe], list[Said]]:
        """What becomes of a plan that gives speeds for targets of a point: where the launches truly land."""
        home, new = self.planets(seed)

        def say(probe: Probe) -> list[Said]:
            targets = np.array([arguments for arguments, _ in probe.pairs], dtype=float)
            speeds = plan(str(probe.point), targets)
            planet = new if probe.point in NEW else home
            return [
                Said(land(planet, float(min(max(v, 1.0), 2_000.0)), float(t[1]), float(t[2])))
                for v, t in zip(speeds, targets, strict=True)
            ]

        return say


def _settings(rng: np.random.Generator, region: str, count: int) -> Floats:
    """Speeds, elevations and winds of a region, (count, 3)."""
    low, high = _SPEEDS.get(region, _SHOWN_SPEEDS)
    speeds = rng.uniform(low, high, size=count)
    if region in (INSIDE, OTHER):  # without the gap: what falls into it is moved to the ranges beside
        below, above = _SPEEDS[GAP]
        within = (speeds > below) & (speeds < above)
        speeds = np.where(within, speeds + (above - below), speeds)
    strong = region in (OTHER, BOTH)
    winds = rng.uniform(10, 25, size=count) * rng.choice([-1, 1], size=count) if strong else rng.uniform(-10, 10, count)
    return np.stack([speeds, rng.uniform(30, 60, size=count), winds], axis=1)


@lru_cache(maxsize=8)
def _flights(seed: int, new: bool, count: int) -> tuple[Flight, ...]:
    planet = FlightSource("launch").planets(seed)[new]
    rows = _settings(random_stream("rocket", "flights", seed, new), INSIDE, 4_096)[:count].tolist()
    noise = random_stream("rocket", "readings", seed, new).normal(size=(4_096, SAMPLES, 2))
    return tuple(_noisy(planet, row, noise[number]) for number, row in enumerate(rows))


def _noisy(planet: Planet, row: Sequence[float], noise: Floats) -> Flight:
    speed, elevation, wind = row
    track = track_of(planet, speed, elevation, wind)
    readings = track.readings.copy()
    readings[:, 2:] += READING_NOISE * np.abs(readings[:, 2:]).max() * noise
    return Flight(speed, elevation, wind, Track(readings, track.distance))


@lru_cache(maxsize=8)
def _tests(task: str, seed: int, count: int) -> tuple[Probe, ...]:
    home, new = FlightSource(task).planets(seed)
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
