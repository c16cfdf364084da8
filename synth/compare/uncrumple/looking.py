"""Looking into a net: what a plane could tell apart after each layer, how steep it is, where it takes grid lines.

Imports torch, so import it where a net was trained. What it finds is plain data, kept in a run's details.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from synth.compare.records import pack_bits
from synth.compare.uncrumple.source import Points, PointSource
from synth.compare.uncrumple.training import Scaled
from synth.nets.fourier_mlp import FourierMlp
from synth.nets.mlp import Mlp
from synth.nets.residual_flow import ResidualFlow

__all__ = ["FRAMES", "MESH", "frames_of", "layer_states", "look_into", "probe_accuracies", "steepest_at"]

_PROBED = 1_000
"""Fresh points from which a plane is fitted, and as many on which it is tested."""
_AT_BORDERS = 1_000
MESH = 31
"""Grid lines each way: thirty cells."""
FRAMES = 8


def look_into(net: nn.Module, source: PointSource, seed: int, *, frames: bool) -> Mapping[str, object]:
    """Linear-probe accuracy of each layer, the steepest slope at borders, and, if wanted, frames of the grid."""
    assert isinstance(net, Scaled)
    fitted, tested = source.points("probe fit", seed, _PROBED), source.points("probe test", seed, _PROBED)
    found: dict[str, object] = {
        "probes": probe_accuracies(net, fitted, tested),
        "steepest": steepest_at(net, source.points("slope", seed, _AT_BORDERS, "border")),
    }
    if frames:
        found["frames"] = frames_of(net, source, seed)
    return found


def _tensor(points: Points, net: nn.Module) -> Tensor:
    return torch.tensor(points.points, dtype=torch.float32, device=next(net.parameters()).device)


@torch.no_grad()
def layer_states(net: Scaled, points: Tensor) -> list[Tensor]:
    """What a net makes of points, layer by layer, its input first: hidden units, or the states of a flow."""
    scaled = net.scaled(points)
    match net.net:
        case ResidualFlow() as flow:
            return flow.states(scaled)
        case FourierMlp() as fourier:
            return [scaled, *_hidden(fourier.layers, fourier.waves(scaled))]
        case Mlp() as mlp:
            return _hidden(mlp.layers, scaled)
        case other:
            raise TypeError(f"expected a flow or a perceptron, found {type(other).__name__}")


def _hidden(layers: nn.Sequential, points: Tensor) -> list[Tensor]:
    """The input and what each hidden layer makes of it, after its activation."""
    found = [points]
    for layer in list(layers)[:-1]:
        value = layer(found[-1])
        if isinstance(layer, nn.Linear):
            found.append(value)
        else:
            found[-1] = value
    return found


def probe_accuracies(net: Scaled, fitted: Points, tested: Points) -> list[float]:
    """How many fresh points a plane tells apart after each layer; it is fitted anew to other points each time.

    Alain and Bengio, "Understanding intermediate layers using linear classifier probes", 2016.
    """
    from sklearn.exceptions import ConvergenceWarning  # sklearn takes a second, and only looking needs it
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if fitted.colours.min() == fitted.colours.max():
        return []
    states = (layer_states(net, _tensor(points, net)) for points in (fitted, tested))
    found = []
    for before, after in list(zip(*states, strict=True))[:: _every(net)]:
        plane = make_pipeline(StandardScaler(), LogisticRegression(C=100.0, max_iter=200))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # a plane that separates can always be steeper
            plane.fit(before.cpu().double().numpy(), fitted.colours)
        found.append(round(float(plane.score(after.cpu().double().numpy(), tested.colours)), 4))
    return found


def _every(net: Scaled) -> int:
    """Every so manyth layer is probed: of a flow, whose steps are small, not each."""
    return 3 if isinstance(net.net, ResidualFlow) else 1


def steepest_at(net: nn.Module, border: Points) -> float:
    """The largest slope of a net's answer (as a probability, for each unit of the input) at points of a border.

    A rule jumps there, and a smooth map has to be steep: this is what continuity costs.
    """
    points = _tensor(border, net).requires_grad_()
    (slopes,) = torch.autograd.grad(net(points).sigmoid().sum(), points)
    return round(float(slopes.norm(dim=1).max()), 3)


def frames_of(net: Scaled, source: PointSource, seed: int) -> Mapping[str, object]:
    """Where a flow takes the crossings of a shape's grid lines: some of its states, colours, and the last plane."""
    assert isinstance(net.net, ResidualFlow)
    shape = source.shape(seed)
    mesh = shape.mesh(MESH)
    states = layer_states(net, _tensor(Points(shape.seen(mesh), shape.colour(mesh)), net))
    layers = [round(place) for place in np.linspace(0, len(states) - 1, FRAMES)]
    plane = net.net.divide
    return {
        "layers": layers,
        "points": [[[round(v, 3) for v in row] for row in states[layer].tolist()] for layer in layers],
        "colours": pack_bits(shape.colour(mesh).tolist()),
        "normal": [round(v, 5) for v in plane.weight[0].tolist()],
        "offset": round(plane.bias[0].item(), 5),
    }
