"""Powered descents: true ones by scipy's integrator, learned ones by ours, and where to ignite for a soft touchdown.

A lander falls without air. Its engine is ignited at some altitude and burns on, lighter and lighter. Where the lander
comes to rest above the ground, the engine is cut and it falls the rest. What comes of it is told by one number, a
*figure*: the speed at the ground, negative where the lander had come to rest above it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synth.compare.rocket.flights import cubic
from synth.compare.rocket.trials import Forecast, Motion
from synth.formula.columns import Floats

__all__ = ["LOWEST", "SAMPLES", "Descent", "Moon", "choose_ignitions", "descend", "descent_of"]

LOWEST = 1.0
"""Where the engine is ignited at the latest, in metres."""
SAMPLES = 12
"""Readings of the instruments in the fall, and as many in the burn."""
_STEPS = 8
"""Steps of a part of a descent, if speed went on changing as it does at its start."""
_MOST_STEPS = 48
_PLACES = np.linspace(0.0, 1.0, 9)
"""Altitudes of ignition that a plan is made from, as shares of those in question."""
_ROUNDS = 5
_NEAR = 1e-6
"""Metres above the ground that are none: what is left by rounding."""


@dataclass(frozen=True, slots=True)
class Moon:
    """Gravity, and the engine: its thrust, and how fast its exhaust is."""

    gravity: float
    thrust: float
    exhaust: float

    def motion(self, *readings: Floats) -> tuple[Floats, Floats]:
        """How fast speed (downwards) and mass truly change, from mass, speed and whether the engine burns (1 or 0)."""
        mass, _, burns = readings
        return self.gravity - self.thrust * burns / mass, -self.thrust / self.exhaust * burns

    def unbraked(self, altitude: float, speed: float) -> float:
        """The speed at the ground of a fall without an engine."""
        return float(np.sqrt(speed**2 + 2 * self.gravity * altitude))


@dataclass(frozen=True, slots=True)
class Descent:
    """A descent as instruments tell it, (2 * SAMPLES, 5), and its figure.

    Readings are mass, speed, whether the engine burns, and how fast speed and mass change.
    """

    readings: Floats
    figure: float


def descent_of(moon: Moon, ignition: float, altitude: float, speed: float, mass: float) -> Descent:
    """A true descent: the fall in closed form, the burn by `solve_ivp` to the event of rest.

    Where that is below the ground, the ground is where the burn comes by it: not an event, as the integrator would step
    over a ground that is left upwards within the same step.
    """
    from scipy.integrate import solve_ivp
    from scipy.optimize import brentq

    fast = moon.unbraked(altitude - ignition, speed)
    flow = moon.thrust / moon.exhaust

    def slope(time: float, state: Floats) -> list[float]:
        return [-state[1], moon.gravity - moon.thrust / (mass - flow * time)]

    burn = solve_ivp(
        slope, (0.0, 0.99 * mass / flow), [ignition, fast], events=_rest, rtol=1e-9, atol=1e-9, dense_output=True
    )
    end, height = float(burn.t[-1]), float(burn.y[0, -1])
    grounded = height < 0
    if grounded:
        end = brentq(lambda time: float(burn.sol(time)[0]), 0.0, end)
    times: Floats = np.linspace(0.0, end, SAMPLES)
    speeds = burn.sol(times)[1]
    nothing, ones = np.zeros(SAMPLES), np.ones(SAMPLES)
    reads = np.concatenate(
        [
            np.stack([mass * ones, np.linspace(speed, fast, SAMPLES), nothing], axis=1),
            np.stack([mass - flow * times, speeds, ones], axis=1),
        ]
    )
    readings = np.concatenate([reads, np.stack(moon.motion(*reads.T), axis=1)], axis=1)
    return Descent(readings, float(speeds[-1]) if grounded else -moon.unbraked(height, 0.0))


def _rest(time: float, state: Floats) -> float:
    return float(state[1])


_rest.terminal = True  # type: ignore[attr-defined]
_rest.direction = -1  # type: ignore[attr-defined]


def descend(motion: Motion, ignition: Floats, altitude: Floats, speed: Floats, mass: Floats) -> Floats:
    """Figures of descents by a law of motion, all at once; not a number for those that have no end."""
    with np.errstate(all="ignore"):
        start = np.stack([altitude, speed, mass])
        ignited = _part(motion, start, floor=ignition, burns=False)
        braked = _part(motion, ignited, floor=np.zeros_like(altitude), burns=True)
        fallen = _part(motion, braked, floor=np.zeros_like(altitude), burns=False)
    found: Floats = np.where(_over(braked, 0.0), -1.0, 1.0) * fallen[1]
    return found


def _over(state: Floats, floor: Floats | float) -> np.ndarray:
    """Which states are above a floor."""
    found: np.ndarray = state[0] > floor + _NEAR
    return found


def _part(motion: Motion, state: Floats, *, floor: Floats, burns: bool) -> Floats:
    """From states (altitude, speed, mass) to the floor, or to rest if the engine burns and that comes first."""
    engine = np.full(state.shape[1], float(burns))

    def slope(at: Floats) -> Floats:
        return np.stack([-at[1], *motion(at[2], at[1], engine)])

    def left(at: Floats) -> Floats:
        found: Floats = np.minimum(at[0] - floor, at[1]) if burns else at[0] - floor
        return found

    going = _over(state, floor)
    step = _time_left(state[0] - floor, state[1], slope(state)[1]) / _STEPS
    for _ in range(_MOST_STEPS):
        if not going.any():
            break
        rising = slope(state)
        after = _stepped(slope, state, rising, step)
        ended = going & (left(after) <= 0)
        if ended.any():
            after = np.where(ended, _ending(left, state, after, step * rising, step * slope(after)), after)
        state = np.where(going, after, state)
        going = going & ~ended & np.isfinite(after).all(axis=0)
    found: Floats = np.where(going, np.nan, state)
    return found


def _time_left(distance: Floats, speed: Floats, rate: Floats) -> Floats:
    """How long it takes to fall so far, or to come to rest before that, if speed keeps changing at this rate."""
    square = speed**2 + 2 * rate * distance
    found: Floats = np.where(square >= 0, 2 * distance / (speed + np.sqrt(np.maximum(square, 0))), -speed / rate)
    return found


def _stepped(slope: Callable[[Floats], Floats], state: Floats, first: Floats, step: Floats) -> Floats:
    """One step of the classical Runge-Kutta method."""
    second = slope(state + step / 2 * first)
    third = slope(state + step / 2 * second)
    fourth = slope(state + step * third)
    found: Floats = state + step / 6 * (first + 2 * second + 2 * third + fourth)
    return found


def _ending(left: Callable[[Floats], Floats], a: Floats, b: Floats, da: Floats, db: Floats) -> Floats:
    """Where nothing is left within a step: by bisection on the cubic through both ends with their slopes."""
    low, high = np.zeros(a.shape[1]), np.ones(a.shape[1])
    for _ in range(30):
        middle = (low + high) / 2
        before = left(cubic(a, b, da, db, middle)) > 0
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return cubic(a, b, da, db, high)


def choose_ignitions(forecast: Forecast, targets: Floats) -> Floats:
    """The altitude of ignition for a soft touchdown by a model, for rows of altitude, speed and mass.

    The model is asked for a grid of altitudes, then for finer ones where landers no longer reach the ground burning,
    as no curve through a coarse grid has the cusp of figures there; at last that place is interpolated in squares of
    figures, which are straight lines on either side. Where no ignition is soft, the one that comes nearest.
    """
    low, high = np.full(len(targets), LOWEST), np.maximum(targets[:, 0], LOWEST)
    at = np.arange(len(targets))
    for _ in range(_ROUNDS):
        grid = low[:, None] + (high - low)[:, None] * _PLACES
        rows = np.repeat(targets, len(_PLACES), axis=0)
        figures = np.nan_to_num(forecast(grid.ravel(), *rows.T), nan=1e9).reshape(grid.shape)
        turns = (figures[:, :-1] > 0) & (figures[:, 1:] <= 0)
        nearest = np.abs(figures).argmin(axis=1)
        below = np.where(turns.any(axis=1), turns.argmax(axis=1), nearest)
        above = np.where(turns.any(axis=1), turns.argmax(axis=1) + 1, nearest)
        low, high = grid[at, below], grid[at, above]
        down, up = (ends * np.abs(ends) for ends in (figures[at, below], figures[at, above]))
    share = np.where(down > up, down / np.where(down > up, down - up, 1.0), 0.0)
    found: Floats = low + share * (high - low)
    return found
