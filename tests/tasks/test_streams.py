"""Streams: the same for the same seed, identifiable task by task, with shared subroutines or demonstrably without."""

from __future__ import annotations

from collections import Counter

import pytest

from dsl.errors import InterfaceError
from dsl.interpreter import run
from dsl.primitives import CORE
from dsl.program import Lambda
from dsl.type_system import BOOL, INT, list_of, show_type
from dsl.values import Failure, agree
from tasks.drawn_programs import Drawer, reductions, words_in
from tasks.streams import Stream, control, cut, draw_stream, shuffled, structured
from tasks.suite import Suite
from tasks.task import Task
from tasks.task_file import read_tasks
from tasks.write_task import write_tasks

_SIZE = (12, 3, 21)
"""Tasks, waves and seed."""


@pytest.fixture(scope="module")
def streams() -> dict[str, Stream]:
    return {"structured": structured(*_SIZE), "shuffled": shuffled(*_SIZE), "control": control(*_SIZE)}


def _solution(task: Task) -> Lambda:
    assert isinstance(task.solution, Lambda)
    return task.solution


@pytest.mark.parametrize("kind", ["structured", "shuffled", "control"])
def test_a_stream_is_well_formed(streams: dict[str, Stream], kind: str) -> None:
    stream = streams[kind]
    assert stream.suite.name == kind
    assert [len(wave) for wave in stream.waves] == [4, 4, 4]
    assert [task for wave in range(3) for task in stream.of_wave(wave)] == list(stream.suite)
    assert len({task.name for task in stream.suite}) == 12
    for task in stream.suite:
        assert (len(task.examples), len(task.holdout)) == (5, 12)
        assert not {str(e.arguments) for e in task.examples} & {str(e.arguments) for e in task.holdout}
        for pair in (*task.examples, *task.holdout):
            assert agree(run(_solution(task), pair.arguments, task.library), pair.output)
        assert len({str(pair.output) for pair in task.examples}) >= 3


@pytest.mark.parametrize("kind", ["structured", "control"])
def test_no_part_of_a_solution_can_be_left_out(streams: dict[str, Stream], kind: str) -> None:
    """Whatever does without a part of it is wrong on most of the five examples."""
    from random import Random

    grammar = Drawer(CORE, (list_of(INT), INT, BOOL), Random(0)).grammar
    for task in streams[kind].suite:
        for other in reductions(_solution(task), task.type_request, grammar):
            outcomes = [run(other, pair.arguments, task.library) for pair in task.examples]
            wrong = sum(
                isinstance(o, Failure) or not agree(o, pair.output)
                for o, pair in zip(outcomes, task.examples, strict=True)
            )
            assert wrong >= 3, task.name


def test_the_same_seed_gives_the_same_stream(streams: dict[str, Stream]) -> None:
    assert structured(*_SIZE).suite.digest() == streams["structured"].suite.digest()
    assert structured(4, 2, 1).suite.digest() != structured(4, 2, 2).suite.digest()


def test_a_shuffled_stream_has_the_same_tasks_in_another_order(streams: dict[str, Stream]) -> None:
    ordered, mixed = streams["structured"], streams["shuffled"]
    assert {task.name: task for task in mixed.suite} == {task.name: task for task in ordered.suite}
    assert [task.name for task in mixed.suite] != [task.name for task in ordered.suite]
    assert mixed.subroutines == ordered.subroutines


def test_subroutines_are_made_of_those_of_the_wave_before(streams: dict[str, Stream]) -> None:
    subroutines = streams["structured"].subroutines
    assert len(subroutines) == 6
    own = [{d.name for d in subroutines[start : start + 2]} for start in (0, 2, 4)]
    for place, definition in enumerate(subroutines):
        called = {name for name in CORE.extend(*subroutines).graph()[definition.name] if name.startswith("hidden.")}
        assert called <= (own[place // 2 - 1] if place >= 2 else set())
        assert bool(called) == (place >= 2)


def test_later_tasks_are_longer(streams: dict[str, Stream]) -> None:
    means = [sum(words_in(_solution(task)) for task in streams["structured"].of_wave(wave)) / 4 for wave in range(3)]
    assert means == sorted(means)


def test_a_control_has_the_types_and_sizes_of_the_structured_stream(streams: dict[str, Stream]) -> None:
    for wave in range(3):
        one, other = (streams[kind].of_wave(wave) for kind in ("structured", "control"))
        types = [Counter(show_type(task.type_request) for task in tasks) for tasks in (one, other)]
        assert types[0] == types[1]
        sizes = [{task.name: words_in(_solution(task)) for task in tasks} for tasks in (one, other)]
        assert all(abs(sizes[0][name] - sizes[1][name]) <= 2 for name in sizes[0])
    assert not streams["control"].subroutines


def test_a_stream_can_be_written_and_read(streams: dict[str, Stream]) -> None:
    tasks = streams["structured"].suite.tasks
    again = read_tasks(write_tasks(tasks), CORE, name="structured")
    assert [(task.name, task.examples, task.holdout, task.solution) for task in again] == [
        (task.name, task.examples, task.holdout, task.solution) for task in tasks
    ]


def test_bad_streams_are_refused() -> None:
    with pytest.raises(
        InterfaceError, match="expected a stream of structured, shuffled, control, found 'controll'"
    ) as e:
        draw_stream("controll")
    assert "did you mean `control`?" in str(e.value)
    with pytest.raises(InterfaceError, match="at least as many tasks as waves, found 3 tasks for 4 waves"):
        structured(3, 4)
    with pytest.raises(InterfaceError, match="found 0 tasks for 1 waves"):
        cut(Suite("none", ()), 1)
