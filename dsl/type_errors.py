"""The messages of type inference: what was expected, what was found, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dsl.errors import TypeProblem, UnknownNameError
from dsl.library import Entry, Library, nearest
from dsl.operators import AND, CONDITIONAL, CONS, NOT, OPERATORS, OR, PAIR, TRIPLE
from dsl.program import Application, Hole, Literal, Name, Program, Variable
from dsl.type_system import INT, REAL, FunctionType, Type, TypeConstructor, TypeVariable, show_type
from dsl.unifier import Unifier

__all__ = ["Role", "TypeErrors"]

_FOREIGN = {
    "true": "True", "false": "False", "None": "none", "null": "none", "nil": "none", "Just": "some", "Some": "some",
    "len": "length", "abs": "absolute", "sorted": "sort", "foldl": "fold", "foldr": "fold_right", "fst": "first",
    "snd": "second",
}  # fmt: skip
"""Words of other languages for what the language has."""


@dataclass(frozen=True, slots=True)
class Role:
    """Why a part must have a type: it is an argument (0-based position) of a function, or the result of one."""

    position: int
    function: Program
    body: bool = False

    def of_body(self) -> Role:
        """The role of the body of a lambda that has this role."""
        return replace(self, body=True)

    def __str__(self) -> str:
        part = self._part()
        return f"result of the function that is {part}" if self.body else part

    def _part(self) -> str:
        name = self.function.name if isinstance(self.function, Name) else ""
        if name in _PARTS:
            return _PARTS[name][self.position]
        if name in OPERATORS and name not in ("x[a:]", "x[:b]", "x[a:b]"):
            return f"{('left', 'right')[self.position]} side of {_called(self.function)}"
        return f"argument {self.position + 1} of {_called(self.function)}"


_PARTS: Mapping[str, tuple[str, ...]] = {
    CONDITIONAL: ("condition of `if`", "value before `if`", "value after `else`"),
    AND: ("left side of `and`", "right side of `and`"),
    OR: ("left side of `or`", "right side of `or`"),
    NOT: ("what `not` is about",),
    CONS: ("item of the list", "rest of the list"),
    "x[i]": ("what stands before `[`", "index"),
    "-x": ("what `-` is about",),
    "x[a:b]": ("what stands before `[`", "start of the slice", "end of the slice"),
    "x[a:]": ("what stands before `[`", "start of the slice"),
    "x[:b]": ("what stands before `[`", "end of the slice"),
}
"""How to call the parts of a special form or operator."""


_FORMS = {
    CONDITIONAL: "`a if c else b`",
    AND: "`and`",
    OR: "`or`",
    NOT: "`not`",
    CONS: "`[a, b]`",
    PAIR: "`(a, b)`",
    TRIPLE: "`(a, b, c)`",
}
"""How to write the words that have a form of their own."""


def _called(function: Program) -> str:
    match function:
        case Name(name) | Variable(name):
            return f"`{OPERATORS[name].token if name in OPERATORS else name.removeprefix('.')}`"
        case _:
            return "this function"


@dataclass(frozen=True, slots=True)
class TypeErrors:
    """Makes the errors of one inference, with types as far as they are known when one is made."""

    unifier: Unifier
    library: Library

    def _show(self, *types: Type) -> list[str]:
        """Types as text, with one naming of the open variables for all of them."""
        letters = self.unifier.letters(types)
        return [show_type(self.unifier.final(t, letters)) for t in types]

    def mismatch(self, expected: Type, found: Type, p: Program, role: Role | None) -> TypeProblem:
        """A part of another type than its place wants."""
        wanted, got = self._show(expected, found)
        expected, found = self.unifier.head(expected), self.unifier.head(found)
        if isinstance(expected, TypeVariable) and expected.constraint != "any":
            (got,) = self._show(found)
            wanted = f"a type with {'equality' if expected.constraint == 'eq' else 'an order'}"
        message = f"expected {wanted}, found {got}"
        hint = self._mismatch_hint(expected, found, p, role)
        return TypeProblem(f"{role}: {message}" if role else message, span=p.span, hint=hint)

    def _mismatch_hint(self, expected: Type, found: Type, p: Program, role: Role | None) -> str | None:
        if expected == REAL and found == INT:
            if isinstance(p, Literal):
                return f"write {p.value}.0"
            divided = role is not None and role.function == Name("/")
            return "`/` divides reals; ints are divided by `//`" if divided else self._conversion()
        limited = isinstance(expected, TypeVariable) and expected.constraint != "any"
        if limited and "->" in self._show(found)[0]:
            return "functions have no equality and no order"
        if limited and isinstance(expected, TypeVariable) and isinstance(found, TypeConstructor):
            if found.name in self.unifier.rigid_names:
                return f"say so in the head: where {found.name}: {expected.constraint}"
            return "ints, bools, reals and texts have an order, and lists and tuples of such"
        if isinstance(expected, TypeVariable) and any(expected.name == name for name in self.unifier.free(found)):
            return "a type cannot contain itself"
        if isinstance(found, FunctionType) and not isinstance(expected, FunctionType | TypeVariable):
            return "this is a function; apply it to its arguments"
        return None

    def _conversion(self) -> str:
        return "ints are no reals" + (": convert with from_int" if "from_int" in self.library.shorts else "")

    def arity(self, p: Application, declared: Type) -> TypeProblem:
        """Something applied that is no function, or to another number of arguments."""
        called = _called(p.function)
        if not isinstance(declared, FunctionType):
            (shown,) = self._show(declared)
            return TypeProblem(f"expected a function, found {called} of type {shown}", span=p.function.span or p.span)
        wanted, got = len(declared.parameters), len(p.arguments)
        (shown,) = self._show(declared)
        return TypeProblem(
            f"{called}: expected {_count(wanted, 'argument')}, found {got}",
            span=p.arguments[wanted].span if got > wanted else p.span,
            hint=f"its type is {shown}",
        )

    def hole(self, p: Hole, first: Hole, earlier: Type, found: Type) -> TypeProblem:
        """One hole's name used at two types, first at another place."""
        before, now = self._show(earlier, found)
        at = "before" if first.span is None else f"at line {first.span.line}, column {first.span.column}"
        return TypeProblem(
            f"expected the hole ?{p.name} to be {before} as {at}, found {now}",
            span=p.span,
            hint="holes of one name stand for one program; use two names",
        )

    def mixed_list(self, item: Type, found: Type, p: Literal) -> TypeProblem:
        """A list literal whose items differ in type."""
        first, second = self._show(item, found)
        return TypeProblem(
            f"expected list items of one type, found {first} and {second}",
            span=p.span,
            hint="write reals with a dot: 2.0" if {first, second} == {"int", "real"} else None,
        )

    def unknown(self, name: str, p: Program, bound: Iterable[str]) -> UnknownNameError:
        """A name that is neither a variable in scope nor a word of the library."""
        if name in OPERATORS:
            words = " or ".join(f"`{word}`" for word in OPERATORS[name].words)
            return UnknownNameError(
                f"the library has no word for `{OPERATORS[name].token}`",
                span=p.span,
                hint=f"the operator stands for {words}",
            )
        if name in _FORMS and isinstance(p, Name):
            return UnknownNameError(f"the library has no word {name}, for which {_FORMS[name]} stands", span=p.span)
        variables = list(bound)
        owner, _, word = name.partition(".")
        hint: str | None
        if word in self.library.shorts and not any(known.startswith(f"{owner}.") for known in self.library.entries):
            hint = f"values have no methods: write {word}({owner})"
        elif name in _FOREIGN:
            hint = f"did you mean `{_FOREIGN[name]}`?"
        else:
            near = nearest(name, (*variables, *self.library.shorts, *(self.library.entries if word else ())))
            hint = f"did you mean `{near}`?" if near else None
        return UnknownNameError(f"expected a variable or a word of the library, found `{name}`", span=p.span, hint=hint)

    def _candidate_lines(self, candidates: Iterable[Entry]) -> str:
        return "".join(f"\n  {entry.name}: {show_type(entry.type)}" for entry in candidates)

    def no_candidate(self, p: Program, candidates: tuple[Entry, ...], t: Type) -> TypeProblem:
        """An overloaded word none of whose meanings has the types it is used at."""
        function = p.function if isinstance(p, Application) else p
        head = self.unifier.head(t)
        if isinstance(head, FunctionType):
            *arguments, result = self._show(*head.parameters, head.result)
            wanted = "" if isinstance(self.unifier.head(head.result), TypeVariable) else f" giving {result}"
            found = f"({', '.join(arguments)}){wanted}"
        else:
            arguments, found = [], self._show(t)[0]
        mixed = f"{self._conversion()}\n" if {"int", "real"} <= set(arguments) else ""
        return TypeProblem(
            f"no word {_called(function)} fits the types {found}",
            span=p.span,
            hint=f"{mixed}the candidates are{self._candidate_lines(candidates)}",
        )

    def ambiguous(self, p: Program, candidates: tuple[Entry, ...], t: Type) -> TypeProblem:
        """An overloaded word that the types around it leave open."""
        function = p.function if isinstance(p, Application) else p
        (found,) = self._show(t)
        return TypeProblem(
            f"{_called(function)} may mean several words here (used as {found})",
            span=p.span,
            hint=f"write the one you mean by its full name:{self._candidate_lines(candidates)}",
        )


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
