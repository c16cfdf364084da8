"""`synth learn`: the loop and its steps, what a person may edit, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from cli_harness import Synth
from families import EVALUATIONS, FAMILY, contents

from synth.store import RunStore

LEARN = ("learn", "family.syn", "--evaluations", EVALUATIONS)


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a run of two iterations, on two processes, and the table that it printed."""
    from synth.cli import main

    folder = tmp_path_factory.mktemp("learned")
    (folder / "family.syn").write_text(FAMILY, encoding="utf-8")
    words = ("learn", str(folder / "family.syn"), "--evaluations", EVALUATIONS, "--jobs", "2", "--iterations", "2")
    assert main([*words, "--out", str(folder / "run")]) == 0
    return folder


@pytest.fixture
def run(learned: Path, synth: Synth, tmp_path: Path) -> Path:
    """A copy of that run to work on, in the folder of `synth`."""
    shutil.copytree(learned / "run", tmp_path / "run")
    (tmp_path / "family.syn").write_text(FAMILY, encoding="utf-8")
    return tmp_path / "run"


def test_words_are_learned_and_used(run: Path, synth: Synth) -> None:
    ran = synth("learn", "show", "run", "--json")
    assert ran.code == 0
    first, second = ran.json["iterations"]
    assert first["compress"]["learned"][0]["name"].startswith("learned.")
    assert any(word["kept"] for word in first["compress"]["learned"])
    assert first["compress"]["bits after"] < first["compress"]["bits before"]
    assert second["wake"]["solved"] >= first["wake"]["solved"]
    assert second["wake"]["evaluations"] < first["wake"]["evaluations"]
    text = (run / "learned.syn").read_text()
    assert "Learned in iteration 1 from" in text
    with RunStore.read(run) as store:
        programs = [a.record["program"] for a in store.attempts() if a.iteration == 2 and a.record["fits"]]
    words = re.findall(r"def (\w+)", text)
    assert any(f"{word}(" in program for program in programs for word in words), programs


def test_the_table(run: Path, synth: Synth) -> None:
    head, *rows = synth("learn", "show", "run").out.splitlines()
    assert head.split("  ")[0] == "iteration"
    assert [row.split()[0] for row in rows if not row.startswith("test")] == ["1", "2"]
    assert rows[-1].startswith("test after iteration 2: solved ")


def test_the_words_are_a_library_for_everything_else(run: Path, synth: Synth) -> None:
    solve = ("solve", "family.syn", "-k", "three_doubled", "--evaluations", EVALUATIONS)
    ran = synth(*solve, "--library", "run/learned.syn")
    assert ran.code == 0, ran.out
    assert synth(*solve).code == 1


def test_one_step_after_the_other_is_the_loop(run: Path, synth: Synth) -> None:
    """Also with one process in place of two."""
    assert synth(*LEARN, "--iterations", "0", "--out", "slow").code == 0
    for step in ("wake", "compress", "wake", "compress", "test"):
        ran = synth("learn", step, "slow")
        assert ran.code == 0, ran.err
    slow, fast = contents(run.parent / "slow"), contents(run)
    assert slow == fast


def test_steps_out_of_order_are_refused(run: Path, synth: Synth) -> None:
    ran = synth("learn", "compress", "run")
    assert ran.code == 4
    assert "expected `wake` of iteration 3, which is next, found `compress`" in ran.err
    assert "hint: synth learn wake run" in ran.err
    ran = synth("learn", "train", "run")
    assert ran.code == 4
    assert "expected a run whose guide can be trained, found one with --guide none" in ran.err


def test_more_iterations_go_on_from_the_end(run: Path, synth: Synth) -> None:
    before = contents(run)["attempts"]
    ran = synth("learn", "--resume", "--out", "run", "--iterations", "3", "--no-test")
    assert ran.code == 0, ran.err
    assert "iteration 3: wake: solved " in ran.err
    if "iteration 2: compress: learned nothing" in synth("learn", "show", "run").out:
        assert contents(run)["attempts"] == before, "the same words, so nothing was searched again"


def test_the_same_again_does_nothing_more(run: Path, synth: Synth) -> None:
    before = contents(run)
    assert synth(*LEARN, "--iterations", "2", "--resume", "--out", "run").code == 0
    assert contents(run) == before


# ---- what a person edits ---------------------------------------------------------------


def test_a_word_may_be_renamed_between_iterations(run: Path, synth: Synth) -> None:
    path = run / "learned.syn"
    (name, *_) = re.findall(r"def (\w+)", path.read_text())
    path.write_text(path.read_text().replace(name, "twice_each"))
    ran = synth("learn", "--resume", "--out", "run", "--iterations", "3", "--no-test", "--json")
    assert ran.code == 0, ran.err
    assert "was edited since iteration 2: its words are taken as they are now" in ran.err
    assert "def twice_each(" in path.read_text()
    second, third = ran.json["iterations"][1:]
    assert third["wake"]["solved"] == second["wake"]["solved"]


def test_what_was_learned_may_be_thrown_away(run: Path, synth: Synth) -> None:
    (run / "learned.syn").write_text("syn 1\n")
    ran = synth("learn", "wake", "run")
    assert ran.code == 0, ran.err
    first = json.loads(synth("learn", "show", "run", "--json").out)["iterations"][0]["wake"]
    assert f"solved {first['solved']}/{first['tasks']}, {first['evaluations']:,} evaluations" in ran.out


def test_a_file_that_is_gone_means_no_words(run: Path, synth: Synth) -> None:
    (run / "learned.syn").unlink()
    ran = synth("learn", "wake", "run")
    assert ran.code == 0
    assert "learned.syn is gone: the iteration begins without learned words" in ran.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def f(xs: list[int]) -> int = reverse(xs)\n", "expected int"),
        ("def f(xs: list[int]) -> list[int] = g(xs)\n\ndef g(xs: list[int]) -> list[int] = f(xs)\n", "f -> g -> f"),
        ("def f(xs: list[int]) -> list[int] = gone(xs)\n", "gone"),
        ("def f(xs: list[int] -> list[int] = xs\n", "learned.syn:3:"),
    ],
)
def test_an_edit_that_is_wrong_is_told_with_its_place(run: Path, synth: Synth, text: str, message: str) -> None:
    before = contents(run)
    (run / "learned.syn").write_text(f"syn 1\n\n{text}")
    for words in (("learn", "wake", "run"), ("learn", "--resume", "--out", "run", "--iterations", "3")):
        ran = synth(*words)
        assert ran.code == 4
        assert "run/learned.syn:3:" in ran.err
        assert message in ran.err
    (run / "learned.syn").write_text(before["learned.syn"])
    assert contents(run) == before


def test_an_edit_in_the_middle_of_an_iteration_is_not_written_over(run: Path, synth: Synth) -> None:
    path = run / "learned.syn"
    before = path.read_text()
    assert synth("learn", "wake", "run").code == 0
    edited = before + "\ndef thrice(xs: list[int]) -> list[int] = map(lambda x: x * 3, xs)\n"
    path.write_text(edited)
    ran = synth("learn", "compress", "run")
    assert ran.code == 4
    assert "found it edited in the middle of the iteration" in ran.err
    assert "synth learn wake --again run" in ran.err
    assert path.read_text() == edited
    ran = synth("learn", "wake", "--again", "run")
    assert ran.code == 0, ran.err
    assert synth("learn", "compress", "run").code == 0
    assert "def thrice(" in path.read_text()


# ---- what is refused ---------------------------------------------------------------


def test_another_run_than_the_one_that_is_there(run: Path, synth: Synth) -> None:
    ran = synth(*LEARN, "--out", "run")
    assert ran.code == 4
    assert "expected a new directory, found that of a run" in ran.err
    ran = synth("learn", "--resume", "--out", "run", "--seed", "5", "--arity", "2")
    assert ran.code == 4
    assert "seed: 0 then, 5 now" in ran.err
    assert "arity: 3 then, 2 now" in ran.err


def test_files_that_have_moved_are_the_same(learned: Path, run: Path, synth: Synth) -> None:
    hidden = learned / "hidden.syn"
    (learned / "family.syn").rename(hidden)
    try:
        assert synth("learn", "wake", "run").code == 4
        assert synth(*LEARN, "--iterations", "3", "--resume", "--out", "run", "--no-test").code == 0
        assert synth("learn", "wake", "run").code == 0, "the new place is known from now on"
    finally:
        hidden.rename(learned / "family.syn")


def test_tasks_that_are_others_now(learned: Path, synth: Synth) -> None:
    path = learned / "family.syn"
    try:
        path.write_text(FAMILY.replace("[4] -> [8]", "[4] -> [8]\n    example [] -> []", 1))
        ran = synth("learn", "wake", str(learned / "run"))
    finally:
        path.write_text(FAMILY)
    assert ran.code == 4
    assert "task doubled: its examples, types or words are others" in ran.err


def test_a_second_run_in_the_directory(run: Path, synth: Synth) -> None:
    with RunStore.open(run, command="synth learn first"):
        for words in (("learn", "wake", "run"), ("learn", "--resume", "--out", "run")):
            ran = synth(*words)
            assert ran.code == 4
            assert "another run works in this directory: process" in ran.err
            assert "(synth learn first)" in ran.err
        assert synth("learn", "show", "run").code == 0


def test_directories_that_hold_no_run(synth: Synth, tmp_path: Path) -> None:
    ran = synth("learn", "wake", "nowhere")
    assert ran.code == 4
    assert "expected the directory of a run, found no such directory" in ran.err
    assert not (tmp_path / "nowhere").exists()
    assert synth("learn", "--resume", "--out", "nowhere").code == 4
    ran = synth("learn", "tasks.syn", "--out", ".")
    assert ran.code == 4
    assert "found no run, and other files: tasks.syn" in ran.err


def test_a_cut_off_database_and_another_version(run: Path, synth: Synth) -> None:
    (run / "run.db").write_bytes((run / "run.db").read_bytes()[:5000])
    for words in (("learn", "show", "run"), ("learn", "wake", "run"), (*LEARN, "--resume", "--out", "run")):
        ran = synth(*words)
        assert ran.code == 4
        assert "expected a whole run.db, found one that is broken" in ran.err


def test_what_is_asked_for_in_vain(synth: Synth) -> None:
    ran = synth("learn", "--out", "new")
    assert ran.code == 4
    assert "expected the names of suites, found none" in ran.err
    assert synth("learn", "nothing_of_this_name", "--out", "new").code == 4
    assert synth("learn").code == 4


def test_a_broken_task_is_left_out(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "odd.syn").write_text(
        "task fine(xs: list[int]) -> int\n    example [3, 4] -> 7\n    example [1] -> 1\n\n"
        "task torn(n: int) -> int\n    example 1 -> [2]\n"
    )
    ran = synth("learn", "odd.syn", "--out", "new", "--iterations", "1", "--evaluations", "500")
    assert ran.code == 0, ran.err
    assert "torn is left out: " in ran.err
    assert "odd.syn:6" in ran.err
