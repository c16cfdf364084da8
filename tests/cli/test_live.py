"""What moves on a terminal: its text, and that nothing of it reaches a pipe."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from cli_harness import TASKS, Synth

from dsl.parser import parse
from dsl.program import Lambda
from synth.attempt import TaskReport
from synth.commands.live import SearchView, counted, watch
from synth.examples import task_from_examples
from synth.solver import NearMiss, Progress
from synth.workload import read_library

LIBRARY = read_library()
TASK = task_from_examples(["[1, 2] -> [2, 4]", "[3] -> [9]"], LIBRARY)
COMMAND = [sys.executable, "-c", "import sys; from synth.cli import main; sys.exit(main())"]


def progress(best: NearMiss | None = None) -> Progress:
    return Progress(1_234_567, 2.0, 12.5, 34_567, best, 120_400_000)


def test_a_view_of_a_search() -> None:
    now = [100.0]
    view = SearchView("example", TASK, clock=lambda: now[0])
    assert view.lines() == ("example  0:00",)
    now[0] += 63.9
    view.show(progress())
    figures = "12.5 bits, 1,234,567 evaluations, 617,284 programs/s, 34,567 classes, 120.4 MB"
    assert view.lines() == (f"example  1:03  {figures}",)
    body = parse("map(lambda x: x + x, xs)", LIBRARY, expected=TASK.result_type, variables={"xs": TASK.result_type})
    view.show(progress(NearMiss(Lambda(("xs",), body), (0,), 9.0)))
    assert view.lines()[1] == "  best so far: map(lambda x: x + x, xs)  (right on 1 of 2 examples)"


def test_the_very_start_has_no_speed() -> None:
    assert Progress(5, 0.0, 1.0, 1).programs_per_second == 0.0


def test_a_pipe_sees_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with watch("example", TASK) as show:
        assert show is None
    with counted(3) as step:
        step(TaskReport("a", "solved", fits=True))
    assert capsys.readouterr() == ("", "")


def test_a_terminal_sees_the_view_and_stdout_only_results(tmp_path: Path) -> None:
    """Stderr is a terminal, stdout is not: the results must not be drawn into the view, nor the view into them."""
    (tmp_path / "tasks.syn").write_text(TASKS, encoding="utf-8")
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [*COMMAND, "eval", "tasks.syn", "--evaluations", "3000"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, text=True, env=os.environ | {"TERM": "xterm"},
        )  # fmt: skip
        os.close(theirs)
        drawn = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux says so when the other end is closed
                break
            if not part:
                break
            drawn += part
        out, _ = process.communicate(timeout=30)
    finally:
        os.close(ours)
    assert "\x1b" not in out
    assert [line[:9] for line in out.splitlines()] == ['{"task": ', '{"task": ', "solved 2/"]
    assert "2/2" in drawn.decode(errors="replace")
    assert "2 solved" in drawn.decode(errors="replace")


@pytest.mark.parametrize("command", ["solve", "explain", "eval"])
def test_every_trick_has_a_flag(synth: Synth, command: str) -> None:
    shown = synth(command, "--help").out
    for trick in ("equivalence", "goals", "cases", "sketches", "kernels", "repair", "symmetry", "probing"):
        assert f"--no-{trick}" in shown
    assert "--min-mass" in shown


def test_a_trick_that_is_off_changes_the_work_and_not_the_answer(synth: Synth) -> None:
    def run(*flags: str) -> dict[str, object]:
        report: dict[str, object] = synth("solve", "tasks.syn", "-k", "double", "--json", *flags).json[0]
        return report

    usual, slow = run(), run("--no-symmetry", "--no-kernels")
    assert usual["fits"] is slow["fits"] is True
    assert usual["bits"] == slow["bits"]
    assert int(str(slow["evaluations"])) > int(str(usual["evaluations"]))


@pytest.mark.parametrize("share", ["150%", "-1", "much"])
def test_a_mass_is_a_share(synth: Synth, share: str) -> None:
    ran = synth("solve", "tasks.syn", f"--min-mass={share}")
    assert ran.code == 4
    assert "expected a share" in ran.err
