"""A whole training: from tasks to a checkpoint with its figures, kept every minute so that it can go on."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import torch

from dsl.errors import InterfaceError
from dsl.library import Library
from dsl.type_system import show_type
from synth.guide.batches import Pile, reading_of
from synth.guide.checkpoint import About, load, save, words_of
from synth.guide.corpus import TrainingTask, to_line
from synth.guide.judging import judge
from synth.guide.train import Settings, Training, split
from synth.guide.training_state import load_state, save_state, state_file

__all__ = ["Told", "Work", "plot", "train_guide"]

_HELD, _MOST_HELD, _MOST_ASKED = 0.02, 1_000, 300
"""The share of the tasks that is held back to judge by, the most of them, and of how many sketches are asked for."""
_SAVED_EVERY = 60.0
_JUDGED = 10
"""How often, in a whole training, it is judged on what is held back."""
_CENTERED = 512

Told: TypeAlias = Callable[[Mapping[str, float]], None]
"""Is told, now and then, how far a training is: step, tasks a second, losses on tasks held back."""


@dataclass
class Work:
    """What a training is given: tasks over one library, the file that it will write, and by which command.

    `kept` are the tasks that can be learned from.
    """

    library: Library
    tasks: Iterable[TrainingTask]
    out: Path
    command: str
    name: str = "lists"
    pile: Pile = field(init=False)
    kept: list[TrainingTask] = field(init=False)

    def __post_init__(self) -> None:
        self.pile = Pile(self.library)
        self.kept = [task for task in self.tasks if self.pile.add(task)]
        if len(self.kept) < 2:
            raise InterfaceError(f"expected at least two tasks to learn from, found {len(self.kept)}")

    @property
    def digest(self) -> str:
        """A hash of all that is learned from."""
        whole = hashlib.sha256()
        for task in self.kept:
            whole.update(to_line(task).encode())
        return whole.hexdigest()[:16]


def train_guide(
    work: Work, settings: Settings, *, device: str = "cpu", told: Told | None = None
) -> Mapping[str, object]:
    """Train a guide to the end, or go on with one that was stopped; the figures, which stand in the checkpoint too."""
    training = Training(settings, device)
    state, digest = state_file(work.out), work.digest
    if state.exists():
        load_state(state, training, digest)
    learned, held = split(len(work.kept), min(_HELD, _MOST_HELD / len(work.kept)), settings.seed)
    every = max(1, settings.steps // _JUDGED)
    begun, first, saved = time.monotonic(), training.done, time.monotonic()
    for _ in training.run(work.pile, learned):
        if training.done % every == 0 or training.done == settings.steps:
            speed = (training.done - first) * settings.batch / (time.monotonic() - begun)
            row = {"step": float(training.done), **training.judge(work.pile, held)}
            training.curve.append({key: round(value, 4) for key, value in row.items()})
            if told is not None:
                told(row | {"tasks a second": speed})
        if time.monotonic() - saved > _SAVED_EVERY:
            save_state(state, training, digest)
            saved = time.monotonic()
    figures = _finish(work, training, digest, learned, held)
    state.unlink(missing_ok=True)
    return figures


def _finish(
    work: Work, training: Training, digest: str, learned: Sequence[int], held: Sequence[int]
) -> Mapping[str, object]:
    """Write the checkpoint, ask the guide in it about tasks that were held back, and write down what came out."""
    net, settings = training.net.to("cpu").eval(), training.settings
    about = About(
        work.name,
        work.command,
        settings.sizes,
        work.library.digest(),
        words_of(work.library),
        sorted({show_type(t.spec.type_request) for t in work.kept}),
        settings.to_json() | {"tasks": len(work.kept), "learned from": digest},
        {},
        _center(work.pile, training, learned),
    )
    save(work.out, net, about)
    asked = [work.kept[number] for number in held[:_MOST_ASKED]]
    judged = judge(load(work.out), asked).to_json()
    figures: dict[str, object] = {"held back": len(held), "curve": training.curve, **judged}
    save(work.out, net, replace(about, figures=figures))
    return figures


def _center(pile: Pile, training: Training, learned: Sequence[int]) -> tuple[float, ...]:
    """The mean of what the network makes of some of the tasks that it learned from."""
    r = reading_of([pile.samples[number][0] for number in learned[:_CENTERED]])
    with torch.no_grad():
        read = training.net.read(r.tokens, r.lengths, r.owner, r.properties, r.request)
    return tuple(read.mean(0).tolist())


def plot(curve: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw the losses on tasks held back against the steps."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for key, label in (("choices", "a decision"), ("cuts", "what is left open")):
        axes.plot([row["step"] for row in curve], [row[key] for row in curve], marker=".", label=label)
    axes.set_xlabel("steps")
    axes.set_ylabel("loss on tasks held back (nats)")
    axes.legend()
    figure.savefig(path)
