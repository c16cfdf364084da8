"""`synth guide train`: make tasks to learn from, and train a guide on them."""

from __future__ import annotations

import itertools
import random
import shlex
import sys
from collections.abc import Mapping, Sequence
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

_TOLD_EVERY = 5_000


def guide_train(
    out: Annotated[Path, typer.Argument(metavar="FILE.safetensors", help="Where the guide goes; beside it, a .json.")],
    corpus: Annotated[
        list[Path] | None, typer.Option(metavar="FILE.jsonl", help="Tasks to learn from; without it, they are made.")
    ] = None,
    tasks: Annotated[int, typer.Option(min=2, metavar="N", help="How many tasks are made.")] = 50_000,
    steps: Annotated[int, typer.Option(min=1, metavar="N", help="Steps, each of a batch of tasks.")] = 4_000,
    batch: Annotated[int, typer.Option(min=1, metavar="N", help="Tasks in a batch.")] = 64,
    seed: Seed = 0,
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

    work = Work(CORE, _tasks(CORE, corpus or (), tasks, seed), out, shlex.join(["synth", *sys.argv[1:]]), out.stem)
    warn(f"{len(work.kept):,} tasks to learn from")
    figures = train_guide(work, Settings(steps, batch, seed=seed), device=device, told=_tell)
    if picture is not None:
        plot(figures["curve"], picture)  # type: ignore[arg-type]
        warn(f"wrote {picture}")
    if json:
        print_json(dict(figures))
    else:
        print_table(("figure", "value"), [(k, str(v)) for k, v in figures.items() if not isinstance(v, list)])


def _tasks(library: Library, corpus: Sequence[Path], count: int, seed: int) -> list[TrainingTask]:
    """The tasks of the files; or made ones."""
    if corpus:
        return list(read_corpus(corpus, library))
    made = list[TrainingTask]()
    endless = Hindsight(library, random.Random(seed)).tasks()
    while len(made) < count:
        made += itertools.islice(endless, min(_TOLD_EVERY, count - len(made)))
        warn(f"{len(made):,} of {count:,} tasks made")
    return made


def _tell(row: Mapping[str, float]) -> None:
    warn(
        f"step {row['step']:,.0f}: {row['choices']:.3f} nats a decision, {row['presence']:.2f} a task for its words, "
        f"{row['tasks a second']:,.0f} tasks a second"
    )


def _refuse_unwritable(*paths: Path | None) -> None:
    for path in paths:
        if path is not None and not path.parent.is_dir():
            raise InterfaceError(f"cannot write {str(path)!r}: there is no folder {str(path.parent)!r}")
