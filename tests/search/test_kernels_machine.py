"""The machine against the interpreter: single words, whole bodies, and what tables know."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from bodies import (
    CAPTURES,
    GROUND,
    Asked,
    Body,
    Draw,
    Functions,
    Universe,
    bodies,
    captures,
    instances,
    outcome_of,
    table_of,
    values,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.primitives import CORE
from dsl.program import Literal, Name, Variable
from dsl.type_system import BOOL, INT, REAL, TEXT, FunctionType, Type, list_of, type_variables
from synth.search.kernels.convention import DEFINED, OUTSIDE, UNDEFINED
from synth.search.kernels.machine import FRAME, call1, call2, evaluate, fill_slots
from synth.search.kernels.operations import OPERATIONS, UNKNOWN, operation_of
from synth.search.store import Store

ORDERED = (INT, BOOL, REAL, list_of(INT), list_of(BOOL), list_of(REAL))
"""Types whose cells, or whose items' cells, are in the order of the values."""


def known_kinds(word: str) -> list[FunctionType]:
    return [kind for kind in instances(word) if operation_of(word, kind.parameters, kind.result) != UNKNOWN]


@pytest.mark.parametrize("word", OPERATIONS)
def test_a_word_is_its_python_function(word: str) -> None:
    @given(st.data())
    def check(data: st.DataObject) -> None:
        kind = data.draw(st.sampled_from(known_kinds(word)))
        store = Store()
        parts = tuple(Body(Literal(data.draw(values(t))), t) for t in kind.parameters)
        functions = Functions((Body(Name(word), kind.result, parts),), (INT,), ({},))
        table = table_of(functions, store)
        expected = outcome_of(partial(functions.run, 0, 0, (0,)), kind.result, store)
        assert evaluate(table, int(table.node[0]), 0, 0, 0, store.lists) == expected

    check()


def test_words_are_known_except_where_the_order_of_values_is_not_that_of_cells() -> None:
    for word, code in OPERATIONS.items():
        declared = CORE[word].type
        by_order = any(v.constraint == "ordered" for v in type_variables(declared))
        for kind in instances(word):
            right = not by_order or kind.parameters[0] in (ORDERED if "list" in word else ORDERED[:3])
            assert operation_of(word, kind.parameters, kind.result) == (code if right else UNKNOWN), (word, kind)


def test_what_makes_a_sequence_or_a_function_is_not_known() -> None:
    function = FunctionType((INT,), INT)
    assert operation_of("list.reverse", (list_of(INT),), list_of(INT)) == UNKNOWN
    assert operation_of("control.if", (BOOL, function, function), function) == UNKNOWN
    assert operation_of("order.lt", (TEXT, TEXT), BOOL) == UNKNOWN
    assert operation_of("order.eq", (TEXT, TEXT), BOOL) == OPERATIONS["order.eq"]


@st.composite
def functions_of(draw: Draw, parameters: tuple[Type, ...], unknowns: bool = True) -> Functions:
    """One to three bodies of one type, and two outer rows."""
    scope = {**dict(zip("xy", parameters, strict=False)), **CAPTURES}
    result = draw(st.sampled_from(GROUND))
    drawn = draw(st.lists(bodies(result, scope, draw(st.integers(0, 4)), unknowns), min_size=1, max_size=3))
    return Functions(tuple(drawn), parameters, tuple(draw(st.lists(captures(), min_size=2, max_size=2))))


@given(st.data())
def test_a_body_runs_as_the_interpreter_runs_it(data: st.DataObject) -> None:
    """Overflow, undefined values and untaken branches included; where it meets something unknown, it says so."""
    parameters = data.draw(st.sampled_from([(INT, INT), (INT, BOOL), (list_of(INT), INT), (REAL, REAL)]))
    functions, store = data.draw(functions_of(parameters)), Store()
    table = table_of(functions, store)
    for number, body in enumerate(functions.bodies):
        row, given_ = data.draw(st.integers(0, 1)), [data.draw(values(t)) for t in parameters]
        a, b = (store.encode(v, t) for v, t in zip(given_, parameters, strict=True))
        found = evaluate(table, int(table.node[number]), row, a, b, store.lists)
        expected = outcome_of(partial(functions.run, number, row, given_), body.type, store)
        assert found[1] == expected[1]
        assert found[1] != DEFINED or found[0] == expected[0]


def test_a_body_deeper_than_the_stack_is_not_run() -> None:
    body = Body(Variable("x"), INT)
    for _ in range(3):
        body = Body(Name("int.add"), INT, (body, Body(Literal(1), INT)))
    table = table_of(Functions((body,), (INT,), ({},)), store := Store())
    enough, short = np.zeros(3 * FRAME, dtype=np.int64), np.zeros(3 * FRAME - 1, dtype=np.int64)
    assert call1(table._replace(stack=enough), 0, 0, 5, store.lists) == (8, DEFINED)
    assert call1(table._replace(stack=short), 0, 0, 5, store.lists) == (0, OUTSIDE)


@settings(max_examples=40)
@given(st.data())
def test_a_call_is_right_whatever_the_table_knows(data: st.DataObject) -> None:
    """Arguments in the universe come from the table, others from the body; without it, they are outside."""
    parameters = data.draw(st.sampled_from([(INT,), (list_of(INT),), (INT, INT), (INT, list_of(INT))]))
    functions, store = data.draw(functions_of(parameters)), Store()
    tuples = st.tuples(*map(values, parameters))
    universe: Universe = {row: data.draw(st.lists(tuples, max_size=6)) for row in (0, 1)}
    whole = table_of(functions, store, universe)
    bare = table_of(functions, store, universe, bodies_known=False)
    for row in (0, 1):
        for arguments in (*universe[row], *universe[1 - row], data.draw(tuples)):
            for number, body in enumerate(functions.bodies):
                expected = outcome_of(partial(functions.run, number, row, arguments), body.type, store)
                cells = [store.encode(v, t) for v, t in zip(arguments, parameters, strict=True)]
                call = call1 if len(cells) == 1 else call2
                assert same(call(whole, number, row, *cells, store.lists), expected)
                within = arguments in universe[row]
                assert same(call(bare, number, row, *cells, store.lists), expected if within else (0, OUTSIDE))


def same(found: tuple[int, int], expected: tuple[int, int]) -> bool:
    return found[1] == expected[1] and (found[1] != DEFINED or found[0] == expected[0])


def test_a_table_is_believed() -> None:
    """Nothing is run that the table knows: its cells here are not what the body would give."""
    functions = Functions((Body(Variable("x"), INT),), (INT,), ({},))
    table = table_of(functions, store := Store(), {0: [(1,), (2,)]})
    table.cells[0, :2], table.status[0, :2] = (7, 8), (DEFINED, UNDEFINED)
    assert [call1(table, 0, 0, a, store.lists) for a in (1, 3)] == [(7, DEFINED), (3, DEFINED)]
    assert call1(table, 0, 0, 2, store.lists)[1] == UNDEFINED


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-2, 2), st.integers(0, 1)), max_size=30), st.integers(1, 2))
def test_slots_find_the_first_row_with_a_key(rows: list[tuple[int, int, int]], arity: int) -> None:
    owner = np.array([row[0] for row in rows], dtype=np.int64)
    arguments = np.array([row[1 : 1 + arity] for row in rows], dtype=np.int64).reshape(len(rows), arity)
    slots = np.full(1 << len(rows).bit_length(), -1, dtype=np.int32)
    fill_slots(owner, arguments, len(rows), slots)
    first: dict[Any, int] = {}
    for number, row in enumerate(rows):
        first.setdefault(row[: 1 + arity], number)
    assert sorted(slots[slots >= 0].tolist()) == sorted(first.values())


def test_the_interpreter_stops_at_what_is_unknown() -> None:
    functions = Functions((Body(Name("unknown"), INT),), (INT,), ({},))
    with pytest.raises(Asked):
        functions.run(0, 0, (1,))
