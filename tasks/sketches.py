"""Sketches of a task: programs with typed holes, read from its `sketch` lines and written back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from dsl.errors import DslError, Span, TypeProblem
from dsl.inference import resolve
from dsl.library import Library
from dsl.printer import show
from dsl.program import Hole, Lambda, Program, children, holes, rebuild
from dsl.type_system import INT, FunctionType, Type, apply, show_type, type_variables, unify

__all__ = ["read_sketch", "show_sketch"]


def read_sketch(sketch: Program, library: Library, parameters: tuple[str, ...], request: FunctionType) -> Lambda:
    """A sketch as the parser made it, with its words looked up and its holes typed, over a task's parameters.

    Raises DslError, with the place, for a sketch that cannot have the type of the task's result, for one without a
    hole, for a hole whose type the rest leaves open, and for holes of one name that need two types.
    """
    if next(holes(sketch), None) is None:
        raise TypeProblem(
            "expected a sketch with at least one hole, found none",
            span=sketch.span,
            hint="a hole is written ? or ?name; a whole program is a `solution`",
        )
    reading = _Reading(library, dict(zip(parameters, request.parameters, strict=True)), request.result)
    try:
        body = reading.typed(sketch)
    except TypeProblem:
        reading.refuse_two_types(sketch)
        raise
    for hole in holes(body):
        _check_closed(hole)
    return Lambda(parameters, body, span=body.span)


def show_sketch(sketch: Lambda, library: Library, request: FunctionType) -> str:
    """The text of a sketch's body, as in a `sketch` line; `read_sketch` gives the sketch back."""
    variables = dict(zip(sketch.parameters, request.parameters, strict=True))
    return show(sketch.body, library, expected=request.result, variables=variables)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a sketch of one task is read by."""

    library: Library
    variables: Mapping[str, Type]
    result: Type

    def typed(self, sketch: Program) -> Program:
        return resolve(sketch, self.library, expected=self.result, variables=self.variables).program

    def refuse_two_types(self, sketch: Program) -> None:
        """Raise for two holes of one name that would each be right with a type of its own, with both places.

        Inference makes such holes one, so what it reports of a clash is often far from them.
        """
        apart, names = _apart(sketch)
        try:
            found = {hole.name: hole for hole in holes(self.typed(apart))}
        except DslError:
            return
        first: dict[str, Hole] = {}
        for unique, name in names.items():
            hole = found[unique]
            earlier = first.setdefault(name, hole)
            if not unify(earlier.type, hole.type, {}):
                raise TypeProblem(
                    f"expected the hole ?{name} to be {show_type(earlier.type)} as {_at(earlier.span)}, "
                    f"found a place for {show_type(hole.type)}",
                    span=hole.span,
                    hint="holes of one name stand for one program; use two names",
                )


def _apart(sketch: Program) -> tuple[Program, Mapping[str, str]]:
    """The sketch with another name for each named hole, and the name that each new one stands for, left to right."""
    names: dict[str, str] = {}
    taken = {hole.name for hole in holes(sketch)}
    fresh: Iterator[str] = (name for number in count(1) if (name := f"hole_{number}") not in taken)

    def renamed(p: Program) -> Program:
        if isinstance(p, Hole) and p.name:
            unique = next(fresh)
            names[unique] = p.name
            return Hole(unique, p.type, span=p.span)
        return rebuild(p, tuple(map(renamed, children(p))))

    return renamed(sketch), names


def _check_closed(hole: Hole) -> None:
    """Refuse a hole whose type has a part that nothing decides."""
    if not (variables := type_variables(hole.type)):
        return
    letters = " and ".join(v.name for v in variables)
    example = apply({v.name: INT for v in variables}, hole.type)
    raise TypeProblem(
        f"expected a hole whose type the sketch decides, found {show_type(hole.type)}, which leaves {letters} open",
        span=hole.span,
        hint=f"say it, as in (?{hole.name} : {show_type(example)})",
    )


def _at(span: Span | None) -> str:
    return "before" if span is None else f"at line {span.line}, column {span.column}"
