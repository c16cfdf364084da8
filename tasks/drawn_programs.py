"""Programs drawn at random over a library, of a wanted size, and what tells a good one: every part of it matters.

Size is counted in *words*, the applications in a program. A draw may be told to call some definitions so many times;
`expanded` then puts their bodies in place of the calls. All randomness comes from the `random.Random` that is given.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dsl.grammar import Grammar, Production, grammar_of
from dsl.library import Definition, Library
from dsl.program import (
    Application,
    Lambda,
    Literal,
    Name,
    Program,
    Variable,
    call,
    children,
    free_variables,
    rebuild,
    walk,
)
from dsl.type_system import BOOL, INT, FunctionType, Type, TypeConstructor
from dsl.values import conforms

__all__ = ["Drawer", "expanded", "has_idle_part", "readable", "reductions", "words_in"]

_LITERALS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -1)
_LITERAL_WEIGHTS = (2.0, 4.0, 4.0, 3.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
_VARIABLE_SHARE = 0.6
"""How often an int leaf is a variable, where there is one, and not a constant."""
_CAPTURED = 0.3
"""How often a lambda's leaf is a variable from outside it, against one of its own."""
_FLATNESS = 0.5
"""The power of a word's weight with which it is drawn: seldom used words are to occur, too."""
_FOR_FUNCTIONS = 3.0
"""How much more often a word is drawn that takes functions; half of these draws have too few words left for one."""
_LETTERS = "xyzuvwabcdefgh"

_Scope = tuple[tuple[str, Type, int], ...]
"""Variables in scope, with their types and how many lambdas are around what binds them."""


@dataclass
class Drawer:
    """Draws programs over a library whose parts have the given types only."""

    library: Library
    types: tuple[Type, ...]
    rng: random.Random
    _grammar: Grammar = field(init=False, repr=False)
    _words: dict[Type, tuple[list[Production], list[float]]] = field(default_factory=dict, repr=False)
    _names: int = 0

    def __post_init__(self) -> None:
        self._grammar = grammar_of(self.library, dict.fromkeys(self.types, 0))

    @property
    def grammar(self) -> Grammar:
        """The words at all choices of the types."""
        return self._grammar

    def draw(
        self, request: FunctionType, words: int, callees: Sequence[Definition] = (), calls: int = 0
    ) -> Lambda | None:
        """A program with exactly so many words, and so many calls of the callees; None where the draw led nowhere.

        Every parameter of the program is used. All bound variables have names of their own, in all programs of one
        drawer.
        """
        parameters = tuple(self._fresh() for _ in request.parameters)
        scope = tuple((name, t, 0) for name, t in zip(parameters, request.parameters, strict=True))
        body = self._draw(request.result, scope, 0, words, calls, callees)
        return Lambda(parameters, body) if body is not None and _uses_all(parameters, body) else None

    def _fresh(self) -> str:
        self._names += 1
        return f"v{self._names}"

    def _draw(
        self, t: Type, scope: _Scope, depth: int, words: int, calls: int, callees: Sequence[Definition]
    ) -> Program | None:
        if not words and not calls:
            return self._leaf(t, scope, depth)
        is_call = self.rng.random() * (words + calls) < calls
        head = self._callee(t, callees) if is_call else self._word(t)
        if head is None:
            return None
        name, parameters = head
        shares = self._shared(parameters, words - (not is_call), calls - is_call)
        if shares is None:
            return None
        arguments: list[Program] = []
        for parameter, (some_words, some_calls) in zip(parameters, shares, strict=True):
            argument = self._argument(parameter, scope, depth, some_words, some_calls, callees)
            if argument is None:
                return None
            arguments.append(argument)
        made = call(name, *arguments)
        return made if free_variables(made) else None  # what constants alone give is a constant

    def _argument(
        self, t: Type, scope: _Scope, depth: int, words: int, calls: int, callees: Sequence[Definition]
    ) -> Program | None:
        if not isinstance(t, FunctionType):
            return self._draw(t, scope, depth, words, calls, callees)
        own = tuple((self._fresh(), p, depth + 1) for p in t.parameters)
        names = tuple(name for name, _, _ in own)
        body = self._draw(t.result, (*scope, *own), depth + 1, words, calls, callees)
        return Lambda(names, body) if body is not None and _uses_any(names, body) else None

    def _callee(self, t: Type, callees: Sequence[Definition]) -> tuple[str, tuple[Type, ...]] | None:
        fitting = [c for c in callees if isinstance(c.type, FunctionType) and c.type.result == t]
        if not fitting:
            return None
        chosen = self.rng.choice(fitting)
        assert isinstance(chosen.type, FunctionType)
        return chosen.name, chosen.type.parameters

    def _word(self, t: Type) -> tuple[str, tuple[Type, ...]] | None:
        if t not in self._words:
            productions = [p for p in self._grammar[t] if p.parameters]
            self._words[t] = productions, list(itertools.accumulate(map(_weight, productions)))
        productions, weights = self._words[t]
        if not productions:
            return None
        (chosen,) = self.rng.choices(productions, cum_weights=weights)
        return chosen.key, chosen.parameters

    def _shared(self, parameters: Sequence[Type], words: int, calls: int) -> list[tuple[int, int]] | None:
        """Words and calls dealt out to arguments; a function or a truth value gets at least one of them."""
        shares = [[0, 0] for _ in parameters]
        items = [0] * words + [1] * calls
        self.rng.shuffle(items)
        needy = [i for i, p in enumerate(parameters) if isinstance(p, FunctionType) or p == BOOL]
        if len(items) < len(needy):
            return None
        for at, item in enumerate(items):
            shares[needy[at] if at < len(needy) else self.rng.randrange(len(parameters))][item] += 1
        return [(some_words, some_calls) for some_words, some_calls in shares]

    def _leaf(self, t: Type, scope: _Scope, depth: int) -> Program | None:
        own = [name for name, of_type, at in scope if of_type == t and at == depth]
        captured = [name for name, of_type, at in scope if of_type == t and at != depth]
        some = captured if captured and (not own or self.rng.random() < _CAPTURED) else own
        if some and (t != INT or self.rng.random() < _VARIABLE_SHARE):
            return Variable(self.rng.choice(some))
        if t == INT:
            return Literal(self.rng.choices(_LITERALS, _LITERAL_WEIGHTS)[0])
        return None


def _weight(production: Production) -> float:
    functions = any(isinstance(p, FunctionType) for p in production.parameters)
    return (_FOR_FUNCTIONS if functions else 1.0) * float(production.weight**_FLATNESS)


def _uses_all(names: Sequence[str], body: Program) -> bool:
    return set(names) <= {node.name for node in walk(body) if isinstance(node, Variable)}


def _uses_any(names: Sequence[str], body: Program) -> bool:
    return any(isinstance(node, Variable) and node.name in names for node in walk(body))


def words_in(program: Program) -> int:
    """The size of a program in words: its applications.

    >>> words_in(Lambda(("xs",), call("list.sort", call("list.reverse", Variable("xs")))))
    2
    """
    return sum(isinstance(node, Application) for node in walk(program))


def has_idle_part(program: Program) -> bool:
    """Whether a program calls a word on constants alone.

    >>> has_idle_part(call("list.take", call("int.add", Literal(1), Literal(2)), Variable("xs")))
    True
    """
    return any(isinstance(node, Application) and not free_variables(node) for node in walk(program))


# ---- definitions put in place ---------------------------------------------------------------------------------------


def expanded(program: Program, definitions: Mapping[str, Definition]) -> Program:
    """The program with every call of a definition replaced by its body, and so on until none is left.

    No bound variable of one definition or program may have the name of one in another, as is so for what one `Drawer`
    has drawn.
    """
    parts = tuple(expanded(part, definitions) for part in children(program))
    if isinstance(program, Application) and isinstance(program.function, Name):
        definition = definitions.get(program.function.name)
        if definition is not None:
            assert isinstance(definition.program, Lambda), "a definition that is called has parameters"
            body = expanded(definition.program.body, definitions)
            return _substituted(body, dict(zip(definition.program.parameters, parts[1:], strict=True)))
    return rebuild(program, parts) if parts else program


def _substituted(p: Program, values: Mapping[str, Program]) -> Program:
    if isinstance(p, Variable):
        return values.get(p.name, p)
    parts = tuple(_substituted(part, values) for part in children(p))
    return rebuild(p, parts) if parts else p


def readable(program: Lambda, parameters: tuple[str, ...]) -> Lambda:
    """The program over parameters of these names, with short names for all other bound variables."""
    letters = tuple(letter for letter in _LETTERS if letter not in parameters)
    names = dict(zip(program.parameters, parameters, strict=True))
    return Lambda(parameters, _renamed(program.body, names, letters))


def _renamed(p: Program, names: Mapping[str, str], letters: Sequence[str]) -> Program:
    match p:
        case Variable(name):
            return Variable(names[name])
        case Lambda(parameters, body):
            own = tuple(letters[: len(parameters)])
            inner = {**names, **dict(zip(parameters, own, strict=True))}
            return Lambda(own, _renamed(body, inner, letters[len(own) :]))
        case _:
            parts = tuple(_renamed(part, names, letters) for part in children(p))
            return rebuild(p, parts) if parts else p


# ---- what a program could do without -------------------------------------------------------------------------------


def reductions(program: Lambda, request: FunctionType, grammar: Grammar) -> Iterator[Lambda]:
    """Programs that are this one less a part: a call made way for one of its arguments, or for a leaf of its type.

    Constants make way for 0 and for 1. Where none of these does what the program does, every part of it matters.
    """
    scope = tuple(zip(program.parameters, request.parameters, strict=True))
    for body in _Reducer(grammar).reduced(program.body, request.result, scope):
        yield Lambda(program.parameters, body)


_Bound = tuple[tuple[str, Type], ...]


@dataclass(frozen=True, slots=True)
class _Reducer:
    grammar: Grammar

    def reduced(self, p: Program, t: Type, scope: _Bound) -> Iterator[Program]:
        if isinstance(p, Variable):
            return
        if isinstance(p, Lambda):
            assert isinstance(t, FunctionType), "a lambda stands for a function"
            inner = (*scope, *zip(p.parameters, t.parameters, strict=True))
            for body in self.reduced(p.body, t.result, inner):
                yield Lambda(p.parameters, body)
            return
        yield from (leaf for leaf in _leaves(t, scope) if leaf != p)
        if not isinstance(p, Application):
            return
        parameters = self._parameters(p, t, scope)
        assert parameters is not None, "a drawn program has the type that it was drawn for"
        yield from (a for a, q in zip(p.arguments, parameters, strict=True) if q == t and isinstance(a, Application))
        for place, (argument, q) in enumerate(zip(p.arguments, parameters, strict=True)):
            for other in self.reduced(argument, q, scope):
                yield Application(p.function, (*p.arguments[:place], other, *p.arguments[place + 1 :]))

    def _parameters(self, p: Application, t: Type, scope: _Bound) -> tuple[Type, ...] | None:
        """The types of the arguments of a call that has a type; None where it has not."""
        assert isinstance(p.function, Name), "a drawn program calls words only"
        for production in self.grammar[t]:
            if production.key == p.function.name and len(production.parameters) == len(p.arguments):
                pairs = zip(p.arguments, production.parameters, strict=True)
                if all(self._has(argument, q, scope) for argument, q in pairs):
                    return production.parameters
        return None

    def _has(self, p: Program, t: Type, scope: _Bound) -> bool:
        match p:
            case Variable(name):
                return (name, t) in scope
            case Literal(value):
                return not isinstance(t, FunctionType) and conforms(value, t)
            case Lambda(parameters, body):
                if not isinstance(t, FunctionType) or len(parameters) != len(t.parameters):
                    return False
                return self._has(body, t.result, (*scope, *zip(parameters, t.parameters, strict=True)))
            case Application():
                return not isinstance(t, FunctionType) and self._parameters(p, t, scope) is not None
            case _:
                return False


def _leaves(t: Type, scope: _Bound) -> Iterator[Program]:
    yield from (Variable(name) for name, of_type in scope if of_type == t)
    if t == INT:
        yield from (Literal(0), Literal(1))
    elif t == BOOL:
        yield from (Literal(False), Literal(True))
    elif isinstance(t, TypeConstructor) and t.name == "list":
        yield Literal(())
