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

from dsl.errors import InterfaceError
from dsl.inference import UNTYPED
from dsl.parser import parse, parse_type
from dsl.program import Hole, Lambda, Literal, Variable, call
from dsl.type_system import INT, Type
from synth import load_tasks
from synth.budget import Budget
from synth.evaluate import Plan
from synth.guidance import WHOLE, Above, Guidance
from synth.pipeline import make_solver
from synth.recorded_guidance import read_guidance, recorded_guidance
from synth.run_record import RunFile, RunRecord, guide_digests, plan_of, read_run, run_of, task_run
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


PARTS = (("filter(is_even, xs)", "list[int]"), ("sum(map(lambda x: x * x, xs))", "int"))
"""Subgoals, with their types."""
PLACES = (WHOLE, ("list.map", 0), ("list.map", 1), ("odd/name", 2))


def program(source: Path, name: str, body: str, t: Type) -> Lambda:
    """A program over one parameter of the task's type."""
    (task,) = load_tasks(str(source))
    (given,) = task.type_request.parameters
    return Lambda((name,), parse(body, task.library, expected=t, variables={name: given}))


def proposed(source: Path, *lines: tuple[str, str, float], bits: dict[str, float] | None = None) -> Guidance:
    """Guidance with sketches, given as the name of the parameter, the body and the probability."""
    (task,) = load_tasks(str(source))
    sketches = tuple((program(source, name, body, task.type_request.result), p) for name, body, p in lines)
    return Guidance("a guide of two sketches", bits or {}, sketches)


weights = st.dictionaries(st.sampled_from(("list.map", "variable:xs", "literal:3", "parameter:1")), st.floats(-9, 9))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(BODIES), st.floats(0, 1)), max_size=3),
    weights,
    st.dictionaries(st.sampled_from(PLACES), weights, max_size=3),
    st.lists(st.tuples(st.sampled_from(PARTS), st.floats(0.01, 1)), max_size=2),
    st.integers(0, 9),
)
def test_guidance_comes_back_as_it_was(
    source: Path,
    drawn: list[tuple[str, float]],
    bits: dict[str, float],
    contexts: dict[Above, dict[str, float]],
    parts: list[tuple[tuple[str, str], float]],
    after: int,
) -> None:
    (task,) = load_tasks(str(source))
    guidance = replace(
        proposed(source, *(("xs", body, probability) for body, probability in drawn), bits=bits),
        contexts=contexts,
        subgoals=tuple((program(source, "xs", body, parse_type(t)), p) for (body, t), p in parts),
        after=after,
    )
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


def test_a_place_is_short_text_and_what_is_not_said_takes_no_room(source: Path) -> None:
    (task,) = load_tasks(str(source))
    assert set(recorded_guidance(Guidance("says nothing"), task.spec) or ()) == {"source", "bits", "sketches"}
    said = Guidance("places", contexts={WHOLE: {"list.map": 0.5}, ("list.map", 0): {"parameter:0": 1.0}})
    data = recorded_guidance(said, task.spec)
    assert data is not None
    assert data["contexts"] == {"/0": {"list.map": 0.5}, "list.map/0": {"parameter:0": 1.0}}


def test_a_subgoal_has_its_type_and_the_names_that_the_guide_gave(source: Path) -> None:
    (task,) = load_tasks(str(source))
    part = program(source, "items", "sum(reverse(items))", INT)
    data = recorded_guidance(Guidance("parts", subgoals=((part, 0.25),)), task.spec)
    assert data is not None
    (line,) = data["subgoals"]
    assert (line["parameters"], line["type"], line["probability"]) == (["items"], "int", 0.25)


@pytest.mark.parametrize(
    "subgoal",
    [
        Lambda(("xs",), call("list.sum", Hole("", INT))),  # not whole
        Lambda(("xs",), Literal(())),  # of no one type
        Lambda(("xs", "n"), Variable("xs")),  # over other parameters
        Lambda(("xs",), call("list.no_such_word")),
        Lambda(("xs",), Variable("ys")),
    ],
)
def test_a_subgoal_that_is_none_is_not_recorded(source: Path, subgoal: Lambda) -> None:
    (task,) = load_tasks(str(source))
    assert recorded_guidance(Guidance("odd", subgoals=((subgoal, 0.5),)), task.spec) is None


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
    proposals = proposed(source, *lines, bits={"list.filter": -0.37, "int.multiply": -1.3})
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


def test_a_run_under_contexts_and_subgoals_replays_without_the_guide(source: Path, tmp_path: Path) -> None:
    subgoal = program(source, "xs", "filter(is_even, xs)", parse_type("list[int]"))
    proposals = Guidance(
        "a guide of places and parts",
        contexts={
            WHOLE: {"list.map": -3.0, "list.sort": 2.5},
            ("list.map", 0): {"int.multiply": -2.0, "parameter:0": 0.5},
        },
        subgoals=((subgoal, 0.75),),
    )
    plan = Plan((str(source),), partial(guided, proposals), Budget(evaluations=30_000), switches=Switches(goals=False))
    (item,) = plan.items()
    record = run_of(plan, "solve")
    record = replace(record, tasks=(task_run(item, plan.attempt(item), record.words),))
    path = tmp_path / "run.json"
    path.write_text(json.dumps(record.to_json()), encoding="utf-8")
    then = read_run(path).tasks[0]
    again = plan_of(read_run(path), make_solver)
    assert then.answered
    assert read_guidance(then.guidance, item.content.spec) == proposals  # type: ignore[union-attr]
    assert task_run(item, again.attempt(item), record.words) == then


# --- the guide's file --------------------------------------------------------------------------------------------


def test_the_guide_is_named_by_its_content(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("guide = 1\n", encoding="utf-8")
    alone = guide_digests("mine.py")
    assert list(alone) == ["mine.py"]
    Path("mine.json").write_text("{}", encoding="utf-8")
    both = guide_digests("mine.py")
    assert list(both) == ["mine.py", "mine.json"]
    assert both["mine.py"] == alone["mine.py"] != both["mine.json"]
    Path("mine.py").write_text("guide = 2\n", encoding="utf-8")
    assert guide_digests("mine.py")["mine.py"] != alone["mine.py"]
    assert guide_digests("none") == guide_digests("online") == {}
    plan = Plan((str(source),), make_solver, guide="mine.py")
    assert run_of(plan, "solve").guide == guide_digests("mine.py")


@pytest.mark.parametrize(("about", "pays"), [('{"pays": true}', True), ('{"pays": false}', False), ("{", False)])
def test_a_shipped_guide_is_asked_if_it_pays_and_named_without_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, about: str, pays: bool
) -> None:
    (tmp_path / "lists.safetensors").write_bytes(b"weights")
    (tmp_path / "lists.json").write_text(about, encoding="utf-8")
    monkeypatch.setattr("synth.guide.asking.shipped_checkpoint", lambda: tmp_path / "lists.safetensors")
    assert list(guide_digests("auto")) == (["lists.safetensors", "lists.json"] if pays else [])


def test_a_run_goes_on_only_under_the_same_guide(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("guide = 1\n", encoding="utf-8")
    plan = Plan((str(source),), make_solver, guide="mine.py")
    path = tmp_path / "out.run.json"
    RunFile.open(path, run_of(plan, "eval"))
    RunFile.open(path, run_of(plan, "eval"), resume=True)
    Path("mine.py").write_text("guide = 2\n", encoding="utf-8")
    with pytest.raises(InterfaceError, match=r"guide mine\.py: its content is another"):
        RunFile.open(path, run_of(plan, "eval"), resume=True)


def test_a_record_without_the_files_of_its_guide_can_be_read(source: Path) -> None:
    data = run_of(Plan((str(source),), make_solver), "solve").to_json()
    del data["guide"]
    assert RunRecord.from_json(data).guide == {}
