"""`synth guide train`: make tasks to learn from, and train a guide on them."""

from __future__ import annotations

import itertools
import random
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from dsl.errors import InterfaceError
from dsl.library import Library
from dsl.primitives import CORE
from synth.commands.options import Json, Seed
from synth.commands.terminal import print_json, print_table, warn
from synth.guide.corpus import TrainingTask, read_corpus
from synth.guide.hindsight import Hindsight

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
    steps: Annotated[int, typer.Option(min=1, metavar="N", help="Steps, each of a batch of tasks.")] = 4_000,
    batch: Annotated[int, typer.Option(min=1, metavar="N", help="Tasks in a batch.")] = 64,
    seed: Seed = 0,
    threads: Annotated[int, typer.Option(min=1, max=64, metavar="N", help="Cores that torch uses.")] = 1,
    device: Annotated[str, typer.Option(metavar="NAME", help="Where torch computes: cpu, cuda, mps.")] = "cpu",
    picture: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw how the losses fell.")] = None,
    json: Json = False,
) -> None:
    """Train a guide on tasks that searches without a goal have come by, and programs drawn from the grammar.

    A training that was stopped goes on where it was, given the same options. Exit codes: 0 trained, 4 bad input.
    """
    if out.suffix != ".safetensors":
        raise InterfaceError(f"expected a file that ends in .safetensors, found {str(out)!r}")
    _refuse_unwritable(out, picture)
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InterfaceError(f"cannot compute on {device!r}: {str(error).splitlines()[0]}") from None
    from synth.guide.train import Settings
    from synth.guide.training_run import Work, plot, train_guide

    command = shlex.join(["synth", *sys.argv[1:]])
    if corpus:
        work = Work(CORE, read_corpus(corpus, CORE), out, command, out.stem)
    else:
        apart = list(_to_judge_by(CORE, tasks, seed))
        work = Work(CORE, _tasks(CORE, tasks, seed), out, command, out.stem, apart)
    warn(f"{len(work.learned):,} tasks to learn from, {len(work.held):,} to judge by")
    settings = Settings(steps, batch, seed=seed, threads=threads)
    figures = train_guide(work, settings, device=device, told=_tell)
    assert figures is not None, "nobody wants an end"
    if picture is not None:
        plot(figures["curve"], picture)  # type: ignore[arg-type]
        warn(f"wrote {picture}")
    if json:
        print_json(dict(figures))
    else:
        print_table(("figure", "value"), [(k, str(v)) for k, v in figures.items() if not isinstance(v, list)])


def _to_judge_by(library: Library, count: int, seed: int) -> Iterator[TrainingTask]:
    """Tasks of other searches than those that are learned from: some of each."""
    for judge in range(_JUDGES):
        rng = random.Random(f"{seed} judge {judge}")
        made = Hindsight(library, rng, from_banks=_FROM_EACH, deeper=_FROM_EACH // 2).tasks()
        yield from itertools.islice(made, min(_FROM_EACH, 1 + count // 50))
        if count < _FROM_EACH * _JUDGES:
            return


def _tasks(library: Library, count: int, seed: int) -> Iterator[TrainingTask]:
    made = itertools.islice(Hindsight(library, random.Random(seed)).tasks(), count)
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
