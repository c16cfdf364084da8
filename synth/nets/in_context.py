"""A Transformer that learns a task from its context: it reads pairs of lists and writes the output of the last one.

It knows how pairs are laid out, and nothing of tasks. Nothing but torch is needed to make one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

__all__ = ["ABOVE", "ARROW_INT", "ARROW_LIST", "BELOW", "END", "FIRST_VALUE", "Cache", "InContext", "Places"]

END, ARROW_LIST, ARROW_INT, BELOW, ABOVE = range(5)
"""Tokens that are no numbers: the end of an output (only ever written), between input and output, by the output's type,
and numbers beyond those that have a token."""
FIRST_VALUE = 5

_PERIODS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 32, 64, 100, 200, 500, 1000)
"""Periods of the sines by which the net is told what number a token is."""
_SHARES = (3, 3, 2)
"""Eighths of a head that are turned by the place from the front, by the place from the end, and by the pair."""
_LONGEST_WAVES = (64.0, 64.0, 16.0)


@dataclass(frozen=True, slots=True)
class Places:
    """Where tokens are, (B, T) each: in which pair, how far from the front of their list, and how far from its end.

    `part` is 0 for items of an input, 1 for what is between input and output, 2 for items of an output. As the end of
    an output is not known while it is written, its items and the arrow have their place from the front there too.
    """

    pair: Tensor
    front: Tensor
    back: Tensor
    part: Tensor

    def seen(self) -> Tensor:
        """(B, T, T): whether a token (row) may attend to another: earlier pairs, its own input, what was written."""
        earlier = self.pair[:, None, :] < self.pair[:, :, None]
        own = self.pair[:, None, :] == self.pair[:, :, None]
        places = torch.arange(self.pair.shape[1], device=self.pair.device)
        written = places[None, :] <= places[:, None]  # (T, T)
        return earlier | (own & (written | (self.part == 0)[:, None, :]))


@dataclass(slots=True)
class Cache:
    """Keys and values of tokens already read, (L, 2, B, H, room, d); `filled` of them count."""

    kept: Tensor
    filled: int = 0

    def repeated(self, times: int, room: int) -> Cache:
        """The cache of one sequence for so many that begin as it does, with room for more tokens."""
        layers, two, _, heads, _, size = self.kept.shape
        kept = self.kept.new_zeros(layers, two, times, heads, self.filled + room, size)
        kept[:, :, :, :, : self.filled] = self.kept[:, :, :, :, : self.filled]
        return Cache(kept, self.filled)


class InContext(nn.Module):
    """Decoder-only, pre-norm; inputs are read in both directions, outputs are written one token at a time.

    Places turn queries and keys (rotary positions, Su et al. 2021, section 3.2) along three axes: from the front of a
    list, from its end, and by pair. So "the same place" and "the same place from the end" in any pair are one turn
    each, whatever the lengths. A number is an embedding of its own and sines of its value, and the same vectors weigh
    what is written. B sequences, T tokens, D channels, H heads of d channels, V tokens.
    """

    def __init__(self, low: int, high: int, *, channels: int = 128, layers: int = 4, heads: int = 4) -> None:
        super().__init__()
        self.low = low
        self.tokens = FIRST_VALUE + high - low + 1
        self.embed = nn.Embedding(self.tokens, channels)
        nn.init.normal_(self.embed.weight, std=0.02)
        self.of_number = nn.Linear(2 * len(_PERIODS) + 1, channels, bias=False)
        self.parts = nn.Embedding(3, channels)
        self.of_places = nn.Linear(4 * (channels // 8), channels, bias=False)
        self.layers = nn.ModuleList(_Layer(channels, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(channels)
        self.scale = nn.Parameter(torch.tensor(channels**-0.5))
        self.register_buffer("numbers", _number_features(low, high), persistent=False)
        self.size = channels // heads

    def table(self) -> Tensor:
        """(V, D): the vector of each token."""
        numbers: Tensor = self.of_number(self.numbers)
        return self.embed.weight + numbers

    def forward(self, tokens: Tensor, places: Places) -> Tensor:
        """(B, T) token ids -> (B, T, D), of which `logits` are asked."""
        row = self._embedded(tokens, places)
        seen = places.seen()[:, None]  # (B, 1, T, T)
        turns = _turns(places, self.size)
        for layer in self.layers:
            row = layer(row, turns, seen)
        out: Tensor = self.norm(row)
        return out

    def logits(self, row: Tensor) -> Tensor:
        """(..., D) -> (..., V): how likely each token is written next."""
        return (row @ self.table().t()) * self.scale

    def empty_cache(self, room: int) -> Cache:
        """A cache of one sequence with room for so many tokens."""
        layer = self.layers[0]
        assert isinstance(layer, _Layer)
        shape = (len(self.layers), 2, 1, layer.heads, room, self.size)
        return Cache(torch.zeros(shape, device=self.embed.weight.device))

    @torch.no_grad()
    def extend(self, cache: Cache, tokens: Tensor, places: Places) -> Tensor:
        """(B, T) further tokens -> (B, T, D), as `forward` has them after those in the cache, which they join.

        All tokens of the cache are seen by all further ones, so those must not be of a pair that comes before. For
        answers only: nothing is learned through a cache.
        """
        row = self._embedded(tokens, places)
        old = torch.ones(*tokens.shape, cache.filled, dtype=torch.bool, device=tokens.device)
        seen = torch.cat([old, places.seen()], dim=2)[:, None]  # (B, 1, T, filled + T)
        turns = _turns(places, self.size)
        end = cache.filled + tokens.shape[1]
        for layer, kept in zip(self.layers, cache.kept, strict=True):
            row = layer(row, turns, seen, kept[:, :, :, :end])
        cache.filled = end
        out: Tensor = self.norm(row)
        return out

    def _embedded(self, tokens: Tensor, places: Places) -> Tensor:
        waves = [_waves(place, self.of_places.in_features // 2) for place in (places.front, places.back)]
        told: Tensor = self.of_places(torch.cat(waves, dim=-1))
        row: Tensor = nn.functional.embedding(tokens, self.table()) + self.parts(places.part) + told
        return row


class _Layer(nn.Module):
    """Attention with turned queries and keys, then two dense layers."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(channels)
        self.attend = nn.Linear(channels, 3 * channels, bias=False)
        self.join = nn.Linear(channels, channels, bias=False)
        self.between = nn.LayerNorm(channels)
        self.widen = nn.Linear(channels, 4 * channels)
        self.narrow = nn.Linear(4 * channels, channels)

    def forward(self, row: Tensor, turns: _Turns, seen: Tensor, kept: Tensor | None = None) -> Tensor:
        """(B, T, D) -> (B, T, D); `kept` (2, B, H, S, d) are keys and values, the last T of them yet to be written."""
        B, T, D = row.shape
        parts = self.attend(self.before(row)).view(B, T, 3, self.heads, D // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)  # (B, H, T, d) each
        queries, keys = _turned(queries, turns.of_queries), _turned(keys, turns.of_keys)
        if kept is not None:
            kept[0, :, :, -T:], kept[1, :, :, -T:] = keys, values
            keys, values = kept[0], kept[1]
        found = nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=seen)
        row = row + self.join(found.transpose(1, 2).reshape(B, T, D))
        changed: Tensor = row + self.narrow(nn.functional.gelu(self.widen(self.between(row))))
        return changed


@dataclass(frozen=True, slots=True)
class _Turns:
    """By what queries and keys are turned: cosines and sines, (2, B, 1, T, d / 2) each."""

    of_queries: Tensor
    of_keys: Tensor


def _turns(places: Places, size: int) -> _Turns:
    """Queries ask by the place from the front; keys answer by the places from the front, from the end, and the pair."""
    asked = _angles((places.front, places.front, places.pair), size)
    answered = _angles((places.front, places.back, places.pair), size)
    return _Turns(*(torch.stack([a.cos(), a.sin()])[:, :, None] for a in (asked, answered)))


def _angles(axes: tuple[Tensor, Tensor, Tensor], size: int) -> Tensor:
    """Three (B, T) places -> (B, T, d / 2) angles."""
    told: list[Tensor] = []
    for places, share, longest in zip(axes, _SHARES, _LONGEST_WAVES, strict=True):
        count = share * size // 16
        rates = longest ** -(torch.arange(count, device=places.device) / count)
        told.append(places[:, :, None] * rates)
    return torch.cat(told, dim=-1)


def _turned(x: Tensor, turn: Tensor) -> Tensor:
    """(B, H, T, d) with its halves turned against each other."""
    first, second = x.chunk(2, dim=-1)
    cosines, sines = turn.to(x.dtype)
    return torch.cat([first * cosines - second * sines, first * sines + second * cosines], dim=-1)


def _waves(places: Tensor, channels: int) -> Tensor:
    """(B, T) -> (B, T, channels) sines and cosines."""
    rates = torch.exp(-math.log(100.0) * torch.arange(channels // 2, device=places.device) / (channels // 2))
    angles = places[:, :, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def _number_features(low: int, high: int) -> Tensor:
    """(V, F): sines of each number, and its size; zero for tokens that are no numbers."""
    numbers = torch.arange(low, high + 1, dtype=torch.float32)[:, None]
    angles = 2 * math.pi * numbers / torch.tensor(_PERIODS, dtype=torch.float32)
    told = torch.cat([angles.sin(), angles.cos(), numbers / 100], dim=1)
    return torch.cat([torch.zeros(FIRST_VALUE, told.shape[1]), told])
