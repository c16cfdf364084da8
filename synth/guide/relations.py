"""How the scalars of an example stand to one another: equality, order and differences, as further columns of tokens.

Attention must learn that two numbers are the same or one apart; here both are seen at once. Everything follows from the
tokens' own columns, so nested types need nothing of their own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["RELATIONS", "relations_of"]

RELATIONS = (("first_there", 17), ("last_there", 17), ("times_there", 4), ("beside", 18), ("step", 18), ("rank", 17))
"""The columns, each with how many values it has: where the same scalar is first on the other side (output or inputs;
0 for nowhere), where last, from the end, and how often; the difference to what stands at the same place on the other
side, and to the item before (0 for none); and how many items around it are less, 0 for what has no order."""
_MOST = 15
_SMALL = 4


def relations_of(tokens: NDArray[np.int16], output_slot: int, exact: int, marks: int) -> NDArray[np.int16]:
    """(N, len(RELATIONS)) for the (N, 7) tokens of an example; scalars below `exact` are ordered ints, those from
    `marks` on say only what kind of value stands there.
    """
    scalar, place, end, outer, slot, level = (tokens[:, column].astype(np.int64) for column in range(6))
    side, number = slot == output_slot, scalar < exact
    across = side[:, None] != side[None, :]
    same = across & (scalar[:, None] == scalar[None, :]) & (scalar < marks)
    met = same.any(axis=1)
    first = np.where(met, 1 + np.where(same, place, _MOST).min(axis=1, initial=_MOST), 0)
    last = np.where(met, 1 + np.where(same, end, _MOST).min(axis=1, initial=_MOST), 0)
    alike = (level[:, None] == level[None, :]) & (outer[:, None] == outer[None, :])
    both = number[:, None] & number[None, :] & alike
    around = both & (slot[:, None] == slot[None, :])
    found = [
        first,
        last,
        np.minimum(same.sum(axis=1), 3),
        _differences(scalar, across & both & (place[:, None] == place[None, :])),
        _differences(scalar, around & (place[:, None] == place[None, :] + 1)),
        np.where(number, 1 + np.minimum((around & (scalar[None, :] < scalar[:, None])).sum(axis=1), _MOST), 0),
    ]
    return np.stack(found, axis=1).astype(np.int16)


def _differences(scalar: NDArray[np.int64], related: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each scalar how much it is more than the first that it is related to: exactly if little, else its size."""
    there = related.any(axis=1)
    change = scalar - scalar[related.argmax(axis=1)]
    size = np.abs(change)
    large = _SMALL + np.digitize(size, (8, 16, 32))
    row = np.sign(change) * np.where(size < _SMALL, size, large) + 9
    return np.where(there, row, 0)
