"""Names put in where definitions occur in programs; `synth.learn.inlining` undoes it.

It works on trees with names, so that what is left alone stays as a person wrote it. A parameter that is called with
variables that the definition binds, as `f` in `map(lambda x: f(x), xs)`, may stand for any expression over these
(Miller, "A logic programming language with lambda-abstraction, function variables, and simple unification", 1991).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, assert_never

from dsl.errors import DslError
from dsl.inference import UNTYPED, resolve
from dsl.library import Definition, Library
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
    free_variables,
    rebuild,
)
from dsl.type_system import Type
from synth.learn.forms import LAZY, called
from synth.learn.inlining import applied, inline, over, same, substituted
from synth.learn.patterns import is_harmless, surely_run

__all__ = ["Rewriting", "rewrite"]


@dataclass(frozen=True, slots=True)
class Rewriting:
    """Definitions ready to be found in programs."""

    definitions: tuple[Definition, ...]
    words: Library
    _patterns: tuple[_Pattern, ...]

    @classmethod
    def of(cls, definitions: Iterable[Definition], library: Library) -> Rewriting:
        """`library` has all words that the definitions are made of, and may have the definitions."""
        known = tuple(definitions)
        words = library.extend(*(d for d in known if d.name not in library))
        patterns = (_Pattern.of(d, inline(d.program, known), words) for d in known)
        return cls(known, words, tuple(pattern for pattern in patterns if pattern is not None))

    def __call__(self, program: Program, *, expected: Type | None = None) -> Program:
        """The smallest program (by leaves, then nodes) that says the same by the definitions' names, of the same type.

        Putting the definitions in again (`inline`) gives the program back, but for the names of bound variables. A call
        runs all its arguments; so where a definition may leave one unrun, only a program that cannot fail is taken out
        of it.
        """
        plain = inline(program, self.definitions)
        t = expected or _type(plain, self.words)
        if t is None or not self._patterns:
            return plain
        return _rewritten(_distinct(plain), self._patterns, lambda p: _type(p, self.words, t) is not None)


def rewrite(
    program: Program, definitions: Iterable[Definition], library: Library, *, expected: Type | None = None
) -> Program:
    """The program written with the names of definitions where they occur in it; see `Rewriting`."""
    return Rewriting.of(definitions, library)(program, expected=expected)


def _type(program: Program, library: Library, expected: Type | None = None) -> Type | None:
    try:
        return resolve(program, library, expected=expected).type
    except DslError:
        return None


_Use: TypeAlias = tuple[int, str]
"""A definition used in place of a node: the node's identity, and the definition's name."""


def _rewritten(program: Program, patterns: Sequence[_Pattern], typed: Callable[[Program], bool]) -> Program:
    """A program, no node of which stands at two places, rewritten; uses that are ill-typed are left out.

    A definition may be less general than its body: one for lists of numbers occurs in programs on other lists.
    """
    refused: frozenset[_Use] = frozenset()
    while True:
        found = _Rewriter(patterns, refused).whole(program)
        if not found.uses:
            return program
        if typed(found.program):
            return found.program
        bad = {use for use in found.uses if not typed(_alone(program, patterns, use))}
        if not bad:  # each is well-typed, and all together are not
            bad = {min(found.uses, key=lambda use: use[1])}
        refused |= bad


def _alone(program: Program, patterns: Sequence[_Pattern], use: _Use) -> Program:
    return _Rewriter(patterns, only=use).whole(program).program


def _distinct(p: Program) -> Program:
    """The program with a node of its own at each place."""
    parts = children(p)
    return rebuild(p, tuple(map(_distinct, parts))) if parts else replace(p)


@dataclass(frozen=True, slots=True)
class _Made:
    """A program, how much there is to write in it, and the definitions used: (leaves, nodes) is what is made small."""

    program: Program
    weight: tuple[int, int]
    uses: frozenset[_Use] = frozenset()


@dataclass(slots=True)
class _Rewriter:
    """Finds the smallest way to write a program without the uses that are refused, or the way with only one use.

    What is found is kept by the identity of the node, with the node, so that its identity stays its own.
    """

    patterns: Sequence[_Pattern]
    refused: frozenset[_Use] = frozenset()
    only: _Use | None = None
    _known: dict[int, tuple[Program, _Made]] = field(default_factory=dict)

    def whole(self, program: Program) -> _Made:
        """A whole program; its outermost lambda stays."""
        if isinstance(program, Lambda):
            body = self.best(program.body)
            return replace(body, program=replace(program, body=body.program))
        return self.best(program)

    def best(self, p: Program) -> _Made:
        """The smallest way to write a node; of two of one size, the one with more definitions."""
        known = self._known.get(id(p))
        if known is None:
            known = self._known[id(p)] = (p, self._best(p))
        return known[1]

    def _best(self, p: Program) -> _Made:
        kept = self._with_parts(p)
        for pattern in self.patterns:
            use = (id(p), pattern.name)
            if use in self.refused or self.only not in (None, use):
                continue
            values = pattern.values(p)
            if values is None:
                continue
            arguments = [self.best(value) for value in values]
            program = called(pattern.name, [a.program for a in arguments])
            used = frozenset({use}).union(*(a.uses for a in arguments))
            made = _Made(program, _weight([a.weight for a in arguments], called=True), used)
            if self.only is not None or made.weight <= kept.weight:
                kept = made
        return kept

    def _with_parts(self, p: Program) -> _Made:
        """The node over its parts, written small; a lambda that only passes its parameters on is what it calls."""
        match p:
            case Application(Lambda() as function, arguments):  # stays one: a name applied would be inlined further
                parts = [self._over_best(function), *map(self.best, arguments)]
            case _:
                parts = list(map(self.best, children(p)))
        made = self._joined(p, parts)
        own = {pattern.name for pattern in self.patterns}
        match made.program:
            case Lambda(parameters, Application(Name(name) as word, passed)) if name in own:
                return _Made(word, (1, 1), made.uses) if passed == tuple(map(Variable, parameters)) else made
            case _:
                return made

    def _over_best(self, p: Program) -> _Made:
        return self._joined(p, list(map(self.best, children(p))))

    def _joined(self, p: Program, parts: Sequence[_Made]) -> _Made:
        uses: frozenset[_Use] = frozenset().union(*(part.uses for part in parts))
        return _Made(over(p, [part.program for part in parts]), _weight([part.weight for part in parts]), uses)


def _weight(parts: Sequence[tuple[int, int]], *, called: bool = False) -> tuple[int, int]:
    """The weight of a node over parts; with `called`, of a name applied to them."""
    leaves, nodes = sum(leaves for leaves, _ in parts), sum(nodes for _, nodes in parts)
    if called or not parts:
        return leaves + 1, nodes + 1 + bool(parts)
    return leaves, nodes + 1


# ---- occurrences ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A definition to be found in programs: its body, whose free variables are the parameters.

    `run` are the parameters that are run whenever the body is.
    """

    name: str
    parameters: tuple[str, ...]
    body: Program
    run: frozenset[str]
    library: Library

    @classmethod
    def of(cls, definition: Definition, program: Program, library: Library) -> _Pattern | None:
        """The pattern of a definition that stands for a program; None where no program says which arguments it had."""
        parameters: tuple[str, ...] = ()
        body = program
        if isinstance(program, Lambda) and program.parameters:
            parameters, body = program.parameters, program.body
        if isinstance(body, Variable) or not free_variables(body) >= set(parameters):
            return None
        gaps = {parameter: Hole(parameter, UNTYPED) for parameter in parameters}
        return cls(definition.name, parameters, body, surely_run(substituted(body, gaps), library), library)

    def values(self, subject: Program) -> list[Program] | None:
        """The arguments with which the definition stands for a program, if it may; None if it may not."""
        found = _Found()
        if not found.fits(self.body, subject, ()):
            return None
        values = [found.values[parameter] for parameter in self.parameters]
        safe = (
            parameter in self.run or is_harmless(value, self.library)
            for parameter, value in zip(self.parameters, values, strict=True)
        )
        return values if all(safe) else None


_Bound: TypeAlias = tuple[tuple[str, str], ...]
"""Variables that a pattern binds, each with the one that the subject binds there; the innermost last."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What the parameters of a pattern stand for."""

    values: dict[str, Program] = field(default_factory=dict)

    def fits(self, pattern: Program, subject: Program, bound: _Bound) -> bool:
        """Whether a subject is the pattern with programs for its parameters; these are kept."""
        match pattern:
            case Variable(name):
                place = _place(name, bound, 0)
                if place is None:
                    return self._stands_for(name, subject, bound)
                return isinstance(subject, Variable) and _place(subject.name, bound, 1) == place
            case Application(Variable(name), arguments) if (own := _own(name, arguments, bound)) is not None:
                return self._called(name, own, subject, bound)
            case Application(function, arguments):
                if not isinstance(subject, Application) or len(subject.arguments) != len(arguments):
                    return False
                if isinstance(function, Variable) and isinstance(subject.function, Lambda):
                    return False  # inlined, the lambda would be applied
                return all(self.fits(a, b, bound) for a, b in zip(children(pattern), children(subject), strict=True))
            case Lambda(parameters, body):
                if not isinstance(subject, Lambda) or len(subject.parameters) != len(parameters):
                    return False
                return self.fits(body, subject.body, (*bound, *zip(parameters, subject.parameters, strict=True)))
            case Let(name, value, body):
                if not isinstance(subject, Let) or not self.fits(value, subject.value, bound):
                    return False
                return self.fits(body, subject.body, (*bound, (name, subject.name)))
            case Name() | Literal():
                return pattern == subject
            case Hole():
                return False
        assert_never(pattern)

    def _stands_for(self, name: str, subject: Program, bound: _Bound) -> bool:
        """A parameter stands for the subject, unless this uses what is bound inside, or it stands for another one."""
        if not free_variables(subject).isdisjoint(inner for _, inner in bound):
            return False
        known = self.values.setdefault(name, subject)
        return known is subject or same(known, subject)

    def _called(self, name: str, own: tuple[int, ...], subject: Program, bound: _Bound) -> bool:
        """A parameter that is called with variables bound inside, by place, stands for a function of these."""
        parameters = tuple(bound[place][1] for place in own)
        if [_place(parameter, bound, 1) for parameter in parameters] != list(own):
            return False  # another binder hides one of them
        others = {inner for _, inner in bound} - set(parameters)
        if not free_variables(subject).isdisjoint(others):
            return False
        arguments = tuple(map(Variable, parameters))
        if name in self.values:
            return same(applied(self.values[name], arguments), subject)
        self.values[name] = _reduced(Lambda(parameters, subject), arguments)
        return True


def _place(name: str, bound: _Bound, side: int) -> int | None:
    """Which bound variable a name is, on the pattern's side or the subject's; None if it is none."""
    return next((i for i in reversed(range(len(bound))) if bound[i][side] == name), None)


def _own(name: str, arguments: tuple[Program, ...], bound: _Bound) -> tuple[int, ...] | None:
    """The places of a parameter's arguments where these are different variables bound inside; else None."""
    if _place(name, bound, 0) is not None:
        return None
    places = [_place(a.name, bound, 0) if isinstance(a, Variable) else None for a in arguments]
    known = [place for place in places if place is not None]
    return tuple(known) if len(set(known)) == len(arguments) else None


def _reduced(function: Lambda, own: tuple[Program, ...]) -> Program:
    """`lambda x: f(x)` as `f` (eta-reduction), where f is a word that runs its arguments, or a variable."""
    match function.body:
        case Application(Name(name) as word, arguments) if arguments == own and name not in LAZY:
            return word
        case Application(Variable(name) as word, arguments) if arguments == own and name not in function.parameters:
            return word
        case _:
            return function
