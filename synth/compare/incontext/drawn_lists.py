"""Lists that episodes are asked about: drawn so widely that those of the compared tasks are among them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["LONGEST", "Lists", "draw_lists"]

LONGEST = 40
"""The longest list in an episode."""

_VALUES = (
    ((0, 9), 30),
    ((0, 7), 12),
    ((0, 1), 6),
    ((0, 3), 6),
    ((0, 5), 6),
    ((1, 9), 6),
    ((0, 99), 16),
    ((1, 20), 5),
    ((0, 30), 4),
    ((-9, 9), 5),
    ((-20, 60), 2),
    ((-150, 500), 2),
)
_LENGTHS = (((1, 10), 30), ((1, 6), 20), ((0, 10), 15), ((2, 9), 10), ((3, 7), 10), ((5, 10), 10), ((1, 15), 5))
_SHORT, _LONG = (1, 6), (7, LONGEST)
_STRETCHED = 0.12
"""How many episodes show short lists and ask about longer ones."""
_REPEATED, _SORTED = 0.15, 0.05
"""How often items repeat more than chance would have them, and how often lists are sorted."""


@dataclass(frozen=True, slots=True)
class Lists:
    """From what the lists of one episode are drawn. `stretched`: short lists are shown and longer ones asked."""

    values: tuple[int, int]
    lengths: tuple[int, int]
    stretched: bool
    habit: float

    def draw(self, rng: random.Random, *, asked: bool) -> tuple[int, ...]:
        """A list to show, or one that is asked about."""
        low, high = (_LONG if asked else _SHORT) if self.stretched else self.lengths
        count = rng.randint(low, high)
        possible: Sequence[int] = range(self.values[0], self.values[1] + 1)
        if self.habit < _REPEATED:
            possible = rng.choices(possible, k=max(2, count // 2))
        items = rng.choices(possible, k=count)
        return tuple(sorted(items) if 1 - self.habit < _SORTED else items)


def draw_lists(rng: random.Random) -> Lists:
    """From what an episode's lists are drawn, drawn."""
    (values,) = rng.choices([v for v, _ in _VALUES], [w for _, w in _VALUES])
    (lengths,) = rng.choices([v for v, _ in _LENGTHS], [w for _, w in _LENGTHS])
    return Lists(values, lengths, rng.random() < _STRETCHED, rng.random())
