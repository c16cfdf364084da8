"""`synth compare`: learned programs beside deep nets, on the same tasks, judged by the same tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from dsl.errors import InterfaceError
from synth.commands.compare_prepare import compare_prepare
from synth.commands.options import Json
from synth.commands.terminal import ExitCode, Interrupts, print_json, print_table, say, warn

if TYPE_CHECKING:
    from synth.compare import ComparisonProgress, ComparisonResult

__all__ = ["compare", "make_app"]

_PROTOCOL = "run"

_MOST_JOBS = 4
"""Worker processes where none are asked for: one a core, up to this many (a net takes some 300 MB)."""


class _Group(typer.core.TyperGroup):
    """What is no command of its own is a protocol: `synth compare length` is `synth compare run length`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = [_PROTOCOL, *args]
        return super().parse_args(ctx, args)


def make_app() -> typer.Typer:
    """The sub-commands."""
    app = typer.Typer(cls=_Group)
    app.callback()(_about)
    app.command(_PROTOCOL)(compare)
    app.command("prepare")(compare_prepare)
    return app


def _about() -> None:
    """Learned programs beside deep nets, on the same tasks, judged by the same tests: `synth compare NAME`.

    That is short for `synth compare run`, whose --help has the options. `prepare` makes the net that is given what the
    program side knows: meta-trained on tasks drawn from our language, once for many comparisons.
    """


def compare(
    name: Annotated[
        str | None, typer.Argument(help="What to compare: `length`, on inputs longer than in training; `all` of them.")
    ] = None,
    protocol: Annotated[
        Path | None, typer.Option(metavar="FILE.py", help="A protocol of your own, instead of a name.")
    ] = None,
    budget: Annotated[
        str, typer.Option(metavar="quick|standard|full", help="How much work: minutes, or hours.")
    ] = "quick",
    seeds: Annotated[int | None, typer.Option(min=1, metavar="N", help="How many draws of every task.")] = None,
    tasks: Annotated[str, typer.Option(metavar="NAME,...", help="Only these tasks of the budget.")] = "",
    learners: Annotated[str, typer.Option(metavar="NAME,...", help="Only these learners of the budget.")] = "",
    jobs: Annotated[
        int | None, typer.Option(min=1, max=64, metavar="N", help="Worker processes; else one a core, up to 4.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where to write; runs/compare-NAME-BUDGET if not given.")
    ] = None,
    device: Annotated[str, typer.Option(metavar="cpu|cuda|...", help="What nets are trained on.")] = "cpu",
    json: Json = False,
) -> None:
    """Learn programs from a few examples, train nets on many, and test both where neither has looked.

    Writes runs.jsonl (one line a run, at once), manifest.json, numbers.csv, figures/ and report.html, and prints a
    table; `all` writes a page over all reports as well. The same command goes on where an interrupted one stopped.
    Exit codes: 0 done, 2 interrupted, 3 a bug of ours, 4 bad input, or a crash in a protocol of yours.
    """
    from synth.compare import run_protocol  # statsmodels and more, which no other command needs

    results = []
    chosen = list(_chosen(name, protocol, budget, out))
    with Interrupts().watched() as interrupts:
        compare_one = partial(
            run_protocol,
            budget=budget,
            seeds=seeds,
            jobs=jobs or min(_MOST_JOBS, os.cpu_count() or 1),
            device=device,
            progress=_tell(),
            stopping=interrupts,
            tasks=_names(tasks),
            learners=_names(learners),
        )
        for one, folder in chosen:
            results.append(compare_one(one, file=protocol, out=folder))
            if not json:
                _print(results[-1])
            if results[-1].interrupted:
                break
    if name == "all":
        _overview((out or Path("runs")) / f"compare-all-{budget}.html", results, chosen, quiet=json)
    if json:
        told = [_json(result) for result in results]
        print_json(told if name == "all" else told[0])
    crashed = [run for result in results for run in result.crashed]
    whose = "BUG in synth" if protocol is None else f"crash in {protocol}"
    for run in crashed:
        warn(f"{whose}: {run.task}, {run.learner}, seed {run.seed}: {run.message}")
    if crashed:
        kept = ", ".join(str(result.folder / "runs.jsonl") for result in results if result.crashed)
        warn(f"hint: all that is known of it is in {kept}")
    blamed = ExitCode.BUG if protocol is None else ExitCode.BAD_INPUT
    code = blamed if crashed else ExitCode.ALL_SOLVED
    raise typer.Exit(ExitCode.INTERRUPTED if any(result.interrupted for result in results) else code)


def _names(listed: str) -> tuple[str, ...]:
    """The names in a list with commas."""
    return tuple(name.strip() for name in listed.split(",") if name.strip())


def _chosen(
    name: str | None, protocol: Path | None, budget: str, out: Path | None
) -> Iterator[tuple[str | None, Path]]:
    """Which protocols to run (None: the one of the file), each with its folder."""
    from synth.compare import protocol_names  # as above

    if (name is None) == (protocol is None):
        raise InterfaceError(
            f"expected either a name ({', '.join(protocol_names())}, all) or --protocol FILE.py, found "
            + ("neither" if name is None else "both")
        )
    if name == "all":
        for one in protocol_names():
            yield one, (out or Path("runs")) / f"compare-{one}-{budget}"
    else:
        called = name if protocol is None else protocol.stem
        yield name, out if out is not None else Path("runs") / f"compare-{called}-{budget}"


def _overview(
    path: Path, results: Sequence[ComparisonResult], chosen: Sequence[tuple[str | None, Path]], *, quiet: bool
) -> None:
    """The page over all reports, also where some protocols were not come to."""
    from synth.compare.overview import write_overview  # as above

    write_overview(path, results, left=[str(one) for one, _ in chosen[len(results) :]])
    if not quiet:
        say(f"all reports: {path}")


def _tell() -> Callable[[ComparisonProgress], None]:
    """One line on stderr for each run that ends."""

    def tell(progress: ComparisonProgress) -> None:
        place = f"[{progress.done}/{progress.planned}]"
        if progress.run is None:
            warn(f"{place} runs are done")
        else:
            run = progress.run
            size = "" if run.size is None else f", {run.size:,} examples"
            left = "" if progress.left is None else f", some {progress.left:.0f} s left"
            told = f"{run.outcome} ({progress.seconds:.0f} s so far{left})"
            warn(f"{place} {run.task}, {run.learner}{size}, seed {run.seed}: {told}")

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
