"""Drawn types, values, libraries and well-typed programs, for property tests of every package."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import strategies as st

from dsl.library import Definition, Entry, Library
from dsl.primitive import Primitive
from dsl.primitives import CORE
from dsl.printer import show
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable
from dsl.type_system import (
    BOOL,
    INT,
    REAL,
    TEXT,
    FunctionType,
    Type,
    TypeConstructor,
    TypeVariable,
    apply,
    has_equality,
    has_order,
    list_of,
    option_of,
    show_type,
    tuple_of,
    type_variables,
    unify,
)
from dsl.values import INT_MAX, INT_MIN, Some

Draw = Callable[[st.SearchStrategy[Any]], Any]

ATOMS = (INT, BOOL, REAL, TEXT)
PARAMETERS = ("x", "y", "xs", "f", "map", "add", "length", "example", "input", "task", "of", "s", "in_", "_", "where")
"""Names for variables: plain ones, words' short names, and words that mean something elsewhere in a file."""
LITERAL_ATOMS: Mapping[Type, st.SearchStrategy[object]] = {
    INT: st.integers(-3, 99) | st.sampled_from([INT_MIN, INT_MAX]),
    BOOL: st.booleans(),
    REAL: st.sampled_from([0.0, -0.0, 0.5, -2.0, 1e-7, 1e22, 123456.789]) | st.floats(-100, 100),
    TEXT: st.sampled_from(["it's", 'say "hi"', "a\nb\\", "\x00\x85\u2028", "é😀", "# a"]) | st.text(max_size=4),
}


def _bigger(inner: Sequence[Type], functions: bool) -> list[Type]:
    """Types made of one or two others."""
    found: list[Type] = [make(t) for make in (list_of, option_of) for t in inner]
    found += [tuple_of(a, b) for a, b in zip(inner, inner[1:] + inner[:1], strict=True)]
    if functions:
        found += [FunctionType((t,), u) for t, u in zip(inner, inner[2:] + inner[:2], strict=True)]
        found += [FunctionType((t, u), t) for t, u in zip(inner, inner[1:] + inner[:1], strict=True)]
    return found


def _pool(leaves: Sequence[Type], max_depth: int, functions: bool) -> list[Type]:
    found = list(leaves)
    for _ in range(max_depth):
        found = [*leaves, *_bigger(found, functions)]
    return found


_POOLS = {
    (depth, functions): st.sampled_from(_pool(ATOMS, depth, functions))
    for depth in range(4)
    for functions in (True, False)
}
_VARIABLES = (TypeVariable("A"), TypeVariable("B", "eq"), TypeVariable("C", "ordered"))
_POLYMORPHIC = st.sampled_from(_pool([*_VARIABLES, INT, TEXT], 2, True))


def types(max_depth: int = 2, functions: bool = True) -> st.SearchStrategy[Type]:
    """Types without variables, at most so many levels above `int` (3 at most)."""
    return _POOLS[max_depth, functions]


def polymorphic_types() -> st.SearchStrategy[Type]:
    """Types with variables in them, one constraint for each variable."""
    return _POLYMORPHIC


def values(t: Type) -> st.SearchStrategy[Any]:
    """Values of a type without functions and variables."""
    match t:
        case TypeConstructor("list", (item,)):
            return st.lists(values(item), max_size=5).map(tuple)
        case TypeConstructor("tuple", items):
            return st.tuples(*map(values, items))
        case TypeConstructor("option", (item,)):
            return st.none() | st.builds(Some, values(item))
        case TypeConstructor():
            return LITERAL_ATOMS[t]
        case _:
            raise AssertionError(f"no values of type {t}")


# ---- libraries ----------------------------------------------------------------------------------------------------


def _no_function(*_: object) -> object:
    raise AssertionError("drawn words are never run")


def word(name: str, t: Type) -> Primitive:
    """A primitive of that name and type that only types matter of."""
    n = len(t.parameters) if isinstance(t, FunctionType) else 0
    return Primitive(name, t, _no_function, parameters=tuple(f"p{i}" for i in range(n)))


_SHORTS = ("map", "add", "length", "eq", "size", "pick", "double", "get")
_NAMESPACES = ("int.", "list.", "grid.", "mine.", "")


@st.composite
def drawn_words(draw: Draw) -> Primitive:
    """A word with any type, its variables constrained or not."""
    name = draw(st.sampled_from(_NAMESPACES)) + draw(st.sampled_from(_SHORTS))
    parameters = [draw(_POLYMORPHIC) for _ in range(draw(st.integers(0, 3)))]
    result = draw(_POLYMORPHIC)
    return word(name, FunctionType(tuple(parameters), result) if parameters else result)


@st.composite
def libraries(draw: Draw) -> Library:
    """The language's own words or some of them, words that overload them, and definitions that hide them."""
    library = CORE if draw(st.booleans()) else _part_of_core(draw)
    for entry in draw(st.lists(drawn_words(), max_size=6)):
        if entry.name not in library:
            library = library.extend(entry, shadow=draw(st.booleans()))
    for number in range(draw(st.integers(0, 2))):
        short = draw(st.sampled_from((*_SHORTS, "filter", "cons", "divide")))
        t = draw(types(1))
        body = draw(programs(library, t))
        made: Program = body
        if isinstance(t, FunctionType):
            names = tuple(f"p{i}" for i in range(len(t.parameters)))
            made = Lambda(names, Application(body, tuple(map(Variable, names))))
        library = library.extend(Definition(f"file{number}.{short}", t, made), shadow=True)
    return library


_NEEDED = ("control.if", "bool", "tuple.pair", "tuple.triple", "list.cons", "option.some", "option.none")


def _part_of_core(draw: Draw) -> Library:
    names = sorted(CORE.entries)
    kept = draw(st.lists(st.sampled_from(names), max_size=25))
    return CORE.only([*kept, *_NEEDED])


# ---- programs -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """A program over a library, its type, and the types of its free variables."""

    library: Library
    program: Program
    type: Type
    variables: Mapping[str, Type]

    def __repr__(self) -> str:
        known = {name: show_type(t) for name, t in self.variables.items()}
        text = show(self.program, self.library, variables=self.variables)
        return f"Drawn({text!r}, of type {show_type(self.type)}, variables {known}, {len(self.library)} words)"


@st.composite
def programs(
    draw: Draw,
    library: Library,
    t: Type,
    variables: Mapping[str, Type] | None = None,
    holes: bool = False,
    max_depth: int = 4,
) -> Program:
    """Resolved programs of a type without variables; with `holes`, sketches."""
    return _Maker(draw, library, holes, count()).make(t, dict(variables or {}), max_depth)


@st.composite
def drawn_programs(draw: Draw, holes: bool = False) -> Drawn:
    """A library, and a program over it that may have free variables."""
    library = draw(libraries())
    names = draw(st.lists(st.sampled_from(PARAMETERS), max_size=3, unique=True))
    variables = {name: draw(types(1)) for name in names}
    t = draw(types())
    return Drawn(library, draw(programs(library, t, variables, holes)), t, variables)


@dataclass
class _Maker:
    """Makes a program of a wanted type, choosing at random among everything that has it."""

    draw: Draw
    library: Library
    holes: bool
    numbers: Iterator[int]
    known: dict[tuple[str, Type], list[Entry]] = field(default_factory=dict)
    """The words that have a type, or whose results have it."""

    def make(self, t: Type, scope: Mapping[str, Type], depth: int) -> Program:
        """A program of type `t` that uses the variables of `scope`."""
        options: list[Callable[[], Program]] = [
            (lambda name=name: Variable(name)) for name, known in scope.items() if known == t
        ] * 3
        options.append(lambda: self._constant(t, scope, depth))
        if self.holes:
            options.append(lambda: Hole(self.draw(st.sampled_from(["", self._hole_name()])), t))
        if depth > 0:
            options += [lambda: self._application(t, scope, depth)] * 6
            options += [lambda: self._let(t, scope, depth), lambda: self._redex(t, scope, depth)]
            options.append(lambda: self._general_let(t, scope, depth))
            options += [
                (lambda name=name, known=known: self._call(Variable(name), known, scope, depth))
                for name, known in scope.items()
                if isinstance(known, FunctionType) and known.result == t
            ]
        return self.draw(st.sampled_from(options))()

    def _hole_name(self) -> str:
        return f"h{next(self.numbers)}"

    def _constant(self, t: Type, scope: Mapping[str, Type], depth: int) -> Program:
        match t:
            case FunctionType(parameters, result):
                if ("value", t) not in self.known:
                    self.known["value", t] = [e for e in self.library if self._fits(e.type, t)]
                words = self.known["value", t]
                if words and self.draw(st.booleans()):
                    return Name(self.draw(st.sampled_from(words)).name)
                names = self._fresh(len(parameters))
                inner = {**scope, **dict(zip(names, parameters, strict=True))}
                return Lambda(names, self.make(result, inner, depth - 1))
            case TypeConstructor("tuple", items):
                word_name = "tuple.pair" if len(items) == 2 else "tuple.triple"
                return Application(Name(word_name), tuple(self.make(i, scope, depth - 1) for i in items))
            case TypeConstructor("option", (item,)):
                if self.draw(st.booleans()):
                    return Name("option.none")
                return Application(Name("option.some"), (self.make(item, scope, depth - 1),))
            case TypeConstructor("list", (item,)) if not _spelled(item):
                return self._cons(item, scope, depth)
            case _ if depth > 0 and isinstance(t, TypeConstructor) and t.name == "list" and self.draw(st.booleans()):
                return self._cons(t.arguments[0], scope, depth)
        return Literal(self.draw(values(t)))

    def _cons(self, item: Type, scope: Mapping[str, Type], depth: int) -> Program:
        made: Program = Literal(())
        for _ in range(self.draw(st.integers(0, 2))):
            made = Application(Name("list.cons"), (self.make(item, scope, depth - 1), made))
        return made

    def _fresh(self, n: int) -> tuple[str, ...]:
        return tuple(self.draw(st.lists(st.sampled_from(PARAMETERS), min_size=n, max_size=n, unique=True)))

    def _fits(self, declared: Type, t: Type) -> bool:
        if isinstance(declared, TypeConstructor) and (not isinstance(t, TypeConstructor) or declared.name != t.name):
            return False
        return unify(declared, t, {})  # `t` has no variables, so none need renaming

    def _application(self, t: Type, scope: Mapping[str, Type], depth: int) -> Program:
        if ("result", t) not in self.known:
            results = ((e, e.type.result if isinstance(e.type, FunctionType) else e.type) for e in self.library)
            self.known["result", t] = [e for e, result in results if self._fits(result, t)]
        words = self.known["result", t]
        chosen: Entry | None = self.draw(st.sampled_from(words)) if words else None
        if chosen is None:
            return self._constant(t, scope, depth)
        if not isinstance(chosen.type, FunctionType):
            return Name(chosen.name)
        return self._call(Name(chosen.name), self._ground(chosen.type, t), scope, depth)

    def _ground(self, declared: FunctionType, result: Type) -> FunctionType:
        """The word's type where it gives `result`; what that leaves open is drawn."""
        substitution: dict[str, Type] = {}
        assert unify(declared.result, result, substitution)
        new = apply(substitution, declared)
        for variable in type_variables(new):
            substitution[variable.name] = self.draw(_MEETING[variable.constraint])
        made = apply(substitution, new)
        assert isinstance(made, FunctionType)
        return made

    def _call(self, function: Program, t: Type, scope: Mapping[str, Type], depth: int) -> Program:
        assert isinstance(t, FunctionType)
        return Application(function, tuple(self.make(p, scope, depth - 1) for p in t.parameters))

    def _let(self, t: Type, scope: Mapping[str, Type], depth: int) -> Program:
        (name,) = self._fresh(1)
        bound = self.draw(types(1))
        value = self.make(bound, scope, depth - 1)
        return Let(name, value, self.make(t, {**scope, name: bound}, depth - 1))

    def _general_let(self, t: Type, scope: Mapping[str, Type], depth: int) -> Program:
        """A let whose function is used at two types: the identity, or doubling by an overloaded word."""
        function, x, y = self._fresh(3)
        used, other = Variable(function), self.draw(types(1))
        inner = {name: known for name, known in scope.items() if name != function}
        value: Program = Variable(x)
        if isinstance(t, TypeConstructor) and t.name == "list" and "list.concat" in self.library:
            value, other = Application(Name("list.concat"), (Variable(x), Variable(x))), list_of(other)
        first = Application(used, (self.make(t, {**inner, y: other}, depth - 1),))
        second = Application(used, (self.make(other, inner, depth - 1),))
        return Let(function, Lambda((x,), value), Application(Lambda((y,), Application(used, (first,))), (second,)))

    def _redex(self, t: Type, scope: Mapping[str, Type], depth: int) -> Program:
        """A lambda applied on the spot."""
        bound = self.draw(st.lists(types(1), min_size=1, max_size=2))
        function = self._constant_lambda(FunctionType(tuple(bound), t), scope, depth)
        return Application(function, tuple(self.make(b, scope, depth - 1) for b in bound))

    def _constant_lambda(self, t: FunctionType, scope: Mapping[str, Type], depth: int) -> Program:
        names = self._fresh(len(t.parameters))
        inner = {**scope, **dict(zip(names, t.parameters, strict=True))}
        return Lambda(names, self.make(t.result, inner, depth - 1))


_MEETING = {
    "any": types(1),
    "eq": st.sampled_from([t for t in _pool(ATOMS, 1, True) if has_equality(t)]),
    "ordered": st.sampled_from([t for t in _pool(ATOMS, 1, True) if has_order(t)]),
}


def _spelled(t: Type) -> bool:
    """Whether values of a type are literals."""
    return t in ATOMS or (isinstance(t, TypeConstructor) and t.name == "list" and _spelled(t.arguments[0]))
