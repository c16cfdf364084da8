"""Cutting files into blocks and lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.errors import DslError
from dsl.parser import parse_file
from dsl.source import END, Block, cut, mark_lines, read_source

PIECES = [
    "def f(x: int) -> int = x", "task t(x: int) -> int", "\n", "\n", "\n    ", "(", ")", "[", "]", "'", '"', "'a\\'b'",
    "# note", "example 1 -> 2", "\r\n", "\t", "import lists", " ", "\\", "é", "]\n", "query",
]  # fmt: skip
pieces = st.sampled_from(PIECES)


@given(st.lists(pieces, max_size=30).map("".join))
def test_cutting_loses_nothing(text: str) -> None:
    """Blocks put together are the text, marks apart; their line numbers are right."""
    blocks = list(cut(text))
    for block in blocks:
        lines = block.text.replace(END, "")
        assert text.split("\n")[block.line - 1 :][: lines.count("\n") + 1][0] == lines.split("\n")[0]
    kept = "".join(block.text.replace(END, "") for block in blocks)
    assert [c for c in kept if not c.isspace()] == [
        c for block in blocks for c in block.text if not c.isspace() and c != END
    ]


@given(st.lists(pieces, max_size=30).map("".join))
def test_any_text_gives_blocks_or_errors(text: str) -> None:
    """Whatever the text: no other exception, and every error has a place in it."""
    source = parse_file(text, path="file.syn")
    for error in source.errors:
        assert error.span is not None
        assert 1 <= error.span.line <= text.count("\n") + 1
        assert str(error).startswith("file.syn:")


@given(st.text(max_size=60))
def test_any_characters_give_blocks_or_errors(text: str) -> None:
    if "\x00" in text:
        with pytest.raises(DslError):
            parse_file(text)
    else:
        assert all(error.span is not None for error in parse_file(text).errors)


def test_lines_go_on_in_brackets() -> None:
    text = "task t(\n  x: int, # one\n\n) -> int\n    example 1 -> 2 # (\n\n    # ]\n    example 2 -> 3"
    (block,) = cut(text)
    assert block == Block(
        f"task t(\n  x: int, # one\n\n) -> int{END}\n    example 1 -> 2 # ({END}\n\n    # ]\n    example 2 -> 3{END}", 1
    )


def test_an_open_bracket_does_not_swallow_the_next_block() -> None:
    blocks = list(cut("def f(x: int) -> int = (x\n\n# note\ndef g(x: int) -> int = x\n"))
    assert [block.line for block in blocks] == [1, 4]


def test_a_closing_bracket_may_stand_at_the_margin() -> None:
    (block,) = cut("def f(x: int) -> int = (\n    x\n)\n")
    assert mark_lines(block.text.replace(END, "")).text == block.text
    assert parse_file(block.text.replace(END, "")).definitions[0].name == "f"


@pytest.mark.parametrize(
    "text", ["syn 1\r\nimport lists\r\n", "syn 1\nimport lists", "\n\n  # x\nsyn 1 # y\nimport lists\n"]
)
def test_line_ends_and_comments_do_not_matter(text: str) -> None:
    source = parse_file(text)
    assert [line.name for line in source.imports] == ["lists"]
    assert not source.errors


def test_a_mark_at_the_start_of_a_file_is_no_text(tmp_path: Path) -> None:
    """Some editors write a byte order mark."""
    (tmp_path / "a.syn").write_bytes(b"\xef\xbb\xbfsyn 1\n")
    assert read_source(tmp_path / "a.syn") == "syn 1\n"
