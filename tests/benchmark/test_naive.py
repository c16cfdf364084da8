"""The naive enumerator is a fair contestant: it searches what we search, and finds programs of the same cost."""

from __future__ import annotations

import random

import pytest
from specs import EVENS, INCREMENT, INTS, KEEP_GREATER, NOTHING_SIMPLE, REVERSE, RUNNING_SUM, spec_of

from dsl.interpreter import run
from dsl.primitives import CORE
from dsl.program import Lambda
from dsl.type_system import BOOL, INT, REAL, list_of, option_of
from dsl.values import Failure, Some, agree, size_of
from synth.benchmark.naive import _UNDEFINED, Naive, _search_for, columns_of
from synth.benchmark.workloads import boxed_domain, boxed_lists, dense_columns, list_columns
from synth.budget import Budget, StopReason
from synth.search.enumerate import Enumerate
from synth.search.schedule import TOP
from tasks.task import Spec

SOLVABLE = [
    REVERSE,
    EVENS,
    INCREMENT,
    KEEP_GREATER,
    RUNNING_SUM,
    spec_of(((4, 2, 9), 9), ((5, 7), 7), ((3,), 3), result=INT),
    spec_of((((4, 5, 6), 2), (4, 5)), (((9, 8), 1), (9,)), types=(INTS, INT)),
    spec_of((3.0, 9.0), (-1.5, 2.25), types=(REAL,), result=REAL),
]
LISTS = ((3, 1, 2), (), (5, 5, -7, 0), (9,))
UNSOLVABLE = {
    "lists": spec_of(*zip(LISTS, ((91, 17), (48,), (), (66, 3, 29)), strict=True)),
    "bool result": spec_of(*zip(LISTS, (True, False, True, False), strict=True), result=BOOL),
    "numbers near the limit": spec_of(
        *zip((2**63 - 1, -(2**63), 0, 2**31), (37, 91, 44, 71), strict=True), types=(INT,), result=INT
    ),
    "a query": spec_of(((3, 1), (91,)), ((), (48,)), queries=(((8, 8),),)),
    "lists of lists": spec_of(
        *zip(((xs, (1,)) for xs in LISTS), ((91, 17), (48,), (), (6,)), strict=True), types=(list_of(INTS),)
    ),
}


@pytest.mark.parametrize("spec", SOLVABLE, ids=range(len(SOLVABLE)))
def test_it_finds_programs_of_the_cost_that_plain_enumeration_finds(spec: Spec) -> None:
    naive = Naive().solve(spec, Budget(evaluations=200_000), rng=random.Random(0))
    assert naive.stop is StopReason.SOLVED
    assert naive.program is not None
    for example in spec.examples:
        assert agree(run(naive.program, example.arguments, spec.library), example.output)
    plain = Enumerate().solve(spec, Budget(evaluations=150_000), rng=random.Random(0))
    if plain.stop is StopReason.SOLVED:
        assert naive.bits == plain.bits
        assert naive.evaluations <= 1.2 * plain.evaluations


@pytest.mark.parametrize("name", UNSOLVABLE)
def test_every_column_is_what_the_interpreter_says(name: str) -> None:
    spec = UNSOLVABLE[name]
    search = _search_for(spec, Budget(evaluations=4_000).start())
    search.run()
    inputs = [*(e.arguments for e in spec.examples), *spec.queries]
    checked = 0
    for (place, _), pools in search.pools.items():
        if place[0] != TOP:
            continue
        for made in (made for pool in pools for made in pool.classes):
            program = Lambda(spec.parameters, search._program(TOP, made))
            for arguments, cell in zip(inputs, made[0], strict=True):
                outcome = run(program, arguments, spec.library)
                if cell is _UNDEFINED:
                    assert isinstance(outcome, Failure) or size_of(outcome) > 64, program
                else:
                    assert agree(outcome, cell), (program, arguments)
                checked += 1
    assert checked > 100


def test_columns_are_told_apart() -> None:
    columns = columns_of(list_columns(), INTS, 5_000)
    assert len(columns) == len(set(columns)) > 300
    assert columns[0] == tuple(e.arguments[0] for e in list_columns().examples)


@pytest.mark.parametrize("evaluations", [1, 255, 500, 1_001])
def test_budgets_are_met_exactly(evaluations: int) -> None:
    answer = Naive().solve(NOTHING_SIMPLE, Budget(evaluations=evaluations), rng=random.Random(0))
    assert (answer.stop, answer.evaluations) == (StopReason.EVALUATIONS, evaluations)


def test_what_nobody_can_solve() -> None:
    clash = spec_of(((1,), (1,)), ((1,), (2,)))
    assert Naive().solve(clash, Budget(evaluations=10), rng=random.Random(0)).stop is StopReason.CONTRADICTORY
    lone = spec_of((1, Some(1)), types=(INT,), result=option_of(INT), library=CORE.only(["int.add"]))
    assert Naive().solve(lone, Budget(evaluations=10), rng=random.Random(0)).stop is StopReason.UNREACHABLE


@pytest.mark.parametrize("make", [list_columns, dense_columns, boxed_lists, boxed_domain])
def test_no_program_of_a_workload_ends_the_measurement(make: object) -> None:
    assert callable(make)
    answer = Naive().solve(make(), Budget(evaluations=20_000), rng=random.Random(0))
    assert answer.stop is StopReason.EVALUATIONS
