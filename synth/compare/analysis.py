"""From runs to estimates: each learner on each task, by length, and what was expected and planned beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias

from synth.compare.data import random_stream
from synth.compare.metrics import (
    HOLDS,
    Contested,
    Count,
    Estimate,
    hierarchical_bootstrap,
    holds_to,
    holm,
    mcnemar,
    wilson,
)
from synth.compare.protocol import CHANCE, ORACLE, Contest, Effort, Prediction, Protocol, Side
from synth.compare.records import Run

__all__ = ["Analysis", "Group", "Identified", "Judged", "Row", "Verdict", "VerdictOn", "analyse", "holds_at"]

Verdict: TypeAlias = Literal["held", "failed", "inconclusive", "under-trained", "not run"]
"""What became of a prediction."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some test lengths taken together, as one column of a table."""

    title: str
    lengths: tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """One learner on one task: its runs, one for each seed, in order of seeds."""

    task: str
    learner: str
    title: str
    side: Side
    runs: tuple[Run, ...]
    _known: dict[tuple[int, ...], Estimate | None] = field(default_factory=dict, compare=False, repr=False)

    def at(self, lengths: Sequence[int]) -> Estimate | None:
        """Exact match over some lengths, seeds weighing alike; None where nothing was tested."""
        key = tuple(lengths)
        if key not in self._known:
            self._known[key] = self._estimate(key)
        return self._known[key]

    def _estimate(self, lengths: Sequence[int]) -> Estimate | None:
        counts = [count for run in self.runs if (count := run.over(lengths)).total]
        rng = random_stream("bootstrap", self.task, self.learner, *lengths)
        return hierarchical_bootstrap([counts], rng) if counts else None

    def tokens_at(self, length: int) -> Estimate | None:
        """Mean token accuracy at a length; the interval spans those of all seeds."""
        scores = [score for run in self.runs if (score := run.score(length)) is not None]
        known = [estimate for score in scores if (estimate := score.token_accuracy) is not None]
        if not known:
            return None
        mean = sum(e.value for e in known) / len(known)
        ends = min(e.low for e in known), max(e.high for e in known)
        return Estimate(mean, *ends, len(known), "span of the seeds' intervals")

    @cached_property
    def by_length(self) -> Mapping[int, Estimate]:
        """Exact match at each length where anything was tested."""
        lengths = sorted({score.length for run in self.runs for score in run.scores})
        found = ((length, self.at((length,))) for length in lengths)
        return {length: estimate for length, estimate in found if estimate is not None}

    @cached_property
    def holds_to(self) -> tuple[int | None, ...]:
        """L90 of each seed."""
        return tuple(holds_to(run.counts()) for run in self.runs)

    @property
    def trained(self) -> bool:
        """Whether every seed fitted what it was trained on (always true of programs and reference rows)."""
        return all(run.outcome not in ("under-trained", "crash") for run in self.runs) or self.side != "net"

    @property
    def fit(self) -> Estimate | None:
        """Exact match on the training distribution; None where there is none."""
        counts = [run.fit for run in self.runs if run.fit is not None and run.fit.total]
        rng = random_stream("bootstrap", self.task, self.learner, "fit")
        return hierarchical_bootstrap([counts], rng) if counts else None

    @property
    def cpu_seconds(self) -> float:
        """Mean CPU-seconds of learning, a seed."""
        return sum(run.cpu_seconds for run in self.runs) / len(self.runs)


@dataclass(frozen=True, slots=True)
class VerdictOn:
    """A prediction, what was measured, and what became of it."""

    prediction: Prediction
    measured: Estimate | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A planned comparison and its result; None where it was not run."""

    contest: Contest
    result: Contested | None


@dataclass(frozen=True, slots=True)
class Identified:
    """Of the (task, seed) draws: which examples told the right program from cheaper wrong ones.

    `right` is the share of identifiable draws whose program is right on every test input of the headline length; None
    where no draw was identifiable.
    """

    pairs: int
    unidentifiable: tuple[tuple[str, int], ...]
    right: Estimate | None


@dataclass(frozen=True)
class Analysis:
    """All that a report says in numbers."""

    protocol: Protocol
    effort: Effort
    seeds: tuple[int, ...]
    rows: tuple[Row, ...]
    predictions: tuple[VerdictOn, ...]
    contests: tuple[Judged, ...]
    identified: Identified

    @property
    def runs(self) -> tuple[Run, ...]:
        """All runs, task by task, learner by learner."""
        return tuple(run for row in self.rows for run in row.runs)

    def row(self, task: str, learner: str) -> Row | None:
        """A learner on a task; None where it was not run."""
        return next((row for row in self.rows if (row.task, row.learner) == (task, learner)), None)

    def of_task(self, task: str) -> tuple[Row, ...]:
        """All learners on a task, the program first, references last."""
        return tuple(row for row in self.rows if row.task == task)

    @property
    def tasks(self) -> tuple[str, ...]:
        """Tasks with at least one run, in the protocol's order."""
        return tuple(dict.fromkeys(row.task for row in self.rows))

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Columns of the table: lengths inside the training range, just outside, and each further one."""
        lengths = self.protocol.lengths
        far = [n for n in lengths.tested if n not in lengths.inside and n not in lengths.near]
        spans = [Group(f"{s[0]} to {s[-1]}", s) for s in (lengths.inside, lengths.near) if s]
        return (*spans, *(Group(str(n), (n,)) for n in far))


def analyse(protocol: Protocol, effort: Effort, seeds: Sequence[int], runs: Iterable[Run]) -> Analysis:
    """Estimates, predictions and comparisons from the runs that there are; missing ones are simply not there."""
    known = list(runs)
    order = (protocol.program.name, *effort.nets, ORACLE, CHANCE)
    rows = tuple(
        Row(task, learner, protocol.title_of(learner), protocol.side(learner), mine)
        for task in effort.tasks
        for learner in order
        if (mine := tuple(sorted((r for r in known if r.key[:2] == (task, learner)), key=lambda r: r.seed)))
    )
    bare = Analysis(protocol, effort, tuple(seeds), rows, (), (), _identified(protocol, rows))
    return replace(
        bare,
        predictions=tuple(_check(bare, prediction) for prediction in protocol.predictions),
        contests=_judge_contests(bare),
    )


def _identified(protocol: Protocol, rows: Sequence[Row]) -> Identified:
    runs = [run for row in rows if row.side == "program" and protocol.task(row.task).headline for run in row.runs]
    lost = tuple((run.task, run.seed) for run in runs if run.identifiable is False)
    rest = [run for run in runs if run.identifiable is not False]
    right = sum(_right_at(run, protocol.lengths.headline) for run in rest)
    return Identified(len(runs), lost, wilson(Count(right, len(rest))) if rest else None)


def _right_at(run: Run, length: int) -> bool:
    score = run.score(length)
    return score is not None and score.total > 0 and score.right == score.total


def _check(analysis: Analysis, prediction: Prediction) -> VerdictOn:
    row = analysis.row(prediction.task, prediction.learner)
    measured = row.at((prediction.length,)) if row is not None else None
    if row is None or measured is None:
        return VerdictOn(prediction, None, "not run")
    if not row.trained:
        return VerdictOn(prediction, measured, "under-trained")
    return VerdictOn(prediction, measured, _compare(measured, prediction))


def _compare(measured: Estimate, prediction: Prediction) -> Verdict:
    """Held or failed only where the whole interval says so."""
    if prediction.at_least is not None:
        if measured.low >= prediction.at_least:
            return "held"
        return "failed" if measured.high < prediction.at_least else "inconclusive"
    assert prediction.at_most is not None
    if measured.high <= prediction.at_most:
        return "held"
    return "failed" if measured.low > prediction.at_most else "inconclusive"


def _judge_contests(analysis: Analysis) -> tuple[Judged, ...]:
    """All planned comparisons that were run, their p-values corrected together."""
    results = [(contest, _compare_pairs(analysis, contest)) for contest in analysis.protocol.contests]
    corrected = iter(holm([result.p for _, result in results if result is not None]))
    return tuple(
        Judged(contest, None if result is None else replace(result, p_holm=next(corrected)))
        for contest, result in results
    )


def _compare_pairs(analysis: Analysis, contest: Contest) -> Contested | None:
    """Program minus net on the same inputs. The p is the worst of the seeds': the claim is that every seed shows it."""
    mine = analysis.row(contest.task, analysis.protocol.program.name)
    theirs = analysis.row(contest.task, contest.net)
    if mine is None or theirs is None:
        return None
    nets = {run.seed: run for run in theirs.runs}
    pairs = [
        (a, b)
        for run in mine.runs
        if run.seed in nets
        and (a := run.score(contest.length)) is not None
        and (b := nets[run.seed].score(contest.length)) is not None
        and a.total == b.total > 0
    ]
    if not pairs:
        return None
    p = max(mcnemar(a.rights, b.rights) for a, b in pairs)
    return Contested(_difference([(a.count, b.count) for a, b in pairs], contest), p)


def _difference(pairs: Sequence[tuple[Count, Count]], contest: Contest) -> Estimate:
    """The mean difference of shares over seeds, with the two sides' bootstrap intervals put together."""
    ours, theirs = ([pair[side] for pair in pairs] for side in (0, 1))
    first = hierarchical_bootstrap([ours], random_stream("contest", contest.task, contest.net, "program"))
    second = hierarchical_bootstrap([theirs], random_stream("contest", contest.task, contest.net, "net"))
    value = first.value - second.value
    # Newcombe's square-and-add (1998, method 10): each side's distance to its interval's end, combined.
    down = ((first.value - first.low) ** 2 + (second.high - second.value) ** 2) ** 0.5
    up = ((first.high - first.value) ** 2 + (second.value - second.low) ** 2) ** 0.5
    return Estimate(value, max(-1.0, value - down), min(1.0, value + up), len(pairs), "square-and-add")


def holds_at(row: Row, length: int) -> bool:
    """Whether a learner holds at a length: the lower end of its interval reaches the threshold."""
    estimate = row.by_length.get(length)
    return estimate is not None and estimate.low >= HOLDS
