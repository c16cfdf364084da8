"""A task's report as lines for people: the program first, then what it cost and how good it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from synth.attempt import Blame, TaskReport
from synth.budget import StopReason

__all__ = ["Line", "reason", "task_lines"]

_REASONS = {
    StopReason.SOLVED: "solved",
    StopReason.EXHAUSTED: "unsolved: every program up to the largest size was tried",
    StopReason.EVALUATIONS: "unsolved: the evaluations ran out",
    StopReason.SECONDS: "unsolved: the seconds ran out",
    StopReason.MEMORY: "unsolved: the memory ran out",
    StopReason.INTERRUPTED: "interrupted",
    StopReason.UNREACHABLE: "unreachable: no program can have the type asked for",
    StopReason.CONTRADICTORY: "contradictory: no program can fit the examples",
    StopReason.ERROR: "error",
}
_NEAR_MISSES = 3


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
    if report.blame is Blame.NOBODY:
        yield Line(f"    {', '.join(_figures(report))}", "dim")
    for near in report.near[:_NEAR_MISSES] if not report.fits else ():
        wrong = ", ".join(str(i + 1) for i in range(report.examples[1]) if i not in near.right)
        yield Line(f"    near miss: {near.text}  (right on {len(near.right)}/{report.examples[1]}, fails on {wrong})")


def _figures(report: TaskReport) -> Iterator[str]:
    if report.size is not None:
        yield f"size {report.size}"
    if report.bits is not None:
        yield f"{report.bits:.1f} bits"
    if report.program is not None:
        yield "examples {}/{}".format(*report.examples)
        if report.holdout is not None:
            yield "holdout {}/{}".format(*report.held_out)
    yield f"{report.evaluations:,} evaluations"
    yield f"{report.seconds:.2f} s"
    yield f"guided by {report.guided_by}"
