"""What commands work on: ids, patterns, drawn and hidden examples."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dsl.errors import DslError, InterfaceError
from dsl.primitives import CORE
from dsl.type_system import INT, FunctionType
from synth.workload import hide, matches, read_library, read_workload
from tasks.suite import BrokenTask
from tasks.task import Example, Task

TEN = Task("ten", ("n",), FunctionType((INT,), INT), CORE, tuple(Example((n,), n) for n in range(10)))
FILE = """
task same(xs: list[int]) -> list[int]
    example [1] -> [1]

task drawn(xs: list[int]) -> int
    input xs: list[int] of length 1..5
    solution length(xs)

task broken(xs: list[int]) -> int
    example [1] -> [1]
"""


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("even", True),
        ("EVEN", True),
        ("odd", False),
        ("not odd", True),
        ("even and odd", False),
        ("odd or first", True),
        ("not (odd or even)", False),
        ("not not even", True),
    ],
)
def test_patterns(pattern: str, fits: bool) -> None:
    assert matches(pattern, "evens first") is fits


@pytest.mark.parametrize("pattern", ["", "and", "a and", "(a", "a)", "a b", "not"])
def test_a_pattern_that_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(InterfaceError, match="expected a pattern"):
        matches(pattern, "a")


def test_hidden_examples_are_a_share_and_kept_in_order() -> None:
    task = hide(TEN, 0.33, random.Random(0))
    assert (len(task.examples), len(task.holdout)) == (7, 3)
    assert sorted((*task.examples, *task.holdout), key=lambda e: e.arguments) == list(TEN.examples)
    assert list(task.examples) == sorted(task.examples, key=lambda e: e.arguments)


def test_one_example_always_stays() -> None:
    assert len(hide(TEN, 0.99, random.Random(0)).examples) == 1


def test_a_generator_gets_examples_and_a_broken_task_harms_no_other(tmp_path: Path) -> None:
    (tmp_path / "three.syn").write_text(FILE)
    items = {i.content.name: i for i in read_workload([str(tmp_path / "three.syn")], CORE)}
    drawn = items["drawn"].content
    assert isinstance(drawn, Task)
    assert (len(drawn.examples), len(drawn.holdout)) == (5, 5)
    assert isinstance(items["broken"].content, BrokenTask)
    assert isinstance(items["same"].content, Task)


def test_the_same_seed_draws_the_same(tmp_path: Path) -> None:
    path = tmp_path / "three.syn"
    path.write_text(FILE)
    first, again, other = (
        [i.content for i in read_workload([str(path)], CORE, seed=seed, pattern="drawn")] for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_tasks_of_one_name_get_different_ids(tmp_path: Path) -> None:
    text = "task same(n: int) -> int\n    example 1 -> 1\n"
    for name in ("a.syn", "b.syn"):
        (tmp_path / name).write_text(text)
    names = [i.name for i in read_workload([str(tmp_path / "a.syn"), str(tmp_path / "b.syn")], CORE)]
    assert len(set(names)) == 2


def test_words_come_from_python_files_and_modules(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from dsl.primitive import primitive\n"
        "@primitive\n"
        "def triple(n: int) -> int:\n    'Three times.'\n    return 3 * n\n"
    )
    (tmp_path / "more.syn").write_text("def nine(n: int) -> int = triple(triple(n))\n")
    library = read_library([str(tmp_path / "mine.py")], [str(tmp_path / "more.syn")])
    assert library.candidates("triple")
    assert library.candidates("nine")


def test_a_shipped_module_is_named_and_a_basis_leaves_only_its_words(tmp_path: Path) -> None:
    (tmp_path / "more.syn").write_text("def thrice(n: int) -> int = n + n + n\n")
    library = read_library([], ["peers/lambdabeam", str(tmp_path / "more.syn")])
    assert len(library.vocabulary) == 29
    assert not library.candidates("fold")
    assert read_library([], ["lists"]).candidates("evens")
    with pytest.raises(DslError, match=r"did you mean `peers\.lambdabeam`"):
        read_library([], ["peers/lambdabaem"])


def test_a_missing_file_is_named() -> None:
    with pytest.raises(DslError, match=r"nowhere\.syn"):
        read_workload(["nowhere.syn"], CORE)
