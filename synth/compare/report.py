"""One self-contained page about a comparison: no network, no bare numbers, failed predictions first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

import jinja2
from markupsafe import Markup

from synth.compare.analysis import Analysis, Row
from synth.compare.axis import Point
from synth.compare.curves import across_tasks, needed_examples
from synth.compare.fairness import RuleResult
from synth.compare.figures import FEW, MARKS, close_chart, kind_of, line_sample, strip_figure
from synth.compare.ledger import Ledger
from synth.compare.manifest import Manifest
from synth.compare.metrics import Estimate
from synth.compare.plots import Drawn
from synth.compare.protocol import ORACLE, Learner
from synth.compare.records import Answered, Run
from synth.compare.verdicts import (
    PRIOR_NOT_CONTROLLED,
    budget_stamp,
    failed_predictions,
    findings,
    nets_won,
    prediction_sentence,
)

__all__ = ["number", "prose_of", "render"]

_READABLE = 12
"""Most parts of an input that people take in at a glance."""


def prose_of(analysis: Analysis) -> tuple[str, ...]:
    """All sentences of a report that say something about results (rule F18 reads them)."""
    protocol = analysis.protocol
    return (
        protocol.claim,
        protocol.tuning.text,
        *protocol.threats,
        budget_stamp(analysis),
        *(() if analysis.same_prior else (PRIOR_NOT_CONTROLLED,)),
        *(sentence for finding in findings(analysis) for sentence in finding.sentences),
        *nets_won(analysis),
        *(prediction_sentence(analysis, judged) for judged in analysis.predictions),
    )


def number(value: Estimate | None) -> Markup:
    """A number with its interval. TypeError for a bare number: a report shows none (rule F13)."""
    if value is None:
        return Markup('<span class="none">–</span>')
    if not isinstance(value, Estimate):
        raise TypeError(f"expected an estimate with an interval, found {value!r}")
    text = '<span class="num" title="{}, n={}">{:.2f} <small>[{:.2f}, {:.2f}]</small></span>'
    return Markup(text).format(value.method, value.n, value.value, value.low, value.high)


def amount(value: Estimate | None) -> Markup:
    """As `number`, with two digits that mean something, for what is not a share."""
    if value is None:
        return number(None)
    text = '<span class="num" title="{}, n={}">{:.2g} <small>[{:.2g}, {:.2g}]</small></span>'
    return Markup(text).format(value.method, value.n, value.value, value.low, value.high)


@dataclass(frozen=True, slots=True)
class Said:
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
    """One test input, the truth, the program's text, and everyone's answer."""

    task: str
    at: str
    beyond: bool
    input: str
    truth: str
    program: str | None
    said: tuple[Said, ...]

    @property
    def differing(self) -> bool:
        """Whether the program and a net differ in being right."""
        return len({said.right for said in self.said if said.kind in _LEARNERS}) > 1

    @property
    def wrong(self) -> int:
        """How many items that programs and nets gave are wrong; 0 for long inputs, which are hard to read."""
        given = (right for said in self.said if said.kind in _LEARNERS for _, right in said.items)
        return sum(not right for right in given) if len(self.input.split()) <= _READABLE else 0

    @property
    def label(self) -> str:
        """What the pick list says."""
        return f"{self.task}, {self.at}{' (outside the training range)' if self.beyond else ''}"


_LEARNERS = ("program", "net", "same-prior", "hybrid")


def render(
    analysis: Analysis,
    rules: Sequence[RuleResult],
    manifest: Manifest,
    drawn: Sequence[Drawn] = (),
    ledger: Ledger | None = None,
) -> str:
    """The page, as HTML; `drawn` are the figures that were drawn besides the strips."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = number
    environment.filters["amount"] = amount
    environment.filters["sentence"] = lambda judged: prediction_sentence(analysis, judged)
    pairs = _side_by_side(analysis)
    source = files("synth.compare").joinpath("report.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(source).render(
        analysis=analysis,
        protocol=analysis.protocol,
        manifest=manifest,
        rules=rules,
        failed_rules=[rule for rule in rules if not rule.passed],
        stamp=budget_stamp(analysis),
        findings=findings(analysis),
        wins=nets_won(analysis),
        failed=failed_predictions(analysis),
        strips=[strip_figure(analysis, task) for task in analysis.tasks],
        charts=[
            (task, Markup(close_chart(analysis, task)), _legend(analysis, task))
            for task in analysis.tasks
            if analysis.protocol.closeness
        ],
        drawn=drawn,
        ledger=ledger,
        needed=needed_examples(analysis),
        across=across_tasks(analysis),
        prior_note="" if analysis.same_prior else PRIOR_NOT_CONTROLLED,
        axis=analysis.protocol.axis,
        has_peeked=any(run.peeked for run in analysis.runs),
        has_errors=any(score.errors for run in analysis.runs for score in run.scores),
        table_rows=[row for row in analysis.rows if row.ablates is None],
        ablations=[row for row in analysis.rows if row.ablates is not None],
        pairs=pairs,
        telling=_most_telling(pairs),
        few=FEW,
        kind_of=kind_of,
        mark_of=lambda row: MARKS[kind_of(row)],
        programs=_programs(analysis),
        tasks=[analysis.protocol.task(task) for task in analysis.tasks],
        learners=_learners(analysis),
        marks=MARKS,
        title_of=analysis.protocol.title_of,
    )


def _legend(analysis: Analysis, task: str) -> list[tuple[Markup, str]]:
    rows = analysis.largest(task)
    nets = [row.learner for row in rows if row.side == "net"]
    return [
        (Markup(line_sample(row, nets.index(row.learner) if row.learner in nets else 0)), row.title) for row in rows
    ]


def _programs(analysis: Analysis) -> list[tuple[str, list[Run]]]:
    """Programs by task, one run for each seed."""
    rows = [row for row in analysis.rows if row.side in ("program", "hybrid") and row.ablates is None]
    return [(f"{row.task}: {row.title}", list(row.runs)) for row in rows]


def _learners(analysis: Analysis) -> list[tuple[Learner, str, str, list[str]]]:
    """Who took part: the learner, its mark and colour, its size (the largest, where tasks differ), its words."""
    found = []
    for learner in analysis.protocol.running(analysis.effort):
        rows = [row for row in analysis.rows if row.learner == learner.name]
        if not rows or learner.ablates is not None:
            continue
        sizes = [run.parameters for row in rows for run in row.runs if run.parameters is not None]
        size = f"{max(sizes):,} parameters; " if sizes else ""
        words = sorted(learner.words().entries) if learner.words is not None else []
        found.append((learner, kind_of(rows[0]), size + learner.recipe, words))
    return found


def _side_by_side(analysis: Analysis) -> list[SideBySide]:
    """A few test inputs that everybody was asked, of the first seed, inside and beyond the training range."""
    return [pair for task in analysis.tasks for pair in _of_task(analysis, task)]


def _most_telling(pairs: Sequence[SideBySide]) -> int:
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
    given: dict[tuple[Point, str], dict[str, Answered]] = {}
    for learner, run in firsts.items():
        for answered in run.answers:
            given.setdefault((answered.point, answered.input), {})[learner] = answered
    seen: set[Point] = set()
    for point, asked in sorted(given, key=lambda found: axis.points.index(found[0])):
        if point in seen or point not in axis.kept:
            continue
        seen.add(point)
        answers = given[point, asked]
        some = next(iter(answers.values()))
        yield SideBySide(
            task=task,
            at=axis.at(point),
            beyond=axis.beyond(point),
            input=asked,
            truth=" ".join(some.truth),
            program=program.program if program is not None else None,
            said=tuple(_said(row, answers.get(row.learner)) for row in rows),
        )


def _said(row: Row, answered: Answered | None) -> Said:
    kind = kind_of(row)
    if answered is None or answered.answer is None:
        return Said(row.title, MARKS[kind], kind, (), True, False, None)
    truth = dict(enumerate(answered.truth))
    items = tuple((item, truth.get(place) == item) for place, item in enumerate(answered.answer))
    if len(items) == 1:  # marked as a whole, which may leave room for rounding
        items = ((items[0][0], answered.right),)
    return Said(row.title, MARKS[kind], kind, items, False, answered.right, answered.confidence)
