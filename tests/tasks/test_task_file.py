"""Reading task files: what they mean, and what is said about mistakes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dsl.errors import DslError, InterfaceError, ResourceError, SyntaxProblem
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda
from dsl.type_system import INT, Range, list_of
from tasks.suite import BrokenTask
from tasks.task import BudgetLine, Example, InputRange
from tasks.task_file import read_task_file, read_tasks

Golden = Callable[[Path, str], None]
GOLDEN = Path(__file__).parent.parent / "golden"

EVERYTHING = """\
syn 1

def is_small(x: int) -> bool = x < 10
    "Below ten."

task small_sorted(xs: list[int], n: int) -> list[int]
    "The small items and n,"
    "in order."
    example [12, 4, 1], 3 -> [1, 3, 4]
    example [], 5 -> [5]
    query   [2, 20], 0
    holdout [99, 8], 7 -> [7, 8]
    input   xs: list[int] of length 0..10, items -9..99
    input   n in 0..9
    uses    is_small, list, order
    forbid  reverse, list.concat
    sketch  ?
    sketch  cons(?least, filter(?keep, xs))
    noise   12.5%
    tags    tour, easy
    budget  200_000 evaluations, 30 s
    solution sort(cons(n, filter(is_small, xs)))
"""

SKETCHES = ("?", "cons(?least, filter(?keep, xs))")


def _only_broken(text: str) -> BrokenTask:
    suite = read_tasks(text, CORE, name="mistakes", path=Path("tasks.syn"))
    assert not suite.tasks
    (broken,) = suite.broken
    return broken


def test_every_kind_of_line_is_read() -> None:
    (task,) = read_tasks(EVERYTHING, CORE, name="everything")
    assert task.signature == "small_sorted(xs: list[int], n: int) -> list[int]"
    assert task.description == "The small items and n,\nin order."
    assert task.examples == (Example(((12, 4, 1), 3), (1, 3, 4)), Example(((), 5), (5,)))
    assert task.queries == (((2, 20), 0),)
    assert task.holdout == (Example(((99, 8), 7), (7, 8)),)
    assert task.inputs == (
        ("xs", InputRange(length=Range(0, 10), items=InputRange(values=Range(-9, 99)))),
        ("n", InputRange(values=Range(0, 9))),
    )
    assert task.tags == {"tour", "easy"}
    assert task.budget == BudgetLine(200_000, 30.0)
    assert (task.uses, task.forbid) == (("is_small", "list", "order"), ("reverse", "list.concat"))
    types = {"xs": list_of(INT), "n": INT}
    sketches = [parse(text, task.library, expected=list_of(INT), variables=types) for text in SKETCHES]
    assert task.sketches == tuple(Lambda(("xs", "n"), body) for body in sketches)
    assert task.noise == 0.125
    body = parse("sort(cons(n, filter(is_small, xs)))", task.library, expected=list_of(INT), variables=types)
    assert task.solution == Lambda(("xs", "n"), body)


def test_uses_and_forbid_make_the_library() -> None:
    (task,) = read_tasks(EVERYTHING, CORE, name="everything")
    words = set(task.library.entries)
    assert {"list.map", "order.lt", "list.sort"} <= words
    assert not words & {"list.reverse", "list.concat", "int.add", "text.concat"}
    assert any(entry.short == "is_small" for entry in task.library)


def test_a_solver_sees_nothing_of_the_holdout_or_the_solution() -> None:
    (task,) = read_tasks(EVERYTHING, CORE, name="everything")
    shown = repr(task.spec)
    assert "99" not in shown
    assert "sort" not in shown
    assert "small_sorted" not in shown


def test_a_solver_sees_the_sketches_and_the_noise() -> None:
    (task,) = read_tasks(EVERYTHING, CORE, name="everything")
    assert (task.spec.sketches, task.spec.noise) == (task.sketches, 0.125)


@pytest.mark.parametrize(
    ("text", "noise"), [("0", 0.0), ("0%", 0.0), ("10%", 0.1), ("0.1", 0.1), ("99.9%", 0.999), ("1_0 %", 0.1)]
)
def test_noise_is_a_share(text: str, noise: float) -> None:
    lines = f"task a(n: int) -> int\n    example 1 -> 1\n    noise {text}\n"
    assert read_tasks(lines, CORE, name="a")["a"].noise == noise


def test_a_solution_may_miss_as_many_examples_as_the_noise_allows() -> None:
    text = "task a(n: int) -> int\n    example 1 -> 2\n    example 3 -> 4\n    example 3 -> 5\n    solution n + 1\n"
    assert read_tasks(f"{text}    noise 34%\n", CORE, name="a")["a"].noise == 0.34
    assert read_tasks(f"{text}    noise 33%\n", CORE, name="a").broken


def test_a_solution_without_examples_is_a_generator() -> None:
    (task,) = read_tasks("task twice(n: int) -> int\n    solution n + n\n", CORE, name="generator")
    assert task.is_generator


def test_a_task_may_have_no_inputs() -> None:
    (task,) = read_tasks("task three() -> int\n    example -> 3\n    solution 3\n", CORE, name="constant")
    assert task.examples == (Example((), 3),)


def test_a_broken_task_leaves_the_others() -> None:
    text = (
        "task one(n: int) -> int\n    example 1 -> 1\n"
        "task two(n: int) -> int\n    example 1 -> [1]\n"
        "task three(n: int) -> int\n    example 1 ->\n"
        "task four(n: int) -> int\n    example 4 -> 4\n"
    )
    suite = read_tasks(text, CORE, name="mixed")
    assert [task.name for task in suite] == ["one", "four"]
    assert sorted(broken.name for broken in suite.broken) == ["three", "two"]


def test_contradictory_examples_are_left_to_the_solvers() -> None:
    text = "task torn(n: int) -> int\n    example 1 -> 2\n    example 1 -> 3\n"
    assert len(read_tasks(text, CORE, name="torn")) == 1


def test_line_ends_and_tabs_do_not_matter() -> None:
    text = EVERYTHING.replace("    ", "\t").replace("\n", "\r\n")
    assert read_tasks(text, CORE, name="everything").tasks == read_tasks(EVERYTHING, CORE, name="everything").tasks


MISTAKES = {
    "an output of the wrong type": """
    example [1] -> [2]
    example [2] -> [3]
    example [3, 4] -> 7""",
    "an item of the wrong type": """
    example [1, True] -> [2]""",
    "too many inputs": """
    example [1], 5 -> [2]""",
    "no input": """
    example -> [2]""",
    "a query of the wrong type": """
    example [1] -> [2]
    query 7""",
    "a held-out pair of the wrong type": """
    example [1] -> [2]
    holdout [1] -> 'two'""",
    "an int too large": """
    example [1] -> [99999999999999999999]""",
    "no examples and no solution": """
    "Says nothing." """,
    "an unknown word in uses": """
    example [1] -> [2]
    uses list, sortt""",
    "an unknown word in forbid": """
    example [1] -> [2]
    forbid revers""",
    "uses and forbid at odds": """
    example [1] -> [2]
    uses sort, map
    forbid sort""",
    "input for no parameter": """
    example [1] -> [2]
    input ys of length 0..3""",
    "input twice": """
    example [1] -> [2]
    input xs of length 0..3
    input xs of length 0..4""",
    "input of another type": """
    example [1] -> [2]
    input xs: list[bool] of length 0..3""",
    "a number's range for a list": """
    example [1] -> [2]
    input xs in 0..3""",
    "a length of items that have none": """
    example [1] -> [2]
    input xs of length 0..3, items of length 0..4""",
    "two solutions": """
    example [1] -> [1]
    solution xs
    solution xs""",
    "a solution of another type": """
    example [1] -> [2]
    solution length(xs)""",
    "a solution with an unknown word": """
    example [1] -> [2]
    solution srot(xs)""",
    "a solution with a forbidden word": """
    example [2, 1] -> [1, 2]
    forbid sort
    solution sort(xs)""",
    "a solution that disagrees with an example": """
    example [1, 2] -> [2, 1]
    example [3, 4] -> [3, 4]
    solution reverse(xs)""",
    "a solution that fails on a held-out pair": """
    example [1, 2] -> [1]
    holdout [] -> []
    solution [head(xs)]""",
    "ensure": """
    example [1] -> [2]
    ensure length(result) == length(xs)""",
    "noise of everything": """
    example [1] -> [2]
    noise 100%""",
    "two lines of noise": """
    example [1] -> [2]
    noise 10%
    noise 20%""",
    "a solution that misses more than the noise allows": """
    example [1, 2] -> [2, 1]
    example [3, 4] -> [3, 4]
    example [5, 6] -> [5, 6]
    noise 40%
    solution reverse(xs)""",
    "a solution that misses a held-out pair, whatever the noise": """
    example [1, 2] -> [2, 1]
    example [3, 4] -> [3, 4]
    holdout [5, 6] -> [5, 6]
    noise 50%
    solution reverse(xs)""",
    "a line that there is not": """
    exmaple [1] -> [2]""",
}


def test_every_mistake_in_a_line_is_named(golden: Golden) -> None:
    shown = [
        f"# {what}\n{_only_broken(f'task twins(xs: list[int]) -> list[int]{lines}').error}"
        for what, lines in MISTAKES.items()
    ]
    golden(GOLDEN / "task_lines.txt", "\n\n".join(shown))


HEADERS = {
    "an unknown type": "task a(xs: list[grid]) -> int\n    example [] -> 1",
    "a type variable": "task a(xs: list[A]) -> int\n    example [] -> 1",
    "a function": "task a(f: (int) -> int) -> int\n    example 1 -> 1",
    "two parameters of one name": "task a(n: int, n: int) -> int\n    example 1, 1 -> 1",
    "no result": "task a(n: int)\n    example 1 -> 1",
    "no name": "task (n: int) -> int\n    example 1 -> 1",
}


def test_every_mistake_in_a_header_is_named(golden: Golden) -> None:
    shown = [f"# {what}\n{_only_broken(text).error}" for what, text in HEADERS.items()]
    golden(GOLDEN / "task_headers.txt", "\n\n".join(shown))


def test_duplicate_names_name_both_places() -> None:
    task = "task same(n: int) -> int\n    example 1 -> 1\n"
    suite = read_tasks(f"{task}\n{task}", CORE, name="twice", path=Path("tasks.syn"))
    assert len(suite) == 1
    (broken,) = suite.broken
    assert broken.name == "same (line 4)"
    assert str(broken.error).startswith(
        "tasks.syn:4:6: expected a name of its own, found 'same', which the task at line 1 has\n   4 | task same"
    )


FILES = {
    "a wrong definition": "def a(x: int) -> int = x == 1\n\ntask b(n: int) -> int\n    example 1 -> 1",
    "a definition that does not parse": "def a(x: int) -> int = \n\ntask b(n: int) -> int\n    example 1 -> 1",
    "an unknown module": "import nothing_like_it\n\ntask b(n: int) -> int\n    example 1 -> 1",
    "an unknown word in its basis": "uses map, foldd\n\ntask b(n: int) -> int\n    example 1 -> 1",
    "a basis after a task": "task b(n: int) -> int\n    example 1 -> 1\nuses map",
    "another version": "syn 2\ntask b(n: int) -> int\n    example 1 -> 1",
}


def test_what_all_tasks_share_must_be_right(golden: Golden) -> None:
    shown = []
    for what, text in FILES.items():
        with pytest.raises(DslError) as error:
            read_tasks(text, CORE, name="file", path=Path("tasks.syn"))
        shown.append(f"# {what}\n{error.value}")
    golden(GOLDEN / "task_files.txt", "\n\n".join(shown))


def test_a_block_of_no_known_kind_leaves_the_others() -> None:
    text = "tsak one(n: int) -> int\n    example 1 -> 1\ntask two(n: int) -> int\n    example 1 -> 1\n!\n"
    suite = read_tasks(text, CORE, name="file")
    assert [task.name for task in suite] == ["two"]
    assert [broken.name for broken in suite.broken] == ["one", "line 5"]


def test_a_module_beside_the_file_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "helpers.syn").write_text("def thrice(x: int) -> int = x + x + x\n", encoding="utf-8")
    path = tmp_path / "tasks.syn"
    path.write_text(
        "import helpers\n\ntask triple(n: int) -> int\n    example 2 -> 6\n    solution thrice(n)\n", encoding="utf-8"
    )
    (task,) = read_task_file(path, CORE)
    assert any(entry.short == "thrice" for entry in task.library)
    assert task.origin == str(path)


def test_a_file_may_name_the_only_words_of_its_tasks() -> None:
    text = "uses map, int.add\ndef thrice(x: int) -> int = x * 3\n\ntask a(n: int) -> int\n    example 1 -> 1\n"
    (task,) = read_tasks(text, CORE, name="words")
    assert [entry.name for entry in task.library.vocabulary] == ["int.add", "list.map", "file.thrice"]
    assert task.library.auxiliary == {"int.multiply"}


def test_an_imported_basis_leaves_its_words_and_those_of_the_file() -> None:
    text = (
        "import peers.dreamcoder\nimport lists\ndef f(x: int) -> int = x\n\ntask a(n: int) -> int\n    example 1 -> 1\n"
    )
    words = {entry.name for entry in read_tasks(text, CORE, name="a")["a"].library.vocabulary}
    assert {"list.map", "dreamcoder.unfold", "lists.evens", "file.f"} <= words
    assert not words & {"list.filter", "list.sort", "list.unfold", "option.some"}


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"", InterfaceError, "expected at least one task, found none"),
        (b"# only a comment\n", InterfaceError, "expected at least one task, found none"),
        (b"def a(x: int) -> int = x\n", InterfaceError, "expected at least one task, found none"),
        (b"task \xff\xfe", SyntaxProblem, "expected UTF-8 text"),
        (b"task a\x00b", SyntaxProblem, "expected text, found a NUL byte"),
        (b"x" * 2_000_001, ResourceError, "expected a file of at most"),
    ],
)
def test_a_file_that_holds_no_tasks_is_refused(
    tmp_path: Path, content: bytes, error: type[DslError], message: str
) -> None:
    path = tmp_path / "a.syn"
    path.write_bytes(content)
    with pytest.raises(error, match=message) as found:
        read_task_file(path, CORE)
    assert str(found.value).startswith(str(path))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InterfaceError, match="expected a readable file"):
        read_task_file(tmp_path / "none.syn", CORE)
    with pytest.raises(InterfaceError, match="expected a readable file"):
        read_task_file(tmp_path, CORE)


def test_deep_nesting_is_refused_quickly() -> None:
    broken = _only_broken(f"task deep(n: int) -> int\n    solution {'(' * 100_000}n{')' * 100_000}\n")
    assert "expected at most 200 brackets open at one place" in str(broken.error)


def test_a_huge_list_is_refused() -> None:
    row = f"[{', '.join(['1'] * 6_000)}]"
    broken = _only_broken(f"task big(xss: list[list[int]]) -> int\n    example [{row}, {row}] -> 1\n")
    assert "examples[0]: expected a value of at most 10,000 items, found more" in str(broken.error)
