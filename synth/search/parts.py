"""Parts of programs, as the searches beside enumeration put them together, and the programs that they are."""

from __future__ import annotations

from dsl.program import Application, Lambda, Name, Program
from dsl.type_system import FunctionType, Type
from synth.search.lambdas import Lambdas
from synth.search.scope import Scope
from synth.search.surroundings import Built, Part, Taken

__all__ = ["program_of"]


def program_of(part: Part, scope: Scope, lambdas: Lambdas) -> Program:
    """The program that a part in a scope is."""
    match part:
        case Taken((_, t), number):
            return scope.program(t, number, lambdas.inner)
        case Built(production, ()):
            return scope.named(production.head)
        case Built(production, arguments):
            assert isinstance(production.head, Name), "leaves have no arguments"
            pairs = zip(production.parameters, arguments, strict=True)
            return Application(production.head, tuple(_argument(t, a, scope, lambdas) for t, a in pairs))


def _argument(t: Type, part: Part, scope: Scope, lambdas: Lambdas) -> Program:
    if not isinstance(t, FunctionType):
        return program_of(part, scope, lambdas)
    inner = lambdas.inner(scope, t)
    return Lambda(tuple(name for name, _ in inner.variables), program_of(part, inner, lambdas))
