"""Searches that want nothing: what they bank is true of its programs, new by its column, and deep."""

from __future__ import annotations

import random

import numpy as np
import pytest

from dsl.grammar import Production
from dsl.interpreter import run
from dsl.primitives import CORE
from dsl.program import Literal, names, walk
from dsl.type_system import BOOL, INT, FunctionType, Type, list_of
from dsl.values import Failure, key
from synth.guidance import Guidance
from synth.search.engine import Engine
from synth.search.exploring import classes_of, deepen, explore

INTS = list_of(INT)
ROWS = (((5, 2, 8, 2), 1), ((4, -1, 7), 2), ((3, 9, 1, 6, 6), 0), ((), 3))


def explored(seed: int, goal: Type = INTS, guidance: Guidance | None = None, rounds: int = 2) -> tuple[Engine, int]:
    """A small search that was deepened, and the level that it had come to by itself."""
    engine = explore(
        ("xs", "n"),
        FunctionType((INTS, INT), goal),
        ROWS,
        CORE,
        4_000,
        random.Random(seed),
        guidance=guidance or Guidance(),
        constants=(71,),
    )
    reached = engine.level
    deepen(engine, dict.fromkeys((INTS, INT, BOOL), 150), rounds, np.random.default_rng(seed))
    return engine, reached


ENGINE, REACHED = explored(1)
CLASSES = [(t, number) for t in (INTS, INT, BOOL) for ns in classes_of(ENGINE, t).values() for number in ns.tolist()]
SAMPLE = random.Random(0).sample(CLASSES, 150)


@pytest.mark.parametrize(("t", "number"), SAMPLE)
def test_a_class_is_what_the_interpreter_makes_of_its_program(t: Type, number: int) -> None:
    outputs = [run(ENGINE.program(t, number), row, CORE) for row in ROWS]
    banked = ENGINE.store.decode_all(ENGINE.top.banks[t].cells[number].tolist(), t)
    assert [key(o) for o in outputs] == [key(b) for b in banked]


def test_classes_are_worth_asking_for() -> None:
    for t, number in SAMPLE:
        outputs = [run(ENGINE.program(t, number), row, CORE) for row in ROWS]
        assert not any(isinstance(o, Failure) for o in outputs)
        assert len({key(o) for o in outputs}) > 1
        assert outputs != [xs for xs, _ in ROWS]
        assert outputs != [n for _, n in ROWS]


def test_classes_are_listed_by_their_roots() -> None:
    by_root = classes_of(ENGINE, INTS)
    for root, numbers in by_root.items():
        assert root in names(ENGINE.program(INTS, int(numbers[0])))
    every = [number for numbers in by_root.values() for number in numbers.tolist()]
    assert len(every) == len(set(every))


def test_what_is_drawn_is_new_and_above_all_that_was_enumerated() -> None:
    for t in (INTS, INT, BOOL):
        bank = ENGINE.top.banks[t]
        columns = [row.tobytes() + status.tobytes() for row, status in zip(bank.cells, bank.status, strict=True)]
        assert len(set(columns[: bank.count])) == bank.count
        drawn = np.flatnonzero(bank.cost[: bank.count] > REACHED)
        assert len(drawn) >= 30 or t == BOOL
        assert set(bank.cost[drawn].tolist()) <= {REACHED + 1, REACHED + 2}
    drawn_bits = [ENGINE.program(INTS, int(n)).size for n in np.flatnonzero(ENGINE.top.banks[INTS].cost > REACHED)]
    before = [ENGINE.program(INTS, int(n)).size for n in ENGINE.top.banks[INTS].at(REACHED - 1)]
    assert max(drawn_bits) > max(before)


def test_one_seed_gives_the_same_classes() -> None:
    again, _ = explored(1)
    assert all(again.program(t, n) == ENGINE.program(t, n) for t, n in SAMPLE)
    other, _ = explored(2)
    assert any(
        t not in other.top.banks or n >= other.top.banks[t].count or other.program(t, n) != ENGINE.program(t, n)
        for t, n in SAMPLE
    )


def test_no_rounds_leave_the_banks_as_they_were() -> None:
    engine, reached = explored(1, rounds=0)
    assert engine.top.banks[INTS].highest <= reached


def test_constants_that_are_asked_for_occur() -> None:
    found = {part for t, n in CLASSES for part in walk(ENGINE.program(t, n)) if isinstance(part, Literal)}
    assert Literal(71) in found


def test_preferred_words_come_first() -> None:
    preferred, _ = explored(1, guidance=Guidance("drawn", {"list.windows": -6.0, "list.sum": -6.0}), rounds=0)
    plain, _ = explored(1, rounds=0)

    def share(engine: Engine) -> float:
        """How many of the classes of lists have one of the words at the root of a part."""
        programs = [engine.program(INTS, n) for n in range(engine.top.banks[INTS].count)]
        return sum("list.windows" in names(p) or "list.sum" in names(p) for p in programs) / len(programs)

    assert share(preferred) > 2 * share(plain)


@pytest.mark.parametrize("goal", [INTS, INT, BOOL, list_of(BOOL), list_of(INTS)])
def test_every_goal_is_explored(goal: Type) -> None:
    engine = explore(("xs", "n"), FunctionType((INTS, INT), goal), ROWS, CORE, 2_000, random.Random(3))
    assert engine.meter.evaluations >= 2_000
    assert sum(map(len, classes_of(engine, goal).values())) >= (1 if goal == BOOL else 5)
    assert all(isinstance(head, Production) for head in engine.top.heads)
