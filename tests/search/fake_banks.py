"""A search forwards in plain Python, small and slow: what the search backwards is tested against."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from dsl.grammar import Production, leaf
from dsl.interpreter import run
from dsl.primitive import Primitive
from dsl.primitives import CORE
from dsl.program import Application, Lambda, Literal, Name, Program, Variable
from dsl.type_system import BOOL, INT, FunctionType, Type, list_of
from dsl.values import Failure, fault_of, key
from synth.search.backwards import Backwards
from synth.search.goals import NO_VALUE, Free, Goal, Points, Wish, goal_of
from synth.search.kernels.convention import DEFINED, UNDEFINED
from synth.search.schedule import TOP, Place
from synth.search.scope import Choice, ScopeKey
from synth.search.store import Store
from synth.search.surroundings import Built, Columns, Part, Taken

INTS = list_of(INT)
INNER = ScopeKey((INT,), False)


def word(name: str, parameters: tuple[Type, ...], result: Type) -> Production:
    return Production(Name(name), parameters, result, 1.0, name)


FIRST_ORDER = (
    *(word(f"list.{w}", (INTS,), INT) for w in ("length", "head", "last", "sum", "maximum")),
    *(word(f"list.{w}", (INTS,), INTS) for w in ("tail", "init", "reverse", "sort")),
    *(word(f"list.{w}", (INT, INTS), INTS) for w in ("take", "drop", "cons")),
    word("list.append", (INTS, INT), INTS),
    word("list.concat", (INTS, INTS), INTS),
    *(word(f"int.{w}", (INT, INT), INT) for w in ("add", "multiply", "modulo")),
    word("order.lt", (INT, INT), BOOL),
    word("list.is_empty", (INTS,), BOOL),
    *(word("control.if", (BOOL, t, t), t) for t in (INT, INTS)),
)
HIGHER_ORDER = (
    word("list.map", (FunctionType((INT,), INT), INTS), INTS),
    word("list.filter", (FunctionType((INT,), BOOL), INTS), INTS),
)


@dataclass
class Room:
    """A scope: what its variables are on each row, its productions, and the classes found, by type and rising cost."""

    rows: list[dict[str, object]]
    productions: Sequence[Production]
    found: dict[Type, list[tuple[int, list[object], Program]]] = field(default_factory=dict)
    seen: set[object] = field(default_factory=set)
    level: int = 0

    def raise_to(self, level: int) -> None:
        """All first-order programs up to a cost: each word and each leaf costs 1."""
        while self.level < level:
            self.level += 1
            for production in self.productions:
                if not any(isinstance(t, FunctionType) for t in production.parameters):
                    self._build(production)

    def _build(self, production: Production) -> None:
        if production.is_leaf:
            if self.level == 1:
                program = production.head
                self._add(production.result, [self.value(program, row) for row in self.rows], program)
            return
        entry = CORE[production.head.name]
        pools = [self.found.get(t, []) for t in production.parameters]
        for chosen in itertools.product(*(list(pool) for pool in pools)):
            if 1 + sum(cost for cost, _, _ in chosen) == self.level:
                column = [called(entry, arguments) for arguments in zip(*(c for _, c, _ in chosen), strict=True)]
                self._add(production.result, column, Application(production.head, tuple(p for _, _, p in chosen)))

    def _add(self, t: Type, column: list[object], program: Program) -> None:
        column = [v if v is NO_VALUE or fault_of(v, t) is None else NO_VALUE for v in column]
        known = (t, *map(key, column))
        if known not in self.seen and any(v is not NO_VALUE for v in column):
            self.seen.add(known)
            self.found.setdefault(t, []).append((self.level, column, program))

    def value(self, program: Program, row: dict[str, object]) -> object:
        names = tuple(row)
        outcome = run(Lambda(names, program), [row[n] for n in names], CORE)
        return NO_VALUE if isinstance(outcome, Failure) else outcome


def called(entry: Primitive, arguments: tuple[object, ...]) -> object:
    if entry.name == "control.if":
        condition, then, otherwise = arguments
        return NO_VALUE if condition is NO_VALUE else then if condition else otherwise
    if NO_VALUE in arguments:
        return NO_VALUE
    try:
        return entry.function(*arguments)
    except Exception:
        return NO_VALUE


class FakeSearch:
    """The surroundings of a search backwards for a function of one list, with every class up to a level at hand."""

    def __init__(
        self,
        inputs: Sequence[tuple[int, ...]],
        level: int,
        *,
        productions: Sequence[Production] | None = None,
        universe: Callable[[tuple[int, ...]], Sequence[int]] = lambda xs: sorted(set(xs)),
    ) -> None:
        literals = [leaf(Literal(n), INT, 1.0) for n in (0, 1, 2)]
        top = [leaf(Variable("xs"), INTS, 1.0), *literals, *(productions or (*FIRST_ORDER, *HIGHER_ORDER))]
        inner = [leaf(Variable("x"), INT, 1.0), *literals, *(p for p in FIRST_ORDER if INTS not in p.parameters)]
        self.inputs, self.store, self.evaluations, self.budget = inputs, Store(), 0, 1 << 30
        self.outer = [(r, n) for r, xs in enumerate(inputs) for n in universe(xs)]
        self.rooms = {
            TOP: Room([{"xs": xs} for xs in inputs], top),
            INNER: Room([{"x": n} for _, n in self.outer], [p for p in inner if p.result != INTS]),
        }
        for room in self.rooms.values():
            room.raise_to(level)
        self.backwards: Backwards | None = None
        self.known: dict[Place, Columns] = {}

    # ---- what Backwards asks ----

    def choices(self, place: Place) -> Sequence[Choice]:
        return [Choice(p, 1, 0.5) for p in self.rooms[place[0]].productions if p.result == place[1]]

    def part(self, place: Place, production: Production, position: int) -> Place:
        t = production.parameters[position]
        return (INNER, t.result) if isinstance(t, FunctionType) else (place[0], t)

    def columns(self, place: Place) -> Columns:
        found = self.rooms[place[0]].found.get(place[1], [])
        shape = (len(found), len(self.rooms[place[0]].rows))
        if (known := self.known.get(place)) is not None and known.cells.shape == shape:
            return known
        cells, status = np.zeros(shape, dtype=np.int64), np.full(shape, UNDEFINED, dtype=np.uint8)
        for n, (_, column, _) in enumerate(found):
            for r, value in enumerate(column):
                if value is not NO_VALUE:
                    cells[n, r], status[n, r] = self.store.encode(value, place[1]), DEFINED
        self.known[place] = Columns(cells, status, np.array([cost for cost, _, _ in found], dtype=np.int32))
        return self.known[place]

    def values(self, place: Place, number: int) -> Sequence[object]:
        return self.rooms[place[0]].found[place[1]][number][1]

    def inner_goal(self, place: Place, points: Points) -> Goal | None:
        self._grow([(row, arguments[0]) for row, arguments in points])
        wishes: list[Wish] = [points.get((row, (n,)), Free.IDLE) for row, n in self.outer]
        return goal_of(wishes, place[1], self.store)

    def _grow(self, asked: Sequence[tuple[int, object]]) -> None:
        """Rows for arguments that the universe lacks, put in where they belong; old classes are run on them."""
        lacking = [pair for pair in dict.fromkeys(asked) if pair not in self.outer]
        if not lacking:
            return
        old, self.outer = self.outer, sorted([*self.outer, *lacking])
        room = self.rooms[INNER]
        room.rows = [{"x": n} for _, n in self.outer]
        for classes in room.found.values():
            classes[:] = [(c, [room.value(p, row) for row in room.rows], p) for c, _, p in classes]
        assert self.backwards is not None
        where = np.array([self.outer.index(pair) for pair in old], dtype=np.int64)
        self.backwards.move_rows(INNER, where, len(self.outer))

    def note_evaluations(self, count: int) -> None:
        if self.evaluations + count > self.budget:
            raise TimeoutError
        self.evaluations += count

    # ---- what a test asks ----

    def goal(self, outputs: Sequence[object], t: Type = INTS) -> Backwards:
        wishes: list[Wish] = [output if isinstance(output, Free) else (output,) for output in outputs]
        self.backwards = Backwards(CORE.entries, self, self.store, (TOP, t), goal_of(wishes, t, self.store))
        return self.backwards

    def program(self, part: Part) -> Program:
        match part:
            case Taken(place, number):
                return self.rooms[place[0]].found[place[1]][number][2]
            case Built(production, arguments):
                inner = [
                    Lambda(("x",), self.program(a)) if isinstance(t, FunctionType) else self.program(a)
                    for t, a in zip(production.parameters, arguments, strict=True)
                ]
                return Application(production.head, tuple(inner))

    def outputs(self, part: Part) -> list[object]:
        program = Lambda(("xs",), self.program(part))
        return [run(program, [xs], CORE) for xs in self.inputs]

    def cost(self, part: Part) -> int:
        match part:
            case Taken(place, number):
                return self.rooms[place[0]].found[place[1]][number][0]
            case Built(_, arguments):
                return 1 + sum(map(self.cost, arguments))
