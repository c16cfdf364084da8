"""The table of a comparison for a terminal: plain cells, so that whoever prints it may draw it as it likes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synth.compare.analysis import Analysis, Row
from synth.compare.fairness import RuleResult
from synth.compare.figures import percent
from synth.compare.metrics import Estimate
from synth.compare.runner import ComparisonResult
from synth.compare.verdicts import budget_stamp, failed_predictions, findings, net_wins, nets_won, prediction_sentence

__all__ = ["Table", "comparison_lines", "comparison_table"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def comparison_table(result: ComparisonResult) -> Table:
    """Exact match by task, learner and test length, in per cent, with intervals; L90 of each seed; CPU-seconds."""
    analysis = result.analysis
    lengths = analysis.protocol.lengths
    wanted = (lengths.trained[1], lengths.trained[1] + 1, 2 * lengths.trained[1], lengths.headline)
    shown = tuple(length for length in lengths.tested if length in wanted)
    headings = ("task", "learner", *(f"length {n}" for n in shown), "holds to", "CPU-s")
    rows = tuple(_line(row, shown) for row in analysis.rows)
    return Table(f"Per cent exactly right [95% interval]; {budget_stamp(analysis)}", headings, rows)


def _line(row: Row, lengths: Sequence[int]) -> tuple[str, ...]:
    flag = "" if row.trained else " (under-trained)"
    reach = "/".join("-" if length is None else str(length) for length in row.holds_to)
    cells = (_cell(row.by_length.get(length)) for length in lengths)
    return (row.task, row.title + flag, *cells, reach, f"{row.cpu_seconds:.1f}")


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
    for finding in findings(analysis):
        yield f"{finding.badge}: {' '.join(finding.sentences)}"
    yield from _programs(analysis)
    yield identified_sentence(analysis)
    label = "a net's win" if net_wins(analysis) else "nets"
    yield from (f"{label}: {told}" for told in nets_won(analysis))
    for judged in failed_predictions(analysis):
        yield f"PREDICTION FAILED: {prediction_sentence(analysis, judged)}"
    yield _rules(result.rules)
    yield from (f"  {rule.number} {rule.title}: {rule.why}" for rule in result.rules if not rule.passed)
    yield f"report: {result.report}"


def _programs(analysis: Analysis) -> Iterator[str]:
    for task in analysis.tasks:
        row = analysis.row(task, analysis.protocol.program.name)
        texts = dict.fromkeys(run.program for run in row.runs if run.program) if row is not None else {}
        yield from (f"{task}: {text}" for text in texts)


def identified_sentence(analysis: Analysis) -> str:
    """How many draws told the right program from cheaper wrong ones, and how many of those were learned."""
    found = analysis.identified
    length = analysis.protocol.lengths.headline
    lost = len(found.unidentifiable)
    told = f"programs: {found.pairs} draws of examples, {lost} unidentifiable"
    return told if found.right is None else f"{told}; of the others {found.right} are right at length {length}"


def _rules(rules: Sequence[RuleResult]) -> str:
    failed = sum(not rule.passed for rule in rules)
    return f"fairness: {len(rules) - failed} of {len(rules)} rules hold"
