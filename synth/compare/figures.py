"""The figures that every report has: heat strips over the axis, and closeness as lines. Drawn from estimates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

from synth.compare.analysis import Analysis, Row
from synth.compare.axis import Axis, Point
from synth.compare.protocol import CHANCE, ORACLE
from synth.compare.records import Score

__all__ = [
    "FEW",
    "MARKS",
    "Strip",
    "StripCell",
    "StripFigure",
    "close_chart",
    "kind_of",
    "line_sample",
    "percent",
    "shade",
    "strip_figure",
]

RGB = tuple[int, int, int]
_FULL: Mapping[str, tuple[RGB, RGB]] = MappingProxyType(
    {
        "program": ((236, 243, 252), (21, 87, 176)),
        "net": ((254, 243, 230), (214, 96, 4)),
        "same-prior": ((246, 242, 238), (138, 101, 71)),
        "hybrid": ((233, 246, 238), (20, 122, 70)),
        "reference": ((245, 243, 248), (104, 88, 130)),
        ORACLE: ((242, 242, 242), (17, 17, 17)),
        CHANCE: ((247, 247, 247), (176, 180, 186)),
    }
)
"""Colours of nothing right and of all right, by side."""
MARKS: Mapping[str, str] = MappingProxyType(
    {"program": "●", "net": "▲", "same-prior": "△", "hybrid": "◆", "reference": "□", ORACLE: "■", CHANCE: "○"}
)
"""Shapes beside the colours, for those who do not see them."""
FEW = 20
"""Below this many test inputs, all seeds together, a share is shown pale."""
_OVER = ("net", "same-prior net", "hybrid", "program", "reference")
"""Which lines lie over which, the uppermost first."""
_NET_DASHES = ("", "7 4", "2 3", "9 3 2 3")
_NET_SHADES = ("#d66004", "#9c3d00", "#f0943a", "#6f4a1f")


def kind_of(row: Row) -> str:
    """The key of a row's colour and mark: its side, or which reference it is."""
    if row.side == "reference" and row.learner in (ORACLE, CHANCE):
        return row.learner
    return "same-prior" if row.side == "same-prior net" else row.side


def shade(kind: str, share: float) -> str:
    """The colour of a share right, from pale to full."""
    nothing, everything = _FULL[kind]
    mixed = (round(a + (b - a) * share) for a, b in zip(nothing, everything, strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def percent(share: float) -> str:
    """A share as a whole per cent that never rounds to all or nothing.

    >>> percent(1.0), percent(0.996), percent(0.002), percent(0.5)
    ('100', '>99', '<1', '50')
    """
    if 0 < share < 0.01:
        return "<1"
    return ">99" if 0.99 < share < 1 else f"{100 * share:.0f}"


@dataclass(frozen=True, slots=True)
class StripCell:
    """One point of a strip: text, colours, the numbers in words, and one colour for each seed.

    `jump`: points were left out before it. `few`: so few test inputs that the number says little.
    """

    label: str
    text: str
    fill: str
    ink: str
    hint: str
    seeds: tuple[str, ...]
    jump: bool
    few: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """One learner's strip."""

    title: str
    mark: str
    kind: str
    note: str
    cells: tuple[StripCell, ...]


@dataclass(frozen=True, slots=True)
class StripFigure:
    """The strips of one task; the first `boxed` columns are the training range. `alt` says it in words."""

    task: str
    summary: str
    axis: str
    columns: int
    boxed: int
    strips: tuple[Strip, ...]
    alt: str


def strip_figure(analysis: Analysis, task: str) -> StripFigure:
    """Exact match by point, one strip a learner, every seed a line of its own below it.

    Points at which the task was not tested at all, for it has none, are left out.
    """
    axis = analysis.protocol.axis
    rows = analysis.largest(task)
    points = tuple(point for point in axis.points if any(point in row.by_point for row in rows))
    strips = tuple(_strip(row, axis, points) for row in rows)
    alt = f"Exact match on {task} by {axis.title}. " + " ".join(_in_words(row, axis) for row in rows)
    summary = analysis.protocol.task(task).summary
    return StripFigure(task, summary, axis.title, len(points), _boxed(axis, points), strips, alt)


def boxed(axis: Axis) -> int:
    """How many points at the start of the axis are within the training range."""
    return _boxed(axis, axis.points)


def _boxed(axis: Axis, points: Sequence[Point]) -> int:
    return next((n for n, point in enumerate(points) if axis.beyond(point)), len(points))


def _strip(row: Row, axis: Axis, points: Sequence[Point]) -> Strip:
    kind = kind_of(row)
    steps = zip((None, *points), points, strict=False)
    cells = tuple(_strip_cell(row, kind, axis, point, _jumps(before, point)) for before, point in steps)
    return Strip(row.title, MARKS[kind], kind, row.flaw, cells)


def _jumps(before: Point | None, point: Point) -> bool:
    """Whether whole numbers were left out between two points."""
    return isinstance(before, int) and isinstance(point, int) and point > before + 1


def _strip_cell(row: Row, kind: str, axis: Axis, point: Point, jump: bool) -> StripCell:
    estimate = row.by_point.get(point)
    scores = [run.score(point) for run in row.runs]
    label = axis.label(point)
    if estimate is None:
        return StripCell(label, "", "#fff", "#777", "nothing was tested here", (), jump, False)
    told = "; ".join(f"seed {run.seed}: {_right(score)}" for run, score in zip(row.runs, scores, strict=True))
    return StripCell(
        label,
        percent(estimate.value),
        shade(kind, estimate.value),
        "#fff" if estimate.value > 0.5 and kind != CHANCE else "#222",
        f"{row.title}, {axis.at(point)}: {estimate} ({told})",
        tuple(shade(kind, score.count.share) for score in scores if score is not None and score.total),
        jump,
        sum(score.total for score in scores if score is not None) < FEW,
    )


def _right(score: Score | None) -> str:
    return "nothing tested" if score is None or not score.total else f"{score.right} of {score.total} right"


def telling_points(axis: Axis) -> tuple[Point, ...]:
    """Points that are said in words: the last within the training range, the first beyond, the middle, the headline."""
    if len(axis.points) <= 5:
        return axis.points
    edge = boxed(axis)
    places = {max(0, edge // 2), max(0, edge - 1), min(edge, len(axis.points) - 1), axis.points.index(axis.headline)}
    return tuple(axis.points[place] for place in sorted(places))


def _in_words(row: Row, axis: Axis) -> str:
    told = [f"{axis.label(p)}: {percent(row.by_point[p].value)}" for p in telling_points(axis) if p in row.by_point]
    return f"{row.title}, per cent right at {axis.name} {', '.join(told)}." if told else f"{row.title}: nothing tested."


# ---- Closeness ------------------------------------------------------------------------------------------------------

_WIDTH, _HEIGHT = 640, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 14, 12, 40


def close_chart(analysis: Analysis, task: str) -> str:
    """Closeness by point as an SVG: a line with marks for each learner, bars for intervals, training boxed."""
    axis = analysis.protocol.axis
    rows = analysis.largest(task)
    places = {point: place for place, point in enumerate(axis.points)}
    head = analysis.protocol.closeness.partition(":")[0]
    alt = f"{head} on {task} by {axis.title}. " + " ".join(_close_in_words(row, axis) for row in rows)
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(alt, quote=True)}" class="chart">',
        *_frame(axis),
    ]
    nets = [row.learner for row in rows if row.side == "net"]
    for row in sorted(rows, key=lambda row: _OVER.index(row.side), reverse=True):
        parts += _line(row, axis, places, nets.index(row.learner) if row.learner in nets else 0)
    return "".join((*parts, "</svg>"))


def _x(place: int, count: int) -> float:
    return _LEFT + (place + 0.5) * (_WIDTH - _LEFT - _RIGHT) / count


def _y(share: float) -> float:
    return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)


def _frame(axis: Axis) -> Iterator[str]:
    """Grid, axes and the box around the training range."""
    for tick in (0, 0.25, 0.5, 0.75, 1):
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_y(tick):.1f}" y2="{_y(tick):.1f}" stroke="#e4e6ea"/>'
        yield f'<text x="{_LEFT - 6}" y="{_y(tick) + 4:.1f}" text-anchor="end" class="tick">{100 * tick:.0f}</text>'
    wide = boxed(axis) * (_WIDTH - _LEFT - _RIGHT) / len(axis.points)
    yield (
        f'<rect x="{_LEFT}" y="{_TOP - 6}" width="{wide:.1f}" height="{_HEIGHT - _TOP - _BOTTOM + 12}" rx="4" '
        'fill="none" stroke="#555" stroke-width="1.5"/>'
    )
    for place, point in enumerate(axis.points):
        x, label = _x(place, len(axis.points)), escape(axis.label(point))
        yield f'<text x="{x:.1f}" y="{_HEIGHT - 20}" text-anchor="middle" class="tick">{label}</text>'
    yield f'<text x="{_LEFT + 4}" y="{_HEIGHT - 4}" class="tick">{escape(axis.title)} (boxed: trained on)</text>'


def _line(row: Row, axis: Axis, places: Mapping[Point, int], which: int) -> Iterator[str]:
    """One learner: its line, its marks, and its intervals."""
    kind = kind_of(row)
    colour = _NET_SHADES[which % len(_NET_SHADES)] if kind == "net" else shade(kind, 1.0)
    dash = _dash(kind, which)
    known = [(point, _x(places[point], len(places)), e) for point in places if (e := row.close_at(point))]
    points = " ".join(f"{x:.1f},{_y(e.value):.1f}" for _, x, e in known)
    yield f'<g><title>{escape(row.title)}</title><polyline points="{points}" fill="none" stroke="{colour}" '
    yield f'stroke-width="2"{dash}/>'
    for point, x, estimate in known:
        yield from _seed_dots(row, point, x, colour)
        yield _mark(kind, x, _y(estimate.value), colour, f"{row.title}, {axis.at(point)}: {estimate}")
    yield "</g>"


def _dash(kind: str, which: int) -> str:
    """How a line is broken: nets with the same prior always, nets from the second on."""
    if kind == "same-prior":
        return ' stroke-dasharray="4 3"'
    return f' stroke-dasharray="{_NET_DASHES[which % len(_NET_DASHES)]}"' if kind == "net" and which else ""


def _seed_dots(row: Row, point: Point, x: float, colour: str) -> Iterator[str]:
    """Every seed's own value as a dot on its interval, a little apart so that equal ones show."""
    scores = [score for run in row.runs if (score := run.score(point)) is not None]
    for number, score in enumerate(scores):
        estimate = score.closeness
        if estimate is not None:
            beside = x + 5 * (number - (len(scores) - 1) / 2) / max(1, len(scores) - 1)
            high, low = _y(estimate.high), _y(estimate.low)
            yield f'<g stroke="{colour}" fill="{colour}" opacity="0.45">'
            yield f'<line x1="{beside:.1f}" x2="{beside:.1f}" y1="{high:.1f}" y2="{low:.1f}"/>'
            yield f'<circle cx="{beside:.1f}" cy="{_y(estimate.value):.1f}" r="1.8" stroke="none"/></g>'


def _mark(kind: str, x: float, y: float, colour: str, hint: str) -> str:
    title = f"<title>{escape(hint)}</title>"
    match kind:
        case "program":
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}">{title}</circle>'
        case "net" | "same-prior" | "hybrid":
            points = f"{x:.1f},{y - 5:.1f} {x - 4.5:.1f},{y + 3.5:.1f} {x + 4.5:.1f},{y + 3.5:.1f}"
            return f'<polygon points="{points}" fill="{colour}">{title}</polygon>'
        case "oracle" | "reference":
            return f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="{colour}">{title}</rect>'
        case _:
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#fff" stroke="{colour}">{title}</circle>'


def _close_in_words(row: Row, axis: Axis) -> str:
    ends = (axis.inside[-1] if axis.inside else axis.points[0], axis.headline)
    told = [f"{percent(e.value)} per cent at {axis.at(p)}" for p in ends if (e := row.close_at(p)) is not None]
    return f"{row.title}: {' and '.join(told) or 'nothing tested'}."


def line_sample(row: Row, which: int) -> str:
    """A short piece of a learner's line, for the legend."""
    kind = kind_of(row)
    colour = _NET_SHADES[which % len(_NET_SHADES)] if kind == "net" else shade(kind, 1.0)
    dash = _dash(kind, which)
    line = f'<line x1="0" x2="34" y1="7" y2="7" stroke="{colour}" stroke-width="2"{dash}/>'
    return f'<svg width="34" height="14" aria-hidden="true">{line}{_mark(kind, 17, 7, colour, row.title)}</svg>'
