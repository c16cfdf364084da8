"""Errors: where they point, what they quote, and that they travel."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from dsl import errors
from dsl.errors import DslError, Span, SyntaxProblem

KINDS = [getattr(errors, name) for name in errors.__all__ if name != "Span"]

SHOWN = {
    "a message only": SyntaxProblem("expected an expression, found nothing"),
    "a hint": SyntaxProblem("expected ')', found the end", hint="close the parenthesis"),
    "a file without a place": SyntaxProblem("expected UTF-8", path="tasks.syn"),
    "a place": SyntaxProblem("expected a type", span=Span(2, 3, 4), text="first\nab WORD cd\nlast", path="tasks.syn"),
    "a place without a file": SyntaxProblem("expected a type", span=Span(1, 1), text="word"),
    "a place without a text": SyntaxProblem("expected a type", span=Span(7, 9), path="tasks.syn"),
    "the end of the text": SyntaxProblem("expected ')', found the end", span=Span(1, 5), text="f(xs"),
    "beyond the text": SyntaxProblem("expected more", span=Span(9, 1), text="one line"),
    "more than the line": SyntaxProblem("expected less", span=Span(1, 3, 100), text="abcdef\nnext"),
    "a long line": SyntaxProblem("expected less", span=Span(1, 301, 3), text="x" * 300 + "HERE" + "y" * 300),
    "the start of a long line": SyntaxProblem("expected less", span=Span(1, 2, 3), text="x" * 500),
    "tabs, form feeds and escapes": SyntaxProblem("expected less", span=Span(2, 5), text="a\x0cb\n\t\x0c\x1b[HERE"),
    "Windows line ends": SyntaxProblem("expected less", span=Span(2, 1, 9), text="first\r\nsecond\r\nthird"),
    "wide characters and accents": SyntaxProblem("expected less", span=Span(1, 7, 2), text="'日本', 日本 e\u0301"),
}


def test_errors_show_the_place(golden: Callable[[Path, str], None]) -> None:
    shown = "\n\n".join(f"# {title}\n{error}" for title, error in SHOWN.items())
    golden(Path(__file__).parents[1] / "golden" / "errors.txt", shown)


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_one_of_the_language(kind: type[DslError]) -> None:
    error = kind("expected this, found that", hint="do so")
    assert isinstance(error, DslError)
    assert str(error) == "expected this, found that\nhint: do so"


def test_what_is_known_of_a_place_is_kept() -> None:
    """Whoever catches an error on its way adds what it lacks, and changes nothing."""
    error = DslError("expected this", span=Span(1, 2))
    assert error.located(text="abc", path="a.syn", span=Span(9, 9)) is error
    assert error.located(text="other", path="b.syn") is error
    assert str(error) == "a.syn:1:2: expected this\n   1 | abc\n        ^"


def test_errors_travel_between_processes() -> None:
    error = SHOWN["a place"]
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
