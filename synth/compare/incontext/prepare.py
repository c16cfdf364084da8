"""Preparing the in-context net: episodes, then training, then a checkpoint; each part can be done elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsl.errors import InterfaceError
from synth.compare.incontext import episode_file
from synth.compare.incontext.episode_file import EpisodeFile

if TYPE_CHECKING:
    from synth.compare.incontext.training import Recipe

__all__ = ["Preparation", "make_data", "prepare", "train_on"]

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Preparation:
    """How much is done: episodes, steps, tasks in a batch, and what episodes are kept apart from."""

    episodes: int = 40_000
    steps: int = 1_800
    batch: int = 32
    learning_rate: float = 1e-3
    apart: tuple[str, ...] = ("length",)
    seed: int = 0
    jobs: int = 1
    device: str = "cpu"


def prepare(out: Path, wanted: Preparation, tell: Tell) -> dict[str, Any]:
    """Make episodes and train on them; what the checkpoint says of itself."""
    return _trained(out, make_data(wanted, tell), wanted, tell)


def make_data(wanted: Preparation, tell: Tell, path: Path | None = None) -> EpisodeFile:
    """Make episodes, and write them to a file if one is named."""
    from synth.compare.incontext.episodes import make_episodes  # the language's parser, which training does without

    made = make_episodes(wanted.episodes, wanted.apart, seed=wanted.seed, jobs=wanted.jobs)
    about = made.about
    tell(
        f"{len(made):,} episodes of {about['behaviours']:,} behaviours in {about['cpu_seconds']:,.0f} CPU-s; "
        f"{about['programs_dropped']:,} programs dropped that do what a reported task does"
    )
    if path is not None:
        episode_file.write(path, made)
        tell(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB)")
    return made


def train_on(path: Path, out: Path, wanted: Preparation, tell: Tell) -> dict[str, Any]:
    """Train on the episodes in a file; what the checkpoint says of itself."""
    return _trained(out, episode_file.read(path), wanted, tell)


def _trained(out: Path, episodes: EpisodeFile, wanted: Preparation, tell: Tell) -> dict[str, Any]:
    if out.suffix != ".safetensors":
        raise InterfaceError(f"expected a file that ends in .safetensors, found {str(out)!r}")
    from synth.compare.incontext.checkpoint import save
    from synth.compare.incontext.training import Recipe, exact_by_shown, meta_train  # imports torch
    from synth.nets.in_context import InContext

    recipe = Recipe(wanted.steps, wanted.batch, wanted.learning_rate, seed=wanted.seed)
    started = time.monotonic()

    def told(step: int, loss: float) -> None:
        tell(f"step {step:,} of {wanted.steps:,}: loss {loss:.3f}, {time.monotonic() - started:.0f} s so far")

    trained = meta_train(episodes, recipe, device=wanted.device, told=told)
    seconds = time.monotonic() - started
    assert isinstance(trained.net, InContext)
    fresh = exact_by_shown(trained.net, episodes)[1:]
    known = exact_by_shown(trained.net, episodes, validated=False)[1:]
    for title, counts in (("fresh tasks", fresh), ("tasks trained on", known)):
        shares = ", ".join(f"{shown}: {count.share:.3f}" for shown, count in enumerate(counts, 1))
        tell(f"exact outputs on {title}, by pairs shown: {shares}")
    about = {
        **_recipe_facts(recipe, wanted.device, seconds),
        "episodes": int((~episodes.validated).sum()),
        "episodes_digest": episodes.digest(),
        "data": dict(episodes.about),
        "cpu_seconds": round(float(episodes.about["cpu_seconds"]) + trained.cpu_seconds, 1),
        "training_cpu_seconds": round(trained.cpu_seconds, 1),
        "fresh_tasks": [[count.right, count.total] for count in fresh],
        "known_tasks": [[count.right, count.total] for count in known],
    }
    save(out, trained.net, about)
    tell(f"wrote {out} ({out.stat().st_size / 1e6:.1f} MB)")
    return about


def _recipe_facts(recipe: Recipe, device: str, seconds: float) -> dict[str, Any]:
    """How it was trained, and on what."""
    import torch

    on_card = device.startswith("cuda")
    return {
        "steps": recipe.steps,
        "batch": recipe.batch,
        "learning_rate": recipe.learning_rate,
        "seed": recipe.seed,
        "device": torch.cuda.get_device_name() if on_card else device,
        "device_seconds": round(seconds, 1) if on_card else 0.0,
        "torch": torch.__version__,
    }
