"""`synth guide`: what a guide is, and what it is worth."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from dsl.errors import InterfaceError
from synth.attempt import TaskReport
from synth.budget import Budget, StopReason
from synth.commands.guide_train import guide_train
from synth.commands.live import counted
from synth.commands.options import Jobs, Json, ModuleFiles, Pattern, PrimitiveFiles, Seed, Sources
from synth.commands.terminal import ExitCode, Interrupts, print_json, print_table, say, warn, warn_of_bug
from synth.evaluate import Plan, evaluate
from synth.guide.asking import load_guide, shipped_checkpoint
from synth.pipeline import make_solver
from synth.workload import Item
from tasks.task import Task

__all__ = ["guide_file", "guide_info", "guide_report", "make_app"]

_NO_CHECKPOINT = "this version ships no trained guide"


def make_app() -> typer.Typer:
    """The sub-commands."""
    app = typer.Typer(help="Guides: what they are, and what they are worth.", no_args_is_help=True)
    app.callback()(_about)
    app.command("info")(guide_info)
    app.command("report")(guide_report)
    app.command("train")(guide_train)
    return app


def _about() -> None:
    """Guides: what they are, and what they are worth."""


def guide_file(path: Path | None) -> Path:
    """The file of the guide that is meant; the shipped one where none is named."""
    found = shipped_checkpoint() if path is None else path
    if found is None:
        raise InterfaceError(f"expected the file of a guide: {_NO_CHECKPOINT}", hint="name a .safetensors or .py file")
    return found


def guide_info(
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="A guide's file; without it, the one that is shipped.")
    ] = None,
    json: Json = False,
) -> None:
    """Say what a guide is: its name, its size, and how it was made. The whole file is read and checked.

    Exit codes: 0 it can be used, 4 it cannot, with the reason.
    """
    file = guide_file(path)
    guide = load_guide(file)
    beside = file.with_suffix(".json")
    made = _made(beside) if beside.is_file() else {}
    about = {"name": guide.name, "file": str(file), "bytes": file.stat().st_size}
    if json:
        print_json(about | {"made": made})
    else:
        print_table(("", ""), [*((key, str(value)) for key, value in about.items()), *_rows(made)])


def _made(path: Path) -> Mapping[str, Any]:
    """What the file beside a guide says of how it was made."""
    try:
        made = json_module.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InterfaceError(f"cannot read {str(path)!r}: {error}") from None
    if not isinstance(made, dict):
        raise InterfaceError(f"expected a JSON object, found {type(made).__name__}", path=str(path))
    return made


def _rows(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """The entries of nested data, a row each; long lists are only counted."""
    for key, item in value.items():
        name = f"{before}{key}"
        if isinstance(item, Mapping) and len(item) <= _SHOWN:
            yield from _rows(item, f"{name}.")
        elif isinstance(item, Mapping | list) and len(item) > _SHOWN:
            yield name, f"{len(item):,} entries"
        else:
            yield name, str(item)


_SHOWN = 12
"""Entries of a part of the data beside a checkpoint up to which they are listed."""


def guide_report(
    context: typer.Context,
    sources: Sources,
    guide: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The guide; without it, the one that is shipped.")
    ] = None,
    evaluations: Annotated[int, typer.Option(min=1, metavar="N", help="Most evaluations a search.")] = 200_000,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N tasks.")] = None,
    pattern: Pattern = None,
    library: ModuleFiles = None,
    with_files: PrimitiveFiles = None,
    seed: Seed = 0,
    jobs: Jobs = 1,
    out: Annotated[Path | None, typer.Option(metavar="FILE.html", help="Write the report as a page, too.")] = None,
    json: Json = False,
) -> None:
    """Measure what a guide is worth: every task searched with and without it, in evaluations.

    Evaluations to a program, bits of known solutions, whether right sketches are among the likeliest 1, 10 and 100, how
    honest their probabilities are, and where the guide hurt. It is asked at the start of each search, not late as by
    `--guide auto`. Exit codes: 0 measured, whatever came out; 2 interrupted; 3 a bug of ours; 4 bad input.
    """
    from synth.guide.report import GuideReport, figures_of
    from synth.guide.report_page import render  # jinja, which no other command here needs

    file = guide_file(guide)
    asked = load_guide(file)
    _refuse_unwritable(out)
    plan = Plan(
        tuple(sources),
        make_solver,
        Budget(evaluations),
        seed=seed,
        limit=limit,
        pattern=pattern,
        primitive_files=tuple(with_files or ()),
        module_files=tuple(library or ()),
    )
    items = [item for item in plan.items() if isinstance(item.content, Task)]
    pairs: dict[str, dict[str, TaskReport]] = {item.name: {} for item in items}
    bug = False
    with Interrupts().watched() as interrupts, counted(2 * len(items)) as step:
        for way, searched in (("unguided", plan), ("guided", replace(plan, guide=str(file.resolve())))):
            for report in evaluate(searched, workers=jobs, items=items, stopping=interrupts):
                step(report)
                warn_of_bug(report, context)
                bug = bug or report.blame.value == "bug"
                if report.status != StopReason.INTERRUPTED.value:
                    pairs[report.task][way] = report
        interrupted = interrupts()
    tasks = tuple(
        figures_of(_task(item), item.name, both["unguided"], both["guided"], _distance(asked, _task(item)))
        for item in items
        if len(both := pairs[item.name]) == 2
    )
    found = GuideReport(asked.name, tuple(sources), evaluations, tasks)
    if out is not None:
        out.write_text(render(found), encoding="utf-8")
        warn(f"wrote {out}")
    if json:
        print_json(found.to_json())
    else:
        print_table(("figure", "value"), [(name, _shown(value)) for name, value in found.summary().items()])
        for task in found.hurt:
            say(f"hurt: {task.task} ({_shown(task.unguided)} evaluations unguided, {_shown(task.guided)} guided)")
    raise typer.Exit(ExitCode.INTERRUPTED if interrupted else ExitCode.BUG if bug else ExitCode.ALL_SOLVED)


def _task(item: Item) -> Task:
    assert isinstance(item.content, Task), "broken tasks are left out"
    return item.content


def _distance(guide: object, task: Task) -> float | None:
    """How far a task is from what the guide was trained on, for guides that can say so."""
    measure = getattr(guide, "distance", None)
    return None if measure is None else float(measure(task.spec))


def _refuse_unwritable(out: Path | None) -> None:
    """Complain before anything is measured."""
    if out is not None and not out.parent.is_dir():
        raise InterfaceError(f"cannot write {str(out)!r}: there is no folder {str(out.parent)!r}")


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
