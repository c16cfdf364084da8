"""What moves on a terminal while a search or a whole evaluation runs; nothing on pipes.

A view is a few lines at the bottom of the terminal, drawn a few times a second and gone when the work is done.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsl.printer import show
from dsl.program import Lambda
from synth.attempt import TaskReport
from synth.commands.terminal import error_console, plural
from synth.solver import NearMiss, Progress
from tasks.task import Task

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

__all__ = ["SearchView", "counted", "duration", "size", "watch", "watch_workers"]

_DRAWN_A_SECOND = 4


def size(count: int) -> str:
    """Bytes, short.

    >>> size(950), size(1_234_000), size(2_500_000_000)
    ('950 B', '1.2 MB', '2.5 GB')
    """
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count} B"


def duration(seconds: float) -> str:
    """Minutes and seconds.

    >>> duration(7.9), duration(3725)
    ('0:07', '1:02:05')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@dataclass(slots=True)
class SearchView:
    """One search: how far it is, how fast, what it holds, and the best so far as text.

    The clock runs on between the search's own reports.
    """

    name: str
    task: Task
    clock: Callable[[], float] = time.monotonic
    progress: Progress | None = None
    _begun: float = field(init=False)
    _best: tuple[NearMiss, str] | None = None

    def __post_init__(self) -> None:
        self._begun = self.clock()

    def show(self, progress: Progress) -> None:
        """Take up where the search is now."""
        self.progress = progress

    def lines(self) -> tuple[str, ...]:
        """The view as plain text."""
        head = f"{self.name}  {duration(self.clock() - self._begun)}"
        if self.progress is None:
            return (head,)
        p = self.progress
        figures = (
            f"{p.level_bits:.1f} bits",
            f"{p.evaluations:,} evaluations",
            f"{p.programs_per_second:,.0f} programs/s",
            plural(p.classes, "class").replace("classs", "classes"),
            size(p.bytes),
        )
        first = f"{head}  {', '.join(figures)}"
        return (first,) if p.best is None else (first, f"  best so far: {self._best_text(p.best)}")

    def _best_text(self, best: NearMiss) -> str:
        if self._best is None or self._best[0] is not best:
            body = best.program.body if isinstance(best.program, Lambda) else best.program
            variables = dict(zip(self.task.parameters, self.task.type_request.parameters, strict=True))
            text = show(body, self.task.library, expected=self.task.result_type, variables=variables)
            self._best = (best, f"{text}  (right on {len(best.right)} of {plural(len(self.task.examples), 'example')})")
        return self._best[1]

    def __rich__(self) -> Text:
        from rich.text import Text  # only on a terminal

        first, *rest = self.lines()
        text = Text(first, style="dim", no_wrap=True, overflow="ellipsis")
        for line in rest:
            text.append(f"\n{line}")
        return text


@contextmanager
def watch(name: str, task: Task) -> Iterator[Callable[[Progress], None] | None]:
    """A view of one search while this lasts, on stderr where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    view = SearchView(name, task)
    with _drawn(view):
        yield view.show


@dataclass(slots=True)
class _Current:
    """The view of the search that spoke last."""

    tasks: Mapping[str, Task]
    view: SearchView | None = None

    def show(self, name: str, progress: Progress) -> None:
        if self.view is None or self.view.name != name:
            self.view = SearchView(name, self.tasks[name])
        self.view.show(progress)

    def __rich__(self) -> RenderableType:
        return "" if self.view is None else self.view


@contextmanager
def watch_workers(tasks: Mapping[str, Task]) -> Iterator[Callable[[str, Progress], None] | None]:
    """As `watch`, for searches in worker processes, one after the other."""
    if not sys.stderr.isatty():
        yield None
        return
    current = _Current(tasks)
    with _drawn(current):
        yield current.show


@contextmanager
def _drawn(view: RenderableType) -> Iterator[None]:
    from rich.live import Live  # 50 ms that only a terminal needs

    # Output on stdout must stay where it is sent, which may be a file; only a shared terminal is drawn around.
    live = Live(
        view,
        console=error_console(),
        refresh_per_second=_DRAWN_A_SECOND,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    )
    with live:
        yield


@contextmanager
def counted(total: int) -> Iterator[Callable[[TaskReport], None]]:
    """A bar over `total` tasks while this lasts, with the number solved and the time left; for each report a step."""
    if not sys.stderr.isatty():
        yield lambda report: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar  # as above

    bar = Bar(
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.fields[solved]} solved"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=error_console(),
        refresh_per_second=_DRAWN_A_SECOND,
        speed_estimate_period=600,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    )
    with bar:
        number = bar.add_task("", total=total, solved=0)

        def step(report: TaskReport) -> None:
            solved = bar.tasks[0].fields["solved"] + report.fits
            bar.update(number, advance=1, solved=solved)

        yield step
