"""The bodies as torch modules: weights put in, traces as targets; imports torch, so import it where a net is made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from synth.compare.bodies.compile import Weights, compile_machine, states_of_units
from synth.compare.bodies.machine import Machine
from synth.compare.bodies.source import BodySource
from synth.compare.tokens.source import Batch, Tokens
from synth.nets.elman import Elman

__all__ = ["Traced", "compiled_net", "fresh_net", "is_exact", "trace_loss"]


def fresh_net(source: BodySource) -> Elman:
    """A net with random weights."""
    encoding = source.lists.encoding
    return Elman(encoding.symbols, encoding.outputs, hidden=source.hidden)


def compiled_net(source: BodySource, machine: Machine) -> Elman:
    """The same net with the weights of a machine."""
    encoding = source.lists.encoding
    net = fresh_net(source)
    weights = compile_machine(
        machine, hidden=source.hidden, low=encoding.low, inputs=encoding.symbols + 1, outputs=encoding.outputs
    )
    _put_in(net, weights)
    return net


@torch.no_grad()
def _put_in(net: Elman, weights: Weights) -> None:
    for name, values in (
        ("weight_ih_l0", weights.inputs),
        ("weight_hh_l0", weights.states),
        ("bias_ih_l0", weights.bias),
        ("bias_hh_l0", np.zeros_like(weights.bias)),
    ):
        net.cell.get_parameter(name).copy_(torch.from_numpy(values))
    net.start.copy_(torch.from_numpy(weights.start)[None, None])
    net.choose.weight.copy_(torch.from_numpy(weights.outputs))
    net.choose.bias.copy_(torch.from_numpy(weights.output_bias))


@torch.no_grad()
def is_exact(net: Elman, machine: Machine, inputs: Tokens, low: int) -> bool:
    """Whether after each item exactly one unit is 1, all others 0, and it is one of the machine's state."""
    ends = np.array(states_of_units(machine))
    states = net.states(torch.from_numpy(inputs)).numpy()  # (B, N, H)
    units = states.argmax(axis=2)
    whole = (states.max(axis=2) == 1).all() and (np.abs(states).sum(axis=2) == 1).all()
    if not whole or units.max() >= len(ends):
        return False
    wanted = np.array([machine.trace(row) for row in (inputs + low).tolist()])
    return bool((ends[units] == wanted).all())


class Traced(nn.Module):
    """A net with a second readout, of the program's state after each item; only training looks at it."""

    def __init__(self, net: Elman, states: int) -> None:
        super().__init__()
        self.net = net
        self.tell = nn.Linear(net.choose.in_features, states)

    def forward(self, tokens: Tensor, slots: int) -> Tensor:
        """(B, N) token ids -> (B, S, V) logits."""
        logits: Tensor = self.net(tokens, slots)
        return logits

    def told(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """(B, N) token ids -> (B, V) logits of the output, (B, N, Q) logits of the state after each item."""
        states = self.net.states(tokens)  # (B, N, H)
        return self.net.choose(states[:, -1]), self.tell(states)


def trace_loss(machine: Machine, low: int) -> Callable[[nn.Module, Batch], Tensor]:
    """Cross-entropy of the output, and of the machine's state after each item."""

    def of_batch(net: nn.Module, batch: Batch) -> Tensor:
        assert isinstance(net, Traced), "only a net with a second readout is trained on traces"
        device = net.tell.weight.device
        wanted = torch.tensor([machine.trace(row) for row in (batch.inputs + low).tolist()], device=device)  # (B, N)
        outputs = torch.from_numpy(batch.outputs[:, 0]).to(device)  # (B,): a machine says one int
        said, told = net.told(torch.from_numpy(batch.inputs).to(device))
        loss: Tensor = nn.functional.cross_entropy(said, outputs)
        return loss + nn.functional.cross_entropy(told.flatten(0, 1), wanted.flatten())

    return of_batch
