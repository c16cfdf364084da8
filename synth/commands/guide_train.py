"""`synth guide train`: make tasks to learn from, and train a guide on them."""

from __future__ import annotations

import itertools
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from dsl.errors import InterfaceError
from dsl.library import Library
from synth.budget import StopReason
from synth.commands.options import Json, Seed, parse_share
from synth.commands.terminal import plural, print_json, print_table, warn
from synth.guide.corpus import REPLAY_SHARE, TrainingTask, read_corpus, replayed
from synth.guide.given_parts import GIVEN_SHARE
from synth.guide.making import Order, make_tasks, searches
from synth.pipeline import make_solver
from synth.run_record import plan_of, read_run
from synth.workload import read_library
from tasks.task import Spec, Task

__all__ = ["guide_train"]

_TOLD_EVERY = 10_000
_JUDGES, _FROM_EACH = 12, 80
"""Searches whose tasks are held back to judge by, and how many tasks of each, where tasks are made."""


def guide_train(
    out: Annotated[Path, typer.Argument(metavar="FILE.safetensors", help="Where the guide goes; beside it, a .json.")],
    corpus: Annotated[
        list[Path] | None, typer.Option(metavar="FILE.jsonl", help="Tasks to learn from; without it, they are made.")
    ] = None,
    tasks: Annotated[int, typer.Option(min=2, metavar="N", help="How many tasks are made.")] = 50_000,
    replay: Annotated[
        list[Path] | None,
        typer.Option(metavar="RUN", help="Tasks solved in a recorded run, FILE.run.json of `synth eval`, too."),
    ] = None,
    replay_share: Annotated[
        str, typer.Option(metavar="SHARE", help="How much of what is learned from is replays.")
    ] = f"{REPLAY_SHARE:.0%}",
    given_parts: Annotated[
        str, typer.Option(metavar="SHARE", help="In how many tasks parts of the solution are run and given as inputs.")
    ] = f"{GIVEN_SHARE:.0%}",
    steps: Annotated[int, typer.Option(min=1, metavar="N", help="Steps, each of a batch of tasks.")] = 4_000,
    batch: Annotated[int, typer.Option(min=1, metavar="N", help="Tasks in a batch.")] = 64,
    seed: Seed = 0,
    jobs: Annotated[
        int, typer.Option(min=1, max=64, metavar="N", help="Worker processes that make tasks: always the same ones.")
    ] = 1,
    threads: Annotated[int, typer.Option(min=1, max=64, metavar="N", help="Cores that torch uses.")] = 1,
    device: Annotated[str, typer.Option(metavar="NAME", help="Where torch computes: cpu, cuda, mps.")] = "cpu",
    picture: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw how the losses fell.")] = None,
    json: Json = False,
) -> None:
    """Train a guide on tasks that searches without a goal have come by, and programs drawn from the grammar.

    A training that was stopped goes on where it was, given the same options. Exit codes: 0 trained, 2
    interrupted, 4 bad input.
    """
    if out.suffix != ".safetensors":
        raise InterfaceError(f"expected a file that ends in .safetensors, found {str(out)!r}")
    _refuse_unwritable(out, picture)
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InterfaceError(f"cannot compute on {device!r}: {str(error).splitlines()[0]}") from None
    from synth.guide.model import Sizes
    from synth.guide.train import Settings
    from synth.guide.training_run import Mixture, Work, plot, train_guide

    library = read_library()
    command = shlex.join(["synth", *sys.argv[1:]])
    mixture = Mixture(parse_share(replay_share), parse_share(given_parts), seed)
    solved = _replays(replay or (), library)
    apart = [] if corpus else list(_to_judge_by(tasks, seed, jobs))
    learned = read_corpus(corpus, library) if corpus else _tasks(tasks, seed, jobs)
    work = Work(library, learned, out, command, out.stem, apart, solved, mixture)
    warn(f"{len(work.learned):,} tasks to learn from, {len(work.held):,} to judge by")
    settings = Settings(steps, batch, seed=seed, threads=threads, sizes=Sizes(grids=work.grids))
    figures = train_guide(work, settings, device=device, told=_tell)
    assert figures is not None, "nobody wants an end"
    if picture is not None:
        plot(figures["curve"], picture)  # type: ignore[arg-type]
        warn(f"wrote {picture}")
    if json:
        print_json(dict(figures))
    else:
        print_table(("figure", "value"), [(k, str(v)) for k, v in figures.items() if not isinstance(v, list)])


def _replays(runs: Sequence[Path], library: Library) -> tuple[TrainingTask, ...]:
    """The solved tasks of recorded runs that can be learned from; how many there are is told."""
    found: list[tuple[Spec, str]] = []
    lost = 0
    for path in runs:
        run = read_run(path)
        tasks = {item.name: item.content for item in plan_of(run, make_solver).items()}
        for one in run.tasks:
            task = tasks.get(one.task)
            if one.stop != StopReason.SOLVED.value or one.program is None:
                continue
            if isinstance(task, Task):
                found.append((task.spec, one.program))
            else:
                lost += 1
    solved, others = replayed(found, library)
    if runs:
        warn(f"{plural(len(solved), 'solved task')} to replay, {lost + others:,} left out")
    return solved


def _to_judge_by(count: int, seed: int, jobs: int) -> Iterator[TrainingTask]:
    """Tasks of other searches than those that are learned from: some of each."""
    number = _JUDGES if count >= _FROM_EACH * _JUDGES else 1
    orders = [Order(f"{seed} judge {n}", from_banks=_FROM_EACH, deeper=_FROM_EACH // 2) for n in range(number)]
    for found in searches(read_library, orders, jobs):
        yield from found.tasks[: min(_FROM_EACH, 1 + count // 50)]


def _tasks(count: int, seed: int, jobs: int) -> Iterator[TrainingTask]:
    made = itertools.islice(make_tasks(read_library, seed, jobs), count)
    for number, task in enumerate(made, 1):
        yield task
        if number % _TOLD_EVERY == 0 or number == count:
            warn(f"{number:,} of {count:,} tasks made")


def _tell(row: Mapping[str, float]) -> None:
    warn(
        f"step {row['step']:,.0f}: {row['choices']:.3f} nats a decision, "
        f"{row['contexts']:.3f} by what is above alone, {row['presence']:.2f} a task for its words, "
        f"{row['tasks a second']:,.0f} tasks a second"
    )


def _refuse_unwritable(*paths: Path | None) -> None:
    for path in paths:
        if path is not None and not path.parent.is_dir():
            raise InterfaceError(f"cannot write {str(path)!r}: there is no folder {str(path.parent)!r}")
