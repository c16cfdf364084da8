"""Representable, learnable, or a matter of data: what a task's bodies say together, from their intervals only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from synth.compare.analysis import Analysis, Row, holds_at
from synth.compare.metrics import HOLDS
from synth.compare.verdicts import Badge, Finding

__all__ = ["COMPILED", "FINETUNED", "FRESH", "TRACED", "Judgement", "Kind", "body_findings", "judge_bodies"]

COMPILED, FRESH, TRACED, FINETUNED = "compiled", "scratch", "traces", "finetuned"
"""Names of the bodies among the protocol's learners."""

Kind: TypeAlias = Literal[
    "learnable", "a matter of data", "representable, not learned here", "not representable here", "inconclusive"
]
"""What a task is found to be; `here` means these widths, data and steps."""

_SAID: dict[Kind, str] = {
    "learnable": "the smaller data was enough for training to find weights that hold",
    "a matter of data": "weights that hold exist, training from the smaller data did not find them, and with more data "
    "or the program's traces it did",
    "representable, not learned here": "weights that hold exist, and no training from random weights found them, "
    "within this budget",
    "not representable here": "no program here is a finite machine that fits into the net",
    "inconclusive": "the intervals, or nets that did not fit their training data, leave it open",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a task is, and which trained bodies hold at the headline point."""

    task: str
    kind: Kind
    holding: tuple[Row, ...]

    @property
    def badge(self) -> Badge:
        """Whether it supports that weights can exist that training does not find."""
        match self.kind:
            case "a matter of data" | "representable, not learned here":
                return "supported"
            case "learnable":
                return "not supported"
            case _:
                return "inconclusive"


def judge_bodies(analysis: Analysis, task: str) -> Judgement | None:
    """What a task is; None where no body was run on it."""
    compiled = analysis.row(task, COMPILED)
    if compiled is None:
        return None
    point = analysis.protocol.axis.headline
    fresh = [row for _, row in sorted(analysis.by_size(task, FRESH).items())]
    traced = [row for _, row in sorted(analysis.by_size(task, TRACED).items())]
    holding = tuple(row for row in (*fresh, *traced) if row.trained and holds_at(row, point))
    return Judgement(task, _kind(compiled, fresh, traced, holding, analysis), holding)


def _kind(
    compiled: Row, fresh: Sequence[Row], traced: Sequence[Row], holding: Sequence[Row], analysis: Analysis
) -> Kind:
    point = analysis.protocol.axis.headline
    if all(run.outcome == "no program in time" for run in compiled.runs):
        return "not representable here"
    if not holds_at(compiled, point) or not fresh:
        return "inconclusive"
    smallest = fresh[0]
    if smallest in holding:
        return "learnable"
    if not _falls(smallest, analysis):
        return "inconclusive"
    if holding:
        return "a matter of data"
    return "representable, not learned here" if all(_falls(r, analysis) for r in (*fresh, *traced)) else "inconclusive"


def _falls(row: Row, analysis: Analysis) -> bool:
    """Whether a row is below what counts as holding, by its whole interval; one that is under-trained says nothing.

    A net that fits neither its training distribution nor longer inputs was not trained, which is no finding about data:
    but one from few examples may fail on fresh inputs because the examples are few, which is what is asked.
    """
    estimate = row.by_point.get(analysis.protocol.axis.headline)
    fitted = row.trained or row is not max(analysis.by_size(row.task, row.learner).values(), key=lambda r: r.size or 0)
    return fitted and estimate is not None and estimate.high < HOLDS


def body_findings(analysis: Analysis) -> tuple[Finding, ...]:
    """One finding a task: what it is, then each body at the headline point."""
    judged = (judge_bodies(analysis, task) for task in analysis.tasks)
    return tuple(Finding(j.task, j.badge, _sentences(analysis, j)) for j in judged if j is not None)


def _sentences(analysis: Analysis, judged: Judgement) -> tuple[str, ...]:
    axis = analysis.protocol.axis
    rows = [
        row
        for row in analysis.of_task(judged.task)
        if row.learner in (COMPILED, FRESH, TRACED, FINETUNED) and axis.headline in row.by_point
    ]
    told = "; ".join(
        f"{row.title} {row.by_point[axis.headline]}{'' if row.trained else ' (under-trained)'}"
        for row in rows
        if not all(run.outcome == "no program in time" or run.stop == "no machine" for run in row.runs)
    )
    sentences = [f"{judged.task} is {judged.kind}: {_SAID[judged.kind]}.", f"At {axis.at(axis.headline)}: {told}."]
    if judged.kind == "not representable here":
        reason = next((run.message for row in rows for run in row.runs if row.learner == COMPILED), "")
        sentences.append(
            f"{reason.capitalize()}. That is about this construction: other weights may do it"
            + (f", and {', '.join(row.title for row in judged.holding)} did hold." if judged.holding else ".")
        )
    return tuple(sentences)
