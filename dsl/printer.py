"""Programs to text, as a person would write them, so that `parse(show(p)) == p`.

Words are written by operator or short name where the types decide which is meant when the text is read again, by
qualified name where they do not; holes are annotated where inference alone would give them another type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from dsl.errors import DslError, ValueProblem
from dsl.inference import UNTYPED, places_of_arguments, resolution
from dsl.library import Library
from dsl.literals import show_literal
from dsl.operators import (
    AND,
    CONDITIONAL,
    CONS,
    NOT,
    OPERATORS,
    OR,
    PAIR,
    RESERVED,
    TRIPLE,
    Operator,
    Precedence,
    operator_candidates,
    operator_of,
)
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable, free_variables
from dsl.type_system import Type, show_type

__all__ = ["is_identifier", "show"]

_SUGAR = {CONDITIONAL: 3, AND: 2, OR: 2, NOT: 1, PAIR: 2, TRIPLE: 3}
"""Words that have a form of their own in the syntax, and how many arguments that form has."""
_SUGAR_PRECEDENCE = {
    CONDITIONAL: Precedence.CONDITIONAL,
    AND: Precedence.AND,
    OR: Precedence.OR,
    NOT: Precedence.NOT,
    PAIR: Precedence.ATOM,
    TRIPLE: Precedence.ATOM,
}
_CONTAINS = OPERATORS["x in y"]
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def show(
    program: Program,
    library: Library,
    *,
    expected: Type | None = None,
    variables: Mapping[str, Type] | None = None,
) -> str:
    """The text of a resolved program; `parse` with the same library, `expected` and `variables` gives it back.

    Free variables that `variables` does not list are shown as they are. Raises ValueProblem for a program that has no
    text: a constant or a name that the syntax cannot spell.

    >>> show(Lambda(("x", "y"), Variable("x")), Library())
    'lambda x, y: x'
    """
    speller = _Speller(library)
    speller.spell(program, variables or {}, expected)
    return _Writer(speller).text(program, 0, Precedence.OPEN)


def is_identifier(name: str) -> bool:
    """Whether a name may be given to a variable, parameter or definition."""
    return _IDENTIFIER.fullmatch(name) is not None and name not in RESERVED


@dataclass(slots=True)
class _Speller:
    """Finds the shortest spelling that is read back as the same program.

    By place: `names` says how to write a word by name, `operators` which application to write with an operator,
    `in_full` which words to qualify, `annotated` which holes to give their type.
    """

    library: Library
    names: dict[int, str] = field(default_factory=dict)
    operators: dict[int, Operator] = field(default_factory=dict)
    in_full: set[int] = field(default_factory=set)
    annotated: set[int] = field(default_factory=set)
    _meant: dict[int, str] = field(default_factory=dict)
    _holes: dict[int, Type] = field(default_factory=dict)
    _open: bool = False
    """Whether inference has a say: a word could mean several, or there are holes."""

    def spell(self, program: Program, variables: Mapping[str, Type], expected: Type | None) -> None:
        """Write every word the short way; infer; write in full what was left open; until nothing is."""
        free = free_variables(program)
        unknown = tuple(sorted(free - frozenset(variables)))
        scope = free | frozenset(variables)
        early = False
        while True:
            self._open = False
            written = self._written(program, 0, scope)
            found = self._infer(written, unknown, variables, expected, early) if self._open else None
            if found is None and self._open and not early:
                # A let may be used at two types only if the words in its value are decided there.
                early = True
                continue
            if found is None:
                return
            told, types = found
            differing = {place for place, t in self._holes.items() if types[place] != t} - self.annotated
            if not told and not differing:
                return
            self.in_full |= told
            self.annotated |= differing

    def _infer(
        self,
        written: Program,
        unknown: tuple[str, ...],
        variables: Mapping[str, Type],
        expected: Type | None,
        early: bool,
    ) -> tuple[set[int], dict[int, Type]] | None:
        """Where reading the text leaves words open, and the types it gives to holes; None for an ill-typed program."""
        # Variables of unknown type: as parameters of a function around the program, so one place further in.
        shift = 1 if unknown else 0
        try:
            found = resolution(
                Lambda(unknown, written) if unknown else written,
                self.library,
                expected=None if unknown else expected,
                variables=variables,
                tell=lambda place: self._meant[place - shift],
                early=early,
            )
        except DslError:
            return None
        return {place - shift for place in found.told}, {place - shift: t for place, t in found.holes.items()}

    def _written(self, p: Program, place: int, scope: frozenset[str]) -> Program:
        """The tree that the parser will make of the text."""
        match p:
            case Name(name):
                return Name(self._by_name(name, place, scope))
            case Lambda(parameters, body):
                return Lambda(parameters, self._written(body, place + 1, scope.union(parameters)))
            case Let(name, value, body):
                first = self._written(value, place + 1, scope)
                return Let(name, first, self._written(body, place + 1 + value.size, scope | {name}))
            case Application(function, arguments):
                head = self._head(p, place) or self._written(function, place + 1, scope)
                places = places_of_arguments(p, place)
                made = [self._written(a, at, scope) for a, at in zip(arguments, places, strict=True)]
                return Application(head, tuple(made))
            case Hole(name, t):
                self._holes[place] = t
                self._open = True
                return Hole(name, t if place in self.annotated else UNTYPED)
            case Literal() | Variable():
                return p
        assert_never(p)

    def _by_name(self, name: str, place: int, scope: frozenset[str]) -> str:
        """A word's short name, or its full one where the short one is taken, hidden, or would be misread."""
        short = name.rpartition(".")[2]
        candidates = self.library.candidates(short)
        usable = is_identifier(short) and short not in scope and any(entry.name == name for entry in candidates)
        if usable and place not in self.in_full:
            text = short
            self._open = self._open or len(candidates) > 1
        else:
            text = name if "." in name else f".{name}"
        self.names[place] = text
        self._meant[place] = name
        return text

    def _head(self, p: Application, place: int) -> Name | None:
        """The name by which an application's operator or special form is read; None if it is an ordinary call."""
        if not isinstance(p.function, Name):
            return None
        name = p.function.name
        if _SUGAR.get(name) == len(p.arguments) or list_items(p) is not None:
            return Name(name)
        self.operators.pop(place, None)
        entry = self.library.entries.get(name)
        operator = operator_of(entry) if entry is not None else None
        if operator is None or operator.arity != len(p.arguments) or place + 1 in self.in_full:
            return None
        if operator.symbol == "-x" and isinstance(p.arguments[0], Literal):
            return None  # `-1` is read as a constant
        self._open = self._open or len(operator_candidates(operator.symbol, self.library)) > 1
        self.operators[place] = operator
        self._meant[place + 1] = name
        return Name(operator.symbol)


def list_items(p: Application) -> tuple[Program, ...] | None:
    """The items of a chain of `cons` that is written in brackets; constants alone are not, they would be a literal."""
    items: list[Program] = []
    rest: Program = p
    while isinstance(rest, Application) and isinstance(rest.function, Name) and rest.function.name == CONS:
        if len(rest.arguments) != 2:
            return None
        items.append(rest.arguments[0])
        rest = rest.arguments[1]
    ends = isinstance(rest, Literal) and rest.value == ()
    return tuple(items) if ends and items and not all(isinstance(item, Literal) for item in items) else None


@dataclass(frozen=True, slots=True)
class _Writer:
    """Puts a spelled program into text. `bound`: the text stands between `=` and `in`, so no bare `in` may be in it."""

    spelling: _Speller

    def text(self, p: Program, place: int, level: int, bound: bool = False) -> str:
        """The text of a node where at least the precedence `level` is wanted."""
        parentheses = self._precedence(p, place) < level or (bound and self._has_bare_in(p, place))
        bound = bound and not parentheses
        match p:
            case Name():
                made = self.spelling.names[place]
            case Variable(name):
                made = _checked(name)
            case Literal(value):
                made = show_literal(value)
            case Hole(name, t):
                made = f"?{_checked(name) if name else ''}"
                made = f"({made} : {show_type(t)})" if place in self.spelling.annotated else made
            case Lambda(parameters, body):
                if len(set(parameters)) < len(parameters):
                    raise ValueProblem(f"expected parameters of different names, found {', '.join(parameters)}")
                names = ", ".join(map(_checked, parameters))
                head = f"lambda {names}" if names else "lambda"
                made = f"{head}: {self.text(body, place + 1, Precedence.OPEN, bound)}"
            case Let(name, value, body):
                first = self.text(value, place + 1, Precedence.OPEN, bound=True)
                made = f"let {_checked(name)} = {first} in "
                made += self.text(body, place + 1 + value.size, Precedence.OPEN)
            case Application():
                made = self._application(p, place, bound)
            case _:
                assert_never(p)
        return f"({made})" if parentheses else made

    def _precedence(self, p: Program, place: int) -> int:
        match p:
            case Lambda() | Let():
                return Precedence.OPEN
            case Literal(value) if type(value) in (int, float) and str(value).startswith("-"):
                return Precedence.NEGATION
            case Application(Name(name), arguments):
                if place in self.spelling.operators:
                    return self.spelling.operators[place].precedence
                if _SUGAR.get(name) == len(arguments):
                    return Precedence.COMPARISON if self._is_not_in(p, place) else _SUGAR_PRECEDENCE[name]
                return Precedence.POSTFIX if list_items(p) is None else Precedence.ATOM
            case Application():
                return Precedence.POSTFIX
            case _:
                return Precedence.ATOM

    def _is_not_in(self, p: Program, place: int) -> bool:
        """Whether a node is `x not in xs`."""
        match p:
            case Application(Name(name), (_,)):
                return name == NOT and self.spelling.operators.get(place + 2) is _CONTAINS
            case _:
                return False

    def _has_bare_in(self, p: Program, place: int) -> bool:
        return isinstance(p, Let) or self.spelling.operators.get(place) is _CONTAINS or self._is_not_in(p, place)

    def _application(self, p: Application, place: int, bound: bool) -> str:
        if place in self.spelling.operators:
            return self._operator(p, place, self.spelling.operators[place], bound)
        name = p.function.name if isinstance(p.function, Name) else ""
        if _SUGAR.get(name) == len(p.arguments):
            return self._special(name, p, place, bound)
        if (items := list_items(p)) is not None:
            return f"[{self._list(p, place, len(items))}]"
        function = self.text(p.function, place + 1, Precedence.POSTFIX)
        return f"{function}({self._separated(p, place)})"

    def _operator(self, p: Application, place: int, operator: Operator, bound: bool) -> str:
        first, *rest = places_of_arguments(p, place)
        left = self.text(p.arguments[0], first, operator.left, bound)
        if operator.arity == 1:
            return f"-{left}"
        if operator.symbol in _SUBSCRIPTS:
            inside = [self.text(a, at, Precedence.OPEN) for a, at in zip(p.arguments[1:], rest, strict=True)]
            return left + _SUBSCRIPTS[operator.symbol].format(*inside)
        return f"{left} {operator.token} {self.text(p.arguments[1], rest[0], operator.right, bound)}"

    def _special(self, name: str, p: Application, place: int, bound: bool) -> str:
        """A form of its own: a conditional, `and or not`, a tuple."""
        if name in (PAIR, TRIPLE):
            return f"({self._separated(p, place)})"
        first, *rest = places_of_arguments(p, place)
        if name == CONDITIONAL:
            test = self.text(p.arguments[0], first, Precedence.OR, bound)
            chosen = self.text(p.arguments[1], rest[0], Precedence.OR, bound)
            return f"{chosen} if {test} else {self.text(p.arguments[2], rest[1], Precedence.OPEN, bound)}"
        if name == NOT:
            inner = p.arguments[0]
            if self._is_not_in(p, place) and isinstance(inner, Application):
                item, items = places_of_arguments(inner, first)
                left = self.text(inner.arguments[0], item, _CONTAINS.left)
                return f"{left} not in {self.text(inner.arguments[1], items, _CONTAINS.right)}"
            return f"not {self.text(inner, first, Precedence.NOT, bound)}"
        level, word = _SUGAR_PRECEDENCE[name], "and" if name == AND else "or"
        left = self.text(p.arguments[0], first, level, bound)
        return f"{left} {word} {self.text(p.arguments[1], rest[0], level + 1, bound)}"

    def _separated(self, p: Application, place: int) -> str:
        places = places_of_arguments(p, place)
        made = [self.text(a, at, Precedence.OPEN) for a, at in zip(p.arguments, places, strict=True)]
        return ", ".join(made)

    def _list(self, p: Application, place: int, count: int) -> str:
        made = []
        chain: Program = p
        for _ in range(count):
            assert isinstance(chain, Application), "every link of the chain is a `cons`"
            item, rest = places_of_arguments(chain, place)
            made.append(self.text(chain.arguments[0], item, Precedence.OPEN))
            chain, place = chain.arguments[1], rest
        return ", ".join(made)


_SUBSCRIPTS = {"x[i]": "[{}]", "x[a:b]": "[{}:{}]", "x[a:]": "[{}:]", "x[:b]": "[:{}]"}


def _checked(name: str) -> str:
    """A variable's name, if the syntax can spell it."""
    if not is_identifier(name):
        raise ValueProblem(f"expected a name of letters, digits and _ that is no keyword, found {name!r}")
    return name
