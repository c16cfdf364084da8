"""Every error of the language, with the place it points at.

An error is for bad input: text, programs, primitives, libraries that cannot be used. A program that
fails while it runs is no error but a value, `dsl.values.Failure`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TypeVar

__all__ = [
    "DslError",
    "InterfaceError",
    "LibraryError",
    "PrimitiveError",
    "ResourceError",
    "Span",
    "SyntaxProblem",
    "TypeProblem",
    "UnknownNameError",
    "ValueProblem",
]

E = TypeVar("E", bound="DslError")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line of text: 1-based line and column, length in characters (at least 1)."""

    line: int
    column: int
    length: int = 1


class DslError(Exception):
    """Base of all errors of the language: a message, and where known a place, its text, and a hint.

    `str(error)` shows `file:line:column: message`, the line, a caret under the place, and the hint.
    """

    def __init__(
        self,
        message: str,
        *,
        span: Span | None = None,
        text: str | None = None,
        path: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.span, self.text, self.path, self.hint = message, span, text, path, hint

    def located(self: E, *, text: str | None = None, path: str | None = None, span: Span | None = None) -> E:
        """The same error with text, path or span filled in where it lacks them; returns itself."""
        self.text = self.text if self.text is not None else text
        self.path = self.path if self.path is not None else path
        self.span = self.span if self.span is not None else span
        return self

    def __str__(self) -> str:
        place = ""
        if self.path is not None:
            place = f"{self.path}:{self.span.line}:{self.span.column}: " if self.span else f"{self.path}: "
        hint = f"\nhint: {self.hint}" if self.hint else ""
        return f"{place}{self.message}{self._excerpt()}{hint}"

    def _excerpt(self) -> str:
        """The line and a caret under the place, cut to a window where the line is very long."""
        if self.text is None or self.span is None:
            return ""
        lines = self.text.split("\n")  # not splitlines, which counts form feeds as line ends too
        source = lines[self.span.line - 1].rstrip("\r") if self.span.line <= len(lines) else ""
        start = max(0, self.span.column - 1 - 60) if len(source) > 120 else 0
        # One blank for each character that does not print: a tab, or what would steer the terminal.
        shown = "".join(c if c.isprintable() else " " for c in source[start : start + 120])
        gutter = f"{self.span.line:>4} | "
        offset = self.span.column - 1 - start
        before, marked = shown[:offset].ljust(offset), shown[offset : offset + self.span.length]
        return f"\n{gutter}{shown}\n{' ' * (len(gutter) + _cells(before))}{'^' * max(1, _cells(marked))}"


def _cells(text: str) -> int:
    """How many columns of a terminal a text takes: Chinese characters take two, combining accents none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class SyntaxProblem(DslError):  # noqa: N818 - SyntaxError is Python's own
    """Text that is no program, type, task or module."""


class UnknownNameError(DslError):
    """A name that nothing in scope defines."""


class TypeProblem(DslError):  # noqa: N818 - TypeError is Python's own
    """A program or value whose types do not fit."""


class ValueProblem(DslError):  # noqa: N818 - ValueError is Python's own
    """A literal or example value that the language does not have (too large, wrong shape)."""


class ResourceError(DslError):
    """Input beyond a stated limit: nesting, size of a file, size of a literal."""


class LibraryError(DslError):
    """A library or module that cannot be built: duplicate names, import cycles, missing modules."""


class PrimitiveError(DslError):
    """A Python function that cannot be a primitive: missing or refused type hints, a bad law."""


class InterfaceError(DslError):
    """A file or a plug-in that does not offer what was asked of it."""
