"""From what a learner says to its scores: one way for all sides, so that nobody is marked by another rule."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dsl.values import agree
from synth.compare.axis import Point
from synth.compare.metrics import bootstrap_mean
from synth.compare.records import Answered, RunKey, Score, pack_bits
from synth.compare.streams import digest, random_stream

__all__ = ["NOTHING", "Arguments", "Marking", "Probe", "Said", "hash_tests", "nothing_said", "score_answers"]

Arguments = tuple[object, ...]

_SHOWN_ANSWERS = 2
"""Test inputs of each point whose answers are kept for people to look at."""


class _Nothing:
    """The answer of someone who has none."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = _Nothing()
"""What a learner says that has no answer."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Test pairs of one point, all inputs different; `removed` were drawn and dropped because a learner is shown them.

    `possible` is how many inputs there are of that kind, None where they cannot be counted.
    """

    point: Point
    pairs: tuple[tuple[Arguments, object], ...]
    removed: int = 0
    possible: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a learner says to one test input (NOTHING: no answer), and how sure it is."""

    value: object
    confidence: float | None = None


def _one_part(value: object) -> tuple[str, ...]:
    return (str(value),)


@dataclass(frozen=True, slots=True)
class Marking:
    """How an answer is marked against the truth: whether it is right, how close it is (0 to 1), its error.

    Each function is given the truth, then the answer. `parts` cuts a value into pieces to be shown one by one, and
    `show` says how an input is written.
    """

    right: Callable[[object, object], bool] = agree
    close: Callable[[object, object], float] | None = None
    error: Callable[[object, object], float] | None = None
    parts: Callable[[object], tuple[str, ...]] = _one_part
    show: Callable[[Arguments], str] = lambda arguments: ", ".join(map(str, arguments))


def score_answers(
    probes: Sequence[Probe],
    say: Callable[[Probe], Sequence[Said]],
    marking: Marking,
    key: RunKey,
    *,
    shown: Sequence[Point] = (),
    met: Callable[[Arguments], bool] = lambda arguments: False,
) -> tuple[tuple[Score, ...], tuple[Answered, ...]]:
    """Scores at each point, and a few answers of the `shown` points for people to look at.

    `say` answers all inputs of a probe, in order. `met` tells which inputs the learner met in training.
    """
    rng = random_stream("token accuracy", *key)
    scores: list[Score] = []
    answers: list[Answered] = []
    for probe in probes:
        said = say(probe) if probe.pairs else []
        marked = list(zip(probe.pairs, said, strict=True))
        rights = [s.value is not NOTHING and marking.right(truth, s.value) for (_, truth), s in marked]
        close = None
        if marking.close is not None and marked:
            near = [0.0 if s.value is NOTHING else marking.close(truth, s.value) for (_, truth), s in marked]
            mean = bootstrap_mean(near, rng)
            close = (round(mean.value, 4), round(mean.low, 4), round(mean.high, 4))
        errors = None
        if marking.error is not None:
            errors = tuple(_error(marking.error, truth, s.value) for (_, truth), s in marked)
        overlap = sum(met(arguments) for arguments, _ in probe.pairs)
        scores.append(
            Score(
                probe.point,
                sum(rights),
                len(rights),
                pack_bits(rights),
                close,
                errors,
                probe.removed,
                probe.possible,
                overlap,
            )
        )
        if probe.point in shown:
            few = list(zip(marked, rights, strict=True))[:_SHOWN_ANSWERS]
            answers += [_answered(probe, pair, s, right, marking) for (pair, s), right in few]
    return tuple(scores), tuple(answers)


def _error(measure: Callable[[object, object], float], truth: object, value: object) -> float:
    """An error with four digits that mean something; infinite where there is no answer."""
    error = math.inf if value is NOTHING else measure(truth, value)
    return float(f"{error:.4g}")


def _answered(probe: Probe, pair: tuple[Arguments, object], said: Said, right: bool, marking: Marking) -> Answered:
    arguments, truth = pair
    answer = None if said.value is NOTHING else marking.parts(said.value)
    return Answered(probe.point, marking.show(arguments), marking.parts(truth), answer, right, said.confidence)


def nothing_said(probes: Sequence[Probe], marking: Marking) -> tuple[Score, ...]:
    """The scores of a learner without an answer: wrong on every input (rule F11)."""
    return tuple(
        Score(
            probe.point,
            0,
            len(probe.pairs),
            "0",
            (0.0, 0.0, 0.0) if marking.close is not None and probe.pairs else None,
            (math.inf,) * len(probe.pairs) if marking.error is not None else None,
            probe.removed,
            probe.possible,
        )
        for probe in probes
    )


def hash_tests(probes: Sequence[Probe]) -> str:
    """The content hash of test sets."""
    return digest([[probe.point, probe.pairs] for probe in probes])
