"""One test input at a time: the truth, what everyone answered, and how the program came to its answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synth.compare.analysis import Analysis, Row
from synth.compare.axis import Point
from synth.compare.explained import Explained
from synth.compare.figures import MARKS, kind_of
from synth.compare.protocol import ORACLE
from synth.compare.records import Answered, Run

__all__ = ["Given", "SideBySide", "most_telling", "side_by_side"]

_READABLE = 12
"""Most parts of an input that people take in at a glance."""
_LEARNERS = ("program", "net", "same-prior", "hybrid")
_MOST_TRACED = 24
"""Inputs of more parts than this are not traced: nobody reads it."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a learner answered to one input: its items, each with whether it is right, and how sure it was."""

    title: str
    mark: str
    kind: str
    items: tuple[tuple[str, bool], ...]
    silent: bool
    right: bool
    confidence: float | None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """One test input, the truth, everyone's answer, and the program's text with what explains its answer."""

    task: str
    at: str
    beyond: bool
    input: str
    truth: str
    program: str | None
    explained: Explained | None
    given: tuple[Given, ...]

    @property
    def differing(self) -> bool:
        """Whether the program and a net differ in being right."""
        return len({given.right for given in self.given if given.kind in _LEARNERS}) > 1

    @property
    def wrong(self) -> int:
        """How many items that programs and nets gave are wrong; 0 for long inputs, which are hard to read."""
        items = (right for given in self.given if given.kind in _LEARNERS for _, right in given.items)
        return sum(not right for right in items) if len(self.input.split()) <= _READABLE else 0

    @property
    def label(self) -> str:
        """What the pick list says."""
        return f"{self.task}, {self.at}{' (outside the training range)' if self.beyond else ''}"


def side_by_side(analysis: Analysis) -> list[SideBySide]:
    """A few test inputs that everybody was asked, of the first seed, inside and beyond the training range."""
    return [pair for task in analysis.tasks for pair in _of_task(analysis, task)]


def most_telling(pairs: Sequence[SideBySide]) -> int:
    """Which pair to show first: of those just beyond the training range, the one with most wrong items; else the first.

    Only pairs count where the program and a net differ.
    """
    telling = [place for place, pair in enumerate(pairs) if pair.beyond and pair.differing]
    return max(telling, key=lambda place: (pairs[place].wrong, -place), default=0)


def _of_task(analysis: Analysis, task: str) -> Iterator[SideBySide]:
    axis = analysis.protocol.axis
    rows = [row for row in analysis.largest(task) if row.runs and row.learner != ORACLE]
    firsts = {row.learner: row.runs[0] for row in rows}
    program = firsts.get(analysis.protocol.program.name) if analysis.protocol.program is not None else None
    answers: dict[tuple[Point, str], dict[str, Answered]] = {}
    for learner, run in firsts.items():
        for answered in run.answers:
            answers.setdefault((answered.point, answered.input), {})[learner] = answered
    seen: set[Point] = set()
    for point, asked in sorted(answers, key=lambda found: axis.points.index(found[0])):
        if point in seen or point not in axis.kept:
            continue
        seen.add(point)
        mine = answers[point, asked]
        some = next(iter(mine.values()))
        yield SideBySide(
            task=task,
            at=axis.at(point),
            beyond=axis.beyond(point),
            input=asked,
            truth=" ".join(some.truth),
            program=program.program if program is not None else None,
            explained=_explained(analysis, program, some),
            given=tuple(_given(row, mine.get(row.learner)) for row in rows),
        )


def _explained(analysis: Analysis, program: Run | None, answered: Answered) -> Explained | None:
    explain = analysis.protocol.explain
    if explain is None or program is None or len(answered.input.split()) > _MOST_TRACED:
        return None
    learner = analysis.protocol.learner(program.learner)
    return explain(analysis.protocol.source(program.task), analysis.effort, learner, program, answered)


def _given(row: Row, answered: Answered | None) -> Given:
    kind = kind_of(row)
    if answered is None or answered.answer is None:
        return Given(row.title, MARKS[kind], kind, (), True, False, None)
    truth = dict(enumerate(answered.truth))
    items = tuple((item, truth.get(place) == item) for place, item in enumerate(answered.answer))
    if len(items) == 1:  # marked as a whole, which may leave room for rounding
        items = ((items[0][0], answered.right),)
    return Given(row.title, MARKS[kind], kind, items, False, answered.right, answered.confidence)
