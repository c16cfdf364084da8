"""The table of a comparison for a terminal: plain cells, so that whoever prints it may draw it as it likes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synth.compare.analysis import Analysis, Row
from synth.compare.axis import Axis, Point
from synth.compare.fairness import RuleResult
from synth.compare.figures import percent
from synth.compare.metrics import Estimate
from synth.compare.runner import ComparisonResult
from synth.compare.verdicts import (
    PRIOR_NOT_CONTROLLED,
    budget_stamp,
    failed_predictions,
    findings,
    net_wins,
    nets_won,
    prediction_sentence,
)

__all__ = ["Table", "comparison_lines", "comparison_table"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def comparison_table(result: ComparisonResult) -> Table:
    """Exact match by task, learner and point, in per cent, with intervals; L90 of each seed; CPU-seconds."""
    analysis = result.analysis
    axis = analysis.protocol.axis
    shown = table_points(axis)
    reach = ("holds to",) if axis.growing else ()
    headings = ("task", "learner", *map(axis.at, shown), *reach, "CPU-s")
    rows = tuple(_line(row, shown, axis) for row in analysis.rows if row.ablates is None)
    return Table(f"Per cent exactly right [95% interval]; {budget_stamp(analysis)}", headings, rows)


def table_points(axis: Axis) -> tuple[Point, ...]:
    """Few enough points for a terminal: all of a short axis, else the edge of training, twice that, and the headline.

    >>> from synth.compare.axis import numbered_axis
    >>> table_points(numbered_axis("length", "length", (*range(1, 16), 20, 40, 100), trained=(1, 10), headline=100))
    (10, 11, 20, 100)
    """
    if len(axis.points) <= 5 or not axis.inside:
        return (*axis.points[:4], *axis.points[-1:]) if len(axis.points) > 5 else axis.points
    edge = axis.points.index(axis.inside[-1])
    wanted = {edge, edge + 1, axis.points.index(axis.headline)}
    last = axis.points[edge]
    if not isinstance(last, str) and 2 * last in axis.points:
        wanted.add(axis.points.index(2 * last))
    return tuple(point for place, point in enumerate(axis.points) if place in wanted)


def _line(row: Row, points: Sequence[Point], axis: Axis) -> tuple[str, ...]:
    flag = f" ({row.flaw})" if row.flaw else ""
    reach = "/".join("-" if point is None else axis.label(point) for point in row.holds_to)
    cells = (_cell(row.by_point.get(point)) for point in points)
    return (row.task, row.title + flag, *cells, *((reach,) if axis.growing else ()), f"{row.cpu_seconds:.1f}")


def _cell(estimate: Estimate | None) -> str:
    if estimate is None:
        return "-"
    value, low, high = map(percent, (estimate.value, estimate.low, estimate.high))
    return f"{value} [{low}, {high}]"


def comparison_lines(result: ComparisonResult) -> tuple[str, ...]:
    """What the table shows, in sentences: findings, programs, nets' wins, failed predictions and rules, files."""
    return tuple(_lines(result))


def _lines(result: ComparisonResult) -> Iterator[str]:
    analysis = result.analysis
    if result.interrupted:
        yield (
            f"interrupted: {result.manifest.done} of {result.manifest.planned} runs are kept in "
            f"{result.folder / 'runs.jsonl'}; the same command goes on from there"
        )
    if result.set_aside is not None:
        yield f"runs of another version or budget were moved to {result.set_aside}"
    yield from result.problems
    for finding in findings(analysis):
        yield f"{finding.badge}: {' '.join(finding.sentences)}"
    yield from _programs(analysis)
    if analysis.identified.pairs:
        yield identified_sentence(analysis)
    if not analysis.same_prior:
        yield PRIOR_NOT_CONTROLLED
    label = "a net's win" if net_wins(analysis) else "nets"
    yield from (f"{label}: {told}" for told in nets_won(analysis))
    for judged in failed_predictions(analysis):
        yield f"PREDICTION FAILED: {prediction_sentence(analysis, judged)}"
    yield _rules(result.rules)
    yield from (f"  {rule.number} {rule.title}: {rule.why}" for rule in result.rules if not rule.passed)
    yield f"report: {result.report}"


def _programs(analysis: Analysis) -> Iterator[str]:
    program = analysis.protocol.program
    for task in analysis.tasks:
        row = None if program is None else analysis.row(task, program.name)
        texts = dict.fromkeys(run.program for run in row.runs if run.program) if row is not None else {}
        yield from (f"{task}: {text}" for text in texts)


def identified_sentence(analysis: Analysis) -> str:
    """How many draws told the right program from cheaper wrong ones, and how many of those were learned."""
    found = analysis.identified
    axis = analysis.protocol.axis
    lost = len(found.unidentifiable)
    told = f"programs: {found.pairs} draws of examples, {lost} unidentifiable"
    return told if found.right is None else f"{told}; of the others {found.right} are right at {axis.at(axis.headline)}"


def _rules(rules: Sequence[RuleResult]) -> str:
    failed = sum(not rule.passed for rule in rules)
    return f"fairness: {len(rules) - failed} of {len(rules)} rules hold"
