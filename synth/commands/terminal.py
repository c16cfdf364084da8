"""What all commands share at the terminal: exit codes, tables, JSON, and Ctrl-C.

On a terminal there are colours and a moving line; piped output is plain text, one record a line, never wrapped.
"""

from __future__ import annotations

import enum
import json
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

from synth.attempt import Blame, TaskReport
from synth.report.task_text import Line

if TYPE_CHECKING:
    import typer
    from rich.console import Console, RenderableType

__all__ = [
    "ExitCode",
    "Interrupts",
    "error_console",
    "exit_code",
    "measured_code",
    "plural",
    "print_json",
    "print_lines",
    "print_table",
    "say",
    "terminal",
    "warn",
    "warn_of_bug",
]


class ExitCode(enum.IntEnum):
    """How every command ends; of several that apply, the first of 2, 3, 4, 1, 0."""

    ALL_SOLVED = 0
    SOME_NOT = 1
    INTERRUPTED = 2
    BUG = 3
    BAD_INPUT = 4


def exit_code(reports: Sequence[TaskReport], *, interrupted: bool, unsolved: int | None = None) -> ExitCode:
    """The exit code of a run over tasks; `unsolved` counts them where the reports are not all there is."""
    if interrupted:
        return ExitCode.INTERRUPTED
    if any(r.blame is Blame.BUG for r in reports):
        return ExitCode.BUG
    if any(r.blame is Blame.INPUT for r in reports):
        return ExitCode.BAD_INPUT
    left = sum(not r.fits for r in reports) if unsolved is None else unsolved
    return ExitCode.SOME_NOT if left else ExitCode.ALL_SOLVED


def measured_code(reports: Sequence[TaskReport], *, interrupted: bool) -> ExitCode:
    """How a measurement ends: a task that cannot be solved is no failure of it."""
    code = exit_code(reports, interrupted=interrupted, unsolved=0)
    return code if code in (ExitCode.INTERRUPTED, ExitCode.BUG) else ExitCode.ALL_SOLVED


def warn_of_bug(report: TaskReport, context: typer.Context) -> None:
    """Say it loudly where an attempt failed by a bug of ours; its traceback only under `--debug`."""
    if report.blame is Blame.BUG:
        warn(f"BUG in synth, not in your task: {report.task}: {report.message}")
        warn(report.trace if context.find_root().params.get("debug") else "hint: synth --debug ... shows the traceback")


def say(text: str = "") -> None:
    """A line of plain text on stdout."""
    sys.stdout.write(text + "\n")


def warn(text: str) -> None:
    """A line of plain text on stderr, at once."""
    sys.stdout.flush()
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def print_json(value: object) -> None:
    """One JSON value on stdout, for programs to read."""
    say(json.dumps(value, ensure_ascii=False, indent=2))


def terminal() -> Console:
    """Stdout as a rich console; only worth its import on a terminal."""
    from rich.console import Console  # costs 50 ms, and piped output does without

    return Console(highlight=False)


def error_console() -> Console:
    """Stderr as a rich console."""
    from rich.console import Console  # as above

    return Console(stderr=True, highlight=False)


def print_lines(lines: Iterable[Line]) -> None:
    """Lines on stdout, in their styles where that is a terminal."""
    if not sys.stdout.isatty():
        for line in lines:
            say(line.text)
    else:
        from rich.text import Text  # as above

        _print_drawn([Text(line.text, line.style) for line in lines], soft_wrap=True)
    sys.stdout.flush()


def _print_drawn(parts: Iterable[RenderableType], *, soft_wrap: bool) -> None:
    """What rich draws, written like any other text: a live view at the bottom of the terminal makes room for that."""
    console = terminal()
    with console.capture() as drawn:
        for part in parts:
            console.print(part, soft_wrap=soft_wrap)
    sys.stdout.write(drawn.get())


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """A table: drawn by rich on a terminal, columns aligned by spaces where piped."""
    lines = [tuple(row) for row in rows]
    if sys.stdout.isatty():
        from rich.table import Table  # as above
        from rich.text import Text

        table = Table(*headings, title=title or None, title_justify="left")
        for line in lines:
            table.add_row(*map(Text, line))
        _print_drawn([table], soft_wrap=False)
        return
    if title:
        say(title)
    widths = [max(len(cell) for cell in column) for column in zip(headings, *lines, strict=True)]
    for line in (tuple(headings), *lines):
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "task"), plural(2, "task")
    ('1 task', '2 tasks')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


@dataclass(slots=True)
class Interrupts:
    """Ctrl-C counted: the first asks for an end that keeps what was found, the second ends at once."""

    count: int = 0

    def __call__(self) -> bool:
        """Whether the user wants an end."""
        return self.count > 0

    def _note(self, signum: int, frame: FrameType | None) -> None:
        self.count += 1
        if self.count > 1:
            raise KeyboardInterrupt
        warn("\nstopping, and keeping the best so far; Ctrl-C again ends at once")

    @contextmanager
    def watched(self) -> Iterator[Interrupts]:
        """Count Ctrl-C inside this block."""
        before = signal.signal(signal.SIGINT, self._note)
        try:
            yield self
        finally:
            signal.signal(signal.SIGINT, before)
