"""Productions: what may fill a typed hole under a library.

A grammar is monomorphic: each polymorphic word is copied for every choice of types from a small set, the *types in
play*, which grow from the type request. What cannot be built, or cannot lead to the goal, is left out.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dsl.library import Entry, Library
from dsl.program import Literal, Name, Variable
from dsl.type_system import (
    BOOL,
    INT,
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
)

__all__ = ["Grammar", "Production", "grammar_of", "leaf", "types_in_play"]


_FAR = 0.3
"""What an argument of a type one rank from the request does to a word's weight."""
_REACH = 2
_REACH_OF_FEW_WORDS = 4
_FEW_WORDS = 40
"""A small library can afford types further from the request: its words have fewer copies."""
_KEPT = 4096
"""Types whose copies are kept, each for some types in play."""


@dataclass(frozen=True, slots=True)
class Production:
    """One way to fill a hole of type `result`: a head, and the holes its arguments open.

    A parameter of FunctionType is filled by a lambda. `weight` is relative to the other productions of the same
    result; `key` names the production in guidance: `list.map`, `variable:xs`, `literal:3`.
    """

    head: Name | Variable | Literal
    parameters: tuple[Type, ...]
    result: Type
    weight: float
    key: str
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.key, self.parameters, self.result)))

    def __hash__(self) -> int:  # kept: a production is looked up for every block of programs
        return self._hash

    def __reduce__(self) -> tuple[object, ...]:
        return Production, (self.head, self.parameters, self.result, self.weight, self.key)

    @property
    def is_leaf(self) -> bool:
        """Whether it opens no holes."""
        return not self.parameters


def leaf(head: Variable | Literal, t: Type, weight: float) -> Production:
    """The production of a variable or a literal."""
    key = f"variable:{head.name}" if isinstance(head, Variable) else f"literal:{head.value}"
    return Production(head, (), t, weight, key)


@dataclass(frozen=True)
class Grammar:
    """Productions by result type, in a fixed order; and each type's rank (how far from the request it is)."""

    by_result: Mapping[Type, tuple[Production, ...]]
    ranks: Mapping[Type, int]

    def __getitem__(self, t: Type) -> tuple[Production, ...]:
        return self.by_result.get(t, ())

    def __iter__(self) -> Iterator[Production]:
        return itertools.chain.from_iterable(self.by_result.values())

    def missing_for(self, goal: Type, leaves: Iterable[Production]) -> tuple[Type, ...]:
        """Types needed on the way to `goal` that nothing produces; empty where the goal can be reached.

        `[]` and `none` do not count: an item of the empty list is no way to a value.
        """
        useful = [p for p in (*self, *leaves) if p.key not in _EMPTY]
        if goal in (made := _producible(useful)) or any(p.result == goal for p in leaves):
            return ()
        return tuple(_lacking(goal, useful, made))


_EMPTY = frozenset({"literal:()", "option.none"})


def types_in_play(request: FunctionType, library: Library) -> dict[Type, int]:
    """The ground types a search may pass through, each with its rank: 0 for what the request names.

    Ranks: request's parts 0; int and bool 0; lists of base types 0 or 1; then lists of lists, pairs, options 1 to 3.
    """
    asked = (types_in_play, request)
    known = library.derived.get(asked)
    if not isinstance(known, _Ranks):
        known = library.derived[asked] = _Ranks(_types_in_play(request, library))
    return dict(known.by_type)


@dataclass(frozen=True, slots=True)
class _Ranks:
    by_type: dict[Type, int]


def _types_in_play(request: FunctionType, library: Library) -> dict[Type, int]:
    ranks: dict[Type, int] = {}

    def add(t: Type, rank: int) -> None:
        ranks[t] = min(rank, ranks.get(t, rank))

    for part in (*request.parameters, request.result):
        for t in _parts(part):
            add(t, 0)
    named = {c for entry in library.vocabulary for c in _constructors(entry.type)}
    for base in (INT, BOOL):
        if base.name in named:
            add(base, 0)
    asked = list(ranks)
    atoms = [t for t in asked if isinstance(t, TypeConstructor) and t.name != "list"]
    if "list" in named:
        for atom in atoms:
            add(list_of(atom), 0 if any(list_of(atom) == t for t in asked) else 1)
        for t in [t for t in ranks if isinstance(t, TypeConstructor) and t.name == "list"]:
            if ranks[t] == 0 and t.arguments[0] in atoms:
                add(list_of(t), 1)
    scalars = [t for t in (INT, *(a for a in atoms if a != INT and a != BOOL)) if t in ranks]
    if "tuple" in named:
        for s in scalars:
            add(tuple_of(s, s), 2)
            add(list_of(tuple_of(s, s)), 2)
        for t in asked:
            if isinstance(t, TypeConstructor) and t.name == "list":
                add(tuple_of(t, t), 3)
    if "option" in named:
        for s in scalars:
            add(option_of(s), 2)
    return ranks


def _parts(t: Type) -> Iterator[Type]:
    match t:
        case TypeConstructor(_, arguments):
            for a in arguments:
                yield from _parts(a)
            yield t
        case FunctionType(parameters, result):
            for p in (*parameters, result):
                yield from _parts(p)
        case TypeVariable():
            return


def _constructors(t: Type) -> Iterator[str]:
    match t:
        case TypeVariable():
            return
        case TypeConstructor(name, arguments):
            yield name
            for a in arguments:
                yield from _constructors(a)
        case FunctionType(parameters, result):
            for p in (*parameters, result):
                yield from _constructors(p)


def grammar_of(library: Library, ranks: Mapping[Type, int], *, higher_order: bool = True) -> Grammar:
    """A library's vocabulary at all types in play. `higher_order=False` leaves out words that take functions."""
    asked = (grammar_of, tuple(ranks.items()), higher_order)
    known = library.derived.get(asked)
    if not isinstance(known, Grammar):
        known = library.derived[asked] = _grammar(library, ranks, higher_order)
    return known


def _grammar(library: Library, ranks: Mapping[Type, int], higher_order: bool) -> Grammar:
    by_result: dict[Type, list[Production]] = {}
    words = library.vocabulary
    reach = _REACH_OF_FEW_WORDS if len(words) <= _FEW_WORDS else _REACH
    for entry in words:
        for parameters, result, weight in _instances(entry, ranks, reach):
            if not higher_order and any(isinstance(p, FunctionType) for p in parameters):
                continue
            made = Production(Name(entry.name), parameters, result, weight, entry.name)
            by_result.setdefault(result, []).append(made)
    return Grammar({t: tuple(ps) for t, ps in by_result.items()}, ranks)


def _instances(entry: Entry, ranks: Mapping[Type, int], reach: int) -> Iterator[tuple[tuple[Type, ...], Type, float]]:
    """Parameters, result and weight of a word for each choice of types."""
    for parameters, result, likely, far in _copies(entry.type, tuple(ranks.items()), reach):
        yield parameters, result, entry.weight * likely * _FAR**far


@functools.lru_cache(_KEPT)
def _copies(
    t: Type, ranked: tuple[tuple[Type, int], ...], reach: int
) -> tuple[tuple[tuple[Type, ...], Type, float, int], ...]:
    """What `_instances` makes of a word's type: parameters, result, how likely the types are, and how far.

    A variable that the result fixes costs nothing, since the hole's type is given; the others are guesses, and the
    word's weight is shared among them. Kept, since libraries of which one grew out of the other share most words.
    """
    return tuple(_copied(t, dict(ranked), reach))


def _copied(t: Type, ranks: Mapping[Type, int], reach: int) -> Iterator[tuple[tuple[Type, ...], Type, float, int]]:
    variables = type_variables(t)
    fixed = {v.name for v in type_variables(_shape(t)[1])}
    for choice in itertools.product(ranks, repeat=len(variables)):
        if sum(ranks[chosen] for chosen in choice) > reach:
            continue
        if not all(_meets(chosen, v.constraint) for chosen, v in zip(choice, variables, strict=True)):
            continue
        ground = apply({v.name: chosen for v, chosen in zip(variables, choice, strict=True)}, t)
        parameters, result = _shape(ground)
        if result not in ranks or not all(_in_play(p, ranks) for p in parameters):
            continue
        if any(_distance(p, ranks) >= reach for p in parameters):
            continue
        guesses = [_guess(chosen, v, v.name in fixed, ranks) for chosen, v in zip(choice, variables, strict=True)]
        far = sum(ranks[p] for p in parameters if not isinstance(p, FunctionType))
        yield parameters, result, math.prod(guesses), far


def _guess(t: Type, variable: TypeVariable, fixed: bool, ranks: Mapping[Type, int]) -> float:
    """How likely a type is for a variable: atoms of the request first; whole lists are seldom compared."""
    nested = isinstance(t, TypeConstructor) and bool(t.arguments)
    compared = 0.2 if nested and variable.constraint != "any" else 1.0
    if fixed:
        return compared
    if t == BOOL:
        return 0.1
    return compared * (0.15 if nested else 0.7) * 0.5 ** ranks[t]


def _distance(t: Type, ranks: Mapping[Type, int]) -> int:
    """How far a function type is from the request: functions over far types open scopes that seldom pay."""
    if not isinstance(t, FunctionType):
        return 0
    return sum(ranks[p] for p in (*t.parameters, t.result)) - (len(t.parameters) == 1)


def _shape(t: Type) -> tuple[tuple[Type, ...], Type]:
    return (t.parameters, t.result) if isinstance(t, FunctionType) else ((), t)


def _in_play(t: Type, ranks: Mapping[Type, int]) -> bool:
    if isinstance(t, FunctionType):
        return all(p in ranks for p in t.parameters) and t.result in ranks
    return t in ranks


def _meets(t: Type, constraint: str) -> bool:
    return constraint == "any" or (has_order(t) if constraint == "ordered" else has_equality(t))


def _producible(productions: Sequence[Production]) -> set[Type]:
    """Types that some complete program has; a function counts as built when its result can be (or is a parameter)."""
    made: set[Type] = set()
    while True:
        more = {p.result for p in productions if p.result not in made and all(_built(q, made) for q in p.parameters)}
        if not more:
            return made
        made |= more


def _built(t: Type, made: set[Type]) -> bool:
    if isinstance(t, FunctionType):
        return t.result in made or t.result in t.parameters
    return t in made


def _lacking(goal: Type, productions: Sequence[Production], made: set[Type]) -> Iterator[Type]:
    """The goal itself if no word gives it, else the argument types that stop every word that would."""
    heads = [p for p in productions if p.result == goal]
    if not heads:
        yield goal
        return
    missing = (q for p in heads for q in p.parameters if not _built(q, made))
    yield from sorted(dict.fromkeys(missing), key=show_type)
