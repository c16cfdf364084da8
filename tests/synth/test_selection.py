"""What of an answer is claimed, and how several behaviours are judged and counted."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest

from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda
from dsl.type_system import INT, FunctionType, list_of
from synth.attempt import Blame, TaskReport, attempt
from synth.budget import Budget, StopReason
from synth.report.task_text import task_lines
from synth.selection import Selective, selected
from synth.solver import Answer, Candidate, Solver
from tasks.task import Example, Spec, Task

LIST = list_of(INT)
TASK = Task(
    "flip",
    ("xs",),
    FunctionType((LIST,), LIST),
    CORE,
    (Example(((1, 2),), (2, 1)),),
    holdout=(Example(((1, 3, 2),), (3, 2, 1)),),
)


def program(text: str) -> Lambda:
    return Lambda(("xs",), parse(text, CORE, expected=LIST, variables={"xs": LIST}))


CANDIDATES = (
    Candidate(program("reverse(xs)"), 8.0, 0.6),
    Candidate(program("sort_by(lambda x: -x, xs)"), 16.0, 0.3),
    Candidate(program("append(tail(xs), head(xs))"), 18.0, 0.1),
)


@dataclass(frozen=True)
class Several:
    """Answers with behaviours that were found beforehand."""

    candidates: tuple[Candidate, ...]
    name: str = "several"

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """The first of them, and the others beside it."""
        best = self.candidates[0]
        return Answer(
            best.program, StopReason.SOLVED, 100, 0.5, best.bits, alternatives=self.candidates, mass=best.mass
        )


def report(solver: Solver) -> TaskReport:
    return attempt(TASK, solver, Budget(), name="flip", seed=0)[0]


@pytest.mark.parametrize("top", [1, 2, 3, 9])
def test_the_first_k_behaviours_are_judged(top: int) -> None:
    found = report(Selective(Several(CANDIDATES), top))
    assert found.record()["attempts"] == min(top, 3)
    assert [a.holdout for a in found.alternatives] == [False, True, True][:top]


def test_held_out_is_right_if_any_attempt_is() -> None:
    one, two = (report(Selective(Several(CANDIDATES), top)) for top in (1, 2))
    assert (one.record()["holdout"], two.record()["holdout"]) == (False, True)
    assert (one.holdout, two.holdout) == (False, False), "of the answer itself"


def test_alternatives_are_shown_with_their_mass() -> None:
    lines = [line.text for line in task_lines(report(Selective(Several(CANDIDATES), 2)))]
    assert lines[0] == "✓ flip  solved"
    assert "mass 60.0%" in lines[3]
    assert lines[4:] == [
        "    or 2: flip(xs) = sort_by(lambda x: -x, xs)",
        "    mass 30.0%, size 7, 16.0 bits, holdout 1/1",
    ]


def test_what_is_too_unlikely_is_a_guess_and_not_counted() -> None:
    found = report(Selective(Several(CANDIDATES), 1, min_mass=0.7))
    assert (found.status, found.fits, found.program, found.holdout) == ("abstained", False, None, False)
    assert found.guess == "flip(xs) = reverse(xs)"
    lines = [line.text for line in task_lines(found)]
    assert lines[0] == "✗ flip  unsolved: the best guess is too unlikely to be claimed"
    assert "    best guess: flip(xs) = reverse(xs)" in lines


@pytest.mark.parametrize("mass", [0.5, 0.6])
def test_enough_mass_is_claimed(mass: float) -> None:
    assert report(Selective(Several(CANDIDATES), 1, min_mass=mass)).fits


@pytest.mark.parametrize("stop", [s for s in StopReason if s is not StopReason.SOLVED])
def test_only_a_claim_can_be_withdrawn(stop: StopReason) -> None:
    assert selected(Answer(None, stop, mass=0.1), 1, 0.5).stop is stop


def test_an_unknown_mass_is_not_too_little() -> None:
    assert selected(Answer(CANDIDATES[0].program, StopReason.SOLVED), 1, 0.5).stop is StopReason.SOLVED


def test_an_alternative_that_does_not_fit_is_our_bug() -> None:
    wrong = (CANDIDATES[0], replace(CANDIDATES[1], program=program("sort(xs)")))
    found = report(Selective(Several(wrong), 2))
    assert found.blame is Blame.BUG
    assert "`sort(xs)` gives [1, 2] in example 1" in found.message


def test_the_same_program_twice_is_our_bug() -> None:
    found = report(Selective(Several((CANDIDATES[0], CANDIDATES[0])), 2))
    assert found.blame is Blame.BUG
    assert "one program twice" in found.message
