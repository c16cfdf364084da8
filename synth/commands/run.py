"""`synth run`: a program on inputs of your choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from dsl.errors import DslError, InterfaceError
from dsl.inference import Resolved, resolve
from dsl.interpreter import run as run_program
from dsl.library import Library
from dsl.parser import parse_surface
from dsl.program import Application, Lambda, Program, Variable
from dsl.type_system import FunctionType, Type, show_type
from dsl.values import Failure
from synth.commands.options import Json, ModuleFiles, PrimitiveFiles
from synth.commands.terminal import ExitCode, print_json, print_table, say
from synth.report.steps import show_outcome, steps
from synth.rows import Row, same_width, split, types_of, values_of
from synth.workload import read_library, read_workload
from tasks.suite import BrokenTask
from tasks.task import Task

__all__ = ["run"]


@dataclass(frozen=True, slots=True)
class _Job:
    """A program, its type, its words, and what to run it on."""

    program: Lambda
    type: FunctionType
    library: Library
    inputs: tuple[tuple[object, ...], ...]


def run(
    program: Annotated[
        str,
        typer.Argument(help="A program, as 'lambda xs: sum(xs)', or FILE.syn:TASK, whose `solution` is run."),
    ],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[INPUT]...", help="Inputs, as '[1, 2]' or '3, [1, 2]' (several values, with commas)."),
    ] = None,
    trace: Annotated[bool, typer.Option("--trace", help="Show the value of every part of the program.")] = False,
    with_files: PrimitiveFiles = None,
    library: ModuleFiles = None,
    json: Json = False,
) -> None:
    """Run a program on inputs; without any, a task's solution is run on the task's examples.

    Exit codes: 0 every input gave a value, 1 some did not, 4 bad input.
    """
    job = _job(program, inputs or (), read_library(with_files or (), library or ()))
    outcomes = [run_program(job.program, row, job.library) for row in job.inputs]
    texts = [show_outcome(outcome, job.type.result) for outcome in outcomes]
    shown = [_shown(row, job) for row in job.inputs]
    details = steps(job.program, job.type, job.inputs, job.library) if trace else ()
    if json:
        print_json(
            [
                {
                    "input": row,
                    "output": None if isinstance(outcome, Failure) else text,
                    "failure": str(outcome) if isinstance(outcome, Failure) else None,
                    **({"steps": [{"text": s.text, "values": s.values[n]} for s in details]} if trace else {}),
                }
                for n, (row, outcome, text) in enumerate(zip(shown, outcomes, texts, strict=True))
            ]
        )
    else:
        for row, text in zip(shown, texts, strict=True):
            say(f"{', '.join(row)} -> {text}" if row else text)
        if details:
            say()
            print_table(("part", *map(", ".join, shown)), [("  " * s.depth + s.text, *s.values) for s in details])
    failed = any(isinstance(outcome, Failure) for outcome in outcomes)
    raise typer.Exit(ExitCode.SOME_NOT if failed else ExitCode.ALL_SOLVED)


def _job(text: str, inputs: Sequence[str], library: Library) -> _Job:
    rows = [Row(f"input {number}", row, split(row)) for number, row in enumerate(inputs, 1)]
    file, _, name = text.rpartition(":")
    if file.endswith(".syn") or text.endswith(".syn"):
        task = _with_solution(file or text, name if file else "", library)
        assert isinstance(task.solution, Lambda), "a solution is over the task's parameters"
        given = _read(rows, task.type_request, task.library) or tuple(e.arguments for e in task.examples)
        return _Job(task.solution, task.type_request, task.library, given)
    program, t = _program(text, rows, library)
    given = _read(rows, t, library)
    if not given and t.parameters:
        raise InterfaceError(
            f"expected inputs for a program of type {show_type(t)}, found none",
            hint="synth run 'lambda xs: length(xs)' '[1, 2, 3]'",
        )
    return _Job(program, t, library, given or ((),))


def _program(text: str, rows: Sequence[Row], library: Library) -> tuple[Lambda, FunctionType]:
    """A program and its type; the inputs, where there are any, say what its parameters are."""
    surface = parse_surface(text)
    if not rows or not rows[0].pieces:
        found = _resolved(surface, {}, text, library)
        if isinstance(found.program, Lambda) and isinstance(found.type, FunctionType):
            return found.program, found.type
        return Lambda((), found.program), FunctionType((), found.type)
    if not isinstance(surface, Lambda):  # a word, or another expression whose value is a function
        names = tuple(f"x{number}" for number in range(1, len(rows[0].pieces) + 1))
        surface = Lambda(names, Application(surface, tuple(map(Variable, names))))
    same_width(rows, len(surface.parameters), "input values, one for each parameter")
    types = types_of(rows, library)
    body = _resolved(surface.body, dict(zip(surface.parameters, types, strict=True)), text, library)
    return Lambda(surface.parameters, body.program), FunctionType(types, body.type)


def _resolved(surface: Program, variables: Mapping[str, Type], text: str, library: Library) -> Resolved:
    try:
        return resolve(surface, library, variables=variables)
    except DslError as error:
        raise error.located(text=text) from None


def _read(rows: Sequence[Row], t: FunctionType, library: Library) -> tuple[tuple[object, ...], ...]:
    same_width(rows, len(t.parameters), f"input values, for {show_type(t)}")
    return tuple(values_of(row, t.parameters, library) for row in rows)


def _with_solution(path: str, name: str, library: Library) -> Task:
    """The task of that name in a file, or its only one; it must have a reference program."""
    contents = [item.content for item in read_workload([path], library)]
    found = [content for content in contents if not name or content.name == name]
    if len(found) != 1:
        known = ", ".join(content.name for content in contents)
        raise InterfaceError(f"expected the name of a task of this file, as FILE:NAME; it has {known}", path=path)
    if isinstance(found[0], BrokenTask):
        raise found[0].error
    if found[0].solution is None:
        raise InterfaceError(f"expected a task with a `solution` line, found {found[0].name} without one", path=path)
    return found[0]


def _shown(row: Sequence[object], job: _Job) -> list[str]:
    return [show_outcome(value, t) for value, t in zip(row, job.type.parameters, strict=True)]
