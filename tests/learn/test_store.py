"""A run directory: what is written stays, one run at a time, and whatever is wrong with it is said."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dsl.errors import InterfaceError
from synth.store import DATABASE, FORMAT, LOCK, Attempted, RunStore, StoredStep, text_digest

RECORD = {"status": "solved", "fits": True, "evaluations": 12, "seconds": 0.5, "program": "lambda xs: xs"}


def filled(folder: Path) -> None:
    """A run with something of each kind in it."""
    with RunStore.open(folder, create=True) as store:
        store.set_plan({"seed": 3})
        store.add_attempt(Attempted("words", "none", "one", 1, RECORD))
        store.put_step(StoredStep(1, "wake", True, 2.5, {"solved": 1}))
        store.add_part(1, "dream", 0, "a line\n")
        store.add_text("syn 1\n")


def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    filled(tmp_path / "run")
    with RunStore.open(tmp_path / "run") as store:
        assert store.plan == {"seed": 3}
        assert store.attempts("words", "none") == store.attempts() == (Attempted("words", "none", "one", 1, RECORD),)
        assert store.attempts("others") == ()
        assert store.step(1, "wake") == StoredStep(1, "wake", True, 2.5, {"solved": 1})
        assert store.step(2, "wake") is None
        assert store.parts(1, "dream") == {0: "a line\n"}
        assert store.text(text_digest("syn 1\n")) == "syn 1\n"
        store.forget(1)
        assert (store.steps(), store.parts(1, "dream"), len(store.attempts())) == ((), {}, 1)


def test_a_task_that_is_known_stays_as_it_is(tmp_path: Path) -> None:
    with RunStore.open(tmp_path, create=True) as store:
        for evaluations in (12, 99):
            store.add_attempt(Attempted("words", "none", "one", 1, RECORD | {"evaluations": evaluations}))
        assert [attempt.record["evaluations"] for attempt in store.attempts()] == [12]


def test_the_order_of_attempts_is_not_that_of_their_ends(tmp_path: Path) -> None:
    for number, tasks in enumerate((("b", "a", "c"), ("c", "b", "a"))):
        with RunStore.open(tmp_path / str(number), create=True) as store:
            for task in tasks:
                store.add_attempt(Attempted("words", "none", task, 1, RECORD))
            assert [attempt.task for attempt in store.attempts()] == ["a", "b", "c"]


def test_it_is_a_write_ahead_log(tmp_path: Path) -> None:
    with RunStore.open(tmp_path, create=True):
        found = sqlite3.connect(tmp_path / DATABASE)
        assert found.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        found.close()


def test_a_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RunStore.open(tmp_path, create=True) as store:
        store.write("folder/learned.syn", "old")

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", fail)
        with pytest.raises(InterfaceError, match="the disk is full"):
            store.write("folder/learned.syn", "new, and half of it")
        assert (tmp_path / "folder" / "learned.syn").read_text() == "old"


# ---- one at a time ---------------------------------------------------------------

HOLD = """
import sys, time
from pathlib import Path
from synth.store import RunStore
store = RunStore.open(Path(sys.argv[1]), command="synth learn here", create=True)
store.set_plan({"seed": 7})
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A directory, and another process that works in it."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "run")], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield tmp_path / "run", process
    process.kill()
    process.communicate()


def test_a_second_run_is_refused_and_told_who_is_first(holder: tuple[Path, subprocess.Popen[str]]) -> None:
    folder, process = holder
    with pytest.raises(InterfaceError) as caught:
        RunStore.open(folder)
    text = str(caught.value)
    assert f"another run works in this directory: process {process.pid} on {os.uname().nodename}, since 2" in text
    assert "(synth learn here)" in text
    assert "hint: wait for it, end it, or give another --out" in text


def test_one_may_look_while_another_works(holder: tuple[Path, subprocess.Popen[str]]) -> None:
    with RunStore.read(holder[0]) as store:
        assert store.plan == {"seed": 7}


def test_the_lock_of_a_killed_process_is_taken_over(holder: tuple[Path, subprocess.Popen[str]]) -> None:
    folder, process = holder
    process.kill()
    process.wait()
    assert json.loads((folder / LOCK).read_text())["pid"] == process.pid
    with RunStore.open(folder, command="the next") as store:
        assert store.plan == {"seed": 7}
        assert json.loads((folder / LOCK).read_text())["pid"] == os.getpid()
    assert (folder / LOCK).read_text() == ""


def test_a_run_that_failed_to_open_lets_go(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / DATABASE).write_bytes(b"not a database, but long enough to be taken for one")
    for _ in range(2):
        with pytest.raises(InterfaceError, match="found one that is broken"):
            RunStore.open(tmp_path)


# ---- directories that cannot be used ---------------------------------------------------------------


@pytest.mark.parametrize("use", [RunStore.open, RunStore.read])
def test_where_there_is_no_run(tmp_path: Path, use: Callable[[Path], RunStore]) -> None:
    with pytest.raises(InterfaceError, match=r"expected the directory of a run, found no run\.db in it"):
        use(tmp_path)
    with pytest.raises(InterfaceError, match="found no such directory"):
        use(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("use", [RunStore.open, RunStore.read])
def test_another_version(tmp_path: Path, use: Callable[[Path], RunStore]) -> None:
    filled(tmp_path)
    changed = sqlite3.connect(tmp_path / DATABASE)
    changed.execute(f"PRAGMA user_version = {FORMAT + 1}")
    changed.close()
    with pytest.raises(InterfaceError, match=f"expected a run of format {FORMAT}, found one of format {FORMAT + 1}"):
        use(tmp_path)


def test_a_database_of_something_else(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / DATABASE)
    other.execute("CREATE TABLE photos (name TEXT)")
    other.close()
    with pytest.raises(InterfaceError, match="found a database of something else"):
        RunStore.open(tmp_path)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("use", [RunStore.open, RunStore.read])
def test_a_database_that_is_cut_off(tmp_path: Path, use: Callable[[Path], RunStore], share: float) -> None:
    with RunStore.open(tmp_path, create=True) as store:
        for number in range(200):
            store.add_text(f"{number} " * 100)
    whole = (tmp_path / DATABASE).read_bytes()
    (tmp_path / DATABASE).write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InterfaceError, match=r"expected a whole run\.db, found one that is broken") as caught:
        use(tmp_path)
    assert "learned.syn, which can be given as --library" in str(caught.value)


def test_an_empty_database_beside_what_was_learned_is_no_new_run(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / DATABASE).write_bytes(b"")
    (tmp_path / "learned.syn").write_text("syn 1\n")
    with pytest.raises(InterfaceError, match=r"found no run, and other files: learned\.syn"):
        RunStore.open(tmp_path, create=True)
    with pytest.raises(InterfaceError, match="found one that is broken: it is empty"):
        RunStore.read(tmp_path)


def test_an_empty_database_alone_was_killed_before_it_began(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"")
    with RunStore.open(tmp_path, create=True) as store:
        assert store.plan is None


def test_a_text_that_is_missing(tmp_path: Path) -> None:
    with RunStore.open(tmp_path, create=True) as store, pytest.raises(InterfaceError, match="speaks of a text abc"):
        store.text("abc")


def test_a_file_in_place_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InterfaceError, match="cannot use this directory: File exists"):
        RunStore.open(tmp_path / "file", create=True)


# ---- the disk ---------------------------------------------------------------


def fill(store: RunStore, accepted: list[int] | None = None) -> None:
    """Write until there is no room; the numbers of what was accepted."""
    for number in range(1, 10_000):
        store.add_part(1, "dream", number, "x" * 1000)
        if accepted is not None:
            accepted.append(number)


def test_a_database_that_may_not_grow_keeps_what_it_has(tmp_path: Path) -> None:
    """SQLite's own limit gives the same error as a full disk, on every machine."""
    filled(tmp_path)
    with RunStore.open(tmp_path) as store:
        store._connection.execute("PRAGMA max_page_count = 12")
        with pytest.raises(InterfaceError, match="cannot write: the disk is full") as caught:
            fill(store)
    assert "what was written before is whole: make room, then give the same command with --resume" in str(caught.value)
    with RunStore.open(tmp_path) as store:
        assert store.plan == {"seed": 3}
        assert len(store.attempts()) == 1


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A small disk in memory; needs the right to mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(options: str) -> Path:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "none", str(disk)], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip("may not mount a disk here")
        return disk

    yield mount
    subprocess.run(["umount", str(disk)], capture_output=True, check=False)


def test_a_full_disk_loses_nothing(mounted: Callable[[str], Path]) -> None:
    folder = mounted("size=400k") / "run"
    filled(folder)
    accepted: list[int] = []
    with RunStore.open(folder) as store:
        with pytest.raises(InterfaceError, match="cannot write: the disk is full"):
            fill(store, accepted)
        with pytest.raises(InterfaceError, match="cannot write: the disk is full"):
            store.write("learned.syn", "x" * 300_000)
    subprocess.run(["mount", "-o", "remount,size=4m", str(folder.parent)], check=True)
    with RunStore.open(folder) as store:
        assert list(store.parts(1, "dream")) == [0, *accepted]
        assert store.plan == {"seed": 3}
        store.add_part(1, "dream", len(accepted) + 1, "now there is room")


def test_a_disk_that_is_full_before_the_beginning(mounted: Callable[[str], Path]) -> None:
    disk = mounted("size=16k")
    (disk / "filler").write_bytes(b"x" * 12_000)
    with pytest.raises(InterfaceError, match="cannot write: the disk is full"):
        RunStore.open(disk / "run", create=True)


def test_a_read_only_disk_can_be_looked_at(mounted: Callable[[str], Path]) -> None:
    disk = mounted("size=4m")
    filled(disk / "run")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(InterfaceError, match="cannot write: it is read-only, or not yours"):
        RunStore.open(disk / "run")
    with pytest.raises(InterfaceError, match="cannot write: it is read-only, or not yours"):
        RunStore.open(disk / "new", create=True)
    with RunStore.read(disk / "run") as store:
        assert store.plan == {"seed": 3}
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_directory_that_is_not_ours(tmp_path: Path) -> None:
    filled(tmp_path / "run")
    (tmp_path / "run").chmod(0o500)
    with pytest.raises(InterfaceError, match="cannot write: it is read-only, or not yours"):
        RunStore.open(tmp_path / "run")
    with RunStore.read(tmp_path / "run") as store:
        assert store.plan == {"seed": 3}
    (tmp_path / "run").chmod(0o700)


# ---- kills ---------------------------------------------------------------

WRITE = """
import sys
from pathlib import Path
from synth.store import RunStore
store = RunStore.open(Path(sys.argv[1]), create=True)
for number in range(100000):
    store.add_part(1, "dream", number, f"{number} " * 50)
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [0, 1, 17, 60])
def test_what_a_killed_process_said_it_wrote_is_there(tmp_path: Path, after: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITE, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while int(process.stdout.readline()) < after:
        pass
    time.sleep(0.003 * after)
    process.kill()
    said = [after, *map(int, process.stdout.read().split())]
    process.wait()
    process.stdout.close()
    with RunStore.open(tmp_path) as store:
        parts = store.parts(1, "dream")
    assert set(parts) >= set(range(said[-1] + 1))
    assert all(text == f"{number} " * 50 for number, text in parts.items())
