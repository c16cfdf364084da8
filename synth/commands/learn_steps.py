"""The steps of `synth learn`, each alone, in the directory of a run."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dsl.errors import InterfaceError
from synth.commands.learn_view import View, print_run, summary_of
from synth.commands.options import Jobs, Json
from synth.commands.terminal import ExitCode, Interrupts, say, warn

if TYPE_CHECKING:
    from synth.learn.run import LearningRun
    from synth.store import RunStore

__all__ = [
    "learn_compress",
    "learn_dream",
    "learn_show",
    "learn_test",
    "learn_train",
    "learn_wake",
    "opened",
    "run_in",
    "worked",
]

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="The directory of a run; `synth learn SUITE... --iterations 0` makes one.")
]


def learn_wake(
    context: typer.Context,
    folder: Folder,
    again: Annotated[
        bool, typer.Option("--again", help="Begin the last iteration anew, with learned.syn as it is now.")
    ] = False,
    jobs: Jobs = 1,
) -> None:
    """Begin the next iteration: search for all tasks but those kept apart, with the words in DIR/learned.syn.

    Exit codes, as of all steps: 0 done, 2 interrupted, 3 a bug of ours, 4 bad input.
    """
    _alone(context, folder, "wake", jobs, again=again)


def learn_compress(context: typer.Context, folder: Folder, jobs: Jobs = 1) -> None:
    """Make words of what the programs found so far share, take back those that do not pay, and write learned.syn."""
    _alone(context, folder, "compress", jobs)


def learn_dream(context: typer.Context, folder: Folder, jobs: Jobs = 1) -> None:
    """Make tasks with the words that there are now, for a guide to learn from: DIR/iteration-N/dreams.jsonl."""
    _alone(context, folder, "dream", jobs)


def learn_train(context: typer.Context, folder: Folder) -> None:
    """Train the guide of the run on the dreams and on what was solved: DIR/iteration-N/guide.safetensors."""
    _alone(context, folder, "train", 1)


def learn_test(context: typer.Context, folder: Folder, jobs: Jobs = 1) -> None:
    """Search for the tasks that were kept apart, with what was learned, and without. Look at them once."""
    from synth.learn.steps import do_test, next_step

    with opened(folder) as store, Interrupts().watched() as interrupts:
        view = View(context)
        run = run_in(store, view, jobs, interrupts)
        iteration, step = next_step(run)
        last = iteration - 1 if step == "wake" else iteration
        stopped = worked(folder, lambda: say(summary_of(do_test(run, last))))
    raise typer.Exit(_code(view, stopped=stopped))


def learn_show(folder: Folder, json: Json = False) -> None:
    """Print the table of a run, also of one that goes on now."""
    from synth.store import RunStore

    with RunStore.read(folder) as store:
        print_run(store, json=json)


def _alone(context: typer.Context, folder: Path, step: str, jobs: int, *, again: bool = False) -> None:
    """Do one step, the next one or one of an iteration that is complete otherwise."""
    from synth.learn.steps import begin_anew, do_step, next_step

    with opened(folder) as store, Interrupts().watched() as interrupts:
        view = View(context)
        run = run_in(store, view, jobs, interrupts)
        if again:
            begin_anew(run)
        iteration, wanted = next_step(run)
        if step != wanted and step in ("dream", "train") and wanted == "wake":
            iteration -= 1  # no part of this run's iterations, and may be done after any of them
        elif step != wanted:
            raise InterfaceError(
                f"expected `{wanted}` of iteration {iteration}, which is next, found `{step}`",
                path=str(folder),
                hint=f"synth learn {wanted} {folder}",
            )
        stopped = worked(folder, lambda: say(summary_of(do_step(run, iteration, step))))
    raise typer.Exit(_code(view, stopped=stopped))


def _code(view: View, *, stopped: bool) -> ExitCode:
    return ExitCode.INTERRUPTED if stopped else ExitCode.BUG if view.bug else ExitCode.ALL_SOLVED


@contextmanager
def opened(folder: Path, *, create: bool = False) -> Iterator[RunStore]:
    """The directory of a run, open to work in while this lasts."""
    from synth.store import RunStore

    with RunStore.open(folder, command=shlex.join(["synth", *sys.argv[1:]]), create=create) as store:
        yield store


def run_in(
    store: RunStore, view: View, jobs: int, stopping: Callable[[], bool], asked: Mapping[str, Any] | None = None
) -> LearningRun:
    """The run of a directory, ready to go on with what is asked for this time.

    Raises InterfaceError where there is none, or where it would be another run.
    """
    from synth.learn.pieces import shipped_pieces
    from synth.learn.plan import StoredPlan
    from synth.learn.run import LearningRun

    data = store.plan
    if data is None:
        raise InterfaceError(
            "expected the directory of a run, found none in it",
            path=str(store.folder),
            hint="synth learn SUITE... --out DIR",
        )
    stored = StoredPlan.from_json(data, store.folder)
    plan = replace(stored.plan, **(asked or {}))
    now = StoredPlan.of(plan, plan.searching("none").items(), stored.parts)
    stored.refuse_other(now, store.folder)
    if now != stored:
        store.set_plan(now.to_json())
    return LearningRun(store, now, shipped_pieces(), view, jobs, stopping)


def worked(folder: Path, work: Callable[[], None]) -> bool:
    """Do some work of a run; whether it was stopped before its end, which is told with how to go on."""
    from synth.learn.run import Stopped

    try:
        work()
    except Stopped:
        warn(f"stopped; everything found is kept. To go on: synth learn --resume --out {shlex.quote(str(folder))}")
        return True
    return False
