"""How scalars of an example stand to one another: against a slow twin that loops over tokens."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dsl.type_system import INT, list_of
from synth.guide.features import COLUMNS, INTS, MARKS, OUTPUT_SLOT, tokens_of
from synth.guide.relations import RELATIONS, relations_of

_LISTS = st.lists(st.integers(-40, 40), max_size=8).map(tuple)
_NESTED = st.lists(_LISTS, max_size=4).map(tuple)


def _slow(tokens: list[tuple[int, ...]]) -> list[list[int]]:
    return [[*_met(t, tokens), *_ordered(t, tokens)] for t in tokens]


def _met(t: tuple[int, ...], tokens: list[tuple[int, ...]]) -> list[int]:
    there = [o for o in tokens if (o[4] == OUTPUT_SLOT) != (t[4] == OUTPUT_SLOT) and o[0] == t[0] < MARKS]
    return [1 + min(o[1] for o in there), 1 + min(o[2] for o in there), min(len(there), 3)] if there else [0, 0, 0]


def _ordered(t: tuple[int, ...], tokens: list[tuple[int, ...]]) -> list[int]:
    if t[0] >= INTS:
        return [0, 0, 0]
    alike = [o for o in tokens if o[0] < INTS and (o[3], o[5]) == (t[3], t[5])]
    beside = [o for o in alike if (o[4] == OUTPUT_SLOT) != (t[4] == OUTPUT_SLOT) and o[1] == t[1]]
    around = [o for o in alike if o[4] == t[4]]
    before = [o for o in around if o[1] == t[1] - 1]
    return [_change(t, beside), _change(t, before), 1 + min(sum(o[0] < t[0] for o in around), 15)]


def _change(t: tuple[int, ...], others: list[tuple[int, ...]]) -> int:
    if not others:
        return 0
    change = t[0] - others[0][0]
    size = abs(change)
    size = size if size < 4 else 4 + sum(size >= edge for edge in (8, 16, 32))
    return 9 + (size if change > 0 else -size)


@given(_LISTS, _NESTED, st.integers(-40, 40))
def test_relations_are_those_of_a_slow_twin(output, nested, number) -> None:
    tokens = tokens_of(output, list_of(INT), OUTPUT_SLOT) + tokens_of(nested, list_of(list_of(INT)), 0)
    tokens += tokens_of(number, INT, 1)
    found = relations_of(np.array(tokens, dtype=np.int16), OUTPUT_SLOT, INTS, MARKS)
    assert found.tolist() == _slow(tokens)
    assert (found >= 0).all()
    assert (found.max(axis=0) < [count for _, count in RELATIONS]).all()
    assert len(COLUMNS) == len(tokens[0])


def test_a_head_is_seen_at_once() -> None:
    tokens = tokens_of(7, INT, OUTPUT_SLOT) + tokens_of((7, 3, 9), list_of(INT), 0)
    found = relations_of(np.array(tokens, dtype=np.int16), OUTPUT_SLOT, INTS, MARKS)
    assert found[0, :3].tolist() == [1, 3, 1]
    assert found[3, :3].tolist() == [0, 0, 0]
