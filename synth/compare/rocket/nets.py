"""Nets on laws: one recipe, and forms of the inputs that give away more or less of the law."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from synth.compare.protocol import Effort
from synth.compare.records import Cell, Run
from synth.compare.rocket.features import Form, Prepared, prepare
from synth.compare.rocket.laws import FAR, REGIONS
from synth.compare.rocket.programs import curve_of, fitted, used
from synth.compare.rocket.source import LawSource, Pair
from synth.compare.scoring import Said, score_answers

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["RATE", "LawNet", "batches_of", "say", "squared_error"]

RATE: Mapping[Form, float] = MappingProxyType({"raw": 1e-2, "log": 2e-2, "groups": 1e-2, "members": 1e-2})
"""Peak learning rates, by the form of the inputs."""
_DECAY = 1e-4
_CHECKPOINTS = 3
_HELD_OUT = 0.1
_ENOUGH_TO_HOLD_OUT = 50


@dataclass(frozen=True)
class LawNet:
    """Trains a perceptron of three layers of 128 units, or a net on sets, on examples in one form."""

    form: Form
    learning_rate: float | None = None
    weight_decay: float = _DECAY

    def __call__(self, source: LawSource, effort: Effort, cell: Cell) -> Run:
        """Train on nine tenths, choose the checkpoint on the others (on all where they are few), test."""
        from synth.compare.training import one_thread, train

        one_thread()
        assert cell.size is not None, "a net learns from so many examples"
        started = time.process_time()
        pairs, probes = source.shown(cell.seed, cell.size), source.tests(cell.seed, effort.tests)
        held = int(_HELD_OUT * len(pairs)) if len(pairs) >= _ENOUGH_TO_HOLD_OUT else 0
        learned, judged = pairs[held:], pairs[:held] or pairs
        prepared = prepare(source, self.form, learned)
        inputs, outcomes = prepared.inputs(learned), prepared.outcomes(learned)
        width = inputs.shape[-1]
        trained = train(
            lambda: _make(self.form, width),
            batches_of(inputs, outcomes, effort.batch, cell.seed),
            squared_error,
            steps=effort.steps_of(cell.task, cell.learner),
            learning_rate=RATE[self.form] if self.learning_rate is None else self.learning_rate,
            weight_decay=self.weight_decay,
            seed=cell.seed,
            checkpoints=_CHECKPOINTS,
            device=effort.device,
        )
        wanted = prepared.outcomes(judged)
        chosen, _ = trained.best(lambda net: -float(np.square(_outputs(net, prepared.inputs(judged)) - wanted).mean()))
        learning = time.process_time() - started
        scores, answers = score_answers(
            probes, lambda probe: say(trained.net, prepared, probe.pairs), source.marking, cell.key, shown=REGIONS
        )
        curve = curve_of(source, cell.seed, lambda probe: say(trained.net, prepared, probe.pairs))
        fit = fitted(learned, say(trained.net, prepared, learned), source.noise)
        peeked = scores
        for checkpoint in trained.checkpoints:
            trained.net.load_state_dict(checkpoint.weights)
            other, _ = score_answers(
                probes, lambda probe: say(trained.net, prepared, probe.pairs), source.marking, cell.key
            )
            peeked = max(peeked, other, key=lambda found: next(s.right for s in found if s.point == FAR))
        return Run.of(
            cell,
            "trained" if fit.share >= 0.95 else "under-trained",
            scores=scores,
            answers=answers,
            data=used(source, pairs, probes),
            fit=fit,
            cpu_seconds=round(learning, 3),
            test_cpu_seconds=round(time.process_time() - started - learning, 3),
            parameters=trained.parameters,
            steps=trained.steps,
            peeked=peeked,
            details={"checkpoint": chosen.step, "curve": curve},
        )


def _make(form: Form, inputs: int) -> nn.Module:
    """The net for a form."""
    from synth.nets.deep_sets import DeepSets
    from synth.nets.mlp import Mlp

    return DeepSets(inputs, 1) if form == "members" else Mlp(inputs, 1, hidden=(128, 128, 128))


def batches_of(
    inputs: np.ndarray, outcomes: np.ndarray, batch: int, seed: int
) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """Batches drawn with replacement, without end; all examples where they are no more than a batch."""
    import torch

    rng = np.random.default_rng(seed)
    x = torch.from_numpy(inputs.astype(np.float32))
    y = torch.from_numpy(outcomes.astype(np.float32).reshape(len(inputs), -1))
    while True:
        rows = np.arange(len(x)) if len(x) <= batch else rng.integers(len(x), size=batch)
        yield [(x[rows], y[rows])]


def squared_error(net: nn.Module, part: tuple[Tensor, Tensor]) -> Tensor:
    """Mean squared error of a batch."""
    device = next(net.parameters()).device
    difference: Tensor = net(part[0].to(device)) - part[1].to(device)
    return (difference**2).mean()


def _outputs(net: nn.Module, inputs: np.ndarray) -> np.ndarray:
    """What a net says, still standardised."""
    import torch

    device = next(net.parameters()).device
    with torch.no_grad():
        found: np.ndarray = net(torch.from_numpy(inputs.astype(np.float32)).to(device))[:, 0].cpu().numpy()
    return found.astype(float)


def say(net: nn.Module, prepared: Prepared, pairs: Sequence[Pair]) -> list[Said]:
    """What a net says to pairs' inputs."""
    values = prepared.answers(pairs, _outputs(net, prepared.inputs(pairs)))
    return [Said(float(value)) for value in values]
