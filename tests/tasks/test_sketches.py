"""Sketches: which types their holes get, what is refused, and that any program of a hole's type fits in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import programs
from task_strategies import sketches

from dsl.inference import resolve
from dsl.parser import parse_surface
from dsl.primitives import CORE
from dsl.program import Hole, Lambda, Program, fill, holes
from dsl.type_system import INT, FunctionType, list_of, show_type
from tasks.sketches import read_sketch, show_sketch
from tasks.task_file import read_tasks

Golden = Callable[[Path, str], None]
GOLDEN = Path(__file__).parent.parent / "golden"
INTS = list_of(INT)
NAMES, REQUEST = ("xs", "n"), FunctionType((INTS, INT), INTS)


def read(text: str) -> Lambda:
    return read_sketch(parse_surface(text), CORE, NAMES, REQUEST)


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("?", ["list[int]"]),
        ("?answer", ["list[int]"]),
        ("map(?f, filter(?p, xs))", ["(int) -> int", "(int) -> bool"]),
        ("map(lambda x: x + ?, xs)", ["int"]),
        ("map(lambda x: ?g, filter(lambda y: ?, xs))", ["int", "bool"]),
        ("map(?f, map(?f, xs))", ["(int) -> int", "(int) -> int"]),
        ("map((?f : (bool) -> int), map(?, xs))", ["(bool) -> int", "(int) -> bool"]),
        ("?first(xs) + ?second(n)", ["(list[int]) -> list[int]", "(int) -> list[int]"]),
        ("let k = ? in [k, n]", ["int"]),
        ("xs if ? else ?", ["bool", "list[int]"]),
        ("take(?k, drop(?k, ?))", ["int", "int", "list[int]"]),
    ],
)
def test_holes_get_their_types_from_what_is_around_them(text: str, types: list[str]) -> None:
    sketch = read(text)
    assert sketch.parameters == NAMES
    assert [show_type(hole.type) for hole in holes(sketch)] == types


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("map(lambda x: x + (?k : int), xs)", "map(lambda x: x + ?k, xs)"),
        ("map((?f : (bool) -> int), map(?, xs))", "map((?f : (bool) -> int), map((? : (int) -> bool), xs))"),
    ],
)
def test_types_are_written_only_where_they_are_needed(text: str, shown: str) -> None:
    assert show_sketch(read(text), CORE, REQUEST) == shown
    assert read(shown) == read(text)


def test_the_words_of_a_task_bound_its_sketches() -> None:
    text = "task a(xs: list[int]) -> list[int]\n    example [1] -> [1]\n    forbid map\n    sketch list.map(?f, xs)\n"
    (broken,) = read_tasks(text, CORE, name="a").broken
    assert "list.map" in str(broken.error)


MISTAKES = {
    "no hole": "reverse(xs)",
    "another type than the task's": "sum(?)",
    "another type, of a plain hole": "(?x : int)",
    "another type inside": "map(?f, n)",
    "an unknown word": "map(?f, srot(xs))",
    "an open type": "[list.length(?)]",
    "an open function": "map(?f, map(?g, xs))",
    "an open type that is compared": "[n if ? == ? else n]",
    "an open type that was written": "map(?f, map((?g : (int) -> A), xs))",
    "a word that the holes leave open": "[length(?)]",
    "one name, two types": "xs[?i:] if ? else ?i",
    "one name, two function types": "map(?f, filter(?f, xs))",
    "one name, two types that are not known in full": "map(?f, map(?f, zip(?, xs)))",
    "one name, two types, in two lines": "take(\n        ?n,\n        ?n)",
    "one name, two types as written": "map((?f : (int) -> int), map((?f : (int) -> bool), xs))",
}


def test_every_mistake_in_a_sketch_is_named(golden: Golden) -> None:
    shown = []
    for what, sketch in MISTAKES.items():
        text = f"task twins(xs: list[int], n: int) -> list[int]\n    example [1], 2 -> [4]\n    sketch {sketch}\n"
        (broken,) = read_tasks(text, CORE, name="mistakes", path=Path("tasks.syn")).broken
        shown.append(f"# {what}\n{broken.error}")
    golden(GOLDEN / "task_sketches.txt", "\n\n".join(shown))


@settings(max_examples=60)
@given(sketches(NAMES, REQUEST, CORE))
def test_reading_inverts_showing(sketch: Lambda) -> None:
    assert read(show_sketch(sketch, CORE, REQUEST)) == sketch


@settings(max_examples=40)
@given(sketches(NAMES, REQUEST, CORE), st.data())
def test_any_program_of_a_holes_type_fits_in_it(sketch: Lambda, data: st.DataObject) -> None:
    """And what comes out has the type of the task; holes of one name get one program."""
    read_back = read(show_sketch(sketch, CORE, REQUEST))
    filled: dict[str, Program] = {}

    def choose(hole: Hole) -> Program:
        made = filled.get(hole.name) or data.draw(programs(CORE, hole.type, max_depth=1))
        return filled.setdefault(hole.name, made) if hole.name else made

    whole = fill(read_back.body, choose)
    assert not any(holes(whole))
    assert resolve(Lambda(NAMES, whole), CORE, expected=REQUEST).type == REQUEST
