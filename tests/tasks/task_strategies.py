"""Drawn tasks: any types with literals, values of them, and every kind of line."""

from __future__ import annotations

from hypothesis import strategies as st
from strategies import programs

from dsl.library import Library
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Hole, Lambda, Let, Program, Variable, fill, holes
from dsl.type_system import (
    BOOL,
    INT,
    REAL,
    TEXT,
    FunctionType,
    Range,
    Type,
    TypeConstructor,
    list_of,
    option_of,
    show_type,
    tuple_of,
)
from dsl.values import INT_MAX, INT_MIN, Some
from tasks.task import BudgetLine, Example, InputRange, Task

__all__ = ["sketches", "tasks", "value_types", "values"]

_NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: name not in {"and", "or", "not", "if", "else", "in", "lambda", "let"}
)

value_types: st.SearchStrategy[Type] = st.recursive(
    st.sampled_from([INT, BOOL, REAL, TEXT]),
    lambda inner: st.one_of(
        inner.map(list_of), inner.map(option_of), st.lists(inner, min_size=2, max_size=3).map(lambda ts: tuple_of(*ts))
    ),
    max_leaves=4,
)
"""Types whose values have a spelling."""


def values(t: Type) -> st.SearchStrategy[object]:
    """Values of a type."""
    match t:
        case TypeConstructor("int"):
            return st.integers(INT_MIN, INT_MAX) | st.integers(-9, 9)
        case TypeConstructor("bool"):
            return st.booleans()
        case TypeConstructor("real"):
            return st.floats(allow_nan=False, allow_infinity=False)
        case TypeConstructor("text"):
            return st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
        case TypeConstructor("list", (item,)):
            return st.lists(values(item), max_size=4).map(tuple)
        case TypeConstructor("option", (item,)):
            return st.none() | values(item).map(Some)
        case TypeConstructor("tuple", items):
            return st.tuples(*map(values, items))
    raise AssertionError(t)


def _bounds(low: int = -99) -> st.SearchStrategy[Range]:
    return st.tuples(st.integers(low, 99), st.integers(0, 99)).map(lambda pair: Range(pair[0], pair[0] + pair[1]))


@st.composite
def _ranges(draw: st.DrawFn, t: Type) -> InputRange | None:
    """A range that a type may have; None for one that has no choice."""
    match t:
        case TypeConstructor("int" | "real"):
            return InputRange(values=draw(_bounds()))
        case TypeConstructor("text"):
            return InputRange(length=draw(_bounds(0)))
        case TypeConstructor("list", (item,)):
            items = draw(_ranges(item))
            length = draw(_bounds(0) if items is None else st.none() | _bounds(0))
            return InputRange(length=length, items=items)
        case TypeConstructor("option", (item,)):
            items = draw(_ranges(item))
            return None if items is None else InputRange(items=items)
        case _:
            return None


@st.composite
def _solutions(draw: st.DrawFn, parameters: tuple[str, ...], request: FunctionType, library: Library) -> Program | None:
    """A program that gives back a parameter, if one has the type of the result."""
    types = dict(zip(parameters, request.parameters, strict=True))
    fitting = [name for name, t in types.items() if t == request.result]
    if not fitting:
        return None
    name = draw(st.sampled_from(fitting))
    text = draw(st.sampled_from([name, f"let other = {name} in other"]))
    body = parse(text, library, expected=request.result, variables=types)
    return Lambda(parameters, body)


@st.composite
def sketches(draw: st.DrawFn, parameters: tuple[str, ...], request: FunctionType, library: Library) -> Lambda:
    """A program of the type asked for with holes; some of one type share a name."""
    types = dict(zip(parameters, request.parameters, strict=True))
    body = draw(programs(library, request.result, types, holes=True, max_depth=3))
    shared = draw(st.booleans())
    body = fill(body, lambda hole: Hole(_shared_name(hole.type), hole.type) if shared and hole.name else hole)
    return Lambda(parameters, body if any(holes(body)) else Let("it", Hole("", INT), body))


def _shared_name(t: Type) -> str:
    return "of_" + "".join(c if c.isalnum() else "_" for c in show_type(t))


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    """Tasks as a file may hold them, over `CORE`."""
    parameters = tuple(draw(st.lists(_NAMES, max_size=3, unique=True)))
    request = FunctionType(tuple(draw(value_types) for _ in parameters), draw(value_types))
    forbid = tuple(draw(st.lists(st.sampled_from(["sort", "list.sum", "fold"]), max_size=2, unique=True)))
    uses = tuple(draw(st.lists(st.sampled_from(["int", "control.if", "list.map", "order"]), max_size=2, unique=True)))
    library = CORE.without(forbid) if forbid else CORE
    library = library.only(uses) if uses else library
    arguments = st.tuples(*map(values, request.parameters))
    solution = draw(_solutions(parameters, request, library))
    if solution is None:
        pairs = st.builds(Example, arguments, values(request.result))
    else:
        at = _position(solution)
        pairs = arguments.map(lambda chosen: Example(chosen, chosen[parameters.index(at)]))
    inputs = [(name, draw(_ranges(t))) for name, t in zip(parameters, request.parameters, strict=True)]
    return Task(
        name=draw(_NAMES),
        parameters=parameters,
        type_request=request,
        library=library,
        examples=tuple(draw(st.lists(pairs, min_size=0 if solution is not None else 1, max_size=3))),
        queries=tuple(draw(st.lists(arguments, max_size=2))),
        holdout=tuple(draw(st.lists(pairs, max_size=2))),
        description=draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=20)),
        inputs=tuple((name, limits) for name, limits in inputs if limits is not None and draw(st.booleans())),
        uses=uses,
        forbid=forbid,
        sketches=tuple(draw(st.lists(sketches(parameters, request, library), max_size=0 if uses else 2))),
        noise=draw(st.sampled_from([0.0, 0.1, 0.29, 0.001]) | st.floats(0, 1, exclude_max=True)),
        budget=draw(st.none() | st.builds(BudgetLine, st.integers(1, 10**7), st.none() | st.floats(0.001, 1000))),
        solution=solution,
        tags=frozenset(draw(st.lists(st.from_regex(r"[A-Za-z0-9_][a-z0-9_.+-]{0,6}", fullmatch=True), max_size=2))),
    )


def _position(solution: Program) -> str:
    """The parameter that a program of `_solutions` gives back."""
    match solution:
        case Lambda(_, inner) | Let(_, inner, _):
            return _position(inner)
        case Variable(name):
            return name
    raise AssertionError(solution)
