"""Sentences about a comparison, made from intervals only, each stamped with the budget it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from synth.compare.analysis import NETS, Analysis, Row, VerdictOn, holds_at
from synth.compare.axis import Point
from synth.compare.metrics import HOLDS, Estimate
from synth.compare.protocol import CHANCE
from synth.compare.records import Side

__all__ = [
    "PRIOR_NOT_CONTROLLED",
    "Badge",
    "Finding",
    "best_by_side",
    "budget_stamp",
    "failed_predictions",
    "findings",
    "hybrid_added",
    "net_wins",
    "nets_won",
    "prediction_sentence",
    "unbeaten",
]

Badge: TypeAlias = Literal["supported", "not supported", "inconclusive"]

PRIOR_NOT_CONTROLLED = (
    "Prior not controlled: no net here was given what the program side knows beforehand, so this compares programs "
    "with that knowledge and nets without it."
)
"""What a report says that has no net with the same prior (rule F8)."""


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
    effort, protocol = analysis.effort, analysis.protocol
    running = protocol.running(effort)
    seeds = len(analysis.seeds)
    parts = [f"{seeds} seed{'s' * (seeds != 1)}"]
    steps = {effort.steps_of(task, one.name) for task in effort.tasks for one in running if one.side in NETS}
    if counted := sorted(steps - {0}):
        spans = f"{counted[0]:,}" if len(counted) == 1 else f"{counted[0]:,} to {counted[-1]:,}"
        parts.append(f"nets {spans} steps of {effort.batch} inputs")
    if any(one.side in ("program", "hybrid") for one in running):
        parts.append(f"programs {effort.evaluations:,} evaluations, at most {effort.seconds:g} CPU-s")
    return f"budget {effort.name}: {', '.join(parts)}"


def findings(analysis: Analysis) -> tuple[Finding, ...]:
    """The protocol's own findings, or one for each task with a program and a net."""
    if analysis.protocol.findings is not None:
        return tuple(analysis.protocol.findings(analysis))
    return tuple(found for task in analysis.tasks if (found := _finding(analysis, task)) is not None)


def _finding(analysis: Analysis, task: str) -> Finding | None:
    program = _program_row(analysis, task)
    nets = [row for row in analysis.largest(task) if row.side in NETS]
    if program is None or not nets:
        return None
    point = analysis.protocol.axis.headline
    able = [row for row in nets if row.trained and row.by_point.get(point) is not None]
    sentences = [_program_sentence(analysis, program), _nets_sentence(analysis, able)]
    if left := [f"{row.title} ({row.flaw or 'not tested there'})" for row in nets if row not in able]:
        sentences.append(f"No evidence either way: {', '.join(left)}.")
    badge = _badge(program.by_point.get(point), [row.by_point[point] for row in able])
    return Finding(task, badge, tuple(sentences))


def _program_row(analysis: Analysis, task: str) -> Row | None:
    """The row that findings on a task are about: the protocol's program, or the first of its side that ran there."""
    program = analysis.protocol.program
    row = None if program is None else analysis.row(task, program.name)
    ours = [one for one in analysis.largest(task) if one.side in ("program", "hybrid")]
    return row if row is not None else next(iter(ours), None)


def _badge(program: Estimate | None, nets: Sequence[Estimate]) -> Badge:
    """Supported where the program is beyond all trained nets at the headline point, by intervals that do not touch.

    Not supported where the program does not hold, or a net holds as well.
    """
    if program is None or not nets:
        return "inconclusive"
    if program.high < HOLDS or any(net.low >= HOLDS or net.low > program.high for net in nets):
        return "not supported"
    return "supported" if program.low > max(net.high for net in nets) else "inconclusive"


def _program_sentence(analysis: Analysis, row: Row) -> str:
    axis = analysis.protocol.axis
    pairs = next((run.data.examples for run in row.runs if run.data is not None), None)
    told = f"the {pairs} pairs" if pairs is not None else "its data"
    found = [run for run in row.runs if run.program is not None]
    measured = row.by_point.get(axis.headline)
    if not found or measured is None:
        return (
            f"On {row.task}, the search did not find a program that fits {told} "
            f"within {analysis.effort.evaluations:,} evaluations in any of {_seeds(row)}."
        )
    right = sum(run.outcome == "correct" for run in row.runs)
    source = f"{pairs} pairs" if pairs is not None else "its data"
    return (
        f"On {row.task}, programs learned from {source} were exactly right at {axis.at(axis.headline)} on {measured} "
        f"of inputs; {right} of {_seeds(row)} gave a program that is right on every test input."
    )


def _nets_sentence(analysis: Analysis, rows: Sequence[Row]) -> str:
    axis = analysis.protocol.axis
    point = axis.headline
    if not rows:
        return "No net here was trained enough to compare with."
    given = f"Given {analysis.protocol.given}"
    if holding := [row for row in rows if holds_at(row, point)]:
        told = "; ".join(f"{row.title} {row.by_point[point]}" for row in holding)
        reaching = "holds to" if axis.growing else "holds at"
        return f"{given}, a net {reaching} {axis.at(point)} as well: {told}."
    best = max(rows, key=lambda row: row.by_point[point].value)
    told = f"{given}, the best net at {axis.at(point)} ({best.title}) reached {best.by_point[point]}"
    if not axis.growing:
        return f"{told}, within this budget."
    reach = max(rows, key=lambda row: _reach(analysis, row))
    place = _reach(analysis, reach)
    longest = f"no tested {axis.name}" if place < 0 else axis.label(axis.points[place])
    return (
        f"{told}; the longest that any seed of a net held to, within this budget, was {longest}"
        f"{f' ({reach.title})' if place >= 0 else ''}."
    )


def _reach(analysis: Analysis, row: Row) -> int:
    """The place on the axis up to which some seed holds; -1 for none."""
    points = analysis.protocol.axis.points
    return max((points.index(point) for point in row.holds_to if point is not None), default=-1)


def _seeds(row: Row) -> str:
    return f"{len(row.runs)} seed{'s' * (len(row.runs) != 1)}"


def nets_won(analysis: Analysis) -> tuple[str, ...]:
    """Where nets did as well as programs or better; says so where they did not, so it is not empty."""
    axis = analysis.protocol.axis
    if wins := net_wins(analysis):
        return wins
    nets = {one.name for one in analysis.protocol.of_side("net", "same-prior net")}
    expected = [p for p in analysis.protocol.predictions if p.learner in nets and p.does_well]
    places = "; ".join(
        dict.fromkeys(f"{p.task}, {axis.at(p.point)}, with {analysis.protocol.title_of(p.learner)}" for p in expected)
    )
    return (
        f"No trained net held {'to' if axis.growing else 'at'} {axis.at(axis.headline)} or beat the program on a task, "
        f"within this budget; the pre-registered places for a net's win: {places or 'none'}.",
    )


def net_wins(analysis: Analysis) -> tuple[str, ...]:
    """Where a net holds at the headline point, and where it beats the program at other points."""
    axis = analysis.protocol.axis
    told: list[str] = []
    for row in (row for task in analysis.tasks for row in analysis.largest(task)):
        if row.side not in NETS or not row.trained:
            continue
        if holds_at(row, axis.headline):
            told.append(
                f"{row.title} learned {row.task} and holds {'to' if axis.growing else 'at'} {axis.at(axis.headline)}"
                f"{_times(analysis)}: {row.by_point[axis.headline]} exactly right."
            )
        told += _beaten(analysis, row)
    return tuple(told)


def _times(analysis: Analysis) -> str:
    """How far beyond the training range the headline is, where both are numbers."""
    axis = analysis.protocol.axis
    inside = [point for point in axis.inside if not isinstance(point, str)]
    if not axis.growing or not inside or isinstance(axis.headline, str) or max(inside) <= 0:
        return ""
    return f", {axis.headline / max(inside):g} times its training range"


def _beaten(analysis: Analysis, row: Row) -> list[str]:
    """Groups of points where a net is above the program, by intervals that do not touch, and above chance."""
    program = _program_row(analysis, row.task)
    if program is None:
        return []
    found = []
    for group in analysis.groups:
        mine, theirs = program.at(group.points), row.at(group.points)
        if mine is not None and theirs is not None and theirs.low > mine.high and _tells(analysis, row, group.points):
            where = f"{row.task} at {analysis.protocol.axis.name} {group.title}"
            found.append(f"{row.title} beats the program on {where}: {theirs} against {mine}.")
    return found


def _tells(analysis: Analysis, row: Row, points: Sequence[Point]) -> bool:
    """Whether answers say more than chance does, by intervals that do not touch: of two classes half come by chance."""
    chance, mine = analysis.row(row.task, CHANCE), row.at(points)
    guessed = None if chance is None else chance.at(points)
    return mine is not None and (mine.value > 0 if guessed is None else mine.low > guessed.high)


def best_by_side(analysis: Analysis, task: str) -> dict[Side, Row]:
    """Of each side that learns, who did best at the headline point; of nets only trained ones count."""
    point = analysis.protocol.axis.headline
    best: dict[Side, Row] = {}
    for row in analysis.largest(task):
        if row.side == "reference" or not row.trained or point not in row.by_point:
            continue
        if row.side not in best or row.by_point[point].value > best[row.side].by_point[point].value:
            best[row.side] = row
    return best


def unbeaten(analysis: Analysis, task: str) -> tuple[Row, ...]:
    """Of the best of each side those whom no other beats, by intervals that do not touch, and who are above chance.

    More than one is a tie.
    """
    point = analysis.protocol.axis.headline
    rows = [row for row in best_by_side(analysis, task).values() if _tells(analysis, row, (point,))]
    top = max((row.by_point[point].low for row in rows), default=0.0)
    return tuple(row for row in rows if row.by_point[point].high >= top)


def hybrid_added(analysis: Analysis) -> tuple[str, ...]:
    """What the hybrid brought at the headline point beyond the best of nets and programs; nothing without a hybrid."""
    axis, told = analysis.protocol.axis, []
    for task in analysis.tasks:
        rows = [row for row in analysis.largest(task) if axis.headline in row.by_point]
        others = [row for row in rows if row.side in (*NETS, "program") and row.trained]
        for row in (row for row in rows if row.side == "hybrid"):
            mine = row.by_point[axis.headline]
            measured = f"{row.title} on {task} at {axis.at(axis.headline)}: {mine}"
            if not others:
                told.append(f"{measured}; nobody to compare with.")
                continue
            rival = max(others, key=lambda other: other.by_point[axis.headline].value)
            theirs = rival.by_point[axis.headline]
            outcome = (
                "above" if mine.low > theirs.high else "below" if mine.high < theirs.low else "not told apart from"
            )
            told.append(f"{measured}, {outcome} the best of the others, {rival.title}: {theirs}.")
    return tuple(told)


def failed_predictions(analysis: Analysis) -> tuple[VerdictOn, ...]:
    """Predictions that came out otherwise, in the order in which they were made."""
    return tuple(judged for judged in analysis.predictions if judged.verdict == "failed")


def prediction_sentence(analysis: Analysis, judged: VerdictOn) -> str:
    """A prediction and what was measured, in one sentence."""
    p, protocol = judged.prediction, analysis.protocol
    learner = (
        protocol.title_of(p.learner) if p.size is None else f"{protocol.title_of(p.learner)}, {p.size:,} examples,"
    )
    who = f"{learner} on {p.task} at {protocol.axis.at(p.point)}"
    what = f"{protocol.error or 'error'} " if p.measure == "error" else ""
    measured = "not run in this budget" if judged.measured is None else f"measured {judged.measured}"
    return f"{who}: expected {what}{p.bound} ({p.why}); {measured}."
