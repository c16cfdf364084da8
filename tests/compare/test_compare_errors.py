"""What a comparison refuses, word for word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from small_protocol import DATA, source_of

from dsl.errors import InterfaceError
from dsl.primitives import CORE
from synth.compare import protocol_named, run_protocol
from synth.compare.run_file import RunFile
from synth.compare.tokens.source import ListSource
from tasks.task_file import read_tasks

GOLDEN = Path(__file__).parent.parent / "golden" / "compare_errors.txt"


def refused(action: Callable[[], object], tmp_path: Path) -> str:
    try:
        action()
    except InterfaceError as error:
        return str(error).replace(str(tmp_path), "FOLDER")
    raise AssertionError("not refused")


def task_of(text: str) -> ListSource:
    return ListSource.of(DATA, read_tasks(text, CORE, name="t", path=None)["t"], pairs=5)


def test_errors_say_what_was_expected(golden: Callable[[Path, str], None], tmp_path: Path) -> None:
    (tmp_path / "runs.jsonl").write_text("a diary\n", encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    head = "task t(xs: list[int]) -> int\n    input xs: list[int] of length 1..3, items 0..1\n    solution "
    actions: list[Callable[[], object]] = [
        lambda: protocol_named("lenght"),
        lambda: run_protocol("length", budget="quik", out=tmp_path),
        lambda: run_protocol("length", seeds=0, out=tmp_path),
        lambda: run_protocol("length", tasks=("parity", "revers"), out=tmp_path),
        lambda: run_protocol("length", learners=("progam",), out=tmp_path),
        lambda: RunFile.open(tmp_path, "digest"),
        lambda: RunFile.open(tmp_path / "file", "digest"),
        lambda: source_of("last_bit", pairs=99).shown(0),
        lambda: task_of("task t(xs: list[int]) -> int\n    example [1] -> 1"),
        lambda: task_of("task t(x: int) -> int\n    solution x"),
        lambda: task_of(head + "sum(xs) + 5").slots_of((1, 1)),
    ]
    golden(GOLDEN, "\n\n".join(refused(action, tmp_path) for action in actions))
