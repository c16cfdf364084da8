"""A task's report as lines for people: the program first, then what it cost and how good it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from synth.attempt import Blame, TaskReport
from synth.budget import StopReason

__all__ = ["Line", "reason", "share", "task_lines", "times"]

_REASONS = {
    StopReason.SOLVED: "solved",
    StopReason.EXHAUSTED: "unsolved: every program up to the largest size was tried",
    StopReason.EVALUATIONS: "unsolved: the evaluations ran out",
    StopReason.SECONDS: "unsolved: the seconds ran out",
    StopReason.MEMORY: "unsolved: the memory ran out",
    StopReason.INTERRUPTED: "interrupted",
    StopReason.UNREACHABLE: "unreachable: no program can have the type asked for",
    StopReason.CONTRADICTORY: "contradictory: no program can fit the examples",
    StopReason.ABSTAINED: "unsolved: the best guess is too unlikely to be claimed",
    StopReason.ERROR: "error",
}
_NEAR_MISSES = 3
_GUIDE_OFF = "off ("
"""How the source of guidance begins where a guide could not help."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text and its style on a terminal."""

    text: str
    style: str = ""


def reason(report: TaskReport) -> str:
    """Why the attempt ended, in a few words."""
    if report.blame is Blame.BUG:
        return "error: a bug in synth"
    if report.fits and report.status == StopReason.INTERRUPTED.value:
        return "solved, then interrupted"
    return _REASONS[StopReason(report.status)]


def task_lines(report: TaskReport) -> Iterator[Line]:
    """The block of one task."""
    good = report.fits and report.holdout is not False
    style = "green" if good else "yellow" if report.fits else "red"
    yield Line(f"{'✓' if report.fits else '✗'} {report.task}  {reason(report)}", style)
    for line in report.message.splitlines():
        yield Line(f"    {line}")
    if report.definition is not None:
        yield Line(f"    {report.definition}", "bold")
    if report.fits and report.missed:
        numbers = ", ".join(str(position + 1) for position in report.missed)
        yield Line(
            f"    It misses example{'s' if len(report.missed) > 1 else ''} {numbers}, as the noise allows.", "yellow"
        )
    if report.fits and report.holdout is False:
        yield Line(
            "    It fits the examples but not the held-out pairs: more examples would say what is meant.", "yellow"
        )
    if report.guess is not None:
        yield Line(f"    best guess: {report.guess}")
    if report.blame is Blame.NOBODY:
        yield Line(f"    {', '.join(_figures(report))}", "dim")
    yield from _alternatives(report)
    for near in report.near[:_NEAR_MISSES] if not report.fits else ():
        wrong = ", ".join(str(i + 1) for i in range(report.examples[1]) if i not in near.right)
        yield Line(f"    near miss: {near.text}  (right on {len(near.right)}/{report.examples[1]}, fails on {wrong})")


def _alternatives(report: TaskReport) -> Iterator[Line]:
    """The other behaviours that fit, each with its share of the posterior."""
    for number, other in enumerate(report.alternatives[1:], 2):
        held_out = "" if other.holdout is None else ", holdout {}/{}".format(*other.held_out)
        yield Line(f"    or {number}: {other.definition}")
        yield Line(f"    mass {share(other.mass)}, size {other.size}, {other.bits:.1f} bits{held_out}", "dim")


def times(count: int) -> str:
    """How often.

    >>> times(1), times(1200)
    ('once', '1,200 times')
    """
    return "once" if count == 1 else f"{count:,} times"


def share(value: float) -> str:
    """A share as a percentage; what is not all of it is never shown as all.

    >>> share(0.5), share(0.99996), share(0.0000001), share(1.0)
    ('50.0%', '99.9%', 'under 0.1%', '100%')
    """
    if value >= 1:
        return "100%"
    if 0 < value < 0.001:
        return "under 0.1%"
    return f"{min(value, 0.999):.1%}"


def _figures(report: TaskReport) -> Iterator[str]:
    if report.size is not None:
        yield f"size {report.size}"
    if report.bits is not None:
        yield f"{report.bits:.1f} bits"
    if report.mass is not None:
        yield f"mass {share(report.mass)}"
    if report.program is not None:
        yield "examples {}/{}".format(*report.examples)
        if report.holdout is not None:
            yield "holdout {}/{}".format(*report.held_out)
    yield f"{report.evaluations:,} evaluations"
    yield f"{report.seconds:.2f} s"
    is_off = report.guided_by.startswith(_GUIDE_OFF)
    yield f"guide: {report.guided_by}" if is_off else f"guided by {report.guided_by}"
