"""The data of the tasks on laws: what is shown, with noise, and what is tested, without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from synth.compare.rocket.laws import BEYOND, BOTH, FAR, LAWS, REGIONS, Law, world_of
from synth.compare.scoring import Arguments, Marking, Probe
from synth.compare.streams import random_stream
from synth.formula.columns import Floats, Measurements
from synth.formula.dimension import parse_dimension
from synth.formula.program_text import nested

__all__ = [
    "CURVE",
    "ENCODING",
    "HIT",
    "MARKING",
    "MOST_PARTS",
    "LawSource",
    "Pair",
    "outcomes_of",
    "relative_error",
    "rows_of",
]

Pair = tuple[Arguments, object]

HIT = 0.005
"""A mission succeeds within this share of what was wanted."""
MOST_PARTS = 6
"""Most stages that a rocket is tested with."""
_STAGES = {BEYOND: (3, 4), FAR: (5, 6), BOTH: (5, 6)}
ENCODING = "numbers by name with their units, one outcome"
CURVE = tuple(map(float, np.geomspace(1.1, 30.0, 28)))
"""Mass ratios of the curve that is drawn."""
_MOST_SHOWN = 10_000
_DIGITS = 12


def relative_error(truth: object, answer: object) -> float:
    """How far an answer is off, as a share of the truth."""
    assert isinstance(truth, float)
    assert isinstance(answer, float)
    return abs(answer - truth) / abs(truth) if np.isfinite(answer) else float("inf")


def hits(truth: object, answer: object) -> bool:
    """Whether an answer is close enough for a mission."""
    return relative_error(truth, answer) <= HIT


def _shown_number(value: object) -> tuple[str, ...]:
    return (f"{value:.5g}",)


def _shown_arguments(arguments: Arguments) -> str:
    def told(value: object) -> str:
        return f"{value:.5g}" if isinstance(value, float) else f"({', '.join(map(told, value))})"  # type: ignore[call-overload]

    return ", ".join(map(told, arguments))


MARKING = Marking(right=hits, error=relative_error, parts=_shown_number, show=_shown_arguments)


@dataclass(frozen=True)
class LawSource:
    """A task on a law, with relative noise on what is shown."""

    task: str
    law_name: str
    noise: float = 0.0
    marking: Marking = field(default=MARKING, repr=False, compare=False)

    @property
    def law(self) -> Law:
        """The law behind it."""
        return LAWS[self.law_name]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return tuple(self.law.units)

    def shown(self, seed: int, size: int) -> tuple[Pair, ...]:
        """The examples of a seed; more of them are the fewer ones and others besides."""
        return _drawn(self.law_name, self.noise, seed)[:size]

    def tests(self, seed: int, count: int) -> tuple[Probe, ...]:
        """Test inputs of every region; nobody is shown any, as all are drawn from the continuum."""
        return tuple(Probe(region, _pairs(self.law_name, 0.0, "test", seed, region, count)) for region in REGIONS)

    def fresh(self, seed: int, count: int) -> tuple[Pair, ...]:
        """Examples of the training range that are neither shown nor tested."""
        return _pairs(self.law_name, 0.0, "fresh", seed, REGIONS[0], count)

    def curve(self, seed: int) -> tuple[Pair, ...]:
        """One rocket at mass ratios from 1.1 to 30, all else within the training range; nothing for other laws."""
        if self.law_name != "delta_v":
            return ()
        isp, m0 = 275.0, 40_000.0
        rows = [(isp, m0, float(m0 / ratio), 2.0 * m0 / isp) for ratio in CURVE]
        columns = {name: np.array([row[place] for row in rows]) for place, name in enumerate(self.names)}
        return tuple(zip(rows, map(float, self.law.truth(world_of(seed), columns)), strict=True))

    def measured(self, pairs: Sequence[Pair]) -> Measurements:
        """Examples as columns with dimensions."""
        rows, starts = rows_of(pairs, parts=self.law.parts)
        return Measurements(
            {name: np.ascontiguousarray(rows[:, place]) for place, name in enumerate(self.names)},
            {name: parse_dimension(unit) for name, unit in self.law.units.items()},
            outcomes_of(pairs),
            parse_dimension(self.law.outcome_unit),
            starts if self.law.parts else None,
        )


def outcomes_of(pairs: Sequence[Pair]) -> Floats:
    """The outcomes of pairs."""
    return np.array([outcome for _, outcome in pairs], dtype=float)


def rows_of(pairs: Sequence[Pair], *, parts: bool) -> tuple[Floats, np.ndarray]:
    """The inputs of pairs as rows, a row a part, and at which row each pair starts."""
    if not parts:
        return np.array([arguments for arguments, _ in pairs], dtype=float), np.arange(len(pairs))
    listed = [arguments[0] for arguments, _ in pairs]
    rows = [_flat(part) for stages in listed if isinstance(stages, tuple) for part in stages]
    lengths = [len(stages) for stages in listed if isinstance(stages, tuple)]
    return np.array(rows, dtype=float), np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)


def _flat(value: object) -> list[float]:
    """The numbers of nested pairs.

    >>> _flat(((1.0, 2.0), 3.0))
    [1.0, 2.0, 3.0]
    """
    if isinstance(value, tuple):
        return [number for part in value for number in _flat(part)]
    assert isinstance(value, float)
    return [value]


@lru_cache(maxsize=4)
def _drawn(law: str, noise: float, seed: int) -> tuple[Pair, ...]:
    return _pairs(law, noise, "shown", seed, REGIONS[0], _MOST_SHOWN)


def _pairs(name: str, noise: float, purpose: str, seed: int, region: str, count: int) -> tuple[Pair, ...]:
    """Examples of a region. Noise has a stream of its own, so that tasks that differ in noise only have one draw."""
    law, world = LAWS[name], world_of(seed)
    rng = random_stream("rocket", name, purpose, seed, region)
    lengths = np.ones(count, dtype=np.int64)
    if law.parts:
        low, high = _STAGES.get(region, (1, 2))
        lengths = rng.integers(low, high + 1, size=count)
    # far away a staged rocket has more stages, each of them as before; only the other input leaves its range
    drawn = {FAR: REGIONS[0], BEYOND: REGIONS[0], BOTH: REGIONS[4]}.get(region, region) if law.parts else region
    columns = {key: np.round(v, _DIGITS) for key, v in law.draw(rng, drawn, int(lengths.sum())).items()}
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    outcomes = np.add.reduceat(law.truth(world, columns), starts)
    if noise:
        outcomes = outcomes * (1 + noise * random_stream("rocket", name, "noise", seed).normal(size=count))
    rows = np.stack(list(columns.values()), axis=1).tolist()
    if not law.parts:
        return tuple((tuple(row), float(y)) for row, y in zip(rows, outcomes, strict=True))
    stages = (
        (tuple(nested(row) for row in rows[start : start + length]),)
        for start, length in zip(starts, lengths, strict=True)
    )
    return tuple((arguments, float(y)) for arguments, y in zip(stages, outcomes, strict=True))
