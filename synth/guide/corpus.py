"""What a guide learns from: tasks with a solution each, and files of them, a task a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsl.errors import DslError, InterfaceError
from dsl.library import Library
from dsl.parser import parse, parse_type
from dsl.printer import show
from dsl.program import Lambda
from dsl.type_system import FunctionType, Type, TypeConstructor, show_type
from dsl.values import Some
from tasks.task import Example, Spec

__all__ = ["TrainingTask", "read_corpus", "read_lines", "to_line", "write_corpus"]


@dataclass(frozen=True)
class TrainingTask:
    """A task and a program that solves it.

    `bits` is the program's length under the library; `source` says where it is from: `hindsight` (a class of programs
    that a search came by), `dream` (drawn from the grammar), or `replay` (a task that was solved).
    """

    spec: Spec
    program: Lambda
    bits: float
    source: str


def write_corpus(path: Path, tasks: Iterable[TrainingTask]) -> int:
    """Add tasks to a file, a line of JSON each; how many there were."""
    count = 0
    with path.open("a", encoding="utf-8") as file:
        for task in tasks:
            file.write(to_line(task) + "\n")
            count += 1
    return count


def read_corpus(paths: Iterable[Path], library: Library) -> Iterator[TrainingTask]:
    """The tasks of files that `write_corpus` wrote, over a library that has their words.

    Raises InterfaceError, with the line, for one that is not such a task.
    """
    for path in paths:
        with path.open(encoding="utf-8") as file:
            yield from read_lines(file, library, str(path))


def read_lines(lines: Iterable[str], library: Library, path: str) -> Iterator[TrainingTask]:
    """The tasks in lines that `to_line` made; InterfaceError, with the path given, for one that is not such a task."""
    for number, line in enumerate(lines, 1):
        try:
            yield _read(json.loads(line), library)
        except (ValueError, KeyError, TypeError, DslError) as error:
            raise InterfaceError(f"expected a task to learn from, found line {number}: {error}", path=path) from error


def to_line(task: TrainingTask) -> str:
    """A task as a line of JSON."""
    spec = task.spec
    request = spec.type_request
    variables = dict(zip(task.program.parameters, request.parameters, strict=True))
    body = show(task.program.body, spec.library, expected=request.result, variables=variables)
    examples = [
        [
            *(_plain(a, t) for a, t in zip(e.arguments, request.parameters, strict=True)),
            _plain(e.output, request.result),
        ]
        for e in spec.examples
    ]
    data = {
        "parameters": list(spec.parameters),
        "types": [show_type(t) for t in (*request.parameters, request.result)],
        "examples": examples,
        "program": body,
        "bits": round(task.bits, 2),
        "source": task.source,
    }
    return json.dumps(data, separators=(",", ":"))


def _read(data: Mapping[str, Any], library: Library) -> TrainingTask:
    *inputs, result = map(parse_type, data["types"])
    names = tuple(data["parameters"])
    examples = tuple(
        Example(tuple(_value(a, t) for a, t in zip(arguments, inputs, strict=True)), _value(output, result))
        for *arguments, output in data["examples"]
    )
    body = parse(data["program"], library, expected=result, variables=dict(zip(names, inputs, strict=True)))
    spec = Spec(names, FunctionType(tuple(inputs), result), library, examples)
    return TrainingTask(spec, Lambda(names, body), float(data["bits"]), data["source"])


def _plain(value: object, t: Type) -> object:
    """A value as JSON has it; an option is a list of at most one."""
    match t, value:
        case TypeConstructor("option", (item,)), Some(held):
            return [_plain(held, item)]
        case TypeConstructor("option"), None:
            return []
        case TypeConstructor("list", (item,)), tuple():
            return [_plain(v, item) for v in value]
        case TypeConstructor("tuple", items), tuple():
            return [_plain(v, item) for v, item in zip(value, items, strict=True)]
        case TypeConstructor("int" | "bool" | "real" | "text"), _:
            return value
    raise InterfaceError(f"expected a type whose values JSON has, found {show_type(t)}")


def _value(data: Any, t: Type) -> object:
    match t:
        case TypeConstructor("option", (item,)):
            return Some(_value(data[0], item)) if data else None
        case TypeConstructor("list", (item,)):
            return tuple(_value(v, item) for v in data)
        case TypeConstructor("tuple", items):
            return tuple(_value(v, item) for v, item in zip(data, items, strict=True))
    return data
