"""`synth bench posterior` and `synth bench ceiling`: what several answers to every task say of search and tasks."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from synth.attempt import TaskReport
from synth.budget import Budget, StopReason
from synth.commands.live import counted
from synth.commands.options import Evaluations, Jobs, Json, Memory, Pattern, Seed, Sources, Timeout
from synth.commands.terminal import (
    Interrupts,
    measured_code,
    plural,
    print_json,
    print_table,
    say,
    warn_of_bug,
)
from synth.evaluate import Plan, Records, evaluate
from synth.pipeline import make_solver

__all__ = ["bench_ceiling", "bench_posterior"]


def bench_posterior(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE.jsonl...", help="Lines of `synth eval --attempts 64 --out FILE.jsonl`."),
    ],
    plot: Annotated[str | None, typer.Option(metavar="FILE", help="Draw the reliability curve, .png or .svg.")] = None,
    json: Json = False,
) -> None:
    """How honest the confidence of answers is: their posterior mass against the held-out pairs.

    Brier score and log loss (0 is perfect), expected calibration error, how often answers above a mass are right, and
    the reliability curve in ten bins with Wilson intervals. Only claimed answers of tasks with held-out pairs count.
    """
    from synth.benchmark.calibration import HEADINGS, calibration_of, forecasts_of, read_lines
    from synth.benchmark.pictures import draw_reliability, picture_path

    picture = None if plot is None else picture_path(plot)
    forecasts = forecasts_of([line for path in files for line in read_lines(path)])
    found = calibration_of(forecasts.known)
    if picture is not None:
        draw_reliability(found.bins, picture, title=f"{plural(found.answers.total, 'answer')} that fit their examples")
    if json:
        counts = {"unclaimed": forecasts.unclaimed, "without_holdout": forecasts.unjudged}
        print_json({"files": [str(path) for path in files], **counts, **found.to_json()})
    else:
        print_table(HEADINGS, found.rows())
        say(f"left out: {forecasts.unclaimed} without a claimed answer, {forecasts.unjudged} without held-out pairs")


def bench_ceiling(
    context: typer.Context,
    sources: Sources,
    within: Annotated[
        float, typer.Option(min=0.0, metavar="BITS", help="Programs this close are about equally likely.")
    ] = 3.0,
    attempts: Annotated[int, typer.Option(min=2, max=1000, metavar="K", help="Different answers wanted a task.")] = 64,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only N tasks, spread over the suites.")] = None,
    pattern: Pattern = None,
    seed: Seed = 0,
    evaluations: Evaluations = None,
    timeout: Timeout = None,
    memory: Memory = None,
    jobs: Jobs = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.jsonl", help="Write the lines of `synth eval` here, too.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Keep the lines of --out and skip their tasks.")] = False,
    json: Json = False,
) -> None:
    """How many tasks could be got right at all: bounds on what words can say and examples tell apart.

    Each task is searched for several behaviours that fit its examples, and all are judged on the held-out pairs.
    --out FILE.jsonl --resume reads what `synth eval --attempts 64 --out FILE.jsonl` has found. Exit codes: 0 measured;
    2 interrupted, with what is there; 3 a bug of ours.
    """
    from synth.benchmark.ceiling import HEADINGS, ceiling_of
    from synth.benchmark.trials import spread

    if resume and out is None:
        raise typer.BadParameter("expected --out FILE.jsonl beside --resume: there is nothing to resume without it")
    plan = Plan(
        tuple(sources),
        make_solver,
        Budget(evaluations, timeout, memory),
        seed=seed,
        pattern=pattern,
        top=attempts,
    )
    items = spread(plan.items(), limit)
    reports: list[TaskReport] = []
    with closing(Records.open(out, resume=resume)) as records:
        todo = [item for item in items if item.name not in records.finished]
        with Interrupts().watched() as interrupts, counted(len(todo)) as step:
            for report in evaluate(plan, workers=jobs, items=todo, stopping=interrupts):
                if report.status == StopReason.INTERRUPTED.value and not report.fits:
                    continue
                step(report)
                reports.append(report)
                records.add(report.record())
                warn_of_bug(report, context)
            interrupted = interrupts()
    found = ceiling_of(items, records.lines, within=within)
    if json:
        print_json({"suites": sources, "budget": asdict(plan.budget), **found.to_json()})
    else:
        print_table(HEADINGS, found.rows())
    raise typer.Exit(measured_code(reports, interrupted=interrupted))
