"""Modules compared, and modules with seldom used definitions taken out of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.errors import InterfaceError
from dsl.library import Definition
from dsl.parser import parse
from dsl.program import Program, names
from synth.learn.inlining import inline, same
from synth.learn.module_changes import OwnModule, differences, prune, read_own
from tasks.domains.lists import LISTS

WORDS = LISTS.library
MODULE = """\
syn 1
# Words that I made.

# adds one
def next(n: int) -> int = n + 1
    "One more."

def upto(n: int) -> list[int] = range(1, next(n))

# kept, whatever happens
def tripled(xs: list[int]) -> list[int] = map(
    lambda x: x * 3,
    xs,
)
    "Each number three times."

# the end
"""


@pytest.fixture
def module(tmp_path: Path) -> OwnModule:
    return _module(tmp_path / "mine.syn", MODULE)


def _module(path: Path, text: str) -> OwnModule:
    path.write_text(text, encoding="utf-8")
    return read_own(str(path), WORDS)


def _programs(module: OwnModule, *texts: str) -> list[Program]:
    return [parse(text, module.words) for text in texts]


def _definitions(path: Path, *lines: str) -> tuple[Definition, ...]:
    return _module(path, "\n".join(("syn 1", *lines)) + "\n").definitions


# ---- compared -------------------------------------------------------------------------------------------------------

NEXT, UPTO = "def next(n: int) -> int = n + 1", "def upto(n: int) -> list[int] = range(1, next(n))"


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ([NEXT, UPTO], [UPTO, NEXT], []),
        ([NEXT], ["def next(k: int) -> int = k + 1", "    'Documented.'"], []),
        ([NEXT], [NEXT, UPTO], [("added", "upto")]),
        ([NEXT, UPTO], [NEXT], [("removed", "upto")]),
        ([NEXT], ["def next(n: int) -> int = n + 2"], [("changed", "next")]),
        (["def back(xs: list[int]) -> list[int] = reverse(xs)"], ["def back(xs: list[A]) -> list[A] = reverse(xs)"],
         [("changed", "back")]),
        (["def back(xs: list[A]) -> list[A] = reverse(xs)"], ["def back(xs: list[B]) -> list[B] = reverse(xs)"], []),
        ([NEXT, UPTO], [NEXT.replace("next", "more"), UPTO.replace("next", "more")], [("renamed", "next -> more")]),
        ([NEXT, UPTO], [NEXT.replace("next", "more"), UPTO.replace("next", "more").replace("upto", "to")],
         [("renamed", "next -> more"), ("renamed", "upto -> to")]),
        # the name of the one is now that of the other: each says something else
        ([NEXT, "def more(n: int) -> int = n + 2"],
         ["def more(n: int) -> int = n + 1", "def next(n: int) -> int = n + 2"],
         [("changed", "next"), ("changed", "more")]),
    ],
)  # fmt: skip
def test_differences(tmp_path: Path, before: list[str], after: list[str], wanted: list[tuple[str, str]]) -> None:
    one, two = _definitions(tmp_path / "a.syn", *before), _definitions(tmp_path / "b.syn", *after)
    assert [(change.kind, change.name) for change in differences(one, two)] == wanted


def test_differences_turned_round(tmp_path: Path) -> None:
    """What was added one way was removed the other."""
    one = _definitions(tmp_path / "a.syn", NEXT, UPTO, "def ten -> int = 10")
    two = _definitions(tmp_path / "b.syn", NEXT.replace("next", "more"), "def ten -> int = 11", "def nine -> int = 9")
    turned = {"added": "removed", "removed": "added"}
    forth, back = differences(one, two), differences(two, one)
    assert {(c.kind, c.before, c.after) for c in forth} == {
        (turned.get(c.kind, c.kind), c.after, c.before) for c in back
    }
    assert {c.kind for c in forth} == {"added", "removed", "renamed", "changed"}


# ---- pruned ---------------------------------------------------------------------------------------------------------


def test_what_is_used_seldom_is_put_in_where_it_is_used(module: OwnModule) -> None:
    programs = _programs(module, "lambda n: upto(n)", "lambda n: sum(upto(n))", "lambda xs: tripled(tripled(xs))")
    pruned = prune(module, programs, 2)
    assert pruned.dropped == {"next": 1}
    assert pruned.text == MODULE.replace(
        '# adds one\ndef next(n: int) -> int = n + 1\n    "One more."\n\n', ""
    ).replace("next(n)", "n + 1")


def test_uses_by_the_others_count_and_are_counted_again(module: OwnModule) -> None:
    """Upto is used once, next by it alone; with upto gone, its user uses next."""
    programs = _programs(module, "lambda n: upto(n)", "lambda n: next(n)")
    assert prune(module, programs, 1).dropped == {"tripled": 0}
    pruned = prune(module, programs, 2)
    assert pruned.dropped == {"tripled": 0, "upto": 1}
    assert [d.short for d in pruned.definitions] == ["next"]


def test_nothing_to_drop_leaves_the_text_as_it_is(module: OwnModule) -> None:
    programs = _programs(module, "lambda n: upto(n)", "lambda xs: tripled(xs)")
    pruned = prune(module, programs, 1)
    assert (pruned.text, pruned.dropped) == (MODULE, {})


def test_everything_may_go(module: OwnModule) -> None:
    assert prune(module, [], 1).text == "syn 1\n# Words that I made.\n\n# the end\n"


def test_a_pruned_module_says_the_same_of_programs(tmp_path: Path, module: OwnModule) -> None:
    """Programs with what was dropped put in are programs over the new module, and the same when all is put in."""
    programs = _programs(module, "lambda n: map(next, upto(n))", "lambda n: sum(tripled(upto(next(n))))")
    pruned = prune(module, programs, 4)
    assert pruned.dropped
    (tmp_path / "new").mkdir()
    again = _module(tmp_path / "new" / "mine.syn", pruned.text)
    dropped = [d for d in module.definitions if d.short in pruned.dropped]
    for program in programs:
        kept = inline(program, dropped)
        assert set(names(kept)) <= set(again.words.entries)
        assert same(inline(kept, again.definitions), inline(program, module.definitions))


def test_a_word_that_was_hidden_is_meant_again(tmp_path: Path) -> None:
    """The dropped definition hides a word of the same name, which the others mean from then on."""
    text = (
        "syn 1\n\ndef odds(xs: list[int]) -> list[int] = filter(is_odd, drop(1, xs))\n\n"
        "def reverse(xs: list[int]) -> list[int] = list.reverse(odds(xs))\n\n"
        "def ends(xs: list[int]) -> list[int] = reverse(xs)\n"
    )
    module = _module(tmp_path / "mine.syn", text)
    pruned = prune(module, _programs(module, *["lambda xs: mine.ends(xs)"] * 3), 2)
    assert pruned.dropped == {"odds": 1, "reverse": 1}
    assert pruned.text == "syn 1\n\ndef ends(xs: list[int]) -> list[int] = reverse(filter(is_odd, drop(1, xs)))\n"


def test_imports_and_bases_stay(tmp_path: Path) -> None:
    (tmp_path / "below.syn").write_text("syn 1\ndef next(n: int) -> int = n + 1\n", encoding="utf-8")
    text = (
        "syn 1\nimport below\nuses map, range, next\n\ndef upto(n: int) -> list[int] = range(1, next(n))\n\n"
        "def all(ns: list[int]) -> list[list[int]] = map(upto, ns)\n"
    )
    module = _module(tmp_path / "mine.syn", text)
    assert [d.short for d in module.definitions] == ["upto", "all"]
    pruned = prune(module, _programs(module, "lambda ns: all(ns)", "lambda ns: all(ns)"), 2)
    assert pruned.dropped == {"upto": 1}
    written = "def all(ns: list[int]) -> list[list[int]] = map(lambda n: range(1, below.next(n)), ns)"
    assert pruned.text == f"syn 1\nimport below\nuses map, range, next\n\n{written}\n"


def test_a_file_with_tasks_is_refused(tmp_path: Path) -> None:
    text = "syn 1\ndef next(n: int) -> int = n + 1\n\ntask t(n: int) -> int\n    example 1 -> 2\n"
    with pytest.raises(InterfaceError, match="found tasks in it too"):
        prune(_module(tmp_path / "mine.syn", text), [], 1)
