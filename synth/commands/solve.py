"""`synth solve`: tasks in, readable programs out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from dsl.errors import InterfaceError
from synth.attempt import TaskReport
from synth.budget import Budget, StopReason
from synth.commands.live import counted, watch, watch_workers
from synth.commands.options import (
    Evaluations,
    GuideName,
    Jobs,
    Json,
    Memory,
    MinMass,
    ModuleFiles,
    Pattern,
    PrimitiveFiles,
    Seed,
    Timeout,
    Top,
    chosen_guide,
    parse_mass,
    parse_share,
    was_given,
    with_switches,
)
from synth.commands.terminal import (
    Interrupts,
    exit_code,
    plural,
    print_json,
    print_lines,
    say,
    warn,
    warn_of_bug,
)
from synth.evaluate import Plan, evaluate
from synth.pipeline import make_solver
from synth.report.task_text import task_lines
from synth.report.why import suggestions
from synth.run_record import RunFile, run_of
from synth.search.switches import Switches
from synth.workload import Item
from tasks.suite import BrokenTask
from tasks.task import Task

__all__ = ["report_json", "reports_of", "solve"]


@with_switches
def solve(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SUITE]...", help="Names of shipped suites, .syn files, folders of them, or LOADER:PATH."
        ),
    ] = None,
    example: Annotated[
        list[str] | None,
        typer.Option(metavar="'IN -> OUT'", help="An example instead of a file, as '[1,2] -> [2,4]'; may be repeated."),
    ] = None,
    sketch: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT", help="The form of the answer, as 'map(?f, xs)', beside --example; may be repeated."
        ),
    ] = None,
    noise: Annotated[
        str,
        typer.Option(metavar="SHARE", help="How many of the examples an answer may miss, beside --example, as 10%."),
    ] = "0%",
    pattern: Pattern = None,
    evaluations: Evaluations = None,
    timeout: Timeout = None,
    memory: Memory = None,
    guide: GuideName = "auto",
    with_files: PrimitiveFiles = None,
    library: ModuleFiles = None,
    seed: Seed = 0,
    jobs: Jobs = 1,
    top: Top = 1,
    min_mass: MinMass = "0%",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Record the run in this file, for `synth replay FILE`."),
    ] = None,
    json: Json = False,
    *,
    switches: Switches,
) -> None:
    """Find a program for every task: the shortest one, in bits, that is right on all examples.

    With a task's noise, it may miss so many of them; with its sketches, it has the form of one.

    Every answer is printed, parsed again and run by the interpreter before it counts. Ctrl-C keeps the best so far.
    Exit codes: 0 all solved, 1 some not, 2 interrupted, 3 a bug of ours, 4 bad input.
    """
    used, note = chosen_guide(guide)
    if note is not None and was_given(context, "guide"):
        warn(note)
    plan = Plan(
        sources=tuple(sources or ()),
        make_solver=make_solver,
        budget=Budget(evaluations, timeout, memory),
        guide=used,
        seed=seed,
        pattern=pattern,
        primitive_files=tuple(with_files or ()),
        module_files=tuple(library or ()),
        examples=tuple(example or ()),
        sketches=tuple(sketch or ()),
        noise=parse_share(noise),
        switches=switches,
        top=top,
        min_mass=parse_mass(min_mass),
    )
    items = _items(plan)
    file = None if out is None else RunFile.open(out, run_of(plan, "solve"))
    reports: list[TaskReport] = []
    with Interrupts().watched() as interrupts:
        for report in reports_of(plan, items, jobs=jobs, interrupts=interrupts):
            reports.append(report)
            if file is not None:
                file.add(next(item for item in items if item.name == report.task), report)
            if not json:
                print_lines(task_lines(report))
            warn_of_bug(report, context)
    interrupted = interrupts() or any(r.status == StopReason.INTERRUPTED.value for r in reports)
    if json:
        print_json([report_json(r) for r in reports])
    elif len(items) > 1:
        say(f"solved {sum(r.fits for r in reports)} of {plural(len(items), 'task')}")
    raise typer.Exit(exit_code(reports, interrupted=interrupted))


def _items(plan: Plan) -> tuple[Item, ...]:
    if plan.examples and plan.sources:
        raise InterfaceError("expected either files or --example, found both")
    if (plan.sketches or plan.noise) and not plan.examples:
        raise InterfaceError(
            f"expected {'--sketch' if plan.sketches else '--noise'} with --example, found it without",
            hint="in a file, a task has a line: sketch map(?f, xs), or noise 10%",
        )
    if not plan.examples and not plan.sources:
        raise InterfaceError(
            "expected what to solve, found nothing",
            hint="name a .syn file, a folder or a suite (`synth suites` lists them), "
            "or give --example '[1, 2] -> [2, 4]'",
        )
    return plan.items()


def reports_of(plan: Plan, items: Sequence[Item], *, jobs: int, interrupts: Interrupts) -> Iterator[TaskReport]:
    """Attempt all items, with a view of what goes on.

    Here, one after the other; or on worker processes, where that is asked for, and where words of the user's are
    loaded, since a primitive that hangs can only be cut off from outside.
    """
    if jobs > 1 and len(items) > 1:
        with counted(len(items)) as step:
            for report in evaluate(plan, workers=jobs, stopping=interrupts, items=items):
                step(report)
                yield report
    elif plan.primitive_files:
        tasks = {item.name: item.content for item in items if isinstance(item.content, Task)}
        with watch_workers(tasks) as tell:
            yield from evaluate(replace(plan, live=tell is not None), stopping=interrupts, tell=tell, items=items)
    else:
        yield from _here(plan, items, interrupts)


def _here(plan: Plan, items: Sequence[Item], interrupts: Interrupts) -> Iterator[TaskReport]:
    for item in items:
        if interrupts():
            return
        if isinstance(item.content, BrokenTask):
            yield plan.attempt(item)
            continue
        with watch(item.name, item.content) as progress:
            report = plan.attempt(item, progress)
        yield report
        if report.status == StopReason.INTERRUPTED.value:
            return


def report_json(report: TaskReport) -> dict[str, object]:
    """A report with all that it has, for programs."""
    found = report.explanation
    extra = {
        "signature": report.signature or None,
        "definition": report.definition,
        "examples": list(report.examples),
        "held_out": list(report.held_out),
        "missed": list(report.missed),
        "guided_by": report.guided_by,
        "message": report.message or None,
        "near_misses": [asdict(near) for near in report.near],
        "mass": report.mass,
        "guess": report.guess,
        "alternatives": [asdict(alternative) for alternative in report.alternatives],
        "explanation": None if found is None else asdict(found),
        "suggestions": list(suggestions(report)),
    }
    return report.record() | extra
