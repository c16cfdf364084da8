"""Tasks in JSON files: reading values with the place they stand at, so that every error can name it.

What the loaders share. A place is written as JavaScript would reach it: `tasks[3].examples[1].output`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from dsl.errors import DslError, InterfaceError, ResourceError, ValueProblem
from dsl.type_system import BOOL, INT, Type, TypeConstructor, TypeVariable, list_of, show_type, type_variables
from dsl.values import INT_MAX, INT_MIN, SIZE_LIMIT, size_of
from tasks.suite import BrokenTask, Suite
from tasks.task import Example, Task

__all__ = ["BYTES_LIMIT", "JsonPlace", "collect_suite", "common_type", "read_example", "read_json"]

BYTES_LIMIT = 100_000_000
"""Largest JSON file that is read, in bytes."""


@dataclass(frozen=True)
class JsonPlace:
    """A part of a JSON document, and where it stands in which file."""

    data: object
    where: str
    path: str

    def field(self, name: str) -> JsonPlace:
        """The value under a key; InterfaceError where this is no object or lacks the key."""
        if not isinstance(self.data, dict):
            raise self.wrong_shape(f"an object with the key {name!r}")
        if name not in self.data:
            keys = ", ".join(repr(k) for k in list(self.data)[:8])
            raise self.wrong_shape(f"the key {name!r}", found=f"only {keys}" if keys else "an empty object")
        return JsonPlace(self.data[name], f"{self.where}.{name}" if self.where else name, self.path)

    def items(self) -> tuple[JsonPlace, ...]:
        """The items of a list, each with its place; InterfaceError where this is none."""
        if not isinstance(self.data, list):
            raise self.wrong_shape("a list")
        return tuple(JsonPlace(item, f"{self.where}[{i}]", self.path) for i, item in enumerate(self.data))

    def text(self) -> str:
        """The text here; InterfaceError where it is none."""
        if not isinstance(self.data, str):
            raise self.wrong_shape("text")
        return self.data

    def optional_text(self, name: str) -> str:
        """The text under a key, or the empty text where the key is missing or null."""
        if isinstance(self.data, dict) and self.data.get(name) is None:
            return ""
        return self.field(name).text()

    def value(self, expected: Type) -> object:
        """The value here as the language has it; ValueProblem, pointing at the item, where it is not of that type."""
        value = self._value(expected)
        if size_of(value) > SIZE_LIMIT:
            raise self.wrong_value(f"a value of at most {SIZE_LIMIT} items", found="a larger one")
        return value

    def _value(self, expected: Type) -> object:
        match expected, self.data:
            case TypeConstructor("bool"), bool():
                return self.data
            case TypeConstructor("int"), int() if not isinstance(self.data, bool):
                if not INT_MIN <= self.data <= INT_MAX:
                    raise self.wrong_value("an int of 64 bits")
                return self.data
            case TypeConstructor("list", (item,)), list():
                return tuple(place._value(item) for place in self.items())
            case _:
                raise self.wrong_value(show_type(expected))

    def wrong_shape(self, expected: str, *, found: str | None = None) -> InterfaceError:
        """The error for data of the wrong shape."""
        return InterfaceError(self.message(expected, found), path=self.path)

    def wrong_value(self, expected: str, *, found: str | None = None) -> ValueProblem:
        """The error for a value of the wrong type."""
        return ValueProblem(self.message(expected, found), path=self.path)

    def message(self, expected: str, found: str | None = None) -> str:
        """`tasks[3].id: expected text, found 7`."""
        return f"{self.where or 'the file'}: expected {expected}, found {found or _describe(self.data)}"


def _describe(data: object) -> str:
    """JSON data in a few words, cut short."""
    match data:
        case dict():
            return "an object"
        case list() if not data:
            return "[]"
    text = json.dumps(data)
    return text if len(text) <= 60 else f"{text[:57]}..."


def read_json(path: Path) -> JsonPlace:
    """The document in a file; InterfaceError for a file that is missing, unreadable or not JSON."""
    name = str(path)
    try:
        if path.is_dir():
            raise InterfaceError("expected a JSON file, found a folder", path=name)
        if (size := path.stat().st_size) > BYTES_LIMIT:
            raise ResourceError(f"expected at most {BYTES_LIMIT:,} bytes, found {size:,}", path=name)
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InterfaceError("expected a JSON file, found no such file", path=name) from None
    except UnicodeDecodeError as error:
        raise InterfaceError(f"expected UTF-8 text, found a bad byte at offset {error.start}", path=name) from None
    except OSError as error:
        raise InterfaceError(f"the file cannot be read: {error.strerror or error}", path=name) from None
    return JsonPlace(_parse(text, name), "", name)


def _parse(text: str, path: str) -> object:
    def refuse_constant(name: str) -> NoReturn:
        raise InterfaceError(f"expected JSON, found the number {name}, which JSON does not have", path=path)

    try:
        return json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        message = f"expected JSON, found a mistake at line {error.lineno}, column {error.colno}: {error.msg}"
        raise InterfaceError(message, path=path) from None
    except RecursionError:
        raise ResourceError("expected JSON with a few levels of nesting, found far too many", path=path) from None
    except ValueError as error:  # Python refuses integers of thousands of digits
        raise InterfaceError(f"expected JSON, found {error}", path=path) from None


def common_type(places: Sequence[JsonPlace]) -> Type:
    """The type that all these values have: ints, bools, and lists of such to any depth.

    An empty list takes its item type from the others. ValueProblem, naming both places, for values that differ in
    type, and for a list whose items no value shows.
    """
    found: Type = TypeVariable("A")
    witness = places[0]
    for place in places:
        own = _type_of(place)
        joined = _join(found, own)
        if joined is None:
            raise place.wrong_value(f"{show_type(found)} as at {witness.where}", found=f"{_describe(place.data)}")
        if joined != found:
            found, witness = joined, place
    if type_variables(found):
        only_empty = "only empty lists here and in the other examples"
        raise places[0].wrong_value("a value that shows its type", found=only_empty)
    return found


def _type_of(place: JsonPlace) -> Type:
    match place.data:
        case bool():
            return BOOL
        case int():
            return INT
        case list():
            return list_of(_item_type(place))
        case _:
            raise place.wrong_value("an int, a bool, or a list of such")


def _item_type(place: JsonPlace) -> Type:
    found: Type = TypeVariable("A")
    for item in place.items():
        joined = _join(found, _type_of(item))
        if joined is None:
            raise item.wrong_value(f"{show_type(found)} as the items before it")
        found = joined
    return found


def _join(a: Type, b: Type) -> Type | None:
    """The type that both are, where `A` (an empty list's item) may become anything; None where there is none."""
    match a, b:
        case TypeVariable(), _:
            return b
        case _, TypeVariable():
            return a
        case TypeConstructor("list", (x,)), TypeConstructor("list", (y,)):
            inner = _join(x, y)
            return None if inner is None else list_of(inner)
        case _:
            return a if a == b else None


def read_example(place: JsonPlace, parameters: Sequence[Type], result: Type, *, bare: bool = False) -> Example:
    """The example at a place: `input` holds one value for each parameter (with `bare`, the only one itself)."""
    inputs = (place.field("input"),) if bare else place.field("input").items()
    if len(inputs) != len(parameters):
        raise place.field("input").wrong_shape(_count(len(parameters), "argument"), found=_count(len(inputs), ""))
    arguments = tuple(p.value(t) for p, t in zip(inputs, parameters, strict=True))
    return Example(arguments, place.field("output").value(result))


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 or not noun else 's'}".strip()


def collect_suite(name: str, places: Iterable[JsonPlace], read: Callable[[JsonPlace], Task]) -> Suite:
    """All tasks that can be read, in order; each of the others becomes a BrokenTask. Ids must differ."""
    tasks: list[Task] = []
    broken: list[BrokenTask] = []
    seen: dict[str, JsonPlace] = {}
    for place in places:
        try:
            task = read(place)
            if (earlier := seen.setdefault(task.name, place)) is not place:
                raise place.wrong_shape("an id of its own", found=f"{task.name!r}, which {earlier.where} has")
            tasks.append(task)
        except DslError as error:
            broken.append(BrokenTask(_id_of(place, seen), error))
    return Suite(name, tuple(tasks), tuple(broken))


def _id_of(place: JsonPlace, taken: dict[str, JsonPlace]) -> str:
    """A broken task's own id where it has one that is free, else its place."""
    match place.data:
        case {"id": str(own)} if own not in taken or taken[own] is place:
            return own
    return place.where
