"""A right program for each task of `length`, in the fifteen plain words of the program side.

No solver is shown them. They price wrong programs, to tell bad luck in the draw of examples from failure, and they show
that the words are enough: what the search does not find is there to be found.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["REFERENCES"]


def _add(a: str, b: str) -> str:
    """The sum modulo 5 of two numbers from 0 to 4, without division."""
    return f"({a} + {b} if {a} + {b} < 5 else {a} + {b} + -5)"


def _times(a: str, b: str) -> str:
    """The product modulo 5 as repeated addition; times 4 is the negative."""
    return f"fold(lambda n, i: {_add('n', a)}, 0, range(0, {b}))"


_COUNT = "fold(lambda n, x: n + 1, 0, xs)"
_ODDS = f"fold(lambda done, i: append(done, xs[i + i]) if i + i < {_COUNT} else done, [], range(0, {_COUNT}))"
"""The first, third, fifth item and so on: how many items there are, and then one by one."""

_SIGNED = (
    f"cons(s[0], cons({_times('s[1]', 'x')}, cons(0, []))) if s[2] == 7 else "
    f"cons({_add('s[0]', 's[1]')}, cons({_times('4', 'x')} if s[2] == 6 else x, cons(0, [])))"
)
_TERMS = (
    f"fold(lambda s, x: cons(s[0], cons(s[1], cons(x, []))) if 4 < x else ({_SIGNED}), "
    "cons(0, cons(0, cons(0, []))), xs)"
)
"""The sum of the finished terms, the term at hand, and the sign before the next digit, 0 after a digit."""

_INNER = "tail(tail(s))"
_BRACKETS = (
    f"cons(s[0], cons(s[1], tail(s))) if x == 7 else "
    f"(cons(s[0], cons(head(tail({_INNER})), tail({_INNER}))) if x == 8 else "
    f"(s if x == 5 else (cons(s[0], cons({_times('4', 's[1]')}, {_INNER})) if x == 6 else "
    f"cons({_add('s[0]', _times('s[1]', 'x'))}, cons(s[2], {_INNER})))))"
)
"""The sum so far, the sign (1 or 4) of what comes next, and the signs of the brackets that are open."""

_HALVES = (
    "fold(lambda s, x: cons(xs, tail(s)) if x == 2 else (cons([], cons(append(s[1], x), cons(s[2], []))) "
    "if is_empty(s[0]) else cons(s[0], cons(s[1], cons(append(s[2], x), [])))), cons([], cons([], cons([], []))), xs)"
)
"""Nothing until the plus has come, the bits before it, and those after it."""
_TOTAL = (
    "(0 if is_empty(s[0]) else 1) + ((0 if is_empty(s[2]) else head(s[2])) + (0 if is_empty(s[3]) else head(s[3])))"
)
_DIGITS = (
    f"fold(lambda s, x: cons([] if {_TOTAL} < 2 else xs, cons(append(s[1], {_TOTAL} if {_TOTAL} < 2 else "
    f"{_TOTAL} + -2), cons(tail(s[2]), cons(tail(s[3]), [])))), cons([], cons([], tail({_HALVES}))), xs)[1]"
)
"""A digit of the sum for each symbol of the input: too many, the last ones zero. A list with items is a carry."""
_KEPT = "cons(append(fold(lambda kept, zero: append(kept, zero), s[0], s[1]), x), cons([], []))"

REFERENCES: Mapping[str, str] = MappingProxyType(
    {
        "parity": "fold(lambda seen, x: 0 if seen == x else 1, 0, xs)",
        "even_pairs": "0 if head(xs) == xs[-1] else 1",
        "cycle_navigation": f"fold(lambda place, x: {_add('place', '(x if x < 2 else 4)')}, 0, xs)",
        "modular_arithmetic": f"fold(lambda n, v: {_add('n', 'v')}, 0, {_TERMS})",
        "reverse": "fold(lambda done, x: cons(x, done), [], xs)",
        "stack_manipulation": "fold(lambda stack, x: cons(x, stack) if x < 2 else "
        "(tail(stack) if x == 2 else cons(x + -3, stack)), [], xs)",
        "bracketed_arithmetic": f"head(fold(lambda s, x: {_BRACKETS}, cons(0, cons(1, cons(1, []))), xs))",
        "duplicate_string": "fold(lambda done, x: append(done, x), xs, xs)",
        "odds_first": f"fold(lambda done, i: append(done, xs[i + i + 1]) if i + i + 1 < {_COUNT} else done, {_ODDS}, "
        f"range(0, {_COUNT}))",
        "binary_addition": f"head(fold(lambda s, x: cons(s[0], cons(append(s[1], x), [])) if x == 0 else {_KEPT}, "
        f"cons([], cons([], [])), {_DIGITS}))",
        "bucket_sort": "fold(lambda done, v: fold(lambda more, x: append(more, x) if x == v else more, done, xs), [], "
        "range(1, 6))",
        "keep_greater_than_first": "fold(lambda kept, x: append(kept, x) if head(xs) < x else kept, [], xs)",
    }
)
