"""Operators and the words they stand for: the one table that parser, inference and printer share.

Before inference a use of an operator is a `Name` whose name is the operator's symbol, such as `Name("+")`; inference
puts the word's qualified name in its place. Operators mean built-in words (primitives) only: a definition named `add`
does not change what `+` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dsl.library import Entry, Library
from dsl.primitive import Primitive

__all__ = [
    "AND",
    "CONDITIONAL",
    "CONS",
    "NOT",
    "OPERATORS",
    "OR",
    "PAIR",
    "RESERVED",
    "TRIPLE",
    "Operator",
    "Precedence",
    "operator_candidates",
    "operator_of",
]


class Precedence:
    """How tightly forms bind, loosest first, as in Python."""

    OPEN = 0
    """`lambda` and `let`: reach as far right as they can."""
    CONDITIONAL = 1
    OR = 2
    AND = 3
    NOT = 4
    COMPARISON = 5
    SUM = 6
    PRODUCT = 7
    NEGATION = 8
    POWER = 9
    POSTFIX = 10
    ATOM = 11


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator: its symbol, the words it stands for, how it binds.

    The symbol is no name that a word could have; `words` are short or qualified names. `left` and `right` are the
    loosest precedences that its operands may have without parentheses.
    """

    symbol: str
    words: tuple[str, ...]
    precedence: int
    left: int
    right: int
    arity: int = 2

    @property
    def token(self) -> str:
        """What is written between two operands, or before one: `+`, `in`."""
        return {"x in y": "in", "-x": "-"}.get(self.symbol, self.symbol)


def _infix(symbol: str, precedence: int, *words: str) -> Operator:
    """An operator whose chains group to the left; comparisons do not chain at all."""
    left = precedence + 1 if precedence == Precedence.COMPARISON else precedence
    return Operator(symbol, words, precedence, left, precedence + 1)


_TABLE = (
    _infix("==", Precedence.COMPARISON, "eq"),
    _infix("!=", Precedence.COMPARISON, "ne"),
    _infix("<", Precedence.COMPARISON, "lt"),
    _infix("<=", Precedence.COMPARISON, "le"),
    _infix(">", Precedence.COMPARISON, "gt"),
    _infix(">=", Precedence.COMPARISON, "ge"),
    _infix("x in y", Precedence.COMPARISON, "contains"),
    _infix("+", Precedence.SUM, "add", "concat"),
    _infix("-", Precedence.SUM, "subtract"),
    _infix("*", Precedence.PRODUCT, "multiply"),
    _infix("//", Precedence.PRODUCT, "int.divide"),
    _infix("/", Precedence.PRODUCT, "real.divide"),
    _infix("%", Precedence.PRODUCT, "modulo"),
    Operator("-x", ("negate",), Precedence.NEGATION, Precedence.NEGATION, Precedence.NEGATION, 1),
    Operator("**", ("power",), Precedence.POWER, Precedence.POSTFIX, Precedence.NEGATION),
    Operator("x[i]", ("get",), Precedence.POSTFIX, Precedence.POSTFIX, Precedence.OPEN),
    Operator("x[a:b]", ("slice",), Precedence.POSTFIX, Precedence.POSTFIX, Precedence.OPEN, 3),
    Operator("x[a:]", ("slice_from",), Precedence.POSTFIX, Precedence.POSTFIX, Precedence.OPEN),
    Operator("x[:b]", ("slice_to",), Precedence.POSTFIX, Precedence.POSTFIX, Precedence.OPEN),
)

OPERATORS: Mapping[str, Operator] = MappingProxyType({operator.symbol: operator for operator in _TABLE})
"""Operators whose word inference chooses, by symbol."""

CONDITIONAL, AND, OR, NOT = "control.if", "bool.and", "bool.or", "bool.not"
PAIR, TRIPLE, CONS = "tuple.pair", "tuple.triple", "list.cons"

RESERVED = frozenset({"and", "else", "False", "if", "in", "lambda", "let", "not", "or", "True"})
"""Words of the syntax that cannot be names. All others (`task`, `example`, `where`) keep their meaning by place."""

_BY_WORD: Mapping[str, Operator] = MappingProxyType({word: operator for operator in _TABLE for word in operator.words})


def operator_candidates(symbol: str, library: Library) -> tuple[Entry, ...]:
    """The words of a library that an operator may stand for, those hidden by later words of the same name included."""
    found: list[Entry] = []
    for word in OPERATORS[symbol].words:
        found.extend(library.candidates(word) if "." in word else library.named(word))
    return tuple(entry for entry in found if isinstance(entry, Primitive))


def operator_of(entry: Entry) -> Operator | None:
    """The operator that may stand for a word, if any does; never for a definition."""
    if not isinstance(entry, Primitive):
        return None
    return _BY_WORD.get(entry.name) or _BY_WORD.get(entry.short)
