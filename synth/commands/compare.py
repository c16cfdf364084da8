"""`synth compare`: learned programs beside deep nets, on the same tasks, judged by the same tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth.commands.options import Json
from synth.commands.terminal import ExitCode, Interrupts, print_json, print_table, say, warn

if TYPE_CHECKING:
    from synth.compare import ComparisonProgress, ComparisonResult

__all__ = ["compare"]

_MOST_JOBS = 4
"""Worker processes where none are asked for: one a core, up to this many (a net takes some 300 MB)."""


def compare(
    protocol: Annotated[str, typer.Argument(help="What to compare: `length`, on inputs longer than in training.")],
    budget: Annotated[str, typer.Option(metavar="quick|standard", help="How much work: minutes, or hours.")] = "quick",
    seeds: Annotated[int | None, typer.Option(min=1, metavar="N", help="How many draws of every task.")] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=64, metavar="N", help="Worker processes; else one a core, up to 4.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where to write; runs/compare-PROTOCOL-BUDGET if not given.")
    ] = None,
    json: Json = False,
) -> None:
    """Learn programs from a few examples, train nets on many, and test both where neither has looked.

    Writes runs.jsonl (one line a run, at once), manifest.json and report.html, and prints a table. The same command
    goes on where an interrupted one stopped. Exit codes: 0 done, 2 interrupted, 3 a bug of ours, 4 bad input.
    """
    from synth.compare import run_protocol  # torch and statsmodels, which no other command needs

    folder = out if out is not None else Path("runs") / f"compare-{protocol}-{budget}"
    with Interrupts().watched() as interrupts:
        result = run_protocol(
            protocol,
            budget=budget,
            seeds=seeds,
            jobs=jobs or min(_MOST_JOBS, os.cpu_count() or 1),
            out=folder,
            progress=_tell(),
            stopping=interrupts,
        )
    if json:
        print_json(_json(result))
    else:
        _print(result)
    for run in result.crashed:
        warn(f"BUG in synth: {run.task}, {run.learner}, seed {run.seed}: {run.message}")
    code = ExitCode.BUG if result.crashed else ExitCode.ALL_SOLVED
    raise typer.Exit(ExitCode.INTERRUPTED if result.interrupted else code)


def _tell() -> Callable[[ComparisonProgress], None]:
    """One line on stderr for each run that ends."""

    def tell(progress: ComparisonProgress) -> None:
        place = f"[{progress.done}/{progress.planned}]"
        if progress.run is None:
            warn(f"{place} runs are done")
        else:
            run = progress.run
            warn(f"{place} {run.task}, {run.learner}, seed {run.seed}: {run.outcome} ({progress.seconds:.0f} s so far)")

    return tell


def _print(result: ComparisonResult) -> None:
    from synth.compare import comparison_lines, comparison_table  # as above

    table = comparison_table(result)
    print_table(table.headings, table.rows, title=table.title)
    say()
    for line in comparison_lines(result):
        say(line)


def _json(result: ComparisonResult) -> dict[str, object]:
    from synth.compare import comparison_lines, comparison_table  # as above

    table = comparison_table(result)
    return {
        "table": [dict(zip(table.headings, row, strict=True)) for row in table.rows],
        "findings": list(comparison_lines(result)),
        "rules": [{"rule": r.number, "title": r.title, "passed": r.passed, "why": r.why} for r in result.rules],
        "manifest": result.manifest.to_json(),
        "runs": [run.to_json() for run in result.analysis.runs],
        "report": str(result.report),
    }
