"""The messages for files that are wrong: blocks, lines, definitions and imports; other blocks unharmed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from error_messages import messages

from dsl.module_file import definitions_of, read_module
from dsl.parser import parse_file
from dsl.primitives import CORE
from dsl.source import read_source

GOLDEN = Path(__file__).parent.parent / "golden"
Golden = Callable[[Path, str], None]
GOOD = "task good(x: int) -> int\n    example 1 -> 2\n"

BLOCKS = [
    "defn f(x: int) -> int = x", "tsk t(x: int) -> int", "x + 1", "  example 1 -> 2", "example 1 -> 2", "syn 2",
    "import", "import lists, numbers", "task if(x: int) -> int", "task t(x int) -> int", "task t(x) -> int",
    "task t(x: int)", "task t(x: int, x: int) -> int", "task t(x: lst[) -> int", "task t(x: int) -> int;",
    "task t(x: int) -> int where A: eq", "def f(x: int) = x", "def f(x: int) -> int x", "def f(x: int) -> int\n    = x",
    "def f(x: int) -> int = x\n    documentation", "def f(x: int) -> int = x\n    example 1 -> 2",
    "def f(x: int) -> int = (x\n\n", "def f(x: int) -> int =", "def 2f(x: int) -> int = x", "uses", "uses map fold",
    "uses sort, 3", "usse map, fold", "def f(x: int) -> int = x\nuses sort",
]  # fmt: skip

LINES = [
    "exmaple 1 -> 2", "Keep it", "ensure x > 2", "sketch", "sketch ?f ?g", "sketch map(?1, xs)", "noise", "noise 10",
    "noise 100%", "noise 1.5", "noise 200", "noise -1%", "noise 1% 2%", "noise 1%\n    noise 2%", "example 1 2",
    "example 1 = 2", "example 1 ->", "example 1", "example x + 1 -> 2", "example {1} -> 2", "example 'a -> 2",
    "example 1. -> 2", "example [1, 2 -> [3]", "example [1, 2\n    example 1 -> 2", "query 1 -> 2",
    "solution f(x\n    example 1 -> 2", "solution", "solution x\n    solution x", "budget 3", "budget 3 hours",
    "budget 3 s, 4 s", "budget 0 s", "budget 1.5 evaluations", "input x in 3..1", "input x of length -2..3",
    "input x 1..3", "input x of items 0..9, length 3..4", "input x in 0 .. 9, length 3..4", "uses", "forbid +",
    "uses sort fold", "uses sort\n    uses fold", "tags a b", "# only a comment\n    'no closing",
]  # fmt: skip

DEFINITIONS = [
    "def f(x: int) -> int = nope(x)", "def f(x: int) -> int = f(x)", "def sort(xs: list[int]) -> list[int] = sort(xs)",
    "def f(x: int) -> int = g(x)\ndef h(x: int) -> int = x\ndef g(x: int) -> int = h(f(x))",
    "def f(x: int) -> int = x\n\ndef f(x: int) -> int = x", "def f(x: int) -> text = x", "def f(x: A) -> int = x",
    "def f(x: A) -> bool = x == x", "def f(x: A) -> bool where A: eq = x < x", "def f -> int = x",
    "def f(xs: lst[int]) -> int = 1", "def f(x: int) -> colour = x",
    "import listss", "uses srot, map", "uses list.srot\n\ndef f(x: int) -> int = x", "import peers.lambdbeam",
    "import nope", "import beside", "import broken", "import round_one", "def broken(x: int) -> int = ]",
]  # fmt: skip


def _broken(text: str) -> None:
    """Raise the one error of a file whose other blocks must come back."""
    source = parse_file(f"{text}\n{GOOD}", path="file.syn")
    assert [task.name for task in source.tasks] == ["good"]
    assert len(source.errors) == 1, source
    raise source.errors[0]


def test_broken_blocks(golden: Golden) -> None:
    golden(GOLDEN / "errors_blocks.txt", messages((repr(t), lambda t=t: _broken(t)) for t in BLOCKS))


def test_broken_lines(golden: Golden) -> None:
    head = "task t(x: int) -> int\n    "
    golden(GOLDEN / "errors_lines.txt", messages((repr(t), lambda t=t: _broken(head + t)) for t in LINES))


def test_broken_definitions(golden: Golden, tmp_path: Path) -> None:
    (tmp_path / "beside.syn").write_text("syn 1\ndef f(x: int) -> int = y\n", encoding="utf-8")
    (tmp_path / "broken.syn").write_text("syn 1\ndef f(x: int -> int = x\n", encoding="utf-8")
    (tmp_path / "round_one.syn").write_text("import round_two\n", encoding="utf-8")
    (tmp_path / "round_two.syn").write_text("import round_one\n", encoding="utf-8")
    cases = (
        (repr(t), lambda t=t: definitions_of(parse_file(t, path="file.syn"), CORE, near=tmp_path)) for t in DEFINITIONS
    )
    golden(GOLDEN / "errors_definitions.txt", messages(cases).replace(str(tmp_path), "FOLDER"))


def test_unreadable_files(golden: Golden, tmp_path: Path) -> None:
    (tmp_path / "latin.syn").write_bytes("syn 1\n# Größe\n".encode("latin-1"))
    (tmp_path / "nul.syn").write_bytes(b"syn 1\n\n\x00\n")
    (tmp_path / "huge.syn").write_bytes(b"#" * 2_000_001)
    (tmp_path / "folder.syn").mkdir()
    cases = [
        (name, lambda name=name: parse_file(read_source(tmp_path / name), path=name))
        for name in ("latin.syn", "nul.syn", "huge.syn", "folder.syn", "missing.syn")
    ]
    cases.append(("a missing module", lambda: read_module(tmp_path / "missing.syn", CORE)))
    golden(GOLDEN / "errors_unreadable.txt", messages(cases).replace(str(tmp_path), "FOLDER"))


def test_two_errors_are_both_found() -> None:
    """Each block stands for itself."""
    text = f"task a(x: int) -> int\n    exmple 1\n\n{GOOD}\ntask b(x: int -> int\n\ndef f(x: int) -> int = x +\n"
    source = parse_file(text)
    assert [(broken.kind, broken.name) for broken in source.broken] == [("task", "a"), ("task", "b"), ("def", "f")]
    assert [broken.error.span.line for broken in source.broken if broken.error.span] == [2, 7, 9]
