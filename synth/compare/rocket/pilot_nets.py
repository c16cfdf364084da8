"""Nets of task `launch`: from settings to landings, raw or in logarithms; and one that learns the law of motion."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from synth.compare.protocol import Effort
from synth.compare.records import Cell, Run
from synth.compare.rocket.flights import fly
from synth.compare.rocket.launches import Flight, FlightSource
from synth.compare.rocket.launching import Learned, Reach, flown, landings_fit
from synth.compare.rocket.nets import batches_of, squared_error
from synth.formula.columns import Floats

if TYPE_CHECKING:
    from torch import nn

__all__ = ["NetPilot"]

_RATE = 3e-3
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
    """A perceptron on flights: `landing` from settings, `log_landing` with logarithms of positive quantities.

    `motion` goes from the velocity through the air to the acceleration, at each reading; its flights are integrated as
    those of formulas are. On a new planet each is trained on, from where it was at home.
    """

    learns: Literal["landing", "log_landing", "motion"]

    def __call__(self, source: FlightSource, effort: Effort, cell: Cell) -> Run:
        """Train, plan by inverting what was learned."""
        from synth.compare.training import one_thread, train
        from synth.nets.mlp import Mlp

        one_thread()
        assert cell.size is not None, "a net learns from so many flights"
        started = time.process_time()
        flights = source.shown(cell.seed, cell.size)
        inputs, outcomes = self._examples(flights)
        into, out = _Scale.of(inputs), _Scale.of(outcomes)

        def trained_on(make: Callable[[], nn.Module], seen: Sequence[Flight], steps: int, rate: float) -> object:
            x, y = self._examples(seen)
            return train(
                make, batches_of(into.to(x), out.to(y), effort.batch, cell.seed), squared_error, steps=steps,
                learning_rate=rate, seed=cell.seed, checkpoints=_CHECKPOINTS, device=effort.device,
            )  # fmt: skip

        def fresh() -> nn.Module:
            return Mlp(inputs.shape[1], outcomes.shape[1], hidden=(128, 128, 128))

        trained = trained_on(fresh, flights, effort.steps_of(cell.task, cell.learner), _RATE)
        home = copy.deepcopy(trained.net)  # type: ignore[attr-defined]

        def adapt(seen: Sequence[Flight]) -> Reach:
            moved = trained_on(lambda: copy.deepcopy(home), seen, _FINE_STEPS, _FINE_TUNING)
            return self._reach(moved.net, into, out)  # type: ignore[attr-defined]

        kept = []
        for checkpoint in trained.checkpoints:  # type: ignore[attr-defined]
            net = copy.deepcopy(home)
            net.load_state_dict(checkpoint.weights)
            kept.append(self._reach(net, into, out))
        reach = self._reach(home, into, out)
        fit = landings_fit(reach, flights)
        learned = Learned(
            reach,
            adapt,
            fit,
            "trained" if fit.share >= 0.95 else "under-trained",
            tuple(kept),
            {"parameters": trained.parameters, "steps": trained.steps},  # type: ignore[attr-defined]
        )
        return flown(source, effort, cell, learned, flights, time.process_time() - started)

    def _examples(self, flights: Sequence[Flight]) -> tuple[Floats, Floats]:
        """Inputs and outcomes of flights."""
        if self.learns == "motion":
            readings = np.concatenate([flight.track.readings for flight in flights])
            return readings[:, :2], readings[:, 2:]
        settings = np.array([(f.speed, f.elevation, f.wind) for f in flights])
        distances = np.array([[f.track.distance] for f in flights])
        if self.learns == "landing":
            return settings, distances
        return _in_logs(settings), np.log(np.maximum(distances, 1e-3))

    def _reach(self, net: nn.Module, into: _Scale, out: _Scale) -> Reach:
        """The model of flights that a net is."""
        if self.learns == "motion":

            def motion(along: Floats, up: Floats) -> tuple[Floats, Floats]:
                said = out.back(_run(net, into.to(np.stack([along, up], axis=1))))
                return said[:, 0], said[:, 1]

            return lambda speed, elevation, wind: fly(motion, speed, elevation, wind)

        def reach(speed: Floats, elevation: Floats, wind: Floats) -> Floats:
            settings = np.stack([speed, elevation, wind], axis=1)
            if self.learns == "landing":
                return out.back(_run(net, into.to(settings)))[:, 0]
            found: Floats = np.exp(np.clip(out.back(_run(net, into.to(_in_logs(settings))))[:, 0], -50, 50))
            return found

        return reach


def _in_logs(settings: Floats) -> Floats:
    """Speeds and elevations in logarithms; winds, which have a sign, as shares of the speed."""
    return np.stack([np.log(settings[:, 0]), np.log(settings[:, 1]), settings[:, 2] / settings[:, 0]], axis=1)


def _run(net: nn.Module, inputs: Floats) -> Floats:
    import torch

    device = next(net.parameters()).device
    with torch.no_grad():
        found: Floats = net(torch.from_numpy(inputs.astype(np.float32)).to(device)).cpu().numpy().astype(float)
    return found
