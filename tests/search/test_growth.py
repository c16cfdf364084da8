"""A lambda's scope that gets further rows says of these, too, what the interpreter says, and splits its classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scope_twin import check_scope, engine_after
from specs import INTS, T0, spec_of
from strategies import values

from dsl.type_system import BOOL, INT, FunctionType
from synth.budget import Budget
from synth.search.bank import Bank
from synth.search.engine import Engine
from synth.search.growth import grow
from synth.search.schedule import scope_key
from synth.search.scope import TOP, Scope
from synth.search.search import Search
from synth.search.switches import Switches
from tasks.task import Spec

LISTS = spec_of(((3, 1, 2), (91, 17)), ((), (48,)), ((5, 5, -7, 0), ()), ((9,), (66, 3, 29)))
SAME = spec_of(((4, 4), (91, 17)), ((4,), (48,)))
"""Examples that show one item only, so that nearly all bodies agree until further items come."""
TWO = spec_of((((3, 1), 2), (91,)), (((0,), -1), (48, 3)), types=(INTS, INT))
SMALL = {"lists": LISTS, "one item": SAME, "few words": spec_of(((3, 1), (91,)), library=T0)}
NO_GOALS = Switches(goals=False, cases=False)
ONE, PAIR = FunctionType((INT,), INT), FunctionType((INT, INT), INT)
TEST = FunctionType((INT,), BOOL)


def fresh_engine(spec: Spec, evaluations: int) -> Engine:
    """A search whose scopes are as wide as they were made."""
    return engine_after(spec, evaluations, NO_GOALS)


def scope_of(engine: Engine, t: FunctionType) -> Scope:
    return engine.lambdas.scopes[scope_key(t, TOP)]


def more_rows(engine: Engine, scope: Scope, rows: list[tuple[int, tuple[Any, ...]]]) -> None:
    """Grow a scope by outer rows and arguments, those left out that it has already."""
    known = set(zip(scope.owner.tolist(), map(tuple, scope.arguments.tolist()), strict=True))
    types = scope.key.parameters
    wanted = {
        (owner, tuple(engine.store.encode(v, t) for v, t in zip(arguments, types, strict=True)))
        for owner, arguments in rows
    }
    new = sorted(wanted - known)
    if new:
        owner = np.array([row for row, _ in new], dtype=np.int64)
        grow(engine.lambdas, scope, owner, np.array([cells for _, cells in new], dtype=np.int64), engine.apply)


@settings(max_examples=6)
@given(st.data())
@pytest.mark.parametrize("name", SMALL)
def test_all_bodies_are_right_on_all_rows_afterwards(name: str, data: st.DataObject) -> None:
    """Some scopes, those inside others among them, grow once or twice; all scopes are right all the same."""
    engine = fresh_engine(SMALL[name], 1_000)
    inner = [scope for scope in engine.scopes if scope.outer is not None and scope.banks]
    for scope in data.draw(st.lists(st.sampled_from(inner), min_size=1, max_size=3)):
        outer = scope.outer
        assert outer is not None
        row = st.tuples(st.integers(0, outer.rows - 1), st.tuples(*map(values, scope.key.parameters)))
        rows = scope.rows
        more_rows(engine, scope, data.draw(st.lists(row, min_size=1, max_size=4)))
        assert all(bank.rows == scope.rows >= rows for bank in scope.banks.values())
    assert sum(check_scope(engine, scope) for scope in inner) > 100


def twin_classes(bank: Bank, old: int) -> dict[tuple[Any, ...], set[tuple[Any, ...]]]:
    """The columns that classes have on all rows, by what they are on the old ones."""
    found: dict[tuple[Any, ...], set[tuple[Any, ...]]] = {}
    for number in range(bank.count):
        cells = np.where(bank.status[number] == 1, bank.cells[number], -77).tolist()
        found.setdefault(tuple(cells[:old]), set()).add(tuple(cells))
    return found


@pytest.mark.parametrize("t", [ONE, TEST, PAIR])
def test_classes_split_where_their_programs_disagree(t: FunctionType) -> None:
    """With one item seen, x + x and x * 2 and 8 are one body; with more, the last is another."""
    engine = fresh_engine(SAME, 6_000)
    scope = scope_of(engine, t)
    bank, old = scope.bank(t.result), scope.rows
    several = sum(len(bank.derivations(n)) > 1 for n in range(bank.count))
    before = bank.count
    more_rows(engine, scope, [(0, (v,) * len(t.parameters)) for v in (0, 1, -5, 7, 1_000)])
    assert several
    assert bank.count > before
    assert any(len(columns) > 1 for columns in twin_classes(bank, old).values())
    assert check_scope(engine, scope) > 100


def test_what_was_split_off_has_a_share_of_the_mass_and_derivations_of_its_own() -> None:
    engine = fresh_engine(SAME, 6_000)
    scope = scope_of(engine, ONE)
    bank, before = scope.bank(INT), scope.bank(INT).count
    kept = [set(bank.derivations(n)) for n in range(before)]
    more_rows(engine, scope, [(0, (v,)) for v in (0, 1, -5, 7)])
    split = [d for n in range(before, bank.count) for d in bank.derivations(n)]
    assert split
    assert set(split) <= set().union(*kept)
    assert (bank.mass[before : bank.count] > 0).all()
    for number in range(before):
        left = set(bank.derivations(number))
        assert left <= kept[number]
        assert not left & set(split)


def test_the_search_goes_on_over_what_has_grown() -> None:
    """What a search builds after its scopes have grown is right on all rows."""
    engine = Search(TWO, Budget().start(), switches=NO_GOALS).engine
    steps = engine.steps()
    while engine.meter.evaluations < 3_000:
        next(steps)
    for t in (ONE, TEST):
        more_rows(engine, scope_of(engine, t), [(row, (v,)) for row in (0, 1) for v in (11, -4, 2**40)])
    before = engine.classes
    while engine.meter.evaluations < 8_000:
        next(steps)
    assert engine.classes > before + 100
    assert sum(check_scope(engine, scope) for scope in engine.scopes) > 1_000


def test_goals_grow_scopes() -> None:
    """An example of a map asks for items that the universe lacks; once they are in, all is right."""
    spec = spec_of(((31, 45, 3), (24, 38, -4)), ((52, 68, 71), (45, 61, 64)), ((9,), (1,)), library=T0)
    engine = engine_after(spec, 3_000, Switches(cases=False))
    grown = [scope for scope in engine.scopes if scope.generation]
    assert grown
    assert sum(check_scope(engine, scope) for scope in grown) > 100
