"""One attempt at one task, from the task to a report of plain data that can cross processes and be printed."""

from __future__ import annotations

import enum
import random
import re
import sys
import traceback
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace

from dsl.errors import DslError
from dsl.printer import show
from dsl.program import Lambda
from synth.budget import Budget, StopReason
from synth.solver import Answer, NearMiss, Solver
from synth.verify import EngineError, Verdict, verify
from tasks.task import Example, Task, missed

__all__ = [
    "DEFAULT_SECONDS",
    "Blame",
    "NearReport",
    "TaskReport",
    "attempt",
    "budget_for",
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
class NearReport:
    """A program that is right on some examples (0-based positions), as text over the task's parameters."""

    text: str
    right: tuple[int, ...]
    bits: float


@dataclass(frozen=True, slots=True)
class TaskReport:
    """What came of one task. `program` is the whole program; `definition` the same as `name(xs) = ...`.

    `examples` and `held_out` are (right, all); `missed` are the positions (from 0) of the examples that it is wrong on,
    which the task's noise allows where it fits. `trace` is a Python traceback, only for a bug of ours.
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

    def record(self) -> dict[str, object]:
        """The line of `synth eval`."""
        return {
            "task": self.task,
            "status": self.status,
            "fits": self.fits,
            "holdout": self.holdout,
            "seconds": round(self.seconds, 3),
            "evaluations": self.evaluations,
            "program": self.program,
            "size": self.size,
            "bits": None if self.bits is None else round(self.bits, 2),
            "attempts": self.attempts,
        }


def budget_for(task: Task, asked: Budget) -> Budget:
    """The budget that counts: what the user asked for, else the task's `budget` line, else ten CPU-seconds."""
    if asked.evaluations is not None or asked.seconds is not None:
        return asked
    line = task.budget
    if line is not None and (line.evaluations is not None or line.seconds is not None):
        return Budget(line.evaluations, line.seconds, asked.memory)
    return Budget(None, DEFAULT_SECONDS, asked.memory)


def attempt(task: Task, solver: Solver, asked: Budget, *, name: str, seed: int) -> tuple[TaskReport, Verdict | None]:
    """Search, verify, report; the verdict too, for those who want more than text.

    The search's randomness hangs on the seed and the task's id alone, so neither order nor company of tasks changes
    a result. Bugs of ours come back as reports that blame us; nothing is raised but KeyboardInterrupt and the like.
    """
    if not task.examples:
        message = "expected a task with at least one `example` line, found none"
        return without_answer(name, task, StopReason.ERROR, message, Blame.INPUT), None
    try:
        with redirect_stdout(sys.stderr):  # stdout is for results; a user's primitive may print
            answer = solver.solve(task.spec, budget_for(task, asked), rng=random.Random(f"{seed}:{name}"))
            verdict = verify(task, answer)
        return report_of(name, task, answer, verdict), verdict
    except MemoryError:
        return without_answer(name, task, StopReason.MEMORY, "the machine has no memory left", Blame.NOBODY), None
    except Exception as error:  # the boundary where a bug in one search must not take the other tasks down
        message = str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
        report = without_answer(name, task, StopReason.ERROR, message, Blame.BUG)
        return replace(report, trace=traceback.format_exc()), None


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


def report_of(name: str, task: Task, answer: Answer, verdict: Verdict) -> TaskReport:
    """What an answer and its verdict come to."""
    return TaskReport(
        task=name,
        status=answer.stop.value,
        signature=task.signature,
        fits=verdict.fits,
        holdout=verdict.holdout,
        seconds=answer.seconds,
        evaluations=answer.evaluations,
        program=verdict.as_function,
        definition=_definition(task, verdict),
        size=verdict.size,
        bits=answer.bits,
        attempts=0 if verdict.program is None else 1,
        examples=(_right(task.examples, verdict.outcomes), len(task.examples)),
        held_out=(_right(task.holdout, verdict.held_out), len(task.holdout)),
        missed=verdict.missed,
        guided_by=answer.guided_by,
        message="\n".join(filter(None, (answer.message, "" if verdict.in_form else _OUT_OF_FORM))),
        near=tuple(_near(task, miss) for miss in answer.near_misses),
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
    return NearReport(show(body, task.library, expected=task.result_type, variables=variables), miss.right, miss.bits)
