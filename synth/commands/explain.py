"""`synth explain`: why a program is right, part by part; or, where there is none, how near the search came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from dsl.parser import parse
from dsl.program import Application, Lambda, Variable
from synth.attempt import TaskReport, report_of, unreadable
from synth.budget import Budget, StopReason
from synth.commands.options import (
    Evaluations,
    GuideName,
    Json,
    Memory,
    MinMass,
    ModuleFiles,
    Pattern,
    PrimitiveFiles,
    Seed,
    Sources,
    Timeout,
    Top,
    chosen_guide,
    parse_mass,
    was_given,
    with_switches,
)
from synth.commands.solve import report_json, reports_of
from synth.commands.terminal import Interrupts, exit_code, print_json, print_lines, print_table, say, warn, warn_of_bug
from synth.evaluate import Plan
from synth.pipeline import make_solver
from synth.report.steps import Step, show_outcome, steps
from synth.report.task_text import Line, task_lines
from synth.report.why import why_lines
from synth.search.switches import Switches
from synth.solver import Answer
from synth.verify import judge
from synth.workload import Item
from tasks.suite import BrokenTask
from tasks.task import Example, Task

__all__ = ["explain"]

_GIVEN = "given"
_COLUMNS = 4
"""Examples shown beside each other; --json has all."""


@with_switches
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
    guide: GuideName = "auto",
    with_files: PrimitiveFiles = None,
    library: ModuleFiles = None,
    seed: Seed = 0,
    top: Top = 1,
    min_mass: MinMass = "0%",
    json: Json = False,
    *,
    switches: Switches,
) -> None:
    """Solve tasks and show the value of every part of the answer on the examples, or why there is no answer.

    For an unsolved task: why the search ended, what it saw, the programs that came nearest with the examples they
    fail, and what to try next. Exit codes as for solve.
    """
    used, note = chosen_guide(guide)
    if note is not None and was_given(context, "guide"):
        warn(note)
    plan = Plan(
        sources=tuple(sources),
        make_solver=make_solver,
        budget=Budget(evaluations, timeout, memory),
        guide=used,
        seed=seed,
        pattern=pattern,
        primitive_files=tuple(with_files or ()),
        module_files=tuple(library or ()),
        switches=switches,
        top=top,
        min_mass=parse_mass(min_mass),
        with_parts=True,
    )
    items = plan.items()
    tasks = {item.name: item.content for item in items if isinstance(item.content, Task)}
    reports: list[TaskReport] = []
    with Interrupts().watched() as interrupts:
        for report in _reports(plan, items, program, interrupts):
            if not json:
                if reports:
                    say()
                _print(report, tasks.get(report.task))
            warn_of_bug(report, context)
            reports.append(report)
    if json:
        print_json([_json(report, tasks.get(report.task)) for report in reports])
    interrupted = interrupts() or any(r.status == StopReason.INTERRUPTED.value for r in reports)
    raise typer.Exit(exit_code(reports, interrupted=interrupted))


def _reports(plan: Plan, items: Sequence[Item], program: str | None, interrupts: Interrupts) -> Iterator[TaskReport]:
    if program is None:
        yield from reports_of(plan, items, jobs=1, interrupts=interrupts)
        return
    for item in items:
        if interrupts():
            return
        yield _given(item, program)


def _given(item: Item, text: str) -> TaskReport:
    """The report of a program that the user brings; it need not fit."""
    if isinstance(item.content, BrokenTask):
        return unreadable(item.name, item.content.error)
    task = item.content
    program = parse(text, task.library, expected=task.type_request)
    if not isinstance(program, Lambda):  # a word that has the type asked for
        program = Lambda(task.parameters, Application(program, tuple(map(Variable, task.parameters))))
    verdict = judge(task, program)
    stop = StopReason.SOLVED if verdict.fits else StopReason.ERROR
    report = report_of(item.name, task, Answer(program, stop), verdict)
    return replace(report, status=_GIVEN, guided_by="you", parts=_steps(task, program))


def _steps(task: Task, program: Lambda) -> tuple[Step, ...]:
    return steps(program, task.type_request, [e.arguments for e in task.examples], task.library)


def _print(report: TaskReport, task: Task | None) -> None:
    if report.status == _GIVEN:
        style = "green" if report.fits else "red"
        print_lines(
            [Line(f"{'✓' if report.fits else '✗'} {report.task}", style), Line(f"    {report.definition}", "bold")]
        )
        say("    examples {}/{}".format(*report.examples))
        print_lines([Line(f"    {line}") for line in report.message.splitlines()])
    else:
        print_lines(task_lines(replace(report, near=())))  # the near misses are told in full below
        print_lines(why_lines(report))
    if task is None or not report.parts:
        return
    shown = task.examples[:_COLUMNS]
    rows = [("  " * part.depth + part.text, *part.values[:_COLUMNS]) for part in report.parts]
    wanted = ("wanted", *(show_outcome(e.output, task.result_type) for e in shown))
    say()
    print_table(("part", *(_input(task, e) for e in shown)), [*rows, wanted])
    if len(task.examples) > _COLUMNS:
        say(f"(the first {_COLUMNS} of {len(task.examples)} examples; --json has all)")


def _input(task: Task, example: Example) -> str:
    types = task.type_request.parameters
    return ", ".join(show_outcome(v, t) for v, t in zip(example.arguments, types, strict=True))


def _json(report: TaskReport, task: Task | None) -> dict[str, object]:
    inputs = [] if task is None else [_input(task, e) for e in task.examples]
    parts = [{"text": p.text, "depth": p.depth, "values": list(p.values)} for p in report.parts]
    return report_json(report) | {"inputs": inputs, "parts": parts}
