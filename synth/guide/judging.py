"""How good a guide is on tasks whose solutions are known: which of its sketches are right, and how honest it is."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dsl.forms import has_form
from dsl.program import Lambda
from synth.guidance import keys_in
from synth.guide.corpus import TrainingTask
from synth.guide.predict import NeuralGuide
from synth.search.posterior import Forecast, calibration_error, reliability
from tasks.task import Spec

__all__ = ["Judged", "judge", "presence_forecasts"]

_RECALL_AT = (1, 10, 100)


@dataclass(frozen=True, slots=True)
class Judged:
    """What came out on some tasks.

    `ranks` are the places (from 1) of the likeliest sketch that is right, None where none is; `seconds` how long each
    answer took; `present` how sure it was of each production that it occurs, and whether it does.
    """

    ranks: tuple[int | None, ...]
    seconds: tuple[float, ...]
    present: tuple[Forecast, ...]

    def recall(self, k: int) -> float:
        """The share of tasks with a right sketch among the `k` likeliest."""
        return sum(rank is not None and rank <= k for rank in self.ranks) / len(self.ranks)

    def to_json(self) -> dict[str, object]:
        """The figures."""
        return {
            "tasks": len(self.ranks),
            **{f"sketch recall at {k}": round(self.recall(k), 4) for k in _RECALL_AT},
            "median milliseconds": round(1_000 * statistics.median(self.seconds), 1),
            "calibration error of presence": round(calibration_error(self.present), 4),
            "presence": [
                {"said": round(b.mean_confidence, 3), "was": round(b.share, 3), "of": b.count}
                for b in reliability(self.present)
            ],
        }


def judge(guide: NeuralGuide, tasks: Sequence[TrainingTask]) -> Judged:
    """Ask the guide about every task."""
    ranks, seconds, present = [], [], list[Forecast]()
    for task in tasks:
        start = time.perf_counter()
        guidance = guide.predict(task.spec)
        seconds.append(time.perf_counter() - start)
        places = (n for n, (sketch, _) in enumerate(guidance.sketches, 1) if has_form(task.program, sketch))
        ranks.append(next(places, None))
        present += presence_forecasts(guide, task.spec, task.program)
    return Judged(tuple(ranks), tuple(seconds), tuple(present))


def presence_forecasts(guide: NeuralGuide, spec: Spec, solution: Lambda) -> Iterable[Forecast]:
    """For each production at hand, how sure the guide is that it occurs, and whether the solution has it."""
    used = set(keys_in(solution.body))
    return [Forecast(p, key in used) for key, p in guide.probabilities(spec).items()]
