"""The oracle guide knows a solution, and says its words and its form."""

from __future__ import annotations

import pytest

from dsl.errors import DslError
from dsl.forms import has_form
from dsl.program import Lambda, Name, holes, walk
from synth import load_tasks
from synth.benchmark.oracle import CONTESTANTS, OracleLine, oracle_lines, summaries
from synth.budget import Budget
from synth.guide.oracle import oracle_guidance
from synth.pcfg import spec_pcfg
from synth.workload import Item
from tasks.suite import BrokenTask
from tasks.task import Task

TASKS = [t for t in load_tasks("lists") if isinstance(t, Task)]


def solution_of(task: Task) -> Lambda:
    assert isinstance(task.solution, Lambda)
    return task.solution


@pytest.mark.parametrize("task", TASKS[::7], ids=lambda task: task.name)
def test_the_solution_has_the_form_that_the_oracle_says(task: Task) -> None:
    for sketch, probability in oracle_guidance(task.spec, solution_of(task)).sketches:
        assert 0 < probability <= 1
        assert has_form(solution_of(task), sketch)
        (hole,) = holes(sketch.body)
        assert 1 <= solution_of(task).body.size - sketch.body.size + hole.size <= 5


@pytest.mark.parametrize("task", TASKS[::7], ids=lambda task: task.name)
def test_what_the_solution_is_made_of_becomes_cheaper_than_all_else(task: Task) -> None:
    pcfg, leaves = spec_pcfg(task.spec)
    bits = oracle_guidance(task.spec, solution_of(task), sketch=False).bits
    assert set(bits) == {p.key for p in (*pcfg.grammar, *leaves)}
    weights = {p.key: p.weight * 2.0 ** -bits[p.key] for p in pcfg.grammar}
    words = {node.name for node in walk(solution_of(task)) if isinstance(node, Name)}
    assert {key for key, weight in weights.items() if weight > 0.5} == words & set(weights)
    assert all(weight < 0.1 for key, weight in weights.items() if key not in words)


def test_either_half_can_be_left_out() -> None:
    task = TASKS[0]
    assert not oracle_guidance(task.spec, solution_of(task), bits=False).bits
    assert not oracle_guidance(task.spec, solution_of(task), sketch=False).sketches


def test_guidance_costs_no_more_than_twice_and_a_block_and_saves_on_the_whole() -> None:
    items = [Item(t.name, t) for t in TASKS[20:60:8]]
    lines = list(oracle_lines(items, Budget(evaluations=60_000)))
    for line in lines:
        assert line.solution == "task"
        for guided in line.guided.values():
            if line.unguided is not None and 2 * line.unguided + 40_000 < 60_000:
                assert guided is not None
                assert guided <= 2 * line.unguided + 40_000
    both = summaries(lines)[CONTESTANTS.index("both")]
    assert sum(saving >= 1 for saving in both.savings) > len(both.savings) / 2


def test_tasks_without_a_known_solution_are_left_out() -> None:
    lines = [
        OracleLine("a", None, None, dict.fromkeys(CONTESTANTS)),
        OracleLine("b", "search", 100, {"bits": 50, "sketch": None, "both": 10}),
    ]
    bits, sketch, both = summaries(lines)
    assert [(s.tasks, s.solved, s.unguided_solved) for s in (bits, sketch, both)] == [(1, 1, 1), (1, 0, 1), (1, 1, 1)]
    assert (bits.savings, sketch.savings, both.savings) == ((2.0,), (), (10.0,))
    assert sketch.row()[-1] == "-"


def test_a_task_that_cannot_be_read_is_no_line() -> None:
    broken = BrokenTask("bad", DslError("expected a task, found none"))
    assert list(oracle_lines([Item("bad", broken)], Budget(evaluations=10))) == []
