"""Goals: residuals give back what is wanted, columns are matched as the definition says."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.drawn_values import Drawer, ground
from dsl.inverses import MOST_PREIMAGES
from dsl.primitive import Primitive, primitive, primitive_of
from dsl.primitives import CORE
from dsl.type_system import BOOL, INT, REAL, FunctionType, apply, list_of
from dsl.values import agree, fault_of
from synth.search.goals import (
    NO_VALUE,
    Free,
    Points,
    Step,
    Wish,
    function_residual,
    goal_of,
    matches,
    residual,
    steps,
)
from synth.search.kernels.convention import DEFINED, OUTSIDE, UNDEFINED
from synth.search.store import Store

INVERTED = [entry for entry in CORE if isinstance(entry, Primitive) and entry.inverses]
INTS = list_of(INT)
seeds = st.integers(0, 2**32)


def the_step(name: str, *given: str) -> Step:
    entry = CORE[name]
    assert isinstance(entry, Primitive)
    return next(s for s in steps(entry) if {entry.parameters[p] for p in s.given} == set(given))


def hole(step: Step, name: str) -> int:
    return step.primitive.parameters.index(name)


# ---- Goals and columns ----------------------------------------------------------------------------------------------

wishes_of_ints = st.one_of(
    st.lists(st.integers(-2, 2), min_size=1, max_size=3).map(tuple), st.sampled_from([Free.VALUE, Free.IDLE])
)


def accepted(wish: Wish, value: object) -> bool:
    """The definition that the kernel is compared with."""
    if isinstance(wish, Free):
        return wish is Free.IDLE or value is not NO_VALUE
    return value is not NO_VALUE and any(agree(value, wanted) for wanted in wish)


@given(st.data(), st.integers(1, 4))
def test_columns_are_matched_as_the_definition_says(data: st.DataObject, rows: int) -> None:
    wishes = data.draw(st.lists(wishes_of_ints, min_size=rows, max_size=rows))
    cell = st.sampled_from([NO_VALUE, -2, -1, 0, 1, 2])
    columns = data.draw(st.lists(st.lists(cell, min_size=rows, max_size=rows), max_size=12))
    most = data.draw(st.none() | st.integers(0, 4))
    lacking = data.draw(st.sampled_from([UNDEFINED, OUTSIDE]))
    cells = np.array([[0 if v is NO_VALUE else v for v in c] for c in columns], dtype=np.int64).reshape(-1, rows)
    status = np.array([[lacking if v is NO_VALUE else DEFINED for v in c] for c in columns], dtype=np.uint8)
    goal = goal_of(wishes, INT, Store())
    wanted = [n for n, c in enumerate(columns) if all(map(accepted, wishes, c))]
    assert matches(goal, cells, status.reshape(-1, rows), most=most).tolist() == wanted[:most]


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=3), st.floats(-1e-5, 1e-5))
def test_reals_match_as_near_as_outputs_are_judged(values: list[float], off: float) -> None:
    store = Store()
    goal = goal_of([(value,) for value in values], REAL, store)
    moved = [value * (1 + off) for value in values]
    cells = np.array([[store.encode(value, REAL) for value in moved]], dtype=np.int64)
    found = matches(goal, cells, np.ones_like(cells, dtype=np.uint8))
    assert bool(len(found)) == all(map(agree, moved, values))


@given(st.lists(wishes_of_ints, min_size=1, max_size=5))
def test_a_goal_says_what_was_wished(wishes: list[Wish]) -> None:
    store = Store()
    goal = goal_of(wishes, INT, store)
    as_sets = [set(w) if isinstance(w, tuple) else w for w in wishes]
    assert [set(w) if isinstance(w, tuple) else w for w in goal.wishes(store)] == as_sets
    assert goal.is_exact == all(isinstance(w, set) and len(w) == 1 for w in as_sets)
    assert goal.is_single == all(isinstance(w, Free) or len(w) == 1 for w in as_sets)
    assert goal.wants_nothing == all(isinstance(w, Free) for w in as_sets)
    again = [w if isinstance(w, Free) else (*w[::-1], w[0]) for w in wishes]
    assert goal_of(again, INT, store).key == goal.key
    assert goal_of([*again[:-1], (77,)], INT, store).key != goal.key


@given(st.lists(wishes_of_ints, min_size=1, max_size=4), st.integers(0, 3), st.randoms(use_true_random=False))
def test_a_goal_moves_with_the_rows_of_a_scope(wishes: list[Wish], more: int, rng: Random) -> None:
    store, rows = Store(), len(wishes) + more
    where = rng.sample(range(rows), len(wishes))
    moved = goal_of(wishes, INT, store).spread(np.array(where, dtype=np.int64), rows)
    placed: list[Wish] = [Free.IDLE] * rows
    for row, wish in zip(where, wishes, strict=True):
        placed[row] = wish
    assert moved.key == goal_of(placed, INT, store).key


# ---- Residuals ------------------------------------------------------------------------------------------------------


def drawn_rows(entry: Primitive, rng: Random) -> tuple[FunctionType, list[tuple[object, ...]], list[object]] | None:
    """A ground type of a word, and three rows of arguments with their results."""
    assert isinstance(entry.type, FunctionType)
    t = apply(ground(entry.type, rng), entry.type)
    assert isinstance(t, FunctionType)
    rows, outputs = [], []
    functions = [Drawer(CORE).draw(p, rng) if isinstance(p, FunctionType) else None for p in t.parameters]
    for _ in range(40):
        arguments = tuple(f or Drawer(CORE).draw(p, rng) for f, p in zip(functions, t.parameters, strict=True))
        try:
            out = entry.function(*arguments)
        except Exception:
            continue
        if fault_of(out, t.result) is None:
            rows.append(arguments)
            outputs.append(out)
    return (t, rows[:3], outputs[:3]) if len(rows) >= 3 else None


def gives(entry: Primitive, arguments: dict[int, object], wish: Wish) -> bool:
    """Whether an application yields what a row wants."""
    if isinstance(wish, Free):
        return True
    out = entry.function(*(arguments[position] for position in range(entry.arity)))
    return any(agree(out, wanted) for wanted in wish)


def function_of(points: Points, row: int, fallback: object) -> object:
    """A function that gives the last acceptable result at each point, and elsewhere what another one does."""

    def f(*arguments: object) -> object:
        wanted = points.get((row, arguments))
        return wanted[-1] if wanted is not None else fallback(*arguments)  # type: ignore[operator]

    return f


@pytest.mark.parametrize("entry", INVERTED, ids=lambda entry: entry.name)
@settings(max_examples=15)
@given(seed=seeds)
def test_residuals_give_the_goal_back(entry: Primitive, seed: int) -> None:
    """Whatever the residuals of the holes accept, taken together, yields what was wanted on every row."""
    rng = Random(seed)
    drawn = drawn_rows(entry, rng)
    if drawn is None:
        return
    t, rows, outputs = drawn
    store = Store()
    for step in steps(entry):
        if any(isinstance(t.parameters[p], FunctionType) for p in step.given):
            continue
        several = len(step.holes) == 1
        wishes: list[Wish] = []
        for out in outputs:
            other = Drawer(CORE).draw(t.result, rng)
            accepts = (out, other) if several and rng.random() < 0.3 else (out,)
            wishes.append(rng.choice([Free.VALUE, Free.IDLE]) if rng.random() < 0.2 else accepts)
        known = {p: [row[p] for row in rows] for p in step.given}
        choices: list[list[dict[int, object]]] = [[{p: row[p] for p in step.given}] for row in rows]
        for position, _ in step.holes:
            part = t.parameters[position]
            if isinstance(part, FunctionType):
                points = function_residual(step, position, wishes, known, part)
                options = points and [[function_of(points, r, row[position])] for r, row in enumerate(rows)]
            else:
                goal = residual(step, position, wishes, known, part, store)
                options = goal and [
                    [rows[r][position]] if isinstance(wish, Free) else list(wish)
                    for r, wish in enumerate(goal.wishes(store))
                ]
            if not options:
                break
            for row, values in enumerate(options):
                choices[row] = [{**c, position: v} for c in choices[row] for v in values]
        else:
            for wish, arguments in zip(wishes, choices, strict=True):
                assert all(gives(entry, chosen, wish) for chosen in arguments)


@given(st.lists(st.integers(-3, 3), max_size=4).map(tuple), st.integers(-5, 5))
def test_residuals_accept_the_argument_that_was_taken_away(xs: tuple[int, ...], x: int) -> None:
    store = Store()
    step = the_step("list.concat", "xs")
    goal = residual(step, 1, [((*xs, x, x),)], {0: [xs]}, INTS, store)
    assert goal is not None
    assert goal.wishes(store) == (((x, x),),)
    step = the_step("int.square")
    goal = residual(step, 0, [(x * x, -1, 1)], {}, INT, store)
    assert goal is not None
    assert set(goal.wishes(store)[0]) == {x, -x, 1, -1}


def test_a_row_without_an_argument_refuses_the_goal() -> None:
    step = the_step("list.concat", "xs")
    wishes = [((1, 2),), ((1, 2),)]
    assert residual(step, 1, wishes, {0: [(1,), (2,)]}, INTS, Store()) is None
    assert residual(step, 1, wishes, {0: [(1,), NO_VALUE]}, INTS, Store()) is None
    goal = residual(step, 1, [wishes[0], Free.IDLE], {0: [(1,), NO_VALUE]}, INTS, store := Store())
    assert goal is not None
    assert goal.wishes(store) == (((2,),), Free.IDLE)
    assert residual(step, 1, [wishes[0], Free.VALUE], {0: [(1,), NO_VALUE]}, INTS, Store()) is None


def test_too_many_arguments_refuse_the_goal_and_are_not_cut() -> None:
    step = the_step("int.divide", "y")
    most = residual(step, 0, [(3,)], {1: [MOST_PREIMAGES]}, INT, store := Store())
    assert most is not None
    assert len(most.cells) == MOST_PREIMAGES
    assert residual(step, 0, [(3,)], {1: [MOST_PREIMAGES + 1]}, INT, store) is None
    assert residual(step, 0, [(3, 4)], {1: [MOST_PREIMAGES]}, INT, store) is None


def test_what_the_language_does_not_have_is_no_argument() -> None:
    step = the_step("int.add", "y")
    assert residual(step, 0, [(2**63 - 1,)], {1: [-1]}, INT, Store()) is None


def test_the_branch_not_taken_is_idle() -> None:
    step = the_step("control.if", "condition")
    wishes: list[Wish] = [(1,), (2,), Free.VALUE, Free.VALUE]
    condition = {0: [True, False, True, False]}
    store = Store()
    then, otherwise = (residual(step, p, wishes, condition, INT, store) for p in (1, 2))
    assert then is not None
    assert otherwise is not None
    assert then.wishes(store) == ((1,), Free.IDLE, Free.VALUE, Free.IDLE)
    assert otherwise.wishes(store) == (Free.IDLE, (2,), Free.IDLE, Free.VALUE)


def test_the_condition_is_asked_of_both_branches() -> None:
    step = the_step("control.if", "then", "otherwise")
    branches = {1: [5, 5, 5], 2: [6, 6, 5]}
    goal = residual(step, 0, [(5,), (6,), (5,)], branches, BOOL, store := Store())
    assert goal is not None
    assert goal.wishes(store)[:2] == ((True,), (False,))
    assert set(goal.wishes(store)[2]) == {True, False}
    assert residual(step, 0, [(5,), (7,), (5,)], branches, BOOL, store) is None


def test_the_second_argument_of_and_is_idle_where_the_first_does_not_hold() -> None:
    store = Store()
    goal = residual(the_step("bool.and", "x"), 1, [(True,), (False,), (False,)], {0: [True, True, False]}, BOOL, store)
    assert goal is not None
    assert goal.wishes(store) == ((True,), (False,), Free.IDLE)
    goal = residual(the_step("bool.and", "y"), 0, [(True,), (False,), (False,)], {1: [True, True, False]}, BOOL, store)
    assert goal is not None
    assert goal.wishes(store) == ((True,), (False,), Free.VALUE)


def test_the_points_of_a_function() -> None:
    t = FunctionType((INT,), INT)
    step = the_step("list.map", "xs")
    points = function_residual(step, 0, [((2, 4),), Free.VALUE, ((),)], {1: [(1, 2), (9,), ()]}, t)
    assert points == {(0, (1,)): (2,), (0, (2,)): (4,)}
    assert function_residual(step, 0, [((2, 4),)], {1: [(1, 1)]}, t) is None
    # One of two outputs has a function; two have one each, which differ at one point, or at two.
    assert function_residual(step, 0, [((2,), (4, 4))], {1: [(1, 1)]}, t) == {(0, (1,)): (4,)}
    assert function_residual(step, 0, [((2, 5), (2, 6))], {1: [(1, 2)]}, t) == {(0, (1,)): (2,), (0, (2,)): (5, 6)}
    assert function_residual(step, 0, [((2, 5), (3, 6))], {1: [(1, 2)]}, t) is None


def test_an_inverse_that_raises_what_it_should_not_has_no_answer() -> None:
    @primitive
    def twice(x: int) -> int:
        """Twice the number."""
        return 2 * x

    @twice.inverse("x")
    def _(out: int) -> int:
        return {2: 1}[out]

    (step,) = steps(primitive_of(twice))
    assert residual(step, 0, [(2,)], {}, INT, Store()) is not None
    assert residual(step, 0, [(4,)], {}, INT, Store()) is None


def test_steps_find_all_arguments_from_those_given() -> None:
    def shapes(name: str) -> set[tuple[str, ...]]:
        entry = CORE[name]
        assert isinstance(entry, Primitive)
        assert all(len(s.given) + len(s.holes) == entry.arity for s in steps(entry))
        return {tuple(entry.parameters[p] for p in s.given) for s in steps(entry)}

    assert shapes("list.cons") == {()}
    assert shapes("list.concat") == {("xs",), ("ys",)}
    assert shapes("control.if") == {("condition",), ("then", "otherwise")}
    assert shapes("list.head") == set()
