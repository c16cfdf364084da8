"""One self-contained page about a comparison: no network, no bare numbers, failed predictions first."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from synth.compare.analysis import Analysis
from synth.compare.curves import across_tasks, needed_examples
from synth.compare.fairness import RuleResult
from synth.compare.figures import FEW, MARKS, close_chart, kind_of, line_sample, strip_figure
from synth.compare.ledger import Ledger
from synth.compare.manifest import Manifest
from synth.compare.numbers import numbers_csv
from synth.compare.page import fill
from synth.compare.plots import Drawn
from synth.compare.protocol import Learner
from synth.compare.records import Run
from synth.compare.side_by_side import most_telling, side_by_side
from synth.compare.verdicts import (
    PRIOR_NOT_CONTROLLED,
    budget_stamp,
    failed_predictions,
    findings,
    hybrid_added,
    nets_won,
    prediction_sentence,
)

__all__ = ["MOST_BYTES", "prose_of", "render"]

MOST_BYTES = 3_000_000
"""A report is no larger than this."""


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
        *hybrid_added(analysis),
        *(prediction_sentence(analysis, judged) for judged in analysis.predictions),
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """A figure as the page has it: within an address; a `wide` one takes the whole width of a sheet of paper."""

    title: str
    alt: str
    caption: str
    address: str
    wide: bool


def render(
    analysis: Analysis,
    rules: Sequence[RuleResult],
    manifest: Manifest,
    drawn: Sequence[Drawn] = (),
    ledger: Ledger | None = None,
    *,
    prices: Sequence[Drawn] = (),
    problems: Sequence[str] = (),
) -> str:
    """The page, as HTML.

    `drawn` are the figures besides the strips, `prices` those of the ledger; `problems` say what could not be shown.
    """
    protocol = analysis.protocol
    pairs = side_by_side(analysis)
    failed = failed_predictions(analysis)
    rows = [row for row in analysis.rows if row.ablates is None]
    largest = [row for task in analysis.tasks for row in analysis.largest(task)]
    ablations = [row for row in analysis.rows if row.ablates is not None]
    needed = needed_examples(analysis)
    return fill(
        "report.html.jinja",
        analysis=analysis,
        protocol=protocol,
        manifest=manifest,
        rules=rules,
        failed_rules=[rule for rule in rules if not rule.passed],
        stamp=budget_stamp(analysis),
        findings=findings(analysis),
        wins=nets_won(analysis),
        hybrid=hybrid_added(analysis),
        failed=[prediction_sentence(analysis, judged) for judged in failed],
        failed_tasks={judged.prediction.task for judged in failed},
        decided=sum(judged.verdict in ("held", "failed") for judged in analysis.predictions),
        predictions=[(judged.verdict, prediction_sentence(analysis, judged)) for judged in analysis.predictions],
        strips=[strip_figure(analysis, task) for task in analysis.tasks],
        charts=[
            (task, Markup(close_chart(analysis, task)), _legend(analysis, task))
            for task in analysis.tasks
            if protocol.closeness
        ],
        drawn=[_shown(figure) for figure in drawn],
        prices=[_shown(figure) for figure in prices],
        problems=problems,
        ledger=ledger,
        needed=needed,
        n90={(one.task, one.learner): str(one.median) for one in needed},
        across=across_tasks(analysis),
        prior_note="" if analysis.same_prior else PRIOR_NOT_CONTROLLED,
        axis=protocol.axis,
        has_peeked=any(run.peeked for run in analysis.runs),
        has_errors=any(score.errors for run in analysis.runs for score in run.scores),
        table_rows=largest,
        fewer_rows=[row for row in rows if row not in largest],
        ablations=ablations,
        slowest=max((row.cpu_seconds for row in ablations), default=0.0) or 1.0,
        csv=base64.b64encode(numbers_csv(analysis).encode()).decode(),
        pairs=pairs,
        pair_groups=[(task, list(mine)) for task, mine in groupby(enumerate(pairs), key=lambda found: found[1].task)],
        telling=most_telling(pairs),
        few=FEW,
        kind_of=kind_of,
        mark_of=lambda row: MARKS[kind_of(row)],
        programs=_programs(analysis),
        learners=_learners(analysis),
        marks=MARKS,
        title_of=protocol.title_of,
    )


def _shown(figure: Drawn) -> _Shown:
    across, high = figure.figure.get_size_inches()
    return _Shown(figure.title, figure.alt, figure.caption, figure.data_uri(), bool(across > 2.2 * high))


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
