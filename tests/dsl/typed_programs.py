"""Drawn well-typed programs and inputs for tests of running them: any words, lambdas, lets, functions as values."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from hypothesis import strategies as st

from dsl.library import Library
from dsl.program import Application, Lambda, Let, Literal, Name, Program, Variable, call
from dsl.type_system import (
    BOOL,
    INT,
    REAL,
    TEXT,
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
from dsl.values import Some

Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]

GROUND = (INT, INT, BOOL, list_of(INT), list_of(INT), REAL, tuple_of(INT, BOOL), list_of(list_of(INT)), option_of(INT))
"""What type variables are filled with."""

_INTEGERS = st.sampled_from((0, 1, 2, 3, -1, 7, 10, -5, 2**40, 2**62))
_REALS = st.sampled_from((0.0, 1.0, 0.5, -2.0, 1e200))


def values(t: Type) -> st.SearchStrategy[object]:
    """Values of a ground type without functions."""
    match t:
        case TypeConstructor("int"):
            return _INTEGERS
        case TypeConstructor("bool"):
            return st.booleans()
        case TypeConstructor("real"):
            return _REALS
        case TypeConstructor("text"):
            return st.text("ab ", max_size=3)
        case TypeConstructor("list", (item,)):
            return st.lists(values(item), max_size=4).map(tuple)
        case TypeConstructor("tuple", items):
            return st.tuples(*map(values, items))
        case TypeConstructor("option", (item,)):
            return st.none() | values(item).map(Some)
    raise AssertionError(f"no values of {t}")


@dataclass(frozen=True)
class Drawer:
    """Draws programs over one library."""

    library: Library
    draw: Draw
    found: dict[object, list[tuple[str, Type]]]
    fresh: itertools.count[int] = field(default_factory=itertools.count)

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def program(self, t: Type, scope: Mapping[str, Type], depth: int) -> Program:
        """A program of a ground type, of variables in scope, some `depth` levels deep."""
        if isinstance(t, FunctionType):
            return self.function(t, scope, depth)
        variables = [Variable(name) for name, bound in scope.items() if bound == t]
        if depth <= 0 or (variables and self.draw(st.integers(0, 3)) == 0):
            return self.pick(*variables) if variables else self.leaf(t, scope)
        if self.draw(st.integers(0, 9)) == 0:
            return self.let(t, scope, depth)
        return self.application(t, scope, depth)

    def leaf(self, t: Type, scope: Mapping[str, Type]) -> Program:
        match t:
            case TypeConstructor("tuple", items):
                words = {2: "tuple.pair", 3: "tuple.triple"}
                return call(words[len(items)], *(self.program(item, scope, 0) for item in items))
            case TypeConstructor("option", (item,)):
                return self.pick(Name("option.none"), call("option.some", self.program(item, scope, 0)))
            case _:
                return Literal(self.draw(values(t)) if _has_literals(t) else ())

    def let(self, t: Type, scope: Mapping[str, Type], depth: int) -> Program:
        # Now and then a function is bound, or a variable hidden by another of its name.
        bound = self.pick(*GROUND, FunctionType((INT,), INT), FunctionType((INT, INT), BOOL))
        name = self.pick(f"v{next(self.fresh)}", *scope)
        value = self.program(bound, scope, depth - 1)
        return Let(name, value, self.program(t, {**scope, name: bound}, depth - 1))

    def function(self, t: FunctionType, scope: Mapping[str, Type], depth: int) -> Program:
        words: list[Program] = [Name(name) for name, kind in self.words(t)]
        words += [Variable(name) for name, bound in scope.items() if bound == t]
        if words and self.draw(st.integers(0, 2)) == 0:
            return self.pick(*words)
        names = tuple(f"v{next(self.fresh)}" for _ in t.parameters)
        inner = {**scope, **dict(zip(names, t.parameters, strict=True))}
        return Lambda(names, self.program(t.result, inner, depth - 1))

    def application(self, t: Type, scope: Mapping[str, Type], depth: int) -> Program:
        callable_variables = [
            (Variable(name), bound)
            for name, bound in scope.items()
            if isinstance(bound, FunctionType) and bound.result == t
        ]
        words = [(Name(name), kind) for name, kind in self.words_giving(t)]
        function, kind = self.pick(*callable_variables, *words)
        if not isinstance(kind, FunctionType):
            return function
        substitution: Substitution = {}
        kind = instantiate(kind, _fresh())
        assert unify(kind.result, t, substitution)
        for variable in type_variables(kind):
            if not type_variables(apply(substitution, variable)):
                continue
            options = [g for g in GROUND if unify(variable, g, dict(substitution))]
            unify(variable, self.pick(*options), substitution)
        parameters = [apply(substitution, p) for p in kind.parameters]
        return Application(function, tuple(self.program(p, scope, depth - 1) for p in parameters))

    def words(self, t: Type) -> list[tuple[str, Type]]:
        """The words that are values of the type."""
        if t not in self.found:
            self.found[t] = [(e.name, e.type) for e in self.library if unify(instantiate(e.type, _fresh()), t, {})]
        return self.found[t]

    def words_giving(self, t: Type) -> list[tuple[str, Type]]:
        """The words whose results, or the constants whose values, are of the type."""
        if (kind := ("result", t)) not in self.found:
            self.found[kind] = [(e.name, e.type) for e in self.library if unify(_result(e.type), t, {})]
        return self.found[kind]


def _has_literals(t: Type) -> bool:
    """Whether every value of the type has a literal: tuples and options have none."""
    return isinstance(t, TypeConstructor) and t.name not in ("tuple", "option") and all(map(_has_literals, t.arguments))


def _fresh() -> Iterator[str]:
    return map("x{}".format, itertools.count())


def _result(t: Type) -> Type:
    kind = instantiate(t, _fresh())
    return kind.result if isinstance(kind, FunctionType) else kind


@dataclass(frozen=True)
class Case:
    """A program with inputs for it."""

    program: Lambda
    inputs: tuple[tuple[object, ...], ...]


def cases(library: Library, depth: int = 4) -> st.SearchStrategy[Case]:
    """Drawn programs over a library, each with three drawn inputs."""
    return _cases(library, depth, {})


@st.composite
def _cases(draw: Draw, library: Library, depth: int, found: dict[object, list[tuple[str, Type]]]) -> Case:
    drawer = Drawer(library, draw, found)
    parameters = draw(st.lists(st.sampled_from(GROUND), max_size=3))
    scope = {f"p{i}": t for i, t in enumerate(parameters)}
    result = draw(st.sampled_from((*GROUND, TEXT)))
    body = drawer.program(result, scope, draw(st.integers(0, depth)))
    inputs = draw(st.lists(st.tuples(*map(values, parameters)), min_size=3, max_size=3))
    return Case(Lambda(tuple(scope), body), tuple(inputs))
