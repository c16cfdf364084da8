"""`synth solve`: programs, exit codes, JSON."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_harness import Synth


def test_a_file_is_solved_and_shown(synth: Synth) -> None:
    ran = synth("solve", "tasks.syn", "--evaluations", "200000")
    assert ran.code == 0, ran.err
    assert "✓ double_all  solved" in ran.out
    assert "double_all(xs) = " in ran.out
    assert "examples 3/3, holdout 1/1" in ran.out
    assert "guided by none" in ran.out
    assert ran.out.endswith("solved 2 of 2 tasks\n")
    assert "\x1b" not in ran.out, "piped output has no colours"


def test_examples_need_no_file(synth: Synth) -> None:
    ran = synth("solve", "--example", "[1,2] -> [2,4]", "--example", "[5] -> [10]", "--json")
    assert ran.code == 0, ran.err
    (report,) = ran.json
    assert report["task"] == "example"
    assert report["signature"] == "example(xs: list[int]) -> list[int]"
    assert (report["status"], report["fits"], report["holdout"]) == ("solved", True, None)
    assert report["program"].startswith("lambda xs: ")


def test_examples_may_have_noise(synth: Synth) -> None:
    """The search and the judge agree on what was missed."""
    pairs = ["[1,2] -> [2,1]", "[5,6,7] -> [7,6,5]", "[3,4] -> [4,3]", "[8,9] -> [9,8]", "[1,2] -> [7,7]"]
    words = [word for pair in pairs for word in ("--example", pair)]
    assert synth("solve", *words, "--noise", "10%", "--json").json[0]["status"] == "contradictory"


def test_a_basis_is_searched_alone(synth: Synth) -> None:
    ran = synth("solve", "--example", "[3,1,2] -> [1,2,3]", "--example", "[5] -> [5]", "--library", "peers/lambdabeam")
    assert ran.code == 0, ran.err
    assert "example(xs) = sort(xs)" in ran.out
    ran = synth("primitives", "list", "--library", "peers/dreamcoder", "--json")
    assert len(ran.json) == 19


def test_examples_of_several_inputs_and_types(synth: Synth) -> None:
    ran = synth("solve", "--example", "2, [5, 6, 7] -> [5, 6]", "--example", "1, [3, 4] -> [3]", "--json")
    assert ran.code == 0, ran.err
    assert ran.json[0]["signature"] == "example(n: int, xs: list[int]) -> list[int]"


def test_a_pattern_chooses(synth: Synth) -> None:
    ran = synth("solve", "tasks.syn", "-k", "not double", "--json")
    assert [report["task"] for report in ran.json] == ["backwards"]


def test_unsolved_is_one_and_says_why(synth: Synth) -> None:
    ran = synth("solve", "--example", "[3, 1, 2] -> [7, 1, 9, 4]", "--example", "[1] -> [8, 8]", "--evaluations", "500")
    assert ran.code == 1
    assert "✗ example  unsolved: the evaluations ran out" in ran.out
    assert "500 evaluations" in ran.out


def test_a_budget_in_evaluations_gives_the_same_twice(synth: Synth) -> None:
    first, again = (
        [{**r, "seconds": 0} for r in synth("solve", "tasks.syn", "--evaluations", "100000", "--json").json]
        for _ in range(2)
    )
    assert first == again


def test_contradictory_examples_are_both_named(synth: Synth) -> None:
    ran = synth("solve", "--example", "[1] -> 2", "--example", "[2] -> 2", "--example", "[1] -> 3")
    assert ran.code == 1
    assert "examples 1 and 3 contradict each other: for [1] one wants 2, the other 3" in ran.out


def test_an_impossible_type_is_unreachable_and_named(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "odd.syn").write_text(
        "task odd(n: int) -> tuple[int, bool]\n    uses int.add, int.multiply\n    example 1 -> (2, True)\n"
    )
    ran = synth("solve", "odd.syn")
    assert ran.code == 1
    assert "✗ odd  unreachable" in ran.out
    assert "tuple[int, bool]" in ran.out


def test_what_guides_is_said(synth: Synth) -> None:
    assert synth("solve", "tasks.syn", "--guide", "online", "--json").json[0]["guided_by"].startswith("online")
    ran = synth("solve", "tasks.syn", "--guide", "auto")
    assert "this version has none" in ran.err
    assert "guided by none" in ran.out  # solved before it would have been asked


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "expected what to solve, found nothing"),
        (("nowhere.syn",), "nowhere.syn"),
        (("tasks.syn", "--example", "1 -> 2"), "expected either files or --example, found both"),
        (("--example", "[1, 2]"), "expected one '->' between inputs and output, found 0"),
        (("--example", "[1 -> 2"), "--example 1:1:"),
        (
            ("--example", "[1] -> 2", "--example", "[1] -> [2]"),
            "expected int as in the rows before",
        ),
        (
            ("--example", "1 -> 2", "--example", "1, 2 -> 2"),
            "expected 2 values, inputs and output, as in the first example, found 3",
        ),
        (("tasks.syn", "--sketch", "map(?f, xs)"), "expected --sketch with --example, found it without"),
        (("tasks.syn", "--noise", "10%"), "expected --noise with --example, found it without"),
        (("--example", "[1] -> [2]", "--sketch", "map(?f, ys)"), "--sketch 1:1:9: expected a variable or a word"),
        (("--example", "[1] -> [2]", "--sketch", "map(?f, xs"), "--sketch 1:1:11: the expression ends too early"),
        (("--example", "[1] -> [2]", "--noise", "100%"), "expected a share of at least 0% and less than 100%"),
        (("tasks.syn", "--library", "peers/lambdabaem"), "did you mean `peers.lambdabeam`?"),
        (("tasks.syn", "-k", "nothing"), "expected tasks that match 'nothing', found none among 2"),
        (("tasks.syn", "--guide", "model.pt"), "a checkpoint FILE.safetensors or a guide FILE.py, found 'model.pt'"),
        (("tasks.syn", "--memory", "much"), "expected a size such as 300MB or 2GB, found 'much'"),
        (("tasks.syn", "--with", "gone.py"), "gone.py"),
        (("tasks.syn", "--evaluations", "none"), "--evaluations"),
        (("tasks.syn", "--frob"), "--frob"),
    ],
)
def test_bad_input_is_one_message_and_four(synth: Synth, words: tuple[str, ...], message: str) -> None:
    ran = synth("solve", *words)
    assert ran.code == 4, ran
    assert message in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_a_typo_in_a_task_points_at_it_and_the_others_go_on(synth: Synth, tmp_path: Path) -> None:
    text = (tmp_path / "tasks.syn").read_text().replace("example [4, 9] -> [9, 4]", "exmple [4, 9] -> [9, 4]")
    (tmp_path / "tasks.syn").write_text(text)
    ran = synth("solve", "tasks.syn")
    assert ran.code == 4
    assert "tasks.syn:12:5" in ran.out
    assert "    exmple [4, 9]" in ran.out
    assert "^" in ran.out
    assert "✓ double_all" in ran.out


def test_a_folder_without_tasks_says_so(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = synth("solve", "empty")
    assert ran.code == 4
    assert "empty" in ran.err


def test_json_of_the_wrong_shape_says_so(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text('{"tasks": 3}')
    ran = synth("solve", "rule:data.json")
    assert ran.code == 4
    assert "data.json" in ran.err


def test_a_primitive_file_that_raises_on_import(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("x = 1\nraise ValueError('no luck')\n")
    ran = synth("solve", "tasks.syn", "--with", "mine.py")
    assert ran.code == 4
    assert "mine.py:2" in ran.err
    assert "ValueError: no luck" in ran.err


def test_own_primitives_are_used_and_may_print(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from dsl.primitive import primitive\n"
        "print('hello from an import')\n"
        "@primitive(weight=50.0)\n"
        "def odd_mix(n: int) -> int:\n"
        "    'A strange number.'\n"
        "    return (n * 7919 + 12345) % 1009\n"
    )
    wanted = [f"{n} -> {(n * 7919 + 12345) % 1009}" for n in (1, 2, 3)]
    ran = synth("solve", *(word for text in wanted for word in ("--example", text)), "--with", "mine.py", "--json")
    assert ran.code == 0, ran.err
    assert ran.json[0]["program"] == "lambda n: odd_mix(n)"
    assert "hello" in ran.err
