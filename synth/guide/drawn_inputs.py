"""Inputs to learn on: types and rows drawn so widely that the lists of real tasks are among them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from dsl.type_system import BOOL, INT, Range, Type, list_of
from tasks.sampling import sample_value
from tasks.task import InputRange, parameter_names

__all__ = ["DrawnInputs", "draw_inputs"]

_INTS = list_of(INT)
_REQUESTS: tuple[tuple[tuple[Type, ...], float], ...] = (
    ((_INTS,), 50),
    ((_INTS, INT), 20),
    ((_INTS, _INTS), 12),
    ((list_of(_INTS),), 4),
    ((INT, INT), 3),
    ((_INTS, INT, INT), 4),
    ((_INTS, _INTS, INT), 3),
    ((INT,), 2),
    ((_INTS, BOOL), 1),
    ((list_of(BOOL),), 1),
)
_VALUES = ((0, 9), (-9, 9), (-9, 99), (0, 99), (0, 5), (1, 20), (-50, 50), (0, 30), (-3, 3), (10, 500))
_LENGTHS = ((0, 10), (1, 6), (3, 7), (0, 5), (4, 12), (2, 9), (5, 8))
_REPEATED, _SORTED = 0.2, 0.07
"""How often items repeat more than chance would have them, and how often a list is sorted."""


@dataclass(frozen=True, slots=True)
class DrawnInputs:
    """Parameters with their types, and rows of arguments for them."""

    names: tuple[str, ...]
    types: tuple[Type, ...]
    rows: tuple[tuple[object, ...], ...]


def draw_inputs(rng: random.Random, types: tuple[Type, ...] | None = None) -> DrawnInputs:
    """Inputs of 3 to 10 rows, no two the same where the types allow it; of these types, or of some that are drawn."""
    if types is None:
        types = rng.choices([t for t, _ in _REQUESTS], [w for _, w in _REQUESTS])[0]
    limits = _limits(rng)
    scalar = limits.items if rng.random() < 0.4 else InputRange(values=Range(*rng.choice(((0, 5), (1, 4), (0, 9)))))
    habits = rng.random()
    wanted = rng.choices((3, 4, 5, 6, 7, 8, 10), (3, 4, 8, 3, 2, 2, 5))[0]
    rows: dict[tuple[object, ...], None] = {}
    for _ in range(5 * wanted):
        rows.setdefault(tuple(_draw(t, limits if t not in (INT, BOOL) else scalar, habits, rng) for t in types))
        if len(rows) == wanted:
            break
    return DrawnInputs(parameter_names(types), types, tuple(rows))


def _limits(rng: random.Random) -> InputRange:
    items = InputRange(length=Range(0, 5), values=Range(*rng.choice(_VALUES)))
    return InputRange(length=Range(*rng.choice(_LENGTHS)), items=InputRange(items.length, items.values, items))


def _draw(t: Type, limits: InputRange | None, habits: float, rng: random.Random) -> object:
    value = sample_value(t, limits, rng)
    if isinstance(value, tuple) and value and habits < _REPEATED:
        few = [rng.choice(value) for _ in range(max(1, len(value) // 2))]
        value = tuple(rng.choice(few) for _ in value)
    if isinstance(value, tuple) and t == _INTS and 1 - habits < _SORTED:
        value = tuple(sorted(value))
    return value
