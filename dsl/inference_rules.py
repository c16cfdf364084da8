"""The rules of type inference: what `dsl.inference` does at each node, and how overloaded words are decided.

Milner, "A theory of type polymorphism in programming" (1978), with generalising `let`; an overloaded word waits until
the types around it leave one candidate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from dsl.errors import ValueProblem
from dsl.library import Entry, Library
from dsl.operators import OPERATORS, operator_candidates
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable
from dsl.type_errors import Role, TypeErrors
from dsl.type_system import BOOL, INT, REAL, TEXT, FunctionType, Type, TypeConstructor, TypeVariable, list_of
from dsl.unifier import Unifier
from dsl.values import INT_MAX, INT_MIN

__all__ = ["UNTYPED", "Inference", "Resolution", "places_of_arguments"]

UNTYPED = TypeVariable("?")
"""The type of a hole that has no annotation, before inference."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What inference found, by place: the word at each place that names one, the type of each hole.

    `told` are the places where the types left several words and the caller had to say which was meant.
    """

    type: Type
    words: Mapping[int, str]
    holes: Mapping[int, Type]
    told: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Scheme:
    """The type of a let-bound name: the variables in `general` are new at every use."""

    type: Type
    general: frozenset[str]


_Environment: TypeAlias = dict[str, Type | _Scheme]


@dataclass(slots=True)
class _Use:
    """A use of an overloaded word, not decided yet: where, what is left, the type it is used at."""

    place: int
    node: Program
    candidates: tuple[Entry, ...]
    type: Type
    seen: int
    """The unifier's mark when the candidates were last filtered."""


@dataclass(slots=True)
class Inference:
    """One inference over a library.

    `tell` is asked for the qualified word where the types leave several: at the end of the program, or, with `early`,
    at the end of each let's value, so that the let is as general as it would be with its words written in full.
    """

    library: Library
    tell: Callable[[int], str] | None
    early: bool = False
    unifier: Unifier = field(default_factory=Unifier)
    words: dict[int, str] = field(default_factory=dict)
    holes: dict[int, Type] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)
    _named_holes: dict[str, tuple[Type, Hole]] = field(default_factory=dict)
    _annotated: dict[str, Type] = field(default_factory=dict)
    _waiting: list[_Use] = field(default_factory=list)
    _errors: TypeErrors = field(init=False)

    def __post_init__(self) -> None:
        self._errors = TypeErrors(self.unifier, self.library)

    def run(self, program: Program, expected: Type | None, variables: Mapping[str, Type]) -> Resolution:
        """Infer the whole program, decide every overloaded word, name the type variables left open."""
        unifier = self.unifier
        environment: _Environment = {name: unifier.rigid(t) for name, t in variables.items()}
        wanted = None if expected is None else unifier.rigid(expected)
        self._annotated = {name: TypeConstructor(name) for name in unifier.rigid_names}
        found = self._visit(program, 0, environment, wanted, None)
        self._settle()
        while self._waiting:
            self._ask(self._waiting)
        places = sorted(self.holes)
        letters = unifier.letters([found, *(self.holes[place] for place in places)])
        return Resolution(
            unifier.final(found, letters),
            self.words,
            {place: unifier.final(self.holes[place], letters) for place in places},
            frozenset(self.told),
        )

    # ---- one node ---------------------------------------------------------------------------------------------------

    def _visit(self, p: Program, place: int, scope: _Environment, expected: Type | None, role: Role | None) -> Type:
        """The type of a node; made equal to `expected` where that is given (`role` says who expects it)."""
        unifier = self.unifier
        match p:
            case Application(function):
                if isinstance(function, Name) or (isinstance(function, Variable) and function.name not in scope):
                    candidates = self._candidates(function, scope)
                    if len(candidates) > 1:
                        return self._overloaded(p, place, scope, candidates, expected)
                    self.words[place + 1] = candidates[0].name
                    declared = unifier.instantiate(candidates[0].type)
                else:
                    declared = self._visit(function, place + 1, scope, None, None)
                return self._call(p, place, scope, declared, expected, role)
            case Lambda(parameters, body):
                wanted = None if expected is None else unifier.head(expected)
                if isinstance(wanted, FunctionType) and len(wanted.parameters) == len(parameters):
                    inner = {**scope, **dict(zip(parameters, wanted.parameters, strict=True))}
                    self._visit(body, place + 1, inner, wanted.result, role and role.of_body())
                    return wanted
                types = tuple([unifier.fresh() for _ in parameters])
                inner = {**scope, **dict(zip(parameters, types, strict=True))}
                found: Type = FunctionType(types, self._visit(body, place + 1, inner, None, None))
            case Let(name, value, body):
                bound = self._visit(value, place + 1, scope, None, None)
                self._settle()
                while self.early and (inside := self._waiting_in(place + 1, value.size)):
                    self._ask(inside)
                inner = {**scope, name: self._generalise(bound, scope)}
                return self._visit(body, place + 1 + value.size, inner, expected, role)
            case Literal(value):
                found = self._literal(value, p)
            case Variable(name) if name in scope:
                found = self._bound(scope[name])
            case Variable() | Name():
                found = self._word(p, place, scope, expected)
            case Hole():
                found = self._hole(p, place)
            case _:
                assert_never(p)
        if expected is not None:
            self._equal(expected, found, p, role)
        return found

    def _equal(self, expected: Type, found: Type, p: Program, role: Role | None) -> None:
        """Make a part's type equal to what its place expects, or raise."""
        mark = self.unifier.mark()
        if not self.unifier.unify(expected, found):
            self.unifier.undo(mark)
            raise self._errors.mismatch(expected, found, p, role)

    def _bound(self, known: Type | _Scheme) -> Type:
        if isinstance(known, _Scheme):
            return self.unifier.replace(known.type, known.general, {})
        return known

    def _generalise(self, t: Type, scope: _Environment) -> Type | _Scheme:
        """Make the type of a let general in what nothing else has a say in (undecided words and holes do)."""
        unifier = self.unifier
        free = set(unifier.free(t))
        if not free:
            return t
        fixed = [known for known in scope.values() if not isinstance(known, _Scheme)]
        fixed += [use.type for use in self._waiting]
        fixed += self.holes.values()
        fixed += self._annotated.values()
        for other in fixed:
            free.difference_update(unifier.free(other))
        for known in scope.values():
            if isinstance(known, _Scheme):
                free.difference_update(set(unifier.free(known.type)) - known.general)
        return _Scheme(t, frozenset(free)) if free else t

    def _hole(self, p: Hole, place: int) -> Type:
        unifier = self.unifier
        found = unifier.fresh() if p.type == UNTYPED else unifier.instantiate(p.type, self._annotated)
        self.holes[place] = found
        if p.name:
            earlier, first = self._named_holes.setdefault(p.name, (found, p))
            mark = unifier.mark()
            if not unifier.unify(earlier, found):
                unifier.undo(mark)
                raise self._errors.hole(p, first, earlier, found)
        return found

    def _literal(self, value: object, p: Literal) -> Type:
        match value:
            case bool():
                return BOOL
            case int():
                if not INT_MIN <= value <= INT_MAX:
                    raise ValueProblem(
                        f"expected an int of 64 bits, found {_short(value)}",
                        span=p.span,
                        hint=f"ints lie between {INT_MIN} and {INT_MAX}",
                    )
                return INT
            case float():
                if not math.isfinite(value):
                    raise ValueProblem(f"expected a finite real, found {value!r}", span=p.span)
                return REAL
            case str():
                return TEXT
            case tuple():
                return list_of(self._items(value, p))
        raise ValueProblem(f"expected an int, bool, real, text or list, found {value!r}", span=p.span)

    def _items(self, values: tuple[object, ...], p: Literal) -> Type:
        if values and set(map(type, values)) == {int}:
            self._literal(min(values), p)  # type: ignore[type-var]
            return self._literal(max(values), p)  # type: ignore[type-var]
        item: Type = self.unifier.fresh()
        for value in values:
            found = self._literal(value, p)
            mark = self.unifier.mark()
            if not self.unifier.unify(item, found):
                self.unifier.undo(mark)
                raise self._errors.mixed_list(item, found, p)
        return item

    # ---- words ------------------------------------------------------------------------------------------------------

    def _candidates(self, p: Name | Variable, scope: _Environment) -> tuple[Entry, ...]:
        name = p.name.removeprefix(".")
        found = operator_candidates(name, self.library) if name in OPERATORS else self.library.candidates(name)
        if not found:
            raise self._errors.unknown(name, p, scope)
        return found

    def _word(self, p: Name | Variable, place: int, scope: _Environment, expected: Type | None) -> Type:
        """A word that stands as a value."""
        candidates = self._candidates(p, scope)
        if len(candidates) == 1:
            self.words[place] = candidates[0].name
            return self.unifier.instantiate(candidates[0].type)
        use = _Use(place, p, candidates, self.unifier.fresh() if expected is None else expected, -1)
        if not self._narrow(use):
            self._waiting.append(use)
        return use.type

    def _overloaded(
        self, p: Application, place: int, scope: _Environment, candidates: tuple[Entry, ...], expected: Type | None
    ) -> Type:
        """A word of several meanings applied.

        Arguments first, and of these functions last, since the types of their parameters come from the others.
        """
        unifier = self.unifier
        result = unifier.fresh() if expected is None else expected
        places, types = places_of_arguments(p, place), [unifier.fresh() for _ in p.arguments]
        use = _Use(place + 1, p, candidates, FunctionType(tuple(types), result), -1)
        decided = False
        for last in (False, True):
            for position, argument in enumerate(p.arguments):
                if isinstance(argument, Lambda) is last:
                    self._visit(argument, places[position], scope, types[position], Role(position, p.function))
            decided = decided or self._narrow(use)
        if not decided:
            self._waiting.append(use)
        return result

    def _call(
        self, p: Application, place: int, scope: _Environment, declared: Type, expected: Type | None, role: Role | None
    ) -> Type:
        """A function of known type applied: arguments against parameters, the result against what is expected."""
        unifier = self.unifier
        declared = unifier.head(declared)
        if isinstance(declared, TypeVariable):
            shape = FunctionType(tuple([unifier.fresh() for _ in p.arguments]), unifier.fresh())
            fits = unifier.unify(declared, shape)
            declared = shape if fits else declared
        if not isinstance(declared, FunctionType) or len(declared.parameters) != len(p.arguments):
            raise self._errors.arity(p, declared)
        mark = unifier.mark()
        early = expected is not None and unifier.unify(declared.result, expected)
        if not early:
            unifier.undo(mark)
        places = places_of_arguments(p, place)
        for last in (False, True):
            for position, argument in enumerate(p.arguments):
                if isinstance(argument, Lambda) is last:
                    parameter = declared.parameters[position]
                    self._visit(argument, places[position], scope, parameter, Role(position, p.function))
        if expected is not None and not early:
            self._equal(expected, declared.result, p, role)
        return declared.result

    # ---- overloading ------------------------------------------------------------------------------------------------

    def _narrow(self, use: _Use) -> bool:
        """Drop the candidates that cannot be meant; take the last one left. True if that decided it."""
        unifier = self.unifier
        if use.seen == unifier.mark():
            return False
        left = tuple([entry for entry in use.candidates if self._may_be(entry, use.type)])
        if not left:
            raise self._errors.no_candidate(use.node, use.candidates, use.type)
        if len(left) == 1:
            fits = unifier.unify(unifier.instantiate(left[0].type), use.type)
            assert fits, "a candidate that may be meant can be taken"
            self.words[use.place] = left[0].name
            return True
        use.candidates = left
        if isinstance(use.type, FunctionType) and (common := _common_result(left)) is not None:
            fits = unifier.unify(common, use.type.result)
            assert fits, "every candidate left has this result"
        use.seen = unifier.mark()
        return False

    def _may_be(self, entry: Entry, t: Type) -> bool:
        unifier = self.unifier
        return unifier.may_fit(entry.type, t) and unifier.fits(unifier.instantiate(entry.type), t)

    def _settle(self) -> None:
        """Decide what can be decided, until nothing more can."""
        before = -1
        while self._waiting and before != self.unifier.mark():
            before = self.unifier.mark()
            self._waiting = [use for use in self._waiting if not self._narrow(use)]

    def _waiting_in(self, place: int, size: int) -> list[_Use]:
        """The words still open in the part of the program that starts at a place."""
        return [use for use in self._waiting if place <= use.place < place + size]

    def _ask(self, uses: list[_Use]) -> None:
        """Decide the first of some words still open as the caller says, or raise for it; then what that decides."""
        use = min(uses, key=lambda use: use.place)
        if self.tell is None:
            raise self._errors.ambiguous(use.node, use.candidates, use.type)
        meant = self.tell(use.place)
        entry = next((entry for entry in use.candidates if entry.name == meant), None)
        if entry is None:
            raise self._errors.ambiguous(use.node, use.candidates, use.type)
        self.unifier.unify(self.unifier.instantiate(entry.type), use.type)
        self.words[use.place] = meant
        self.told.add(use.place)
        self._waiting.remove(use)
        self._settle()


def _short(value: int) -> str:
    """An int's digits; huge ones by their length, since Python refuses to print them."""
    return str(value) if value.bit_length() < 200 else f"one of {value.bit_length()} bits"


def places_of_arguments(p: Application, place: int) -> list[int]:
    """The places of an application's arguments, given its own."""
    places = []
    at = place + 1 + p.function.size
    for argument in p.arguments:
        places.append(at)
        at += argument.size
    return places


def _common_result(candidates: tuple[Entry, ...]) -> TypeConstructor | None:
    """The plain result type (`int`, `bool`) that all candidates have, if there is one."""
    found: TypeConstructor | None = None
    for entry in candidates:
        result = entry.type.result if isinstance(entry.type, FunctionType) else None
        if not isinstance(result, TypeConstructor) or result.arguments or (found is not None and found != result):
            return None
        found = result
    return found
