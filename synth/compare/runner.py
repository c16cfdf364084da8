"""Runs a protocol: plans its cells, hands them to worker processes, keeps every result, writes the report."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from dsl.errors import InterfaceError
from dsl.library import nearest
from synth.compare.analysis import Analysis, analyse
from synth.compare.cells import Cell, run_cell
from synth.compare.fairness import Evidence, RuleResult, check_rules
from synth.compare.ledger import ledger_of
from synth.compare.ledger_figure import ledger_bars
from synth.compare.manifest import Manifest, manifest_of
from synth.compare.numbers import numbers_csv
from synth.compare.plots import Drawn
from synth.compare.protocol import Effort, Learner, Protocol
from synth.compare.records import Outcome, Run
from synth.compare.report import prose_of, render
from synth.compare.run_file import RunFile, write_file
from synth.executors import Done, Lost, run_jobs

__all__ = ["ComparisonProgress", "ComparisonResult", "compare"]


@dataclass(frozen=True, slots=True)
class ComparisonProgress:
    """How far a comparison is: a run that just ended (None at the start), how many are done, and wall-seconds.

    `left` is a guess at the wall-seconds still to go, from runs of the same learners; None before there are any.
    """

    done: int
    planned: int
    seconds: float
    run: Run | None
    left: float | None = None


@dataclass(frozen=True)
class ComparisonResult:
    """A finished or interrupted comparison: its numbers, its rules, and where its files are.

    `problems` say which figures could not be drawn, and why.
    """

    analysis: Analysis
    rules: tuple[RuleResult, ...]
    manifest: Manifest
    folder: Path
    set_aside: Path | None = None
    problems: tuple[str, ...] = ()

    @property
    def interrupted(self) -> bool:
        """Whether the user ended it early; what was done is kept, and the same command goes on from there."""
        return self.manifest.interrupted

    @property
    def crashed(self) -> tuple[Run, ...]:
        """Runs that a bug ended."""
        return tuple(run for run in self.analysis.runs if run.outcome == "crash")

    @property
    def report(self) -> Path:
        """The page to open in a browser."""
        return self.folder / "report.html"


@dataclass(frozen=True, slots=True)
class _Order:
    """What workers are told: how to make the protocol (it has no plain form to send), the effort, the manifest."""

    make: Callable[[], Protocol]
    budget: str
    manifest: str
    device: str = "cpu"


def compare(
    make: Callable[[], Protocol],
    *,
    budget: str,
    seeds: int | None = None,
    jobs: int = 1,
    device: str = "cpu",
    out: Path,
    progress: Callable[[ComparisonProgress], None] = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
    command: str | None = None,
    tasks: Sequence[str] = (),
    learners: Sequence[str] = (),
) -> ComparisonResult:
    """Run a protocol into a folder: `runs.jsonl`, `manifest.json`, `report.html`.

    `make` is a module-level function, so that workers can call it too. `seeds` is how many (the budget's own number
    where None). `tasks` and `learners` name those that run, all of the budget where there are none. Runs of the same
    manifest that the folder already holds are not run again. Once `stopping()` is true, and on KeyboardInterrupt, what
    was done is kept and reported. Raises InterfaceError for an unknown budget, task or learner, and for a folder that
    cannot be written.
    """
    protocol = make()
    protocol.check()
    effort = part_of(protocol, replace(protocol.effort(budget), device=device), tasks, learners)
    chosen = tuple(range(_checked(seeds if seeds is not None else effort.seeds)))
    cells = list(planned_cells(protocol, effort, chosen))
    if not cells:
        raise InterfaceError(f"of {', '.join(effort.learners)} nobody runs on {', '.join(effort.tasks)}")
    manifest = manifest_of(
        protocol, effort, seeds=chosen, workers=jobs, command=command or _command(), planned=len(cells)
    )
    store = RunFile.open(out, manifest.digest)
    started = time.monotonic()
    wanted = set(cells)
    kept = sum(Cell(*run.key) in wanted for run in store.runs)
    try:
        with _one_thread_each():
            interrupted = _run_all(
                _Order(make, budget, manifest.digest, device), cells, store, jobs, progress, stopping
            )
    finally:
        store.close()
    runs = [run for run in store.runs if Cell(*run.key) in wanted]
    spent = time.monotonic() - started
    ended = manifest.ended(wall_seconds=spent, done=len(runs), resumed=kept, interrupted=interrupted)
    return _write(protocol, effort, chosen, runs, ended, out, store.set_aside)


def part_of(protocol: Protocol, effort: Effort, tasks: Sequence[str], learners: Sequence[str]) -> Effort:
    """An effort with only some of its tasks and learners. InterfaceError for one that it does not have."""
    running = [one.name for one in protocol.running(effort)]
    return replace(
        effort,
        tasks=_chosen(effort.tasks, tasks, f"a task of {protocol.name!r} in {effort.name!r}") or effort.tasks,
        learners=_chosen(running, learners, f"a learner of {protocol.name!r} in {effort.name!r}") or effort.learners,
    )


def _chosen(known: Sequence[str], wanted: Sequence[str], what: str) -> tuple[str, ...]:
    """Those that are wanted, in the order of all."""
    for name in wanted:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near!r}?" if near else None
            raise InterfaceError(f"expected {what} ({', '.join(known)}), found {name!r}", hint=hint)
    return tuple(name for name in known if name in wanted)


def _checked(seeds: int) -> int:
    if seeds < 1:
        raise InterfaceError(f"expected at least one seed, found {seeds}")
    return seeds


def planned_cells(protocol: Protocol, effort: Effort, seeds: Sequence[int]) -> Iterator[Cell]:
    """All cells: programs and references first, whose answers come at once, then nets, the slow ones first.

    So no worker is left with a long one at the end.
    """
    running = protocol.running(effort)
    pairs = [(task, one) for task in effort.tasks for one in running if effort.runs_on(one.name, task)]
    quick = [(task, one) for task, one in pairs if not _trains(one)]
    nets = [(task, one) for task, one in reversed(pairs) if _trains(one)]
    slow_first = sorted(nets, key=lambda pair: -effort.steps_of(pair[0], pair[1].name))
    for group in (quick, slow_first):
        for seed in seeds:
            yield from (
                Cell(task, one.name, seed, size)
                for task, one in group
                for size in reversed(effort.sizes_of(one.name, task))
            )


def _trains(learner: Learner) -> bool:
    return learner.side in ("net", "same-prior net", "hybrid")


def _run_all(
    order: _Order,
    cells: Sequence[Cell],
    store: RunFile,
    jobs: int,
    progress: Callable[[ComparisonProgress], None],
    stopping: Callable[[], bool],
) -> bool:
    """Run what is not yet there; True if the user ended it before all was done."""
    started = time.monotonic()
    planned = set(cells)
    finished = {cell for run in store.runs if (cell := Cell(*run.key)) in planned}
    todo = [cell for cell in cells if cell not in finished]
    progress(ComparisonProgress(len(finished), len(cells), 0.0, None))
    try:
        for event in run_jobs(_prepare, order, todo, workers=jobs, stopping=stopping):
            run = event.result if isinstance(event, Done) else _lost(order, event)
            if run is None:
                continue
            store.add(run)
            finished.add(Cell(*run.key))
            left = time_left(store.runs, [cell for cell in todo if cell not in finished], jobs)
            progress(ComparisonProgress(len(finished), len(cells), time.monotonic() - started, run, left))
    except KeyboardInterrupt:
        pass
    return len(finished) < len(cells)


def _prepare(order: _Order) -> Callable[[Cell], Run | None]:
    """What a worker process does with a cell."""
    protocol = order.make()
    effort = replace(protocol.effort(order.budget), device=order.device)

    def work(cell: Cell) -> Run | None:
        return run_cell(protocol, effort, cell, manifest=order.manifest)

    return work


def _lost(order: _Order, lost: Lost[Cell]) -> Run:
    """The run of a cell whose worker process died; one that was killed from outside was most likely too large."""
    side = order.make().learner(lost.job.learner).side
    killed = lost.code == -signal.SIGKILL
    outcome: Outcome = "out of memory" if killed else "crash"
    reason = f"{lost.reason}; the system kills what needs too much memory" if killed else lost.reason
    return Run.of(lost.job, outcome, side=side, manifest=order.manifest, message=reason)


def time_left(runs: Sequence[Run], todo: Sequence[Cell], jobs: int) -> float | None:
    """Wall-seconds that are left, if runs still to come take as long as those of the same learner did.

    None where some learner has none yet, so that there is nothing to go by.
    """
    taken: dict[str, list[float]] = {}
    for run in runs:
        taken.setdefault(run.learner, []).append(run.wall_seconds)
    means = {learner: sum(times) / len(times) for learner, times in taken.items()}
    if any(cell.learner not in means for cell in todo):
        return None
    return sum(means[cell.learner] for cell in todo) / max(1, min(jobs, len(todo)))


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let worker processes that start meanwhile compute on one thread each, whatever library does it."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def _write(
    protocol: Protocol,
    effort: Effort,
    seeds: Sequence[int],
    runs: Sequence[Run],
    manifest: Manifest,
    out: Path,
    set_aside: Path | None,
) -> ComparisonResult:
    """The manifest and the report."""
    analysis = analyse(protocol, effort, seeds, runs)
    ledger = ledger_of(analysis)
    rules = check_rules(Evidence(analysis, manifest, prose_of(analysis), ledger))
    text = json.dumps(manifest.to_json(), ensure_ascii=False, indent=2)
    write_file(out / "manifest.json", text + "\n")
    write_file(out / "numbers.csv", numbers_csv(analysis))
    drawn, problems = _draw(protocol, analysis)
    prices = ledger_bars(analysis)
    write_file(out / "report.html", render(analysis, rules, manifest, drawn, ledger, prices=prices, problems=problems))
    for figure in (*drawn, *prices):
        write_file(out / "figures" / f"{figure.name}.svg", figure.svg())
        write_file(out / "figures" / f"{figure.name}.png", figure.png())
    return ComparisonResult(analysis, rules, manifest, out, set_aside, tuple(problems))


def _draw(protocol: Protocol, analysis: Analysis) -> tuple[list[Drawn], list[str]]:
    """The protocol's own figures, and what went wrong with those that are not there.

    They are drawn after hours of work, by code that may be somebody else's, so one that fails does not take the
    report with it.
    """
    drawn: list[Drawn] = []
    problems: list[str] = []
    for draw in protocol.figures:
        try:
            drawn += draw(analysis)
        except Exception as error:  # the boundary: the report says what went wrong
            name = getattr(draw, "__name__", repr(draw))
            problems.append(f"the figure {name} was not drawn: {type(error).__name__}: {error}")
    return drawn, problems


def _command() -> str:
    """The command line that is running, as a person would type it."""
    name = Path(sys.argv[0]).name or "python"
    return shlex.join([name, *sys.argv[1:]])
