"""One attempt at one task, from the task to a report of plain data that can cross processes and be printed."""

from __future__ import annotations

import enum
import random
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from typing import Any

from dsl.errors import DslError
from dsl.interpreter import run
from dsl.parser import parse
from dsl.printer import show
from dsl.program import Lambda, Program
from dsl.values import show_value
from synth.budget import Budget, StopReason
from synth.recorded_guidance import recorded_guidance
from synth.report.steps import Step, steps
from synth.solver import Answer, Candidate, Explanation, NearMiss, Solver
from synth.steadiness import unsteady_words
from synth.verify import EngineError, Verdict, show_got, verify, verify_alternatives
from tasks.task import Example, Task, missed

__all__ = [
    "DEFAULT_SECONDS",
    "AlternativeReport",
    "Blame",
    "Missed",
    "NearReport",
    "TaskReport",
    "attempt",
    "budget_for",
    "program_of",
    "report_of",
    "unreadable",
    "without_answer",
]

DEFAULT_SECONDS = 10.0
"""CPU-seconds for a task where neither the user nor the task's `budget` line says anything."""


_OUT_OF_FORM = "It has the form of none of the task's sketches."


class Blame(enum.Enum):
    """Whose fault it is that a task could not even be tried properly."""

    NOBODY = "nobody"
    INPUT = "input"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Missed:
    """An example (0-based) that a program is wrong on: what goes in, what should come out, and what did."""

    example: int
    given: str
    wanted: str
    got: str


@dataclass(frozen=True, slots=True)
class NearReport:
    """A program that is right on some examples (0-based positions), as text over the task's parameters."""

    text: str
    right: tuple[int, ...]
    bits: float
    missed: tuple[Missed, ...] = ()


@dataclass(frozen=True, slots=True)
class AlternativeReport:
    """One of several behaviours that fit the examples; `mass` is its share of the posterior found so far."""

    program: str
    definition: str
    size: int
    bits: float
    mass: float
    holdout: bool | None
    held_out: tuple[int, int]

    def record(self) -> dict[str, object]:
        """What the line of `synth eval` has of it."""
        mass, bits = round(self.mass, 4), round(self.bits, 2)
        return {"program": self.program, "bits": bits, "mass": mass, "holdout": self.holdout}


@dataclass(frozen=True, slots=True)
class TaskReport:
    """What came of one task. `program` is the whole program; `definition` the same as `name(xs) = ...`.

    `examples` and `held_out` are (right, all); `missed` are the positions (from 0) of the examples that it is wrong
    on, which the task's noise allows where it fits. `alternatives` are the behaviours found, the answer first; empty
    where the search gave only one. `guess` is the definition that a search found and did not claim. `answered` says
    that a search came to its end under guidance that can be recorded, so that it can be had again; `guidance` is what
    it was given, as plain data. `first_fit` and `full_at` are as in `Answer`. `parts` are the values of every part of
    the program, where asked for. `trace` is a Python traceback, only for a bug of ours.
    """

    task: str
    status: str
    signature: str = ""
    fits: bool = False
    holdout: bool | None = None
    seconds: float = 0.0
    evaluations: int = 0
    program: str | None = None
    definition: str | None = None
    size: int | None = None
    bits: float | None = None
    attempts: int = 0
    examples: tuple[int, int] = (0, 0)
    held_out: tuple[int, int] = (0, 0)
    missed: tuple[int, ...] = ()
    guided_by: str = "none"
    message: str = ""
    near: tuple[NearReport, ...] = ()
    blame: Blame = Blame.NOBODY
    trace: str = ""
    mass: float | None = None
    guess: str | None = None
    alternatives: tuple[AlternativeReport, ...] = ()
    explanation: Explanation | None = None
    answered: bool = False
    guidance: Mapping[str, Any] = field(default_factory=dict)
    first_fit: int | None = None
    full_at: int | None = None
    parts: tuple[Step, ...] = ()

    @property
    def any_holdout(self) -> bool | None:
        """Whether some attempt is right on every held-out pair."""
        return self.holdout or next((True for a in self.alternatives if a.holdout), self.holdout)

    def record(self) -> dict[str, object]:
        """The line of `synth eval`."""
        return {
            "task": self.task,
            "status": self.status,
            "fits": self.fits,
            "holdout": self.any_holdout,
            "seconds": round(self.seconds, 3),
            "evaluations": self.evaluations,
            "program": self.program,
            "size": self.size,
            "bits": None if self.bits is None else round(self.bits, 2),
            "attempts": self.attempts,
            "mass": None if self.mass is None else round(self.mass, 4),
            "alternatives": [alternative.record() for alternative in self.alternatives],
        }


def budget_for(task: Task, asked: Budget) -> Budget:
    """The budget that counts: what the user asked for, else the task's `budget` line, else ten CPU-seconds."""
    if asked.evaluations is not None or asked.seconds is not None:
        return asked
    line = task.budget
    if line is not None and (line.evaluations is not None or line.seconds is not None):
        return Budget(line.evaluations, line.seconds, asked.memory)
    return Budget(None, DEFAULT_SECONDS, asked.memory)


def attempt(
    task: Task, solver: Solver, asked: Budget, *, name: str, seed: int, with_parts: bool = False
) -> tuple[TaskReport, Verdict | None]:
    """Search, verify, report; the verdict too, for those who want more than text.

    With `with_parts` the report has the values of every part of the program. The search's randomness hangs on the seed
    and the task's id alone, so neither order nor company of tasks changes a result. Bugs of ours come back as reports
    that blame us; nothing is raised but KeyboardInterrupt and the like.
    """
    if not task.examples:
        message = "expected a task with at least one `example` line, found none"
        return without_answer(name, task, StopReason.ERROR, message, Blame.INPUT), None
    try:
        with redirect_stdout(sys.stderr):  # stdout is for results; a user's primitive may print
            answer = solver.solve(task.spec, budget_for(task, asked), rng=random.Random(f"{seed}:{name}"))
            verdict = verify(task, answer)
            others = verify_alternatives(task, answer)
            report = report_of(name, task, answer, verdict, others)
            if with_parts and verdict.program is not None:
                inputs = [example.arguments for example in task.examples]
                report = replace(report, parts=steps(verdict.program, task.type_request, inputs, task.library))
        return report, verdict
    except MemoryError:
        return without_answer(name, task, StopReason.MEMORY, "the machine has no memory left", Blame.NOBODY), None
    except Exception as error:  # the boundary where a bug in one search must not take the other tasks down
        if isinstance(error, EngineError) and (words := _unsteady(task, error)):
            message = f"the answer cannot be checked: {', '.join(words)} gives different values for the same arguments"
            return without_answer(name, task, StopReason.ERROR, message, Blame.INPUT), None
        message = str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
        report = without_answer(name, task, StopReason.ERROR, message, Blame.BUG)
        return replace(report, trace=traceback.format_exc()), None


def _unsteady(task: Task, error: EngineError) -> tuple[str, ...]:
    """Words to blame in place of the search where its program does not do what it did: those that are no functions."""
    if not isinstance(error.program, Lambda):
        return ()
    return unsteady_words(error.program, [example.arguments for example in task.examples], task.library)


def program_of(report: TaskReport, task: Task) -> Lambda | None:
    """The program of a report; None where there is none, or where its text names an auxiliary word."""
    if report.program is None:
        return None
    try:
        program = parse(report.program, task.library, expected=task.type_request)
    except DslError:
        return None
    return program if isinstance(program, Lambda) else None


def unreadable(name: str, error: DslError) -> TaskReport:
    """The report of a task that could not be read."""
    return TaskReport(name, StopReason.ERROR.value, message=str(error), blame=Blame.INPUT)


def without_answer(name: str, task: Task, stop: StopReason, message: str, blame: Blame) -> TaskReport:
    """The report of an attempt that ended before there was anything to judge."""
    return TaskReport(
        task=name,
        status=stop.value,
        signature=task.signature,
        holdout=False if task.holdout else None,
        message=message,
        blame=blame,
    )


def report_of(name: str, task: Task, answer: Answer, verdict: Verdict, others: Sequence[Verdict] = ()) -> TaskReport:
    """What an answer and its verdict come to, and those of its alternatives, where there are any."""
    guidance = recorded_guidance(answer.guidance, task.spec)
    report = TaskReport(
        task=name,
        status=answer.stop.value,
        signature=task.signature,
        holdout=verdict.holdout,
        seconds=answer.seconds,
        evaluations=answer.evaluations,
        examples=(0, len(task.examples)),
        held_out=(0, len(task.holdout)),
        guided_by=answer.guided_by,
        message=answer.message,
        near=tuple(_near(task, miss) for miss in answer.near_misses),
        mass=answer.mass,
        explanation=answer.explanation,
        answered=guidance is not None,
        guidance=guidance or {},
        first_fit=answer.first_fit,
        full_at=answer.full_at,
    )
    if answer.stop is StopReason.ABSTAINED:  # what is not claimed is not counted
        return replace(report, guess=_definition(task, verdict), holdout=False if task.holdout else None)
    return replace(
        report,
        fits=verdict.fits,
        program=verdict.as_function,
        definition=_definition(task, verdict),
        size=verdict.size,
        bits=answer.bits,
        attempts=0 if verdict.program is None else max(1, len(others)),
        examples=(_right(task.examples, verdict.outcomes), len(task.examples)),
        held_out=(_right(task.holdout, verdict.held_out), len(task.holdout)),
        missed=verdict.missed,
        message="\n".join(filter(None, (answer.message, "" if verdict.in_form else _OUT_OF_FORM))),
        alternatives=tuple(_alternative(task, c, v) for c, v in zip(answer.alternatives, others, strict=True)),
    )


def _alternative(task: Task, candidate: Candidate, verdict: Verdict) -> AlternativeReport:
    definition = _definition(task, verdict)
    assert verdict.as_function is not None, "a candidate has a program"
    assert verdict.size is not None, "as above"
    assert definition is not None, "as above"
    held_out = (_right(task.holdout, verdict.held_out), len(task.holdout))
    return AlternativeReport(
        verdict.as_function, definition, verdict.size, candidate.bits, candidate.mass, verdict.holdout, held_out
    )


def _definition(task: Task, verdict: Verdict) -> str | None:
    if verdict.program is None:
        return None
    name = re.split(r"[/:]", task.name)[-1]  # a task from a folder is named by its path
    parameters = ", ".join(verdict.program.parameters)
    return f"{name if name.isidentifier() else 'program'}({parameters}) = {verdict.text}"


def _right(pairs: Sequence[Example], outcomes: Sequence[object]) -> int:
    """How many pairs came out right; none, where there is no program and so no outcome."""
    return len(pairs) - len(missed(pairs, outcomes)) if outcomes else 0


def _near(task: Task, miss: NearMiss) -> NearReport:
    body = miss.program.body if isinstance(miss.program, Lambda) else miss.program
    variables = dict(zip(task.parameters, task.type_request.parameters, strict=True))
    text = show(body, task.library, expected=task.result_type, variables=variables)
    wrong = [n for n in range(len(task.examples)) if n not in miss.right]
    program = Lambda(task.parameters, body)
    return NearReport(text, miss.right, miss.bits, tuple(_missed(task, program, n) for n in wrong))


def _missed(task: Task, program: Program, number: int) -> Missed:
    example = task.examples[number]
    types = task.type_request.parameters
    given = ", ".join(show_value(v, t) for v, t in zip(example.arguments, types, strict=True))
    outcome = run(program, example.arguments, task.library)
    return Missed(number, given, show_value(example.output, task.result_type), show_got(outcome, task))
