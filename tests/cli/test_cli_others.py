"""The other commands: check, run, explain, primitives, suites, version, help, and bugs of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_harness import Synth
from stub_solvers import make_liar

from tasks.load import LOADERS


def test_check_reads_without_searching(synth: Synth) -> None:
    ran = synth("check", "tasks.syn")
    assert ran.code == 0, ran.err
    assert "ok  double_all(xs: list[int]) -> list[int]  3 examples, 1 held out" in ran.out
    assert ran.out.endswith("2 of 2 tasks ok\n")


def test_check_names_what_cannot_be_solved(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "odd.syn").write_text("task clash(n: int) -> int\n    example 1 -> 2\n    example 1 -> 3\n")
    ran = synth("check", "odd.syn", "--json")
    assert ran.code == 1
    assert ran.json[0]["status"] == "contradictory"


def test_check_runs_solutions(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "odd.syn").write_text("task wrong(n: int) -> int\n    example 1 -> 2\n    solution n\n")
    ran = synth("check", "odd.syn")
    assert ran.code == 4
    assert "odd" in ran.out or "wrong" in ran.out


def test_run_a_program(synth: Synth) -> None:
    ran = synth("run", "lambda xs: sum(xs)", "[1, 2, 3]", "[]")
    assert (ran.code, ran.out) == (0, "[1, 2, 3] -> 6\n[] -> 0\n")


def test_run_a_program_of_two_inputs(synth: Synth) -> None:
    ran = synth("run", "lambda n, xs: take(n, xs)", "2, [7, 8, 9]")
    assert (ran.code, ran.out) == (0, "2, [7, 8, 9] -> [7, 8]\n")


def test_run_an_expression(synth: Synth) -> None:
    assert synth("run", "2 + 3").out == "5\n"


def test_run_a_failing_program_says_where(synth: Synth) -> None:
    ran = synth("run", "lambda xs: head(xs)", "[]", "--json")
    assert ran.code == 1
    assert ran.json[0]["output"] is None
    assert "head" in ran.json[0]["failure"]


def test_run_a_solution_with_its_trace(synth: Synth) -> None:
    ran = synth("run", "tasks.syn:double_all", "[3, 4]", "--trace")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[0] == "[3, 4] -> [6, 8]"
    assert "x + x" in ran.out
    assert "6; 8" in ran.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("lambda xs: summ(xs)", "[1]"), "did you mean"),
        (("lambda xs: list.sum(xs)",), "expected inputs"),
        (("lambda xs: sum(xs)", "[1], [2]"), "expected 1 input values"),
        (("lambda xs: sum(xs)", "['a']"), "no word `sum` fits"),
        (("tasks.syn:backwards",), "`solution`"),
        (("tasks.syn",), "double_all, backwards"),
    ],
)
def test_run_refuses_what_it_cannot_run(synth: Synth, words: tuple[str, ...], message: str) -> None:
    ran = synth("run", *words)
    assert ran.code == 4
    assert message in ran.err


def test_explain_shows_every_part(synth: Synth) -> None:
    ran = synth("explain", "tasks.syn", "-k", "double")
    assert ran.code == 0, ran.err
    assert "wanted" in ran.out
    assert "[2, 4]" in ran.out


def test_explain_a_given_program(synth: Synth) -> None:
    ran = synth("explain", "tasks.syn", "-k", "double", "--program", "lambda xs: map(lambda x: x * x, xs)", "--json")
    assert ran.code == 1
    (found,) = ran.json
    assert (found["fits"], found["examples"]) == (False, [1, 3])
    assert found["inputs"] == ["[1, 2]", "[5]", "[]"]
    assert [part["values"] for part in found["parts"]] == [["[1, 4]", "[25]", "[]"], ["1; 4", "25", ""]]


def test_explain_a_failure_shows_what_came_near(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "odd.syn").write_text("task odd(n: int) -> int\n    example 1 -> 1\n    example 2 -> 977\n")
    ran = synth("explain", "odd.syn", "--evaluations", "300")
    assert ran.code == 1
    assert "    near    n  (right on 1 of 2, " in ran.out
    assert "example 2: for 2 wanted 977, got 2" in ran.out
    assert "    try     more: --evaluations " in ran.out


def test_primitives_list_and_show(synth: Synth) -> None:
    listed = synth("primitives", "list", "list.")
    assert listed.code == 0
    assert any(line.startswith("list.map ") for line in listed.out.splitlines())
    shown = synth("primitives", "show", "map", "--json")
    assert "list.map" in {word["name"] for word in shown.json}
    assert synth("primitives", "show", "mapp").code == 4


def test_primitives_check(synth: Synth, tmp_path: Path) -> None:
    head = "from dsl.primitive import primitive\n@primitive\n"
    (tmp_path / "good.py").write_text(
        head + "def inc(n: int) -> int:\n    '''One more.\n\n    >>> inc(1)\n    2\n    '''\n    return n + 1\n"
    )
    (tmp_path / "bad.py").write_text(head + "def lie(n: int) -> int:\n    'A lie.'\n    return str(n)\n")
    assert synth("primitives", "check", "good.py").code == 0
    bad = synth("primitives", "check", "bad.py")
    assert bad.code == 1
    assert "expected a value of int" in bad.out
    assert synth("primitives", "check", "bad.py", "--json").json[0]["passed"] is False


def test_suites(synth: Synth) -> None:
    ran = synth("suites")
    assert "lists" in ran.out
    assert all(f"{name}:PATH" in ran.out for name in LOADERS)
    assert {"name", "tasks", "description"} == set(synth("suites", "--json").json[0])


def test_version_and_help(synth: Synth) -> None:
    assert synth("--version").out.startswith("synth 0.")
    assert synth("--help").code == 0
    for command in ("solve", "check", "run", "explain", "eval", "replay", "compare", "primitives", "suites"):
        ran = synth(command, "--help")
        assert ran.code == 0
        assert "Usage" in ran.out


def test_no_command_and_a_wrong_one(synth: Synth) -> None:
    assert synth().code == 4
    ran = synth("slove")
    assert ran.code == 4
    assert "slove" in ran.err


def test_a_bug_of_ours_is_three_and_short(synth: Synth, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("synth.commands.suites.shipped_suites", broken)
    ran = synth("suites")
    assert ran.code == 3
    assert "bug: ZeroDivisionError: oops" in ran.err
    assert "report it" in ran.err
    assert "Traceback" not in ran.err
    assert "Traceback" in synth("--debug", "suites").err


def test_a_search_that_lies_is_loud_and_three(synth: Synth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth.commands.solve.make_solver", make_liar)
    ran = synth("solve", "tasks.syn", "-k", "back")
    assert ran.code == 3
    assert "✗ backwards  error: a bug in synth" in ran.out
    assert "BUG in synth, not in your task: backwards: backwards: the search said solved" in ran.err
    assert "Traceback" not in ran.err
    assert "Traceback" in synth("--debug", "solve", "tasks.syn", "-k", "back").err
