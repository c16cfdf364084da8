"""HotFlip: substitutions that the gradient of a net proposes (Ebrahimi et al. 2018, section 3); imports torch.

The gain of putting one symbol for another is, to first order, the gradient of the loss with respect to the embedding
of that place, times the difference of the two embeddings. As the true function may give the edited input another
output, each candidate has a loss of its own: it is taken at the input as it is, against the output that the edited
one should have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from synth.compare.adversarial.edits import Fooled, Function, is_wrong, neighbours
from synth.compare.tokens.encoding import Encoding
from synth.compare.tokens.source import Items
from synth.compare.tokens.training import predict

__all__ = ["answers_of_net", "flip"]


@dataclass(frozen=True, slots=True)
class _Node:
    """An input on the beam and its estimated loss."""

    items: Items
    loss: float


def flip(
    net: nn.Module, truth: Function, base: Items, encoding: Encoding, *, edits: int, beam: int
) -> tuple[Fooled | None, ...]:
    """For each number of edits from one on, the first input found that a net gets wrong, or None.

    Each round looks at all substitutions in the inputs on the beam by their first-order loss, and asks the net about
    the best of them.
    """
    found: Fooled | None = None
    told: list[Fooled | None] = []
    nodes = [_Node(base, 0.0)]
    for _ in range(edits):
        if found is None:
            nodes = _most_promising(net, truth, base, nodes, encoding, beam)
            found = _first_wrong(net, truth, base, [node.items for node in nodes], encoding)
        told.append(found)
    return tuple(told)


def _most_promising(
    net: nn.Module, truth: Function, base: Items, nodes: Sequence[_Node], encoding: Encoding, beam: int
) -> list[_Node]:
    """The substitutions of highest estimated loss, a further edit of one of the nodes each."""
    pairs = [
        (node.items, edited)
        for node in nodes
        for edited in neighbours(node.items, encoding, 1)
        if all(a == b or b == c for a, b, c in zip(edited, node.items, base, strict=True))  # places not yet edited
    ]
    if not pairs:
        return list(nodes)
    before, after = (_tokens([pair[which] for pair in pairs], encoding) for which in (0, 1))  # (C, N) each
    wanted = _slots([truth(edited) for _, edited in pairs], len(base), encoding)  # (C, S)
    estimated = _first_order(net, before, after, wanted).tolist()
    ranked = sorted({pair[1]: loss for pair, loss in zip(pairs, estimated, strict=True)}.items(), key=lambda f: -f[1])
    return [_Node(items, loss) for items, loss in ranked[:beam]]


def _first_order(net: nn.Module, before: Tensor, after: Tensor, wanted: Tensor) -> Tensor:
    """(C,) losses of edited inputs against what they should give, estimated from the inputs before the edit."""
    table = next(module for module in net.modules() if isinstance(module, nn.Embedding))
    kept: list[Tensor] = []

    def watch(module: nn.Module, given: object, embedded: Tensor) -> Tensor:
        kept.append(embedded.detach().requires_grad_())
        return kept[0]

    handle = table.register_forward_hook(watch)
    try:
        logits = net(before, wanted.shape[1])  # (C, S, V)
    finally:
        handle.remove()
    losses = nn.functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="none")
    losses = losses.view(wanted.shape).sum(dim=1)  # (C,)
    (gradient,) = torch.autograd.grad(losses.sum(), kept[0])  # (C, N, E)
    step = table.weight.detach()[after] - kept[0].detach()  # (C, N, E)
    estimated: Tensor = losses.detach() + (gradient * step).sum(dim=(1, 2))
    return estimated


def _first_wrong(
    net: nn.Module, truth: Function, base: Items, tried: Sequence[Items], encoding: Encoding
) -> Fooled | None:
    for items, said in zip(tried, answers_of_net(net, tried, encoding), strict=True):
        right = truth(items)
        if is_wrong(right, said):
            return Fooled(base, items, right, said)
    return None


def answers_of_net(net: nn.Module, inputs: Sequence[Items], encoding: Encoding) -> list[object]:
    """What a net says to inputs of any lengths, in their order."""
    by_length: dict[int, list[int]] = {}
    for place, items in enumerate(inputs):
        by_length.setdefault(len(items), []).append(place)
    answers: list[object] = [None] * len(inputs)
    for length, places in by_length.items():
        rows = np.array([encoding.encode_input(inputs[place]) for place in places], dtype=np.int64)
        slots = predict(net, rows, encoding.slots(length)).slots.tolist()
        for place, filled in zip(places, slots, strict=True):
            answers[place] = encoding.decode(filled)
    return answers


def _tokens(inputs: Sequence[Items], encoding: Encoding) -> Tensor:
    return torch.tensor([encoding.encode_input(items) for items in inputs])


def _slots(outputs: Sequence[object], length: int, encoding: Encoding) -> Tensor:
    found = [encoding.encode_output(output, length) for output in outputs]
    assert all(slots is not None for slots in found), "outputs of these tasks fit their slots"
    return torch.tensor(found)
