"""All numbers of a comparison as CSV: one line for each learner, task, number of examples and test point."""

from __future__ import annotations

import csv
import io

from synth.compare.analysis import Analysis
from synth.compare.metrics import Estimate

__all__ = ["numbers_csv"]

_HEADINGS = (
    "protocol",
    "budget",
    "task",
    "learner",
    "side",
    "examples",
    "point",
    "inside_training_range",
    "measure",
    "mean",
    "low",
    "high",
    "seeds",
    "trained",
    "cpu_seconds_per_seed",
)


def numbers_csv(analysis: Analysis) -> str:
    """Exact match, closeness and median error at each point where they were measured, with 95% intervals."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_HEADINGS)
    axis = analysis.protocol.axis
    for row in analysis.rows:
        for point in axis.points:
            measured: dict[str, Estimate | None] = {
                "exact": row.by_point.get(point),
                "close": row.close_at(point),
                "median_error": row.error_at(point),
            }
            for measure, estimate in measured.items():
                if estimate is not None:
                    table.writerow(
                        (
                            analysis.protocol.name,
                            analysis.effort.name,
                            row.task,
                            row.learner,
                            row.side,
                            "" if row.size is None else row.size,
                            axis.label(point),
                            "no" if axis.beyond(point) else "yes",
                            measure,
                            *(f"{number:.6g}" for number in (estimate.value, estimate.low, estimate.high)),
                            len(row.runs),
                            "yes" if row.trained else "no",
                            f"{row.cpu_seconds:.3f}",
                        )
                    )
    return text.getvalue()
