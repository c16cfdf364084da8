"""How episodes are laid out as tokens: item by item of an input, an arrow, item by item of its output; pair by pair.

    3 1 2 -> 1 2 3   0 7 -> 7 0   5 5 ->

is two pairs and a question. What is to be written at the arrow is the first item of the output, at an item the next
one, and at the last one END. Works on torch's tensors, on whatever device the episodes are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from synth.compare.incontext.episode_file import HIGH, LOW, PAIRS, EpisodeFile
from synth.nets.in_context import ABOVE, ARROW_INT, ARROW_LIST, BELOW, END, FIRST_VALUE, Places

__all__ = ["NOTHING_WANTED", "Laid", "TokenBatch", "as_items", "as_tokens", "batches", "lay_out"]

NOTHING_WANTED = -1
"""What is wanted at places where nothing is written."""

_MULTIPLE = 8
"""Lengths of batches are multiples of it, which an accelerator likes."""
_AHEAD = 16
"""Batches that are made together, so that episodes of about the same length can share one."""


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """(B, T) tokens with their places, and what is to be written after each; (B, P) lengths of the outputs."""

    tokens: Tensor
    places: Places
    wanted: Tensor


@dataclass(frozen=True)
class Laid:
    """Episodes as tensors on a device."""

    items: Tensor
    starts: Tensor
    lengths: Tensor
    single: Tensor
    free: Tensor

    @classmethod
    def of(cls, episodes: EpisodeFile, chosen: np.ndarray, device: str) -> Laid:
        """The chosen episodes of a file; all items come along, so that nothing is copied about."""
        items = np.append(episodes.items, 0).astype(np.int64)  # one more, so that there is one
        return cls(
            as_tokens(torch.from_numpy(items)).to(device, torch.int16),
            torch.from_numpy(episodes.starts[chosen]).to(device),
            torch.from_numpy(episodes.lengths[chosen].astype(np.int64)).to(device),
            torch.from_numpy(episodes.single[chosen]).to(device),
            torch.from_numpy(episodes.free[chosen].astype(np.int64)).to(device),
        )

    def __len__(self) -> int:
        return len(self.single)

    @property
    def sizes(self) -> Tensor:
        """How many tokens each episode has, (E,)."""
        return self.lengths.sum(dim=(1, 2)) + PAIRS


def as_tokens(items: Tensor) -> Tensor:
    """Numbers as tokens."""
    tokens = items - LOW + FIRST_VALUE
    return torch.where(items < LOW, BELOW, torch.where(items > HIGH, ABOVE, tokens))


def as_items(tokens: Sequence[int]) -> tuple[int, ...] | None:
    """The numbers that written tokens are, without the END; None where one of them is no number.

    >>> as_items([FIRST_VALUE - LOW, FIRST_VALUE - LOW + 7]), as_items([ABOVE])
    ((0, 7), None)
    """
    if any(token < FIRST_VALUE for token in tokens):
        return None
    return tuple(token - FIRST_VALUE + LOW for token in tokens)


def lay_out(episodes: Laid, chosen: Tensor, order: Tensor) -> TokenBatch:
    """(B,) episodes with their pairs in a given order, (B, P) -> the batch. Nothing is wanted of a first pair."""
    device = chosen.device
    B, P = order.shape
    lengths = episodes.lengths[chosen].gather(1, order[:, :, None].expand(-1, -1, 2))  # (B, P, 2)
    starts = episodes.starts[chosen].gather(1, order)  # (B, P)
    given, written = lengths[:, :, 0], lengths[:, :, 1]
    sizes = given + 1 + written  # (B, P)
    ends = sizes.cumsum(dim=1)
    T = -(-int(ends[:, -1].max()) // _MULTIPLE) * _MULTIPLE
    places = torch.arange(T, device=device).expand(B, T).contiguous()
    pair = torch.searchsorted(ends, places, right=True)  # (B, T); P where the row is over
    own = pair.clamp(max=P - 1)
    inside = places - (ends - sizes).gather(1, own)
    n, m = given.gather(1, own), written.gather(1, own)
    over = pair == P
    is_input, is_arrow = inside < n, inside == n
    arrow = torch.where(episodes.single[chosen], ARROW_INT, ARROW_LIST)[:, None].expand(B, T)
    at = starts.gather(1, own) + torch.where(is_input, inside, inside - 1)
    last = len(episodes.items) - 1
    tokens = torch.where(is_arrow, arrow, episodes.items[at.clamp(0, last)].long())
    following = episodes.items[(at + 1).clamp(0, last)].long()
    wanted = torch.where(inside - n == m, END, following)
    wanted = torch.where(is_input | over | (pair == 0), NOTHING_WANTED, wanted)
    front = torch.where(is_input, inside, inside - n)
    back = torch.where(is_input, n - 1 - inside, front)
    part = torch.where(is_input, 0, torch.where(is_arrow, 1, 2))
    blank = torch.zeros_like(tokens)
    told = Places(pair, *(torch.where(over, blank, x) for x in (front, back, part)))
    return TokenBatch(torch.where(over, blank, tokens), told, wanted)


def batches(episodes: Laid, size: int, seed: int) -> Iterator[tuple[TokenBatch, ...]]:
    """Endless batches of one part each: episodes in random order, and their free pairs too.

    Episodes of about the same length are in a batch together, so that little is blank.
    """
    device = episodes.single.device
    rng = torch.Generator().manual_seed(seed)
    sizes = episodes.sizes.cpu()
    while True:
        drawn = torch.randperm(len(episodes), generator=rng)
        for group in torch.split(drawn, size * _AHEAD):
            by_length = group[sizes[group].argsort()]
            parts = torch.split(by_length, size)
            for number in torch.randperm(len(parts), generator=rng).tolist():
                part = parts[number].to(device)
                yield (lay_out(episodes, part, _orders(episodes, part, rng)),)


def _orders(episodes: Laid, chosen: Tensor, rng: torch.Generator) -> Tensor:
    """(B, P): free pairs in random order, then the others as they are."""
    noise = torch.rand(len(chosen), PAIRS, generator=rng).to(chosen.device)
    places = torch.arange(PAIRS, device=chosen.device)
    bound = places[None, :] >= episodes.free[chosen][:, None]
    return torch.where(bound, 1.0 + places, noise).argsort(dim=1)
