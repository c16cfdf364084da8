"""Next to nothing, done once with all compiled parts of the search, so that they are in memory before time counts."""

from __future__ import annotations

import numpy as np

from dsl.type_system import INT, list_of
from synth.search.bank import Bank
from synth.search.cases import case_problem, learn_cases
from synth.search.column import Block, Fresh, block_of
from synth.search.goals import goal_of, matches
from synth.search.kernels.calls import distinct_rows
from synth.search.kernels.columns import agrees
from synth.search.kernels.goals import hash_columns
from synth.search.kernels.machine import fill_slots
from synth.search.store import Store
from synth.search.tuples import argument_tuples

__all__ = ["rehearse_cases", "rehearse_goals", "rehearse_search"]


def rehearse_search() -> None:
    """What every search runs: storing values, hashing columns, finding classes, filling tuples."""
    store, none = Store(), np.zeros((1, 0), dtype=np.int32)
    status, one, ones = np.ones((1, 1), dtype=np.uint8), np.ones(1), np.ones(1, dtype=np.int64)
    numbers, lists = Bank(INT, 1, store), Bank(list_of(INT), 1, store)
    for bank in (numbers, lists):
        bank.arities.append(0)
        bank.open_level(1)
    numbers.add(Block(np.zeros((1, 1), dtype=np.int64), status), 0, none, one, 1)
    lists.add(block_of([(1, 2)], list_of(INT), store), 0, none, one, 1)
    lists.add(Fresh(ones, ones, status), 0, none, one, 1)
    list(argument_tuples([numbers, lists], 2, False, 4))
    agrees(ones, ones, status[0], ones)
    distinct_rows(numbers.cells[:1], status[0], np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    fill_slots(np.zeros(1, dtype=np.int64), np.zeros((1, 1), dtype=np.int64), 1, np.full(4, -1, dtype=np.int32))


def rehearse_goals() -> None:
    """What the search backwards runs."""
    goal = goal_of([(1,), (1, 2)], INT, Store())
    cells, status = np.ones((1, 2), dtype=np.int64), np.ones((1, 2), dtype=np.uint8)
    matches(goal, cells, status)
    hash_columns(cells, status, np.empty(1, dtype=np.uint64))


def rehearse_cases() -> None:
    """What the learner of case splits runs: both its exact and its greedy part."""
    rng = np.random.default_rng(0)
    bits = np.arange(1.0, 13.0)
    for terms in (np.eye(8, dtype=np.bool_), rng.random((12, 8)) < 0.4):
        holds = rng.random((12, 8)) < 0.5
        learn_cases(
            case_problem(terms, bits[: len(terms)], holds, np.ones_like(holds), bits, branch_bits=1.0), limit=2_000
        )
