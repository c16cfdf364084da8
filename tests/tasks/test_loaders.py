"""The loaders on small files of ours: what is given, what is held out, and what is said about wrong files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dsl.errors import DslError, InterfaceError
from dsl.library import Library
from dsl.type_system import show_type
from tasks.loaders import dreamcoder, lambdabeam, rule
from tasks.suite import Suite
from tasks.task import Example

LIBRARY = Library()


def _write(folder: Path, document: object) -> Path:
    path = folder / "data.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _rule(name: str, n: int = 11) -> dict[str, Any]:
    return {"id": name, "description": None, "examples": [{"input": [i], "output": [i, i]} for i in range(n)]}


def _dreamcoder(name: str, request: str = "list(int) -> list(int)") -> dict[str, Any]:
    return {
        "id": name,
        "name": "twins",
        "type": request,
        "examples": [{"input": [[i]], "output": [i]} for i in range(15)],
    }


def _lambdabeam(**changes: Any) -> dict[str, Any]:
    usual = {
        "id": "a",
        "name": "take",
        "args": ["x", "n"],
        "examples": [{"input": [[], 1], "output": []}, {"input": [[5, 6], 1], "output": [5]}],
        "test": [{"input": [[7, 8], 0], "output": []}],
    }
    return {**usual, **changes}


def _only_error(suite: Suite) -> str:
    assert not suite.tasks
    (broken,) = suite.broken
    return str(broken.error)


def test_rule_gives_eight_and_holds_out_three(tmp_path: Path) -> None:
    (task,) = rule.load(_write(tmp_path, {"tasks": [_rule("c1")]}), LIBRARY)
    assert task.signature == "c1(xs: list[int]) -> list[int]"
    assert task.examples[0] == Example(((0,),), (0, 0))
    assert (len(task.examples), len(task.holdout)) == (8, 3)
    assert task.solution is None


def test_lambdabeam_infers_types_from_all_pairs(tmp_path: Path) -> None:
    (task,) = lambdabeam.load(_write(tmp_path, [_lambdabeam()]), LIBRARY)
    assert task.signature == "a(x: list[int], n: int) -> list[int]"
    assert task.description == "take"
    assert task.holdout == (Example(((7, 8), 0), ()),)


def test_dreamcoder_reads_types_and_names_parameters(tmp_path: Path) -> None:
    document = _dreamcoder("d1", "list(list(bool)) -> int -> bool")
    document["examples"] = [{"input": [[[True]], 1], "output": False}] * 9
    (task,) = dreamcoder.load(_write(tmp_path, [document]), LIBRARY)
    assert task.signature == "d1(xss: list[list[bool]], n: int) -> bool"
    assert (len(task.examples), len(task.holdout)) == (8, 1)


def test_a_broken_task_leaves_the_others(tmp_path: Path) -> None:
    bad = _rule("c2")
    bad["examples"][1]["output"] = "x"
    suite = rule.load(_write(tmp_path, {"tasks": [_rule("c1"), bad, _rule("c3")]}), LIBRARY)
    assert [task.name for task in suite] == ["c1", "c3"]
    (broken,) = suite.broken
    assert broken.name == "c2"
    assert str(broken.error).endswith('data.json: tasks[1].examples[1].output: expected list[int], found "x"')


def test_duplicate_ids_name_both_places(tmp_path: Path) -> None:
    suite = rule.load(_write(tmp_path, {"tasks": [_rule("c1"), _rule("c1")]}), LIBRARY)
    assert len(suite) == 1
    (broken,) = suite.broken
    assert broken.name == "tasks[1]"
    assert "tasks[1]: expected an id of its own, found 'c1', which tasks[0] has" in str(broken.error)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"args": ["x"]}, "[0].examples[0].input: expected 1 arguments, one for each name in `args`, found 2"),
        ({"args": ["x", "x"]}, '[0].args: expected different names, found ["x", "x"]'),
        ({"args": ["x", "if"]}, '[0].args[1]: expected a parameter\'s name, found "if"'),
        ({"examples": []}, "[0].examples: expected at least one example, found []"),
        ({"examples": [{"input": [[], 1]}]}, "[0].examples[0]: expected the key 'output', found only 'input'"),
        (
            {"test": [{"input": [[7], True], "output": []}]},
            "[0].test[0].input[1]: expected int as at [0].examples[0].input[1], found true",
        ),
        (
            {"examples": [{"input": [[], 1], "output": []}], "test": []},
            "[0].examples[0].input[0]: expected a value that shows its type, "
            "found only empty lists here and in the other examples",
        ),
        ({"id": 5}, "[0].id: expected text, found 5"),
    ],
)
def test_lambdabeam_names_what_is_wrong(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    error = _only_error(lambdabeam.load(_write(tmp_path, [_lambdabeam(**change)]), LIBRARY))
    assert error.endswith(f"data.json: {message}")


@pytest.mark.parametrize(
    ("request_text", "message"),
    [
        ("list(char) -> int", "found 'list(char) -> int': text tasks are not read yet"),
        ("list(real) -> int", 'expected a type of ints, bools and lists, found "list(real) -> int"'),
        ("", 'expected a type of ints, bools and lists, found ""'),
        ("list(int) -> int -> int", "[0].examples[0].input: expected 2 arguments, found 1"),
    ],
)
def test_dreamcoder_names_types_it_does_not_read(tmp_path: Path, request_text: str, message: str) -> None:
    documents = [_dreamcoder("d1", request_text), _dreamcoder("d2")]
    suite = dreamcoder.load(_write(tmp_path, documents), LIBRARY)
    assert [task.name for task in suite] == ["d2"]
    assert message in str(suite.broken[0].error)


def test_dreamcoder_refuses_a_file_of_text_tasks(tmp_path: Path) -> None:
    path = _write(tmp_path, [_dreamcoder("d1", "list(char) -> list(char)")])
    with pytest.raises(InterfaceError, match="expected list tasks, found 1 text task, which"):
        dreamcoder.load(path, LIBRARY)


@pytest.mark.parametrize("loader", [rule, lambdabeam, dreamcoder])
@pytest.mark.parametrize("document", [None, 7, "text", {"a": []}, {"tasks": 3}])
def test_a_document_of_another_shape_is_refused(tmp_path: Path, loader: Any, document: object) -> None:
    with pytest.raises(DslError, match=r"data\.json: (the file|tasks): expected "):
        loader.load(_write(tmp_path, document), LIBRARY)


@pytest.mark.parametrize("loader", [rule, lambdabeam, dreamcoder])
@pytest.mark.parametrize(
    "item", [None, 7, "text", [], {}, {"id": "a"}, {"id": "a", "examples": {}, "args": [], "test": []}]
)
def test_an_item_of_another_shape_is_a_broken_task(tmp_path: Path, loader: Any, item: object) -> None:
    document = {"tasks": [item]} if loader is rule else [item]
    assert "expected" in _only_error(loader.load(_write(tmp_path, document), LIBRARY))


# ---- The real files, where the machine has them -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loader", "file", "count"),
    [
        (rule, "lists/rule250.json", 167),
        (lambdabeam, "lists/lambdabeam_handwritten.json", 67),
        (lambdabeam, "lists/lambdabeam_synthetic.json", 67),
        (dreamcoder, "dreamcoder/list_tasks.json", 109),
    ],
)
def test_every_task_of_the_real_files_is_read(data_folder: Path, loader: Any, file: str, count: int) -> None:
    suite = loader.load(data_folder / file, LIBRARY)
    assert len(suite) == count
    assert not suite.broken
    assert all(task.examples and task.holdout for task in suite)
    if loader is not lambdabeam:
        assert {len(task.examples) for task in suite} == {8}
    assert {show_type(task.result_type) for task in suite} <= {"int", "bool", "list[int]", "list[bool]"}


def test_the_real_text_tasks_are_refused(data_folder: Path) -> None:
    with pytest.raises(InterfaceError, match="found 128 text tasks"):
        dreamcoder.load(data_folder / "dreamcoder/text_tasks.json", LIBRARY)
