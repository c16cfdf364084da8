"""A whole training: from tasks to a checkpoint with its figures, kept every minute so that it can go on."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
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
from synth.guide.corpus import TrainingTask
from synth.guide.judging import judge
from synth.guide.model import GuideNet
from synth.guide.train import Settings, Training
from synth.guide.training_state import load_state, save_state, state_file

__all__ = ["Told", "Work", "plot", "train_guide"]

_HELD, _MOST_HELD, _MOST_ASKED = 0.02, 1_000, 300
"""The share of given tasks that is held back to judge by, the most of them, and of how many sketches are asked for."""
_SAVED_EVERY = 60.0
_JUDGED = 10
"""How often, in a whole training, it is judged on what is held back."""
_CENTERED = 512

Told: TypeAlias = Callable[[Mapping[str, float]], None]
"""Is told, now and then, how far a training is: step, tasks a second, losses on tasks held back."""


@dataclass
class Work:
    """What a training is given: tasks over one library, the file that it will write, and by which command.

    Tasks are laid out as they come, and forgotten, but for those to judge by: `held_back`, or where there are none some
    of the others. `learned` and `held` are their numbers in the pile, `judged` the tasks held back.
    """

    library: Library
    tasks: Iterable[TrainingTask]
    out: Path
    command: str
    name: str = "lists"
    held_back: Iterable[TrainingTask] = ()
    pile: Pile = field(init=False)
    learned: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    judged: list[TrainingTask] = field(default_factory=list)
    types: Counter[str] = field(default_factory=Counter)
    """The type requests that are learned from, and how often."""

    def __post_init__(self) -> None:
        self.pile = Pile(self.library)
        for task in self.held_back:
            if self.pile.add(task):
                self.held.append(len(self.pile.samples) - 1)
                self.judged.append(task)
        apart = bool(self.held)
        for number, task in enumerate(self.tasks):
            if not self.pile.add(task):
                continue
            self.types[show_type(task.spec.type_request)] += 1
            place = len(self.pile.samples) - 1
            if not apart and number % round(1 / _HELD) == 0 and len(self.held) < _MOST_HELD:
                self.held.append(place)
                self.judged.append(task)
            else:
                self.learned.append(place)
        if not self.learned or not self.held:
            raise InterfaceError(f"expected at least two tasks to learn from, found {len(self.pile.samples)}")

    @property
    def digest(self) -> str:
        """A hash of all that is learned from, and judged by."""
        whole = hashlib.sha256(repr(self.held).encode())
        for inputs, targets in self.pile.samples:
            whole.update(inputs.tokens.tobytes())
            whole.update(targets.options.tobytes())
            whole.update(targets.chosen.tobytes())
        return whole.hexdigest()[:16]


def train_guide(
    work: Work,
    settings: Settings,
    *,
    device: str = "cpu",
    told: Told | None = None,
    start: GuideNet | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Mapping[str, object] | None:
    """Train a guide to the end, or go on with one that was stopped; the figures, which stand in the checkpoint too.

    The weights are drawn, or to begin with those of `start`, a network of the same sizes. Once `stopping()` is true,
    the training is kept as it is, and None is given back.
    """
    training = Training(settings, device)
    if start is not None:
        training.net.load_state_dict(start.state_dict())
    state, digest = state_file(work.out), work.digest
    if state.exists():
        load_state(state, training, digest)
    every = max(1, settings.steps // _JUDGED)
    begun, first, saved = time.monotonic(), training.done, time.monotonic()
    for _ in training.run(work.pile, work.learned):
        if training.done % every == 0 or training.done == settings.steps:
            speed = (training.done - first) * settings.batch / (time.monotonic() - begun)
            row = {"step": float(training.done), **training.judge(work.pile, work.held)}
            training.curve.append({key: round(value, 4) for key, value in row.items()})
            if told is not None:
                told(row | {"tasks a second": speed})
        stopped = training.done < settings.steps and stopping()
        if stopped or time.monotonic() - saved > _SAVED_EVERY:
            save_state(state, training, digest)
            saved = time.monotonic()
        if stopped:
            return None
    figures = _finish(work, training, digest)
    state.unlink(missing_ok=True)
    return figures


def _finish(work: Work, training: Training, digest: str) -> Mapping[str, object]:
    """Write the checkpoint, ask the guide in it about tasks that were held back, and write down what came out."""
    net, settings = training.net.to("cpu").eval(), training.settings
    about = About(
        work.name,
        work.command,
        settings.sizes,
        work.library.digest(),
        words_of(work.library),
        sorted(work.types),
        settings.to_json() | {"tasks": len(work.learned), "learned from": digest},
        {},
        _center(work.pile, training, work.learned),
    )
    save(work.out, net, about)
    judged = judge(load(work.out), work.judged[:_MOST_ASKED]).to_json()
    figures: dict[str, object] = {"held back": len(work.held), "curve": training.curve, **judged}
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
    names = (("choices", "a decision"), ("contexts", "by what is above alone"), ("cuts", "what is left open"))
    for key, label in names:
        axes.plot([row["step"] for row in curve], [row[key] for row in curve], marker=".", label=label)
    axes.set_xlabel("steps")
    axes.set_ylabel("loss on tasks held back (nats)")
    axes.legend()
    figure.savefig(path)
