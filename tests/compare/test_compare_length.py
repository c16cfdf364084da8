"""Protocol `length`: its references are right, its words are few, its expectations are about what is run."""

from __future__ import annotations

import random

import pytest

from dsl.compiler import compile_program
from dsl.program import Lambda
from synth.compare.fairness import forbidden_words
from synth.compare.programs import is_direct_hit, reference_program
from synth.compare.protocols.length import PROTOCOL as LENGTH
from synth.compare.protocols.length import _plain_words
from synth.compare.tokens.source import ListSource
from synth.pcfg import program_bits
from tasks.sampling import sample_inputs
from tasks.task import Task


def reference_of(source: ListSource, task: Task) -> Lambda:
    assert source.reference is not None
    return reference_program(source.reference, task)


TASKS = [task.name for task in LENGTH.tasks]


@pytest.mark.parametrize("name", TASKS)
def test_the_reference_computes_what_the_solution_does(name: str) -> None:
    source: ListSource = LENGTH.source(name)
    task = source.task
    plain = source.spec_task(0, _plain_words())
    run = compile_program(reference_of(source, plain), plain.library)
    rng = random.Random(0)
    for length in (1, 2, 3, 10, 57, 100):
        for arguments in sample_inputs(task, 2 if length == 1 else 5, rng, length=length):
            (items,) = arguments
            assert isinstance(items, tuple)
            assert run(arguments) == source.truth(items)


@pytest.mark.parametrize("name", TASKS)
def test_the_reference_is_put_together_and_has_a_price(name: str) -> None:
    source: ListSource = LENGTH.source(name)
    plain = source.spec_task(0, _plain_words())
    reference = reference_of(source, plain)
    assert not is_direct_hit(reference)
    assert program_bits(reference, plain.spec) is not None


@pytest.mark.parametrize("name", TASKS)
def test_outputs_fit_their_slots_at_every_length(name: str) -> None:
    source: ListSource = LENGTH.source(name)
    for probe in source.tests(0, 5):
        for (items,), _ in probe.pairs:
            assert isinstance(items, tuple)
            assert len(source.slots_of(items)) == (1 if name == "parity" else probe.point)


def test_a_solver_is_told_nothing_of_the_answer() -> None:
    task = LENGTH.source("reverse").spec_task(0, _plain_words())
    assert task.solution is None
    assert task.spec.queries == ()
    assert len(task.spec.library) == 15
    assert "list.reverse" not in task.spec.library


def test_the_tasks_compute_what_they_say() -> None:
    items = (3, 1, 4, 1, 5)
    wanted = {
        "reverse": (5, 1, 4, 1, 3),
        "odds_first": (3, 4, 5, 1, 1),
        "keep_greater_than_first": (4, 5),
    }
    assert {name: LENGTH.source(name).truth(items) for name in wanted} == wanted
    assert [LENGTH.source("parity").truth(bits) for bits in ((1, 0, 1), (1,), (0,))] == [0, 1, 0]


@pytest.mark.parametrize("budget", ["quick", "standard"])
def test_efforts_name_what_exists(budget: str) -> None:
    effort = LENGTH.effort(budget)
    assert set(effort.tasks) <= set(TASKS)
    assert set(effort.learners) <= {one.name for one in LENGTH.learners}
    assert set(effort.steps) == set(effort.tasks)
    assert effort.batch % LENGTH.source("reverse").data.groups == 0


def test_expectations_are_about_what_is_run() -> None:
    for prediction in LENGTH.predictions:
        assert prediction.task in TASKS
        assert LENGTH.title_of(prediction.learner)
        assert prediction.point in LENGTH.axis.points
    for contest in LENGTH.contests:
        assert contest.task in TASKS
        assert LENGTH.learner(contest.second).side == "net"
    expected = {(p.task, p.learner) for p in LENGTH.predictions if p.at_least is not None}
    assert ("parity", "gru") in expected, "one slice where a net is expected to win (rule F15)"


def test_what_is_written_beforehand_claims_nothing() -> None:
    for text in (LENGTH.claim, LENGTH.tuning.text, *LENGTH.threats, *(p.why for p in LENGTH.predictions)):
        assert forbidden_words(text) == []
