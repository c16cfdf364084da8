"""Type inference: Hindley-Milner with generalising `let`, and overloaded words chosen by their types.

Works on trees as the parser makes them (operators by symbol, words by short name, an unbound variable meant for a
word) and on resolved ones, where words have their qualified names. Milner, "A theory of type polymorphism in
programming" (1978); an overloaded word waits until the types around it leave one candidate.

Parts of a tree are addressed by their place in pre-order (the root is 0): one node object may stand at two places.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import assert_never

from dsl.inference_rules import UNTYPED, Inference, Resolution, places_of_arguments
from dsl.library import Library
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable
from dsl.type_system import Type

__all__ = ["UNTYPED", "Resolution", "Resolved", "infer", "places_of_arguments", "resolution", "resolve"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A program with every word qualified and every hole typed, and its type (variables left open are A, B, ...)."""

    program: Program
    type: Type


def resolve(
    program: Program, library: Library, *, expected: Type | None = None, variables: Mapping[str, Type] | None = None
) -> Resolved:
    """Find the type of a program and which words it means.

    `expected` is the type it must have, `variables` the types of its free variables; type variables in these are
    rigid: the program must work for any type. Raises TypeProblem, UnknownNameError or ValueProblem with the span of the
    node that is wrong. A resolved program comes back as it is.
    """
    found = resolution(program, library, expected=expected, variables=variables or {})
    return Resolved(_rebuild(program, found), found.type)


def infer(program: Program, library: Library, *, variables: Mapping[str, Type] | None = None) -> Type:
    """The most general type of a program; raises as `resolve` does.

    >>> from dsl.type_system import show_type
    >>> show_type(infer(Lambda(("x",), Variable("x")), Library()))
    '(A) -> A'
    """
    return resolution(program, library, expected=None, variables=variables or {}).type


def resolution(
    program: Program,
    library: Library,
    *,
    expected: Type | None,
    variables: Mapping[str, Type],
    tell: Callable[[int], str] | None = None,
    early: bool = False,
) -> Resolution:
    """As `resolve`, but by place; `tell` is asked for the qualified word where the types leave several.

    It is asked at the end of the program, or, with `early`, at the end of each let's value.
    """
    return Inference(library, tell, early).run(program, expected, variables)


def _rebuild(program: Program, found: Resolution) -> Program:
    """The program with its words qualified and its holes typed; parts that stay the same are kept."""
    places = sorted((*found.words, *found.holes))

    def build(p: Program, place: int) -> Program:
        index = bisect_left(places, place)
        if index == len(places) or places[index] >= place + p.size:
            return p
        match p:
            case Name() | Variable():
                name = found.words[place]
                return p if isinstance(p, Name) and p.name == name else Name(name, span=p.span)
            case Hole(name, t):
                return p if t == found.holes[place] else Hole(name, found.holes[place], span=p.span)
            case Lambda(parameters, body):
                made = build(body, place + 1)
                return p if made is body else Lambda(parameters, made, span=p.span)
            case Let(name, value, body):
                first, second = build(value, place + 1), build(body, place + 1 + value.size)
                return p if first is value and second is body else Let(name, first, second, span=p.span)
            case Application(function, arguments):
                head = build(function, place + 1)
                rest = tuple([build(a, at) for a, at in zip(arguments, places_of_arguments(p, place), strict=True)])
                same = head is function and all(a is b for a, b in zip(rest, arguments, strict=True))
                return p if same else Application(head, rest, span=p.span)
            case Literal():
                return p
        assert_never(p)

    return build(program, 0)
