"""`synth replay`: a recorded run once more, and whether it gives the same programs, bit for bit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from dsl.errors import InterfaceError
from synth.commands.live import counted
from synth.commands.options import Jobs, Json
from synth.commands.terminal import ExitCode, Interrupts, print_json, say, warn, warn_of_bug
from synth.evaluate import evaluate
from synth.pipeline import make_solver
from synth.run_record import RunRecord, TaskRun, differences, plan_of, read_run, run_of, task_run

__all__ = ["replay"]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A task then and now."""

    then: TaskRun
    now: TaskRun

    @property
    def differs(self) -> tuple[str, ...]:
        """Fields that are not the same."""
        return tuple(f for f in ("program", "bits", "evaluations") if getattr(self.then, f) != getattr(self.now, f))


def replay(
    context: typer.Context,
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A record: FILE of `solve --out FILE`, or FILE.run.json.")],
    jobs: Jobs = 1,
    json: Json = False,
) -> None:
    """Do a recorded run once more and compare programs, bits and evaluations, bit for bit.

    Every search gets the evaluations at which it ended then, and no clock counts, so a run that ended by seconds can be
    had again on any machine, with any --jobs. Exit codes: 0 all the same, 1 some differ, 2 interrupted, 4 the tasks,
    words or versions are not those of the run (they are named).
    """
    record = read_run(run)
    plan = plan_of(record, make_solver)
    items = plan.items()
    _refuse(run, differences(record, run_of(plan, record.command), items))
    then = {task.task: task for task in record.tasks}
    todo = [item for item in items if item.name in then and then[item.name].answered]
    pairs: list[_Pair] = []
    with Interrupts().watched() as interrupts, counted(len(todo)) as step:
        for report in evaluate(plan, workers=jobs, items=todo, stopping=interrupts):
            step(report)
            warn_of_bug(report, context)
            item = next(item for item in todo if item.name == report.task)
            pairs.append(_Pair(then[report.task], task_run(item, report, record.words)))
        interrupted = interrupts()
    left_out = [task.task for task in record.tasks if not task.answered]
    differing = [pair for pair in pairs if pair.differs]
    if json:
        print_json(_json(record, pairs, left_out))
    else:
        _print(pairs, differing, left_out)
    if interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)
    raise typer.Exit(ExitCode.SOME_NOT if differing or len(pairs) < len(todo) else ExitCode.ALL_SOLVED)


def _refuse(path: Path, reasons: tuple[str, ...]) -> None:
    if not reasons:
        return
    listed = "\n".join(f"    {reason}" for reason in reasons)
    raise InterfaceError(f"expected what the run was made with, found something else\n{listed}", path=str(path))


def _print(pairs: list[_Pair], differing: list[_Pair], left_out: list[str]) -> None:
    for name in left_out:
        warn(f"not replayed: {name} (its search came to no end that is counted, or its guidance has no text)")
    if differing:
        first = differing[0]
        say(f"first difference: {first.then.task}")
        for name in first.differs:
            say(f"    {name}: {getattr(first.then, name)} then, {getattr(first.now, name)} now")
    say(f"{len(pairs) - len(differing)} of {len(pairs)} the same")


def _json(record: RunRecord, pairs: list[_Pair], left_out: list[str]) -> dict[str, object]:
    return {
        "same": sum(not pair.differs for pair in pairs),
        "of": len(pairs),
        "left_out": left_out,
        "differences": [
            {"task": pair.then.task, "differs": list(pair.differs), "then": asdict(pair.then), "now": asdict(pair.now)}
            for pair in pairs
            if pair.differs
        ],
        "versions": dict(record.versions),
    }
