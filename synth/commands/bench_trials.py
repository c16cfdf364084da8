"""`synth bench curve` and `synth bench ablation`: suites solved by several contestants, on worker processes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dsl.errors import InterfaceError
from synth.attempt import TaskReport
from synth.budget import Budget
from synth.commands.live import counted
from synth.commands.options import Evaluations, Jobs, Json, Pattern, Seed, Sources, parse_size
from synth.commands.terminal import ExitCode, Interrupts, measured_code, print_json, print_table, say, warn_of_bug
from synth.evaluate import Plan, Records
from synth.pipeline import make_solver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from synth.benchmark.trials import Trials

__all__ = ["bench_ablation", "bench_curve"]

Spread = Annotated[
    int | None, typer.Option("--limit", min=1, metavar="N", help="Only N tasks, spread over the suites.")
]
Seconds = Annotated[float, typer.Option("--timeout", min=0.001, metavar="SECONDS", help="Most CPU-seconds a trial.")]
Held = Annotated[
    int, typer.Option("--memory", parser=parse_size, metavar="SIZE", help="Most memory a search may hold, as 300MB.")
]
Lines = Annotated[
    Path | None, typer.Option("--out", metavar="FILE.jsonl", help="Write a line a trial here, for --resume.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Keep the lines of --out and skip their trials.")]
_MEMORY = "2GB"


def bench_curve(
    context: typer.Context,
    sources: Sources,
    timeout: Seconds = 10.0,
    limit: Spread = None,
    pattern: Pattern = None,
    memory: Held = _MEMORY,  # type: ignore[assignment]  # a parser's default is text
    seed: Seed = 0,
    jobs: Jobs = 1,
    plot: Annotated[str | None, typer.Option(metavar="FILE", help="Draw the curves, .png or .svg.")] = None,
    out: Lines = None,
    resume: Resume = False,
    json: Json = False,
) -> None:
    """Solved tasks against CPU-seconds: our search, plain enumeration and the naive enumerator.

    The figure of merit is `ratio_naive`: the CPU-seconds of the naive enumerator to solve as many tasks as it ever
    does, over ours to solve as many. Exit codes: 0 measured; 2 interrupted, with what is there; 3 a bug of ours.
    """
    from synth.benchmark.curve import METHODS, curve_result, draw  # the contestants, which few commands need
    from synth.benchmark.pictures import picture_path
    from synth.benchmark.trials import Trials

    picture = None if plot is None else picture_path(plot)
    plan = Plan(tuple(sources), make_solver, Budget(None, timeout, memory), seed=seed, pattern=pattern)
    lines, code = _tried(Trials(plan, METHODS, limit), context, jobs, out, resume=resume)
    tasks = ", ".join(Path(source).name for source in sources)
    result = curve_result(lines, tasks=tasks, timeout=timeout)
    if picture is not None:
        draw(lines, picture, tasks=tasks, timeout=timeout)
    if json:
        print_json(result.to_json())
    else:
        print_table(("figure", "value", "", "target", "met"), result.rows())
    raise typer.Exit(code)


def parse_trick(text: str) -> str:
    """The name of a trick of the search."""
    from synth.benchmark.trials import TRICKS

    if text in TRICKS:
        return text
    raise typer.BadParameter(f"expected one of {', '.join(TRICKS)}, found {text!r}")


def bench_ablation(
    context: typer.Context,
    sources: Sources,
    evaluations: Evaluations = None,
    timeout: Annotated[
        float | None,
        typer.Option(min=0.001, metavar="SECONDS", help="Most CPU-seconds a trial (10 where no budget is given)."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(parser=parse_trick, metavar="TRICK", help="Only this trick; may be repeated."),
    ] = None,
    limit: Spread = None,
    pattern: Pattern = None,
    memory: Held = _MEMORY,  # type: ignore[assignment]  # as above
    seed: Seed = 0,
    jobs: Jobs = 1,
    out: Lines = None,
    resume: Resume = False,
    json: Json = False,
) -> None:
    """What each trick of the search buys: all of them on, and each off in turn, on the same tasks.

    Shares are compared with Tango's interval for paired shares and McNemar's exact test, corrected by Holm; work by
    ratios, off over on, with bootstrap intervals over tasks. With --evaluations alone, what is solved depends on
    neither the machine nor --jobs. Exit codes: 0 measured; 2 interrupted, with what is there; 3 a bug of ours.
    """
    from synth.benchmark.ablation import HEADINGS, ablation_of  # as above
    from synth.benchmark.trials import OURS, TRICKS, Trials, outcomes_of, without

    tricks = tuple(dict.fromkeys(only)) if only else TRICKS
    seconds = 10.0 if timeout is None and evaluations is None else timeout
    plan = Plan(tuple(sources), make_solver, Budget(evaluations, seconds, memory), seed=seed, pattern=pattern)
    contestants = (OURS, *map(without, tricks))
    lines, code = _tried(Trials(plan, contestants, limit), context, jobs, out, resume=resume)
    found = ablation_of(outcomes_of(lines, contestants), tricks)
    if json:
        print_json({"suites": sources, "allowed": {"evaluations": evaluations, "seconds": seconds}, **found.to_json()})
    else:
        print_table(HEADINGS, found.rows())
        say(f"{found.tasks} tasks, each tried in all ways; intervals of 95%, p after Holm's correction")
        say("* off / on, geometric mean over the tasks solved both with all tricks and without this one")
    raise typer.Exit(code)


def _tried(
    trials: Trials, context: typer.Context, jobs: int, out: Path | None, *, resume: bool
) -> tuple[Sequence[Mapping[str, object]], ExitCode]:
    """Run the trials that have no line yet; all lines, and how the command is to end.

    Raises InterfaceError where no task was tried by all contestants: then there is nothing to compare.
    """
    from synth.benchmark.trials import finished_trials, line_of, outcomes_of, run_trials

    if resume and out is None:
        raise typer.BadParameter("expected --out FILE.jsonl beside --resume: there is nothing to resume without it")
    total = len(trials.items()) * len(trials.contestants)
    reports: list[TaskReport] = []
    with closing(Records.open(out, resume=resume)) as records:
        done = finished_trials(records.lines, trials, str(out))
        with Interrupts().watched() as interrupts, counted(total - len(done)) as step:
            for trial, report in run_trials(trials, workers=jobs, skip=done, stopping=interrupts):
                step(report)
                reports.append(report)
                records.add(line_of(trials, trial, report))
                warn_of_bug(report, context)
            interrupted = interrupts()
    if not any(outcomes_of(records.lines, trials.contestants).values()):
        raise InterfaceError("expected at least one task tried in all ways, found none")
    return records.lines, measured_code(reports, interrupted=interrupted)
