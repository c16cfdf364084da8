"""Definitions put in for their names, in programs with names: what they leave alone stays as a person wrote it.

A bound variable is renamed only where it would catch another. `synth.learn.rewriting` goes the other way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from itertools import count

from dsl.errors import LibraryError, ResourceError
from dsl.library import Definition
from dsl.program import Application, Lambda, Let, Name, Program, Variable, children, free_variables, names, rebuild
from synth.learn.forms import nameless

__all__ = ["LARGEST", "applied", "inline", "over", "same", "substituted"]

LARGEST = 20_000
"""Nodes of the largest program that putting definitions in may make."""


def same(a: Program, b: Program) -> bool:
    """Whether two programs are one but for the names of their bound variables.

    >>> same(Lambda(("x",), Variable("x")), Lambda(("y",), Variable("y")))
    True
    """
    return nameless(a) == nameless(b)


def inline(program: Program, definitions: Iterable[Definition]) -> Program:
    """The program with definitions put in for their names, and in the definitions for each other's.

    It has a value wherever the program has, the same; it may have one more often, where a definition leaves an argument
    unused. Raises ResourceError where it would become huge, LibraryError for definitions that use each other in a
    circle.
    """
    bodies = _inlined_bodies({d.name: d.program for d in definitions})
    return _inlined(program, bodies)


def _inlined_bodies(bodies: Mapping[str, Program]) -> Mapping[str, Program]:
    """Programs by name, with each other put in for their names."""
    uses = {name: bodies.keys() & set(names(program)) for name, program in bodies.items()}
    made: dict[str, Program] = {}
    try:
        for name in TopologicalSorter(uses).static_order():
            made[name] = _inlined(bodies[name], made)
    except CycleError as error:
        raise LibraryError(
            f"expected definitions that do not use themselves, found {' -> '.join(error.args[1][::-1])}"
        ) from None
    return made


def _inlined(p: Program, bodies: Mapping[str, Program]) -> Program:
    match p:
        case Name(name):
            return bodies.get(name, p)
        case Application(Name(name), arguments) if isinstance(bodies.get(name), Lambda):
            made = applied(bodies[name], tuple([_inlined(argument, bodies) for argument in arguments]))
        case _:
            made = over(p, [_inlined(part, bodies) for part in children(p)])
    if made.size > LARGEST:
        raise ResourceError(
            f"expected a program of at most {LARGEST:,} nodes, found one that its definitions make larger"
        )
    return made


def over(p: Program, parts: Sequence[Program]) -> Program:
    """The same node over other parts; the node itself where they are the same."""
    return p if all(a is b for a, b in zip(parts, children(p), strict=True)) else rebuild(p, tuple(parts))


def applied(function: Program, arguments: tuple[Program, ...]) -> Program:
    """A function applied; of a lambda, its body with the arguments in it."""
    if not isinstance(function, Lambda) or len(function.parameters) != len(arguments):
        return Application(function, arguments)
    return substituted(function.body, dict(zip(function.parameters, arguments, strict=True)))


def substituted(p: Program, values: Mapping[str, Program]) -> Program:
    """A program with programs for its free variables; a lambda that comes to be called is applied."""
    if not values:
        return p
    match p:
        case Variable(name):
            return values.get(name, p)
        case Lambda(parameters, body):
            names, inner = _entered(parameters, body, values)
            return replace(p, parameters=names, body=substituted(body, inner)) if inner else p
        case Let(name, value, body):
            (bound,), inner = _entered((name,), body, values)
            return replace(p, name=bound, value=substituted(value, values), body=substituted(body, inner))
        case Application(Variable(name), arguments) if name in values:
            return applied(values[name], tuple([substituted(argument, values) for argument in arguments]))
        case _:
            return over(p, [substituted(part, values) for part in children(p)])


def _entered(
    parameters: tuple[str, ...], body: Program, values: Mapping[str, Program]
) -> tuple[tuple[str, ...], dict[str, Program]]:
    """Names for what a binder binds, and what is to be put into its body, so that it catches nothing."""
    free = free_variables(body)
    inner = {name: value for name, value in values.items() if name in free and name not in parameters}
    caught: frozenset[str] = frozenset().union(*map(free_variables, inner.values()))
    taken = {*caught, *free, *parameters}
    names: list[str] = []
    for name in parameters:
        fresh = name
        if name in caught:
            fresh = next(made for number in count(2) if (made := f"{name}{number}") not in taken)
            taken.add(fresh)
            inner[name] = Variable(fresh)
        names.append(fresh)
    return tuple(names), inner
