"""What the names of a sketch stand for while it is read: parameters of scopes, and the values of lets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from dsl.library import Library
from dsl.program import Hole, Lambda, Let, Name, Program, Variable, free_variables, holes
from dsl.type_system import FunctionType, Type
from synth.search.scope import PARAMETER, ScopeKey

__all__ = ["Around", "Bindings", "Parameter", "Value", "is_fixed", "is_function", "is_parameter"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of a scope, by its name in productions."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Value:
    """What a let's name stands for: a program, in the environment of the let."""

    program: Program
    bindings: Bindings
    around: Around
    seen: Type | None = None
    """Its type, if holes that see the name are filled by functions of it."""


Bindings: TypeAlias = "Mapping[str, Parameter | Value]"
Around: TypeAlias = "tuple[tuple[ScopeKey, tuple[str, ...]], ...]"
"""The lambdas around a place, outermost first, with the names of their parameters."""


def is_function(value: Value, library: Library) -> bool:
    """Whether it is written as a function, or stands for one."""
    match value.program:
        case Lambda():
            return True
        case Name(word):
            return word in library.entries and isinstance(library[word].type, FunctionType)
        case Hole(_, t):
            return isinstance(t, FunctionType)
        case Let(name, inner, body):
            bound = Value(inner, value.bindings, value.around)
            return is_function(Value(body, {**value.bindings, name: bound}, value.around), library)
        case Variable(name):
            known = value.bindings.get(name)
            return isinstance(known, Value) and is_function(known, library)
        case _:
            return False


def is_fixed(value: Value) -> bool:
    """Whether it has no holes, and sees only what the whole sketch sees."""
    return not _has_hole(value) and all(
        is_fixed(known) if isinstance(known, Value) else not known.name.startswith(PARAMETER) for known in _used(value)
    )


def _has_hole(value: Value) -> bool:
    if next(holes(value.program), None) is not None:
        return True
    return any(isinstance(known, Value) and _has_hole(known) for known in _used(value))


def is_parameter(value: Value) -> bool:
    """Whether it is a variable of a scope."""
    match value.program:
        case Variable(name):
            return isinstance(value.bindings.get(name), Parameter)
        case _:
            return False


def _used(value: Value) -> Iterator[Parameter | Value]:
    """What the free variables of a value stand for."""
    return (value.bindings[name] for name in free_variables(value.program) if name in value.bindings)
