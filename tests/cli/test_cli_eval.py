"""`synth eval`: the contract, line by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli_harness import Synth

from synth.guide.asking import auto_guide

FIELDS = [
    *("task", "status", "fits", "holdout", "seconds", "evaluations", "program", "size", "bits", "attempts"),
    *("mass", "alternatives"),
]


def test_lines_then_the_count(synth: Synth) -> None:
    ran = synth("eval", "tasks.syn", "--evaluations", "200000")
    assert ran.code == 0, ran.err
    *lines, last = ran.out.splitlines()
    records = [json.loads(line) for line in lines]
    assert sorted(r["task"] for r in records) == ["backwards", "double_all"]
    assert all(list(r) == FIELDS for r in records)
    assert last.startswith("solved 2/2, held out right 1/2, median ")
    shipped = auto_guide() is not None
    assert ("guide: auto" if shipped else "guide: none") in ran.err


def test_out_resume_and_limit(synth: Synth, tmp_path: Path) -> None:
    first = synth("eval", "tasks.syn", "--limit", "1", "--out", "out.jsonl")
    assert first.out.startswith("solved 1/1, ")
    assert len(first.out.splitlines()) == 1
    second = synth("eval", "tasks.syn", "--out", "out.jsonl", "--resume")
    assert second.out.startswith("solved 2/2, ")
    names = [json.loads(line)["task"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert names == ["double_all", "backwards"]


def test_jobs_change_nothing_but_the_order(synth: Synth) -> None:
    def run(jobs: str) -> dict[str, object]:
        out = synth("eval", "tasks.syn", "--evaluations", "100000", "--jobs", jobs).out.splitlines()[:-1]
        return {r["task"]: {**r, "seconds": 0} for r in map(json.loads, out)}

    assert run("1") == run("2")


def test_hide_makes_a_holdout_where_there_is_none(synth: Synth) -> None:
    ran = synth("eval", "tasks.syn", "--hide", "50%", "-k", "backwards", "--json")
    (record,) = ran.json["tasks"]
    assert record["holdout"] is not None
    assert ran.json["summary"]["tasks"] == 1


def test_contradictions_and_unreadable_tasks(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "odd.syn").write_text(
        "task clash(n: int) -> int\n    example 1 -> 2\n    example 1 -> 3\n\n"
        "task torn(n: int) -> int\n    example 1 -> [2]\n"
    )
    ran = synth("eval", "odd.syn")
    statuses = {r["task"]: r["status"] for r in map(json.loads, ran.out.splitlines()[:-1])}
    assert statuses == {"clash": "contradictory", "torn": "error"}
    assert ran.code == 4
    assert "examples 1 and 2 contradict" in ran.err
    assert "odd.syn:6" in ran.err
    assert synth("eval", "odd.syn", "-k", "clash").code == 1


def test_lines_have_the_mass_where_several_answers_were_wanted(synth: Synth) -> None:
    def lines(*how: str) -> list[dict[str, Any]]:
        return list(synth("eval", "tasks.syn", "--evaluations", "50000", "--json", *how).json["tasks"])

    assert [(line["mass"], line["alternatives"]) for line in lines()] == [(None, []), (None, [])]
    for how in (("--attempts", "9"), ("--min-mass", "1%")):
        for line in lines(*how):
            first = line["alternatives"][0]
            assert (first["program"], first["mass"]) == (line["program"], line["mass"])
            assert list(first) == ["program", "bits", "mass", "holdout"]
            assert 0 < line["mass"] <= 1
    assert sum(a["mass"] for a in line["alternatives"]) <= 1.001


def test_attempts_says_how_many_answers_were_judged(synth: Synth) -> None:
    ran = synth("eval", "tasks.syn", "--limit", "1", "--attempts", "3", "--grammar", "ours")
    assert 1 <= json.loads(ran.out.splitlines()[0])["attempts"] <= 3


def test_what_this_version_lacks_is_said_not_ignored(synth: Synth) -> None:
    assert synth("eval", "tasks.syn", "--guide", "checkpoint").code == 4
    assert synth("eval", "tasks.syn", "--grammar", "theirs").code == 4
    assert synth("eval", "tasks.syn", "--resume").code == 4
    assert synth("eval").code == 4
