"""`synth learn lifelong`: from a suite to figures, again from where it was, and refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_harness import Synth

_TASKS = "\n".join(
    f"""task plus_{n}(xs: list[int]) -> list[int]
    example [4, 1] -> [{4 + n}, {1 + n}]
    example [0, 7, 3] -> [{n}, {7 + n}, {3 + n}]
    holdout [5] -> [{5 + n}]
    solution map(lambda x: x + {n}, xs)
"""
    for n in range(1, 5)
)


def test_a_suite_is_met_with_a_library_and_without(synth: Synth, tmp_path: Path) -> None:
    path, out = tmp_path / "plus.syn", tmp_path / "out"
    path.write_text(_TASKS, encoding="utf-8")
    command = ("learn", "lifelong", "--stream", str(path), "--waves", "2", "--evaluations", "6000", "--out", str(out))
    ran = synth(*command, "--json")
    assert ran.code == 0
    assert [arm["right"] for arm in ran.json["arms"]] == [{"right": 4, "total": 4}] * 2
    assert ran.json["last_wave"]["without"]["total"] == 2
    assert {file.name for file in out.iterdir()} == {"outcomes.jsonl", "summary.json", "lifelong.png", "lifelong.svg"}
    before = (out / "outcomes.jsonl").read_bytes()
    again = synth(*command)
    assert again.code == 0
    assert (out / "outcomes.jsonl").read_bytes() == before
    assert "4 of 4 right" in again.out
    assert "last wave, with library less without: +0.0 points" in again.out
    assert "still right after learning: 12 of 12" in again.out


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--stream", "structuredd"), "did you mean 'structured'?"),
        (("--stream", "no such"), "expected a suite"),
        (("--tasks", "3"), "at least as many tasks as waves"),
        (("--seeds", "0"), "--seeds"),
    ],
)
def test_what_cannot_be_is_refused(synth: Synth, tmp_path: Path, options: tuple[str, ...], problem: str) -> None:
    ran = synth("learn", "lifelong", "--out", str(tmp_path / "out"), *options)
    assert ran.code == 4
    assert problem in ran.err
