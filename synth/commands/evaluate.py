"""`synth eval`: whole suites, one JSON line a task, and a count at the end."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from synth.attempt import Blame, TaskReport
from synth.budget import Budget, StopReason
from synth.commands.live import counted
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
    Sources,
    Timeout,
    chosen_guide,
    parse_grammar,
    parse_mass,
    parse_share,
    with_switches,
)
from synth.commands.terminal import Interrupts, exit_code, print_json, say, warn, warn_of_bug
from synth.evaluate import Plan, Records, evaluate, summarise
from synth.pipeline import make_solver
from synth.run_record import RunFile, run_of
from synth.search.switches import Switches

__all__ = ["evaluate_suites"]


@with_switches
def evaluate_suites(
    context: typer.Context,
    sources: Sources,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N tasks.")] = None,
    pattern: Pattern = None,
    seed: Seed = 0,
    evaluations: Evaluations = None,
    timeout: Timeout = None,
    memory: Memory = None,
    jobs: Jobs = 1,
    attempts: Annotated[
        int,
        typer.Option(
            min=1, max=1000, metavar="K", help="Different answers wanted a task; any may be right where held out."
        ),
    ] = 1,
    min_mass: MinMass = "0%",
    hide: Annotated[
        str, typer.Option(metavar="SHARE", help="Hold this share of the examples out, as 33%, where none are.")
    ] = "0%",
    guide: GuideName = "auto",
    library: ModuleFiles = None,
    with_files: PrimitiveFiles = None,
    grammar: Annotated[
        str,
        typer.Option(
            parser=parse_grammar, metavar="file|ours", help="Words from the task's file or ours; lists have only ours."
        ),
    ] = "file",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl",
            help="Write the lines here, not on stdout, and beside them FILE.run.json for `synth replay`.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Keep the lines of --out and skip their tasks.")] = False,
    json: Json = False,
    *,
    switches: Switches,
) -> None:
    """Attempt every task of some suites and count.

    One JSON line a task, as it finishes: task status fits holdout seconds evaluations program size bits attempts mass
    alternatives. The last line on stdout is the count. With --evaluations alone, results depend on neither the machine
    nor --jobs.
    Exit codes: 0 all solved, 1 some not, 2 interrupted, 3 a bug of ours, 4 bad input.
    """
    if resume and out is None:
        raise typer.BadParameter("expected --out FILE.jsonl beside --resume: there is nothing to resume without it")
    used, note = chosen_guide(guide)
    warn(note or f"guide: {used}")
    plan = Plan(
        sources=tuple(sources),
        make_solver=make_solver,
        budget=Budget(evaluations, timeout, memory),
        guide=used,
        seed=seed,
        hidden=parse_share(hide),
        limit=limit,
        pattern=pattern,
        primitive_files=tuple(with_files or ()),
        module_files=tuple(library or ()),
        switches=switches,
        top=attempts,
        min_mass=parse_mass(min_mass),
    )
    items = {item.name: item for item in plan.items()}
    file = None if out is None else RunFile.open(out.with_suffix(".run.json"), run_of(plan, "eval"), resume=resume)
    records = Records.open(out, resume=resume)
    reports: list[TaskReport] = []
    interrupted = False
    todo = [item for item in items.values() if item.name not in records.finished]
    with Interrupts().watched() as interrupts, counted(len(todo)) as step:
        for report in evaluate(plan, workers=jobs, items=todo, stopping=interrupts):
            if report.status == StopReason.INTERRUPTED.value and not report.fits:
                continue  # not finished: --resume will take it up again
            step(report)
            reports.append(report)
            if file is not None:
                file.add(items[report.task], report)
            line = records.add(report.record())
            if out is None and not json:
                say(line)
                sys.stdout.flush()
            _tell(report, context)
        interrupted = interrupts()
    records.close()
    summary = summarise(records.lines)
    if json:
        print_json({"tasks": records.lines, "summary": asdict(summary)})
    else:
        say(str(summary))
    raise typer.Exit(exit_code(reports, interrupted=interrupted, unsolved=summary.tasks - summary.solved))


def _tell(report: TaskReport, context: typer.Context) -> None:
    """What a line has no room for, on stderr."""
    warn_of_bug(report, context)
    if report.blame is not Blame.BUG and not report.fits and report.message:
        warn(f"{report.task}: {report.status}: {report.message}")
