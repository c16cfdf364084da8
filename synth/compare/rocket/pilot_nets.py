"""Nets of launches and landings: from settings to outcomes, raw or in logarithms; and one that learns the motion."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np

from synth.compare.protocol import Effort
from synth.compare.records import Cell, Run
from synth.compare.rocket.nets import batches_of, squared_error
from synth.compare.rocket.pilots import Learned, columns_of, flown, outcomes_fit
from synth.compare.rocket.trials import Forecast, Trial, TrialSource
from synth.formula.columns import Floats

if TYPE_CHECKING:
    from torch import nn

__all__ = ["NetPilot"]

_RATES: Mapping[str, float] = MappingProxyType({"launch": 3e-3, "landing": 1e-2})
"""Peak learning rates, by task."""
_FINE_TUNING = 5e-4
_FINE_STEPS = 150
_CHECKPOINTS = 3


@dataclass(frozen=True)
class _Scale:
    """Means and spreads."""

    middle: Floats
    spread: Floats

    @classmethod
    def of(cls, values: Floats) -> _Scale:
        spread = values.std(axis=0)
        return cls(values.mean(axis=0), np.where(spread > 1e-12, spread, 1.0))

    def to(self, values: Floats) -> Floats:
        """Standardised."""
        found: Floats = (values - self.middle) / self.spread
        return found

    def back(self, values: Floats) -> Floats:
        """As they were."""
        found: Floats = values * self.spread + self.middle
        return found


@dataclass(frozen=True)
class NetPilot:
    """A perceptron on trials: `landing` from settings, `log_landing` with logarithms of positive quantities.

    `motion` goes from the quantities that are read to how fast they change, at each reading; its trials are integrated
    as those of formulas are. On a new planet each is trained on, from where it was at home.
    """

    learns: Literal["landing", "log_landing", "motion"]

    def __call__(self, source: TrialSource, effort: Effort, cell: Cell) -> Run:
        """Train, plan by inverting what was learned."""
        from synth.compare.training import one_thread, train
        from synth.nets.mlp import Mlp

        one_thread()
        assert cell.size is not None, "a net learns from so many trials"
        started = time.process_time()
        trials = source.shown(cell.seed, cell.size)
        inputs, outcomes = self._examples(source, trials)
        into, out = _Scale.of(inputs), _Scale.of(outcomes)

        def trained_on(make: Callable[[], nn.Module], seen: Sequence[Trial], steps: int, rate: float) -> object:
            x, y = self._examples(source, seen)
            return train(
                make, batches_of(into.to(x), out.to(y), effort.batch, cell.seed), squared_error, steps=steps,
                learning_rate=rate, seed=cell.seed, checkpoints=_CHECKPOINTS, device=effort.device,
            )  # fmt: skip

        def fresh() -> nn.Module:
            return Mlp(inputs.shape[1], outcomes.shape[1], hidden=(128, 128, 128))

        trained = trained_on(fresh, trials, effort.steps_of(cell.task, cell.learner), _RATES[cell.task])
        home = copy.deepcopy(trained.net)  # type: ignore[attr-defined]

        def adapt(seen: Sequence[Trial]) -> Forecast:
            moved = trained_on(lambda: copy.deepcopy(home), seen, _FINE_STEPS, _FINE_TUNING)
            return self._forecast(source, moved.net, into, out)  # type: ignore[attr-defined]

        kept = []
        for checkpoint in trained.checkpoints:  # type: ignore[attr-defined]
            net = copy.deepcopy(home)
            net.load_state_dict(checkpoint.weights)
            kept.append(self._forecast(source, net, into, out))
        forecast = self._forecast(source, home, into, out)
        fit = outcomes_fit(source, forecast, trials)
        learned = Learned(
            forecast,
            adapt,
            fit,
            "trained" if fit.share >= 0.95 else "under-trained",
            tuple(kept),
            {"parameters": trained.parameters, "steps": trained.steps},  # type: ignore[attr-defined]
        )
        return flown(source, effort, cell, learned, trials, time.process_time() - started)

    def _examples(self, source: TrialSource, trials: Sequence[Trial]) -> tuple[Floats, Floats]:
        """Inputs and outcomes of trials."""
        if self.learns == "motion":
            readings = np.concatenate([trial.readings for trial in trials])
            read = len(source.instruments.reads)
            return readings[:, :read], readings[:, read:]
        settings = np.ascontiguousarray(columns_of(trials).T)
        outcomes = np.array([trial.outcome for trial in trials])
        if self.learns == "landing":
            return settings, outcomes[:, None]
        return source.in_logs(settings), source.log_outcomes(settings, outcomes)[:, None]

    def _forecast(self, source: TrialSource, net: nn.Module, into: _Scale, out: _Scale) -> Forecast:
        """The model of trials that a net is."""
        if self.learns == "motion":

            def motion(*readings: Floats) -> tuple[Floats, Floats]:
                said = out.back(_run(net, into.to(np.stack(readings, axis=1))))
                return said[:, 0], said[:, 1]

            return source.integrate(motion)

        def forecast(*columns: Floats) -> Floats:
            settings = np.stack(columns, axis=1)
            if self.learns == "landing":
                return out.back(_run(net, into.to(settings)))[:, 0]
            return source.from_logs(settings, out.back(_run(net, into.to(source.in_logs(settings))))[:, 0])

        return forecast


def _run(net: nn.Module, inputs: Floats) -> Floats:
    import torch

    device = next(net.parameters()).device
    with torch.no_grad():
        found: Floats = net(torch.from_numpy(inputs.astype(np.float32)).to(device)).cpu().numpy().astype(float)
    return found
