"""`synth learn`: wake and sleep, round after round, in a directory that keeps everything; and each step alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from dsl.errors import InterfaceError
from synth.commands.learn_lifelong import learn_lifelong
from synth.commands.learn_steps import (
    learn_compress,
    learn_dream,
    learn_show,
    learn_test,
    learn_train,
    learn_wake,
    opened,
    run_in,
    worked,
)
from synth.commands.learn_view import View, print_run, summary_of
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
    chosen_guide,
    was_given,
)
from synth.commands.terminal import ExitCode, Interrupts, warn

if TYPE_CHECKING:
    from synth.learn.run import LearningRun
    from synth.store import RunStore

__all__ = ["learn", "make_app"]

_LOOP = "run"
_EVALUATIONS = 200_000
"""Evaluations a task where no budget is given: counted, so that results depend on no machine."""


class _Group(typer.core.TyperGroup):
    """What is no step is for the whole loop: `synth learn lists` is `synth learn run lists`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [_LOOP, *args]
        return super().parse_args(ctx, args)


def make_app() -> typer.Typer:
    """The sub-commands."""
    app = typer.Typer(cls=_Group, no_args_is_help=True)
    app.callback()(_about)
    app.command(_LOOP)(learn)
    app.command("wake")(learn_wake)
    app.command("compress")(learn_compress)
    app.command("dream")(learn_dream)
    app.command("train")(learn_train)
    app.command("test")(learn_test)
    app.command("show")(learn_show)
    app.command("lifelong")(learn_lifelong)
    return app


def _about() -> None:
    """Make words of what solved programs share, and solve again with these: `synth learn SUITE... --out DIR`.

    That is short for `synth learn run`, whose --help has the options. The other commands are its steps, each alone, and
    `lifelong`, which measures what learning is worth on streams of tasks.
    """


def learn(
    context: typer.Context,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The directory of the run: a new one, or one to --resume.")],
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SUITE...]",
            help="Names of shipped suites, .syn files, folders of them, or LOADER:PATH; known already with --resume.",
            show_default=False,
        ),
    ] = None,
    iterations: Annotated[int, typer.Option(min=0, metavar="N", help="Rounds of wake and sleep.")] = 3,
    evaluations: Evaluations = None,
    timeout: Timeout = None,
    memory: Memory = None,
    jobs: Jobs = 1,
    seed: Seed = 0,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N tasks.")] = None,
    pattern: Pattern = None,
    library: ModuleFiles = None,
    with_files: PrimitiveFiles = None,
    guide: GuideName = "none",
    most: Annotated[int, typer.Option(min=0, metavar="N", help="Most new words a round.")] = 10,
    arity: Annotated[int, typer.Option(min=0, max=9, metavar="N", help="Most parameters of a new word.")] = 3,
    dreams: Annotated[int, typer.Option(min=50, metavar="N", help="Tasks made up a round, to train on.")] = 2_000,
    steps: Annotated[int, typer.Option(min=1, metavar="N", help="Steps of training a round.")] = 300,
    test: Annotated[
        bool, typer.Option(help="In the end, search the tasks that were kept apart, with the new words and without.")
    ] = True,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    json: Json = False,
) -> None:
    """Solve tasks, make words of what their programs share, and solve again with these.

    Tasks are split: most are learned from, by some is judged what was learned, and some are kept apart for the end. The
    words are in DIR/learned.syn, to be read, and for `--library`. With a trained guide (--guide FILE.safetensors) each
    round also dreams and trains. Without --timeout, budgets are evaluations (200,000 a task where nothing is said), and
    results depend on neither the machine nor --jobs. --resume goes on after a kill, or with more --iterations.
    Exit codes: 0 done, whatever was solved; 2 interrupted, all kept; 3 a bug of ours; 4 bad input.
    """
    given: dict[str, Any] = {
        "sources": tuple(map(_lasting, sources or ())),
        "iterations": iterations,
        "evaluations": evaluations if evaluations is not None or timeout is not None else _EVALUATIONS,
        "timeout": timeout,
        "memory": memory,
        "seed": seed,
        "guide": _lasting(chosen_guide(guide)[0]),
        "limit": limit,
        "pattern": pattern,
        "primitive_files": tuple(map(_lasting, with_files or ())),
        "module_files": tuple(map(_lasting, library or ())),
        "most": most,
        "arity": arity,
        "dreams": dreams,
        "steps": steps,
    }
    fields = {"with_files": "primitive_files", "library": "module_files"}
    asked = {fields.get(name, name) for name in context.params if was_given(context, name)}
    if not sources and not resume:
        raise typer.BadParameter("expected the names of suites, found none")
    view = View(context)
    with opened(out, create=bool(sources)) as store, Interrupts().watched() as interrupts:
        if store.plan is None:
            _begin(store, given)
        elif not resume:
            raise InterfaceError(
                "expected a new directory, found that of a run",
                path=str(out),
                hint="--resume goes on with it; or give another --out",
            )
        run = run_in(store, view, jobs, interrupts, {name: given[name] for name in given if name in asked})
        stopped = worked(out, lambda: _loop(run, test=test))
        print_run(store, json=json)
    raise typer.Exit(ExitCode.INTERRUPTED if stopped else ExitCode.BUG if view.bug else ExitCode.ALL_SOLVED)


def _lasting(name: str) -> str:
    """A name that means the same from any folder, where it is that of a file."""
    return str(Path(name).resolve()) if Path(name).exists() else name


def _begin(store: RunStore, given: Mapping[str, Any]) -> None:
    """Write down what is to be done, and which tasks are for what."""
    from synth.learn.pieces import split_names
    from synth.learn.plan import LearnPlan, StoredPlan
    from tasks.suite import BrokenTask

    plan = LearnPlan(**given)
    items = plan.searching("none").items()
    for item in items:
        if isinstance(item.content, BrokenTask):
            warn(f"{item.name} is left out: {item.content.error}")
    parts = split_names([item.name for item in items if not isinstance(item.content, BrokenTask)], plan.seed)
    stored = StoredPlan.of(plan, items, parts)
    store.set_plan(stored.to_json())


def _loop(run: LearningRun, *, test: bool) -> None:
    """All iterations, from wherever the run is, and the last look."""
    from synth.learn.steps import do_step, do_test, next_step

    iterations = run.stored.plan.iterations
    iteration, step = next_step(run)
    while iteration <= iterations:
        warn(summary_of(do_step(run, iteration, step)))
        iteration, step = next_step(run)
    if test and iterations and run.named("test"):
        last = iteration - 1
        earlier = [step.iteration for step in run.store.steps() if step.step == "test" and step.iteration < last]
        if earlier:
            warn(f"note: the tasks kept apart were looked at before, after iteration {earlier[-1]}")
        do_test(run, last)
