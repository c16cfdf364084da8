"""Solvers with a few programs up their sleeve, for tests of everything around a search."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from dsl.interpreter import run
from dsl.parser import parse
from dsl.program import Lambda, Program
from dsl.values import Failure, agree
from synth.budget import Budget, StopReason
from synth.solver import Answer, NearMiss, Progress, Solver
from tasks.task import Spec

BODIES = ("xs", "reverse(xs)", "sort(xs)", "map(lambda x: x * 2, xs)", "length(xs)")


def bodies(spec: Spec) -> list[Program]:
    """The programs up the sleeve that have the type asked for."""
    found: list[Program] = []
    variables = dict(zip(spec.parameters, spec.type_request.parameters, strict=True))
    for text in BODIES:
        try:
            body = parse(text, spec.library, expected=spec.type_request.result, variables=variables)
        except Exception:  # of another type; which error that is, is not what these tests are about
            continue
        found.append(Lambda(spec.parameters, body))
    return found


@dataclass(frozen=True)
class Sleeve:
    """Tries its few programs in order."""

    name: str = "sleeve"

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """The first program that fits; the first of all as a near miss."""
        programs = bodies(spec)
        for count, program in enumerate(programs, 1):
            if all(_right(program, spec, number) for number in range(len(spec.examples))):
                return Answer(program, StopReason.SOLVED, count, 0.25, float(count), "none")
        right = tuple(n for n in range(len(spec.examples)) if programs and _right(programs[0], spec, n))
        near = (NearMiss(programs[0], right, 1.0),) if programs else ()
        return Answer(None, StopReason.EVALUATIONS, len(programs), 0.25, near_misses=near)


def _right(program: Program, spec: Spec, number: int) -> bool:
    outcome = run(program, spec.examples[number].arguments, spec.library)
    return not isinstance(outcome, Failure) and agree(outcome, spec.examples[number].output)


@dataclass(frozen=True)
class Liar:
    """Says solved to everything and gives back its input."""

    name: str = "liar"

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """The input as the answer."""
        return Answer(bodies(spec)[0], StopReason.SOLVED, 1, 0.1)


@dataclass(frozen=True)
class Crasher:
    """Has a bug."""

    name: str = "crasher"

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """No answer at all."""
        raise ZeroDivisionError("a bug in a search")


def make_sleeve(guide: str, progress: Callable[[Progress], None] | None = None, **how: object) -> Solver:
    """A solver factory, for plans."""
    return Sleeve()


def make_liar(guide: str, progress: Callable[[Progress], None] | None = None, **how: object) -> Solver:
    """As above."""
    return Liar()


def make_crasher(guide: str, progress: Callable[[Progress], None] | None = None, **how: object) -> Solver:
    """As above."""
    return Crasher()
