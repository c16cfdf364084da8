"""The programs that fillings of a skeleton are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from dsl.program import Application, Lambda, Program, Variable, children, free_variables, rebuild, walk
from synth.search.lambdas import Lambdas
from synth.search.scope import Scope
from synth.search.skeleton import Body, Call, Called, Gap, Leaf, Part, Skeleton

__all__ = ["program_of", "spelled_out"]


def program_of(skeleton: Skeleton, lambdas: Lambdas, part: Part, scope: Scope, filling: Sequence[int]) -> Program:
    """The program of a part that stands in a scope, its gaps filled by these classes."""

    def argument(p: Part) -> Program:
        return program_of(skeleton, lambdas, p, scope, filling)

    match part:
        case Leaf(production):
            return scope.named(production.head)
        case Gap(number, t):
            source = lambdas.scope(skeleton.spaces[number].key)
            return source.argument(t, filling[number], lambdas.inner)
        case Call(production, arguments):
            return Application(production.head, tuple(map(argument, arguments)))
        case Body(_, key, inner):
            own = lambdas.scope(key)
            return Lambda(_names(own), program_of(skeleton, lambdas, inner, own, filling))
        case Called(function, arguments):
            return _applied(argument(function), tuple(map(argument, arguments)))
    assert_never(part)


def spelled_out(program: Program, meanings: Mapping[str, Program]) -> Program:
    """A program with what some of its variables stand for put in; no lambda may bind these, or what they mention."""
    if not meanings:
        return program
    if isinstance(program, Variable):
        return meanings.get(program.name, program)
    return rebuild(program, tuple(spelled_out(p, meanings) for p in children(program)))


def _applied(function: Program, arguments: tuple[Program, ...]) -> Program:
    """A lambda applied: its body with the arguments put in, unless a lambda inside would catch their variables."""
    assert isinstance(function, Lambda), "a function that fills a gap is a lambda"
    bound = {name for p in walk(function.body) if isinstance(p, Lambda) for name in p.parameters}
    if any(bound & free_variables(a) for a in arguments) or bound & set(function.parameters):
        return Application(function, arguments)
    return spelled_out(function.body, dict(zip(function.parameters, arguments, strict=True)))


def _names(scope: Scope) -> tuple[str, ...]:
    return tuple(name for name, _ in scope.variables)
