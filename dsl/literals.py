"""How constants are spelled: numbers, texts, bools and lists, read and shown."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from dsl.errors import ResourceError, Span, SyntaxProblem, ValueProblem
from dsl.values import INT_MAX, INT_MIN, SIZE_LIMIT, show_real

__all__ = ["read_int", "read_integers", "read_percent", "read_real", "read_text", "show_literal", "show_text"]

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_LONGEST_INT = 60
"""More characters than any int of 64 bits needs, underscores included."""


def read_int(text: str, span: Span, *, negative: bool = False) -> int:
    """The int that digits spell; ValueProblem beyond 64 bits.

    >>> read_int("200_000", Span(1, 1))
    200000
    """
    value = int(text) if len(text) <= _LONGEST_INT else INT_MAX + 2
    value = -value if negative else value
    if not INT_MIN <= value <= INT_MAX:
        raise _too_big(text, span)
    return value


def _too_big(text: str, span: Span) -> ValueProblem:
    shown = text if len(text) <= _LONGEST_INT else f"one of {len(text):,} digits"
    return ValueProblem(
        f"expected an int of 64 bits, found {shown}", span=span, hint=f"ints lie between {INT_MIN} and {INT_MAX}"
    )


def read_integers(text: str, span: Span) -> tuple[int, ...]:
    """The ints of a list `[1, 2, -3]` written without anything else in it."""
    items = text[1:-1].rstrip().rstrip(",").split(",")
    if len(items) > SIZE_LIMIT - 1:
        raise ResourceError(f"expected a list of fewer than {SIZE_LIMIT:,} items, found {len(items):,}", span=span)
    if max(map(len, items)) > 10 * _LONGEST_INT:
        raise _too_big(max(items, key=len).strip(), span)
    values = tuple(map(int, items))
    if max(values) > INT_MAX or min(values) < INT_MIN:
        raise _too_big(str(max(values, key=abs)), span)
    return values


def read_real(text: str, span: Span) -> float:
    """The real that digits, a dot, digits and perhaps an exponent spell; ValueProblem for one too large to hold."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueProblem(f"expected a finite real, found {text[:60]}", span=span)
    return value


def read_percent(text: str, span: Span) -> float:
    """The share that a number before a percent sign spells: `99.9` is 0.999 exactly, which 99.9 / 100 is not.

    >>> read_percent("99.9", Span(1, 1))
    0.999
    """
    share = read_real(text, span) / 100
    return share if "e" in text.lower() else float(Decimal(text) / 100)


def read_text(text: str, span: Span) -> str:
    r"""The text that a quoted token stands for, escapes as in Python; SyntaxProblem for an escape there is not.

    >>> read_text("'a\\tb'", Span(1, 1))
    'a\tb'
    """
    inner = text[1:-1]
    if len(inner) > SIZE_LIMIT:
        raise ResourceError(f"expected a text of at most {SIZE_LIMIT:,} characters, found {len(inner):,}", span=span)
    return _ESCAPE.sub(lambda match: _unescape(match, span), inner) if "\\" in inner else inner


def _unescape(match: re.Match[str], span: Span) -> str:
    two, four, eight, other = match.groups()
    if other is None:
        code = int(two or four or eight, 16)
        if code <= 0x10FFFF:
            return chr(code)
    elif other in "\\'\"":
        return other
    elif other in _SIMPLE:
        return _SIMPLE[other]
    raise SyntaxProblem(
        f"expected an escape such as \\n, \\t, \\\\ or \\x41, found {match.group()}",
        span=Span(span.line, span.column + 1 + match.start(), len(match.group())),
        hint="write a backslash itself as \\\\",
    )


def show_literal(value: object) -> str:
    """The spelling of a constant; ValueProblem for a value that has none (NaN, a tuple's option, a domain's value).

    >>> show_literal((1, -2)), show_literal((0.5, 1e-7))
    ('[1, -2]', '[0.5, 1.0e-07]')
    """
    match value:
        case bool() | int() | str():
            return repr(value)
        case float() if math.isfinite(value):
            return show_real(value)
        case tuple():
            return f"[{', '.join(map(show_literal, value))}]"
    raise ValueProblem(f"expected a value that has a spelling, found {value!r}")


def show_text(text: str) -> str:
    """A text in double quotes, as documentation is written.

    >>> print(show_text("it's"))
    "it's"
    """
    # Python quotes a text with an apostrophe in it, and no double quote, by double quotes.
    spelled = repr(f"'{text}") if '"' not in text else repr(text)
    return f'"{spelled[2:-1]}"' if '"' not in text else spelled
