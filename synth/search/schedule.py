"""What is worth building when: the cheapest way into, and out of, every type of every scope.

A class of type t in scope s and of cost c can only be part of programs that cost at least c + outside(s, t). So when
the search has come to programs of cost L, bank (s, t) need only be complete up to L - outside(s, t). This is the
admissible heuristic of A* over a weighted grammar (Klein and Manning, 2003, call it the grammar projection estimate),
applied to whole cost levels.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from dsl.grammar import Production
from dsl.type_system import BOOL, INT, REAL, TEXT, FunctionType, Type
from synth.pcfg import Pcfg
from synth.search.context_costs import ContextCosts
from synth.search.contexts import STEP_BITS, scope_leaves, steps_of
from synth.search.scope import TOP, Choice, ScopeKey

__all__ = [
    "CAPTURE_COST",
    "DEEPEST",
    "SCALARS",
    "STEP_BITS",
    "Place",
    "Schedule",
    "place_of",
    "schedule",
    "schedule_together",
    "scope_key",
]

CAPTURE_COST = 4
"""Steps added to the cost of an outer class that a lambda captures."""
SCALARS = (INT, BOOL, REAL, TEXT)
DEEPEST = 2
"""How deep lambdas may be nested."""
_NUMBERS = (INT, REAL, TEXT)

Place: TypeAlias = tuple[ScopeKey, Type]
Choices: TypeAlias = Mapping[Type, tuple[Choice, ...]]
_Way: TypeAlias = tuple[Place, int, tuple[Place, ...]]
_NEVER = 1 << 30


@dataclass(frozen=True)
class Schedule:
    """Choices of every scope; and the places worth building, farthest from the goal first, with their distance.

    The goal's own place has the distance at which its programs are first needed as parts of others.
    """

    choices: Mapping[ScopeKey, Choices]
    places: tuple[tuple[int, Place], ...]
    costs: ContextCosts


def scope_key(t: FunctionType, within: ScopeKey) -> ScopeKey:
    """The scope, inside another, in which bodies of functions of a type are built."""
    return ScopeKey(t.parameters, t.result not in SCALARS, within)


def schedule(pcfg: Pcfg, leaves: tuple[Production, ...], goal: Type) -> Schedule:
    """Plan a search for a goal type in a top scope with these leaves."""
    costs = ContextCosts(pcfg)
    choices = _all_choices(costs, leaves, [(TOP, goal)])
    ways = _ways(choices)
    inside = _inside(ways)
    outside = _outside(ways, inside, {(TOP, goal): 0})
    outside[TOP, goal] = _as_part(ways, inside, outside, (TOP, goal))
    return Schedule(choices, _worth(inside, outside), costs)


def schedule_together(pcfg: Pcfg, leaves: tuple[Production, ...], groups: Iterable[Sequence[Place]]) -> Schedule:
    """Plan to build places for their own sake; those of a group are filled together, to one total cost."""
    wanted = tuple(groups)
    costs = ContextCosts(pcfg)
    choices = _all_choices(costs, leaves, [place for group in wanted for place in group])
    ways = _ways(choices)
    inside = _inside(ways)
    nearest: dict[Place, int] = {}
    for group in wanted:
        whole = sum(inside.get(place, _NEVER) for place in group)
        if whole < _NEVER:
            for place in group:
                nearest[place] = min(whole - inside[place], nearest.get(place, _NEVER))
    return Schedule(choices, _worth(inside, _outside(ways, inside, nearest)), costs)


def _all_choices(
    costs: ContextCosts, leaves: tuple[Production, ...], places: Iterable[Place]
) -> dict[ScopeKey, Choices]:
    """The choices of the scopes of some places, of those around them, and of all that their lambdas open."""
    choices: dict[ScopeKey, Choices] = {}
    productions, waiting = _Productions(costs, leaves), list(places)
    while waiting:
        key, t = waiting.pop()
        if key in choices:
            continue
        choices[key] = productions.choices(key)
        if key.outer is not None:
            waiting.append((key.outer, t))
        functions = {p: None for cs in choices[key].values() for c in cs for p in c.production.parameters}
        waiting.extend((scope_key(f, key), f.result) for f in functions if isinstance(f, FunctionType))
    return choices


def _worth(inside: Mapping[Place, int], outside: Mapping[Place, int]) -> tuple[tuple[int, Place], ...]:
    """The places that can be built and are part of something, the farthest from it first."""
    ordered = sorted(outside.items(), key=lambda item: -item[1])
    return tuple((distance, place) for place, distance in ordered if place in inside and distance < _NEVER)


@dataclass(slots=True)
class _Productions:
    """The choices of scopes; what several scopes share is worked out once."""

    costs: ContextCosts
    leaves: tuple[Production, ...]
    first_order: frozenset[Production] = field(init=False)
    """Words that take no functions."""
    simple: frozenset[Production] = field(init=False)
    """Words for bodies: a lambda inside a lambda maps one number (or text) to a scalar."""
    _made: dict[tuple[Production, float], Choice] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.first_order = frozenset(p for p in self.costs.pcfg.grammar if not any(_functions(p)))
        self.simple = frozenset(p for p in self.costs.pcfg.grammar if all(map(_is_simple, _functions(p))))

    def choices(self, key: ScopeKey) -> Choices:
        """Productions of a scope with their costs, by result type."""
        if key == TOP:
            return self._costed(self.leaves, None, lists=True)
        lists = key.structured or any(p not in SCALARS for p in key.parameters)
        words = self.simple if key.depth < DEEPEST and BOOL not in key.parameters else self.first_order
        return self._costed(scope_leaves(key, self.leaves), words, lists)

    def _costed(self, leaves: tuple[Production, ...], words: frozenset[Production] | None, lists: bool) -> Choices:
        """What may stand where: of words those given, or all; without `lists`, bodies make no new ones."""
        return {
            t: tuple(
                self._choice(production, bits)
                for production, bits in self.costs.cheapest(t, leaves)
                if production.is_leaf or ((words is None or production in words) and (lists or t in SCALARS))
            )
            for t in self.costs.pcfg.grammar.ranks
        }

    def _choice(self, production: Production, bits: float) -> Choice:
        found = self._made.get((production, bits))
        if found is None:
            found = Choice(production, steps_of(bits), 2.0**-bits)
            self._made[production, bits] = found
        return found


def _functions(production: Production) -> Iterator[FunctionType]:
    return (p for p in production.parameters if isinstance(p, FunctionType))


def _is_simple(t: FunctionType) -> bool:
    return t.parameters[1:] == () and t.parameters[0] in _NUMBERS and t.result in SCALARS


def place_of(key: ScopeKey, t: Type) -> Place:
    """Where programs of a type are built that stand in a scope: for a function, its bodies in a scope of their own."""
    return (scope_key(t, key), t.result) if isinstance(t, FunctionType) else (key, t)


def _ways(choices: Mapping[ScopeKey, Choices]) -> list[_Way]:
    """Every way to build something, the cheapest of each shape: what is built, the cost, where its parts come from."""
    cheapest: dict[tuple[Place, tuple[Place, ...]], int] = {}
    for key, by_type in choices.items():
        for t, made in by_type.items():
            shapes: dict[tuple[Type, ...], int] = {}
            for choice in made:
                parameters = choice.production.parameters
                shapes[parameters] = min(choice.cost, shapes.get(parameters, choice.cost))
            for parameters, cost in shapes.items():
                shape = ((key, t), tuple(place_of(key, p) for p in parameters))
                cheapest[shape] = min(cost, cheapest.get(shape, cost))
            if key != TOP:
                cheapest[(key, t), ((key.outer or TOP, t),)] = CAPTURE_COST
    return [(place, cost, parts) for (place, parts), cost in cheapest.items()]


def _inside(ways: Iterable[_Way]) -> dict[Place, int]:
    """The cost of the cheapest program of each place; places without one are missing.

    The cheapest come first, as in Dijkstra's algorithm (Knuth, "A generalization of Dijkstra's algorithm", 1977).
    """
    users: dict[Place, list[int]] = {}
    costs, missing, places = [], [], []
    waiting: list[tuple[int, int]] = []
    for number, (place, cost, parts) in enumerate(ways):
        places.append(place)
        costs.append(cost)
        missing.append(len(parts))
        for part in parts:
            users.setdefault(part, []).append(number)
        if not parts:
            waiting.append((cost, number))
    heapq.heapify(waiting)
    best: dict[Place, int] = {}
    while waiting:
        cost, number = heapq.heappop(waiting)
        if places[number] in best:
            continue
        best[places[number]] = cost
        for user in users.get(places[number], ()):
            costs[user] += cost
            missing[user] -= 1
            if not missing[user] and places[user] not in best:
                heapq.heappush(waiting, (costs[user], user))
    return best


def _outside(ways: Iterable[_Way], inside: Mapping[Place, int], goals: Mapping[Place, int]) -> dict[Place, int]:
    """The cheapest completion of a program around each place (Dijkstra); places that are part of none are missing.

    `goals` are the places of whole programs, with what one costs more than its own.
    """
    into: dict[Place, list[tuple[int, Place]]] = {}
    for place, cost, parts in ways:
        if all(part in inside for part in parts):
            whole = cost + sum(inside[part] for part in parts)
            into.setdefault(place, []).extend((whole - inside[part], part) for part in parts)
    best: dict[Place, int] = {}
    order = itertools.count()
    waiting = [(distance, next(order), goal) for goal, distance in goals.items()]
    heapq.heapify(waiting)
    while waiting:
        distance, _, place = heapq.heappop(waiting)
        if place in best:
            continue
        best[place] = distance
        for step, part in into.get(place, ()):
            if part not in best:
                heapq.heappush(waiting, (distance + step, next(order), part))
    return best


def _as_part(ways: Iterable[_Way], inside: Mapping[Place, int], outside: Mapping[Place, int], goal: Place) -> int:
    """The cheapest completion around a program of the goal place that is not the whole program."""
    distances = (
        outside[place] + cost + sum(inside[part] for part in parts) - inside[goal]
        for place, cost, parts in ways
        if goal in parts and place in outside and all(part in inside for part in parts)
    )
    return min(distances, default=_NEVER)
