"""What a guide is worth on some tasks: the same search with and without it, task by task.

Work is counted in evaluations, so the figures are the same on every machine. A *known solution* is the task's own, or
the shorter of the programs found; whether a sketch is right is judged by it: it is right if the solution has its form.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from dsl.forms import has_form
from dsl.program import Lambda
from synth.attempt import TaskReport, program_of
from synth.guidance import UNGUIDED, Guidance
from synth.guide.oracle import closed_parts
from synth.pcfg import program_bits
from synth.recorded_guidance import read_guidance
from synth.search.posterior import Bin, Forecast, calibration_error, reliability
from tasks.task import Task

__all__ = ["LEAST_LIKELY", "RECALL_AT", "GuideReport", "TaskFigures", "figures_of"]

RECALL_AT = (1, 10, 100)
"""Numbers of likeliest sketches among which one should be right."""
LEAST_LIKELY = 1e-4
"""Sketches less likely than this count as if they were as likely, in the curve of calibration."""


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """One task, searched unguided and guided with the same budget.

    `unguided` and `guided` are the evaluations of all lanes to the first program that fits; None where none did.
    `bits` and `guided_bits` are the length of the known solution without and with the guide's weights, `context_bits`
    with those of its contexts, too; None for one that the search never builds, or where the guide says nothing of the
    kind. `rank` is the place (from 1) of the likeliest right sketch, None where none is right or no solution is known;
    `judged` has every sketch's probability, and whether it is right; `parts` the same of subgoals, which are right
    where they are parts of the solution. `off` says why the guide could not help.
    """

    task: str
    unguided: int | None
    guided: int | None
    has_solution: bool = False
    solution: str | None = None
    bits: float | None = None
    guided_bits: float | None = None
    rank: int | None = None
    judged: tuple[tuple[float, bool], ...] = ()
    context_bits: float | None = None
    parts: tuple[tuple[float, bool], ...] = ()
    off: str | None = None
    distance: float | None = None

    @property
    def ratio(self) -> float | None:
        """Evaluations without, divided by those with the guide: above 1 it helped. None unless solved both ways."""
        return None if self.unguided is None or self.guided is None else self.unguided / max(1, self.guided)


def _bin(low: float, high: float, members: Sequence[Forecast]) -> Bin:
    (whole,) = reliability(members, 1)
    return replace(whole, low=low, high=high)


def _median_saved(pairs: Iterable[tuple[float | None, float | None]]) -> float | None:
    saved = [usual - guided for usual, guided in pairs if usual is not None and guided is not None]
    return statistics.median(saved) if saved else None


def figures_of(
    task: Task, name: str, unguided: TaskReport, guided: TaskReport, distance: float | None = None
) -> TaskFigures:
    """The figures of a task from the two reports; `distance` is how far it is from what the guide was trained on."""
    solution = _known_solution(task, unguided, guided)
    guidance = read_guidance(guided.guidance, task.spec) if guided.guidance else UNGUIDED
    ranked = sorted(guidance.sketches, key=lambda pair: -pair[1])
    judged = () if solution is None else tuple((p, has_form(solution, sketch)) for sketch, p in ranked)
    return TaskFigures(
        task=name,
        unguided=unguided.first_fit if unguided.fits else None,
        guided=guided.first_fit if guided.fits else None,
        has_solution=solution is not None,
        solution=_text(task, unguided, guided),
        bits=None if solution is None else program_bits(solution, task.spec),
        guided_bits=None if solution is None else _bits_under(solution, task, guidance),
        rank=next((place for place, (_, right) in enumerate(judged, 1) if right), None),
        judged=judged,
        context_bits=None if solution is None else _context_bits(solution, task, guidance),
        parts=() if solution is None else _judged_parts(solution, guidance),
        off=guided.guided_by if not guidance.helps else None,
        distance=distance,
    )


def _bits_under(solution: Lambda, task: Task, guidance: Guidance) -> float | None:
    return program_bits(solution, task.spec, Guidance(guidance.source, guidance.bits))


def _context_bits(solution: Lambda, task: Task, guidance: Guidance) -> float | None:
    if not guidance.contexts:
        return None
    said = Guidance(guidance.source, guidance.bits, contexts=guidance.contexts)
    return program_bits(solution, task.spec, said)


def _judged_parts(solution: Lambda, guidance: Guidance) -> tuple[tuple[float, bool], ...]:
    """The probability of each subgoal, the likeliest first, and whether it is a part of the solution, or all of it."""
    parts = list(closed_parts(solution)) if guidance.subgoals else []
    ranked = sorted(guidance.subgoals, key=lambda pair: -pair[1])
    return tuple((p, any(has_form(part, subgoal) for part in parts)) for subgoal, p in ranked)


def _known_solution(task: Task, *reports: TaskReport) -> Lambda | None:
    """The task's own solution; else the shortest program found."""
    if isinstance(task.solution, Lambda):
        return task.solution
    found = _shortest(*reports)
    return None if found is None else program_of(found, task)


def _shortest(*reports: TaskReport) -> TaskReport | None:
    """The report of the shortest program found."""
    found = [report for report in reports if report.fits and report.program]
    return min(
        found, key=lambda report: (math.inf if report.bits is None else report.bits, report.program), default=None
    )


def _text(task: Task, *reports: TaskReport) -> str | None:
    found = _shortest(*reports)
    return found.program if found is not None else "(the task's own)" if task.solution is not None else None


@dataclass(frozen=True)
class GuideReport:
    """The tasks of some suites with and without a guide; `evaluations` is what each search was allowed."""

    guide: str
    suites: tuple[str, ...]
    evaluations: int
    tasks: tuple[TaskFigures, ...]

    @property
    def helped(self) -> tuple[TaskFigures, ...]:
        """Tasks that only the guided search solved."""
        return tuple(t for t in self.tasks if t.unguided is None and t.guided is not None)

    @property
    def lost(self) -> tuple[TaskFigures, ...]:
        """Tasks that only the unguided search solved."""
        return tuple(t for t in self.tasks if t.unguided is not None and t.guided is None)

    @property
    def both(self) -> tuple[TaskFigures, ...]:
        """Tasks solved both ways."""
        return tuple(t for t in self.tasks if t.ratio is not None)

    @property
    def hurt(self) -> tuple[TaskFigures, ...]:
        """Tasks on which the guide cost evaluations, the worst first; those that it lost come before all."""
        slower = sorted((t for t in self.both if (t.ratio or 0) < 1), key=lambda t: t.ratio or 0)
        return (*self.lost, *slower)

    @property
    def median_ratio(self) -> float | None:
        """Median of evaluations without / with, over tasks solved both ways."""
        ratios = [t.ratio for t in self.both if t.ratio is not None]
        return statistics.median(ratios) if ratios else None

    @property
    def known(self) -> tuple[TaskFigures, ...]:
        """Tasks of which a solution is known."""
        return tuple(t for t in self.tasks if t.has_solution)

    def recall(self, k: int) -> float | None:
        """The share of tasks with a known solution whose `k` likeliest sketches have a right one among them.

        None for a guide that proposed no sketch at all.
        """
        known = self.known
        proposed = any(t.judged for t in known)
        return sum(t.rank is not None and t.rank <= k for t in known) / len(known) if proposed else None

    @property
    def subgoal_recall(self) -> float | None:
        """The share of tasks with a known solution of which some subgoal is a part; None without any subgoal."""
        known = self.known
        proposed = any(t.parts for t in known)
        return sum(any(right for _, right in t.parts) for t in known) / len(known) if proposed else None

    @property
    def saved_bits(self) -> float | None:
        """Median of the bits by which known solutions got shorter."""
        return _median_saved((t.bits, t.guided_bits) for t in self.known)

    @property
    def saved_context_bits(self) -> float | None:
        """The same where contexts count, too; None for a guide without contexts."""
        return _median_saved((t.bits, t.context_bits) for t in self.known)

    @property
    def forecasts(self) -> tuple[Forecast, ...]:
        """Every sketch of a task with a known solution: how sure the guide was, and whether it was right."""
        return tuple(Forecast(min(1.0, p), right) for t in self.tasks for p, right in t.judged)

    @property
    def calibration(self) -> tuple[Bin, ...]:
        """How often sketches are right, by what the guide says that their probability is.

        Two bins to a power of ten, since most of up to a hundred sketches are unlikely ones.
        """
        members: dict[int, list[Forecast]] = {}
        for forecast in self.forecasts:
            half = math.floor(2 * math.log10(max(forecast.confidence, LEAST_LIKELY)))
            members.setdefault(min(half, -1), []).append(forecast)
        return tuple(_bin(10 ** (half / 2), 10 ** ((half + 1) / 2), members[half]) for half in sorted(members))

    def summary(self) -> dict[str, float | int | None]:
        """The figures in one line each."""
        forecasts = self.forecasts
        return {
            "tasks": len(self.tasks),
            "solved unguided": sum(t.unguided is not None for t in self.tasks),
            "solved guided": sum(t.guided is not None for t in self.tasks),
            "only guided": len(self.helped),
            "only unguided": len(self.lost),
            "median evaluations unguided / guided": self.median_ratio,
            "worst guided / unguided": max((1 / t.ratio for t in self.both if t.ratio), default=None),
            "median bits saved on known solutions": self.saved_bits,
            "median bits saved by contexts, too": self.saved_context_bits,
            "tasks with a known solution": len(self.known),
            **{f"sketch recall at {k}": self.recall(k) for k in RECALL_AT},
            "subgoal recall": self.subgoal_recall,
            "calibration error of sketches": calibration_error(forecasts) if forecasts else None,
            "tasks that the guide could not help with": sum(t.off is not None for t in self.tasks),
        }

    def to_json(self) -> dict[str, object]:
        """All of it, for programs."""
        return {
            "guide": self.guide,
            "suites": list(self.suites),
            "evaluations": self.evaluations,
            "summary": self.summary(),
            "calibration": [asdict(b) for b in self.calibration],
            "tasks": [asdict(t) | {"ratio": t.ratio} for t in self.tasks],
        }
