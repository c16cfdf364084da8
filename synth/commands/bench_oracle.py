"""`synth bench oracle`: what a guide that knows the solution would save, the bound for every real one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from synth.budget import Budget
from synth.commands.options import Json, Pattern, Seed, Sources
from synth.commands.terminal import ExitCode, Interrupts, print_json, print_table, say
from synth.evaluate import Plan
from synth.pipeline import make_solver

__all__ = ["bench_oracle"]


def bench_oracle(
    sources: Sources,
    evaluations: Annotated[int, typer.Option(min=1, metavar="N", help="Most evaluations a search.")] = 1_000_000,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only N tasks, spread over the suites.")] = None,
    pattern: Pattern = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """What a perfect guide would save: evaluations to the first program that fits, unguided over guided.

    The oracle knows each task's solution, or else what an unguided search finds, and says its words as bits, its form
    as a sketch, or both. Exit codes: 0 measured; 2 interrupted, with what is there.
    """
    from synth.benchmark.oracle import HEADINGS, oracle_lines, summaries
    from synth.benchmark.trials import spread

    plan = Plan(tuple(sources), make_solver, Budget(evaluations), seed=seed, pattern=pattern)
    lines = []
    with Interrupts().watched() as interrupts:
        for line in oracle_lines(spread(plan.items(), limit), plan.budget, seed=seed):
            if interrupts():
                break
            lines.append(line)
        interrupted = interrupts()
    found = summaries(lines)
    if json:
        print_json(
            {
                "suites": sources,
                "evaluations": evaluations,
                "summaries": [summary.to_json() for summary in found],
                "tasks": [asdict(line) for line in lines],
            }
        )
    else:
        print_table(HEADINGS, [summary.row() for summary in found])
        whose = [line.solution for line in lines]
        say(
            f"{len(lines)} tasks: {whose.count('task')} with a solution of their own, {whose.count('search')} with one "
            f"that an unguided search found, {whose.count(None)} without, which are left out"
        )
    raise typer.Exit(ExitCode.INTERRUPTED if interrupted else ExitCode.ALL_SOLVED)
