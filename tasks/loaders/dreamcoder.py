"""Loader `dreamcoder:` for DreamCoder's (2021) list tasks: types as text, fifteen examples a task.

The first eight examples are given and the others held out. Text tasks (`list(char)`) are refused by name.
"""

from __future__ import annotations

import re
from pathlib import Path

from dsl.errors import InterfaceError
from dsl.library import Library
from dsl.type_system import BOOL, INT, FunctionType, Type, list_of
from tasks.json_data import JsonPlace, collect_suite, read_example, read_json
from tasks.suite import Suite
from tasks.task import Task, parameter_names

__all__ = ["GIVEN", "load"]

GIVEN = 8
"""How many examples of a task a solver sees."""

_ATOMS = {"int": INT, "bool": BOOL}
_LIST = re.compile(r"list\((.*)\)")


def load(path: Path, library: Library) -> Suite:
    """The tasks of a `list_tasks.json` file, named by their ids.

    Raises InterfaceError for a file that is missing, unreadable, of another shape, or all of text tasks; a task of
    another shape or type becomes a BrokenTask.
    """
    places = read_json(path).items()
    if places and all(_is_text(place) for place in places):
        found = f"{len(places)} text task{'s' if len(places) > 1 else ''}"
        raise InterfaceError(f"expected list tasks, found {found}, which this version does not read", path=str(path))
    return collect_suite(path.stem, places, lambda place: _task(place, library))


def _is_text(place: JsonPlace) -> bool:
    match place.data:
        case {"type": str(text)}:
            return "char" in text
    return False


def _task(place: JsonPlace, library: Library) -> Task:
    request = _request(place.field("type"))
    places = place.field("examples").items()
    if not places:
        raise place.field("examples").wrong_shape("at least one example")
    examples = tuple(read_example(p, request.parameters, request.result) for p in places)
    return Task(
        name=place.field("id").text(),
        parameters=parameter_names(request.parameters),
        type_request=request,
        library=library,
        examples=examples[:GIVEN],
        holdout=examples[GIVEN:],
        description=place.optional_text("name"),
        origin=place.path,
    )


def _request(place: JsonPlace) -> FunctionType:
    """`list(int) -> int -> bool`: every arrow but the last ends a parameter."""
    *parameters, result = (_type(part.strip(), place) for part in place.text().split("->"))
    return FunctionType(tuple(parameters), result)


def _type(text: str, place: JsonPlace) -> Type:
    if text in _ATOMS:
        return _ATOMS[text]
    if found := _LIST.fullmatch(text):
        return list_of(_type(found[1].strip(), place))
    if text == "char":
        raise place.wrong_shape("a type of ints, bools and lists", found=f"{place.data!r}: text tasks are not read yet")
    raise place.wrong_shape("a type of ints, bools and lists")
