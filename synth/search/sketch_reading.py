"""From a sketch to its skeleton: types for all parts, and a scope for every hole.

A sketch's words are resolved, so plain unification finds the types (Robinson, "A machine-oriented logic based on the
resolution principle", 1965). What stands for a let's name is read again at each use, in the environment of the let, so
lets need no general types. The sketch is read twice: first to find the types, then to use them.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import assert_never

from dsl.grammar import Production, leaf
from dsl.inference import UNTYPED
from dsl.library import Library
from dsl.program import (
    Application,
    Hole,
    Lambda,
    Let,
    Literal,
    Name,
    Program,
    Variable,
    children,
    holes,
    rebuild,
)
from dsl.type_system import (
    BOOL,
    INT,
    REAL,
    TEXT,
    FunctionType,
    Substitution,
    Type,
    TypeConstructor,
    TypeVariable,
    apply,
    instantiate,
    list_of,
    show_type,
    type_variables,
    unify,
)
from dsl.values import conforms
from synth.pcfg import parameter, variable
from synth.search.schedule import SCALARS, scope_key
from synth.search.scope import TOP, ScopeKey
from synth.search.skeleton import Abbreviation, Body, Call, Called, Gap, Leaf, Part, Skeleton, Space, type_of
from synth.search.sketch_values import Around, Bindings, Parameter, Value, is_fixed, is_function, is_parameter

__all__ = ["Unfillable", "skeleton_of"]

_MOST_PARTS = 2_000
"""Parts of a skeleton; lets within lets could make it huge."""


class Unfillable(Exception):  # noqa: N818 - no error of the user's: a sketch that the search has no way to fill
    """A sketch that is not of the type asked for, or that needs what scopes do not have."""


def skeleton_of(sketch: Lambda, library: Library, request: FunctionType, *, spare: bool = False) -> Skeleton:
    """The skeleton of a sketch over a task's parameters.

    Lambdas get the scopes that the search itself would give them; with `spare`, one that may build lists where a hole
    inside needs it. Raises Unfillable.
    """
    if len(sketch.parameters) != len(request.parameters):
        raise Unfillable(f"expected a sketch of {len(request.parameters)} parameters, found {len(sketch.parameters)}")
    body = _with_holes_apart(sketch.body)
    named = Counter(hole.name for hole in holes(body) if hole.name)
    top = {n: Parameter(n, t) for n, t in zip(sketch.parameters, request.parameters, strict=True)}
    reader = _Reader(library, named, spare)
    reader.part(body, top, (), request.result)
    reader = replace(reader, fresh=_fresh(), spaces={}, abbreviations={}, count=0)
    root = reader.part(body, top, (), request.result)
    spaces = tuple(Space(_innermost(found.around), reader.ground(found.type)) for found in reader.spaces.values())
    skeleton = Skeleton(root, spaces, tuple(reader.abbreviations.values()))
    _check(skeleton)
    return skeleton


def _check(skeleton: Skeleton) -> None:
    """Refuse functions as items of lists, as results, as arguments of functions, and the like: they have no cells."""
    types = [space.type for space in skeleton.spaces]
    shared = [abbreviation.type for abbreviation in skeleton.abbreviations]
    shared += [type_of(given) for part in skeleton.parts if isinstance(part, Called) for given in part.arguments]
    if any(isinstance(t, FunctionType) for t in shared):
        raise Unfillable("expected values where a hole sees what a name stands for, found a function")
    for part in skeleton.parts:
        if isinstance(part, Call) and isinstance(part.production.result, FunctionType):
            raise Unfillable(f"expected functions that are written out, found one that {part.production.key} yields")
        match part:
            case Leaf(production) | Call(production):
                types += [*production.parameters, production.result]
            case _:
                types.append(part.type)
    found = [
        t for t in types if not all(map(_is_plain, (*t.parameters, t.result) if isinstance(t, FunctionType) else (t,)))
    ]
    if found:
        raise Unfillable(f"expected functions only where words take them, found {show_type(found[0])}")


def _is_plain(t: Type) -> bool:
    return isinstance(t, TypeConstructor) and all(map(_is_plain, t.arguments))


def _fresh() -> Iterator[str]:
    return (f"~{number}" for number in itertools.count())


def _with_holes_apart(sketch: Program) -> Program:
    """The sketch with a node of its own for each hole, so that a hole is known by its node."""
    if isinstance(sketch, Hole):
        return Hole(sketch.name, sketch.type)
    return rebuild(sketch, tuple(map(_with_holes_apart, children(sketch))))


def _innermost(around: Around) -> ScopeKey:
    return around[-1][0] if around else TOP


@dataclass(frozen=True, slots=True)
class _Space:
    number: int
    type: Type
    around: Around


@dataclass(slots=True)
class _Reader:
    """One reading. `named` counts the holes of each name."""

    library: Library
    named: Counter[str]
    spare: bool
    fresh: Iterator[str] = field(default_factory=_fresh)
    items: Iterator[int] = field(default_factory=itertools.count)
    """Numbers for what only the first reading asks: the second must meet the same variables in `fresh`."""
    substitution: Substitution = field(default_factory=dict)
    spaces: dict[str | int, _Space] = field(default_factory=dict)
    abbreviations: dict[Program, Abbreviation] = field(default_factory=dict)
    count: int = 0

    def part(self, p: Program, bindings: Bindings, around: Around, wanted: Type) -> Part:
        """A node that must have a type, as a part of the skeleton."""
        self.count += 1
        if self.count > _MOST_PARTS:
            raise Unfillable(
                f"expected a sketch of at most {_MOST_PARTS} parts, its lets written out, found a larger one"
            )
        match p:
            case Hole(_, t):
                found = self._new() if t == UNTYPED else t
                self._equate(found, wanted)
                return self._hole(p, bindings, around, found)
            case Literal(value):
                return Leaf(leaf(p, self._literal(value, wanted), 1.0))
            case Variable(name):
                match bindings.get(name):
                    case Parameter(known, t):
                        self._equate(t, wanted)
                        return Leaf(variable(known, self.ground(t)))
                    case Value(program, inside, outside):
                        return self.part(program, inside, outside, wanted)
                raise Unfillable(f"expected a sketch over the task's parameters, found the variable {name!r}")
            case Name(word):
                return self._name(p, self._type_of(word), around, wanted)
            case Lambda(parameters, body):
                return self._function(parameters, body, bindings, around, wanted)
            case Let(name, value, body):
                return self._bind((name,), (Value(value, bindings, around),), body, bindings, around, wanted)
            case Application(function, arguments):
                given = tuple(Value(argument, bindings, around) for argument in arguments)
                return self._application(Value(function, bindings, around), given, around, wanted, direct=True)
        assert_never(p)

    def ground(self, t: Type) -> Type:
        """A type as found; what nothing decides is int."""
        found = apply(self.substitution, t)
        return apply({v.name: INT for v in type_variables(found)}, found)

    # ---- types ---------------------------------------------------------------------------------------------------

    def _equate(self, found: Type, wanted: Type) -> None:
        if not unify(found, wanted, self.substitution):
            raise Unfillable(
                f"expected a sketch whose types fit, found {show_type(found)} where {show_type(wanted)} is wanted"
            )

    def _new(self) -> TypeVariable:
        return TypeVariable(next(self.fresh))

    def _type_of(self, word: str) -> Type:
        if word not in self.library.entries:
            raise Unfillable(f"expected words of the task's library, found {word!r}")
        return instantiate(self.library[word].type, self.fresh)

    def _literal(self, value: object, wanted: Type) -> Type:
        """The type of a constant: what is wanted, where that is known and right."""
        known = apply(self.substitution, wanted)
        if type_variables(known) or isinstance(known, FunctionType) or not conforms(value, known):
            self._equate(self._guess(value), wanted)
        return self.ground(wanted)

    def _guess(self, value: object) -> Type:
        match value:
            case bool():
                return BOOL
            case int():
                return INT
            case float():
                return REAL
            case str():
                return TEXT
            case tuple():
                item: Type = TypeVariable(f"~item {next(self.items)}")
                for part in value:
                    self._equate(self._guess(part), item)
                return list_of(item)
        raise Unfillable(f"expected a constant whose type is plain, found {value!r}")

    # ---- functions and names -------------------------------------------------------------------------------------

    def _name(self, p: Name, t: Type, around: Around, wanted: Type) -> Part:
        """A word that stands as a value; a function is written out."""
        if isinstance(t, FunctionType):
            names = tuple(map(str, range(len(t.parameters))))
            return self._function(names, Application(p, tuple(map(Variable, names))), {}, around, wanted)
        self._equate(t, wanted)
        return Leaf(Production(p, (), self.ground(t), 1.0, p.name))

    def _function(
        self, names: tuple[str, ...], body: Program, bindings: Bindings, around: Around, wanted: Type
    ) -> Body:
        t = FunctionType(tuple(self._new() for _ in names), self._new())
        self._equate(t, wanted)
        found = self._ground_function(t)
        key = scope_key(found, _innermost(around))
        if self.spare and any(self._builds_lists(hole.type) for hole in holes(body)):
            key = replace(key, structured=True)
        numbered = enumerate(zip(names, t.parameters, strict=True))
        inside = {**bindings, **{name: Parameter(key.parameter(i), p) for i, (name, p) in numbered}}
        return Body(found, key, self.part(body, inside, (*around, (key, names)), t.result))

    @staticmethod
    def _builds_lists(t: Type) -> bool:
        return (t.result if isinstance(t, FunctionType) else t) not in SCALARS

    def _hole(self, hole: Hole, bindings: Bindings, around: Around, t: Type) -> Part:
        """A hole that stands for itself; a function that sees lets is written out, to be given their values."""
        seen = self._seen(hole, bindings)
        if not seen:
            return self._gap(hole, around, t)
        if not isinstance(t, FunctionType):
            return self._call_gap(hole, seen, (), around, (), t)
        key = scope_key(self._ground_function(t), _innermost(around))
        given = tuple(Leaf(parameter(key.parameter(i), self.ground(p), i)) for i, p in enumerate(t.parameters))
        return Body(self._ground_function(t), key, self._call_gap(hole, seen, given, around, t.parameters, t.result))

    def _call_gap(
        self,
        hole: Hole,
        seen: tuple[Value, ...],
        given: tuple[Part, ...],
        around: Around,
        types: tuple[Type, ...],
        result: Type,
    ) -> Part:
        """What fills a hole is a function of the lets that it sees, and of what it is given."""
        known = tuple(value.seen for value in seen if value.seen is not None)
        if not known and not given:
            return self._gap(hole, around, result)
        parts = tuple(self.part(v.program, v.bindings, v.around, t) for v, t in zip(seen, known, strict=True))
        function = self._gap(hole, around, FunctionType((*known, *types), result))
        return Called(function, (*parts, *given), self.ground(result))

    def _seen(self, hole: Hole, bindings: Bindings) -> tuple[Value, ...]:
        """The lets that a hole sees and that are no abbreviations. Holes of one name see lambdas' parameters only."""
        if self.named[hole.name] > 1:
            return ()
        return tuple(value for value in bindings.values() if isinstance(value, Value) and value.seen is not None)

    def _gap(self, hole: Hole, around: Around, t: Type) -> Gap:
        """The gap of a hole. What fills several holes of one name may use what all of them see."""
        key = hole.name or id(hole)
        found = self.spaces.get(key)
        if found is None:
            found = self.spaces[key] = _Space(len(self.spaces), t, around)
        else:
            self._equate(t, found.type)
            self.spaces[key] = replace(found, around=_shared(found.around, around))
        return Gap(found.number, self.ground(t))

    def _ground_function(self, t: FunctionType) -> FunctionType:
        found = self.ground(t)
        assert isinstance(found, FunctionType), "a function's type stays one"
        return found

    # ---- applications and lets -----------------------------------------------------------------------------------

    def _application(
        self, function: Value, given: tuple[Value, ...], around: Around, wanted: Type, direct: bool
    ) -> Part:
        """A function applied; it stands there itself (`direct`), or is what a let's name stands for."""
        bindings = function.bindings
        match function.program:
            case Name(word) as head:
                t = self._type_of(word)
                if not isinstance(t, FunctionType) or len(t.parameters) != len(given):
                    raise Unfillable(f"expected {word!r} with all its arguments, found {len(given)}")
                self._equate(t.result, wanted)
                parts = self._arguments(given, t.parameters)
                found = self._ground_function(t)
                return Call(Production(head, found.parameters, found.result, 1.0, word), parts)
            case Lambda(names, body) if len(names) == len(given):
                return self._bind(names, given, body, bindings, function.around, wanted)
            case Let(name, value, body):
                inner = {**bindings, name: Value(value, bindings, function.around)}
                return self._application(Value(body, inner, function.around), given, around, wanted, direct)
            case Variable(name) if isinstance(bound := bindings.get(name), Value):
                return self._application(bound, given, around, wanted, direct=False)
            case Hole(_, FunctionType() as t) as hole if len(t.parameters) == len(given):
                return self._call_hole(hole, t, given, function, wanted, direct)
            case Variable(name) if name in bindings:
                raise Unfillable(f"expected functions that words are given, found calls of the parameter {name!r}")
        raise Unfillable("expected a word, a lambda or a hole where something is applied")

    def _arguments(self, given: tuple[Value, ...], types: tuple[Type, ...]) -> tuple[Part, ...]:
        """Arguments of a call; lambdas last, since the types of their parameters come from the others."""
        found: dict[int, Part] = {}
        for last in (False, True):
            for i, (value, t) in enumerate(zip(given, types, strict=True)):
                if is_function(value, self.library) is last:
                    found[i] = self.part(value.program, value.bindings, value.around, t)
        return tuple(found[i] for i in range(len(given)))

    def _call_hole(
        self, hole: Hole, t: FunctionType, given: tuple[Value, ...], function: Value, wanted: Type, direct: bool
    ) -> Part:
        """`?f(x)`. Where ?f is used nowhere else it stands for any program, in which the arguments have names."""
        self._equate(t.result, wanted)
        if any(is_function(v, self.library) for v in given):
            raise Unfillable("expected a hole that is given plain values, found one that is given a function")
        parts, seen = self._arguments(given, t.parameters), self._seen(hole, function.bindings)
        plain = all(is_parameter(v) or is_fixed(v) for v in given)
        if not direct or not plain or self.named[hole.name] > 1:
            return self._call_gap(hole, seen, parts, function.around, t.parameters, t.result)
        for value, p in zip(given, t.parameters, strict=True):
            self._abbreviate(value, p)
        return self._call_gap(hole, seen, (), function.around, (), t.result)

    def _bind(
        self,
        names: tuple[str, ...],
        given: tuple[Value, ...],
        body: Program,
        bindings: Bindings,
        around: Around,
        wanted: Type,
    ) -> Part:
        """A body in which names stand for values: they are put in, and holes that see the names are told of them."""
        open_ = next(holes(body), None) is not None
        bound = {name: self._told(value) if open_ else value for name, value in zip(names, given, strict=True)}
        return self.part(body, {**bindings, **bound}, around, wanted)

    def _told(self, value: Value) -> Value:
        """A value whose name holes see: as an abbreviation, or as an argument; of functions they see nothing."""
        if is_function(value, self.library):
            return value
        t = self._new()
        if not is_fixed(value):
            return replace(value, seen=t)
        self._abbreviate(value, t)
        return value

    def _abbreviate(self, value: Value, t: Type) -> None:
        """Give a part that is the same for all fillings a name that these may use."""
        part = self.part(value.program, value.bindings, value.around, t)
        if not isinstance(part, Leaf):
            self.abbreviations.setdefault(value.program, Abbreviation(self.ground(t), part))


def _shared(one: Around, other: Around) -> Around:
    """The lambdas around both of two places; lambdas with one type and the same names count as one."""
    pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return tuple(a for a, _ in pairs)
