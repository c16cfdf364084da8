"""Suites by name, file, folder and loader."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsl.errors import DslError
from dsl.primitives import CORE
from tasks.load import load_suite, read_folder, shipped_suites

ONE = "task same(n: int) -> int\n    example 1 -> 1\n"
TWO = f"{ONE}task less(n: int) -> int\n    example 1 -> 0\n"
BROKEN = "task torn(n: int) -> int\n    example 1 -> [1]\n"
MODULE = "def same(x: int) -> int = x\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with task files, a library module, a broken file, and what is none of ours."""
    files = {
        "one.syn": ONE,
        "deep/two.syn": TWO,
        "deep/broken.syn": BROKEN,
        "deep/mixed.syn": ONE + BROKEN,
        "deep/unreadable.syn": "import no_such_module\n" + ONE,
        "helpers.syn": MODULE,
        ".hidden/one.syn": ONE,
        "notes.txt": "nothing",
    }
    for name, text in files.items():
        path = tmp_path / "tasks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "tasks"


def test_shipped_suites_are_loaded_by_name() -> None:
    for shipped in shipped_suites():
        suite = load_suite(shipped.name, CORE)
        assert suite.name == shipped.name
        assert not suite.broken
        assert len(suite) == shipped.n_tasks
        assert shipped.description


def test_a_file_is_loaded_by_its_path(folder: Path) -> None:
    suite = load_suite(str(folder / "deep/two.syn"), CORE)
    assert (suite.name, [task.name for task in suite]) == ("two", ["same", "less"])


def test_a_folder_is_loaded_with_names_that_differ(folder: Path) -> None:
    suite = load_suite(str(folder), CORE)
    assert suite.name == "tasks"
    assert [task.name for task in suite] == ["deep/mixed:same", "deep/two:same", "deep/two:less", "one"]
    assert [broken.name for broken in suite.broken] == ["deep/broken", "deep/mixed:torn", "deep/unreadable"]


def test_a_broken_file_in_a_folder_says_which_it_is(folder: Path) -> None:
    errors = {broken.name: str(broken.error) for broken in read_folder(folder, CORE).broken}
    assert errors["deep/unreadable"].startswith(str(folder / "deep/unreadable.syn"))


def test_a_folder_without_tasks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "helpers.syn").write_text(MODULE, encoding="utf-8")
    with pytest.raises(DslError, match=r"expected a folder with tasks, found 1 \.syn file and no task in any"):
        load_suite(str(tmp_path), CORE)


def test_a_loader_is_named_before_a_colon(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"tasks": [{"id": "a", "examples": [{"input": [1], "output": []}]}]}), encoding="utf-8")
    suite = load_suite(f"rule:{path}", CORE)
    assert [task.name for task in suite] == ["a"]


def test_a_file_without_tasks_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text('{"tasks": []}', encoding="utf-8")
    with pytest.raises(DslError, match="expected at least one task, found none"):
        load_suite(f"rule:{path}", CORE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("list", "hint: did you mean 'lists'?"),
        ("list", "expected a suite (adversarial, growing, length, lists, samples, tour), a .syn file, a folder"),
        ("rul:data.json", "hint: did you mean 'rule:data.json'?"),
        ("dreamcoder", "hint: did you mean 'dreamcoder:PATH'?"),
        ("qqq", "found 'qqq'"),
        ("none/at/all", "none/at/all: expected a .syn file or a folder, found no such file"),
        ("none.syn", "none.syn: expected a readable file, found none"),
        ("rule:none.json", "none.json: expected a JSON file, found no such file"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(text: str, message: str) -> None:
    with pytest.raises(DslError) as error:
        load_suite(text, CORE)
    assert message in str(error.value)


def test_a_file_of_another_format_needs_a_loader(folder: Path) -> None:
    with pytest.raises(DslError) as error:
        load_suite(str(folder / "notes.txt"), CORE)
    assert "expected a .syn file, a folder of such, or LOADER:PATH, found another file" in str(error.value)
    assert f"rule:{folder / 'notes.txt'}" in str(error.value)
