"""Runs a protocol: plans its cells, hands them to worker processes, keeps every result, writes the report."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dsl.errors import InterfaceError
from synth.compare.analysis import Analysis, analyse
from synth.compare.cells import Cell, run_cell
from synth.compare.fairness import Evidence, RuleResult, check_rules
from synth.compare.manifest import Manifest, manifest_of
from synth.compare.protocol import CHANCE, ORACLE, Effort, Protocol
from synth.compare.records import Run
from synth.compare.report import prose_of, render
from synth.compare.run_file import RunFile
from synth.executors import Done, run_jobs

__all__ = ["ComparisonProgress", "ComparisonResult", "compare"]


@dataclass(frozen=True, slots=True)
class ComparisonProgress:
    """How far a comparison is: a run that just ended (None at the start), how many are done, and wall-seconds."""

    done: int
    planned: int
    seconds: float
    run: Run | None


@dataclass(frozen=True)
class ComparisonResult:
    """A finished or interrupted comparison: its numbers, its rules, and where its files are."""

    analysis: Analysis
    rules: tuple[RuleResult, ...]
    manifest: Manifest
    folder: Path
    set_aside: Path | None = None

    @property
    def interrupted(self) -> bool:
        """Whether the user ended it early; what was done is kept, and the same command goes on from there."""
        return self.manifest.interrupted

    @property
    def crashed(self) -> tuple[Run, ...]:
        """Runs that a bug of ours ended."""
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


def compare(
    make: Callable[[], Protocol],
    *,
    budget: str,
    seeds: int | None = None,
    jobs: int = 1,
    out: Path,
    progress: Callable[[ComparisonProgress], None] = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
    command: str | None = None,
) -> ComparisonResult:
    """Run a protocol into a folder: `runs.jsonl`, `manifest.json`, `report.html`.

    `make` is a module-level function, so that workers can call it too. `seeds` is how many (the budget's own number
    where None). Runs of the same manifest that the folder already holds are not run again. Once `stopping()` is true,
    and on KeyboardInterrupt, what was done is kept and reported. Raises InterfaceError for an unknown budget and for a
    folder that cannot be written.
    """
    protocol = make()
    effort = protocol.effort(budget)
    chosen = tuple(range(_checked(seeds if seeds is not None else effort.seeds)))
    cells = list(planned_cells(protocol, effort, chosen))
    manifest = manifest_of(
        protocol, effort, seeds=chosen, workers=jobs, command=command or _command(), planned=len(cells)
    )
    store = RunFile.open(out, manifest.digest)
    started = time.monotonic()
    wanted = set(cells)
    kept = sum(Cell(*run.key) in wanted for run in store.runs)
    try:
        interrupted = _run_all(_Order(make, budget, manifest.digest), cells, store, jobs, progress, stopping)
    finally:
        store.close()
    runs = [run for run in store.runs if Cell(*run.key) in wanted]
    spent = time.monotonic() - started
    ended = manifest.ended(wall_seconds=spent, done=len(runs), resumed=kept, interrupted=interrupted)
    return _write(protocol, effort, chosen, runs, ended, out, store.set_aside)


def _checked(seeds: int) -> int:
    if seeds < 1:
        raise InterfaceError(f"expected at least one seed, found {seeds}")
    return seeds


def planned_cells(protocol: Protocol, effort: Effort, seeds: Sequence[int]) -> Iterator[Cell]:
    """All cells: programs first, whose answers come at once, then nets, the slow ones first.

    So no worker is left with a long one at the end.
    """
    nets = [protocol.net(name).name for name in effort.nets]
    by_steps = sorted(effort.tasks, key=lambda task: -effort.steps[task])
    slow_first = [(task, net) for task in by_steps for net in reversed(nets)]
    quick = [(task, name) for task in effort.tasks for name in (protocol.program.name, ORACLE, CHANCE)]
    for pairs in (quick, slow_first):
        for seed in seeds:
            yield from (Cell(task, learner, seed) for task, learner in pairs)


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
            run = event.result if isinstance(event, Done) else _lost(order, event.job, event.reason)
            if run is None:
                continue
            store.add(run)
            finished.add(Cell(*run.key))
            progress(ComparisonProgress(len(finished), len(cells), time.monotonic() - started, run))
    except KeyboardInterrupt:
        pass
    return len(finished) < len(cells)


def _prepare(order: _Order) -> Callable[[Cell], Run | None]:
    """What a worker process does with a cell."""
    protocol = order.make()
    effort = protocol.effort(order.budget)

    def work(cell: Cell) -> Run | None:
        return run_cell(protocol, effort, cell, manifest=order.manifest)

    return work


def _lost(order: _Order, cell: Cell, reason: str) -> Run:
    """The run of a cell whose worker process died."""
    side = order.make().side(cell.learner)
    return Run(cell.task, cell.learner, side, cell.seed, order.manifest, "crash", message=reason)


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
    rules = check_rules(Evidence(analysis, manifest, prose_of(analysis)))
    text = json.dumps(manifest.to_json(), ensure_ascii=False, indent=2)
    (out / "manifest.json").write_text(text + "\n", encoding="utf-8")
    (out / "report.html").write_text(render(analysis, rules, manifest), encoding="utf-8")
    return ComparisonResult(analysis, rules, manifest, out, set_aside)


def _command() -> str:
    """The command line that is running, as a person would type it."""
    name = Path(sys.argv[0]).name or "python"
    return shlex.join([name, *sys.argv[1:]])
