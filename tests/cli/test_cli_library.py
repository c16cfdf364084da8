"""`synth library`: show, graph, diff, prune, and modules and results that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_harness import Ran, Synth

Golden = Callable[[Path, str], None]
GOLDEN = Path(__file__).parents[1] / "golden"
MODULE = """\
syn 1
# Words that I made.

def next(n: int) -> int = n + 1
    "One more."

def upto(n: int) -> list[int] = range(1, next(n))
    "Learned in iteration 1 from 2 tasks: counting, triangle."
    "upto(3) = [1, 2, 3]"

def doubled(xs: list[int]) -> list[int] = map(lambda x: x + x, xs)

def thirds(xs: list[A]) -> list[A] where A: eq = drop(2, reverse(xs))
"""
PROGRAMS = {
    "counting": "lambda n: upto(n)",
    "triangle": "lambda n: sum(upto(n))",
    "evens": "lambda n: doubled(upto(n))",
    "plain": "lambda xs: sum(map(lambda x: x + x, xs)) + 1",
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A module and results that use its words, in the folder that commands are run in."""
    (tmp_path / "learned.syn").write_text(MODULE, encoding="utf-8")
    results(tmp_path / "results.jsonl", PROGRAMS)
    return tmp_path


def results(path: Path, programs: dict[str, str]) -> None:
    lines = [json.dumps({"task": task, "fits": True, "program": text}) for task, text in programs.items()]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def plain(ran: Ran, folder: Path) -> str:
    """All that a command said, wherever it ran."""
    return f"{ran.out}{ran.err}(exit {ran.code})\n".replace(f"{folder.resolve()}/", "")


# ---- show -----------------------------------------------------------------------------------------------------------


def test_show(synth: Synth, files: Path, golden: Golden) -> None:
    shown = [synth("library", "show", "learned.syn"), synth("library", "show", "--used-in", "results.jsonl")]
    golden(GOLDEN / "library_show.txt", "\n".join(plain(ran, files) for ran in shown))


def test_show_as_json(synth: Synth, files: Path) -> None:
    ran = synth("library", "show", "learned.syn", "--used-in", "results.jsonl", "--json")
    following, upto, doubled, thirds = ran.json
    assert (following["name"], following["type"]) == ("learned.next", "(int) -> int")
    assert following["uses"] == {"calls": 0, "programs": 0, "reached": 3, "definitions": 1}
    assert upto["uses"] == {"calls": 3, "programs": 3, "reached": 3, "definitions": 0}
    assert upto["definition"] == "def upto(n: int) -> list[int] = range(1, next(n))"
    assert upto["documentation"].splitlines()[1] == "upto(3) = [1, 2, 3]"
    assert upto["bits_saved"] > 10 > thirds["bits_saved"]
    assert doubled["bits_saved"] > thirds["bits_saved"]
    assert thirds["bits_saved"] <= 0
    plain_json = synth("library", "show", "learned.syn", "--json").json
    assert [(word["uses"], word["bits_saved"]) for word in plain_json] == [(None, None)] * 4


def test_show_a_shipped_module(synth: Synth) -> None:
    ran = synth("library", "show", "recursion")
    assert ran.code == 0, ran.err
    assert "def recurse(stop: (A) -> bool" in ran.out


def test_show_what_a_real_run_used(synth: Synth, files: Path) -> None:
    """The run beside the results says which tasks and words these were; the module itself may be among the words."""
    ran = synth(
        "eval", "tasks.syn", "-k", "double", "--library", "learned.syn", "--evaluations", "3000", "--out", "r.jsonl"
    )
    assert ran.code == 0, ran.err
    shown = synth("library", "show", "learned.syn", "--used-in", "r.jsonl")
    assert shown.err == ""
    assert "1 solution, 1 of them with a word of this module (100%)" in shown.out


def test_show_says_what_does_not_count(synth: Synth, files: Path) -> None:
    results(files / "results.jsonl", {f"task{number}": "lambda n: gone(n)" for number in range(7)} | PROGRAMS)
    ran = synth("library", "show", "learned.syn", "--used-in", "results.jsonl")
    assert ran.code == 0
    assert "not counted, since these words cannot read them: 7 programs\n" in ran.err
    assert "    task4: expected a variable or a word of the library, found `gone`\n    and 2 more\n" in ran.err
    assert "4 solutions, 3 of them" in ran.out


def test_show_nothing(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "empty.syn").write_text("syn 1\n", encoding="utf-8")
    assert synth("library", "show", "empty.syn").out == "empty.syn: no definitions\n"
    assert synth("library", "show", "empty.syn", "--json").json == []


# ---- graph ----------------------------------------------------------------------------------------------------------


def test_graph_for_graphviz(synth: Synth, files: Path) -> None:
    ran = synth("library", "graph", "learned.syn", "--used-in", "results.jsonl", "--out", "g.dot")
    assert (ran.code, ran.out) == (0, "g.dot: 4 words, 1 edge\n")
    text = (files / "g.dot").read_text(encoding="utf-8")
    assert '"upto" -> "next";' in text
    assert "in 3 solutions" in text


def test_graph_as_a_picture(synth: Synth, files: Path) -> None:
    ran = synth("library", "graph", "learned.syn", "--out", "g.svg", "--primitives")
    assert ran.code == 0, ran.err
    text = (files / "g.svg").read_text(encoding="utf-8")
    assert ">doubled<" in text
    assert ">list.drop<" in text


# ---- diff -----------------------------------------------------------------------------------------------------------


def test_diff(synth: Synth, files: Path, golden: Golden) -> None:
    other = MODULE.replace("next", "successor").replace("x + x", "x * 2").partition("def thirds")[0]
    (files / "other.syn").write_text(other + "def ten -> int = 10\n", encoding="utf-8")
    runs = [synth("library", "diff", a, b) for a, b in (("learned.syn", "other.syn"), ("other.syn", "other.syn"))]
    golden(GOLDEN / "library_diff.txt", "\n".join(plain(ran, files) for ran in runs))
    told = synth("library", "diff", "learned.syn", "other.syn", "--json")
    assert (told.code, [change["kind"] for change in told.json]) == (1, ["renamed", "changed", "removed", "added"])


# ---- prune ----------------------------------------------------------------------------------------------------------


def test_prune(synth: Synth, files: Path, golden: Golden) -> None:
    ran = synth("library", "prune", "learned.syn", "--used-in", "results.jsonl", "--least", "2", "--out", "new.syn")
    text = (files / "new.syn").read_text(encoding="utf-8")
    golden(GOLDEN / "library_prune.txt", f"{plain(ran, files)}\n{text}")
    assert synth("library", "show", "new.syn").code == 0


def test_prune_on_stdout_and_in_place(synth: Synth, files: Path) -> None:
    words = ("library", "prune", "learned.syn", "--used-in", "results.jsonl", "--least", "1")
    told = synth(*words)
    assert told.err.endswith("dropped thirds, used 0 times\nkept 3 of 4 definitions\n")
    assert synth(*words, "--out", "learned.syn").code == 0
    assert (files / "learned.syn").read_text(encoding="utf-8") == told.out


# ---- bad input ------------------------------------------------------------------------------------------------------

EDITED = {
    "a type error": MODULE.replace("n + 1", "n + [1]"),
    "a misspelt type": MODULE.replace("def next(n: int) -> int", "def next(n: int) -> itn"),
    "a circle": MODULE.replace("n + 1", "sum(upto(n))"),
    "itself": MODULE.replace("n + 1", "next(n)"),
    "a missing definition": MODULE.replace("def next(n: int) -> int = n + 1\n", "def nxt(n: int) -> int = n + 1\n"),
    "two of one name": MODULE + "def next(n: int) -> int = n + 2\n",
    "broken text": MODULE.replace("x + x, xs)", "x + x, xs"),
    "a missing import": MODULE.replace("syn 1\n", "syn 1\nimport lsts\n"),
    "no definition": MODULE.replace("def thirds", "define thirds"),
}


def test_an_edited_module_that_is_wrong_is_shown_where(synth: Synth, files: Path, golden: Golden) -> None:
    """Every command reads modules alike: the message says where, with a caret, and no command shows a traceback."""
    told = []
    for case, text in EDITED.items():
        (files / "learned.syn").write_text(text, encoding="utf-8")
        ran = synth("library", "show", "learned.syn")
        assert (ran.code, ran.out) == (4, ""), case
        assert "^" in ran.err, case
        assert "Traceback" not in ran.err, case
        told.append(f"# {case}\n{plain(ran, files)}")
        for words in (("graph", "learned.syn", "--out", "g.dot"), ("diff", "learned.syn", "learned.syn"),
                      ("prune", "learned.syn", "--used-in", "results.jsonl", "--least", "1")):  # fmt: skip
            again = synth("library", *words)
            assert (again.code, again.err) == (4, ran.err), (case, words)
    golden(GOLDEN / "library_edited.txt", "\n".join(told))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "gone.syn"), "expected a readable file, found none"),
        (("show", "lsts"), "did you mean `lists`?"),
        (("show", "learned.syn", "--used-in", "gone.jsonl"), "does not exist"),
        (("show", "learned.syn", "--used-in", "learned.syn"), "learned.syn:1: expected a line that `synth eval` wrote"),
        (("show", "learned.syn", "--used-in", "."), "expected the directory of a run"),
        (("graph", "learned.syn", "--out", "g.pdf"), "expected a file that ends in .svg, .png, .dot, found 'g.pdf'"),
        (("graph", "learned.syn", "--out", "no/g.svg"), "cannot write 'no/g.svg'"),
        (("graph", "learned.syn", "--out", "no/g.dot"), "cannot write 'no/g.dot'"),
        (("prune", "learned.syn", "--used-in", "results.jsonl", "--least", "0"), "greater than or equal to 1"),
        (("prune", "learned.syn", "--used-in", "results.jsonl", "--least", "1", "--out", "no/x.syn"), "cannot write"),
        (("prune", "tasks.syn", "--used-in", "results.jsonl", "--least", "1"), "kept 0 of 0 definitions"),
    ],
)
def test_what_cannot_be_used_is_refused(synth: Synth, files: Path, words: tuple[str, ...], message: str) -> None:
    ran = synth("library", *words)
    assert message in ran.err
    assert ran.code == (0 if words[1] == "tasks.syn" else 4)
    assert "Traceback" not in ran.err


def test_without_a_file_the_one_here_is_meant(synth: Synth, tmp_path: Path) -> None:
    ran = synth("library", "show")
    assert (ran.code, ran.err) == (
        4,
        "error: expected a library module, found no 'learned.syn'\nhint: name a .syn file\n",
    )


def test_prune_refuses_a_module_with_tasks(synth: Synth, files: Path) -> None:
    (files / "learned.syn").write_text(MODULE + "\ntask t(n: int) -> int\n    example 1 -> 2\n", encoding="utf-8")
    ran = synth("library", "prune", "learned.syn", "--used-in", "results.jsonl", "--least", "2")
    assert ran.code == 4
    assert "expected a module of definitions, found tasks in it too" in ran.err
