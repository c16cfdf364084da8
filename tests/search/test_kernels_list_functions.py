"""Kernels of words that take a function, against the words' Python functions given the interpreted lambda."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from bodies import (
    CAPTURES,
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

from dsl.primitive import Primitive
from dsl.primitives import CORE
from dsl.program import Literal, Name, Variable
from dsl.type_system import BOOL, INT, REAL, TEXT, FunctionType, Type, TypeConstructor, list_of
from dsl.values import Cause, Failure, TooLarge, Undefined
from synth.search.kernels.convention import DEFINED, NESTED_ROOM, OUTSIDE, UNDEFINED, Status
from synth.search.kernels.list_functions import KERNELS, kernel_for
from synth.search.store import Store

GUARD = -123_456_789
"""What stands in a kernel's buffers, and behind them, to see that it stays there."""
ITEMS = (INT, BOOL, REAL, list_of(INT))
FEW, MANY = 3, 64
"""Longest results allowed: some are too long, none is."""


@dataclass(frozen=True)
class Call:
    """Entries for one kernel: functions, the other arguments, the outer row of each, and what the table knows."""

    word: str
    kind: FunctionType
    functions: Functions
    numbers: tuple[int, ...]
    arguments: tuple[tuple[Any, ...], ...]
    rows: tuple[int, ...]
    most: int
    universe: Universe
    bodies_known: bool = True


# ---- Drawing --------------------------------------------------------------------------------------------------------


def kinds_of(word: str) -> list[FunctionType]:
    """Types at which the word has a kernel, plain ones."""
    return [k for k in instances(word) if kernel_for(word, k.parameters) and set(_types(k.parameters[0])) <= set(ITEMS)]


def _types(t: Type) -> tuple[Type, ...]:
    assert isinstance(t, FunctionType)
    return (*t.parameters, t.result)


def argument(word: str, t: Type) -> st.SearchStrategy[Any]:
    if word == "list.iterate" and t == INT:
        return st.integers(-2, 6) | st.just(10_001)
    if isinstance(t, TypeConstructor) and t.name == "list":  # of every length as often
        return st.sampled_from(range(9)).flatmap(lambda n: st.tuples(*[values(t.arguments[0])] * n))
    return values(t)


@st.composite
def calls(draw: Draw, word: str) -> Call:
    """A few entries; the universe has all, some or none of the arguments that they ask about, and a few others."""
    kind = draw(st.sampled_from(kinds_of(word)))
    *parameters, result = _types(kind.parameters[0])
    scope = {**dict(zip("xy", parameters, strict=False)), **CAPTURES}
    drawn = draw(st.lists(bodies(result, scope, draw(st.integers(0, 3))), min_size=1, max_size=2))
    functions = Functions(tuple(drawn), tuple(parameters), (draw(captures()), draw(captures())))
    entry = st.tuples(*(argument(word, t) for t in kind.parameters[1:]))
    arguments = tuple(draw(st.lists(entry, min_size=1, max_size=4)))
    numbers = tuple(draw(st.integers(0, len(drawn) - 1)) for _ in arguments)
    rows = tuple(draw(st.integers(0, 1)) for _ in arguments)
    call = Call(word, kind, functions, numbers, arguments, rows, draw(st.sampled_from((FEW, MANY))), {})
    asked: dict[int, list[tuple[object, ...]]] = {0: [], 1: []}
    for i, row in enumerate(rows):
        expected(call, i, Store(), asked[row])
    share = draw(st.sampled_from((st.just(True), st.booleans(), st.just(False))))
    others = st.lists(st.tuples(*map(values, parameters)), max_size=2)
    universe = {row: (*draw(others), *(a for a in asked[row] if draw(share))) for row in asked}
    return replace(call, universe=universe, bodies_known=draw(st.integers(0, 2)) > 0)


# ---- The two ways ---------------------------------------------------------------------------------------------------


def expected(call: Call, i: int, store: Store, asked: list[tuple[object, ...]] | None = None) -> tuple[int, int]:
    """The cell of an entry's result and its status, by the word's Python function; what that asks is noted."""

    def encoded(arguments: tuple[object, ...]) -> tuple[int, ...]:
        return tuple(map(store.encode, arguments, call.functions.parameters))

    known = set(map(encoded, call.universe.get(call.rows[i], ())))

    def function(*arguments: object) -> object:
        if asked is not None:
            asked.append(arguments)
        if not call.bodies_known and encoded(arguments) not in known:
            raise Asked
        outcome = call.functions.run(call.numbers[i], call.rows[i], arguments)
        if isinstance(outcome, Failure):
            raise Undefined
        return outcome

    word = CORE[call.word]
    assert isinstance(word, Primitive)

    def ask() -> object:
        try:
            result = word.function(function, *call.arguments[i])
        except (Undefined, TooLarge):
            return Failure(Cause.UNDEFINED)
        return Failure(Cause.TOO_LARGE) if _too_long(result, call) else result

    return outcome_of(ask, call.kind.result, store)


def _too_long(result: Any, call: Call) -> bool:
    shape = KERNELS[call.word].result
    if shape == "cell" or not isinstance(result, tuple):
        return False
    inner = list(map(len, result)) if shape == "nested" else []
    return max(len(result), *inner, 0) > call.most or sum(inner) > NESTED_ROOM * call.most


def found(call: Call, store: Store) -> list[tuple[int, int]]:
    """The cells and statuses that the kernel gives; before each entry stands one that is undefined already."""
    entries = 2 * len(call.rows)
    columns = [np.full(entries, GUARD, dtype=np.int64) for _ in call.kind.parameters]
    columns[0][1::2] = call.numbers
    for i, drawn in enumerate(call.arguments):
        for column, value, t in zip(columns[1:], drawn, call.kind.parameters[1:], strict=True):
            column[2 * i + 1] = store.encode(value, t)
    table = table_of(call.functions, store, call.universe, call.bodies_known)
    rows = np.repeat(np.array(call.rows, dtype=np.int64), 2)
    status = np.arange(entries, dtype=np.uint8) % 2
    cells = _run(call, (*columns, table, rows, store.lists), status, store)
    assert not status[::2].any()
    return list(zip(cells[1::2].tolist(), status[1::2].tolist(), strict=True))


def _run(call: Call, arguments: tuple[Any, ...], status: Status, store: Store) -> Any:
    """Call the kernel with buffers of just the promised size; the cells of the results."""
    kernel, entries, most = KERNELS[call.word], len(status), call.most
    sizes = {
        "cell": (entries,),
        "list": (most * entries, entries),
        "nested": (NESTED_ROOM * most * entries, most * entries, entries),
    }[kernel.result]
    whole = [np.full(size + 50, GUARD, dtype=np.int64) for size in sizes]
    buffers = [array[:-50] for array in whole]
    kernel.loop(*arguments, status, *([] if kernel.result == "cell" else [most]), *buffers)
    assert all((array[-50:] == GUARD).all() for array in whole)
    if kernel.result == "cell":
        return buffers[0]
    assert not np.diff(buffers[-1], prepend=0)[status != DEFINED].any(), "only defined entries have cells"
    intern = store.intern if kernel.result == "list" else store.intern_nested
    return intern(*buffers, status)


# ---- Laws -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", KERNELS)
def test_a_kernel_is_its_word(word: str) -> None:
    @settings(max_examples=60)
    @given(calls(word))
    def check(call: Call) -> None:
        store = Store()
        wanted = [expected(call, i, store) for i in range(len(call.rows))]
        for (cell, status), (right, known) in zip(found(call, store), wanted, strict=True):
            # What will be too long in any case need not be asked about to the end.
            assert status == known or (call.most == FEW and (status, known) == (UNDEFINED, OUTSIDE))
            assert status != DEFINED or cell == right

    check()


def plain(word: str, body: Body, *arguments: tuple[object, ...], t: FunctionType, most: int = MANY) -> Call:
    """A call of one function without captures."""
    function = t.parameters[0]
    assert isinstance(function, FunctionType)
    functions = Functions((body,), function.parameters, ({},))
    return Call(word, t, functions, (0,) * len(arguments), arguments, (0,) * len(arguments), most, {})


X, Y = Body(Variable("x"), INT), Body(Variable("y"), INT)
INTS = list_of(INT)
TO_INT = FunctionType((INT,), INT)


def test_a_fold_runs_on_what_no_table_knows() -> None:
    add = Body(Name("int.add"), INT, (X, Y))
    t = FunctionType((FunctionType((INT, INT), INT), INT, INTS), INT)
    call = plain("list.fold", add, (10, (1, 2, 3)), (2**62, (2**62, 1)), (2**62, (-1, 2**62, 0)), t=t)
    assert found(call, Store()) == [(16, DEFINED), (0, UNDEFINED), (2**63 - 1, DEFINED)]


@pytest.mark.parametrize("word", ["list.sort_by", "list.gather_by", "list.group_by", "list.argmax", "list.argmin"])
def test_many_items_with_few_keys(word: str) -> None:
    """Sorting is stable, groups are in order of first occurrence, and of equal extremes the first one counts."""
    rest = Body(Name("int.modulo"), INT, (X, Body(Literal(7), INT)))
    result = {"list.sort_by": INTS, "list.argmax": INT, "list.argmin": INT}.get(word, list_of(INTS))
    items = (*range(40, 0, -1), 3, 3, 10, 3, 4, 11)
    call = plain(word, rest, (items,), (items[:1],), (items[:5],), t=FunctionType((TO_INT, INTS), result))
    store = Store()
    assert found(call, store) == [expected(call, i, store) for i in range(3)]
    assert expected(call, 0, store)[1] == DEFINED


@pytest.mark.parametrize(("length", "status"), [(FEW, DEFINED), (FEW + 1, UNDEFINED)])
def test_a_group_longer_than_allowed_is_undefined(length: int, status: int) -> None:
    t = FunctionType((TO_INT, INTS), list_of(INTS))
    for word in ("list.group_by", "list.gather_by"):
        same, different = (5,) * length, tuple(range(length))
        call = plain(word, X, (same,), (different,), t=t, most=FEW)
        assert [s for _, s in found(call, Store())] == [status, status]


def test_a_call_that_is_not_needed_is_not_made() -> None:
    """The second item is unknown to the function, and any, find and their like have stopped before it."""
    known = Body(Name("order.eq"), BOOL, (X, Body(Literal(1), INT)))
    body = Body(Name("bool.or"), BOOL, (known, Body(Name("unknown"), BOOL)))
    t = FunctionType((FunctionType((INT,), BOOL), INTS), INT)
    for word, status in (("list.any", DEFINED), ("list.find_index", DEFINED), ("list.count", OUTSIDE)):
        ((_, found_status),) = found(plain(word, body, ((1, 2),), t=t), Store())
        assert found_status == status


def test_keys_without_the_order_of_their_cells_have_no_kernel() -> None:
    for word in ("list.sort_by", "list.argmax", "list.argmin"):
        assert kernel_for(word, (FunctionType((TEXT,), INT), list_of(TEXT))) is not None
        assert kernel_for(word, (FunctionType((INT,), TEXT), INTS)) is None
        assert kernel_for(word, (FunctionType((INT,), INTS), INTS)) is None


def test_every_word_with_a_function_has_a_kernel_but_unfold_and_fix() -> None:
    higher = {
        e.name for e in CORE if isinstance(e.type, FunctionType) and isinstance(e.type.parameters[0], FunctionType)
    }
    assert higher - set(KERNELS) == {"control.fix", "list.unfold"}
    assert all(kernel.takes_function for kernel in KERNELS.values())
