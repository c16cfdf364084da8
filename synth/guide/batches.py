"""Batches: arrays of several tasks put together, with the part of the table of choices that they speak of."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dsl.library import Library
from synth.guide.arrays import Inputs, Targets, TypeTable, inputs_of, presence_heads, targets_of, with_cuts
from synth.guide.choices import LEAF_WIDTH, SHAPE_WIDTH, Choices
from synth.guide.corpus import TrainingTask
from synth.guide.guide import CannotGuide
from synth.guide.places import Grounds, decisions_of
from synth.guide.words import definition_shares, word_features

__all__ = ["Batch", "Pile", "Reading", "Written", "batch_of", "batches", "reading_of", "table_of"]

_LARGEST_CUT, _FEWEST = 5, 3
_CUT_SHARES = (0.0, 0.0, 0.3)
"""How many of the small subtrees of a program are left open: drawn anew each time it is learned from."""


@dataclass
class Pile:
    """Tasks as arrays, over one library."""

    library: Library
    choices: Choices = field(init=False)
    types: TypeTable = field(default_factory=TypeTable)
    samples: list[tuple[Inputs, Targets]] = field(default_factory=list)
    words: NDArray[np.float32] = field(init=False)
    shares: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        self.choices = Choices(self.library)
        self.words, self.shares = word_features(self.library), definition_shares(self.library)

    def add(self, task: TrainingTask) -> bool:
        """Add a task; False for one that cannot be learned from."""
        grounds = Grounds(task.spec, self.choices)
        decisions = decisions_of(task.program, grounds)
        if decisions is None:
            return False
        try:
            inputs = inputs_of(task.spec)
        except CannotGuide:
            return False
        self.samples.append((inputs, targets_of(decisions, grounds, presence_heads(grounds), self.types)))
        return True


@dataclass(frozen=True, slots=True)
class Reading:
    """What a network reads of B tasks: the arguments of `GuideNet.read`."""

    tokens: Tensor
    lengths: Tensor
    owner: Tensor
    properties: Tensor
    request: Tensor


@dataclass(frozen=True, slots=True)
class Written:
    """What it is to learn: for each of B tasks and L decisions, and for each of B tasks and H heads.

    `options` (B, L, M) and `bits` are padded by bits of infinity; `chosen`, `cut` and `counts` say what was done, and
    which decisions are there. `present` and `at_hand` are (B, H).
    """

    before: Tensor
    parents: Tensor
    arguments: Tensor
    depths: Tensor
    types: Tensor
    options: Tensor
    bits: Tensor
    chosen: Tensor
    cut: Tensor
    counts: Tensor
    present: Tensor
    at_hand: Tensor


@dataclass(frozen=True, slots=True)
class Batch:
    """B tasks; `table` are the arguments of `GuideNet.table`."""

    reading: Reading
    written: Written
    table: tuple[Tensor, ...]


def reading_of(inputs: Sequence[Inputs]) -> Reading:
    """What is read of some specs."""
    longest = max(i.tokens.shape[1] for i in inputs)
    count = sum(len(i.tokens) for i in inputs)
    tokens = np.zeros((count, longest, inputs[0].tokens.shape[2]), dtype=np.int64)
    at = 0
    for i in inputs:
        tokens[at : at + len(i.tokens), : i.tokens.shape[1]] = i.tokens
        at += len(i.tokens)
    owner = np.repeat(np.arange(len(inputs)), [len(i.tokens) for i in inputs])
    return Reading(
        torch.from_numpy(tokens),
        torch.from_numpy(np.concatenate([i.lengths for i in inputs]).astype(np.int64)),
        torch.from_numpy(owner),
        torch.from_numpy(np.stack([i.properties for i in inputs]).astype(np.float32)),
        torch.from_numpy(np.stack([i.request for i in inputs]).astype(np.float32)),
    )


def table_of(pile: Pile, productions: NDArray[np.int64], leaves: NDArray[np.int64]) -> tuple[Tensor, ...]:
    """The arguments of `GuideNet.table` for some productions, and some leaves that have their heads among them."""
    choices, words = pile.choices, len(pile.words)
    places = {int(leaf): words + place for place, leaf in enumerate(leaves)}
    heads = [h if (h := choices.heads[int(p)]) < words else places[h] for p in productions]
    leaf_rows = [choices.leaves[int(leaf) - words] for leaf in leaves]
    shapes = [choices.shapes[int(p)] for p in productions]
    return (
        torch.from_numpy(pile.words),
        torch.from_numpy(pile.shares),
        torch.from_numpy(np.array(leaf_rows, dtype=np.float32).reshape(-1, LEAF_WIDTH)),
        torch.from_numpy(np.array(heads, dtype=np.int64)),
        torch.from_numpy(np.array(shapes, dtype=np.float32).reshape(-1, SHAPE_WIDTH)),
        torch.from_numpy(pile.types.features),
    )


def batches(pile: Pile, chosen: Sequence[int], size: int, rng: random.Random) -> Iterator[list[int]]:
    """The samples in a random order, in batches of about the same number of tokens an example."""
    order = list(chosen)
    rng.shuffle(order)
    for start in range(0, len(order), 20 * size):
        part = sorted(order[start : start + 20 * size], key=lambda i: pile.samples[i][0].tokens.shape[1])
        groups = [part[at : at + size] for at in range(0, len(part), size)]
        rng.shuffle(groups)
        yield from groups


def _fewer(inputs: Inputs, rng: random.Random) -> Inputs:
    """Some of the examples, at least three, in their order: so a task is another one each time it is learned from."""
    count = len(inputs.tokens)
    if count <= _FEWEST:
        return inputs
    kept = sorted(rng.sample(range(count), rng.randint(_FEWEST, count)))
    lengths = inputs.lengths[kept]
    return Inputs(inputs.tokens[kept, : int(lengths.max())], lengths, inputs.properties, inputs.request)


def batch_of(pile: Pile, numbers: Iterable[int], rng: random.Random, vary: bool = True) -> Batch:
    """Some samples as a batch; with `vary`, some subtrees are left open, and some examples left out."""
    samples = [pile.samples[number] for number in numbers]
    left = [with_cuts(t.sizes, _LARGEST_CUT, rng.choice(_CUT_SHARES) if vary else 0.0, rng) for _, t in samples]
    targets = [t for _, t in samples]
    productions = np.unique(np.concatenate([t.options for t in targets])).astype(np.int64)
    heads_met = [*(t.present for t in targets), *(t.absent for t in targets)]
    heads_met.append(np.array([pile.choices.heads[p] for p in productions], np.int32))
    heads = np.unique(np.concatenate(heads_met))
    leaves = heads[heads >= len(pile.words)].astype(np.int64)
    written = _written(targets, left, productions, leaves, len(pile.words))
    read = [_fewer(i, rng) if vary else i for i, _ in samples]
    return Batch(reading_of(read), written, table_of(pile, productions, leaves))


def _written(
    targets: Sequence[Targets],
    left: Sequence[tuple[list[int], list[bool]]],
    productions: NDArray[np.int64],
    leaves: NDArray[np.int64],
    words: int,
) -> Written:
    B, L = len(targets), max(len(kept) for kept, _ in left)
    M = max(int(np.diff(t.ends, prepend=0).max()) for t in targets)
    ints = {
        name: np.zeros((B, L), np.int64) for name in ("before", "parents", "arguments", "depths", "types", "chosen")
    }
    options, bits = np.zeros((B, L, M), np.int64), np.full((B, L, M), np.inf, np.float32)
    cut = np.zeros((B, L), np.float32)
    present, at_hand = np.zeros((B, words + len(leaves)), np.float32), np.zeros((B, words + len(leaves)), np.float32)
    for b, (t, (kept, off)) in enumerate(zip(targets, left, strict=True)):
        local = np.searchsorted(productions, t.options)
        begins = np.concatenate([[0], t.ends[:-1]])
        before = -2
        for step, (at, is_cut) in enumerate(zip(kept, off, strict=True)):
            begin, end = int(begins[at]), int(t.ends[at])
            options[b, step, : end - begin] = local[begin:end]
            bits[b, step, : end - begin] = t.bits[begin:end]
            parent, ints["arguments"][b, step], ints["depths"][b, step], ints["types"][b, step] = t.places[at]
            ints["parents"][b, step] = -1 if parent < 0 else np.searchsorted(productions, parent)
            ints["before"][b, step] = before
            ints["chosen"][b, step] = t.chosen[at]
            cut[b, step] = is_cut
            before = -1 if is_cut else int(local[begin + int(t.chosen[at])])
        for heads, value in ((t.present, 1.0), (t.absent, 0.0)):
            places = np.where(heads < words, heads, words + np.searchsorted(leaves, heads))
            present[b, places] = value
            at_hand[b, places] = 1.0
    tensors = {name: torch.from_numpy(array) for name, array in ints.items()}
    return Written(
        **tensors,
        options=torch.from_numpy(options),
        bits=torch.from_numpy(bits),
        cut=torch.from_numpy(cut),
        counts=torch.tensor([len(kept) for kept, _ in left]),
        present=torch.from_numpy(present),
        at_hand=torch.from_numpy(at_hand),
    )
