"""What a guide is worth on some tasks: the same search with and without it, task by task.

Work is counted in evaluations, so the figures are the same on every machine. A *known solution* is the task's own, or
the shorter of the programs found; whether a sketch is right is judged by it: it is right if the solution has its form.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files

import jinja2
from markupsafe import Markup

from dsl.forms import has_form
from dsl.program import Lambda
from synth.attempt import TaskReport, program_of
from synth.guidance import UNGUIDED, Guidance
from synth.pcfg import program_bits
from synth.recorded_guidance import read_guidance
from synth.search.posterior import Bin, Forecast, calibration_error, reliability
from tasks.task import Task

__all__ = ["RECALL_AT", "GuideReport", "TaskFigures", "figures_of", "render"]

RECALL_AT = (1, 10, 100)
"""Numbers of likeliest sketches among which one should be right."""


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """One task, searched unguided and guided with the same budget.

    `unguided` and `guided` are the evaluations of all lanes to the first program that fits; None where none did.
    `bits` and `guided_bits` are the length of the known solution without and with the guide's weights; None for one
    that the search never builds. `rank` is the place (from 1) of the likeliest right sketch, None where none is right
    or no solution is known; `judged` has every sketch's probability, and whether it is right. `off` says why the guide
    could not help.
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
    off: str | None = None
    distance: float | None = None

    @property
    def ratio(self) -> float | None:
        """Evaluations without, divided by those with the guide: above 1 it helped. None unless solved both ways."""
        return None if self.unguided is None or self.guided is None else self.unguided / max(1, self.guided)


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
        off=guided.guided_by if not guidance.helps else None,
        distance=distance,
    )


def _bits_under(solution: Lambda, task: Task, guidance: Guidance) -> float | None:
    return program_bits(solution, task.spec, Guidance(guidance.source, guidance.bits))


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
    def saved_bits(self) -> float | None:
        """Median of the bits by which known solutions got shorter."""
        saved = [t.bits - t.guided_bits for t in self.known if t.bits is not None and t.guided_bits is not None]
        return statistics.median(saved) if saved else None

    @property
    def forecasts(self) -> tuple[Forecast, ...]:
        """Every sketch of a task with a known solution: how sure the guide was, and whether it was right."""
        return tuple(Forecast(min(1.0, p), right) for t in self.tasks for p, right in t.judged)

    @property
    def calibration(self) -> tuple[Bin, ...]:
        """How often sketches are right, by what the guide says that their probability is."""
        return reliability(self.forecasts)

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
            "tasks with a known solution": len(self.known),
            **{f"sketch recall at {k}": self.recall(k) for k in RECALL_AT},
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


# --- the page ----------------------------------------------------------------------------------------------------

_SIDE, _EDGE = 420, 52
"""Pixels of a picture's side, and of the margin that its axes need."""


def render(report: GuideReport) -> str:
    """The report as one HTML page that needs nothing else: pictures are in it, each with a text that says the same."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["figure"] = _figure
    source = files("synth.guide").joinpath("report.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(source).render(
        report=report,
        summary=report.summary(),
        scatter=_scatter(report),
        curve=_curve(report.calibration),
        by_distance=_by_distance(report.tasks),
    )


def _figure(value: object) -> str:
    match value:
        case None:
            return "–"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.2f}"
        case _:
            return str(value)


def _by_distance(tasks: Sequence[TaskFigures]) -> Sequence[tuple[str, Mapping[str, object]]]:
    """Thirds of the tasks by their distance from training: what the guide is worth near and far."""
    known = sorted((t for t in tasks if t.distance is not None), key=lambda t: t.distance or 0.0)
    if len(known) < 3:
        return ()
    cuts = [round(i * len(known) / 3) for i in range(4)]
    thirds = zip(("nearest", "middle", "farthest"), (known[a:b] for a, b in itertools.pairwise(cuts)), strict=True)
    return tuple((name, _third(part)) for name, part in thirds)


def _third(part: Sequence[TaskFigures]) -> Mapping[str, object]:
    ratios = [t.ratio for t in part if t.ratio is not None]
    known = [t for t in part if t.has_solution]
    return {
        "tasks": len(part),
        "up to": max(t.distance or 0.0 for t in part),
        "median ratio": statistics.median(ratios) if ratios else None,
        "recall at 100": sum(t.rank is not None and t.rank <= 100 for t in known) / len(known) if known else None,
    }


def _scatter(report: GuideReport) -> Markup:
    """Evaluations with against without, both on logarithmic axes; tasks that one way did not solve lie on its edge."""
    solved = [t for t in report.tasks if t.unguided is not None or t.guided is not None]
    most = max(1, len(str(report.evaluations)))
    words = (
        f"Evaluations to a program, guided against unguided, {len(solved)} tasks: "
        f"{sum((t.ratio or 0) > 1 for t in report.both)} below the diagonal, where the guide saved work, "
        f"{sum(1 for t in report.both if (t.ratio or 2) < 1)} above it; "
        f"{len(report.helped)} solved only guided, {len(report.lost)} only unguided."
    )
    marks = list(_axes(most, "unguided evaluations", "guided evaluations"))
    for t in solved:
        x, y = (_place(v, most) for v in (t.unguided, t.guided))
        kind = "both" if t.ratio is not None else "helped" if t.unguided is None else "lost"
        title = Markup("<title>{}: {} unguided, {} guided</title>").format(
            t.task, _figure(t.unguided), _figure(t.guided)
        )
        marks.append(
            Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="4">{}</circle>').format(
                kind, _EDGE + x, _SIDE - y, title
            )
        )
    return _picture(words, marks)


def _place(value: int | None, most: int) -> float:
    """Pixels from the origin, on a logarithmic scale; unsolved ones come after the end."""
    room = _SIDE - _EDGE
    return room * 0.98 if value is None else room * 0.92 * math.log10(max(1, value)) / most


def _axes(most: int, across: str, up: str) -> Iterator[Markup]:
    room = (_SIDE - _EDGE) * 0.92
    yield Markup('<line class="axis" x1="{0}" y1="{1}" x2="{2}" y2="{1}"/>').format(_EDGE, _SIDE, _EDGE + room)
    yield Markup('<line class="axis" x1="{0}" y1="{1}" x2="{0}" y2="{2}"/>').format(_EDGE, _SIDE, _SIDE - room)
    yield Markup('<line class="even" x1="{}" y1="{}" x2="{:.1f}" y2="{:.1f}"/>').format(
        _EDGE, _SIDE, _EDGE + room, _SIDE - room
    )
    for power in range(0, most + 1, 2):
        at = room * power / most
        label = f"{10**power:,}"
        yield Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(_EDGE + at, _SIDE + 16, label)
        yield Markup('<text x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(_EDGE - 4, _SIDE - at + 4, label)
    yield from _names(across, up)


def _names(across: str, up: str) -> Iterator[Markup]:
    yield Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(_SIDE / 2 + _EDGE, _SIDE + 34, across)
    yield Markup('<text x="{}" y="14">{}</text>').format(4, up)


def _curve(bins: Sequence[Bin]) -> Markup:
    """The share of sketches that are right against the probability that the guide gives them."""
    room = (_SIDE - _EDGE) * 0.92
    said = "; ".join(f"{b.mean_confidence:.2f}: {b.share:.2f} of {b.count}" for b in bins) or "there are none"
    marks = [
        Markup('<line class="axis" x1="{0}" y1="{1}" x2="{2}" y2="{1}"/>').format(_EDGE, _SIDE, _EDGE + room),
        Markup('<line class="axis" x1="{0}" y1="{1}" x2="{0}" y2="{2}"/>').format(_EDGE, _SIDE, _SIDE - room),
        Markup('<line class="even" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(_EDGE, _SIDE, _EDGE + room, _SIDE - room),
        *_names("probability that the guide gives a sketch", "share that is right"),
    ]
    for b in bins:
        x = _EDGE + room * b.mean_confidence
        low, high, at = (_SIDE - room * share for share in (b.share_low, b.share_high, b.share))
        marks.append(
            Markup('<line class="reach" x1="{0:.1f}" y1="{1:.1f}" x2="{0:.1f}" y2="{2:.1f}"/>').format(x, low, high)
        )
        title = Markup("<title>{} of {} right</title>").format(b.right, b.count)
        marks.append(Markup('<circle class="both" cx="{:.1f}" cy="{:.1f}" r="4">{}</circle>').format(x, at, title))
    return _picture(f"How often sketches are right, by their probability. {said}.", marks)


def _picture(words: str, marks: Sequence[Markup]) -> Markup:
    size = (_SIDE + _EDGE, _SIDE + 44)
    return Markup('<svg role="img" aria-label="{}" viewBox="0 0 {} {}"><title>{}</title>{}</svg>').format(
        words, *size, words, Markup("").join(marks)
    )
