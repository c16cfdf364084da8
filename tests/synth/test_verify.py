"""Verification trusts text and interpreter only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda, Program, Variable
from dsl.type_system import INT, FunctionType, list_of
from synth.budget import StopReason
from synth.solver import Answer
from synth.verify import EngineError, judge, verify
from tasks.task import Example, Task

LIST = list_of(INT)
DOUBLES = Task(
    name="doubles",
    parameters=("xs",),
    type_request=FunctionType((LIST,), LIST),
    library=CORE,
    examples=(Example(((1, 2),), (2, 4)), Example(((),), ())),
    holdout=(Example(((5,),), (10,)),),
)


def program(text: str) -> Program:
    return parse(text, CORE, expected=DOUBLES.type_request)


def test_a_right_program_is_confirmed_from_its_text() -> None:
    verdict = verify(DOUBLES, Answer(program("lambda xs: map(lambda x: x + x, xs)"), StopReason.SOLVED))
    assert (verdict.fits, verdict.holdout) == (True, True)
    assert verdict.text == "map(lambda x: x + x, xs)"
    assert verdict.as_function == "lambda xs: map(lambda x: x + x, xs)"
    assert verdict.outcomes == ((2, 4), ())


def test_noise_lets_so_many_examples_be_missed() -> None:
    """Which, is kept; the held-out pairs are judged as ever."""
    wrong = (Example(((3,),), (7,)), Example(((1,),), ()))
    noisy = replace(DOUBLES, examples=(*DOUBLES.examples, *wrong), noise=0.5)
    answer = Answer(program("lambda xs: map(lambda x: x + x, xs)"), StopReason.SOLVED)
    verdict = verify(noisy, answer)
    assert (verdict.fits, verdict.holdout, verdict.missed) == (True, True, (2, 3))
    strict = replace(noisy, noise=0.49)
    assert not judge(strict, answer.program).fits  # type: ignore[arg-type]
    with pytest.raises(EngineError, match=r"in example 3, not \[7\]; it misses 2 examples, and the noise allows 1"):
        verify(strict, answer)
    assert verify(replace(noisy, holdout=(Example(((5,),), (11,)),)), answer).holdout is False


def test_an_answer_has_the_form_of_a_sketch() -> None:
    """Of any one; a program of another form does not fit, however right it is."""
    bodies = (parse(text, CORE, expected=LIST, variables={"xs": LIST}) for text in ("sort(?)", "map(lambda x: ?, xs)"))
    task = replace(DOUBLES, sketches=tuple(Lambda(("xs",), body) for body in bodies))
    assert verify(task, Answer(program("lambda ys: map(lambda x: x * 2, ys)"), StopReason.SOLVED)).fits
    other = Answer(program("lambda xs: zip_with(lambda x, y: x + y, xs, xs)"), StopReason.SOLVED)
    with pytest.raises(EngineError, match="has the form of none of the task's sketches"):
        verify(task, other)
    verdict = verify(DOUBLES, other)
    assert verdict.fits
    assert not judge(task, other.program).fits  # type: ignore[arg-type]


def test_what_fits_the_examples_may_miss_the_holdout() -> None:
    text = "lambda xs: [2, 4] if length(xs) == 2 else []"
    verdict = verify(DOUBLES, Answer(program(text), StopReason.SOLVED))
    assert (verdict.fits, verdict.holdout) == (True, False)


def test_a_claim_that_the_text_does_not_bear_out_is_loud() -> None:
    with pytest.raises(EngineError, match=r"gives \[1, 2\] in example 1, not \[2, 4\]"):
        verify(DOUBLES, Answer(program("lambda xs: xs"), StopReason.SOLVED))


def test_solved_without_a_program_is_loud() -> None:
    with pytest.raises(EngineError, match="gave no program"):
        verify(DOUBLES, Answer(None, StopReason.SOLVED))


def test_a_program_over_other_parameters_is_loud() -> None:
    with pytest.raises(EngineError, match="expected a program over"):
        judge(DOUBLES, Lambda((), Variable("xs")))


def test_a_program_that_does_not_type_check_is_loud() -> None:
    broken = Lambda(("xs",), Lambda(("x",), Variable("x")))
    with pytest.raises(EngineError, match=r"prints as text that is refused"):
        judge(DOUBLES, broken)


def test_no_answer_fits_nothing() -> None:
    verdict = verify(DOUBLES, Answer(None, StopReason.EXHAUSTED))
    assert (verdict.fits, verdict.holdout, verdict.text) == (False, False, None)


def test_a_program_that_fails_while_it_runs_misses() -> None:
    verdict = verify(DOUBLES, Answer(program("lambda xs: [head(xs)]"), StopReason.EXHAUSTED))
    assert not verdict.fits
