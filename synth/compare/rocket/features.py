"""Inputs and outcomes of laws as vectors for nets and classical learners: raw, in logarithms, without units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from synth.compare.rocket.source import MOST_PARTS, LawSource, Pair, outcomes_of, rows_of
from synth.formula.columns import Floats

__all__ = ["Form", "Prepared", "prepare"]

Form: TypeAlias = Literal["raw", "log", "groups", "members"]
"""Raw numbers; their logarithms, of the outcome too; dimensionless groups (Buckingham's pi); a set of stages, in
logarithms, with the outcome as it is."""


@dataclass(frozen=True)
class Prepared:
    """How to turn pairs into standardised vectors and a standardised outcome, and back."""

    inputs: Callable[[Sequence[Pair]], Floats]
    outcomes: Callable[[Sequence[Pair]], Floats]
    answers: Callable[[Sequence[Pair], Floats], Floats]


def prepare(source: LawSource, form: Form, shown: Sequence[Pair]) -> Prepared:
    """The form, with means and spreads of what is shown."""
    vectors = _vectors(source, form, shown)
    axes = tuple(range(vectors.ndim - 1))
    middle, spread = vectors.mean(axis=axes), vectors.std(axis=axes)
    spread = np.where(spread > 1e-9, spread, 1.0)  # a stage that no example has stays zero
    flags = _flags(source, form, vectors.shape[-1])
    if source.law.parts:
        middle, spread = _of_those_there(source, form, shown, vectors.shape[-1])
    middle[flags], spread[flags] = 0.0, 1.0
    scales = _scales(source, form, shown)
    targets = np.log(outcomes_of(shown) / scales) if form == "log" else outcomes_of(shown) / scales
    centre, width = float(targets.mean()), float(targets.std()) + 1e-12
    if form == "members":
        centre = 0.0  # a sum over members has no constant

    def inputs(pairs: Sequence[Pair]) -> Floats:
        found: Floats = (_vectors(source, form, pairs) - middle) / spread
        return found

    def outcomes(pairs: Sequence[Pair]) -> Floats:
        values = outcomes_of(pairs) / _scales(source, form, pairs)
        found: Floats = ((np.log(values) if form == "log" else values) - centre) / width
        return found

    def answers(pairs: Sequence[Pair], said: Floats) -> Floats:
        values = np.clip(said * width + centre, -700.0, 700.0) if form == "log" else said * width + centre
        found: Floats = (np.exp(values) if form == "log" else values) * _scales(source, form, pairs)
        return found

    return Prepared(inputs, outcomes, answers)


def _of_those_there(source: LawSource, form: Form, shown: Sequence[Pair], width: int) -> tuple[Floats, Floats]:
    """Means and spreads of all stages that are there, the same for each place, as a place may be empty in examples."""
    rows, _ = rows_of(shown, parts=True)
    rows = rows if form == "raw" else np.log(rows)
    # an absent stage is written as zeros, so numbers are only scaled, by their size, and stay zero there
    size = np.append(np.abs(rows).max(axis=0), 1.0)
    places = width // len(size)
    return np.zeros(width), np.tile(size, places)


def _flags(source: LawSource, form: Form, width: int) -> list[int]:
    """Which inputs say whether a stage is there."""
    if not source.law.parts:
        return []
    per = len(source.names) + 1
    return [width - 1] if form == "members" else list(range(per - 1, width, per))


def _scales(source: LawSource, form: Form, pairs: Sequence[Pair]) -> Floats:
    """What outcomes are measured by."""
    if form != "groups":
        return np.ones(len(pairs))
    return source.law.groups(source.measured(pairs).columns)[1]


def _vectors(source: LawSource, form: Form, pairs: Sequence[Pair]) -> Floats:
    """(pairs, inputs), or (pairs, stages, inputs) for sets; stages that are not there are zeros."""
    if form == "groups":
        return source.law.groups(source.measured(pairs).columns)[0]
    rows, starts = rows_of(pairs, parts=source.law.parts)
    rows = rows if form == "raw" else np.log(rows)
    if not source.law.parts:
        return rows
    found = np.zeros((len(pairs), MOST_PARTS, rows.shape[1] + 1))
    ends = [*starts[1:], len(rows)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        found[number, : end - start, :-1] = rows[start:end]
        found[number, : end - start, -1] = 1.0
    return found if form == "members" else found.reshape(len(pairs), -1)
