"""The bank against a slow twin, a dictionary of columns: classes, levels, mass and derivations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.type_system import INT, Type, list_of
from synth.search.bank import DERIVATIONS_KEPT, LEVELS, Bank, Derivation
from synth.search.column import Block, Column, Fresh, block_of
from synth.search.kernels.convention import DEFINED
from synth.search.store import Store

INTS = list_of(INT)
ARITIES = (0, 1, 2, 3, 2, 1, 2, 0, 1)
"""Arguments of each production of the tests."""


@dataclass(frozen=True)
class Program:
    """A program as the tests draw it: what it yields on each row (None for no value), and how it is built."""

    column: tuple[Any, ...]
    arguments: tuple[int, ...]
    probability: float


@dataclass(frozen=True)
class Batch:
    """Programs with one production and one level, added together."""

    production: int
    level: int
    programs: tuple[Program, ...]


@dataclass
class SlowClass:
    column: tuple[Any, ...]
    level: int
    mass: float = 0.0
    derivations: list[Derivation] = field(default_factory=list)

    def keep(self, derivation: Derivation) -> None:
        """The first few derivations, and as many again with a production that is not there yet."""
        known = [d.production for d in self.derivations]
        if len(known) < DERIVATIONS_KEPT or (len(known) < 2 * DERIVATIONS_KEPT and derivation.production not in known):
            self.derivations.append(derivation)


@dataclass
class SlowBank:
    equivalence: bool
    classes: list[SlowClass] = field(default_factory=list)
    merged: int = 0

    def add(self, batch: Batch) -> list[int]:
        """Which programs opened new classes."""
        fresh = []
        for position, program in enumerate(batch.programs):
            if all(v is None for v in program.column):
                self.merged += 1
                continue
            known = [c for c in self.classes if c.column == program.column] if self.equivalence else []
            if not known:
                known = [SlowClass(program.column, batch.level)]
                self.classes += known
                fresh.append(position)
            else:
                self.merged += 1
            known[0].mass += program.probability
            known[0].keep(Derivation(batch.production, program.arguments))
        return fresh


@st.composite
def batches(draw: Any, values: st.SearchStrategy[Any], most: int = 12) -> list[Batch]:
    """Batches of rising level over a few columns."""
    rows = draw(st.integers(1, 3))
    column = st.tuples(*[st.none() | values] * rows)
    level, found = 0, []
    for _ in range(draw(st.integers(1, 6))):
        level += draw(st.integers(0, 2)) if found else 1
        production = draw(st.integers(0, len(ARITIES) - 1))
        program = st.builds(
            Program,
            column,
            st.tuples(*[st.integers(0, 2**31 - 1)] * ARITIES[production]),
            st.sampled_from([0.5, 0.25, 0.125, 2.0**-30]),
        )
        found.append(Batch(production, level, tuple(draw(st.lists(program, min_size=1, max_size=most)))))
    return found


def as_column(batch: Batch, t: Type, store: Store) -> Column:
    if t == INTS:
        cells = [() if v is None else v for p in batch.programs for v in p.column]
        out = np.array([x for xs in cells for x in xs], dtype=np.int64)
        status = np.array([[v is not None for v in p.column] for p in batch.programs], dtype=np.uint8)
        return Fresh(out, np.cumsum(np.array(list(map(len, cells)), dtype=np.int64)), status)
    return as_block([p.column for p in batch.programs], t, store)


def as_block(columns: Sequence[tuple[Any, ...]], t: Type, store: Store) -> Block:
    blocks = [block_of(c, t, store, [i for i, v in enumerate(c) if v is None]) for c in columns]
    return Block(np.concatenate([b.cells for b in blocks]), np.concatenate([b.status for b in blocks]))


def add_to(bank: Bank, batch: Batch) -> list[int]:
    if bank.opened < batch.level:
        bank.open_level(batch.level)
    arguments = np.array([p.arguments for p in batch.programs], dtype=np.int32).reshape(len(batch.programs), -1)
    mass = np.array([p.probability for p in batch.programs])
    return bank.add(as_column(batch, bank.type, bank.store), batch.production, arguments, mass, batch.level).tolist()


def column_of(bank: Bank, number: int) -> tuple[Any, ...]:
    cells, status = bank.cells[number].tolist(), bank.status[number].tolist()
    return tuple(bank.store.decode(c, bank.type) if s == DEFINED else None for c, s in zip(cells, status, strict=True))


def check_against_twin(drawn: list[Batch], t: Type, equivalence: bool) -> None:
    bank = Bank(t, len(drawn[0].programs[0].column), Store(), equivalence, arities=list(ARITIES))
    slow = SlowBank(equivalence)
    for batch in drawn:
        assert add_to(bank, batch) == slow.add(batch)
    assert (bank.count, bank.merged) == (len(slow.classes), slow.merged)
    for number, expected in enumerate(slow.classes):
        assert column_of(bank, number) == expected.column
        assert bank.cost[number] == expected.level
        assert bank.mass[number] == pytest.approx(expected.mass)
        assert bank.derivations(number) == expected.derivations
    levels = [c.level for c in slow.classes]
    for level in range(drawn[-1].level + 3):
        assert list(bank.at(level)) == [n for n, found in enumerate(levels) if found == level]
    assert (bank.lowest, bank.highest) == (min(levels, default=LEVELS), max(levels, default=0))
    assert bank.full == any(len(c.derivations) >= DERIVATIONS_KEPT for c in slow.classes)


@pytest.mark.parametrize("equivalence", [True, False])
@given(drawn=batches(st.integers(0, 2)))
def test_numbers_fall_into_the_classes_of_the_slow_twin(drawn: list[Batch], equivalence: bool) -> None:
    check_against_twin(drawn, INT, equivalence)


@pytest.mark.parametrize("equivalence", [True, False])
@given(drawn=batches(st.sampled_from([(), (0,), (0, 0), (1,)])))
def test_lists_just_written_fall_into_the_classes_of_the_slow_twin(drawn: list[Batch], equivalence: bool) -> None:
    check_against_twin(drawn, INTS, equivalence)


@settings(max_examples=10)
@given(drawn=batches(st.integers(-40, 40), most=600))
def test_it_grows_again_and_again_without_losing_anything(drawn: list[Batch]) -> None:
    check_against_twin(drawn, INT, True)


def test_what_a_class_of_many_derivations_keeps() -> None:
    """Four that came first, whatever their productions, and four more of productions of their own."""
    bank = Bank(INT, 1, Store(), arities=list(ARITIES))
    for production in (1, 1, 1, 1, 1, 2, 1, 2, 3, 4, 5, 6):
        add_to(bank, Batch(production, 1, (Program((7,), (production,) * ARITIES[production], 0.5),)))
    assert [d.production for d in bank.derivations(0)] == [1, 1, 1, 1, 2, 3, 4, 5]
    assert bank.derivations(0)[-3:] == [Derivation(3, (3, 3, 3)), Derivation(4, (4, 4)), Derivation(5, (5,))]
    assert bank.mass[0] == 6.0
    assert bank.merged == 11
    heads, parts = bank.first_derivations(np.array([0]))
    assert (heads.tolist(), parts[0, :1].tolist()) == ([1], [1])
    others = [(number, head, parts.tolist()) for number, _, head, parts in bank.others()]
    assert others[:4] == [(0, 1, [1]), (0, 1, [1]), (0, 1, [1]), (0, 2, [2, 2])]


def test_a_derivation_taken_out_is_no_longer_told() -> None:
    bank = Bank(INT, 1, Store(), arities=list(ARITIES))
    for production in (1, 2, 3):
        add_to(bank, Batch(production, 1, (Program((7,), (production,) * ARITIES[production], 0.5),)))
    bank.take_out(next(at for _, at, head, _ in bank.others() if head == 2))
    assert [d.production for d in bank.derivations(0)] == [1, 3]
    assert [head for _, _, head, _ in bank.others()] == [3]


def test_levels_that_are_not_open_hold_nothing() -> None:
    bank = Bank(INT, 1, Store(), arities=[0])
    assert not bank.at(0)
    assert not bank.at(1)
    bank.open_level(3)
    add_to(bank, Batch(0, 3, (Program((1,), (), 1.0), Program((2,), (), 1.0))))
    bank.open_level(5)
    assert list(map(list, map(bank.at, range(-1, 8)))) == [[], [], [], [], [0, 1], [], [], [], []]


@given(batches(st.integers(0, 1)), st.data())
def test_further_rows_tell_classes_apart(drawn: list[Batch], data: st.DataObject) -> None:
    """After `widen`, `fill` and `settle` a program is in a class only if it agrees on the new rows, too."""
    old = len(drawn[0].programs[0].column)
    bank = Bank(INT, old, Store(), arities=list(ARITIES))
    for batch in drawn:
        add_to(bank, batch)
    bank.widen(2)
    row = st.tuples(*[st.none() | st.integers(0, 1)] * 2)
    more = [data.draw(row) for _ in range(bank.count)]
    if more:
        bank.fill(np.arange(bank.count), slice(old, old + 2), as_block(more, INT, bank.store))
    bank.settle()
    before = [column_of(bank, n) for n in range(bank.count)]
    assert [c[old:] for c in before] == more
    program = Program(data.draw(st.tuples(*[st.none() | st.integers(0, 1)] * (old + 2))), (), 0.5)
    where = add_to(bank, Batch(0, bank.opened, (program,)))
    new = program.column not in before and any(v is not None for v in program.column)
    assert bool(where) == new
    if new:
        assert column_of(bank, bank.count - 1) == program.column


def test_bytes_are_those_of_its_arrays() -> None:
    bank = Bank(INT, 5, Store(), arities=list(ARITIES))
    before = bank.bytes_held
    add_to(bank, Batch(0, 1, tuple(Program((i, 0, 0, 0, 0), (), 1.0) for i in range(10_000))))
    held = bank.bytes_held - before
    assert 10_000 * 5 * 9 < held < 10_000 * 400
