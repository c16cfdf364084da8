"""One page over the reports of several protocols: the findings of each, who won where, and links to the reports."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synth.compare.figures import MARKS, kind_of
from synth.compare.metrics import HOLDS, Estimate
from synth.compare.page import fill
from synth.compare.records import Side
from synth.compare.run_file import write_file
from synth.compare.verdicts import (
    Finding,
    best_by_side,
    budget_stamp,
    failed_predictions,
    findings,
    hybrid_added,
    nets_won,
    prediction_sentence,
    unbeaten,
)

if TYPE_CHECKING:
    from synth.compare.runner import ComparisonResult

__all__ = ["Contestant", "Place", "places_of", "render_overview", "write_overview"]

_SIDES: tuple[Side, ...] = ("program", "hybrid", "same-prior net", "net")


@dataclass(frozen=True, slots=True)
class Contestant:
    """The best learner of a side on a task, and its exact match at the headline point."""

    title: str
    kind: str
    mark: str
    measured: Estimate
    unbeaten: bool
    holds: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A task of a protocol: the best of each side (None where a side has nobody), and who won, in words."""

    task: str
    at: str
    sides: tuple[Contestant | None, ...]
    winner: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the page says of one protocol."""

    title: str
    question: str
    address: str
    stamp: str
    interrupted: str
    findings: tuple[Finding, ...]
    failed: tuple[str, ...]
    wins: tuple[str, ...]
    hybrid: tuple[str, ...]
    broken: tuple[str, ...]
    rules: int
    places: tuple[Place, ...]
    wall: float


def places_of(result: ComparisonResult) -> tuple[Place, ...]:
    """Who won where: the best of each side on every task, judged by intervals at the headline point."""
    return tuple(_place(result, task) for task in result.analysis.tasks)


def _place(result: ComparisonResult, task: str) -> Place:
    analysis = result.analysis
    axis = analysis.protocol.axis
    best, winners = best_by_side(analysis, task), unbeaten(analysis, task)
    sides: list[Contestant | None] = []
    for side in _SIDES:
        row = best.get(side)
        if row is None:
            sides.append(None)
            continue
        measured, kind = row.by_point[axis.headline], kind_of(row)
        sides.append(Contestant(row.title, kind, MARKS[kind], measured, row in winners, holds=measured.low >= HOLDS))
    return Place(task, axis.at(axis.headline), tuple(sides), _winner([row.title for row in winners], len(best)))


def _winner(names: Sequence[str], sides: int) -> str:
    """Who won, in words; one that had no trained rival did not win.

    >>> _winner(["a"], 2), _winner(["a", "b"], 2), _winner([], 2), _winner(["a"], 1)
    ('a', 'tie: a, b', 'nobody beat chance', 'a, without a trained rival')
    """
    if not names:
        return "nobody beat chance"
    if len(names) > 1:
        return f"tie: {', '.join(names)}"
    return names[0] if sides > 1 else f"{names[0]}, without a trained rival"


def render_overview(results: Sequence[ComparisonResult], *, beside: Path, left: Sequence[str] = ()) -> str:
    """The page, as HTML; links are relative to the folder `beside`, and `left` are protocols that were not run."""
    return fill(
        "overview.html.jinja",
        entries=[_entry(result, beside) for result in results],
        left=left,
        budget=", ".join(dict.fromkeys(result.manifest.budget for result in results)),
        wall=sum(result.manifest.wall_seconds for result in results),
        sides=[(side, MARKS[kind], kind) for side in _SIDES for kind in [side.removesuffix(" net")]],
    )


def _entry(result: ComparisonResult, beside: Path) -> _Entry:
    analysis, manifest = result.analysis, result.manifest
    return _Entry(
        title=analysis.protocol.title,
        question=analysis.protocol.question,
        address=Path(os.path.relpath(result.report, beside)).as_posix(),
        stamp=budget_stamp(analysis),
        interrupted=f"{manifest.done} of {manifest.planned} runs were done" if manifest.interrupted else "",
        findings=findings(analysis),
        failed=tuple(prediction_sentence(analysis, judged) for judged in failed_predictions(analysis)),
        wins=nets_won(analysis),
        hybrid=hybrid_added(analysis),
        broken=tuple(f"{rule.number} {rule.title}" for rule in result.rules if not rule.passed),
        rules=len(result.rules),
        places=places_of(result),
        wall=manifest.wall_seconds,
    )


def write_overview(path: Path, results: Sequence[ComparisonResult], *, left: Sequence[str] = ()) -> None:
    """Write the page; InterfaceError where that cannot be done."""
    write_file(path, render_overview(results, beside=path.parent, left=left))
