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

_BOTH = "second(s)"
_HALVES = (
    f"fold(lambda s, x: (1, {_BOTH}) if x == 2 else ((1, (first({_BOTH}), append(second({_BOTH}), x))) "
    f"if first(s) == 1 else (0, (append(first({_BOTH}), x), second({_BOTH})))), (0, ([], [])), xs)"
)
"""Whether the plus has come, with the bits before it and those after it."""
_LEFT, _RIGHT = "first(first(second(s)))", "second(first(second(s)))"
_SUM = (
    f"first(s) + ((0 if is_empty({_LEFT}) else head({_LEFT})) + (0 if is_empty({_RIGHT}) else head({_RIGHT})))"  # carry
)
_DIGITS = (
    f"second(second(fold(lambda s, x: (0 if {_SUM} < 2 else 1, ((tail({_LEFT}), tail({_RIGHT})), "
    f"append(second(second(s)), {_SUM} if {_SUM} < 2 else {_SUM} + -2))), (0, (second({_HALVES}), [])), xs)))"
)
"""A digit of the sum for each symbol of the input: too many, the last ones zero."""
_KEPT = "append(fold(lambda kept, zero: append(kept, zero), first(s), second(s)), x)"

REFERENCES: Mapping[str, str] = MappingProxyType(
    {
        "parity": "fold(lambda seen, x: 0 if seen == x else 1, 0, xs)",
        "even_pairs": "0 if head(xs) == fold(lambda last, x: x, 0, xs) else 1",
        "cycle_navigation": f"fold(lambda place, x: {_add('place', '(x if x < 2 else 4)')}, 0, xs)",
        "modular_arithmetic": f"fold(lambda n, v: {_add('n', 'v')}, 0, {_TERMS})",
        "reverse": "fold(lambda done, x: cons(x, done), [], xs)",
        "stack_manipulation": "fold(lambda stack, x: cons(x, stack) if x < 2 else "
        "(tail(stack) if x == 2 else cons(x + -3, stack)), [], xs)",
        "bracketed_arithmetic": f"head(fold(lambda s, x: {_BRACKETS}, cons(0, cons(1, cons(1, []))), xs))",
        "duplicate_string": "fold(lambda done, x: append(done, x), xs, xs)",
        "odds_first": f"fold(lambda done, i: append(done, xs[i + i + 1]) if i + i + 1 < {_COUNT} else done, {_ODDS}, "
        f"range(0, {_COUNT}))",
        "binary_addition": f"first(fold(lambda s, x: (first(s), append(second(s), x)) if x == 0 else ({_KEPT}, []), "
        f"([], []), {_DIGITS}))",
        "bucket_sort": "fold(lambda done, v: fold(lambda more, x: append(more, x) if x == v else more, done, xs), [], "
        "range(1, 6))",
        "keep_greater_than_first": "fold(lambda kept, x: append(kept, x) if head(xs) < x else kept, [], xs)",
    }
)
