"""Specs and programs as arrays, made once before training, and batches of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsl.type_system import FunctionType, Type
from synth.guide.features import (
    COLUMNS,
    INTS,
    MARKS,
    OUTPUT_SLOT,
    TYPE_WIDTH,
    check_type,
    has_grid,
    tokens_of,
    type_features,
)
from synth.guide.places import Decision, Grounds
from synth.guide.properties import properties_of
from synth.guide.relations import RELATIONS, relations_of
from tasks.task import Example, Spec

__all__ = [
    "MOST_EXAMPLES",
    "REQUEST_WIDTH",
    "Inputs",
    "Targets",
    "TypeTable",
    "inputs_of",
    "presence_heads",
    "request_features",
    "seen_examples",
    "targets_of",
    "with_cuts",
]

MOST_EXAMPLES = 10
"""Examples of a task that are read."""
_MOST_TOKENS, _MOST_WITH_GRIDS = 64, 240
"""Tokens of an example that are read."""
_PARAMETERS = 4
REQUEST_WIDTH = (_PARAMETERS + 1) * TYPE_WIDTH
_LONGEST = 24
"""Decisions of a program that are learned from: the first ones."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a network reads of a spec: tokens (E, N, W), how many of each example count (E,), and the rest.

    The W columns are COLUMNS, then RELATIONS; `properties` is (PROPERTY_WIDTH,), `request` (REQUEST_WIDTH,).
    """

    tokens: NDArray[np.int16]
    lengths: NDArray[np.int16]
    properties: NDArray[np.float16]
    request: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Targets:
    """What a network learns of a program, for each of its L decisions.

    `options` has, one after the other, the rows that each decision admits, `bits` what the grammar gives them, `ends`
    where each decision's end; `chosen` (L,) is the place among them; `sizes` (L,) the decisions of the subtree.
    `parents`, `arguments`, `depths` and `types` (indices of a table) describe the places. `present` are the heads of
    the program, `absent` those that were at hand too.
    """

    options: NDArray[np.int32]
    bits: NDArray[np.float16]
    ends: NDArray[np.int32]
    chosen: NDArray[np.int16]
    sizes: NDArray[np.int16]
    places: NDArray[np.int16]
    present: NDArray[np.int32]
    absent: NDArray[np.int32]


def seen_examples(examples: Sequence[Example]) -> tuple[Example, ...]:
    """The examples that are read, in an order of their own: all if they are few, else some of every size."""
    texts = {repr(example): example for example in examples}
    ordered = [texts[text] for text in sorted(texts, key=lambda text: (len(text), text))]
    if len(ordered) <= MOST_EXAMPLES:
        return tuple(ordered)
    return tuple(ordered[i * (len(ordered) - 1) // (MOST_EXAMPLES - 1)] for i in range(MOST_EXAMPLES))


def inputs_of(spec: Spec) -> Inputs:
    """The arrays of a spec. Raises CannotGuide for a type that nobody knows."""
    request = spec.type_request
    check_type(request)
    examples = seen_examples(spec.examples)
    rows = [_example_tokens(e, request) for e in examples]
    lengths = np.array([len(r) for r in rows], dtype=np.int16)
    tokens = np.zeros((len(rows), int(lengths.max()), len(COLUMNS) + len(RELATIONS)), dtype=np.int16)
    for place, row in enumerate(rows):
        own = np.array(row, dtype=np.int16)
        tokens[place, : len(row), : len(COLUMNS)] = own
        tokens[place, : len(row), len(COLUMNS) :] = relations_of(own, OUTPUT_SLOT, INTS, MARKS)
    return Inputs(
        tokens,
        lengths,
        properties_of(examples).astype(np.float16),
        request_features(request).astype(np.float16),
    )


def _example_tokens(example: Example, request: FunctionType) -> list[tuple[int, ...]]:
    """The output's tokens first, which are never cut off, then the inputs'."""
    most = _MOST_WITH_GRIDS if has_grid(request) else _MOST_TOKENS
    row = tokens_of(example.output, request.result, OUTPUT_SLOT)[: most // 2]
    for slot, (value, t) in enumerate(zip(example.arguments, request.parameters, strict=True)):
        row += tokens_of(value, t, min(slot, OUTPUT_SLOT - 1))
    return row[:most]


def request_features(request: FunctionType) -> NDArray[np.float32]:
    """(REQUEST_WIDTH,) the types of the first parameters, and of the result."""
    inside: list[Type] = list(request.parameters[:_PARAMETERS])
    rows = [type_features(t) for t in inside]
    rows += [np.zeros(TYPE_WIDTH, np.float32)] * (_PARAMETERS - len(rows))
    return np.concatenate([*rows, type_features(request.result)])


def presence_heads(grounds: Grounds) -> NDArray[np.int32]:
    """The heads that a spec's programs may have: words that some production of the grammar has, inputs, constants."""
    choices, root = grounds.choices, grounds.root
    where = {s.production.key: s for s in root.scope}
    ranks = grounds.pcfg.grammar.ranks
    leaves = {choices.heads[choices.row(p, where, grounds.given)] for p in root.leaves if p.result in ranks}
    words = choices.words_in(grounds.spec.type_request, grounds.pcfg.grammar)
    return np.array(sorted(words | leaves), dtype=np.int32)


def targets_of(
    decisions: Sequence[Decision], grounds: Grounds, at_hand: NDArray[np.int32], types: TypeTable
) -> Targets:
    """The arrays of a program's decisions."""
    heads = grounds.choices.heads
    used = {heads[int(d.options.rows[d.chosen])] for d in decisions}
    kept = decisions[:_LONGEST]
    places = [(d.place.parent, min(d.place.argument, 3), min(d.place.depth, 7), types.row(d.place.type)) for d in kept]
    return Targets(
        np.concatenate([d.options.rows for d in kept]).astype(np.int32),
        np.concatenate([d.options.bits for d in kept]).astype(np.float16),
        np.cumsum([len(d.options.rows) for d in kept]).astype(np.int32),
        np.array([d.chosen for d in kept], np.int16),
        np.array([d.size for d in kept], np.int16),
        np.array(places, np.int16),
        np.array(sorted(used), np.int32),
        np.array([head for head in at_hand.tolist() if head not in used], np.int32),
    )


class TypeTable:
    """Types of places, numbered as they are met, with their features."""

    def __init__(self) -> None:
        self.rows: dict[Type, int] = {}

    def row(self, t: Type) -> int:
        """The number of a type."""
        return self.rows.setdefault(t, len(self.rows))

    @property
    def features(self) -> NDArray[np.float32]:
        """(types, TYPE_WIDTH)."""
        return np.array([type_features(t) for t in self.rows], dtype=np.float32).reshape(-1, TYPE_WIDTH)


def with_cuts(sizes: NDArray[np.int16], largest: int, share: float, rng: random.Random) -> tuple[list[int], list[bool]]:
    """Which decisions of a program are left when some of its small subtrees are cut off, and which of them are cuts."""
    kept, cut, at = [], [], 0
    while at < len(sizes):
        off = at > 0 and sizes[at] <= largest and rng.random() < share
        kept.append(at)
        cut.append(off)
        at += int(sizes[at]) if off else 1
    return kept, cut
