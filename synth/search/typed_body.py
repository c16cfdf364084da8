"""The body of a definition at ground types: every node with its type, functions written out as lambdas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dsl.library import Definition, Library
from dsl.program import Application, Lambda, Literal, Name, Program, Variable
from dsl.type_system import (
    FunctionType,
    Substitution,
    Type,
    apply,
    instantiate,
    type_variables,
    unify,
)

__all__ = ["Typed", "typed_body"]


@dataclass(frozen=True, slots=True)
class Typed:
    """A node and its type: a variable, a constant, a word with all its arguments, or a lambda with its body."""

    head: Name | Variable | Literal | Lambda
    type: Type
    parts: tuple[Typed, ...] = ()


def typed_body(entry: Definition, parameters: tuple[Type, ...], result: Type, library: Library) -> Typed | None:
    """A definition's body where its parameters and its result have these ground types.

    None where there is more in it than words, constants, variables and lambdas that words are given, or where a type
    inside is open.
    """
    program = entry.program
    if not isinstance(program, Lambda) or len(program.parameters) != len(parameters):
        return None
    typing = _Typing(library)
    found = typing.visit(program.body, result, dict(zip(program.parameters, parameters, strict=True)))
    return None if found is None else typing.closed(found)


@dataclass(slots=True)
class _Typing:
    library: Library
    substitution: Substitution = field(default_factory=dict)
    _fresh: int = 0

    def visit(self, p: Program, expected: Type, scope: Mapping[str, Type]) -> Typed | None:
        """The node with its type, which may have variables still; None where it is of another kind or type."""
        match p:
            case Variable(name):
                return Typed(p, expected) if name in scope and self._same(scope[name], expected) else None
            case Literal():
                return Typed(p, expected)
            case Application(Name() as word, arguments):
                return self._word(word, arguments, expected, scope)
            case Name() if isinstance(expected, FunctionType):
                return self._as_lambda(p, expected, scope)
            case Name():
                return self._word(p, (), expected, scope)
            case Lambda(parameters, body) if isinstance(expected, FunctionType):
                if len(parameters) != len(expected.parameters):
                    return None
                inner = {**scope, **dict(zip(parameters, expected.parameters, strict=True))}
                made = self.visit(body, expected.result, inner)
                return None if made is None else Typed(p, expected, (made,))
            case _:
                return None

    def closed(self, node: Typed) -> Typed | None:
        """The node with all types final; None where one is open."""
        t = apply(self.substitution, node.type)
        if any(True for _ in type_variables(t)):
            return None
        parts = tuple(part for part in map(self.closed, node.parts) if part is not None)
        return Typed(node.head, t, parts) if len(parts) == len(node.parts) else None

    def _word(
        self, word: Name, arguments: tuple[Program, ...], expected: Type, scope: Mapping[str, Type]
    ) -> Typed | None:
        if word.name not in self.library:
            return None
        t = instantiate(self.library[word.name].type, self._names())
        parameters, result = (t.parameters, t.result) if isinstance(t, FunctionType) else ((), t)
        if len(parameters) != len(arguments) or not self._same(result, expected):
            return None
        made: list[Typed] = []
        # Functions last: their parameters' types are known from the other arguments.
        for argument, parameter in sorted(
            zip(arguments, parameters, strict=True), key=lambda pair: _is_function(pair[1])
        ):
            part = self.visit(argument, parameter, scope)
            if part is None:
                return None
            made.append(part)
        order = sorted(range(len(arguments)), key=lambda place: _is_function(parameters[place]))
        by_place = dict(zip(order, made, strict=True))
        return Typed(word, expected, tuple(by_place[place] for place in range(len(arguments))))

    def _as_lambda(self, word: Name, expected: FunctionType, scope: Mapping[str, Type]) -> Typed | None:
        """A word that is given as a function, as a lambda that passes its parameters on."""
        names = tuple(f"passed {self._fresh} {place}" for place in range(len(expected.parameters)))
        self._fresh += 1
        return self.visit(Lambda(names, Application(word, tuple(map(Variable, names)))), expected, scope)

    def _same(self, one: Type, other: Type) -> bool:
        return unify(one, other, self.substitution)

    def _names(self) -> Iterator[str]:
        while True:
            self._fresh += 1
            yield f"~{self._fresh}"


def _is_function(t: Type) -> bool:
    return isinstance(t, FunctionType)
