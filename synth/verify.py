"""Re-checks an answer from its text: what counts as solved is what the user can read.

The program is printed, the text is parsed and type checked again, and the tree-walking interpreter runs it on every
example and every held-out pair. Nothing that a search found out is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dsl.errors import DslError
from dsl.forms import has_form
from dsl.interpreter import run
from dsl.parser import parse
from dsl.printer import show
from dsl.program import Lambda, Program
from dsl.values import Failure, Outcome, show_value
from synth.budget import StopReason
from synth.solver import Answer
from tasks.task import Example, Task, allowed_misses, missed

__all__ = ["EngineError", "Verdict", "judge", "show_got", "verify", "verify_alternatives"]


class EngineError(Exception):
    """A bug of ours: a search claimed what its program, read back from text, does not do.

    Or of a user's word that is no function; `program`, where there is one, is what to look at.
    """

    def __init__(self, message: str, program: Program | None = None) -> None:
        super().__init__(message)
        self.program = program


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a program does, as seen from outside the search; all None or empty where there is no program.

    `program` is the program as parsed back, `text` its body over the task's parameters, `size` the number of its
    nodes (parameters not counted). `outcomes` and `held_out` are its outputs, in the order of the examples and of
    the held-out pairs. `missed` are the positions (from 0) of the examples that it is wrong on. `in_form`: it has the
    form of one of the task's sketches, where there are any. `fits`: it is in form and misses no more examples than the
    task's noise allows, so without noise none, and there is at least one example. `holdout`: right on every held-out
    pair, whatever the noise; None where there is none.
    """

    fits: bool
    holdout: bool | None
    program: Lambda | None = None
    text: str | None = None
    size: int | None = None
    outcomes: tuple[Outcome, ...] = ()
    held_out: tuple[Outcome, ...] = ()
    missed: tuple[int, ...] = ()
    in_form: bool = True

    @property
    def as_function(self) -> str | None:
        """The text of the whole program, `lambda xs: ...`; it needs no task beside it to be understood."""
        if self.program is None:
            return None
        return f"lambda {', '.join(self.program.parameters)}: {self.text}" if self.program.parameters else self.text


def verify(task: Task, answer: Answer) -> Verdict:
    """Judge an answer by its text alone.

    Raises EngineError where the text does not parse, has another type, means another program, or where an answer
    that says `solved` misses more examples than the task's noise allows or has the form of none of its sketches.
    """
    if answer.program is None:
        if answer.stop is StopReason.SOLVED:
            raise EngineError(f"{task.name}: the search said solved and gave no program")
        return Verdict(False, False if task.holdout else None)
    verdict = judge(task, answer.program)
    if answer.stop is StopReason.SOLVED and not verdict.fits:
        raise EngineError(_disagreement(task, verdict), verdict.program)
    return verdict


def verify_alternatives(task: Task, answer: Answer) -> tuple[Verdict, ...]:
    """Judge every behaviour of an answer, the answer itself (judged by `verify`) first.

    Raises EngineError where one of a solved answer misses an example, or two are the same program.
    """
    verdicts = [verify(task, replace(answer, program=c.program)) for c in answer.alternatives]
    texts = [verdict.text for verdict in verdicts]
    if len(set(texts)) < len(texts):
        raise EngineError(f"{task.name}: the search gave one program twice among its answers: {texts}")
    return tuple(verdicts)


def judge(task: Task, program: Program) -> Verdict:
    """What a program over a task's parameters does, found out from its text; EngineError where that is not faithful."""
    if not isinstance(program, Lambda) or len(program.parameters) != len(task.parameters):
        raise EngineError(f"{task.name}: expected a program over {task.parameters}, the search gave {program!r}")
    variables = dict(zip(program.parameters, task.type_request.parameters, strict=True))
    text = show(program.body, task.library, expected=task.result_type, variables=variables)
    again = _read_back(task, program, text)
    outcomes, held_out = _run_all(task, again, task.examples), _run_all(task, again, task.holdout)
    wrong = missed(task.examples, outcomes)
    in_form = not task.sketches or any(has_form(again, sketch) for sketch in task.sketches)
    return Verdict(
        fits=bool(task.examples) and in_form and len(wrong) <= allowed_misses(task.noise, len(task.examples)),
        holdout=not missed(task.holdout, held_out) if task.holdout else None,
        program=again,
        text=text,
        size=again.body.size,
        outcomes=outcomes,
        held_out=held_out,
        missed=wrong,
        in_form=in_form,
    )


def _read_back(task: Task, program: Lambda, text: str) -> Lambda:
    """The program that the text means; the same tree, or something is broken in printer or parser."""
    variables = dict(zip(program.parameters, task.type_request.parameters, strict=True))
    try:
        body = parse(text, task.library, expected=task.result_type, variables=variables)
    except DslError as error:
        raise EngineError(f"{task.name}: the program found prints as text that is refused\n{error}") from error
    if body != program.body:
        raise EngineError(f"{task.name}: the program found prints as `{text}`, which reads as another: {body!r}")
    return Lambda(program.parameters, body)


def _run_all(task: Task, program: Lambda, pairs: Sequence[Example]) -> tuple[Outcome, ...]:
    return tuple(run(program, pair.arguments, task.library) for pair in pairs)


def _disagreement(task: Task, verdict: Verdict) -> str:
    if not verdict.in_form:
        return f"{task.name}: the search said solved, but `{verdict.text}` has the form of none of the task's sketches"
    if not verdict.missed:
        return f"{task.name}: the search said solved, but the task has no examples"
    wrong = verdict.missed[0]
    got = show_got(verdict.outcomes[wrong], task)
    wanted = show_value(task.examples[wrong].output, task.result_type)
    allowed = allowed_misses(task.noise, len(task.examples))
    more = f"; it misses {len(verdict.missed)} examples, and the noise allows {allowed}" if task.noise else ""
    said = f"{task.name}: the search said solved, but `{verdict.text}` gives {got} in example {wrong + 1}, not {wanted}"
    return said + more


def show_got(outcome: Outcome, task: Task) -> str:
    """An output of a task's program as text, or why there is none."""
    return str(outcome) if isinstance(outcome, Failure) else show_value(outcome, task.result_type)
