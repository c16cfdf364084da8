"""Training nets: one loop for all of them, on one thread, seeded, with checkpoints to choose from.

This module, `synth.compare.tokens.training` and `synth.nets` import torch; import them where a net is really trained.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import torch
from torch import Tensor, nn

from synth.compare.records import DivergenceError

__all__ = ["LOOK", "Checkpoint", "Trained", "Watch", "checkpoint_of", "one_thread", "train"]

B = TypeVar("B")

Watch: TypeAlias = Callable[[nn.Module, int], bool]
"""Asked now and then with the net and the steps taken; true ends the training."""

_WARM_UP = 0.1
"""Share of the steps in which the learning rate rises to its peak; it then falls along a cosine."""
_FLOOR = 0.02
"""The last learning rate, as a share of the peak."""
_CLIP = 1.0
LOOK = 50
"""After so many steps it is looked whether the loss is still a number; looking waits for an accelerator."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The weights of a net after some steps."""

    step: int
    weights: dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Trained:
    """A net after training, in its last state: its size, its steps, its checkpoints (the last one too), CPU-seconds."""

    net: nn.Module
    parameters: int
    steps: int
    checkpoints: tuple[Checkpoint, ...]
    cpu_seconds: float

    def best(self, judge: Callable[[nn.Module], float]) -> tuple[Checkpoint, float]:
        """The checkpoint that a judge likes best, the latest of equals, and its value; the net is left there."""
        found: tuple[float, Checkpoint] | None = None
        for checkpoint in self.checkpoints:
            self.net.load_state_dict(checkpoint.weights)
            value = judge(self.net)
            if found is None or value >= found[0]:
                found = (value, checkpoint)
        assert found is not None, "there is a checkpoint, the last one"
        self.net.load_state_dict(found[1].weights)
        return found[1], found[0]


def one_thread() -> None:
    """Keep torch to one thread in this process: several workers side by side are faster at these sizes."""
    torch.set_num_threads(1)


def train(
    make: Callable[[], nn.Module],
    batches: Iterator[Sequence[B]],
    loss: Callable[[nn.Module, B], Tensor],
    *,
    steps: int,
    learning_rate: float,
    seed: int,
    weight_decay: float = 0.0,
    checkpoints: int = 1,
    device: str = "cpu",
    watch: Watch | None = None,
) -> Trained:
    """A fresh net trained for `steps` steps: AdamW, warm-up and cosine, gradients clipped to length 1.

    Each step takes one batch, whose parts weigh alike. `loss` gets the net and a part, which it moves to the device
    itself. Checkpoints are kept evenly over the second half, and of the last state. `watch` is asked every `LOOK` steps
    whether that is enough, the net ready to be tested. The caller's random state of torch is left as it was.
    Raises DivergenceError where the loss is no finite number any more.
    """
    started = time.process_time()
    kept = _kept_steps(steps, checkpoints)
    found: list[Checkpoint] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = make().to(device)
        fused = next(net.parameters()).device.type in ("cpu", "cuda")
        optimizer = torch.optim.AdamW(net.parameters(), lr=learning_rate, weight_decay=weight_decay, fused=fused)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
        net.train()
        for step in range(1, steps + 1):
            value = _step(net, next(batches), loss, optimizer)
            schedule.step()
            if (step % LOOK == 0 or step == steps) and not math.isfinite(float(value)):
                raise DivergenceError(f"the loss is {float(value)} after {step} of {steps} steps")
            enough = watch is not None and step % LOOK == 0 and _ask(watch, net, step)
            if step in kept or enough:
                found.append(checkpoint_of(net, step))
            if enough:
                break
    net.eval()
    parameters = sum(p.numel() for p in net.parameters())
    return Trained(net, parameters, step, tuple(found), time.process_time() - started)


def checkpoint_of(net: nn.Module, step: int) -> Checkpoint:
    """The weights that a net has now."""
    return Checkpoint(step, {name: weights.detach().clone() for name, weights in net.state_dict().items()})


def _ask(watch: Watch, net: nn.Module, step: int) -> bool:
    """What `watch` says of the net, which is then trained on."""
    net.eval()
    enough = watch(net, step)
    net.train()
    return enough


def _step(
    net: nn.Module, parts: Sequence[B], loss: Callable[[nn.Module, B], Tensor], optimizer: torch.optim.Optimizer
) -> Tensor:
    """One step; the loss before it."""
    optimizer.zero_grad()
    total = torch.zeros(())
    for part in parts:
        value = loss(net, part) / len(parts)
        value.backward()  # type: ignore[no-untyped-call]
        total = total + value.detach().cpu()
    nn.utils.clip_grad_norm_(net.parameters(), _CLIP)
    optimizer.step()
    return total


def _kept_steps(steps: int, count: int) -> frozenset[int]:
    """After which steps a checkpoint is kept.

    >>> sorted(_kept_steps(100, 3)), sorted(_kept_steps(100, 1))
    ([50, 75, 100], [100])
    """
    if count <= 1:
        return frozenset({steps})
    return frozenset(max(1, steps - steps * place // (2 * (count - 1))) for place in range(count))


def _rate(step: int, steps: int) -> float:
    """The learning rate as a share of its peak: linear up, then a cosine down to the floor."""
    rising = (step + 1) / (_WARM_UP * steps)
    falling = _FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * step / steps))
    return min(rising, 1.0) * falling
