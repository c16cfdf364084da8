"""One self-contained page about a comparison: no network, no bare numbers, failed predictions first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import jinja2
from markupsafe import Markup

from synth.compare.analysis import Analysis, Row
from synth.compare.fairness import RuleResult
from synth.compare.figures import FEW, MARKS, kind_of, line_sample, strip_figure, token_chart
from synth.compare.manifest import Manifest
from synth.compare.metrics import Estimate
from synth.compare.protocol import NetLearner
from synth.compare.records import Answered, Run
from synth.compare.verdicts import (
    budget_stamp,
    failed_predictions,
    findings,
    nets_won,
    prediction_sentence,
)

__all__ = ["number", "prose_of", "render"]

_READABLE = 12
"""Longest input that people take in at a glance."""


def prose_of(analysis: Analysis) -> tuple[str, ...]:
    """All sentences of a report that say something about results (rule F18 reads them)."""
    protocol = analysis.protocol
    return (
        protocol.claim,
        protocol.tuning,
        *protocol.threats,
        budget_stamp(analysis),
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
    length: int
    beyond: bool
    input: str
    truth: str
    program: str | None
    said: tuple[Said, ...]

    @property
    def differing(self) -> bool:
        """Whether the program and a net differ in being right."""
        return len({said.right for said in self.said if said.kind in ("program", "net")}) > 1

    @property
    def wrong(self) -> int:
        """How many items that programs and nets gave are wrong; 0 for long inputs, which are hard to read."""
        given = (right for said in self.said if said.kind in ("program", "net") for _, right in said.items)
        return sum(not right for right in given) if self.length <= _READABLE else 0

    @property
    def label(self) -> str:
        """What the pick list says."""
        return f"{self.task}, length {self.length}{' (longer than trained)' if self.beyond else ''}"


def render(analysis: Analysis, rules: Sequence[RuleResult], manifest: Manifest) -> str:
    """The page, as HTML."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = number
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
        charts=[(task, Markup(token_chart(analysis, task)), _legend(analysis, task)) for task in analysis.tasks],
        pairs=pairs,
        telling=_most_telling(pairs),
        few=FEW,
        kind_of=kind_of,
        mark_of=lambda row: MARKS[kind_of(row)],
        programs=_programs(analysis),
        tasks=[analysis.protocol.task(task) for task in analysis.tasks],
        words=sorted(analysis.protocol.program.words().entries),
        nets=_nets(analysis),
        title_of=analysis.protocol.title_of,
    )


def _legend(analysis: Analysis, task: str) -> list[tuple[Markup, str]]:
    rows = analysis.of_task(task)
    nets = [row.learner for row in rows if row.side == "net"]
    return [
        (Markup(line_sample(row, nets.index(row.learner) if row.learner in nets else 0)), row.title) for row in rows
    ]


def _programs(analysis: Analysis) -> list[tuple[str, list[Run]]]:
    """Programs by task, one run for each seed."""
    name = analysis.protocol.program.name
    return [(row.task, list(row.runs)) for row in analysis.rows if row.learner == name]


def _nets(analysis: Analysis) -> list[tuple[NetLearner, int]]:
    """The nets that were trained, each with its number of parameters (the largest, where tasks differ)."""
    sizes: dict[str, int] = {}
    for run in analysis.runs:
        if run.parameters is not None:
            sizes[run.learner] = max(run.parameters, sizes.get(run.learner, 0))
    return [(net, sizes[net.name]) for net in analysis.protocol.nets if net.name in sizes]


def _side_by_side(analysis: Analysis) -> list[SideBySide]:
    """A few test inputs that everybody was asked, of the first seed, inside and beyond the training range."""
    return [pair for task in analysis.tasks for pair in _of_task(analysis, task)]


def _most_telling(pairs: Sequence[SideBySide]) -> int:
    """Which pair to show first: of those just beyond the training range, the one with most wrong items; else the first.

    Only pairs count where the program and a net differ.
    """
    telling = [place for place, pair in enumerate(pairs) if pair.beyond and pair.differing]
    return max(telling, key=lambda place: (pairs[place].wrong, -pairs[place].length), default=0)


def _of_task(analysis: Analysis, task: str) -> Iterator[SideBySide]:
    firsts = {row.learner: row.runs[0] for row in analysis.of_task(task) if row.runs and row.learner != "oracle"}
    program = firsts.get(analysis.protocol.program.name)
    given: dict[tuple[int, ...], dict[str, Answered]] = {}
    for learner, run in firsts.items():
        for answered in run.answers:
            given.setdefault(answered.input, {})[learner] = answered
    seen: set[int] = set()
    for asked, answers in given.items():
        length = len(asked)
        if length in seen or length not in (5, 10, 11, 12, 15, 20):
            continue
        seen.add(length)
        some = next(iter(answers.values()))
        yield SideBySide(
            task=task,
            length=length,
            beyond=length > analysis.protocol.lengths.trained[1],
            input=_items(asked),
            truth=_items(some.truth),
            program=program.program if program is not None else None,
            said=tuple(_said(row, answers.get(row.learner)) for row in analysis.of_task(task) if row.learner in firsts),
        )


def _said(row: Row, answered: Answered | None) -> Said:
    kind = kind_of(row)
    if answered is None or answered.answer is None:
        return Said(row.title, MARKS[kind], kind, (), True, False, None)
    truth: Mapping[int, int | None] = dict(enumerate(answered.truth))
    items = tuple(
        ("·" if item is None else str(item), place in truth and truth[place] == item)
        for place, item in enumerate(answered.answer)
    )
    return Said(row.title, MARKS[kind], kind, items, False, answered.right, answered.confidence)


def _items(items: Sequence[int | None]) -> str:
    return " ".join("·" if item is None else str(item) for item in items)
