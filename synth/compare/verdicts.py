"""Sentences about a comparison, made from intervals only, each stamped with the budget it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from synth.compare.analysis import Analysis, Row, VerdictOn, holds_at
from synth.compare.metrics import HOLDS, Estimate

__all__ = [
    "Badge",
    "Finding",
    "budget_stamp",
    "failed_predictions",
    "findings",
    "net_wins",
    "nets_won",
    "prediction_sentence",
]

Badge: TypeAlias = Literal["supported", "not supported", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a task showed about the claim: a badge, and sentences, the first of which can stand alone."""

    task: str
    badge: Badge
    sentences: tuple[str, ...]


def budget_stamp(analysis: Analysis) -> str:
    """The budget in words, as it stands under every figure.

    Everything a report says holds for this budget, and is not said of another.
    """
    effort = analysis.effort
    steps = sorted({effort.steps[task] for task in effort.tasks})
    spans = f"{steps[0]:,}" if len(steps) == 1 else f"{steps[0]:,} to {steps[-1]:,}"
    seeds = len(analysis.seeds)
    return (
        f"budget {effort.name}: {seeds} seed{'s' * (seeds != 1)}, nets {spans} steps of {effort.batch} fresh inputs, "
        f"programs {effort.evaluations:,} evaluations, at most {effort.seconds:g} CPU-s"
    )


def findings(analysis: Analysis) -> tuple[Finding, ...]:
    """One finding for each task with a program and a net."""
    return tuple(found for task in analysis.tasks if (found := _finding(analysis, task)) is not None)


def _finding(analysis: Analysis, task: str) -> Finding | None:
    program = analysis.row(task, analysis.protocol.program.name)
    nets = [row for row in analysis.of_task(task) if row.side == "net"]
    if program is None or not nets:
        return None
    length = analysis.protocol.lengths.headline
    able = [row for row in nets if row.trained and row.by_length.get(length) is not None]
    sentences = [_program_sentence(analysis, program), _nets_sentence(analysis, able)]
    if left := [row.title for row in nets if row not in able]:
        sentences.append(f"Under-trained, so no evidence either way: {', '.join(left)}.")
    badge = _badge(program.by_length.get(length), [row.by_length[length] for row in able])
    return Finding(task, badge, tuple(sentences))


def _badge(program: Estimate | None, nets: Sequence[Estimate]) -> Badge:
    """Supported where the program is beyond all trained nets at the headline length, by intervals that do not touch.

    Not supported where the program does not hold, or a net holds as well.
    """
    if program is None or not nets:
        return "inconclusive"
    if program.high < HOLDS or any(net.low >= HOLDS or net.low > program.high for net in nets):
        return "not supported"
    return "supported" if program.low > max(net.high for net in nets) else "inconclusive"


def _program_sentence(analysis: Analysis, row: Row) -> str:
    length = analysis.protocol.lengths.headline
    pairs = analysis.protocol.task(row.task).examples
    found = [run for run in row.runs if run.program is not None]
    measured = row.by_length.get(length)
    if not found or measured is None:
        return (
            f"On {row.task}, the search did not find a program that fits the {pairs} pairs "
            f"within {analysis.effort.evaluations:,} evaluations in any of {_seeds(row)}."
        )
    right = sum(run.outcome == "correct" for run in row.runs)
    return (
        f"On {row.task}, programs learned from {pairs} pairs were exactly right at length {length} on {measured} "
        f"of inputs; {right} of {_seeds(row)} gave a program that is right on every test input."
    )


def _nets_sentence(analysis: Analysis, rows: Sequence[Row]) -> str:
    low, high = analysis.protocol.lengths.trained
    length = analysis.protocol.lengths.headline
    if not rows:
        return "No net here was trained enough to compare with."
    given = f"Given fresh data of length {low} to {high} without end"
    if holding := [row for row in rows if holds_at(row, length)]:
        told = "; ".join(f"{row.title} {row.by_length[length]}" for row in holding)
        return f"{given}, a net holds to length {length} as well: {told}."
    best = max(rows, key=lambda row: row.by_length[length].value)
    reach = max(rows, key=_reach)
    return (
        f"{given}, the best net at length {length} ({best.title}) reached {best.by_length[length]}; the longest that "
        f"any seed of a net held to, within this budget, was {_reach(reach) or 'no tested length'} ({reach.title})."
    )


def _reach(row: Row) -> int:
    return max((length or 0 for length in row.holds_to), default=0)


def _seeds(row: Row) -> str:
    return f"{len(row.runs)} seed{'s' * (len(row.runs) != 1)}"


def nets_won(analysis: Analysis) -> tuple[str, ...]:
    """Where nets did as well as programs or better; says so where they did not, so it is not empty."""
    length = analysis.protocol.lengths.headline
    return net_wins(analysis) or (
        f"No trained net held to length {length} or beat the program on a task, within this budget; "
        "the pre-registered place for a net's win is parity with a recurrent net.",
    )


def net_wins(analysis: Analysis) -> tuple[str, ...]:
    """Where a net holds to the headline length, and where it beats the program at other lengths."""
    length = analysis.protocol.lengths.headline
    told: list[str] = []
    for row in analysis.rows:
        if row.side != "net" or not row.trained:
            continue
        if holds_at(row, length):
            times = length / analysis.protocol.lengths.trained[1]
            told.append(
                f"{row.title} learned {row.task} and holds to length {length}, {times:g} times its training range: "
                f"{row.by_length[length]} exactly right."
            )
        told += _beaten(analysis, row)
    return tuple(told)


def _beaten(analysis: Analysis, row: Row) -> list[str]:
    """Groups of lengths where a net is above the program, by intervals that do not touch."""
    program = analysis.row(row.task, analysis.protocol.program.name)
    if program is None:
        return []
    found = []
    for group in analysis.groups:
        mine, theirs = program.at(group.lengths), row.at(group.lengths)
        if mine is not None and theirs is not None and theirs.low > mine.high:
            where = f"{row.task} at length {group.title}"
            found.append(f"{row.title} beats the program on {where}: {theirs} against {mine}.")
    return found


def failed_predictions(analysis: Analysis) -> tuple[VerdictOn, ...]:
    """Predictions that came out otherwise, in the order in which they were made."""
    return tuple(judged for judged in analysis.predictions if judged.verdict == "failed")


def prediction_sentence(analysis: Analysis, judged: VerdictOn) -> str:
    """A prediction and what was measured, in one sentence."""
    p = judged.prediction
    who = f"{analysis.protocol.title_of(p.learner)} on {p.task} at length {p.length}"
    measured = "not run in this budget" if judged.measured is None else f"measured {judged.measured}"
    return f"{who}: expected {p.bound} ({p.why}); {measured}."
