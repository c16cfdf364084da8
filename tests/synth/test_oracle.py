"""The oracle guide knows a solution, and says its words and its form."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from dsl.forms import has_form
from dsl.parser import parse, parse_type
from dsl.program import Lambda, Name, holes, walk
from synth import load_tasks
from synth.attempt import TaskReport
from synth.benchmark.arms import NONE, Study, arm_outcomes, run_study, study_line
from synth.benchmark.oracle import FROM_SEARCH, FROM_TASK, NOBODY, ORACLES, Oracle, summaries
from synth.budget import Budget
from synth.evaluate import Plan
from synth.guidance import WHOLE, Above
from synth.guide.oracle import oracle_guidance
from synth.pcfg import spec_pcfg
from synth.pipeline import make_solver
from synth.recorded_guidance import read_guidance, recorded_guidance
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


def test_each_kind_can_be_left_out() -> None:
    task, solution = written("map(lambda x: x + 1, filter(is_even, reverse(xs)))")
    everything = oracle_guidance(task.spec, solution, contexts=True, subgoal=True)
    for left, field in (("bits", "bits"), ("sketch", "sketches"), ("contexts", "contexts"), ("subgoal", "subgoals")):
        kinds = dict.fromkeys(("bits", "sketch", "contexts", "subgoal"), True) | {left: False}
        said = oracle_guidance(task.spec, solution, **kinds)
        assert not getattr(said, field)
        assert getattr(everything, field)
        assert replace(said, **{field: getattr(everything, field)}) == everything


# --- contexts and subgoals ------------------------------------------------------------------------------------------


def written(body: str, result: str = "list[int]") -> tuple[Task, Lambda]:
    """A task over a list of ints and a solution of it."""
    task = next(t for t in TASKS if t.signature.endswith("(xs: list[int]) -> list[int]"))
    variables = dict(zip(task.parameters, task.type_request.parameters, strict=True))
    return task, Lambda(task.parameters, parse(body, task.library, expected=parse_type(result), variables=variables))


def likely(body: str) -> dict[Above, dict[str, int]]:
    """In each place that the oracle speaks of, what it says stands there, and how often."""
    task, solution = written(body)
    contexts = oracle_guidance(task.spec, solution, bits=False, sketch=False, contexts=True).contexts
    return {
        above: {key: round(2.0**-said) for key, said in bits.items() if said <= 0} for above, bits in contexts.items()
    }


def test_places_of_a_solution_by_hand() -> None:
    assert likely("map(lambda x: x + 1, filter(is_even, xs))") == {
        WHOLE: {"list.map": 1},
        ("list.map", 0): {"int.add": 1},
        ("int.add", 0): {"parameter:0": 1},
        ("int.add", 1): {"literal:1": 1},
        ("list.map", 1): {"list.filter": 1},
        ("list.filter", 0): {"int.is_even": 1},
        ("int.is_even", 0): {"parameter:0": 1},
        ("list.filter", 1): {"variable:xs": 1},
    }


def test_a_let_is_no_place_and_what_stands_twice_counts_twice() -> None:
    found = likely("let ys = reverse(xs) in zip_with(lambda a, b: a * b + b, ys, ys)")
    assert found[WHOLE] == {"list.zip_with": 1}
    assert found["list.zip_with", 1] == found["list.zip_with", 2] == {"list.reverse": 1}
    assert found["list.reverse", 0] == {"variable:xs": 2}
    assert found["int.multiply", 1] == found["int.add", 1] == {"parameter:1": 1}


def test_what_stands_elsewhere_is_named_and_dear() -> None:
    task, solution = written("map(lambda x: x + 1, xs)")
    contexts = oracle_guidance(task.spec, solution, bits=False, sketch=False, contexts=True).contexts
    pcfg, leaves = spec_pcfg(task.spec)
    for bits in contexts.values():
        assert {p.key for p in (*pcfg.grammar, *leaves)} <= set(bits)
        assert sorted(set(bits.values())) == [0.0, pytest.approx(-math.log2(0.02))]


@pytest.mark.parametrize("task", TASKS[::7], ids=lambda task: task.name)
def test_every_place_of_a_solution_has_what_stands_there(task: Task) -> None:
    contexts = oracle_guidance(task.spec, solution_of(task), bits=False, sketch=False, contexts=True).contexts
    standing = {key for bits in contexts.values() for key, said in bits.items() if said <= 0}
    known = {p.key for p in (*spec_pcfg(task.spec)[0].grammar, *spec_pcfg(task.spec)[1])}
    assert {node.name for node in walk(solution_of(task)) if isinstance(node, Name)} & known <= standing
    assert WHOLE in contexts
    assert all(above == WHOLE or above[0] in known for above in contexts if above[0] in task.library.entries)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("map(lambda x: x + 1, filter(is_even, reverse(xs)))", "filter(is_even, reverse(xs))"),
        ("map(lambda x: x + sum(xs), xs)", "sum(xs)"),
        ("map(lambda x: x + 1, xs)", None),  # no part without x but the inputs
        ("reverse(xs)", None),
    ],
)
def test_a_subgoal_is_a_closed_part_of_about_half_the_size(body: str, part: str | None) -> None:
    task, solution = written(body)
    said = oracle_guidance(task.spec, solution, bits=False, sketch=False, subgoal=True)
    wanted = () if part is None else ((written(part, "int" if part == "sum(xs)" else "list[int]")[1], 0.5),)
    assert said.subgoals == wanted


@pytest.mark.parametrize("task", TASKS[::7], ids=lambda task: task.name)
def test_what_the_oracle_says_can_be_recorded(task: Task) -> None:
    said = oracle_guidance(task.spec, solution_of(task), sketch=False, contexts=True, subgoal=True)
    data = recorded_guidance(said, task.spec)
    assert data is not None
    assert read_guidance(json.loads(json.dumps(data)), task.spec) == said


# --- searches under it ----------------------------------------------------------------------------------------------


def test_guidance_costs_no_more_than_twice_and_a_block_and_saves_on_the_whole() -> None:
    names = [task.name for task in TASKS[20:60:8]]
    plan = Plan(("lists",), make_solver, Budget(evaluations=60_000), pattern=" or ".join(names))
    study = Study(plan, Oracle())
    lines = [study_line(study, name, found) for name, found in run_study(study)]
    assert [line["task"] for line in lines] == names
    assert {line["said_by"] for line in lines} == {FROM_TASK}
    outcomes = arm_outcomes(lines, (NONE, *ORACLES))
    for task, unguided in outcomes[NONE].items():
        for guided in (outcomes[arm][task] for arm in ORACLES):
            if unguided.solved and 2 * unguided.evaluations + 40_000 < 60_000:
                assert guided.solved
                assert guided.evaluations <= 2 * unguided.evaluations + 40_000
    both = summaries(lines)[list(ORACLES).index("both")]
    assert sum(saving >= 1 for saving in both.savings) > len(both.savings) / 2


def record(first_fit: int | None) -> dict[str, object]:
    return {"fits": first_fit is not None, "holdout": None, "first_fit": first_fit, "evaluations": 900, "seconds": 1.0}


def test_tasks_without_a_known_solution_are_left_out() -> None:
    lines = [
        {"task": "a", "said_by": NOBODY, "arms": {NONE: record(None)}},
        {
            "task": "b",
            "said_by": FROM_SEARCH,
            "arms": {NONE: record(100), "bits": record(50), "sketch": record(None), "both": record(10)}
            | {"contexts": record(100), "subgoal": record(200)},
        },
    ]
    bits, sketch, both, contexts, subgoal = summaries(lines)
    assert [(s.tasks, s.solved, s.unguided_solved) for s in (bits, sketch, both)] == [(1, 1, 1), (1, 0, 1), (1, 1, 1)]
    assert (bits.savings, sketch.savings, both.savings) == ((2.0,), (), (10.0,))
    assert (contexts.savings, subgoal.savings) == ((1.0,), (0.5,))
    assert sketch.row()[-1] == "-"


@pytest.mark.parametrize(
    ("report", "whose"),
    [
        (TaskReport("t", "solved", fits=True, holdout=True, program="lambda xs: reverse(xs)"), FROM_SEARCH),
        (TaskReport("t", "solved", fits=True, holdout=None, program="lambda xs: reverse(xs)"), FROM_SEARCH),
        (TaskReport("t", "solved", fits=True, holdout=False, program="lambda xs: reverse(xs)"), NOBODY),
        (TaskReport("t", "evaluations"), NOBODY),
    ],
)
def test_what_a_search_finds_stands_for_a_solution_that_is_not_there(report: TaskReport, whose: str) -> None:
    task = replace(written("xs")[0], solution=None)
    advice = Oracle()(task, report)
    assert advice.said_by == whose
    assert tuple(advice.arms) == (() if whose == NOBODY else Oracle().arms)
