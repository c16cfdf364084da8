"""From runs to estimates: each learner on each task, by point, and what was expected and planned beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from synth.compare.axis import Group, Point
from synth.compare.metrics import (
    HOLDS,
    Contested,
    Count,
    Discord,
    Estimate,
    bootstrap_quantile,
    hierarchical_bootstrap,
    holds_to,
    holm,
    mcnemar,
    paired_bootstrap,
    wilson,
)
from synth.compare.protocol import Contest, Effort, Prediction, Protocol
from synth.compare.records import Run, Score, Side, total_count
from synth.compare.streams import random_stream

__all__ = ["Analysis", "Identified", "Judged", "Row", "Verdict", "VerdictOn", "analyse", "holds_at"]

Verdict: TypeAlias = Literal["held", "failed", "inconclusive", "under-trained", "not run"]
"""What became of a prediction."""

NETS: frozenset[Side] = frozenset({"net", "same-prior net"})


@dataclass(frozen=True)
class Row:
    """One learner on one task, from so many examples: its runs, one for each seed, in order of seeds."""

    task: str
    learner: str
    title: str
    side: Side
    runs: tuple[Run, ...]
    size: int | None = None
    ablates: str | None = None
    order: tuple[Point, ...] = ()
    _known: dict[object, Estimate | None] = field(default_factory=dict, compare=False, repr=False)

    def at(self, points: Sequence[Point]) -> Estimate | None:
        """Exact match over some points, seeds weighing alike; None where nothing was tested."""
        key = tuple(points)
        if key not in self._known:
            self._known[key] = self._estimate([run.over(key) for run in self.runs], *key)
        return self._known[key]

    def peeked_at(self, point: Point) -> Estimate | None:
        """Exact match of the checkpoint that did best at the headline: an upper bound; None where there is none."""
        counts = [total_count(run.peeked, (point,)) for run in self.runs if run.peeked]
        return self._estimate(counts, "peeked", point)

    def _estimate(self, counts: Sequence[Count], *purpose: object) -> Estimate | None:
        tested = [count for count in counts if count.total]
        rng = random_stream("bootstrap", self.task, self.learner, *([] if self.size is None else [self.size]), *purpose)
        return hierarchical_bootstrap([tested], rng) if tested else None

    def close_at(self, point: Point) -> Estimate | None:
        """How close answers were at a point; the interval spans those of all seeds."""
        scores = [score for run in self.runs if (score := run.score(point)) is not None]
        known = [estimate for score in scores if (estimate := score.closeness) is not None]
        if not known:
            return None
        mean = sum(e.value for e in known) / len(known)
        ends = min(e.low for e in known), max(e.high for e in known)
        return Estimate(mean, *ends, len(known), "span of the seeds' intervals")

    def error_at(self, point: Point, quantile: float = 0.5) -> Estimate | None:
        """The median error at a point (or another quantile), over seeds and inputs; None where none was measured."""
        key = ("error", point, quantile)
        if key not in self._known:
            errors = [s.errors for run in self.runs if (s := run.score(point)) is not None and s.errors]
            rng = random_stream("bootstrap", self.task, self.learner, self.size, *key)
            self._known[key] = bootstrap_quantile(errors, rng, quantile=quantile) if errors else None
        return self._known[key]

    @cached_property
    def by_point(self) -> Mapping[Point, Estimate]:
        """Exact match at each point where anything was tested, in the order of the axis."""
        points = self.order or tuple(dict.fromkeys(score.point for run in self.runs for score in run.scores))
        found = ((point, self.at((point,))) for point in points)
        return {point: estimate for point, estimate in found if estimate is not None}

    @cached_property
    def holds_to(self) -> tuple[Point | None, ...]:
        """L90 of each seed, on a growing axis."""
        return tuple(holds_to({p: run.over((p,)) for p in self.by_point}) for run in self.runs)

    @property
    def trained(self) -> bool:
        """Whether every seed fitted what it was trained on (always true of programs and reference rows)."""
        return all(run.outcome != "under-trained" and not run.failed for run in self.runs) or self.side not in NETS

    @property
    def flaw(self) -> str:
        """Why a net supports no claim, in words ("under-trained", "diverged"); empty where it does."""
        if self.trained:
            return ""
        ends = [run.outcome for run in self.runs if run.failed]
        return ", ".join(dict.fromkeys(ends)) or "under-trained"

    @property
    def fit(self) -> Estimate | None:
        """Exact match on the training distribution; None where there is none."""
        return self._estimate([run.fit for run in self.runs if run.fit is not None], "fit")

    @property
    def coverage(self) -> Estimate:
        """The share of seeds that gave anything to be tested: of programs, those that were found."""
        silent = ("no program in time", "diverged", "out of memory", "crash")
        return wilson(Count(sum(run.outcome not in silent for run in self.runs), len(self.runs)))

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

    `right` is the share of identifiable draws whose program is right on every test input of the headline point; None
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

    def row(self, task: str, learner: str, size: int | None = None) -> Row | None:
        """A learner on a task; None where it was not run. Where no size is asked for, the one of the largest."""
        found = [row for row in self.rows if (row.task, row.learner) == (task, learner)]
        if size is not None:
            return next((row for row in found if row.size == size), None)
        return max(found, key=lambda row: row.size or 0, default=None)

    def of_task(self, task: str) -> tuple[Row, ...]:
        """All learners on a task, ablations too, the program first, references last."""
        return tuple(row for row in self.rows if row.task == task)

    def largest(self, task: str) -> tuple[Row, ...]:
        """All learners on a task but ablations, each with the most examples it had."""
        rows = [row for row in self.of_task(task) if row.ablates is None]
        return tuple(row for row in rows if row is self.row(task, row.learner))

    def by_size(self, task: str, learner: str) -> dict[int, Row]:
        """A learner on a task, by the number of examples."""
        return {r.size: r for r in self.of_task(task) if r.learner == learner and r.size is not None}

    @property
    def tasks(self) -> tuple[str, ...]:
        """Tasks with at least one run, in the protocol's order."""
        return tuple(dict.fromkeys(row.task for row in self.rows))

    @property
    def groups(self) -> tuple[Group, ...]:
        """Columns of the table."""
        return self.protocol.axis.columns

    @property
    def same_prior(self) -> bool:
        """Whether a net with the program side's prior stands beside it (rule F8)."""
        return any(row.side == "same-prior net" for row in self.rows)


def analyse(protocol: Protocol, effort: Effort, seeds: Sequence[int], runs: Iterable[Run]) -> Analysis:
    """Estimates, predictions and comparisons from the runs that there are; missing ones are simply not there.

    A run that failed counts as wrong on every input that the others were asked.
    """
    known = _with_failures(list(runs))
    cells: dict[tuple[str, str, int | None], list[Run]] = {}
    for run in known:
        cells.setdefault((run.task, run.learner, run.size), []).append(run)
    rows = tuple(
        Row(
            task,
            learner.name,
            _title(learner.title, size),
            learner.side,
            tuple(sorted(mine, key=lambda r: r.seed)),
            size,
            learner.ablates,
            protocol.axis.points,
        )
        for task in effort.tasks
        for learner in protocol.running(effort)
        for size in effort.sizes_of(learner.name, task)
        if (mine := cells.get((task, learner.name, size)))
    )
    bare = Analysis(protocol, effort, tuple(seeds), rows, (), (), _identified(protocol, rows))
    return replace(
        bare,
        predictions=tuple(_check(bare, prediction) for prediction in protocol.predictions),
        contests=_judge_contests(bare),
    )


def _title(title: str, size: int | None) -> str:
    return title if size is None else f"{title}, {size:,} examples"


def _with_failures(runs: Sequence[Run]) -> list[Run]:
    """The runs, where those that failed have scores too: nothing right of what others of their task and seed had."""
    asked: dict[tuple[str, int], tuple[Score, ...]] = {}
    for run in runs:
        if run.scores and not run.failed:
            asked.setdefault((run.task, run.seed), run.scores)
    return [
        replace(run, scores=tuple(map(_all_wrong, asked.get((run.task, run.seed), ()))))
        if run.failed and not run.scores
        else run
        for run in runs
    ]


def _all_wrong(score: Score) -> Score:
    close = None if score.close is None else (0.0, 0.0, 0.0)
    errors = None if score.errors is None else (float("inf"),) * score.total
    return replace(score, right=0, bits="0", close=close, errors=errors, overlap=0)


def _identified(protocol: Protocol, rows: Sequence[Row]) -> Identified:
    mine = [row for row in rows if row.side == "program" and row.ablates is None and protocol.task(row.task).headline]
    runs = [run for row in mine for run in row.runs if run.size in (None, _most(mine, row))]
    lost = tuple((run.task, run.seed) for run in runs if run.identifiable is False)
    rest = [run for run in runs if run.identifiable is not False]
    right = sum(_right_at(run, protocol.axis.headline) for run in rest)
    return Identified(len(runs), lost, wilson(Count(right, len(rest))) if rest else None)


def _most(rows: Sequence[Row], row: Row) -> int | None:
    """The most examples that a learner had on a task."""
    sizes = [r.size for r in rows if (r.task, r.learner) == (row.task, row.learner) and r.size is not None]
    return max(sizes, default=None)


def _right_at(run: Run, point: Point) -> bool:
    score = run.score(point)
    return score is not None and score.total > 0 and score.right == score.total


def _check(analysis: Analysis, prediction: Prediction) -> VerdictOn:
    row = analysis.row(prediction.task, prediction.learner, prediction.size)
    measured = None
    if row is not None:
        by_error = prediction.measure == "error"
        measured = row.error_at(prediction.point) if by_error else row.at((prediction.point,))
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
    """First minus second on the same inputs. The p is the worst of the seeds': all of them are to show it."""
    mine = analysis.row(contest.task, contest.first, contest.first_size)
    theirs = analysis.row(contest.task, contest.second, contest.second_size)
    if mine is None or theirs is None:
        return None
    others = {run.seed: run for run in theirs.runs}
    pairs = [
        (a, b)
        for run in mine.runs
        if run.seed in others
        and (a := run.score(contest.point)) is not None
        and (b := others[run.seed].score(contest.point)) is not None
        and a.total == b.total > 0
    ]
    if not pairs:
        return None
    p = max(mcnemar(a.rights, b.rights) for a, b in pairs)
    rng = random_stream("contest", contest.task, contest.first, contest.second, contest.point)
    discords = [Discord.of(np.array(a.rights), np.array(b.rights)) for a, b in pairs]
    return Contested(paired_bootstrap([discords], rng), p)


def holds_at(row: Row, point: Point) -> bool:
    """Whether a learner holds at a point: the lower end of its interval reaches the threshold."""
    estimate = row.by_point.get(point)
    return estimate is not None and estimate.low >= HOLDS
