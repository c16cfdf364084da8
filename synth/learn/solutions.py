"""Solutions out of files: the programs in results of `synth eval` or in the directory of a run of `synth learn`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsl.errors import DslError, InterfaceError
from dsl.inference import infer
from dsl.library import Entry, Library
from dsl.parser import parse
from dsl.program import Lambda
from dsl.source import read_source
from dsl.type_system import INT, FunctionType, Type, apply, type_variables
from synth.learn.corpus import Dropped, Solved
from synth.learn.plan import StoredPlan
from synth.run_record import RunRecord, read_run
from synth.store import RunStore
from synth.workload import read_library, read_workload
from tasks.task import Task

__all__ = ["Found", "Results", "Solutions", "read_results", "solutions_of"]


@dataclass(frozen=True, slots=True)
class Found:
    """The text of a program that solves a task; `iteration` and `library` say when and with which words, if known."""

    text: str
    iteration: int = 0
    library: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """Texts of programs by task, from a file or directory; `record` says of what run, where that is known."""

    path: Path
    texts: Mapping[str, tuple[Found, ...]]
    record: RunRecord | None = None


@dataclass(frozen=True, slots=True)
class Solutions:
    """Solved tasks over the words of a library, and those whose programs cannot be read with these words.

    `own_words` are words of the tasks' own files that the library has not. `untyped` says that the tasks are not at hand: programs are taken at the types that their words give them.
    """

    solved: tuple[Solved, ...] = ()
    unread: tuple[Dropped, ...] = ()
    own_words: tuple[Entry, ...] = ()
    untyped: bool = False


# ---- reading --------------------------------------------------------------------------------------------------------


def read_results(path: Path) -> Results:
    """The programs in a results file of `synth eval`, or in the directory of a run.

    Raises InterfaceError, with the place, for what is neither.
    """
    return _of_directory(path) if path.is_dir() else _of_file(path)


def _of_file(path: Path) -> Results:
    texts: dict[str, tuple[Found, ...]] = {}
    lines = read_source(path).splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        record = _record(line)
        if record is None and number == len(lines) and not line.endswith("\n"):
            break  # the run was killed while it wrote this one
        if record is None:
            raise InterfaceError(
                f"expected a line that `synth eval` wrote, found {line[:60].rstrip()!r}", path=f"{path}:{number}"
            )
        if record["fits"] is True and isinstance(record["program"], str):
            texts[str(record["task"])] = (Found(record["program"]),)
    beside = path.with_suffix(".run.json")
    return Results(path, texts, read_run(beside) if beside.is_file() else None)


def _record(line: str) -> Mapping[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and {"task", "fits", "program"} <= record.keys() else None


def _of_directory(folder: Path) -> Results:
    with RunStore.read(folder) as store:
        texts: dict[str, list[Found]] = {}
        for attempt in store.attempts():
            if attempt.record["fits"]:
                found = Found(str(attempt.record["program"]), attempt.iteration, attempt.library)
                texts.setdefault(attempt.task, []).append(found)
        plan = store.plan
    record = StoredPlan.from_json(plan, folder).record if plan is not None else None
    return Results(folder, {task: tuple(found) for task, found in texts.items()}, record)


# ---- programs -------------------------------------------------------------------------------------------------------


def solutions_of(results: Results, library: Library) -> Solutions:
    """The programs of results as programs of a library, each of its task's type where the tasks are at hand.

    Of several programs of a task, the one that was found with just this library's words counts, or else the last that
    can be read.
    """
    tasks = _tasks(results.record)
    digest = library.digest()
    solved: list[Solved] = []
    unread: list[Dropped] = []
    for name, texts in results.texts.items():
        latest = sorted(texts, key=lambda found: (found.library == digest, found.iteration), reverse=True)
        found = _first(name, latest, library, tasks.get(name))
        match found:
            case Solved():
                solved.append(found)
            case Dropped():
                unread.append(found)
    own = {entry.name: entry for task in tasks.values() for entry in task.library if entry.name not in library}
    return Solutions(tuple(solved), tuple(unread), tuple(own.values()), untyped=not tasks)


def _tasks(record: RunRecord | None) -> dict[str, Task]:
    """The tasks of a run by name; none where they, or their words, are not at hand."""
    if record is None or not record.sources:
        return {}
    try:
        words = read_library(record.primitive_files, record.module_files)
        items = read_workload(record.sources, words)
    except DslError:
        return {}
    return {item.name: item.content for item in items if isinstance(item.content, Task)}


def _first(name: str, texts: Iterable[Found], library: Library, task: Task | None) -> Solved | Dropped:
    """The first program that can be read, or why the first cannot."""
    reasons: list[str] = []
    for found in texts:
        try:
            return _solved(name, found.text, library, task)
        except DslError as error:
            reasons.append(error.message)
    return Dropped(name, reasons[0])


def _solved(name: str, text: str, library: Library, task: Task | None) -> Solved:
    """A program of a task's type; without the task, of the type that its words give it, with int for what these leave.

    Raises DslError for one that cannot be read.
    """
    if task is None:
        return _typed(name, text, library, None)
    own = (entry for entry in task.library if entry.name not in library)
    return _typed(name, text, library.extend(*own, shadow=True), task.type_request)


def _typed(name: str, text: str, words: Library, wanted: FunctionType | None) -> Solved:
    program = parse(text, words, expected=wanted)
    function = program if isinstance(program, Lambda) else Lambda((), program)
    if wanted is not None:
        return Solved(name, function, wanted)
    t = _ground(infer(function, words))
    assert isinstance(t, FunctionType), "a lambda has a function's type"
    return Solved(name, function, t)


def _ground(t: Type) -> Type:
    return apply({variable.name: INT for variable in type_variables(t)}, t)
