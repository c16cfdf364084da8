"""The laws behind the tasks: their inputs with units, how inputs are drawn in a region, and what is true there.

Every seed has constants of its own, so that none of them can be known from a textbook.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from synth.compare.streams import random_stream
from synth.formula.columns import Floats

__all__ = ["BOTH", "GAP", "INSIDE", "LAWS", "REGIONS", "Law", "World", "world_of"]

Columns = Mapping[str, Floats]

INSIDE, GAP, BEYOND, FAR, OTHER, BOTH = "inside", "gap", "beyond", "far", "other input", "both"
REGIONS = (INSIDE, GAP, BEYOND, FAR, OTHER, BOTH)
"""Where learners are tested: where they were shown examples, in a band that was withheld, beyond the range of one
input and far beyond it, beyond the range of another input, and both at once."""


@dataclass(frozen=True, slots=True)
class World:
    """The constants of a seed: standard gravity (in thrust), gravity where the rocket flies, a table of drag."""

    thrust: float
    gravity: float
    drag: tuple[float, ...]


_KNOTS = np.geomspace(40.0, 1000.0, 14)
"""Speeds of the table of drag, in m/s."""


@lru_cache(maxsize=64)
def world_of(seed: int) -> World:
    """The world of a seed."""
    rng = random_stream("rocket", "world", seed)
    thrust = float(rng.uniform(7.0, 12.0))
    return World(
        thrust, float(rng.uniform(0.3, 0.8) * thrust), tuple(map(float, rng.uniform(0.2, 0.9, size=len(_KNOTS))))
    )


@dataclass(frozen=True)
class Law:
    """A law: its inputs and outcome with their units, its regions, what is true, and what it is to an algebra system.

    `groups` gives dimensionless inputs and what the outcome is measured by, for the net that is given them.
    `parts` says that an input is a list of parts, each with these columns.
    """

    units: Mapping[str, str]
    outcome: str
    outcome_unit: str
    draw: Callable[[np.random.Generator, str, int], Columns]
    truth: Callable[[World, Columns], Floats]
    symbolic: Callable[[World], Any] | None
    groups: Callable[[Columns], tuple[Floats, Floats]]
    parts: bool = False


def _between(rng: np.random.Generator, low: float, high: float, count: int) -> Floats:
    """Drawn evenly on a log scale."""
    found: Floats = np.exp(rng.uniform(np.log(low), np.log(high), size=count))
    return found


def _around(rng: np.random.Generator, low: float, high: float, gap: tuple[float, float], count: int) -> Floats:
    """Drawn evenly on a log scale, but for a gap."""
    below = np.log(gap[0] / low)
    places = rng.uniform(0, below + np.log(high / gap[1]), size=count)
    found: Floats = np.where(places < below, low * np.exp(places), gap[1] * np.exp(places - below))
    return found


# ---- Rockets --------------------------------------------------------------------------------------------------------

_RATIOS = {GAP: (2.4, 2.8), BEYOND: (4.0, 10.0), FAR: (10.0, 30.0), BOTH: (10.0, 30.0)}


def _draw_rockets(rng: np.random.Generator, region: str, count: int) -> Columns:
    """Rockets whose thrust carries 1.3 to 3 times their weight at the start."""
    strong = region in (OTHER, BOTH)
    isp = rng.uniform(350, 460, size=count) if strong else rng.uniform(200, 350, size=count)
    span = _RATIOS.get(region)
    ratio = _around(rng, 1.5, 4.0, _RATIOS[GAP], count) if span is None else _between(rng, *span, count)
    m0 = rng.uniform(20_000, 60_000, size=count)
    return {"isp": isp, "m0": m0, "mf": m0 / ratio, "mdot": rng.uniform(1.3, 3.0, size=count) * m0 / isp}


def speed_gained(world: World, columns: Columns) -> Floats:
    """The rocket equation with the loss to gravity while the engine burns."""
    isp, m0, mf, mdot = (columns[name] for name in ("isp", "m0", "mf", "mdot"))
    found: Floats = world.thrust * isp * np.log(m0 / mf) - world.gravity * (m0 - mf) / mdot
    return found


def _speed_symbolic(world: World) -> Any:
    import sympy

    isp, m0, mf, mdot = sympy.symbols("isp m0 mf mdot", positive=True)
    return world.thrust * isp * sympy.log(m0 / mf) - world.gravity * (m0 - mf) / mdot


def _rocket_groups(columns: Columns) -> tuple[Floats, Floats]:
    isp, m0, mf, mdot = (columns[name] for name in ("isp", "m0", "mf", "mdot"))
    return np.stack([m0 / mf, isp * mdot / m0], axis=-1), isp


_ROCKET_UNITS = MappingProxyType({"isp": "s", "m0": "kg", "mf": "kg", "mdot": "kg/s"})


# ---- A table --------------------------------------------------------------------------------------------------------

_SPEEDS = {GAP: (200.0, 230.0), BEYOND: (400.0, 550.0), FAR: (550.0, 900.0), BOTH: (550.0, 900.0)}


def _draw_bodies(rng: np.random.Generator, region: str, count: int) -> Columns:
    """Bodies in air: how fast, how dense the air is, how large they are."""
    if region in _SPEEDS:
        speed = _between(rng, *_SPEEDS[region], count)
    else:
        speed = _around(rng, 100.0, 400.0, _SPEEDS[GAP], count)
    dense = region in (OTHER, BOTH)
    density = rng.uniform(1.3, 2.0, size=count) if dense else rng.uniform(0.4, 1.3, size=count)
    return {"speed": speed, "density": density, "area": rng.uniform(1.0, 5.0, size=count)}


def _drag_force(world: World, columns: Columns) -> Floats:
    """The force of air, with a coefficient that is read off a table, smoothly."""
    from scipy.interpolate import CubicSpline  # a second, and only this task needs it

    table = CubicSpline(np.log(_KNOTS), world.drag)
    coefficient: Floats = table(np.log(columns["speed"]))
    return 0.5 * columns["density"] * columns["speed"] ** 2 * columns["area"] * np.maximum(coefficient, 0.05)


def _drag_groups(columns: Columns) -> tuple[Floats, Floats]:
    force = columns["density"] * columns["speed"] ** 2 * columns["area"]
    return np.log(columns["speed"] / _KNOTS[0])[:, None], force


LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "delta_v": Law(_ROCKET_UNITS, "dv", "m/s", _draw_rockets, speed_gained, _speed_symbolic, _rocket_groups),
        "staged": Law(
            _ROCKET_UNITS, "dv", "m/s", _draw_rockets, speed_gained, _speed_symbolic, _rocket_groups, parts=True
        ),
        "table": Law(
            MappingProxyType({"speed": "m/s", "density": "kg m^-3", "area": "m^2"}),
            "force",
            "kg m s^-2",
            _draw_bodies,
            _drag_force,
            None,
            _drag_groups,
        ),
    }
)
"""The laws by name."""
