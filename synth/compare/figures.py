"""The figures of a report: heat strips over test length, and token accuracy as lines. Drawn from estimates, as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

from synth.compare.analysis import Analysis, Row
from synth.compare.metrics import Estimate
from synth.compare.protocol import CHANCE, ORACLE
from synth.compare.records import LengthScore

__all__ = ["FEW", "MARKS", "Strip", "StripCell", "StripFigure", "percent", "strip_figure", "token_chart"]

RGB = tuple[int, int, int]
_FULL: Mapping[str, tuple[RGB, RGB]] = MappingProxyType(
    {
        "program": ((236, 243, 252), (21, 87, 176)),
        "net": ((254, 243, 230), (214, 96, 4)),
        ORACLE: ((242, 242, 242), (17, 17, 17)),
        CHANCE: ((247, 247, 247), (176, 180, 186)),
    }
)
"""Colours of nothing right and of all right, by side."""
MARKS: Mapping[str, str] = MappingProxyType({"program": "●", "net": "▲", ORACLE: "■", CHANCE: "○"})
"""Shapes beside the colours, for those who do not see them."""
FEW = 20
"""Below this many test inputs, all seeds together, a share is shown pale."""
_NET_DASHES = ("", "7 4", "2 3", "9 3 2 3")
_NET_SHADES = ("#d66004", "#9c3d00", "#f0943a", "#6f4a1f")


def kind_of(row: Row) -> str:
    """The key of a row's colour and mark: its side, or which reference it is."""
    return row.learner if row.side == "reference" else row.side


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
    """One length of a strip: text, colours, the numbers in words, and one colour for each seed.

    `jump`: lengths were left out before it. `few`: so few test inputs that the number says little.
    """

    length: int
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
    lengths: tuple[int, ...]
    boxed: int
    strips: tuple[Strip, ...]
    alt: str


def strip_figure(analysis: Analysis, task: str) -> StripFigure:
    """Exact match by length, one strip a learner, every seed a line of its own below it."""
    lengths = analysis.protocol.lengths
    rows = analysis.of_task(task)
    strips = tuple(_strip(row, lengths.tested) for row in rows)
    alt = f"Exact match on {task} by input length. " + " ".join(_in_words(row, lengths.tested) for row in rows)
    summary = analysis.protocol.task(task).summary
    return StripFigure(task, summary, lengths.tested, len(lengths.inside), strips, alt)


def _strip(row: Row, lengths: Sequence[int]) -> Strip:
    kind = kind_of(row)
    note = "" if row.trained else "under-trained"
    steps = zip((0, *lengths), lengths, strict=False)
    cells = tuple(_strip_cell(row, kind, length, before) for before, length in steps)
    return Strip(row.title, MARKS[kind], kind, note, cells)


def _strip_cell(row: Row, kind: str, length: int, before: int) -> StripCell:
    estimate = row.by_length.get(length)
    scores = [run.score(length) for run in row.runs]
    jump = length > before + 1
    if estimate is None:
        return StripCell(length, "", "#fff", "#777", "no test input left of this length", (), jump, False)
    told = "; ".join(f"seed {run.seed}: {_right(score)}" for run, score in zip(row.runs, scores, strict=True))
    return StripCell(
        length,
        percent(estimate.value),
        shade(kind, estimate.value),
        "#fff" if estimate.value > 0.5 and kind != CHANCE else "#222",
        f"{row.title}, length {length}: {estimate} ({told})",
        tuple(shade(kind, score.count.share) for score in scores if score is not None and score.total),
        jump,
        sum(score.total for score in scores if score is not None) < FEW,
    )


def _right(score: LengthScore | None) -> str:
    return "nothing tested" if score is None or not score.total else f"{score.right} of {score.total} right"


def _in_words(row: Row, lengths: Sequence[int]) -> str:
    some = [n for n in lengths if n in row.by_length and n in (5, 10, 11, 20, 100)]
    told = [f"{n}: {percent(row.by_length[n].value)}" for n in some]
    return f"{row.title}, per cent right at length {', '.join(told)}." if told else f"{row.title}: nothing tested."


# ---- Token accuracy -------------------------------------------------------------------------------------------------

_WIDTH, _HEIGHT = 640, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 14, 12, 40


def token_chart(analysis: Analysis, task: str) -> str:
    """Token accuracy by length as an SVG: a line with marks for each learner, bars for intervals, training boxed."""
    lengths = analysis.protocol.lengths
    rows = analysis.of_task(task)
    places = {length: place for place, length in enumerate(lengths.tested)}
    alt = f"Token accuracy on {task} by input length. " + " ".join(_tokens_in_words(row) for row in rows)
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(alt, quote=True)}" class="chart">',
        *_frame(lengths.tested, len(lengths.inside)),
    ]
    nets = [row.learner for row in rows if row.side == "net"]
    for row in sorted(rows, key=lambda row: ("net", "program", "reference").index(row.side), reverse=True):
        parts += _line(row, places, nets.index(row.learner) if row.learner in nets else 0)
    return "".join((*parts, "</svg>"))


def _x(place: int, count: int) -> float:
    return _LEFT + (place + 0.5) * (_WIDTH - _LEFT - _RIGHT) / count


def _y(share: float) -> float:
    return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)


def _frame(lengths: Sequence[int], boxed: int) -> Iterator[str]:
    """Grid, axes and the box around the training range."""
    for tick in (0, 0.25, 0.5, 0.75, 1):
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_y(tick):.1f}" y2="{_y(tick):.1f}" stroke="#e4e6ea"/>'
        yield f'<text x="{_LEFT - 6}" y="{_y(tick) + 4:.1f}" text-anchor="end" class="tick">{100 * tick:.0f}</text>'
    wide = boxed * (_WIDTH - _LEFT - _RIGHT) / len(lengths)
    yield (
        f'<rect x="{_LEFT}" y="{_TOP - 6}" width="{wide:.1f}" height="{_HEIGHT - _TOP - _BOTTOM + 12}" rx="4" '
        'fill="none" stroke="#555" stroke-width="1.5"/>'
    )
    for place, length in enumerate(lengths):
        x = _x(place, len(lengths))
        yield f'<text x="{x:.1f}" y="{_HEIGHT - 20}" text-anchor="middle" class="tick">{length}</text>'
    yield f'<text x="{_LEFT + 4}" y="{_HEIGHT - 4}" class="tick">length of the input (boxed: trained on)</text>'


def _line(row: Row, places: Mapping[int, int], which: int) -> Iterator[str]:
    """One learner: its line, its marks, and its intervals."""
    kind = kind_of(row)
    colour = _NET_SHADES[which % len(_NET_SHADES)] if kind == "net" else shade(kind, 1.0)
    dash = f' stroke-dasharray="{_NET_DASHES[which % len(_NET_DASHES)]}"' if kind == "net" and which else ""
    known = [(length, _x(places[length], len(places)), e) for length in places if (e := row.tokens_at(length))]
    points = " ".join(f"{x:.1f},{_y(e.value):.1f}" for _, x, e in known)
    yield f'<g><title>{escape(row.title)}</title><polyline points="{points}" fill="none" stroke="{colour}" '
    yield f'stroke-width="2"{dash}/>'
    for length, x, estimate in known:
        yield from _seed_dots(row, length, x, colour)
        yield _mark(kind, x, _y(estimate.value), colour, f"{row.title}, length {length}: {estimate}")
    yield "</g>"


def _seed_dots(row: Row, length: int, x: float, colour: str) -> Iterator[str]:
    """Every seed's own value as a dot on its interval, a little apart so that equal ones show."""
    scores = [score for run in row.runs if (score := run.score(length)) is not None]
    for number, score in enumerate(scores):
        estimate = score.token_accuracy
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
        case "net":
            points = f"{x:.1f},{y - 5:.1f} {x - 4.5:.1f},{y + 3.5:.1f} {x + 4.5:.1f},{y + 3.5:.1f}"
            return f'<polygon points="{points}" fill="{colour}">{title}</polygon>'
        case "oracle":
            return f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="{colour}">{title}</rect>'
        case _:
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#fff" stroke="{colour}">{title}</circle>'


def _tokens_in_words(row: Row) -> str:
    ends: list[Estimate] = [e for n in (10, 100) if (e := row.tokens_at(n)) is not None]
    told = " and ".join(percent(e.value) for e in ends)
    return f"{row.title}: {told or 'nothing'} per cent of places right at length 10 and 100."


def line_sample(row: Row, which: int) -> str:
    """A short piece of a learner's line, for the legend."""
    kind = kind_of(row)
    colour = _NET_SHADES[which % len(_NET_SHADES)] if kind == "net" else shade(kind, 1.0)
    dash = f' stroke-dasharray="{_NET_DASHES[which % len(_NET_DASHES)]}"' if kind == "net" and which else ""
    line = f'<line x1="0" x2="34" y1="7" y2="7" stroke="{colour}" stroke-width="2"{dash}/>'
    return f'<svg width="34" height="14" aria-hidden="true">{line}{_mark(kind, 17, 7, colour, row.title)}</svg>'
