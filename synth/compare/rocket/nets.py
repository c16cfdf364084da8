"""Nets on laws: one recipe, and forms of the inputs that give away more or less of the law."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from synth.compare.protocol import Effort
from synth.compare.records import Cell, Run
from synth.compare.rocket.features import Form, Prepared, prepare
from synth.compare.rocket.laws import FAR, REGIONS
from synth.compare.rocket.programs import curve_of, fitted, used
from synth.compare.rocket.source import LawSource, Pair, outcomes_of
from synth.compare.scoring import Probe, Said, score_answers

if TYPE_CHECKING:
    from torch import Tensor, nn

    from synth.compare.training import Checkpoint, Trained

__all__ = ["RATE", "LawEnsemble", "LawNet", "batches_of", "squared_error"]

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
        steps = effort.steps_of(cell.task, cell.learner)
        return _tested(source, effort, cell, lambda: (self.school(source, effort, cell, cell.seed, steps),))

    def school(self, source: LawSource, effort: Effort, cell: Cell, seed: int, steps: int) -> Schooled:
        """Train from a start of its own, and choose the checkpoint."""
        from synth.compare.training import one_thread, train

        one_thread()
        assert cell.size is not None, "a net learns from so many examples"
        pairs = source.shown(cell.seed, cell.size)
        held = int(_HELD_OUT * len(pairs)) if len(pairs) >= _ENOUGH_TO_HOLD_OUT else 0
        learned, judged = pairs[held:], pairs[:held] or pairs
        prepared = prepare(source, self.form, learned)
        inputs, outcomes = prepared.inputs(learned), prepared.outcomes(learned)
        width = inputs.shape[-1]
        trained = train(
            lambda: _make(self.form, width),
            batches_of(inputs, outcomes, effort.batch, seed),
            squared_error,
            steps=steps,
            learning_rate=RATE[self.form] if self.learning_rate is None else self.learning_rate,
            weight_decay=self.weight_decay,
            seed=seed,
            checkpoints=_CHECKPOINTS,
            device=effort.device,
        )
        wanted = prepared.outcomes(judged)
        chosen, _ = trained.best(lambda net: -float(np.square(_outputs(net, prepared.inputs(judged)) - wanted).mean()))
        return Schooled(trained, chosen, prepared, learned)


@dataclass(frozen=True)
class Schooled:
    """A net after training, left at the checkpoint that was chosen, with what it learned from."""

    trained: Trained
    chosen: Checkpoint
    prepared: Prepared
    learned: Sequence[Pair]

    def values(self, pairs: Sequence[Pair]) -> np.ndarray:
        """What it says to pairs' inputs."""
        return self.prepared.answers(pairs, _outputs(self.trained.net, self.prepared.inputs(pairs)))


@dataclass(frozen=True)
class LawEnsemble:
    """Several nets that differ in their starts and batches: they say their mean, and how far they are apart.

    Lakshminarayanan et al., "Simple and scalable predictive uncertainty estimation using deep ensembles", 2017, without
    variances that nets say themselves. `coverage` in the details of a run is the share of tests, by region, that are
    within two standard deviations of the mean.
    """

    member: LawNet
    members: int = 5

    def __call__(self, source: LawSource, effort: Effort, cell: Cell) -> Run:
        """Train all members, each for its share of the steps, test their mean."""
        seeds = range(cell.seed, cell.seed + 1_000 * self.members, 1_000)
        share = effort.steps_of(cell.task, cell.learner) // self.members
        return _tested(
            source, effort, cell, lambda: tuple(self.member.school(source, effort, cell, seed, share) for seed in seeds)
        )


def _tested(source: LawSource, effort: Effort, cell: Cell, school: Callable[[], tuple[Schooled, ...]]) -> Run:
    """The run of nets that answer together: they are trained, and their mean is tested."""
    started = time.process_time()
    assert cell.size is not None, "nets learn from so many examples"
    pairs, probes = source.shown(cell.seed, cell.size), source.tests(cell.seed, effort.tests)
    nets = school()
    learning = time.process_time() - started

    def say(probe: Probe) -> list[Said]:
        return [Said(float(value)) for value in np.mean([net.values(probe.pairs) for net in nets], axis=0)]

    scores, answers = score_answers(probes, say, source.marking, cell.key, shown=REGIONS)
    curve = curve_of(source, cell.seed, say)
    learned = nets[0].learned
    fit = fitted(learned, say(Probe(REGIONS[0], tuple(learned))), source.noise)
    details = {"checkpoint": nets[0].chosen.step, "curve": curve}
    if len(nets) > 1:
        details["coverage"] = {str(probe.point): _coverage(nets, probe.pairs) for probe in probes}
    peeked = scores
    for checkpoints in zip(*(net.trained.checkpoints for net in nets), strict=True):
        for net, checkpoint in zip(nets, checkpoints, strict=True):
            net.trained.net.load_state_dict(checkpoint.weights)
        other, _ = score_answers(probes, say, source.marking, cell.key)
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
        parameters=sum(net.trained.parameters for net in nets),
        steps=sum(net.trained.steps for net in nets),
        peeked=peeked,
        details=details,
    )


def _coverage(nets: Sequence[Schooled], pairs: Sequence[Pair]) -> float:
    """The share of outcomes within two standard deviations of what nets say on average."""
    said = np.array([net.values(pairs) for net in nets])
    near = np.abs(outcomes_of(pairs) - said.mean(axis=0)) <= 2 * said.std(axis=0, ddof=1)
    return round(float(near.mean()), 4)


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
