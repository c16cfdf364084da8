"""`synth replay`: the same programs bit for bit, or a refusal that says what is another."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli_harness import Synth

ODD = """
task odd(xs: list[int]) -> list[int]
    example [3, 1, 2] -> [91, 7, 1055, 23]
    example [5, 5] -> [8, 977]
"""
MINE = (
    "from dsl.primitive import primitive\n\n\n@primitive\ndef inc(n: int) -> int:\n    'One more.'\n    return n + 1\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "odd.syn").write_text(ODD, encoding="utf-8")
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_in_evaluations_replays(synth: Synth, folder: Path, jobs: str) -> None:
    synth("solve", "tasks.syn", "odd.syn", "--evaluations", "3000", "--out", "run.json")
    ran = synth("replay", "run.json", "--jobs", jobs)
    assert (ran.code, ran.out) == (0, "3 of 3 the same\n"), ran.err


def test_a_run_that_ended_by_seconds_replays_where_it_stopped(synth: Synth, folder: Path) -> None:
    synth("solve", "odd.syn", "tasks.syn", "--timeout", "3", "--guide", "online", "--out", "run.json")
    (odd, *others) = json.loads((folder / "run.json").read_text())["tasks"]
    assert (odd["stop"], odd["program"]) == ("seconds", None)
    assert odd["evaluations"] > 0
    assert others
    ran = synth("replay", "run.json", "--json")
    assert ran.code == 0, ran.out
    assert (ran.json["same"], ran.json["of"], ran.json["differences"]) == (3, 3, [])


def test_an_evaluation_has_its_record_beside_it(synth: Synth, folder: Path) -> None:
    words = ("eval", "tasks.syn", "--evaluations", "100000", "--seed", "7", "--hide", "34%", "--out", "out.jsonl")
    assert synth(*words, "--limit", "1").code == 0
    assert synth(*words, "--resume", "--jobs", "2").code == 0
    record = json.loads((folder / "out.run.json").read_text())
    assert [task["task"] for task in record["tasks"]] == ["double_all", "backwards"]
    assert set(record["versions"]) == {"python", "sketchwright", "numpy", "numba"}
    assert record["words"]["int.add"][0] == "(int, int) -> int"
    ran = synth("replay", "out.run.json")
    assert (ran.code, ran.out) == (0, "2 of 2 the same\n")


def test_going_on_in_another_way_is_refused(synth: Synth, folder: Path) -> None:
    assert synth("eval", "tasks.syn", "--out", "out.jsonl", "--evaluations", "100000").code == 0
    before = (folder / "out.run.json").read_text()
    ran = synth("eval", "tasks.syn", "--out", "out.jsonl", "--resume", "--seed", "3", "--no-symmetry")
    assert ran.code == 4
    assert "seed: 0 then, 3 now" in ran.err
    assert "symmetry: another than then" in ran.err
    assert (folder / "out.run.json").read_text() == before


def test_examples_and_own_words_replay(synth: Synth, folder: Path) -> None:
    given = ("--example", "1 -> 3", "--example", "2 -> 4", "--with", "mine.py", "--no-equivalence", "--no-repair")
    assert synth("solve", *given, "--evaluations", "20000", "--out", "run.json").code == 0
    switches = json.loads((folder / "run.json").read_text())["switches"]
    assert {name for name, on in switches.items() if not on} == {"equivalence", "repair"}
    assert synth("replay", "run.json").out == "1 of 1 the same\n"


def test_what_is_another_is_named(synth: Synth, folder: Path) -> None:
    synth("solve", "tasks.syn", "--with", "mine.py", "--evaluations", "3000", "--out", "run.json")
    (folder / "mine.py").write_text(MINE.replace("n + 1", "1 + n"))
    tasks = (folder / "tasks.syn").read_text()
    (folder / "tasks.syn").write_text(tasks.replace("[5] -> [10]", "[6] -> [12]"))
    record = (folder / "run.json").read_text()
    (folder / "run.json").write_text(re.sub(r'"numpy": "[^"]*"', '"numpy": "1.0"', record))
    ran = synth("replay", "run.json")
    assert ran.code == 4
    assert ran.out == ""
    reasons = [line.strip() for line in ran.err.splitlines() if line.startswith("    ")]
    assert reasons[0].startswith("numpy: 1.0 then, ")
    assert reasons[1:] == [
        "file mine.py: its content is another",
        "word mine.inc: its definition is another",
        "task double_all: its examples, types or words are others",
    ]


def test_a_task_that_is_gone_is_named(synth: Synth, folder: Path) -> None:
    synth("solve", "tasks.syn", "--evaluations", "3000", "--out", "run.json")
    (folder / "tasks.syn").write_text((folder / "tasks.syn").read_text().split("\ntask backwards")[0])
    ran = synth("replay", "run.json")
    assert ran.code == 4
    assert "task backwards: gone" in ran.err


def test_a_comment_in_a_task_file_changes_nothing(synth: Synth, folder: Path) -> None:
    synth("solve", "tasks.syn", "--evaluations", "3000", "--out", "run.json")
    (folder / "tasks.syn").write_text("# a comment\n" + (folder / "tasks.syn").read_text())
    assert synth("replay", "run.json").code == 0


def test_sketches_and_noise_of_the_command_line_replay(synth: Synth, folder: Path) -> None:
    given = ("--example", "[1, 2] -> [2, 4]", "--example", "[5] -> [10]", "--example", "[7] -> [1]", "--noise", "0.4")
    synth("solve", *given, "--sketch", "map(?f, xs)", "--evaluations", "5000", "--out", "run.json")
    settings = json.loads((folder / "run.json").read_text())["settings"]
    assert (settings["sketches"], settings["noise"]) == (["map(?f, xs)"], 0.4)
    assert synth("replay", "run.json").out == "1 of 1 the same\n"


def test_a_record_of_an_earlier_format_is_refused(synth: Synth, folder: Path) -> None:
    synth("solve", "tasks.syn", "--evaluations", "3000", "--out", "run.json")
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {"format": 1}))
    ran = synth("replay", "run.json")
    assert ran.code == 4
    assert "this one is of format 1, and this version reads format 2" in ran.err


def test_another_result_is_shown(synth: Synth, folder: Path) -> None:
    synth("solve", "tasks.syn", "--evaluations", "100000", "--out", "run.json")
    record = json.loads((folder / "run.json").read_text())
    wanted = record["tasks"][1]["program"]
    record["tasks"][1] |= {"program": "lambda xs: xs", "bits": 1.0}
    (folder / "run.json").write_text(json.dumps(record))
    ran = synth("replay", "run.json")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert lines[:2] == ["first difference: backwards", f"    program: lambda xs: xs then, {wanted} now"]
    assert lines[2].startswith("    bits: 1.0 then, ")
    assert lines[-1] == "1 of 2 the same"
    assert synth("replay", "run.json", "--json").json["differences"][0]["differs"] == ["program", "bits"]


def test_what_cannot_be_read_or_was_cut_off_is_left_out(synth: Synth, folder: Path) -> None:
    (folder / "torn.syn").write_text("task torn(n: int) -> int\n    example 1 -> [2]\n")
    synth("solve", "tasks.syn", "torn.syn", "--evaluations", "3000", "--out", "run.json")
    ran = synth("replay", "run.json")
    assert (ran.code, ran.out) == (0, "2 of 2 the same\n")
    assert "not replayed: torn" in ran.err


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"format": 99}', "no json"])
def test_another_file_is_no_record(synth: Synth, folder: Path, text: str) -> None:
    (folder / "run.json").write_text(text)
    ran = synth("replay", "run.json")
    assert ran.code == 4
    assert "expected the record of a run" in ran.err
    assert synth("replay", "nowhere.json").code == 4


def test_a_record_that_cannot_be_written_is_said_before_the_search(synth: Synth) -> None:
    ran = synth("solve", "tasks.syn", "--out", "no/such/folder/run.json")
    assert ran.code == 4
    assert "cannot write" in ran.err
    assert ran.out == ""
