"""Loader `lambdabeam:` for the list tasks of LambdaBeam (2023): named arguments, types shown by the values only."""

from __future__ import annotations

import keyword
from pathlib import Path

from dsl.library import Library
from dsl.type_system import FunctionType
from tasks.json_data import JsonPlace, collect_suite, common_type, read_example, read_json
from tasks.suite import Suite
from tasks.task import Task

__all__ = ["load"]


def load(path: Path, library: Library) -> Suite:
    """The tasks of a `lambdabeam_*.json` file, named by their ids: `examples` given, `test` held out.

    Types come from the values of all pairs, an empty list's items from the others. Raises InterfaceError for a file
    that is missing, unreadable or of another shape; a task of another shape becomes a BrokenTask.
    """
    return collect_suite(path.stem, read_json(path).items(), lambda place: _task(place, library))


def _task(place: JsonPlace, library: Library) -> Task:
    parameters = _parameters(place.field("args"))
    examples, tests = place.field("examples").items(), place.field("test").items()
    if not examples:
        raise place.field("examples").wrong_shape("at least one example")
    pairs = (*examples, *tests)
    columns = [_arguments(pair, len(parameters)) for pair in pairs]
    types = tuple(common_type(column) for column in zip(*columns, strict=True))
    result = common_type([pair.field("output") for pair in pairs])
    return Task(
        name=place.field("id").text(),
        parameters=parameters,
        type_request=FunctionType(types, result),
        library=library,
        examples=tuple(read_example(p, types, result) for p in examples),
        holdout=tuple(read_example(p, types, result) for p in tests),
        description=place.optional_text("name"),
        origin=place.path,
    )


def _parameters(place: JsonPlace) -> tuple[str, ...]:
    names = place.items()
    for name in names:
        if not name.text().isidentifier() or keyword.iskeyword(name.text()):
            raise name.wrong_shape("a parameter's name")
    texts = tuple(name.text() for name in names)
    if len(set(texts)) != len(texts):
        raise place.wrong_shape("different names")
    return texts


def _arguments(pair: JsonPlace, count: int) -> tuple[JsonPlace, ...]:
    arguments = pair.field("input").items()
    if len(arguments) != count:
        raise pair.field("input").wrong_shape(
            f"{count} arguments, one for each name in `args`", found=str(len(arguments))
        )
    return arguments
