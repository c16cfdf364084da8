"""Patterns as definitions: their parameters in the usual order and with the usual names, their types inferred anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from dsl.errors import DslError
from dsl.inference import resolve
from dsl.library import Definition, Library
from dsl.module_file import show_definition
from dsl.printer import is_identifier
from dsl.program import Lambda, Program, Variable
from dsl.type_system import BOOL, INT, REAL, TEXT, FunctionType, Type, TypeConstructor, TypeVariable
from synth.learn.forms import named
from synth.learn.naming import name_of
from synth.learn.patterns import Pattern, filled, gaps
from synth.search.tidy import tidy

__all__ = ["NAMESPACE", "Untypable", "definition_of"]

NAMESPACE = "learned"
"""The namespace of what is learned."""


@dataclass(frozen=True, slots=True)
class Untypable:
    """Why a pattern is no definition."""

    reason: str


def definition_of(body: Program, trailing: Sequence[str], library: Library) -> tuple[Definition, Pattern] | Untypable:
    """The definition that a nameless pattern makes over a library, and the pattern under the definition's name.

    `trailing` are the gaps that were parameters of a function, which stay last and in order. The others are ordered
    as the words of the language have them: functions first, lists and other wholes last.
    """
    every = gaps(body)
    first = [name for name in every if name not in trailing]
    try:
        types = _types(body, (*first, *trailing), library)
    except DslError as error:
        return Untypable(f"it has no type: {error.message}")
    first.sort(key=lambda name: _place(types[name]))
    order = (*first, *trailing)
    parameters = _parameters([types[name] for name in order], library)
    values: dict[str, Program] = {gap: Variable(name) for gap, name in zip(order, parameters, strict=True)}
    program = tidy(named(filled(body, values)))
    whole = Lambda(parameters, program) if parameters else program
    try:
        found = resolve(whole, library)
        name = name_of(whole, library, NAMESPACE)
        definition = Definition(f"{NAMESPACE}.{name}", found.type, found.program, origin=NAMESPACE)
        show_definition(definition, library.extend(definition))
    except DslError as error:
        return Untypable(f"it has no text: {error.message}")
    return definition, Pattern(definition.name, body, order)


def _types(body: Program, order: Sequence[str], library: Library) -> Mapping[str, Type]:
    """The types of a pattern's gaps. Raises DslError where there are none."""
    variables = {gap: f"gap{number}" for number, gap in enumerate(order)}
    if not variables:
        resolve(named(body), library)
        return {}
    program = named(filled(body, {gap: Variable(name) for gap, name in variables.items()}))
    found = resolve(Lambda(tuple(variables.values()), program), library).type
    assert isinstance(found, FunctionType), "a lambda has a function's type"
    return dict(zip(variables, found.parameters, strict=True))


def _place(t: Type) -> int:
    """Where a parameter of a type usually stands: functions first, then single values, then wholes."""
    match t:
        case FunctionType():
            return 0
        case TypeConstructor("list" | "tuple" | "option" | "text" | "grid"):
            return 2
        case _:
            return 1


_USUAL: Mapping[Type, Sequence[str]] = {
    INT: ("n", "m", "k"),
    BOOL: ("flag", "other"),
    REAL: ("r", "s", "t"),
    TEXT: ("text", "word"),
}


def _usual_names(t: Type) -> Sequence[str]:
    match t:
        case FunctionType():
            return ("f", "g", "h")
        case TypeConstructor("list", (TypeConstructor("list"),)):
            return ("rows", "others")
        case TypeConstructor("list"):
            return ("xs", "ys", "zs")
        case TypeConstructor("tuple"):
            return ("pair", "other")
        case TypeVariable():
            return ("a", "b", "c")
        case TypeConstructor(name) if t not in _USUAL:
            return (name,)
        case _:
            return _USUAL[t]


def _parameters(types: Iterable[Type], library: Library) -> tuple[str, ...]:
    """Names for parameters of these types, all different, none of them a word's."""
    taken: dict[str, None] = {}
    for t in types:
        free = (n for n in _candidates(t) if n not in taken and n not in library.shorts and is_identifier(n))
        taken[next(free)] = None
    return tuple(taken)


def _candidates(t: Type) -> Iterator[str]:
    usual = _usual_names(t)
    yield from usual
    yield from (f"{usual[0]}{number}" for number in count(2))
