"""`synth bench`: the tables, the JSON, and what its commands refuse."""

from __future__ import annotations

import json
from pathlib import Path

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


ABLATION = ("bench", "ablation", "lists", "-k", "warm-up", "--limit", "2", "--only", "goals", "--evaluations", "3000")


def test_an_ablation_can_be_resumed_and_is_the_same(synth: Synth, tmp_path: Path) -> None:
    ran = synth(*ABLATION, "--out", "trials.jsonl", "--jobs", "2", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["tasks"] == ran.json["all_on"]["solved"]["total"] == 2
    assert list(ran.json["off"]) == ["goals"]
    lines = (tmp_path / "trials.jsonl").read_text().splitlines(keepends=True)
    assert {json.loads(line)["contestant"] for line in lines} == {"ours", "ours without goals"}
    (tmp_path / "trials.jsonl").write_text("".join(lines[:3]))
    again = synth(*ABLATION, "--out", "trials.jsonl", "--resume", "--json")
    for name in ("solved", "right", "evaluations"):
        assert again.json["off"]["goals"][name] == ran.json["off"]["goals"][name]
    table = synth(*ABLATION, "--out", "trials.jsonl", "--resume").out.splitlines()
    assert [row.split()[:2] for row in table[:3]] == [["off", "solved"], ["nothing", "2"], ["goals", "2"]]
    other = synth(*ABLATION[:-1], "4000", "--out", "trials.jsonl", "--resume")
    assert other.code == 4
    assert "expected lines of trials with the budget" in other.err


def test_unknown_tricks_and_pictures_are_refused_before_any_work(synth: Synth) -> None:
    assert "expected one of equivalence, kernels" in synth("bench", "ablation", "lists", "--only", "magic").err
    assert "expected a picture that ends in .png or .svg" in synth("bench", "curve", "lists", "--plot", "c.gif").err
    assert synth("bench", "ablation", "lists", "--resume").code == 4
    assert synth("bench", "ceiling", "lists", "--resume").code == 4
    assert synth("bench", "posterior", "nowhere.jsonl").code == 4


def test_a_curve_of_outside_data(synth: Synth, tmp_path: Path) -> None:
    ran = synth("bench", "curve", "tasks.syn", "--timeout", "3", "--plot", "curve.svg", "--json", "--limit", "1")
    assert ran.code == 0, ran.err
    assert (ran.json["suite"], ran.json["tasks"]) == ("tasks.syn", 1)
    assert [ran.json[f"solved_{name}"] for name in ("ours", "enumerate", "naive")] == [1, 1, 1]
    assert all(points[-1][1] == 1 for points in ran.json["points"].values())
    assert (tmp_path / "curve.svg").exists()


def test_a_ceiling_and_the_posterior_of_its_answers(synth: Synth, tmp_path: Path) -> None:
    ran = synth("bench", "ceiling", "tasks.syn", "--evaluations", "30000", "--out", "lines.jsonl", "--json")
    assert ran.code == 0, ran.err
    found = ran.json
    assert (found["tasks"], found["with_solution"], found["solution_right"], found["judged"]) == (2, 1, 1, 1)
    assert (found["expressible"], found["solved"]) == (2, 1)
    table = synth("bench", "ceiling", "tasks.syn", "--out", "lines.jsonl", "--resume").out.splitlines()
    assert table[0].split() == ["of", "the", "tasks", "tasks", "of"]
    assert table[2].split()[-2:] == ["2", "2"]
    scores = synth("bench", "posterior", "lines.jsonl", "--plot", "posterior.png", "--json")
    assert scores.code == 0, scores.err
    assert scores.json["answers"]["of"] == 1
    assert scores.json["without_holdout"] == 1
    assert 0 < scores.json["mean_confidence"] <= 1
    assert (tmp_path / "posterior.png").exists()
    assert "expected calibration error" in synth("bench", "posterior", "lines.jsonl").out


def test_the_posterior_of_single_answers_is_refused(synth: Synth) -> None:
    synth("eval", "tasks.syn", "--evaluations", "30000", "--out", "single.jsonl")
    ran = synth("bench", "posterior", "single.jsonl")
    assert ran.code == 4
    assert "expected the mass of every answer" in ran.err
    assert "--attempts 64" in ran.err


# --- guidance -------------------------------------------------------------------------------------------------------

ORACLE = ("bench", "oracle", "tasks.syn", "--evaluations", "4000")


def test_an_oracle_is_measured_and_gone_on_with(synth: Synth, tmp_path: Path) -> None:
    ran = synth(*ORACLE, "--out", "lines.jsonl", "--jobs", "2", "--json")
    assert ran.code == 0, ran.err
    assert [summary["says"] for summary in ran.json["summaries"]] == ["bits", "sketch", "both", "contexts", "subgoal"]
    whose = {line["task"]: line["said_by"] for line in ran.json["tasks"]}
    assert whose == {"double_all": "the task's solution", "backwards": "what a search found"}
    lines = (tmp_path / "lines.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "lines.jsonl").write_text(lines[0] + lines[1][:40])
    again = synth(*ORACLE, "--out", "lines.jsonl", "--resume", "--json")
    assert again.json["summaries"] == ran.json["summaries"]
    table = synth(*ORACLE, "--out", "lines.jsonl", "--resume").out.splitlines()
    assert [row.split()[0] for row in table] == ["the", "bits", "sketch", "both", "contexts", "subgoal", "2"]
    other = synth(*ORACLE[:-1], "5000", "--out", "lines.jsonl", "--resume")
    assert other.code == 4
    assert "expected lines of trials with the budget" in other.err
    (tmp_path / "other.jsonl").write_text('{"task": "double_all"}\n')
    other = synth(*ORACLE, "--out", "other.jsonl", "--resume")
    assert "expected a line that `synth bench oracle` wrote" in other.err
    assert synth(*ORACLE, "--resume").code == 4


DOUBLER = """
from synth.guidance import Guidance


class Doubler:
    name = "doubler"

    def predict(self, spec):
        return Guidance(self.name, {"list.map": -2.0})


guide = Doubler()
"""
GUIDED = ("bench", "guide", "tasks.syn", "--guide", "doubler.py", "--evaluations", "4000", "--out", "guided.jsonl")


def test_a_guide_is_measured_part_by_part_and_gone_on_with(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "doubler.py").write_text(DOUBLER, encoding="utf-8")
    ran = synth(*GUIDED, "--json")
    assert ran.code == 0, ran.err
    found = ran.json
    kinds = ["contexts only", "sketches only", "subgoals only", "bits only"]
    assert (found["guide"], found["tasks"], list(found["arms"])) == ("doubler", 2, ["online", *kinds, "all"])
    arms = {line["task"]: line["arms"] for line in found["lines"]}["double_all"]
    assert arms["sketches only"] == arms["none"]
    assert arms["bits only"]["first_fit"] == arms["all"]["first_fit"] != arms["none"]["first_fit"]
    lines = (tmp_path / "guided.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "guided.jsonl").write_text(lines[0])
    table = synth(*GUIDED, "--resume").out.splitlines()
    assert [row.split("  ")[0] for row in table[:8]] == ["guided by", "none", "online", *kinds, "all"]
    assert table[8].startswith("2 tasks, 4,000 evaluations a search; of 0 the guide could say nothing")
    (tmp_path / "doubler.py").write_text(DOUBLER.replace("-2.0", "-1.0"), encoding="utf-8")
    other = synth(*GUIDED, "--resume")
    assert other.code == 4
    assert "expected lines of trials with the budget" in other.err
    assert "no such file" in synth("bench", "guide", "tasks.syn", "--guide", "gone.py").err
