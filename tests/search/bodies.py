"""Drawn bodies of functions, run by the interpreter, and as nodes of a compiled machine's table."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dsl.interpreter import run
from dsl.primitive import primitive, primitive_of
from dsl.primitives import CORE
from dsl.program import Application, Lambda, Literal, Name, Program, Variable, call
from dsl.type_system import (
    BOOL,
    INT,
    REAL,
    FunctionType,
    Substitution,
    Type,
    TypeConstructor,
    apply,
    instantiate,
    list_of,
    option_of,
    tuple_of,
    type_variables,
    unify,
)
from dsl.values import INT_MAX, INT_MIN, Failure, Some
from synth.search.kernels.machine import FRAME, Table, fill_slots
from synth.search.kernels.operations import CAPTURED, CONSTANT, OPERATIONS, PARAMETER, UNKNOWN, operation_of
from synth.search.store import Store

Draw = Callable[[st.SearchStrategy[Any]], Any]


class Asked(BaseException):
    """Something was asked that compiled code does not know."""


@primitive
def unknown() -> int:
    """What compiled code does not understand, as the interpreter sees it."""
    raise Asked


LIBRARY = CORE.extend(primitive_of(unknown))
GROUND = (
    INT,
    BOOL,
    REAL,
    list_of(INT),
    list_of(BOOL),
    list_of(REAL),
    list_of(list_of(INT)),
    tuple_of(INT, BOOL),
    tuple_of(INT, INT, BOOL),
    option_of(INT),
)
"""Types of values in bodies; of each there is a captured value."""
_EDGES = [INT_MIN, INT_MIN + 1, -(2**32), -10, 10, 63, 64, 97, 2**31, 3_037_000_500, 2**62, INT_MAX - 1, INT_MAX]
_REALS = [0.0, -0.0, 0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, 2.0**52 + 1, 2.0**63, -(2.0**63), 1e300, 1e-300]
_INTEGERS = st.one_of(st.integers(-3, 9), st.integers(-3, 9), st.sampled_from(_EDGES), st.integers(INT_MIN, INT_MAX))


def values(t: Type) -> st.SearchStrategy[Any]:
    """Values of a ground type, the limits of 64 bits among them."""
    match t:
        case TypeConstructor("int"):
            return _INTEGERS
        case TypeConstructor("bool"):
            return st.booleans()
        case TypeConstructor("real"):
            return st.one_of(st.sampled_from(_REALS), st.floats(-1e3, 1e3))
        case TypeConstructor("list", (item,)):
            return st.lists(values(item), max_size=5).map(tuple)
        case TypeConstructor("tuple", items):
            return st.tuples(*map(values, items))
        case TypeConstructor("option", (item,)):
            return st.none() | values(item).map(Some)
    raise AssertionError(f"no values of {t}")


@dataclass(frozen=True)
class Body:
    """An expression with its type."""

    head: Name | Variable | Literal
    type: Type
    parts: tuple[Body, ...] = ()

    @cached_property
    def operation(self) -> int:
        assert isinstance(self.head, Name)
        return operation_of(self.head.name, tuple(p.type for p in self.parts), self.type)

    def program(self, missing: frozenset[str]) -> Program:
        """For the interpreter: captured values that are missing are undefined, words that are not known raise."""
        match self.head:
            case Variable(name) if name in missing:
                return call("list.head", Literal(()))
            case Name() if self.operation == UNKNOWN:
                return Name("unknown")
            case Name():
                return Application(self.head, tuple(p.program(missing) for p in self.parts))
            case _:
                return self.head


# ---- Drawing --------------------------------------------------------------------------------------------------------


@cache
def instances(word: str) -> list[FunctionType]:
    """The ground types of a word, its variables filled with some types in all ways that its constraints allow."""
    declared = CORE[word].type
    kind = instantiate(declared, map("x{}".format, itertools.count()))
    assert isinstance(kind, FunctionType)
    return list(dict.fromkeys(_filled(kind)))


def _filled(kind: FunctionType) -> Iterator[FunctionType]:
    variables = type_variables(kind)
    for choice in itertools.product(GROUND[:7], repeat=len(variables)):
        substitution: Substitution = {}
        if all(unify(v, t, substitution) for v, t in zip(variables, choice, strict=True)):
            made = apply(substitution, kind)
            assert isinstance(made, FunctionType)
            yield made


@cache
def _words_giving(t: Type) -> list[tuple[str, FunctionType]]:
    found = [(word, kind) for word in OPERATIONS for kind in instances(word) if kind.result == t]
    return [(word, kind) for word, kind in found if set(kind.parameters) <= set(GROUND)]


@st.composite
def bodies(draw: Draw, t: Type, scope: Mapping[str, Type], depth: int, unknowns: bool = True) -> Body:
    """A body of a type over the variables in scope; with `unknowns`, some parts are not understood."""
    variables = [Body(Variable(name), bound) for name, bound in scope.items() if bound == t]
    words = _words_giving(t)
    if unknowns and draw(st.integers(0, 19)) == 0:
        return Body(Name("unknown"), t)
    if depth == 0 or not words or draw(st.integers(0, 4)) == 0:
        if t in GROUND[:4] and draw(st.booleans()):
            return Body(Literal(draw(values(t))), t)
        return draw(st.sampled_from(variables))  # type: ignore[no-any-return]
    if t in GROUND[2:] and draw(st.integers(0, 2)):
        word, kind = "control.if", FunctionType((BOOL, t, t), t)
    else:
        word, kind = draw(st.sampled_from(words))
    return Body(Name(word), t, tuple(draw(bodies(p, scope, depth - 1, unknowns)) for p in kind.parameters))


CAPTURES: Mapping[str, Type] = {f"c{i}": t for i, t in enumerate(GROUND)}


def captures() -> st.SearchStrategy[dict[str, object]]:
    """What is captured on one outer row; a name that is missing is undefined there."""
    columns = {name: values(t) for name, t in CAPTURES.items()}
    return st.fixed_dictionaries({}, optional=columns)


# ---- Running --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Functions:
    """Bodies over one scope: parameters named `x`, `y`, and what they capture on each outer row."""

    bodies: tuple[Body, ...]
    parameters: tuple[Type, ...]
    captured: tuple[Mapping[str, object], ...]

    def run(self, function: int, row: int, arguments: Sequence[object]) -> object:
        """What the interpreter makes of it: a value or a failure; raises Asked."""
        given = self.captured[row]
        names = (*"xy"[: len(self.parameters)], *given)
        program = self.bodies[function].program(frozenset(CAPTURES) - set(given))
        return run(Lambda(names, program), (*arguments, *given.values()), LIBRARY)


@dataclass
class Nodes:
    """The nodes of bodies, equal parts shared."""

    store: Store
    operation: list[int] = field(default_factory=list)
    parts: list[tuple[int, ...]] = field(default_factory=list)
    constant: list[int] = field(default_factory=list)
    known: dict[Body, int] = field(default_factory=dict)

    def number(self, body: Body) -> int:
        if body not in self.known:
            parts = tuple(self.number(p) for p in body.parts)
            self.parts.append((*parts, *(-1,) * (3 - len(parts))))
            match body.head:
                case Literal(value):
                    self._add(CONSTANT, self.store.encode(value, body.type))
                case Variable(name) if name in CAPTURES:
                    self._add(CAPTURED, list(CAPTURES).index(name))
                case Variable(name):
                    self._add(PARAMETER, "xy".index(name))
                case Name():
                    self._add(body.operation, 0)
            self.known[body] = len(self.parts) - 1
        return self.known[body]

    def _add(self, operation: int, constant: int) -> None:
        self.operation.append(operation)
        self.constant.append(constant)


Universe = Mapping[int, Sequence[tuple[object, ...]]]
"""Argument tuples by outer row."""


def table_of(functions: Functions, store: Store, universe: Universe | None = None, bodies_known: bool = True) -> Table:
    """The table of some functions; where the interpreter asks something unknown, so is the result."""
    nodes = Nodes(store)
    numbers = [nodes.number(body) if bodies_known else -1 for body in functions.bodies]
    inner = [(row, arguments) for row, given in (universe or {}).items() for arguments in given]
    count, rows = len(inner), len(functions.captured)
    owner = np.zeros(count + 1, dtype=np.int64)
    given = np.zeros((count + 1, len(functions.parameters)), dtype=np.int64)
    cells = np.zeros((len(numbers), count + 1), dtype=np.int64)
    status = np.zeros((len(numbers), count + 1), dtype=np.uint8)
    for u, (row, arguments) in enumerate(inner):
        owner[u] = row
        given[u] = [store.encode(v, t) for v, t in zip(arguments, functions.parameters, strict=True)]
        for number, body in enumerate(functions.bodies):
            ask = partial(functions.run, number, row, arguments)
            cells[number, u], status[number, u] = outcome_of(ask, body.type, store)
    slots = np.full(1 << count.bit_length(), -1, dtype=np.int32)
    fill_slots(owner, given, count, slots)
    captured = np.zeros((len(CAPTURES), rows), dtype=np.int64)
    captured_status = np.zeros((len(CAPTURES), rows), dtype=np.uint8)
    for (slot, (name, t)), row in itertools.product(enumerate(CAPTURES.items()), range(rows)):
        if name in functions.captured[row]:
            captured[slot, row] = store.encode(functions.captured[row][name], t)
            captured_status[slot, row] = 1
    return Table(
        cells,
        status,
        slots,
        owner,
        given,
        np.array(numbers, dtype=np.int32),
        np.array(nodes.operation or [0], dtype=np.int32),
        np.array(nodes.parts or [(-1, -1, -1)], dtype=np.int32),
        np.array(nodes.constant or [0], dtype=np.int64),
        captured,
        captured_status,
        np.zeros(16 * FRAME, dtype=np.int64),
    )


def outcome_of(ask: Callable[[], object], t: Type, store: Store) -> tuple[int, int]:
    """A cell and its status: 2 where something unknown is asked, 0 where there is no value."""
    try:
        outcome = ask()
    except Asked:
        return 0, 2
    return (0, 0) if isinstance(outcome, Failure) else (store.encode(outcome, t), 1)
