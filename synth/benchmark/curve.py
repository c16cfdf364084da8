"""Solved tasks against CPU-seconds: our search, plain enumeration and the naive enumerator on some suites.

Were every task stopped after t CPU-seconds, a method would have solved the tasks that took at most t and would have
used the sum of min(time, t). That pair, for growing t, is its curve: one run at the largest t gives it all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.benchmark.measure import Figure
from synth.benchmark.pictures import draw_curves
from synth.benchmark.result import PartResult, Target
from synth.benchmark.settings import Settings
from synth.benchmark.trials import ENUMERATE, NAIVE, OURS, Outcome, Trials, line_of, outcomes_of, run_trials
from synth.budget import Budget
from synth.evaluate import Plan
from synth.pipeline import make_solver

__all__ = ["METHODS", "Curve", "curve_result", "draw", "measure_curve"]

METHODS = (OURS, ENUMERATE, NAIVE)


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
    plan = Plan((settings.suite,), make_solver, Budget(seconds=settings.timeout), pattern=settings.pattern)
    trials = Trials(plan, METHODS, settings.tasks)
    lines = []
    for trial, report in run_trials(trials):
        lines.append(line_of(trials, trial, report))
        tell(f"{trial.task}: {trial.contestant} {f'{report.seconds:.2f} s' if report.fits else '-'}")
    if settings.plot is not None:
        draw(lines, Path(settings.plot), tasks=settings.suite, timeout=settings.timeout)
    return curve_result(lines, tasks=settings.suite, timeout=settings.timeout)


def curve_result(lines: Iterable[Mapping[str, Any]], *, tasks: str, timeout: float) -> PartResult:
    """The curves of trials of all `METHODS`: what the naive enumerator's number of solved tasks costs each method."""
    curves = _curves(lines)
    at_naive = curves[NAIVE].solved
    figures: dict[str, Figure | None] = {f"solved_{n}": Figure.exactly(c.solved) for n, c in curves.items()}
    figures |= {f"held_out_right_{n}": Figure.exactly(sum(o.right is True for o in c.outcomes))
                for n, c in curves.items()}  # fmt: skip
    figures |= {f"cpu_seconds_{n}": _exactly(c.cost_of(at_naive)) for n, c in curves.items()}
    ours, naive, plain = (figures[f"cpu_seconds_{n}"] for n in (OURS, NAIVE, ENUMERATE))
    return PartResult(
        "curve",
        {"ratio_naive": _quotient(naive, ours), "ratio_enumerate": _quotient(plain, ours), **figures},
        {"ratio_naive": Target(10)},
        {
            "suite": tasks,
            "tasks": len(curves[NAIVE].outcomes),
            "timeout": timeout,
            "points": {n: [[round(x, 3), y] for x, y in c.points()] for n, c in curves.items()},
        },
    )


def draw(lines: Iterable[Mapping[str, Any]], path: Path, *, tasks: str, timeout: float) -> None:
    """A picture of the same curves, PNG or SVG by the path's ending."""
    points = {name: tuple(curve.points()) for name, curve in _curves(lines).items()}
    draw_curves(points, path, tasks=tasks, allowed=f"{timeout:g} s")


def _curves(lines: Iterable[Mapping[str, Any]]) -> dict[str, Curve]:
    return {name: Curve(tuple(found.values())) for name, found in outcomes_of(lines, METHODS).items()}


def _exactly(value: float | None) -> Figure | None:
    return None if value is None else Figure.exactly(value)


def _quotient(above: Figure | None, below: Figure | None) -> Figure | None:
    return None if above is None or below is None else Figure.exactly(above.value / max(below.value, 1e-9))
