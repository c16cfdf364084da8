"""What a guide proposed goes through the record of a run and back, and a search given it again ends the same way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.inference import UNTYPED
from dsl.parser import parse
from dsl.program import Hole, Lambda, call
from synth import load_tasks
from synth.budget import Budget
from synth.evaluate import Plan
from synth.guidance import Guidance
from synth.pipeline import make_solver
from synth.recorded_guidance import read_guidance, recorded_guidance
from synth.run_record import plan_of, read_run, run_of, task_run
from synth.search.switches import Switches
from synth.solver import Progress, Solver

TASK = """
task squares_of_evens(xs: list[int]) -> list[int]
    example [3, 1, 4] -> [16]
    example [2, 5, 6] -> [4, 36]
    example [8, 7] -> [64]
"""
BODIES = (
    "map(?f, filter(?p, xs))",
    "map(lambda x: ? * (? : int), reverse(filter(?p, xs)))",
    "let ys = ? in zip_with(lambda a, b: a * b, ys, ys)",
    "map(?f, map(?f, xs))",
    "(? : list[int])",
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("records") / "squares.syn"
    path.write_text(TASK, encoding="utf-8")
    return path


def proposed(source: Path, *lines: tuple[str, str, float], bits: dict[str, float] | None = None) -> Guidance:
    """Guidance with sketches, given as the name of the parameter, the body and the probability."""
    (task,) = load_tasks(str(source))
    sketches = tuple(
        (
            Lambda((name,), parse(body, task.library, expected=task.type_request.result, variables={name: t})),
            probability,
        )
        for name, body, probability in lines
        for t in task.type_request.parameters
    )
    return Guidance("a guide of two sketches", bits or {}, sketches)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(BODIES), st.floats(0, 1)), max_size=3),
    st.dictionaries(st.sampled_from(("list.map", "variable:xs", "literal:3")), st.floats(-9, 9)),
)
def test_guidance_comes_back_as_it_was(source: Path, drawn: list[tuple[str, float]], bits: dict[str, float]) -> None:
    (task,) = load_tasks(str(source))
    guidance = proposed(source, *(("xs", body, probability) for body, probability in drawn), bits=bits)
    data = recorded_guidance(guidance, task.spec)
    assert data is not None
    assert read_guidance(json.loads(json.dumps(data)), task.spec) == guidance


def test_a_sketch_keeps_the_names_that_the_guide_gave(source: Path) -> None:
    (task,) = load_tasks(str(source))
    guidance = proposed(source, ("items", "reverse(map(?, items))", 0.25))
    data = recorded_guidance(guidance, task.spec)
    assert data is not None
    assert data["sketches"] == [{"parameters": ["items"], "body": "reverse(map(?, items))", "probability": 0.25}]
    assert read_guidance(data, task.spec) == guidance


@pytest.mark.parametrize(
    "sketch",
    [
        Lambda(("xs",), call("list.sum", Hole("", UNTYPED))),  # of another type
        Lambda(("xs",), call("list.reverse", Hole("", UNTYPED))),  # a hole without its type
        Lambda(("xs", "n"), call("list.no_such_word")),
    ],
)
def test_what_has_no_exact_text_is_not_recorded(source: Path, sketch: Lambda) -> None:
    (task,) = load_tasks(str(source))
    assert recorded_guidance(Guidance("odd", {}, ((sketch, 1.0),)), task.spec) is None


# --- a run under a guide that proposed sketches ------------------------------------------------------------------


def guided(
    proposals: Guidance,
    guide: str,
    progress: Callable[[Progress], None] | None = None,
    *,
    switches: Switches | None = None,
    top: int = 1,
    min_mass: float = 0.0,
    guidance: Guidance | None = None,
) -> Solver:
    """The solver of a guide that proposes what it is told to, where no guidance was recorded."""
    return make_solver(guide, progress, switches=switches, top=top, min_mass=min_mass, guidance=guidance or proposals)


def test_a_run_under_two_sketches_replays_without_the_guide(source: Path, tmp_path: Path) -> None:
    lines = (("xs", "map(?f, filter(?p, xs))", 0.6), ("xs", "map(?f, reverse(filter(?p, xs)))", 0.3))
    proposals = proposed(source, *lines, bits={"list.filter": -0.37, "int.mul": -1.3})
    plan = Plan((str(source),), partial(guided, proposals), Budget(evaluations=40_000), switches=Switches(goals=False))
    (item,) = plan.items()
    record = run_of(plan, "solve")
    report = plan.attempt(item)
    record = replace(record, tasks=(task_run(item, report, record.words),))
    path = tmp_path / "run.json"
    path.write_text(json.dumps(record.to_json()), encoding="utf-8")

    again = plan_of(read_run(path), make_solver)
    then, now = record.tasks[0], task_run(item, again.attempt(item), record.words)
    assert report.status == "solved"
    assert report.guided_by == "a guide of two sketches"
    assert now == then

    unguided = replace(again, repeats={}, budget=Budget(evaluations=then.evaluations)).attempt(item)
    assert (unguided.program, unguided.evaluations) != (report.program, report.evaluations)
