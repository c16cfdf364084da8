"""What a search believes of the answers it found: their posterior, when to abstain, and how honest it was.

The prior of a behaviour is the sum of the probabilities of its derivations found. Given that it fits all examples, its
posterior is its share among the behaviours that fit. It is truncated: behaviours whose cheapest program lies above the
cost reached are not in it, or with a part of their mass only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from dsl.values import Failure, Outcome, Some, key

__all__ = [
    "Believed",
    "Bin",
    "Forecast",
    "Posterior",
    "Probed",
    "brier_score",
    "calibration_error",
    "log_loss",
    "posterior_of",
    "reliability",
    "split_by_probes",
]

P = TypeVar("P")

_Z = 1.959963984540054
"""The standard normal deviate of a 95% interval."""


@dataclass(frozen=True, slots=True)
class Believed:
    """One behaviour that fits: its number among those given, the bits of its cheapest program, its probability."""

    number: int
    bits: float
    probability: float


@dataclass(frozen=True, slots=True)
class Posterior:
    """The behaviours that fit, the likeliest first; probabilities sum to one.

    All programs of up to `reached` bits were looked at; None where nothing is known of that.
    """

    ranked: tuple[Believed, ...]
    reached: float | None = None

    @property
    def confidence(self) -> float:
        """Probability of the first behaviour; 0 where there is none."""
        return self.ranked[0].probability if self.ranked else 0.0

    @property
    def entropy(self) -> float:
        """Bits that are still to be learned about which behaviour is meant."""
        return sum(-b.probability * math.log2(b.probability) for b in self.ranked if b.probability > 0.0) + 0.0

    def answer(self, min_mass: float = 0.0) -> Believed | None:
        """The likeliest behaviour, or None (abstention) where its probability is below `min_mass`."""
        return self.ranked[0] if self.ranked and self.confidence >= min_mass else None


def posterior_of(log2_masses: Sequence[float], bits: Sequence[float], *, reached: float | None = None) -> Posterior:
    """The posterior of behaviours that fit, from the logarithms (to base 2) of their masses and their bits.

    Of equally likely ones that with the shorter program comes first. A mass of zero (minus infinity) is the mass of
    its cheapest program, for what was found outside the enumeration.

    >>> [round(b.probability, 2) for b in posterior_of([-3.0, -4.0], [3.0, 4.0]).ranked]
    [0.67, 0.33]
    """
    masses = np.array([m if m > -math.inf else -b for m, b in zip(log2_masses, bits, strict=True)])
    probabilities = _normalised(masses).tolist()
    order = sorted(range(len(bits)), key=lambda i: (-masses[i], bits[i], i))
    return Posterior(tuple(Believed(i, bits[i], probabilities[i]) for i in order), reached)


def _normalised(log2_masses: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(log2_masses):
        return log2_masses
    shares = np.exp2(log2_masses - log2_masses.max())  # the largest is one: nothing overflows, nothing is all zero
    normalised: NDArray[np.float64] = shares / shares.sum()
    return normalised


@dataclass(frozen=True, slots=True)
class Probed(Generic[P]):
    """Programs that do the same on all probes: their outcomes there, and their probability together.

    The likeliest program comes first.
    """

    programs: tuple[P, ...]
    outcomes: tuple[Outcome, ...]
    log2_mass: float
    probability: float


def split_by_probes(
    programs: Sequence[tuple[P, float]],
    run: Callable[[P, tuple[object, ...]], Outcome],
    probes: Sequence[tuple[object, ...]],
) -> tuple[Probed[P], ...]:
    """Group programs by what they do on inputs that are no examples; the likeliest group first.

    Programs come with the logarithm (to base 2) of their probability or mass. To have no value is an outcome of its
    own, whatever the cause.
    """
    groups: dict[object, list[int]] = {}
    outcomes: list[tuple[Outcome, ...]] = []
    for number, (program, _) in enumerate(programs):
        outcomes.append(tuple(run(program, probe) for probe in probes))
        groups.setdefault(tuple(map(_outcome_key, outcomes[number])), []).append(number)
    masses = np.array([_log2_sum([programs[number][1] for number in group]) for group in groups.values()])
    shares = _normalised(masses).tolist()
    made = [
        Probed(
            tuple(programs[n][0] for n in sorted(group, key=lambda n: -programs[n][1])),
            outcomes[group[0]],
            float(mass),
            share,
        )
        for group, mass, share in zip(groups.values(), masses, shares, strict=True)
    ]
    return tuple(sorted(made, key=lambda probed: -probed.log2_mass))


def _outcome_key(outcome: Outcome) -> object:
    return Failure if isinstance(outcome, Failure) else key(_rounded(outcome))


def _rounded(value: object) -> object:
    """Reals to nine digits: two orders of adding are one behaviour."""
    match value:
        case tuple():
            return tuple(map(_rounded, value))
        case Some(inside):
            return Some(_rounded(inside))
        case float():
            return float(f"{value:.9g}")
        case _:
            return value


def _log2_sum(values: Sequence[float]) -> float:
    most = max(values)
    return most if most == -math.inf else most + math.log2(math.fsum(2.0 ** (v - most) for v in values))


# --- how honest the confidences were -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Forecast:
    """The confidence in an answer, and whether it was right."""

    confidence: float
    right: bool

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"expected a confidence from 0 to 1, found {self.confidence!r}")


def brier_score(forecasts: Sequence[Forecast]) -> float:
    """Mean squared distance of the confidences from the truth: 0 is perfect, 0.25 is what one half always gets.

    Brier, "Verification of forecasts expressed in terms of probability", 1950. ValueError where there is nothing.

    >>> brier_score([Forecast(0.5, True), Forecast(0.5, False)])
    0.25
    """
    return _mean([(f.confidence - f.right) ** 2 for f in forecasts])


def log_loss(forecasts: Sequence[Forecast], *, floor: float = 2.0**-20) -> float:
    """Mean bits that the truth costs one who believes the confidences.

    Confidences are kept `floor` away from 0 and 1: one that is sure and wrong costs 20 bits, not infinitely many.

    >>> log_loss([Forecast(0.5, True), Forecast(0.25, True)])
    1.5
    """
    clipped = [(min(max(f.confidence, floor), 1.0 - floor), f.right) for f in forecasts]
    return _mean([-math.log2(confidence if right else 1.0 - confidence) for confidence, right in clipped])


def _mean(values: list[float]) -> float:
    if not values:
        raise ValueError("expected at least one forecast, found none")
    return math.fsum(values) / len(values)


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts with confidences from `low` to below `high` (the last bin: up to 1): how many, and how many right.

    `share_low` and `share_high` are the ends of the 95% Wilson interval of the share that was right.
    """

    low: float
    high: float
    count: int
    right: int
    mean_confidence: float
    share_low: float
    share_high: float

    @property
    def share(self) -> float:
        """The share that was right."""
        return self.right / self.count

    @property
    def honest(self) -> bool:
        """Whether the mean confidence is in the interval of the share."""
        return self.share_low <= self.mean_confidence <= self.share_high


def reliability(forecasts: Sequence[Forecast], bins: int = 10) -> tuple[Bin, ...]:
    """The reliability curve: for each of some equal bins of confidence that is not empty, what came true."""
    members: dict[int, list[Forecast]] = {}
    for forecast in forecasts:
        members.setdefault(min(int(forecast.confidence * bins), bins - 1), []).append(forecast)
    return tuple(_bin(number, bins, members[number]) for number in sorted(members))


def _bin(number: int, bins: int, members: list[Forecast]) -> Bin:
    right = sum(f.right for f in members)
    low, high = _wilson(right, len(members))
    mean = _mean([f.confidence for f in members])
    return Bin(number / bins, (number + 1) / bins, len(members), right, mean, low, high)


def _wilson(right: int, total: int) -> tuple[float, float]:
    """Wilson, "Probable inference, the law of succession, and statistical inference", 1927."""
    share, weight = right / total, _Z * _Z / total
    centre = (share + weight / 2) / (1 + weight)
    reach = math.sqrt(share * (1 - share) * weight + weight * weight / 4) / (1 + weight)
    return max(0.0, centre - reach), min(1.0, centre + reach)


def calibration_error(forecasts: Sequence[Forecast], bins: int = 10) -> float:
    """How far, on average, the share that was right lies from the confidence, over the bins of `reliability`."""
    curve = reliability(forecasts, bins)
    return _mean([abs(b.share - b.mean_confidence) for b in curve for _ in range(b.count)])
