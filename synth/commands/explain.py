"""`synth explain`: why a program is right, part by part; or, where there is none, how near the search came."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import typer

from dsl.parser import parse
from dsl.program import Application, Lambda, Variable
from synth.attempt import TaskReport, attempt, report_of, unreadable
from synth.budget import Budget, StopReason
from synth.commands.options import (
    Evaluations,
    GuideName,
    Json,
    Memory,
    ModuleFiles,
    Pattern,
    PrimitiveFiles,
    Seed,
    Sources,
    Timeout,
    no_trained_guide,
)
from synth.commands.solve import progress_line, report_json
from synth.commands.terminal import Interrupts, exit_code, print_json, print_lines, print_table, say, warn, warn_of_bug
from synth.pipeline import make_solver
from synth.report.steps import Step, show_outcome, steps
from synth.report.task_text import Line, task_lines
from synth.solver import Answer
from synth.verify import judge
from synth.workload import Item, read_library, read_workload
from tasks.suite import BrokenTask
from tasks.task import Example, Task

__all__ = ["explain"]

_GIVEN = "given"
_COLUMNS = 4
"""Examples shown beside each other; --json has all."""


@dataclass(frozen=True, slots=True)
class _Explanation:
    report: TaskReport
    task: Task | None = None
    parts: tuple[Step, ...] = ()


def explain(
    context: typer.Context,
    sources: Sources,
    program: Annotated[
        str | None, typer.Option(help="Explain this program, as 'lambda xs: ...', and search for none.")
    ] = None,
    pattern: Pattern = None,
    evaluations: Evaluations = None,
    timeout: Timeout = None,
    memory: Memory = None,
    guide: GuideName = "none",
    with_files: PrimitiveFiles = None,
    library: ModuleFiles = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Solve tasks and show the value of every part of the answer on the examples, or why there is no answer.

    For an unsolved task: why the search ended, and the programs that came nearest. Exit codes as for solve.
    """
    used, note = no_trained_guide(guide)
    if note is not None:
        warn(note)
    words = read_library(with_files or (), library or ())
    budget = Budget(evaluations, timeout, memory)
    found: list[_Explanation] = []
    with Interrupts().watched() as interrupts:
        for item in read_workload(sources, words, pattern=pattern, seed=seed):
            if interrupts():
                break
            explanation = _given(item, program) if program is not None else _searched(item, used, budget, seed)
            if not json:
                if found:
                    say()
                _print(explanation)
            warn_of_bug(explanation.report, context)
            found.append(explanation)
    if json:
        print_json([_json(explanation) for explanation in found])
    reports = [explanation.report for explanation in found]
    interrupted = interrupts() or any(r.status == StopReason.INTERRUPTED.value for r in reports)
    raise typer.Exit(exit_code(reports, interrupted=interrupted))


def _searched(item: Item, guide: str, budget: Budget, seed: int) -> _Explanation:
    if isinstance(item.content, BrokenTask):
        return _Explanation(unreadable(item.name, item.content.error))
    task = item.content
    with progress_line(item.name) as progress:
        report, verdict = attempt(task, make_solver(guide, progress), budget, name=item.name, seed=seed)
    if verdict is None or verdict.program is None:
        return _Explanation(report, task)
    return _Explanation(report, task, _steps(task, verdict.program))


def _given(item: Item, text: str) -> _Explanation:
    """The explanation of a program that the user brings; it need not fit."""
    if isinstance(item.content, BrokenTask):
        return _Explanation(unreadable(item.name, item.content.error))
    task = item.content
    program = parse(text, task.library, expected=task.type_request)
    if not isinstance(program, Lambda):  # a word that has the type asked for
        program = Lambda(task.parameters, Application(program, tuple(map(Variable, task.parameters))))
    verdict = judge(task, program)
    stop = StopReason.SOLVED if verdict.fits else StopReason.ERROR
    report = replace(report_of(item.name, task, Answer(program, stop), verdict), status=_GIVEN, guided_by="you")
    return _Explanation(report, task, _steps(task, program))


def _steps(task: Task, program: Lambda) -> tuple[Step, ...]:
    return steps(program, task.type_request, [e.arguments for e in task.examples], task.library)


def _print(explanation: _Explanation) -> None:
    report, task = explanation.report, explanation.task
    if report.status == _GIVEN:
        style = "green" if report.fits else "red"
        print_lines(
            [Line(f"{'✓' if report.fits else '✗'} {report.task}", style), Line(f"    {report.definition}", "bold")]
        )
        say("    examples {}/{}".format(*report.examples))
        print_lines([Line(f"    {line}") for line in report.message.splitlines()])
    else:
        print_lines(task_lines(report))
    if task is None or not explanation.parts:
        return
    shown = task.examples[:_COLUMNS]
    rows = [("  " * part.depth + part.text, *part.values[:_COLUMNS]) for part in explanation.parts]
    wanted = ("wanted", *(show_outcome(e.output, task.result_type) for e in shown))
    say()
    print_table(("part", *(_input(task, e) for e in shown)), [*rows, wanted])
    if len(task.examples) > _COLUMNS:
        say(f"(the first {_COLUMNS} of {len(task.examples)} examples; --json has all)")


def _input(task: Task, example: Example) -> str:
    types = task.type_request.parameters
    return ", ".join(show_outcome(v, t) for v, t in zip(example.arguments, types, strict=True))


def _json(explanation: _Explanation) -> dict[str, object]:
    task = explanation.task
    inputs = [] if task is None else [_input(task, e) for e in task.examples]
    parts = [{"text": p.text, "depth": p.depth, "values": list(p.values)} for p in explanation.parts]
    return report_json(explanation.report) | {"inputs": inputs, "parts": parts}
