"""`synth compare prepare`: meta-train the net that is given what the program side knows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dsl.errors import InterfaceError
from synth.commands.options import Seed
from synth.commands.terminal import warn

__all__ = ["compare_prepare"]


def compare_prepare(
    out: Annotated[
        Path, typer.Option(metavar="FILE.safetensors", help="Where the net goes; beside it, a .json.")
    ] = Path("in_context.safetensors"),
    data: Annotated[
        Path | None, typer.Option(metavar="FILE.npz", help="Only make episodes, write them here, and train nothing.")
    ] = None,
    train_on: Annotated[
        Path | None, typer.Option(metavar="FILE.npz", help="Train on episodes that --data wrote, elsewhere perhaps.")
    ] = None,
    episodes: Annotated[int, typer.Option(min=200, metavar="N", help="How many episodes are made.")] = 40_000,
    apart: Annotated[
        list[str] | None,
        typer.Option(metavar="SUITE", help="Keep episodes apart from what these tasks do: suites, as `synth eval`."),
    ] = None,
    steps: Annotated[int, typer.Option(min=1, metavar="N", help="Steps, each of a batch of episodes.")] = 1_800,
    batch: Annotated[int, typer.Option(min=1, metavar="N", help="Episodes in a batch.")] = 32,
    learning_rate: Annotated[float, typer.Option(min=0.0, metavar="RATE", help="Its peak.")] = 1e-3,
    device: Annotated[str, typer.Option(metavar="cpu|cuda|...", help="Where it is trained.")] = "cpu",
    jobs: Annotated[
        int, typer.Option(min=1, max=64, metavar="N", help="Worker processes that make episodes: always the same.")
    ] = 1,
    seed: Seed = 0,
) -> None:
    """Meta-train an in-context Transformer on tasks drawn from our language, and write a checkpoint.

    Protocols use the one that comes with synth; to have them use another, set SKETCHWRIGHT_IN_CONTEXT to its path. Exit
    codes: 0 done, 2 interrupted, 4 bad input.
    """
    from synth.compare.incontext.prepare import Preparation, make_data, prepare
    from synth.compare.incontext.prepare import train_on as train

    if data is not None and train_on is not None:
        raise InterfaceError(
            "expected --data or --train-on, found both", hint="one makes episodes, the other reads them"
        )
    wanted = Preparation(episodes, steps, batch, learning_rate, tuple(apart or _APART), seed, jobs, device)
    _refuse_device(device)
    if data is not None:
        make_data(wanted, warn, data)
    elif train_on is not None:
        train(train_on, out, wanted, warn)
    else:
        prepare(out, wanted, warn)


_APART = ("length",)
"""Suites from whose tasks episodes are kept apart, where nothing else is asked for."""


def _refuse_device(device: str) -> None:
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InterfaceError(f"cannot compute on {device!r}: {str(error).splitlines()[0]}") from None
