"""Guidance learned online: partly right programs make their parts cheaper, and every run says so."""

from __future__ import annotations

import random

import pytest
from specs import EVENS, NOTHING_SIMPLE, spec_of

from dsl.program import Lambda, Variable, call
from synth.budget import Budget, StopReason
from synth.guidance import Guidance
from synth.pcfg import program_bits
from synth.search.forward import BottomUp
from synth.search.online import learned
from synth.solver import NearMiss


def test_parts_of_partly_right_programs_become_cheaper() -> None:
    program = Lambda(("xs",), call("list.reverse", Variable("xs")))
    bits = learned([NearMiss(program, (0, 1), 8.0)], NOTHING_SIMPLE)
    assert set(bits) == {"list.reverse", "variable:xs"}
    before = program_bits(program, NOTHING_SIMPLE)
    after = program_bits(program, NOTHING_SIMPLE, Guidance("test", bits))
    assert before is not None
    assert after is not None
    assert after < before


def test_the_better_a_program_the_more_its_parts_gain() -> None:
    program = Lambda(("xs",), call("list.reverse", Variable("xs")))
    little, much = (learned([NearMiss(program, right, 8.0)], NOTHING_SIMPLE) for right in ((0,), (0, 1, 2)))
    assert much["list.reverse"] == pytest.approx(3 * little["list.reverse"])


def test_it_solves_and_says_what_guided_it() -> None:
    answer = BottomUp(online=True).solve(EVENS, Budget(evaluations=10_000), rng=random.Random(0))
    assert answer.stop is StopReason.SOLVED
    assert answer.guided_by.startswith("online")


def test_restarts_are_counted_in_the_budget() -> None:
    answer = BottomUp(online=True).solve(NOTHING_SIMPLE, Budget(evaluations=90_000), rng=random.Random(0))
    assert (answer.stop, answer.evaluations) == (StopReason.EVALUATIONS, 90_000)
    assert answer.guided_by != "online (learned 0 times)"


def test_contradictions_end_it_too() -> None:
    answer = BottomUp(online=True).solve(spec_of(((1,), (1,)), ((1,), (2,))), Budget(), rng=random.Random(0))
    assert answer.stop is StopReason.CONTRADICTORY
