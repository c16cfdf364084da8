"""Tasks of many searches: the same on every number of processes, whose searches know of those before them."""

from __future__ import annotations

import itertools
import multiprocessing
import os
from collections import Counter
from dataclasses import replace

import pytest

from dsl.errors import InterfaceError
from dsl.library import Library
from dsl.primitives import CORE
from dsl.program import names
from synth.guide import making
from synth.guide.corpus import TrainingTask
from synth.guide.making import Found, Order, make_tasks, search_for_tasks, searches
from synth.workload import read_library

SMALL = Order("", 1_500, 20, 20)
OTHERS = [replace(SMALL, seed=f"other {n}") for n in range(5)]


def taken(jobs: int, count: int, seed: int = 1) -> list[TrainingTask]:
    return list(itertools.islice(make_tasks(read_library, seed, jobs, SMALL), count))


def test_processes_make_the_same_tasks_in_the_same_order() -> None:
    alone = list(searches(read_library, OTHERS, 1))
    assert list(searches(read_library, OTHERS, 2)) == alone
    assert [found.tasks for found in alone] == [search_for_tasks(CORE, order).tasks for order in OTHERS]
    assert len({str(found.tasks) for found in alone}) == len(OTHERS)


def test_tasks_hang_on_the_seed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "_FIRST_ROUND", 2)  # so that there are more rounds than one
    tasks = taken(1, 150)
    assert taken(2, 150) == tasks
    assert taken(1, 20, seed=2) != tasks[:20]


def test_a_search_says_how_often_it_came_by_words() -> None:
    before = Counter({"list.map": 5, "list.sum": 1})
    found = search_for_tasks(CORE, replace(SMALL, seed="a", seen=before, roots=before))
    assert found.seen == Counter(name for task in found.tasks for name in set(names(task.program)))
    assert sum(found.roots.values()) <= len(found.tasks)


def test_later_rounds_are_told_what_earlier_ones_have_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "_FIRST_ROUND", 2)
    told: list[Order] = []
    task = search_for_tasks(CORE, OTHERS[0]).tasks[0]

    def remembered(library: Library, order: Order) -> Found:
        told.append(order)
        return Found((task,), Counter({order.seed: 1}), Counter({"root": 1}))

    monkeypatch.setattr(making, "search_for_tasks", remembered)
    assert taken(1, 8, seed=7) == [task] * 8
    assert [order.seed for order in told] == [f"7 search {n}" for n in range(8)]
    assert [sum(order.seen.values()) for order in told] == [0, 0, 2, 2, 4, 4, 4, 4]
    assert [order.roots["root"] for order in told] == [0, 0, 2, 2, 4, 4, 4, 4]
    assert told[-1].seen == Counter(f"7 search {n}" for n in range(4))
    assert {(order.evaluations, order.from_banks, order.deeper) for order in told} == {(1_500, 20, 20)}


def test_nobody_goes_on_when_enough_tasks_are_there() -> None:
    assert len(taken(2, 3)) == 3
    assert multiprocessing.active_children() == []


def dying() -> Library:
    """Words that end a process that was started for them."""
    if multiprocessing.parent_process() is not None:
        os._exit(7)
    return CORE


def test_a_process_that_ends_is_told() -> None:
    with pytest.raises(InterfaceError, match="the tasks of search 1, found that its process ended with code 7"):
        list(searches(dying, OTHERS[:1], 2))
    assert multiprocessing.active_children() == []
