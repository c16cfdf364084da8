"""Counts over the details of runs: searches under attack, and what was tried by exhaustion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from synth.compare.analysis import Row
from synth.compare.metrics import Count
from synth.compare.records import Run

__all__ = ["SURE_MASS", "Outcomes", "attempts_of", "exhausted", "outcomes_of", "without_error"]

SURE_MASS = 0.9
"""Below this share of the posterior mass found, a search that may abstain gives no answer."""


def attempts_of(run: Run) -> Iterator[Mapping[str, Any]]:
    """The searches or trainings of a run, as plain data."""
    found = run.details.get("attempts", ())
    assert isinstance(found, list | tuple)
    yield from found


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many searches gave a program that is right on every test input, a wrong one, or none.

    `unsure` are the wrong ones whose mass is below what abstaining asks for, `withheld` the right ones.
    """

    right: int
    wrong: int
    none: int
    unsure: int
    withheld: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.right + self.wrong + self.none


def outcomes_of(rows: Iterable[Row], *, attacked: bool) -> Outcomes:
    """Count the searches of some rows, under attack or before it."""
    tried = [a for row in rows for run in row.runs for a in attempts_of(run) if (a["strength"] > 0) == attacked]
    found = [a for a in tried if a["program"] is not None]
    right = [a for a in found if a["right"] == a["total"]]
    wrong = [a for a in found if a["right"] < a["total"]]
    return Outcomes(len(right), len(wrong), len(tried) - len(found), sum(map(_unsure, wrong)), sum(map(_unsure, right)))


def _unsure(attempt: Mapping[str, Any]) -> bool:
    return attempt["mass"] is None or attempt["mass"] < SURE_MASS


def exhausted(run: Run) -> tuple[Count, int] | None:
    """On how many of all short lists a run was right, and how long the longest is; None where they were not tried."""
    found = run.details.get("exhausted")
    if not isinstance(found, Mapping):
        return None
    return Count(found["right"], found["total"]), int(found["longest"])


def without_error(row: Row) -> Count:
    """Of all runs of a row, how many are right on every short list; a run without a program is not."""
    tried = [exhausted(run) for run in row.runs]
    return Count(sum(one is not None and one[0].right == one[0].total for one in tried), len(tried))
