"""Source text before parsing: reading it, its limits, and cutting it into blocks.

A block starts at the left margin; its other lines are indented. A logical line goes on while a bracket is open. The
cutter marks the end of each logical line with the character `END`, which no source text may contain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from dsl.errors import InterfaceError, ResourceError, Span, SyntaxProblem

__all__ = [
    "END",
    "FILE_LIMIT",
    "LINE_LIMIT",
    "NESTING_LIMIT",
    "Block",
    "check_source",
    "cut",
    "mark_lines",
    "read_source",
]

FILE_LIMIT = 2_000_000
"""Most characters of a file (or any other text that is parsed), and most bytes."""

LINE_LIMIT = 100_000
"""Most characters of an expression, or of a line and those that go on with it."""

NESTING_LIMIT = 200
"""Most brackets open at one place."""

END = "\x00"
"""Marks the end of a logical line for the parser."""

_SPECIAL = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\#[^\n]*|[()\[\]{}'"\n]""")
"""A whole text, a whole comment, or one character that matters."""
_BLOCK_START = re.compile(r"^[^\s#)\]}]", re.MULTILINE)
_CLOSES = {")": "(", "]": "[", "}": "{"}
_CLOSED_BY = {"(": ")", "[": "]", "{": "}"}
_NAMES = {"(": "parenthesis", "[": "bracket", "{": "brace"}


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a file that is parsed on its own: its text with line ends marked, and its first line's number.

    `error` is set where the text cannot even be cut into lines.
    """

    text: str
    line: int
    error: SyntaxProblem | ResourceError | None = None


def read_source(path: Path) -> str:
    """The text of a file: UTF-8, at most `FILE_LIMIT` bytes.

    Raises InterfaceError for a file that cannot be read, ResourceError for a huge one, SyntaxProblem for one that is
    no UTF-8 text; each with the path.
    """
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise InterfaceError(
            f"expected a readable file, found none: {error.strerror or error}", path=str(path)
        ) from None
    if len(data) > FILE_LIMIT:
        raise ResourceError(f"expected a file of at most {FILE_LIMIT:,} bytes, found a larger one", path=str(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise SyntaxProblem(
            f"expected UTF-8 text, found the byte 0x{data[error.start]:02x} at line {line}, byte {column}",
            path=str(path),
            hint="save the file as UTF-8",
        ) from None


def check_source(text: str, limit: int = FILE_LIMIT) -> None:
    """Raise ResourceError or SyntaxProblem for text that must not reach the parser: too long, or with NUL bytes."""
    if len(text) > limit:
        raise ResourceError(f"expected at most {limit:,} characters of text, found {len(text):,}")
    if (at := text.find(END)) >= 0:
        raise SyntaxProblem("expected text, found a NUL byte", span=_span(text, at), hint="is this really a text file?")


def cut(text: str) -> Iterator[Block]:
    """The blocks of a file in order; those that cannot be cut into lines carry an error, the others are unharmed."""
    starts = [match.start() for match in _BLOCK_START.finditer(text) if match.start() > 0]
    line = 1
    for start, end in pairwise([0, *starts, len(text)]):
        block = mark_lines(text[start:end], line)
        line += text.count("\n", start, end)
        if block.error is not None or END in block.text:
            yield block


def mark_lines(text: str, line: int = 1) -> Block:
    """Text, the first line of which has that number, with the ends of its logical lines marked.

    Brackets left open are no error here: the parser says better what is missing.
    """
    pieces: list[str] = []
    opened: list[int] = []
    start = 0
    for match in _SPECIAL.finditer(text):
        found, at = match.group(), match.start()
        if found == "\n":
            if not opened:
                if at - start > LINE_LIMIT:
                    return Block(text, line, _too_long(_span(text, start + 1, line)))
                pieces += _ended(text[start:at])
                start = at
        elif found in _CLOSED_BY:
            opened.append(at)
            if len(opened) > NESTING_LIMIT:
                return Block(text, line, _too_deep(_span(text, at, line)))
        elif found in _CLOSES:
            if not opened or text[opened[-1]] != _CLOSES[found]:
                return Block(text, line, _unmatched(text, opened, at, line))
            opened.pop()
        elif found in ("'", '"'):
            return Block(text, line, _open_quote(found, _span(text, at, line)))
    if len(text) - start > LINE_LIMIT:
        return Block(text, line, _too_long(_span(text, start, line)))
    pieces += _ended(text[start:])
    return Block("".join(pieces), line)


def _ended(logical_line: str) -> tuple[str, ...]:
    """The line and the mark of its end; without the mark if there is nothing on it."""
    content = logical_line.lstrip()
    return (logical_line,) if not content or content[0] == "#" else (logical_line, END)


def _span(text: str, at: int, line: int = 1) -> Span:
    return Span(line + text.count("\n", 0, at), at - text.rfind("\n", 0, at))


def _too_long(span: Span) -> ResourceError:
    return ResourceError(
        f"expected at most {LINE_LIMIT:,} characters in an expression or line, found more",
        span=span,
        hint="name parts of it with `def`",
    )


def _too_deep(span: Span) -> ResourceError:
    return ResourceError(
        f"expected at most {NESTING_LIMIT} brackets open at one place, found more",
        span=span,
        hint="name parts of it with `let` or `def`",
    )


def _open_quote(quote: str, span: Span) -> SyntaxProblem:
    return SyntaxProblem(
        "expected a text that ends on its line, found an open quote",
        span=span,
        hint=f"close it with {quote}; a line break inside a text is written \\n",
    )


def _unmatched(text: str, opened: list[int], at: int, line: int) -> SyntaxProblem:
    found = text[at]
    if not opened:
        message = f"expected {_CLOSES[found]!r} before it, found {found!r} that closes nothing"
        return SyntaxProblem(message, span=_span(text, at, line))
    bracket, place = text[opened[-1]], _span(text, opened[-1], line)
    return SyntaxProblem(
        f"expected {_CLOSED_BY[bracket]!r} to close the {_NAMES[bracket]} of line {place.line}, column {place.column}, "
        f"found {found!r}",
        span=_span(text, at, line),
    )
