"""Flights through air: true ones by scipy's integrator, learned ones by ours, and the speed that reaches a place.

A body is launched from the ground and slowed by air that moves along its path: with `u` the velocity through the air,
its acceleration is `-k |u| u` and gravity. Learned laws of motion are integrated by the classical Runge-Kutta method.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synth.compare.rocket.trials import Motion
from synth.formula.columns import Floats

__all__ = ["SAMPLES", "Planet", "Track", "choose_speeds", "cubic", "fly", "land", "track_of"]

_STEP = 0.08
"""A step, as a share of the time in which the velocity would be gone."""
_MOST_STEPS = 300
_SPEEDS = np.geomspace(20.0, 800.0, 28)
"""Speeds that a plan is made from; between them it is interpolated."""
SAMPLES = 12
"""Readings of the instruments during a flight."""


@dataclass(frozen=True, slots=True)
class Planet:
    """Gravity and the drag of a body in the air there, per metre."""

    gravity: float
    drag: float

    def motion(self, along: Floats, up: Floats) -> tuple[Floats, Floats]:
        """The true acceleration."""
        speed = np.hypot(along, up)
        return -self.drag * speed * along, -self.drag * speed * up - self.gravity


@dataclass(frozen=True, slots=True)
class Track:
    """A flight as instruments tell it, (readings, 4): velocity through the air, acceleration; and where it landed."""

    readings: Floats
    distance: float


def track_of(planet: Planet, speed: float, elevation: float, wind: float) -> Track:
    """A true flight: `solve_ivp`, to the event of landing."""
    from scipy.integrate import solve_ivp

    angle = np.radians(elevation)

    def slope(_: float, state: Floats) -> list[float]:
        along, up = float(state[2]) - wind, float(state[3])  # `Planet.motion`, on plain floats: half the time
        drag = planet.drag * math.hypot(along, up)
        return [state[2], up, -drag * along, -drag * up - planet.gravity]

    start = [0.0, 0.0, speed * np.cos(angle), speed * np.sin(angle)]
    solved = solve_ivp(
        slope, (0.0, 4 * speed / planet.gravity), start, events=_landing, rtol=1e-7, atol=1e-7, dense_output=True
    )
    times = np.linspace(0.0, float(solved.t_events[0][0]), SAMPLES)
    states = solved.sol(times)
    along, up = states[2] - wind, states[3]
    readings = np.stack([along, up, *planet.motion(along, up)], axis=1)
    return Track(readings, float(solved.y_events[0][0][0]))


def _landing(time: float, state: Floats) -> float:
    """Height, but for the start, where it is not landing."""
    return float(state[1]) if time > 1e-9 else 1.0


_landing.terminal = True  # type: ignore[attr-defined]
_landing.direction = -1  # type: ignore[attr-defined]


def land(planet: Planet, speed: float, elevation: float, wind: float) -> float:
    """Where a true flight lands."""
    return track_of(planet, speed, elevation, wind).distance


def fly(motion: Motion, speed: Floats, elevation: Floats, wind: Floats) -> Floats:
    """Where flights by a law of motion land, all at once; infinite for those that do not.

    The law tells accelerations, along and up, from velocities through the air.
    """
    angle = np.radians(elevation)
    x, y = np.zeros_like(speed), np.zeros_like(speed)
    vx, vy = speed * np.cos(angle), speed * np.sin(angle)
    with np.errstate(all="ignore"):
        rest = np.hypot(*motion(np.zeros_like(speed), np.zeros_like(speed)))
        landed = np.full_like(speed, np.inf)
        flying = np.ones(len(speed), dtype=bool)
        for _ in range(_MOST_STEPS):
            if not flying.any():
                break
            slowing = np.maximum(np.hypot(*motion(vx - wind, vy)), rest)
            step = _STEP * np.hypot(vx, vy) / np.maximum(slowing, 1e-9)
            nx, ny, nvx, nvy = _step(motion, x, y, vx, vy, wind, step)
            down = flying & (ny <= 0)
            if down.any():
                landed[down] = _crossing(x, y, vx, vy, nx, ny, nvx, nvy, step, down)
            x, y, vx, vy = nx, ny, nvx, nvy
            flying &= (ny > 0) & np.isfinite(nx + ny + nvx + nvy)
    return landed


def _step(
    motion: Motion, x: Floats, y: Floats, vx: Floats, vy: Floats, wind: Floats, h: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """One step of the classical Runge-Kutta method."""
    ax1, ay1 = motion(vx - wind, vy)
    vx2, vy2 = vx + h / 2 * ax1, vy + h / 2 * ay1
    ax2, ay2 = motion(vx2 - wind, vy2)
    vx3, vy3 = vx + h / 2 * ax2, vy + h / 2 * ay2
    ax3, ay3 = motion(vx3 - wind, vy3)
    vx4, vy4 = vx + h * ax3, vy + h * ay3
    ax4, ay4 = motion(vx4 - wind, vy4)
    return (
        x + h / 6 * (vx + 2 * vx2 + 2 * vx3 + vx4),
        y + h / 6 * (vy + 2 * vy2 + 2 * vy3 + vy4),
        vx + h / 6 * (ax1 + 2 * ax2 + 2 * ax3 + ax4),
        vy + h / 6 * (ay1 + 2 * ay2 + 2 * ay3 + ay4),
    )


def _crossing(
    x: Floats, y: Floats, vx: Floats, vy: Floats, nx: Floats, ny: Floats, nvx: Floats, nvy: Floats,
    step: Floats, down: np.ndarray,
) -> Floats:  # fmt: skip
    """Where flights meet the ground within a step: Newton's method on the cubic through both ends."""
    h, part = step[down], (y / (y - ny))[down]
    for _ in range(4):
        height = cubic(y[down], ny[down], h * vy[down], h * nvy[down], part)
        slope = (cubic(y[down], ny[down], h * vy[down], h * nvy[down], part + 1e-6) - height) / 1e-6
        part = np.clip(part - height / slope, 0.0, 1.0)
    return cubic(x[down], nx[down], h * vx[down], h * nvx[down], part)


def cubic(a: Floats, b: Floats, da: Floats, db: Floats, s: Floats) -> Floats:
    """The cubic with these ends and slopes, at a share of the way."""
    found: Floats = (
        (1 + 2 * s) * (1 - s) ** 2 * a + s * (1 - s) ** 2 * da + s**2 * (3 - 2 * s) * b + s**2 * (s - 1) * db
    )
    return found


def choose_speeds(reach: Callable[[Floats, Floats, Floats], Floats], targets: Floats) -> Floats:
    """The speed with which a model of flights hits each target, (targets, 3): distance, elevation, wind.

    `reach` tells distances from speeds, elevations and winds. It is asked for a grid of speeds, and the model between
    them is inverted by `brentq`. Where no speed reaches that far, the one that comes nearest.
    """
    from scipy.interpolate import PchipInterpolator
    from scipy.optimize import brentq

    count = len(targets)
    speed = np.tile(_SPEEDS, count)
    elevation, wind = np.repeat(targets[:, 1], len(_SPEEDS)), np.repeat(targets[:, 2], len(_SPEEDS))
    reached = reach(speed, elevation, wind).reshape(count, -1)
    found = np.empty(count)
    for number, (distances, target) in enumerate(zip(reached, targets[:, 0], strict=True)):
        fine = np.isfinite(distances)
        if fine.sum() < 2:
            found[number] = _SPEEDS[len(_SPEEDS) // 2]
            continue
        speeds, short = _SPEEDS[fine], distances[fine] - target
        ups = np.flatnonzero((short[:-1] <= 0) & (short[1:] > 0))
        if not len(ups):
            found[number] = speeds[int(np.argmin(np.abs(short)))]
            continue
        model = PchipInterpolator(speeds, short)
        found[number] = brentq(model, speeds[ups[0]], speeds[ups[0] + 1])
    return found
