"""`synth bench`: how fast and how large the search is, measured on this machine against contestants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from synth.commands.bench_answers import bench_ceiling, bench_posterior
from synth.commands.bench_guidance import bench_guide, bench_oracle
from synth.commands.bench_trials import bench_ablation, bench_curve
from synth.commands.options import Json, Pattern
from synth.commands.terminal import print_json, print_table, warn

if TYPE_CHECKING:
    from synth.benchmark.result import PartResult

__all__ = ["bench_engine", "make_app"]

_NAMES = (
    "list_columns", "dense_columns", "boxed_columns", "bytes_per_class", "startup_seconds", "jobs", "memory", "curve"
)  # fmt: skip


def make_app() -> typer.Typer:
    """The sub-commands."""
    app = typer.Typer(help="Benchmarks of synth itself.", no_args_is_help=True)
    app.callback()(_about)
    app.command("engine")(bench_engine)
    app.command("curve")(bench_curve)
    app.command("ablation")(bench_ablation)
    app.command("posterior")(bench_posterior)
    app.command("ceiling")(bench_ceiling)
    app.command("oracle")(bench_oracle)
    app.command("guide")(bench_guide)
    return app


def _about() -> None:
    """Benchmarks of synth itself."""


def parse_part(text: str) -> str:
    """The name of a part."""
    if text in _NAMES:
        return text
    raise typer.BadParameter(f"expected one of {', '.join(_NAMES)}, found {text!r}")


def bench_engine(
    quick: Annotated[bool, typer.Option("--quick", help="A small run; for a look, not a claim.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(parser=parse_part, metavar="PART", help="Only this part; may be repeated."),
    ] = None,
    suite: Annotated[str, typer.Option(metavar="SUITE", help="The tasks of the part `curve`.")] = "lists",
    pattern: Pattern = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only N tasks, spread over the suite, in `curve`.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0.001, metavar="SECONDS", help="Most CPU-seconds a task in `curve`.")
    ] = None,
    plot: Annotated[str | None, typer.Option(metavar="FILE", help="Draw `curve` into this file, .png or .svg.")] = None,
    json: Json = False,
) -> None:
    """Measure the search engine: speeds, sizes, start-up, and solved tasks against CPU-seconds.

    Ratios are taken in one run, contestants by turns, in CPU time; each figure is a median, its spread beside it. Run
    it on a machine that does nothing else. Exit codes: 0 measured, whatever the targets say; 2 interrupted.
    """
    from synth.benchmark.parts import PARTS, about  # Numba and the contestants, which no other command needs
    from synth.benchmark.settings import Settings

    settings = Settings(suite=suite, pattern=pattern, tasks=limit, plot=plot)
    settings = settings.quick() if quick else settings
    settings = settings.with_timeout(timeout)
    results: list[PartResult] = []
    for name in only or PARTS:
        warn(f"{name}: {about(PARTS[name])}")
        results.append(PARTS[name](settings))
        if not json:
            _print(results[-1:])
    if json:
        print_json({result.name: result.to_json() for result in results})


def _print(results: Sequence[PartResult]) -> None:
    rows = [row for result in results for row in result.rows()]
    print_table(("figure", "median", "spread", "target", "met"), rows)
