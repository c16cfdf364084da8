"""How honest the search's confidence is: the posterior mass of its answers against what held-out pairs say of them.

The posterior is truncated: it is over the behaviours that a search found, so one that ended early is surer than it
should be. These figures say by how much.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dsl.errors import InterfaceError
from synth.compare.metrics import Count, Estimate, bootstrap_mean, wilson
from synth.search.posterior import Bin, Forecast, brier_score, calibration_error, log_loss, reliability

__all__ = ["HEADINGS", "Calibration", "Forecasts", "calibration_of", "forecasts_of", "read_lines"]

HEADINGS = ("figure", "value", "95% interval", "answers")
_LEVELS = (0.5, 0.9, 0.99)
_SEED = 0


@dataclass(frozen=True, slots=True)
class Forecasts:
    """What lines of `synth eval` have to say: claimed answers that held-out pairs judge, and lines that say nothing.

    `unclaimed` had no answer, or none that was likely enough; `unjudged` have an answer and no held-out pairs.
    """

    known: tuple[Forecast, ...]
    unclaimed: int
    unjudged: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scores of confidences, bins of the reliability curve, and how often answers above some mass were right.

    `always_the_share` is the Brier score of one who gives every answer the share that is right: knowing nothing of the
    single task. `lone` are the answers beside which no other behaviour was found.
    """

    answers: Count
    mean_confidence: float
    brier: Estimate
    always_the_share: float
    log_loss: Estimate
    calibration_error: float
    bins: tuple[Bin, ...]
    over: Mapping[float, Count]
    lone: Count

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        return {
            "answers": _share(self.answers),
            "mean_confidence": self.mean_confidence,
            "brier": asdict(self.brier),
            "brier_of_the_overall_share": self.always_the_share,
            "log_loss_bits": asdict(self.log_loss),
            "expected_calibration_error": self.calibration_error,
            "mass_over": {f"{level:g}": _share(count) for level, count in self.over.items()},
            "lone_behaviour": _share(self.lone),
            "bins": [asdict(b) | {"share": b.share, "honest": b.honest} for b in self.bins],
        }

    def rows(self) -> list[tuple[str, ...]]:
        """Lines of a table under `HEADINGS`."""
        total = str(self.answers.total)
        return [
            _count_row("right", self.answers),
            ("mean mass of the answer", f"{self.mean_confidence:.3f}", "", total),
            ("Brier score", *_estimate_cells(self.brier)),
            ("  of the share right, for all alike", f"{self.always_the_share:.3f}", "", total),
            ("log loss, bits", *_estimate_cells(self.log_loss)),
            ("expected calibration error", f"{self.calibration_error:.3f}", "", total),
            *(_count_row(f"right, mass over {level:g}", count) for level, count in self.over.items()),
            _count_row("right, no other behaviour found", self.lone),
            *(_count_row(f"right, mass {_range(b)}, mean {b.mean_confidence:.2f}", Count(b.right, b.count))
              for b in self.bins),
        ]  # fmt: skip


def read_lines(path: Path) -> list[Mapping[str, Any]]:
    """The lines of `synth eval --out` (or of `synth bench ceiling --out`); InterfaceError where they are none."""
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise InterfaceError(f"cannot read {str(path)!r}: {error.strerror or error}") from None
    except ValueError:
        raise InterfaceError("expected lines of JSON, found something else", path=str(path)) from None
    if not all(isinstance(line, dict) and {"fits", "mass", "alternatives"} <= line.keys() for line in lines):
        raise InterfaceError("expected lines that `synth eval` wrote, found something else", path=str(path))
    return lines


def forecasts_of(lines: Iterable[Mapping[str, Any]]) -> Forecasts:
    """The mass and the truth of every claimed answer.

    Raises InterfaceError where a solved task has no mass: then only one answer was asked for, without ranking it.
    """
    known, unclaimed, unjudged = [], 0, 0
    for line in lines:
        if not line["fits"]:
            unclaimed += 1
        elif line["mass"] is None or not line["alternatives"]:
            raise InterfaceError(
                f"expected the mass of every answer, found none for {line['task']!r}",
                hint="ask for several: synth eval SUITE --attempts 64 --out FILE.jsonl",
            )
        elif (right := line["alternatives"][0]["holdout"]) is None:
            unjudged += 1
        else:
            known.append(Forecast(min(1.0, line["mass"]), right))
    return Forecasts(tuple(known), unclaimed, unjudged)


def calibration_of(forecasts: Sequence[Forecast]) -> Calibration:
    """The scores of at least one forecast; InterfaceError where there is none."""
    if not forecasts:
        raise InterfaceError("expected at least one solved task with held-out pairs, found none")
    rng = np.random.default_rng(_SEED)
    answers = _count(forecasts)
    return Calibration(
        answers=answers,
        mean_confidence=float(np.mean([f.confidence for f in forecasts])),
        brier=bootstrap_mean([brier_score([f]) for f in forecasts], rng),
        always_the_share=answers.share * (1 - answers.share),
        log_loss=bootstrap_mean([log_loss([f]) for f in forecasts], rng),
        calibration_error=calibration_error(forecasts),
        bins=reliability(forecasts),
        over={level: _count([f for f in forecasts if f.confidence > level]) for level in _LEVELS},
        lone=_count([f for f in forecasts if f.confidence == 1.0]),
    )


def _count(forecasts: Sequence[Forecast]) -> Count:
    return Count(sum(f.right for f in forecasts), len(forecasts))


def _share(count: Count) -> dict[str, object]:
    interval = wilson(count) if count.total else None
    return {
        "right": count.right,
        "of": count.total,
        "interval": None if interval is None else [interval.low, interval.high],
    }


def _count_row(name: str, count: Count) -> tuple[str, ...]:
    if not count.total:
        return name, "-", "", "0"
    interval = wilson(count)
    return name, f"{interval.value:.3f}", f"{interval.low:.3f} .. {interval.high:.3f}", f"{count.right}/{count.total}"


def _estimate_cells(estimate: Estimate) -> tuple[str, str, str]:
    return f"{estimate.value:.3f}", f"{estimate.low:.3f} .. {estimate.high:.3f}", str(estimate.n)


def _range(b: Bin) -> str:
    return f"{b.low:.1f} to {b.high:.1f}"
