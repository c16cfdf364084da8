"""`synth guide train` makes a guide that `synth guide info` and `--guide` take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_harness import Synth

TRAIN = ("guide", "train", "mine.safetensors", "--tasks", "30", "--steps", "2", "--batch", "8", "--seed", "3")


def test_a_trained_guide_can_be_used(synth: Synth, tmp_path: Path) -> None:
    ran = synth(*TRAIN, "--picture", "curve.png", "--json")
    assert ran.code == 0, ran.err
    figures = json.loads(ran.out)
    assert figures["held back"] == 1
    assert (tmp_path / "curve.png").exists()
    assert "step 2:" in ran.err
    info = synth("guide", "info", "mine.safetensors")
    assert info.code == 0
    assert "settings.tasks" in info.out
    (tmp_path / "one.syn").write_text(
        "task odd(xs: list[int]) -> int\n    example [3, 1] -> 91\n    example [5] -> 8\n"
    )
    solved = synth("solve", "one.syn", "--evaluations", "2000", "--guide", "mine.safetensors")
    assert "guided by mine" in solved.out


def test_solved_tasks_of_a_run_are_learned_from(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "hard.syn").write_text(
        "task hard(xs: list[int]) -> int\n    example [3, 1] -> 91\n    example [5] -> 8\n"
    )
    synth("eval", "tasks.syn", "hard.syn", "--evaluations", "1000", "--out", "run.jsonl")
    record = json.loads((tmp_path / "run.run.json").read_text())
    assert [task["stop"] for task in record["tasks"]] == ["solved", "solved", "evaluations"]
    (tmp_path / "tasks.syn").write_text((tmp_path / "tasks.syn").read_text().replace("-> [3, 2, 1]", "-> [3, 1, 1]"))
    ran = synth(*TRAIN, "--replay", "run.run.json", "--replay-share", "50%", "--json")
    assert ran.code == 0, ran.err
    assert "1 solved task to replay, 1 left out" in ran.err  # the other task is another one by now
    settings = json.loads((tmp_path / "mine.json").read_text())["settings"]
    assert (settings["tasks"], settings["replays"]) == (60, 30)


def test_a_run_that_there_is_not_is_told_first(synth: Synth) -> None:
    ran = synth(*TRAIN, "--replay", "run.jsonl")
    assert ran.code == 4
    assert "cannot read 'run.jsonl'" in ran.err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("mine.safetensors", "mine.pt"), "expected a file that ends in .safetensors, found 'mine.pt'"),
        (("mine.safetensors", "nowhere/mine.safetensors"), "there is no folder 'nowhere'"),
    ],
)
def test_what_cannot_be_written_is_told_first(synth: Synth, change: tuple[str, str], message: str) -> None:
    ran = synth(*(change[1] if word == change[0] else word for word in TRAIN))
    assert ran.code == 4
    assert message in ran.err


def test_a_device_that_there_is_not_is_told(synth: Synth) -> None:
    ran = synth(*TRAIN, "--device", "abacus")
    assert ran.code == 4
    assert "cannot compute on 'abacus'" in ran.err
