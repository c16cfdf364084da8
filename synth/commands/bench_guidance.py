"""`synth bench oracle` and `synth bench guide`: the same tasks searched unguided and in several guided ways."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dsl.errors import InterfaceError
from synth.attempt import TaskReport
from synth.budget import Budget
from synth.commands.guide import guide_file
from synth.commands.live import counted
from synth.commands.options import Jobs, Json, Pattern, Seed, Sources
from synth.commands.terminal import ExitCode, Interrupts, measured_code, print_json, print_table, say, warn_of_bug
from synth.evaluate import Plan, Records
from synth.guide.asking import load_guide
from synth.pipeline import make_solver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from synth.benchmark.arms import Study

__all__ = ["bench_guide", "bench_oracle"]

Most = Annotated[int, typer.Option(min=1, metavar="N", help="Most evaluations a search.")]
Spread = Annotated[
    int | None, typer.Option("--limit", min=1, metavar="N", help="Only N tasks, spread over the suites.")
]
Lines = Annotated[
    Path | None, typer.Option("--out", metavar="FILE.jsonl", help="Write a line a task here, for --resume.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Keep the lines of --out and skip their tasks.")]


def bench_oracle(
    context: typer.Context,
    sources: Sources,
    evaluations: Most = 1_000_000,
    limit: Spread = None,
    pattern: Pattern = None,
    seed: Seed = 0,
    jobs: Jobs = 1,
    out: Lines = None,
    resume: Resume = False,
    json: Json = False,
) -> None:
    """What a perfect guide would save: evaluations to the first program that fits, unguided over guided.

    The oracle knows each task's solution, or else what an unguided search finds, and says its words as bits, its form
    as a sketch, both, its words by what stands above them, or one part of it as a subgoal. Exit codes: 0 measured;
    2 interrupted, with what is there; 3 a bug of ours.
    """
    from synth.benchmark.arms import Study
    from synth.benchmark.oracle import FROM_SEARCH, FROM_TASK, HEADINGS, NOBODY, Oracle, summaries

    plan = Plan(tuple(sources), make_solver, Budget(evaluations), seed=seed, pattern=pattern)
    lines, code = _studied(Study(plan, Oracle(), limit), context, jobs, out, "synth bench oracle", resume=resume)
    found = summaries(lines)
    whose = [line["said_by"] for line in lines]
    counts = {who: whose.count(who) for who in (FROM_TASK, FROM_SEARCH, NOBODY)}
    if json:
        summary = [one.to_json() for one in found]
        print_json({"suites": sources, "evaluations": evaluations, "summaries": summary, "tasks": lines})
    else:
        print_table(HEADINGS, [summary.row() for summary in found])
        say(
            f"{len(lines)} tasks: {counts[FROM_TASK]} with a solution of their own, {counts[FROM_SEARCH]} with one "
            f"that an unguided search found, {counts[NOBODY]} without, which are left out"
        )
    raise typer.Exit(code)


def bench_guide(
    context: typer.Context,
    sources: Sources,
    guide: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The guide; without it, the one that is shipped.")
    ] = None,
    evaluations: Most = 200_000,
    limit: Spread = None,
    pattern: Pattern = None,
    seed: Seed = 0,
    jobs: Jobs = 1,
    out: Lines = None,
    resume: Resume = False,
    json: Json = False,
) -> None:
    """What each thing that a guide says buys: every task searched without it, and with each kind of its guidance alone.

    All searches get the same evaluations; the guide is asked once a task, at the start. Beside it stands what a search
    learns by itself (online). Exit codes: 0 measured; 2 interrupted, with what is there; 3 a bug of ours; 4 bad input.
    """
    from synth.benchmark.arms import Study
    from synth.benchmark.guide_arms import HEADINGS, PartByPart, guide_arms_of

    file = guide_file(guide)
    name = load_guide(file).name
    plan = Plan(tuple(sources), make_solver, Budget(evaluations), seed=seed, pattern=pattern)
    study = Study(plan, PartByPart(file.resolve()), limit)
    lines, code = _studied(study, context, jobs, out, "synth bench guide", resume=resume)
    if not any(set(study.arms) <= line["arms"].keys() for line in lines):
        raise InterfaceError("expected at least one task searched in all ways, found none")
    found = guide_arms_of(lines)
    if json:
        about = {"suites": sources, "guide": name, "evaluations": evaluations}
        print_json({**about, **found.to_json(), "lines": lines})
    else:
        print_table(HEADINGS, found.rows())
        say(f"{found.tasks} tasks, {evaluations:,} evaluations a search; of {found.silent} the guide could say nothing")
        say("* evaluations to the first program that fits, median and worst over the tasks solved both ways")
        say("intervals of 95%, p after Holm's correction")
    raise typer.Exit(code)


def _studied(
    study: Study, context: typer.Context, jobs: int, out: Path | None, command: str, *, resume: bool
) -> tuple[Sequence[Mapping[str, Any]], ExitCode]:
    """Search the tasks that have no line yet; all lines, and how the command is to end."""
    from synth.benchmark.arms import ARM_FIELDS, NONE, run_study, studied, study_line

    if resume and out is None:
        raise typer.BadParameter("expected --out FILE.jsonl beside --resume: there is nothing to resume without it")
    reports: list[TaskReport] = []
    with closing(Records.open(out, resume=resume, fields=ARM_FIELDS, command=command)) as records:
        done = studied(records.lines, study, str(out))
        with Interrupts().watched() as interrupts, counted(len(study.items()) - len(done)) as step:
            for name, found in run_study(study, workers=jobs, skip=done, stopping=interrupts):
                step(found.reports[NONE])
                records.add(study_line(study, name, found))
                reports.extend(found.reports.values())
                for report in found.reports.values():
                    warn_of_bug(report, context)
            interrupted = interrupts()
    return records.lines, measured_code(reports, interrupted=interrupted)
