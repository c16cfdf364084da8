"""Loader `rule:` for the list functions of Rule (2020): one list of ints in, one out, eleven examples a task.

People were shown the examples one by one; here the first eight are given and the others held out. The file's
reference programs are written in another language and are not read.
"""

from __future__ import annotations

from pathlib import Path

from dsl.library import Library
from dsl.type_system import INT, FunctionType, list_of
from tasks.json_data import JsonPlace, collect_suite, read_example, read_json
from tasks.suite import Suite
from tasks.task import Task

__all__ = ["GIVEN", "load"]

GIVEN = 8
"""How many examples of a task a solver sees."""

_INTS = list_of(INT)


def load(path: Path, library: Library) -> Suite:
    """The tasks of a `rule250.json` file, named by their ids.

    Raises InterfaceError for a file that is missing, unreadable or of another shape; a task of another shape becomes
    a BrokenTask.
    """
    document = read_json(path)
    return collect_suite(path.stem, document.field("tasks").items(), lambda place: _task(place, library))


def _task(place: JsonPlace, library: Library) -> Task:
    places = place.field("examples").items()
    if not places:
        raise place.field("examples").wrong_shape("at least one example")
    examples = tuple(read_example(p, (_INTS,), _INTS, bare=True) for p in places)
    return Task(
        name=place.field("id").text(),
        parameters=("xs",),
        type_request=FunctionType((_INTS,), _INTS),
        library=library,
        examples=examples[:GIVEN],
        holdout=examples[GIVEN:],
        description=place.optional_text("description"),
        origin=place.path,
    )
