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
