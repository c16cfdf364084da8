"""Solved tasks against CPU-seconds: our search, plain enumeration and the naive enumerator on one suite.

Were every task stopped after t CPU-seconds, a method would have solved the tasks that took at most t and would have
used the sum of min(time, t). That pair, for growing t, is its curve: one run at the largest t gives it all.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synth.attempt import attempt
from synth.benchmark.adapter import make_ready
from synth.benchmark.measure import Figure
from synth.benchmark.naive import Naive
from synth.benchmark.result import PartResult, Target
from synth.benchmark.settings import Settings
from synth.benchmark.workloads import list_columns
from synth.budget import Budget, StopReason
from synth.pipeline import make_solver
from synth.search.enumerate import Enumerate
from synth.solver import Solver
from synth.workload import read_library, read_workload
from tasks.suite import BrokenTask
from tasks.task import Task

__all__ = ["Curve", "Outcome", "draw", "measure_curve"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt: whether its program fits, re-checked from its text, and its CPU-seconds."""

    solved: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A method's attempts at all tasks."""

    outcomes: Sequence[Outcome]

    @property
    def solved(self) -> int:
        """How many tasks it solved in all."""
        return sum(o.solved for o in self.outcomes)

    def cost_of(self, count: int) -> float | None:
        """CPU-seconds, on all tasks together, at the smallest limit a task that gives so many solved; or None.

        >>> Curve([Outcome(True, 1.0), Outcome(True, 4.0), Outcome(False, 9.0)]).cost_of(1)
        3.0
        """
        times = sorted(o.seconds for o in self.outcomes if o.solved)
        if not 1 <= count <= len(times):
            return None
        limit = times[count - 1]
        return sum(min(o.seconds, limit) for o in self.outcomes)

    def points(self) -> Iterator[tuple[float, int]]:
        """(CPU-seconds, tasks solved), from nothing to all it solved, and on to all the time it used."""
        yield 0.0, 0
        for count in range(1, self.solved + 1):
            cost = self.cost_of(count)
            assert cost is not None
            yield cost, count
        yield sum(o.seconds for o in self.outcomes), self.solved


def measure_curve(settings: Settings, tell: Callable[[str], None] = lambda line: None) -> PartResult:
    """Every task of the suite by each method in turn, under the same limit of CPU-seconds a task."""
    solvers: Mapping[str, Solver] = {"ours": make_solver("none"), "enumerate": Enumerate(), "naive": Naive()}
    outcomes: dict[str, list[Outcome]] = {name: [] for name in solvers}
    _warm_up(solvers.values())
    for name, task in _tasks(settings):
        for method, solver in solvers.items():
            outcomes[method].append(_try(task, name, solver, settings.timeout))
        tell(f"{name}: " + ", ".join(f"{m} {_shown(done[-1])}" for m, done in outcomes.items()))
    curves = {name: Curve(done) for name, done in outcomes.items()}
    if settings.plot is not None:
        draw(curves, Path(settings.plot), settings)
    return _result(curves, settings)


def _result(curves: Mapping[str, Curve], settings: Settings) -> PartResult:
    at_naive = curves["naive"].solved
    figures: dict[str, Figure | None] = {f"solved_{n}": Figure.exactly(c.solved) for n, c in curves.items()}
    figures |= {f"cpu_seconds_{n}": _exactly(c.cost_of(at_naive)) for n, c in curves.items()}
    ours, naive, plain = (figures[f"cpu_seconds_{n}"] for n in ("ours", "naive", "enumerate"))
    return PartResult(
        "curve",
        {"ratio_naive": _quotient(naive, ours), "ratio_enumerate": _quotient(plain, ours), **figures},
        {"ratio_naive": Target(10)},
        {
            "suite": settings.suite,
            "tasks": len(curves["naive"].outcomes),
            "timeout": settings.timeout,
            "points": {n: [[round(x, 3), y] for x, y in c.points()] for n, c in curves.items()},
        },
    )


def _exactly(value: float | None) -> Figure | None:
    return None if value is None else Figure.exactly(value)


def _quotient(above: Figure | None, below: Figure | None) -> Figure | None:
    return None if above is None or below is None else Figure.exactly(above.value / max(below.value, 1e-9))


def _tasks(settings: Settings) -> Iterator[tuple[str, Task]]:
    """The suite's tasks; of a limited number, evenly spread over it, since suites go from easy to hard."""
    items = read_workload((settings.suite,), read_library(), pattern=settings.pattern)
    wanted = len(items) if settings.tasks is None else min(settings.tasks, len(items))
    for position in range(wanted):
        item = items[position * len(items) // wanted]
        if not isinstance(item.content, BrokenTask):
            yield item.name, item.content


def _warm_up(solvers: Iterable[Solver]) -> None:
    """What is compiled or loaded once for a process is no task's cost."""
    make_ready(read_library())
    for solver in solvers:
        solver.solve(list_columns(), Budget(evaluations=2_000), rng=random.Random(0))


def _try(task: Task, name: str, solver: Solver, seconds: float) -> Outcome:
    report, _ = attempt(task, solver, Budget(seconds=seconds), name=name, seed=0)
    if report.status == StopReason.INTERRUPTED.value:
        raise KeyboardInterrupt
    return Outcome(report.fits, report.seconds)


def _shown(outcome: Outcome) -> str:
    return f"{outcome.seconds:.2f} s" if outcome.solved else "-"


def draw(curves: Mapping[str, Curve], path: Path, settings: Settings) -> None:
    """A picture of the curves, PNG or SVG by the path's ending."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # heavy, and only wanted with --plot
    from matplotlib.figure import Figure as Picture

    picture = Picture(figsize=(7, 4.5), layout="constrained")
    FigureCanvasAgg(picture)
    axes = picture.add_subplot()
    for (name, curve), line in zip(curves.items(), ("-", "--", ":"), strict=True):
        points = [(cost, count) for cost, count in curve.points() if cost > 0]
        axes.step([x for x, _ in points], [y for _, y in points], line, where="post", label=name)
    axes.set_xscale("log")
    axes.set_xlabel(f"CPU-seconds on all tasks together (at most {settings.timeout:g} s a task)")
    axes.set_ylabel(f"tasks of {settings.suite} solved")
    axes.set_ylim(0, None)
    axes.grid(True, alpha=0.3)
    axes.legend()
    picture.savefig(path)
