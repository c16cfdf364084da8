"""Training a guide: what it costs to be wrong, and one step after the other, so that it may be stopped and go on.

Everything random comes from the seed and the number of the step, so a training that was stopped and resumed ends with
the same weights.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields

import torch
from torch import Tensor, nn

from synth.guide.batches import Batch, Pile, Reading, Written, batch_of, batches
from synth.guide.model import GuideNet, Sizes, threads

__all__ = ["Losses", "Settings", "Training", "losses_of"]

_CUT_WEIGHT, _PRESENCE_WEIGHT = 0.5, 0.05


@dataclass(frozen=True, slots=True)
class Settings:
    """How a network is trained: sizes, steps of `batch` tasks each, the highest learning rate, the seed, and on how
    many cores (with another number, sums come in another order).
    """

    steps: int
    batch: int = 64
    rate: float = 2e-3
    warm: int = 200
    decay: float = 0.01
    seed: int = 0
    threads: int = 1
    sizes: Sizes = field(default_factory=Sizes)

    def to_json(self) -> dict[str, object]:
        """As data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Losses:
    """Nats: `choices` a decision, `contexts` the same without what came before, `cuts` a decision, `presence` a task,
    `usual` the same without examples.
    """

    whole: Tensor
    choices: Tensor
    contexts: Tensor
    cuts: Tensor
    presence: Tensor
    usual: Tensor

    def to_json(self) -> dict[str, float]:
        """The numbers."""
        return {
            "loss": self.whole.item(),
            "choices": self.choices.item(),
            "contexts": self.contexts.item(),
            "cuts": self.cuts.item(),
            "presence": self.presence.item(),
            "usual": self.usual.item(),
        }


def losses_of(net: GuideNet, batch: Batch) -> Losses:
    """What a batch costs."""
    table, r, w = net.table(*batch.table), batch.reading, batch.written
    task = net.read(r.tokens, r.lengths, r.owner, r.properties, r.request)
    steps = net.steps(table, w.before, w.parents, w.arguments, w.depths, w.types)
    states, _ = net.step(steps, net.start(task)[None])
    there = torch.arange(w.before.shape[1], device=w.counts.device) < w.counts[:, None]
    L = w.before.shape[1]
    queries, open_ = net.decide(states[there], steps[there], task[:, None].expand(-1, L, -1)[there])
    cut, bits, chosen = w.cut[there], w.bits[there], w.chosen[there]

    def wrong_choices(queries: Tensor) -> Tensor:
        scores = (queries @ table.productions.T).gather(1, w.options[there])  # (n, M)
        scores = (scores - net.prior * math.log(2) * bits.nan_to_num(posinf=0.0)).masked_fill(bits.isinf(), -math.inf)
        return nn.functional.cross_entropy(scores[cut == 0], chosen[cut == 0])

    choices = wrong_choices(queries)
    tasks = task[:, None].expand(-1, L, -1)[there]
    contexts = wrong_choices(net.in_context(table, w.parents[there], w.arguments[there], w.types[there], tasks))
    below = w.parents[there] >= 0
    cuts = nn.functional.binary_cross_entropy_with_logits(open_[below], cut[below]) if below.any() else open_.sum() * 0
    usual, present = net.presence(task, r.request, table)
    wrong = [
        (nn.functional.binary_cross_entropy_with_logits(p, w.present, reduction="none") * w.at_hand).sum(1).mean()
        for p in (present, usual)
    ]
    whole = choices + contexts + _CUT_WEIGHT * cuts + _PRESENCE_WEIGHT * (wrong[0] + wrong[1])
    return Losses(whole, choices, contexts, cuts, wrong[0], wrong[1])


class Training:
    """A training under way: the network, the optimiser, how many steps were done, and how it was judged on the way."""

    def __init__(self, settings: Settings, device: str = "cpu") -> None:
        self.settings, self.device, self.done = settings, device, 0
        self.curve: list[dict[str, float]] = []
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            self.net = GuideNet(settings.sizes).to(device)
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), lr=settings.rate, weight_decay=settings.decay, fused=True
        )

    def run(self, pile: Pile, numbers: Sequence[int], steps: int | None = None) -> Iterator[Losses]:
        """Go on to the end, or so many steps; the losses of each."""
        last = self.settings.steps if steps is None else min(self.settings.steps, self.done + steps)
        if self.done >= last:
            return
        for group in self._from_here(pile, numbers):
            yield self._step(batch_of(pile, group, random.Random(f"{self.settings.seed} step {self.done}")))
            if self.done >= last:
                return

    def _from_here(self, pile: Pile, numbers: Sequence[int]) -> Iterator[list[int]]:
        """Batches of round after round; those that have been are left out."""
        each = math.ceil(len(numbers) / self.settings.batch)
        turn, skip = divmod(self.done, each)
        while True:
            groups = batches(pile, numbers, self.settings.batch, random.Random(f"{self.settings.seed} round {turn}"))
            for number, group in enumerate(groups):
                if number >= skip:
                    yield group
            turn, skip = turn + 1, 0

    def _step(self, batch: Batch) -> Losses:
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate_at(self.done)
        self.net.train()
        with threads(self.settings.threads):
            losses = losses_of(self.net, moved(batch, self.device))
            self.optimiser.zero_grad(set_to_none=True)
            losses.whole.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            self.optimiser.step()
        self.done += 1
        return losses

    def rate_at(self, step: int) -> float:
        """The learning rate: up in a line, then down like a cosine to a fiftieth."""
        s = self.settings
        if step < s.warm:
            return s.rate * (step + 1) / s.warm
        part = (step - s.warm) / max(1, s.steps - s.warm)
        return s.rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, part))))

    def judge(self, pile: Pile, numbers: Sequence[int]) -> dict[str, float]:
        """Mean losses on samples that are not learned from, with cuts drawn in one way."""
        self.net.eval()
        rows, weights = [], []
        with torch.no_grad():
            for start in range(0, len(numbers), self.settings.batch):
                group = numbers[start : start + self.settings.batch]
                batch = batch_of(pile, group, random.Random(f"judge {start}"))
                rows.append(losses_of(self.net, moved(batch, self.device)).to_json())
                weights.append(len(group))
        return {k: sum(r[k] * w for r, w in zip(rows, weights, strict=True)) / sum(weights) for k in rows[0]}


def moved(batch: Batch, device: str) -> Batch:
    """A batch on a device."""
    if device == "cpu":
        return batch
    reading = Reading(**{f.name: getattr(batch.reading, f.name).to(device) for f in fields(Reading)})
    written = Written(**{f.name: getattr(batch.written, f.name).to(device) for f in fields(Written)})
    return Batch(reading, written, tuple(t.to(device) for t in batch.table))
