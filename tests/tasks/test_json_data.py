"""Reading JSON with places: every mistake is named with the file and the place it stands at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsl.errors import DslError, InterfaceError, ResourceError, ValueProblem
from dsl.type_system import BOOL, INT, Type, list_of, show_type
from tasks.json_data import JsonPlace, common_type, read_json


def _place(data: object) -> JsonPlace:
    return JsonPlace(data, "tasks[3]", "a.json")


def _message(error: pytest.ExceptionInfo[DslError]) -> str:
    return str(error.value)


def test_fields_and_items_carry_their_place() -> None:
    place = JsonPlace({"tasks": [{"id": "a"}]}, "", "a.json")
    assert place.field("tasks").items()[0].field("id").where == "tasks[0].id"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "a.json: tasks[3]: expected an object with the key 'id', found []"),
        ({}, "a.json: tasks[3]: expected the key 'id', found an empty object"),
        ({"name": 1}, "a.json: tasks[3]: expected the key 'id', found only 'name'"),
        ({"id": 7}, "a.json: tasks[3].id: expected text, found 7"),
    ],
)
def test_a_missing_key_is_named(data: object, message: str) -> None:
    with pytest.raises(InterfaceError) as error:
        _place(data).field("id").text()
    assert _message(error) == message


@pytest.mark.parametrize(
    ("data", "expected", "message"),
    [
        (True, INT, "a.json: tasks[3]: expected int, found true"),
        (1, BOOL, "a.json: tasks[3]: expected bool, found 1"),
        (1.5, INT, "a.json: tasks[3]: expected int, found 1.5"),
        ([1, "a"], list_of(INT), 'a.json: tasks[3][1]: expected int, found "a"'),
        ([[1], 2], list_of(list_of(INT)), "a.json: tasks[3][1]: expected list[int], found 2"),
        (2**63, INT, "a.json: tasks[3]: expected an int of 64 bits, found 9223372036854775808"),
        (None, INT, "a.json: tasks[3]: expected int, found null"),
        ({"a": 1}, INT, "a.json: tasks[3]: expected int, found an object"),
        ([0] * 20_000, list_of(INT), "a.json: tasks[3]: expected a value of at most 10000 items, found a larger one"),
    ],
)
def test_a_wrong_value_is_pointed_at(data: object, expected: Type, message: str) -> None:
    with pytest.raises(ValueProblem) as error:
        _place(data).value(expected)
    assert _message(error) == message


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([1, 2], "int"),
        ([True], "bool"),
        ([[], [1]], "list[int]"),
        ([[], [[], [True]]], "list[list[bool]]"),
        ([[[]], [], [[1]]], "list[list[int]]"),
    ],
)
def test_types_come_from_all_the_values(column: list[object], expected: str) -> None:
    assert show_type(common_type([_place(data) for data in column])) == expected


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ([1, True], "p[1]: expected int as at p[0], found true"),
        ([[], [1], [True]], "p[2]: expected list[int] as at p[1], found [true]"),
        ([[1, [2]]], "p[0][1]: expected int as the items before it, found [2]"),
        ([[], []], "p[0]: expected a value that shows its type, found only empty lists here and in the other examples"),
        (["a"], 'p[0]: expected an int, a bool, or a list of such, found "a"'),
        ([1.0], "p[0]: expected an int, a bool, or a list of such, found 1.0"),
    ],
)
def test_values_without_a_common_type_are_refused(column: list[object], message: str) -> None:
    with pytest.raises(ValueProblem) as error:
        common_type([JsonPlace(data, f"p[{i}]", "a.json") for i, data in enumerate(column)])
    assert _message(error) == f"a.json: {message}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "expected JSON, found a mistake at line 1, column 2: "),
        (b"", "expected JSON, found a mistake at line 1, column 1: "),
        (b"\xff\xfe", "expected UTF-8 text, found a bad byte at offset 0"),
        (b"[NaN]", "expected JSON, found the number NaN, which JSON does not have"),
        (b"[" + b"1" * 5000 + b"]", "expected JSON, found "),
        (b"[" * 100_000, "expected JSON with a few levels of nesting, found far too many"),
    ],
)
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(DslError) as error:
        read_json(path)
    assert _message(error).startswith(f"{path}: {message}")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InterfaceError, match="expected a JSON file, found no such file"):
        read_json(tmp_path / "none.json")
    with pytest.raises(InterfaceError, match="expected a JSON file, found a folder"):
        read_json(tmp_path)


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([]), encoding="utf-8")

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(InterfaceError, match="the file cannot be read: Permission denied"):
        read_json(path)


def test_a_huge_file_is_refused_before_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.json_data.BYTES_LIMIT", 10)
    path = tmp_path / "a.json"
    path.write_text("[1, 2, 3, 4, 5]", encoding="utf-8")
    with pytest.raises(ResourceError, match="expected at most 10 bytes, found 15"):
        read_json(path)
