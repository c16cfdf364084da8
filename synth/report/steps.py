"""What a program does, step by step: the text and the values of every part that computes something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dsl.inference import UNTYPED, infer, resolution
from dsl.interpreter import Occurrence, trace
from dsl.library import Library
from dsl.printer import show
from dsl.program import Application, Hole, Lambda, Let, Program, children, rebuild
from dsl.type_system import FunctionType, Type, TypeVariable
from dsl.values import Failure, Outcome, Some, show_value

__all__ = ["Step", "show_outcome", "steps"]

_SHOWN = 8
"""Values shown for one part of a program; a part under a lambda has one for each call."""


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a program that computes something: its text, how deep it lies, and its values for each input.

    `values` has one text for each input; a part that was not reached has an empty one.
    """

    text: str
    depth: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part at a place (which of `children` to take at each level), with the types of the variables around it."""

    program: Program
    path: tuple[int, ...]
    scope: Mapping[str, Type]


def steps(
    program: Lambda, request: FunctionType, inputs: Sequence[tuple[object, ...]], library: Library
) -> tuple[Step, ...]:
    """Every application and `let` of a program over `request.parameters`, a whole before its parts."""
    seen = [{o.path: o for o in trace(program, arguments, library).occurrences} for arguments in inputs]
    found: list[Step] = []
    for part in _parts(program, request, library):
        t = infer(part.program, library, variables=part.scope)
        text = show(part.program, library, expected=t, variables=part.scope)
        values = tuple(_values(run.get(part.path), t) for run in seen)
        found.append(Step(text, len(part.path) - 1, values))
    return tuple(found)


def _parts(program: Lambda, request: FunctionType, library: Library) -> Iterator[_Part]:
    scope = dict(zip(program.parameters, request.parameters, strict=True))

    def walk(p: Program, path: tuple[int, ...], scope: Mapping[str, Type]) -> Iterator[_Part]:
        if isinstance(p, Application | Let):
            yield _Part(p, path, scope)
        for position, part in enumerate(children(p)):
            inner = scope
            if isinstance(p, Let) and position == 1:
                inner = {**scope, p.name: infer(p.value, library, variables=scope)}
            if isinstance(p, Lambda):
                inner = {**scope, **_parameter_types(program, request, path, p, library)}
            yield from walk(part, (*path, position), inner)

    return walk(program.body, (0,), scope)


def _parameter_types(
    program: Lambda, request: FunctionType, path: tuple[int, ...], function: Lambda, library: Library
) -> dict[str, Type]:
    """The types of a lambda's parameters: what the program around a hole in its place expects there."""
    around = _put(program, path, Hole("", UNTYPED))
    holes = resolution(around, library, expected=request, variables={}).holes.values()
    wanted = next(iter(holes))
    if isinstance(wanted, FunctionType):
        return dict(zip(function.parameters, wanted.parameters, strict=True))
    return {name: TypeVariable("A") for name in function.parameters}


def _put(p: Program, path: tuple[int, ...], part: Program) -> Program:
    if not path:
        return part
    parts = list(children(p))
    parts[path[0]] = _put(parts[path[0]], path[1:], part)
    return rebuild(p, tuple(parts))


def _values(occurrence: Occurrence | None, t: Type) -> str:
    if occurrence is None:
        return ""
    shown = [show_outcome(value, t) for value in occurrence.values[:_SHOWN]]
    return "; ".join([*shown, "..."] if occurrence.times > len(shown) else shown)


def show_outcome(outcome: Outcome, t: Type) -> str:
    """A value as a task file spells it, or why there is none; where a type is left open, by the look of the value."""
    return f"<{outcome}>" if isinstance(outcome, Failure) else show_value(outcome, t, _show_untyped)


def _show_untyped(value: object) -> str:
    match value:
        case tuple():
            return f"[{', '.join(map(_show_untyped, value))}]"
        case Some(inner):
            return f"some({_show_untyped(inner)})"
        case None:
            return "none"
        case _:
            return repr(value)
