"""Protocol `length`: its references are right, its words are few, its expectations are about what is run."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.compiler import compile_program
from dsl.program import Lambda
from synth.compare.fairness import forbidden_words
from synth.compare.length.inputs import addition, bracketed_expression, expression, stack_and_actions
from synth.compare.programs import is_direct_hit, reference_program
from synth.compare.protocols.length import PROTOCOL as LENGTH
from synth.compare.protocols.length import _plain_words
from synth.compare.tokens.net import TokenNet
from synth.compare.tokens.source import ListSource
from synth.pcfg import program_bits
from tasks.task import Task


def reference_of(source: ListSource, task: Task) -> Lambda:
    assert source.reference is not None
    return reference_program(source.reference, task)


TASKS = [task.name for task in LENGTH.tasks]


@pytest.mark.parametrize("name", TASKS)
def test_the_reference_computes_what_the_solution_does(name: str) -> None:
    source: ListSource = LENGTH.source(name)
    plain = source.spec_task(0, _plain_words())
    run = compile_program(reference_of(source, plain), plain.library)
    for probe in source.tests(0, 5):
        for arguments, wanted in probe.pairs:
            assert run(arguments) == wanted


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
            slots = {"single": 1, "widened": 2 * len(items)}
            kind = "single" if source.encoding.single else "widened" if name == "duplicate_string" else "list"
            assert len(source.slots_of(items)) == slots.get(kind, len(items))
            assert len(items) == probe.point - (name == "modular_arithmetic" and probe.point % 2 == 0)


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
        "duplicate_string": (*items, *items),
        "bucket_sort": (1, 1, 3, 4, 5),
        "odds_first": (3, 4, 5, 1, 1),
        "keep_greater_than_first": (4, 5),
    }
    assert {name: LENGTH.source(name).truth(items) for name in wanted} == wanted
    assert [LENGTH.source("parity").truth(bits) for bits in ((1, 0, 1), (1,), (0,))] == [0, 1, 0]
    assert [LENGTH.source("even_pairs").truth(bits) for bits in ((1, 0, 1), (1,), (0, 0, 1))] == [0, 0, 1]
    assert LENGTH.source("cycle_navigation").truth((1, 1, 2, 2, 2, 0)) == 4


TOKENS = "01234+-*", "01234+-()"


def tokens(text: str, letters: str) -> tuple[int, ...]:
    return tuple(letters.index(letter) for letter in text)


@pytest.mark.parametrize("text", ["3", "1+2*3", "1-1-1", "0*1+4*3-2", "2*3*4-4*4+1"])
def test_expressions_have_the_value_that_python_gives(text: str) -> None:
    assert LENGTH.source("modular_arithmetic").truth(tokens(text, TOKENS[0])) == eval(text) % 5


@pytest.mark.parametrize("text", ["3", "-3", "(4)", "(-2)", "(1-(2-(3+4)))", "(-1--(2+-3))", "((-4)-((1)+(2-3)))"])
def test_bracketed_expressions_have_the_value_that_python_gives(text: str) -> None:
    assert LENGTH.source("bracketed_arithmetic").truth(tokens(text, TOKENS[1])) == eval(text) % 5


@given(st.integers(1, 60), st.integers(0, 2**32))
def test_drawn_inputs_are_of_their_kind(length: int, seed: int) -> None:
    """Expressions that Python reads, numbers that Python adds, stacks before actions."""
    rng = np.random.default_rng(seed)
    for name, draw, letters in (
        ("modular_arithmetic", expression, TOKENS[0]),
        ("bracketed_arithmetic", bracketed_expression, TOKENS[1]),
    ):
        drawn = draw(length, rng)
        assert LENGTH.source(name).truth(drawn) == eval("".join(letters[item] for item in drawn)) % 5
    drawn = addition(length, rng)
    numbers = "".join(map(str, drawn)).split("2")
    assert all("1" in bits for bits in numbers)
    total = bin(sum(int(bits[::-1], 2) for bits in numbers))[:1:-1]
    assert LENGTH.source("binary_addition").truth(drawn) == tuple(map(int, total))
    drawn = stack_and_actions(length, rng)
    stack: list[int] = []
    for item in drawn:
        if item == 2:
            stack = stack[:-1]
        else:
            stack.append(item % 3 if item > 2 else item)
    assert LENGTH.source("stack_manipulation").truth(drawn) == tuple(reversed(stack))
    actions = [item > 1 for item in drawn]
    assert actions == sorted(actions), "first the stack, then what is done to it"
    assert {len(draw(length, rng)) for draw in (bracketed_expression, addition, stack_and_actions)} == {length}


def test_sparse_nets_meet_even_lengths_only() -> None:
    source: ListSource = LENGTH.source("parity")
    learner = LENGTH.learner("gru_sparse")
    assert isinstance(learner.run, TokenNet)
    assert learner.run.lengths == (2, 4, 6, 8, 10)
    drawn = islice(source.batches(0, LENGTH.effort("full"), learner.run.lengths), 30)
    assert {batch.inputs.shape[1] for groups in drawn for batch in groups} == {2, 4, 6, 8, 10}


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
