"""`synth solve`: tasks in, readable programs out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from dsl.errors import InterfaceError
from synth.attempt import TaskReport, attempt, unreadable
from synth.budget import Budget, StopReason
from synth.commands.examples import task_from_examples
from synth.commands.options import (
    Evaluations,
    GuideName,
    Jobs,
    Json,
    Memory,
    ModuleFiles,
    Pattern,
    PrimitiveFiles,
    Seed,
    Timeout,
    no_trained_guide,
    parse_share,
)
from synth.commands.terminal import (
    Interrupts,
    error_console,
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
from synth.solver import Progress
from synth.workload import Item, read_library
from tasks.suite import BrokenTask

__all__ = ["report_json", "reports_of", "solve"]


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
    guide: GuideName = "none",
    with_files: PrimitiveFiles = None,
    library: ModuleFiles = None,
    seed: Seed = 0,
    jobs: Jobs = 1,
    json: Json = False,
) -> None:
    """Find a program for every task: the shortest one, in bits, that is right on all examples.

    With a task's noise, it may miss so many of them; with its sketches, it has the form of one.

    Every answer is printed, parsed again and run by the interpreter before it counts. Ctrl-C keeps the best so far.
    Exit codes: 0 all solved, 1 some not, 2 interrupted, 3 a bug of ours, 4 bad input.
    """
    used, note = no_trained_guide(guide)
    if note is not None:
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
    )
    items = _items(plan, example or [], sketch or [], parse_share(noise))
    reports: list[TaskReport] = []
    with Interrupts().watched() as interrupts:
        for report in reports_of(plan, items, jobs=jobs, interrupts=interrupts):
            reports.append(report)
            if not json:
                print_lines(task_lines(report))
            warn_of_bug(report, context)
    interrupted = interrupts() or any(r.status == StopReason.INTERRUPTED.value for r in reports)
    if json:
        print_json([report_json(r) for r in reports])
    elif len(items) > 1:
        say(f"solved {sum(r.fits for r in reports)} of {plural(len(items), 'task')}")
    raise typer.Exit(exit_code(reports, interrupted=interrupted))


def _items(plan: Plan, examples: Sequence[str], sketches: Sequence[str], noise: float) -> tuple[Item, ...]:
    if examples and plan.sources:
        raise InterfaceError("expected either files or --example, found both")
    if examples:
        words = read_library(plan.primitive_files, plan.module_files)
        task = task_from_examples(examples, words, sketches=sketches, noise=noise)
        return (Item(task.name, task),)
    if sketches or noise:
        raise InterfaceError(
            f"expected {'--sketch' if sketches else '--noise'} with --example, found it without",
            hint="in a file, a task has a line: sketch map(?f, xs), or noise 10%",
        )
    if not plan.sources:
        raise InterfaceError(
            "expected what to solve, found nothing",
            hint="name a .syn file, a folder or a suite (`synth suites` lists them), "
            "or give --example '[1, 2] -> [2, 4]'",
        )
    return plan.items()


def reports_of(plan: Plan, items: Sequence[Item], *, jobs: int, interrupts: Interrupts) -> Iterator[TaskReport]:
    """Attempt all items: here, with a progress line, or (`jobs` > 1 and several tasks) on worker processes."""
    if jobs > 1 and len(items) > 1:
        yield from evaluate(plan, workers=jobs, stopping=interrupts)
        return
    for item in items:
        if interrupts():
            return
        if isinstance(item.content, BrokenTask):
            yield unreadable(item.name, item.content.error)
            continue
        with progress_line(item.name) as progress:
            solver = plan.make_solver(plan.guide, progress)
            report, _ = attempt(item.content, solver, plan.budget, name=item.name, seed=plan.seed)
        yield report
        if report.status == StopReason.INTERRUPTED.value:
            return


@contextmanager
def progress_line(name: str) -> Iterator[Callable[[Progress], None] | None]:
    """A moving line on stderr where that is a terminal: how far the search is and how near it came."""
    if not sys.stderr.isatty():
        yield None
        return
    with error_console().status(name) as status:

        def show(progress: Progress) -> None:
            best = "" if progress.best is None else f", nearest right on {plural(len(progress.best.right), 'example')}"
            status.update(
                f"{name}: {progress.evaluations:,} evaluations, {progress.classes:,} classes, "
                f"{progress.level_bits:.1f} bits, {progress.seconds:.1f} s{best}"
            )

        yield show


def report_json(report: TaskReport) -> dict[str, object]:
    """A report with all that it has, for programs."""
    extra = {
        "signature": report.signature or None,
        "definition": report.definition,
        "examples": list(report.examples),
        "held_out": list(report.held_out),
        "missed": list(report.missed),
        "guided_by": report.guided_by,
        "message": report.message or None,
        "near_misses": [asdict(near) for near in report.near],
    }
    return report.record() | extra
