"""The real command in real processes: Ctrl-C, pipes, a kill, and what is imported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_harness import TASKS

HARD = """
task hard(xs: list[int]) -> list[int]
    example [3, 1, 2] -> [91, 7, 1055, 23]
    example [5, 5] -> [8, 977]
"""
COMMAND = [sys.executable, "-c", "import sys; from synth.cli import main; sys.exit(main())"]


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tasks.syn").write_text(TASKS, encoding="utf-8")
    (tmp_path / "hard.syn").write_text(HARD, encoding="utf-8")
    return tmp_path


def wait_for(condition: object, seconds: float = 30) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def test_control_c_keeps_what_was_found(folder: Path) -> None:
    process = start(folder, "solve", "tasks.syn", "hard.syn", "--timeout", "60")
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first.startswith("✓ double_all")
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 2, err
    assert "✓ backwards" in out
    assert "✗ hard  interrupted" in out
    assert "Traceback" not in err


def test_control_c_ends_an_evaluation_that_can_be_resumed(folder: Path) -> None:
    words = ("eval", "tasks.syn", "hard.syn", "--timeout", "60", "--out", "out.jsonl", "--jobs", "2")
    process = start(folder, *words)
    out_file = folder / "out.jsonl"
    wait_for(lambda: out_file.exists() and out_file.read_text().count("\n") == 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 2, err
    assert out.startswith("solved 2/2")
    assert {json.loads(line)["task"] for line in out_file.read_text().splitlines()} == {"double_all", "backwards"}
    again = subprocess.run(
        [*COMMAND, "eval", "tasks.syn", "hard.syn", "--evaluations", "300", "--out", "out.jsonl", "--resume"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.stdout.startswith("solved 2/3"), again.stderr
    assert again.returncode == 1


def test_a_killed_evaluation_leaves_a_readable_file_and_no_workers(folder: Path) -> None:
    process = start(folder, "eval", "tasks.syn", "hard.syn", "--timeout", "60", "--out", "out.jsonl")
    out_file = folder / "out.jsonl"
    wait_for(lambda: out_file.exists() and out_file.read_text().count("\n") == 2)
    process.kill()
    process.communicate(timeout=20)  # which waits until no worker holds the pipes any more
    assert all(json.loads(line)["fits"] for line in out_file.read_text().splitlines())


def test_control_c_ends_the_making_of_tasks_and_its_workers(folder: Path) -> None:
    process = start(folder, "guide", "train", "mine.safetensors", "--tasks", "90000", "--jobs", "2")
    wait_for(lambda: len(children(process.pid)) >= 2)
    workers = children(process.pid)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2, err
    assert err.splitlines() == ["interrupted"]
    wait_for(lambda: not any(map(is_alive, workers)))
    assert not list(folder.glob("mine*"))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def children(parent: int) -> list[int]:
    """The processes that a process has started."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listed.splitlines()]
    return [int(pid) for pid, above in pairs if int(above) == parent]


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    process = start(folder, "primitives", "list")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.wait(timeout=30)
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


def test_a_terminal_that_knows_only_ascii(folder: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "solve", "tasks.syn"],
        cwd=folder,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "? double_all  solved" in done.stdout


def test_solving_imports_nothing_heavy(folder: Path) -> None:
    code = (
        "import sys; from synth.cli import main; main(['solve', 'tasks.syn', '--json']);"
        "print([m for m in ('torch', 'matplotlib', 'statsmodels', 'hypothesis', 'pandas', 'scipy.stats', 'jinja2')"
        " if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == "[]"
