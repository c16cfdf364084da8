"""`synth check`: is every task well formed, and can it be solved at all? No search."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import typer

from dsl.interpreter import run
from dsl.values import show_value
from synth.budget import StopReason
from synth.commands.options import Json, ModuleFiles, Pattern, PrimitiveFiles, Sources
from synth.commands.terminal import ExitCode, plural, print_json, print_lines, say
from synth.report.task_text import Line
from synth.search.forward import hopeless
from synth.workload import Item, read_library, read_workload
from tasks.suite import BrokenTask
from tasks.task import Task, allowed_misses, missed

__all__ = ["check"]

_STYLES = {"ok": "green", "error": "red"}


@dataclass(frozen=True, slots=True)
class _Finding:
    """What is known of a task without a search. `status` is ok, unreachable, contradictory or error."""

    task: str
    status: str
    signature: str | None = None
    examples: int = 0
    holdout: int = 0
    queries: int = 0
    words: int = 0
    message: str | None = None


def check(
    sources: Sources,
    pattern: Pattern = None,
    with_files: PrimitiveFiles = None,
    library: ModuleFiles = None,
    json: Json = False,
) -> None:
    """Read tasks, check their types, and say which can be solved at all; no search.

    A task is `unreachable` where no program can have its type, `contradictory` where two examples have one input and
    two outputs and its noise does not explain that. A `solution` line is run on every example. Exit codes: 0 all well,
    1 some cannot be solved, 4 some cannot be read.
    """
    words = read_library(with_files or (), library or ())
    findings = [_find(item) for item in read_workload(sources, words, pattern=pattern)]
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            print_lines(_lines(finding))
        ok = sum(finding.status == "ok" for finding in findings)
        say(f"{ok} of {plural(len(findings), 'task')} ok")
    raise typer.Exit(_code({finding.status for finding in findings}))


def _code(statuses: set[str]) -> ExitCode:
    if "error" in statuses:
        return ExitCode.BAD_INPUT
    return ExitCode.ALL_SOLVED if statuses <= {"ok"} else ExitCode.SOME_NOT


def _find(item: Item) -> _Finding:
    if isinstance(item.content, BrokenTask):
        return _Finding(item.name, StopReason.ERROR.value, message=str(item.content.error))
    task = item.content
    status, message = _judge(task)
    return _Finding(
        task=item.name,
        status=status,
        signature=task.signature,
        examples=len(task.examples),
        holdout=len(task.holdout),
        queries=len(task.queries),
        words=len(task.library.vocabulary),
        message=message,
    )


def _judge(task: Task) -> tuple[str, str | None]:
    """Whether a task can be solved, and what stands in the way."""
    if (answer := hopeless(task.spec)) is not None:
        return answer.stop.value, answer.message
    if (mistake := _wrong_solution(task)) is not None:
        return StopReason.ERROR.value, mistake
    return "ok", None


def _wrong_solution(task: Task) -> str | None:
    """Where the reference solution misses a pair of its own task; of the examples, more than the noise allows."""
    if task.solution is None:
        return None
    for kind, pairs, noise in (("example", task.examples, task.noise), ("holdout", task.holdout, 0.0)):
        outcomes = [run(task.solution, pair.arguments, task.library) for pair in pairs]
        wrong = missed(pairs, outcomes)
        if len(wrong) > allowed_misses(noise, len(pairs)):
            wanted, got = (show_value(v, task.result_type) for v in (pairs[wrong[0]].output, outcomes[wrong[0]]))
            return f"the solution gives {got} for {kind} {wrong[0] + 1}, which wants {wanted}"
    return None


def _lines(finding: _Finding) -> list[Line]:
    style = _STYLES.get(finding.status, "yellow")
    if finding.signature is None:
        return [Line(f"{finding.status}  {finding.task}", style), *_message(finding)]
    counts = [plural(finding.examples, "example"), f"{finding.holdout} held out"]
    if finding.queries:
        counts.append("1 query" if finding.queries == 1 else f"{finding.queries} queries")
    counts.append(plural(finding.words, "word"))
    label = "" if finding.signature.startswith(f"{finding.task}(") else f"{finding.task}: "
    return [Line(f"{finding.status}  {label}{finding.signature}  {', '.join(counts)}", style), *_message(finding)]


def _message(finding: _Finding) -> list[Line]:
    return [Line(f"    {line}") for line in (finding.message or "").splitlines()]
