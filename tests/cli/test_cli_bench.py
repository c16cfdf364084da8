"""`synth bench engine`: the table, the JSON, and what it refuses."""

from __future__ import annotations

from cli_harness import Synth

WORDS = ("bench", "engine", "--quick", "--only", "curve", "--limit", "2", "-k", "warm-up")


def test_json_has_the_shape(synth: Synth) -> None:
    ran = synth(*WORDS, "--json")
    assert ran.code == 0, ran.err
    assert list(ran.json) == ["curve"]
    curve = ran.json["curve"]
    assert curve["tasks"] == 2
    assert curve["ratio_naive"] > 0
    assert curve["targets"]["ratio_naive"]["at_least"] == 10
    assert (
        ran.err
        == "curve: Every task of the suite by each method in turn, under the same limit of CPU-seconds a task.\n"
    )


def test_a_table_for_people(synth: Synth) -> None:
    ran = synth(*WORDS)
    heading, first, *_ = ran.out.splitlines()
    assert heading.split() == ["figure", "median", "spread", "target", "met"]
    assert first.startswith("curve.ratio_naive ")
    assert "at least 10" in first


def test_unknown_parts_and_suites_are_refused(synth: Synth) -> None:
    ran = synth("bench", "engine", "--only", "engine")
    assert ran.code == 4
    assert "expected one of list_columns, dense_columns" in ran.err
    assert synth("bench", "engine", "--only", "curve", "--suite", "nowhere").code == 4
    assert synth("bench").code == 4
