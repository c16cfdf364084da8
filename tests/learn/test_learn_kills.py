"""A run that is killed, at whatever moment, goes on to exactly what it would have come to."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cli_harness import Synth
from families import EVALUATIONS, FAMILY, contents, outline

from dsl.library import Library
from synth.attempt import TaskReport
from synth.evaluate import Plan
from synth.learn.dreaming import Dreams
from synth.store import RunStore
from synth.workload import Item
from tasks.task import Task

COMMAND = [sys.executable, "-c", "import sys; from synth.cli import main; sys.exit(main())"]
LEARN = ("learn", "family.syn", "--evaluations", EVALUATIONS, "--iterations", "1", "--out", "run")


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody disturbed."""
    return unbroken_run(tmp_path_factory.mktemp("unbroken"))


def unbroken_run(folder: Path, *more: str) -> Path:
    (folder / "family.syn").write_text(FAMILY, encoding="utf-8")
    done = subprocess.run([*COMMAND, *LEARN, *more], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "run"


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    (folder / "family.syn").write_text(FAMILY, encoding="utf-8")
    return subprocess.Popen(
        [*COMMAND, *LEARN, "--resume", *more],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(process: subprocess.Popen[str], condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 240
    while not condition():
        assert process.poll() is None, f"it ended before: {process.communicate()}"
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def begun(folder: Path, step: str) -> bool:
    return (1, step, 0) in outline(folder / "run")[2]


def done(folder: Path, step: str) -> bool:
    return (1, step, 1) in outline(folder / "run")[2]


MOMENTS: dict[str, Callable[[Path], bool]] = {
    "before the first search": lambda folder: begun(folder, "wake"),
    "in wake": lambda folder: outline(folder / "run")[0] >= 3,
    "in compress": lambda folder: done(folder, "wake"),
    "while what was learned is judged": lambda folder: begun(folder, "compress"),
    "in test": lambda folder: done(folder, "compress"),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_kill_9_and_resume(tmp_path: Path, unbroken: Path, moment: str) -> None:
    process = start(tmp_path)
    wait_until(process, lambda: MOMENTS[moment](tmp_path))
    process.kill()
    process.communicate(timeout=20)  # which waits until no worker holds the pipes any more
    known = outline(tmp_path / "run")[0]
    again = start(tmp_path)
    assert "solved" in again.communicate(timeout=240)[0]
    assert again.returncode == 0
    assert contents(tmp_path / "run") == contents(unbroken)
    assert known < outline(tmp_path / "run")[0], "it was killed before its end"


def test_control_c_keeps_everything_and_says_how_to_go_on(tmp_path: Path, unbroken: Path) -> None:
    process = start(tmp_path)
    wait_until(process, lambda: outline(tmp_path / "run")[0] >= 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2, err
    assert "stopped; everything found is kept. To go on: synth learn --resume --out run" in err
    assert "Traceback" not in err
    assert out.startswith("iteration")
    again = start(tmp_path)
    again.communicate(timeout=240)
    assert again.returncode == 0
    assert contents(tmp_path / "run") == contents(unbroken)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["dream", "train"])
def test_kill_9_where_a_guide_is_trained(tmp_path: Path, synth: Synth, moment: str) -> None:
    made = synth("guide", "train", "tiny.safetensors", "--tasks", "40", "--steps", "2", "--batch", "8")
    assert made.code == 0, made.err
    guided = ("--guide", str(tmp_path / "tiny.safetensors"), "--dreams", "400", "--steps", "30", "--no-test")
    whole = tmp_path / "whole"
    whole.mkdir()
    unbroken = unbroken_run(whole, *guided)
    process = start(tmp_path, *guided)
    if moment == "dream":
        wait_until(process, lambda: outline(tmp_path / "run")[1] == 1)
    else:
        wait_until(process, lambda: done(tmp_path, "dream"))
        time.sleep(4)
        assert not done(tmp_path, "train")
    process.kill()
    process.communicate(timeout=20)
    again = start(tmp_path, *guided)
    again.communicate(timeout=500)
    assert again.returncode == 0
    guides = [folder / "iteration-1" / "guide.safetensors" for folder in (unbroken, tmp_path / "run")]
    assert guides[0].read_bytes() == guides[1].read_bytes()
    for table in ("attempts", "parts", "texts", "learned.syn"):
        assert contents(tmp_path / "run")[table] == contents(unbroken)[table]


# ---- at every single moment --------------------------------------------------------------------


class Killed(BaseException):
    """What a kill does, as far as what is on disk goes."""


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches here and now, each once, so that a run takes a moment; dreams and training are only pretended."""
    reports: dict[tuple[str, str], TaskReport] = {}

    def evaluate(plan: Plan, *, items: Sequence[Item], **_: Any) -> Iterator[TaskReport]:
        for item in items:
            assert isinstance(item.content, Task)
            key = (item.name, item.content.library.digest())
            if key not in reports:
                reports[key] = plan.attempt(item)
            yield reports[key]

    def dream(dreams: Dreams, numbers: Iterable[int], **_: Any) -> Iterator[tuple[int, str]]:
        for number in numbers:
            yield number, "a dream\n" * dreams.of_night(number)

    def train(library: Library, dreamt: object, replayed: object, out: Path, start: Path, **_: Any) -> dict[str, int]:
        out.write_text("weights")
        return {"tasks": 0}

    monkeypatch.setattr("synth.learn.run.evaluate", evaluate)
    monkeypatch.setattr("synth.learn.nights.dream_apart", dream)
    monkeypatch.setattr("synth.learn.nights.read_dreams", lambda texts, library: ())
    monkeypatch.setattr("synth.learn.nights.train", train)
    monkeypatch.setattr("synth.learn.plan.LearnPlan.trains", True)


@contextmanager
def killed_before(number: float) -> Iterator[list[str]]:
    """Inside, the process ends before its write of that number, of a row or a file; the writes so far."""
    writes: list[str] = []

    def counted(kind: str, write: Callable[..., Any]) -> Callable[..., Any]:
        def now(store: RunStore, *words: Any) -> Any:
            if len(writes) == number:
                raise Killed
            writes.append(kind)
            return write(store, *words)

        return now

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunStore, "_write", counted("row", RunStore._write))
        patch.setattr(RunStore, "write", counted("file", RunStore.write))
        yield writes


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_a_kill_between_two_writes_changes_nothing(tmp_path: Path, synth: Synth, every: int) -> None:
    (tmp_path / "family.syn").write_text(FAMILY, encoding="utf-8")
    learn = (*LEARN[:-1], "whole", "--iterations", "2", "--dreams", "300")
    with killed_before(math.inf) as writes:
        assert synth(*learn).code == 0
    wanted = contents(tmp_path / "whole")
    assert writes.count("row") > 30
    assert writes.count("file") > 6
    for number in range(0, len(writes), every):
        run = (*LEARN[:-1], f"run {number}", "--iterations", "2", "--dreams", "300", "--resume")
        with killed_before(number), pytest.raises(Killed):
            synth(*run)
        ran = synth(*run)
        assert ran.code == 0, ran.err
        assert contents(tmp_path / f"run {number}") == wanted, f"killed before write {number}"
