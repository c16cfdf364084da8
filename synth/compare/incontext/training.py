"""Meta-training: the net sees many tasks, a few pairs of each, and is to write every output from the pairs before.

Imports torch; import it where a net is trained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from synth.compare.incontext.episode_file import HIGH, LOW, PAIRS, EpisodeFile
from synth.compare.incontext.layout import NOTHING_WANTED, Laid, TokenBatch, batches, lay_out
from synth.compare.metrics import Count
from synth.compare.training import Trained, one_thread, train
from synth.nets.in_context import InContext

__all__ = ["Recipe", "exact_by_shown", "loss", "meta_train"]

_VALIDATED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the net is made and trained."""

    steps: int
    batch: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    channels: int = 128
    layers: int = 4
    heads: int = 4
    seed: int = 0

    def make(self) -> InContext:
        """A fresh net."""
        return InContext(LOW, HIGH, channels=self.channels, layers=self.layers, heads=self.heads)


def meta_train(
    episodes: EpisodeFile, recipe: Recipe, *, device: str, told: Callable[[int, float], None] | None = None
) -> Trained:
    """The net trained on all episodes but those that are kept from training; see `synth.compare.training.train`.

    `told` is called now and then with how many steps were taken, and the loss.
    """
    one_thread()
    laid = Laid.of(episodes, np.flatnonzero(~episodes.validated), device)
    taken = 0

    def measured(net: nn.Module, batch: TokenBatch) -> Tensor:
        nonlocal taken
        value = loss(net, batch)
        taken += 1
        if told is not None and (taken % max(1, recipe.steps // 40) == 0 or taken == recipe.steps):
            told(taken, float(value.detach()))
        return value

    return train(
        recipe.make,
        batches(laid, recipe.batch, recipe.seed),
        measured,
        steps=recipe.steps,
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        seed=recipe.seed,
        device=device,
    )


def loss(net: nn.Module, batch: TokenBatch) -> Tensor:
    """Cross-entropy of all that is to be written; on an accelerator, most of it is computed in half precision."""
    assert isinstance(net, InContext)
    wanted = batch.wanted.flatten()
    places = (wanted != NOTHING_WANTED).nonzero()[:, 0]
    device = wanted.device.type
    with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
        row = net(batch.tokens, batch.places).flatten(0, 1)[places]
        logits = net.logits(row)
    return nn.functional.cross_entropy(logits.float(), wanted[places])


@torch.no_grad()
def exact_by_shown(net: InContext, episodes: EpisodeFile, *, most: int = 1_000, validated: bool = True) -> list[Count]:
    """How many outputs are exactly right, by how many pairs were shown before: none of these, then from one on.

    Asked of episodes that were kept from training, or of some that were not. That every token is the likeliest one
    after the true ones before it is the same as greedy decoding being right.
    """
    device = str(net.embed.weight.device)
    held = np.flatnonzero(episodes.validated == validated)[:most]
    laid = Laid.of(episodes, held, device)
    counts = [Count(0, 0) for _ in range(PAIRS)]
    for chosen in torch.split(torch.arange(len(held), device=device), _VALIDATED_AT_ONCE):
        order = torch.arange(PAIRS, device=device).expand(len(chosen), PAIRS)
        batch = lay_out(laid, chosen, order)
        best = net.logits(net(batch.tokens, batch.places)).argmax(dim=-1)
        asked = batch.wanted != NOTHING_WANTED
        wrong = asked & (best != batch.wanted)
        for shown in range(1, PAIRS):
            of_pair = batch.places.pair == shown
            right = int((~(wrong & of_pair).any(dim=1)).sum())
            counts[shown] += Count(right, len(chosen))
    return counts
