"""The report on a guide as one HTML page that needs nothing else, with pictures that say in words what they show."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

import jinja2
from markupsafe import Markup

from synth.guide.report import LEAST_LIKELY, RECALL_AT, GuideReport, TaskFigures
from synth.search.posterior import Bin

__all__ = ["render"]

_SIDE, _EDGE = 420, 52
"""Pixels of a picture's side, and of the margin that its axes need."""
_TOP = 28
"""Where a picture begins."""
_ROOM = (_SIDE - _EDGE) * 0.92
"""Pixels of an axis."""


def render(report: GuideReport) -> str:
    """The report as a page."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["figure"] = _figure
    source = files("synth.guide").joinpath("report.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(source).render(
        report=report,
        summary=report.summary(),
        scatter=_scatter(report),
        solved=_solved_curves(report),
        ranks=_rank_curve(report),
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
    return (_SIDE - _EDGE) * 0.98 if value is None else _ROOM * math.log10(max(1, value)) / most


def _axes(most: int, across: str, up: str) -> Iterator[Markup]:
    yield from _frame(across, up)
    yield _even_line()
    for power in range(0, most + 1, 2):
        at, label = _ROOM * power / most, f"{10**power:,}"
        yield _label_across(at, label)
        yield _label_up(at, label)


def _frame(across: str, up: str) -> Iterator[Markup]:
    """The two axes with their names."""
    yield Markup('<line class="axis" x1="{0}" y1="{1}" x2="{2:.1f}" y2="{1}"/>').format(_EDGE, _SIDE, _EDGE + _ROOM)
    yield Markup('<line class="axis" x1="{0}" y1="{1}" x2="{0}" y2="{2:.1f}"/>').format(_EDGE, _SIDE, _SIDE - _ROOM)
    yield from _names(across, up)


def _even_line() -> Markup:
    return Markup('<line class="even" x1="{}" y1="{}" x2="{:.1f}" y2="{:.1f}"/>').format(
        _EDGE, _SIDE, _EDGE + _ROOM, _SIDE - _ROOM
    )


def _label_across(at: float, label: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(_EDGE + at, _SIDE + 16, label)


def _label_up(at: float, label: str) -> Markup:
    return Markup('<text x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(_EDGE - 4, _SIDE - at + 4, label)


def _names(across: str, up: str) -> Iterator[Markup]:
    yield Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(_SIDE / 2 + _EDGE, _SIDE + 34, across)
    yield Markup('<text x="{}" y="{}">{}</text>').format(4, _TOP + 14, up)


def _rank_curve(report: GuideReport) -> Markup:
    """How many tasks have a right sketch among the k likeliest, for every k up to the most that are asked for."""
    known = report.known
    ranks = [t.rank for t in known if t.rank is not None]
    said = ", ".join(f"{report.recall(k) or 0.0:.2f} at {k}" for k in RECALL_AT) if ranks else "none has"
    words = f"The share of {len(known)} tasks that have a right sketch among the k likeliest: {said}."
    marks = [*_share_axes(len(str(RECALL_AT[-1])) - 1, "k, the number of likeliest sketches", "tasks with a right one")]
    if known:
        marks.append(_steps("line", ranks, len(known), RECALL_AT[-1]))
    return _picture(words, marks)


def _solved_curves(report: GuideReport) -> Markup:
    """How many tasks are solved within so many evaluations, guided and unguided: the rank of what is found."""
    ways = {"guided": [t.guided for t in report.tasks], "unguided": [t.unguided for t in report.tasks]}
    found = {way: [n for n in numbers if n is not None] for way, numbers in ways.items()}
    most = max(1, len(str(report.evaluations)))
    said = "; ".join(
        f"{10**power:,}: {sum(n <= 10**power for n in found['guided'])} guided, "
        f"{sum(n <= 10**power for n in found['unguided'])} unguided"
        for power in range(1, most)
    )
    marks = [*_share_axes(most, "evaluations", "tasks solved")]
    if report.tasks:
        styles = {"unguided": "line plain", "guided": "line"}
        marks += [_steps(styles[way], found[way], len(report.tasks), report.evaluations, most) for way in styles]
    return _picture(f"Of {len(report.tasks)} tasks, solved within so many evaluations: {said}.", marks)


def _share_axes(most: int, across: str, up: str) -> Iterator[Markup]:
    """A logarithmic axis of numbers up to ten to the `most`, and one of shares."""
    yield from _frame(across, up)
    yield from (_label_across(_ROOM * power / most, f"{10**power:,}") for power in range(0, most + 1, 1 + most // 5))
    yield from (_label_up(_ROOM * share, f"{share:.0%}") for share in (0.5, 1.0))


def _steps(style: str, numbers: Sequence[int], total: int, last: int, most: int | None = None) -> Markup:
    """The share of all that is no larger than n, against n on a logarithmic scale, up to the `last` n."""
    scale = math.log10(last) if most is None else most
    share, points = 0, [(0.0, 0.0)]
    for number in sorted(n for n in numbers if n <= last):
        at = _ROOM * math.log10(max(1, number)) / scale
        points += [(at, _ROOM * share / total), (at, _ROOM * (share + 1) / total)]
        share += 1
    points.append((_ROOM * math.log10(last) / scale, _ROOM * share / total))
    path = " ".join(f"{_EDGE + x:.1f},{_SIDE - y:.1f}" for x, y in points)
    return Markup('<polyline class="{}" points="{}"/>').format(style, path)


def _curve(bins: Sequence[Bin]) -> Markup:
    """The share of sketches that are right against the probability that the guide gives them, both logarithmic."""
    said = "; ".join(f"{b.mean_confidence:.2g}: {b.share:.2g} of {b.count}" for b in bins) or "there are none"
    marks = [*_frame("probability that the guide gives a sketch", "share that is right"), _even_line()]
    for share in (1.0, 0.1, 0.01, 0.001):
        marks += [label(_ROOM * _high(share), f"{share:.12g}") for label in (_label_across, _label_up)]
    for b in bins:
        x = _EDGE + _ROOM * _high(b.mean_confidence)
        low, high, at = (_SIDE - _ROOM * _high(share) for share in (b.share_low, b.share_high, b.share))
        marks.append(
            Markup('<line class="reach" x1="{0:.1f}" y1="{1:.1f}" x2="{0:.1f}" y2="{2:.1f}"/>').format(x, low, high)
        )
        title = Markup("<title>{} of {} right</title>").format(b.right, b.count)
        marks.append(Markup('<circle class="both" cx="{:.1f}" cy="{:.1f}" r="4">{}</circle>').format(x, at, title))
    return _picture(f"How often sketches are right, by their probability. {said}.", marks)


def _high(share: float) -> float:
    """How far up a logarithmic axis a share lies, from 0 to 1; less than can be shown is at its foot."""
    return 1 - math.log10(max(share, LEAST_LIKELY)) / math.log10(LEAST_LIKELY)


def _picture(words: str, marks: Sequence[Markup]) -> Markup:
    size = (_TOP, _SIDE + _EDGE, _SIDE + 44 - _TOP)
    return Markup('<svg role="img" aria-label="{}" viewBox="0 {} {} {}"><title>{}</title>{}</svg>').format(
        words, *size, words, Markup("").join(marks)
    )
