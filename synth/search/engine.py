"""The loop: bottom-up enumeration by cost, a production at a time, whole blocks of programs together.

Every class of cost c is built from cheaper ones: for each production, all argument tuples whose costs add up to the
rest. Lambda bodies are enumerated the same way in scopes of their own, no further than the level at hand can use.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Production
from dsl.primitive import Primitive
from dsl.program import Lambda, Literal, Name, Program, Variable
from dsl.type_system import REAL, FunctionType, Type, TypeConstructor
from dsl.values import agree
from synth.budget import Meter, StopReason
from synth.pcfg import Pcfg
from synth.search.apply import Applier, FunctionColumn, Operand
from synth.search.bank import Arguments, Bank, Derivation
from synth.search.column import Block, Interners, block_of
from synth.search.functions import Functions
from synth.search.schedule import CAPTURE_COST, SCALARS, STEP_BITS, TOP, Schedule, schedule, scope_key
from synth.search.scope import PARAMETER, Captured, Choice, Plan, Scope, ScopeKey
from synth.search.universe import Observation, universe
from synth.solver import NearMiss, Progress
from tasks.task import Spec

__all__ = ["Engine", "Hit", "Switches"]

_CAPTURED_AT_MOST = 40
"""Outer classes of one type and level that a lambda may capture."""
_CAPTURED_LISTS_UP_TO = 12
"""The dearest outer list, in steps, that a lambda may capture."""
_UNIVERSE_ROWS, _LEAST_A_ROW, _MOST_A_ROW = 60, 3, 10
"""Rows that a lambda's scope aims at, and how many argument tuples one outer row may have."""
_BLOCK = 4096
_DENSE_BLOCK = 32_768
_LEVELS = 200
_MISSES_KEPT = 3
_PARAMETER_NAMES = ("x", "y", "z", "w", "v", "u")


@dataclass(frozen=True, slots=True)
class Switches:
    """The search's tricks, each with its off switch; all off is plain enumeration by cost."""

    equivalence: bool = True
    """Programs with one column are one class, and only classes are built on."""
    kernels: bool = True
    """Words that have a compiled kernel run on whole blocks of columns."""
    symmetry: bool = True
    """Arguments of commutative words are tried in one order only."""
    probing: bool = True
    """Programs of the goal type are first checked row by row, and banked only when others may need them."""
    goals: bool = True
    """Backwards: what an argument must be for the output wanted, looked up in the bank."""
    cases: bool = True
    """Programs that are right on some rows are put together by conditions."""
    sketches: bool = True
    """Programs with holes, from the guide or the task, are filled from the bank."""
    repair: bool = True
    """Near misses are cut at each part, and the part is searched for."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A class of the goal type that is right on every example."""

    program: Program
    bits: float


class Stop(Exception):  # noqa: N818 - control flow inside the engine
    """The budget ended in the middle of a level."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(slots=True)
class Engine:
    """One search: scopes, banks, and the work done so far."""

    spec: Spec
    pcfg: Pcfg
    leaves: tuple[Production, ...]
    meter: Meter
    switches: Switches = Switches()
    progress: Callable[[Progress], None] | None = None
    interners: Interners = field(default_factory=Interners)
    top: Scope = field(init=False)
    applier: Applier = field(init=False)
    near: dict[tuple[int, ...], NearMiss] = field(default_factory=dict)
    _goal: Block = field(init=False)
    _inner: dict[ScopeKey, Scope] = field(default_factory=dict)
    _functions: dict[FunctionType, Functions] = field(default_factory=dict)
    _schedule: Schedule = field(init=False)
    _hit: Derivation | None = None
    _probe_order: list[int] = field(init=False)
    _fallen_at: set[int] = field(default_factory=set)
    level: int = 0

    def __post_init__(self) -> None:
        spec, goal = self.spec, self.spec.type_request.result
        rows = [*(e.arguments for e in spec.examples), *spec.queries]
        self.applier = Applier(self.spec.library, self.interners, _largest(spec), self._check, self.switches.kernels)
        self._schedule = schedule(self.pcfg, self.leaves, goal)
        names = tuple(zip(spec.parameters, spec.type_request.parameters, strict=True))
        self.top = Scope(names, len(rows), equivalence=self.switches.equivalence)
        for position, (name, t) in enumerate(names):
            self.top.columns[name] = block_of([row[position] for row in rows], t, self.interners)
        sizes = [_longest(e.output) + _longest(e.arguments) for e in spec.examples]
        self._probe_order = sorted(range(len(sizes)), key=lambda row: -sizes[row])
        self._goal = block_of([e.output for e in spec.examples], goal, self.interners)

    # ---- levels --------------------------------------------------------------------------------------------------

    def run(self) -> tuple[StopReason, Hit | None]:
        """Search level by level until a program fits every example, nothing is left, or the budget ends."""
        while (stop := self.advance()) is None:
            pass
        return stop, self.found() if stop is StopReason.SOLVED else None

    def advance(self) -> StopReason | None:
        """Search one cost level further; why the search is over, or None if it can go on."""
        before = self.meter.evaluations
        self.level += 1
        stop: StopReason | None = None
        try:
            self._raise_level()
        except Stop as stopped:
            stop = stopped.reason
        self._report()
        if self._hit is not None:
            return StopReason.SOLVED
        over = self.level >= _LEVELS or (self.meter.evaluations == before and self._exhausted())
        return stop or (StopReason.EXHAUSTED if over else None)

    def _raise_level(self) -> None:
        """Everything that programs of this level can need, farthest from the goal first; then those programs."""
        goal = (TOP, self.spec.type_request.result)
        for distance, place in self._schedule.places:
            if place == goal and not self.switches.probing:
                continue
            if self.level > distance:
                self._build(*place, self.level - distance)
        self._build(*goal, self.level, probe=self.switches.probing)

    def found(self) -> Hit:
        """The program that fits; to be asked for after `advance` said SOLVED."""
        assert self._hit is not None, "asked for only after a hit"
        program = Lambda(self.spec.parameters, self.top.derived(self._hit, self.inner))
        return Hit(program, self.level * STEP_BITS)

    def program(self, t: Type, number: int) -> Program:
        """The complete program of a class of the top scope."""
        return Lambda(self.spec.parameters, self.top.program(t, number, self.inner))

    def _build(self, key: ScopeKey, t: Type, level: int, probe: bool = False) -> None:
        """All programs of one scope, type and cost level: put into classes, or only checked against the goal."""
        scope = self.top if key == TOP else self._inner_scope(key)
        if not probe:
            scope.bank(t).open_level(level)
            if scope.outer is not None:
                self._capture(scope, t, level)
        plans = scope.plans.get(t)
        if plans is None:
            plans = scope.plans[t] = [self._plan(scope, choice) for choice in self._schedule.choices[key][t]]
        act = self._probe if probe else self._add
        for plan in plans:
            if self._hit is not None:
                return
            if plan.choice.cost + len(plan.banks) <= level:
                for numbers in self._tuples(plan, level):
                    act(scope, plan, self._within_budget(numbers), level)
                    if self._hit is not None:
                        return

    def _plan(self, scope: Scope, choice: Choice) -> Plan:
        production = choice.production
        banks = tuple(
            self.inner(p).bank(p.result) if isinstance(p, FunctionType) else scope.bank(p)
            for p in production.parameters
        )
        dense = all(p in SCALARS for p in production.parameters)
        ordered = self.switches.symmetry and self._commutes(production)
        block = _DENSE_BLOCK if dense else _BLOCK
        return Plan(choice, banks, scope.head_number(production), ordered, block)

    def _tuples(self, plan: Plan, level: int) -> Iterator[Arguments]:
        """Argument tuples that bring a plan's programs to this level, in blocks."""
        if plan.choice.production.is_leaf:
            if plan.choice.cost == level:
                yield np.zeros((1, 0), dtype=np.int32)
        elif all(bank.count for bank in plan.banks):
            yield from _argument_tuples(plan.banks, level - plan.choice.cost, plan.ordered, plan.block)

    def _probe(self, scope: Scope, plan: Plan, numbers: Arguments, level: int) -> None:
        """Check programs of the goal type against the wanted outputs, row by row; most fall at the first."""
        production = plan.choice.production
        self.meter.evaluations += len(numbers)
        alive = numbers
        for step, row in enumerate(self._probe_order):
            block = self._apply(scope, production, alive, row)
            right = (self._agrees(block.cells, production.result, row) & block.defined)[:, 0]
            if step and step not in self._fallen_at and not right.all():
                self._fallen_at.add(step)
                self._note_fallen(scope, plan, alive[~right][:1], level)
            alive = alive[right]
            if not len(alive):
                return
        self._hit = Derivation(plan.head, tuple(alive[0].tolist()))

    def _note_fallen(self, scope: Scope, plan: Plan, numbers: Arguments, level: int) -> None:
        """Remember a program that was right on some rows before it fell."""
        block = self._apply(scope, plan.choice.production, numbers)
        examples = slice(0, len(self.spec.examples))
        right = self._agrees(block.cells[:, examples], plan.choice.production.result) & block.defined[:, examples]
        which = tuple(np.nonzero(right[0])[0].tolist())
        derivation = Derivation(plan.head, tuple(numbers[0].tolist()))
        program = Lambda(self.spec.parameters, scope.derived(derivation, self.inner))
        self.near.setdefault(which, NearMiss(program, which, level * STEP_BITS))

    def _apply(self, scope: Scope, production: Production, numbers: Arguments, row: int | None = None) -> Block:
        """The columns of a production on argument tuples: all rows, or the one given."""
        if not production.is_leaf:
            parts = enumerate(production.parameters)
            return self.applier.apply(production, [self._operand(scope, p, numbers[:, i], row) for i, p in parts])
        leaf = self._leaf(scope, production)
        return leaf if row is None else Block(leaf.cells[:, row : row + 1], leaf.defined[:, row : row + 1])

    def _add(self, scope: Scope, plan: Plan, numbers: Arguments, level: int) -> None:
        """Evaluate one production on argument tuples and bank the results."""
        production = plan.choice.production
        block = self._apply(scope, production, numbers)
        self.meter.evaluations += len(numbers)
        bank = scope.bank(production.result)
        mass = np.full(len(numbers), plan.choice.probability)
        for i, source in enumerate(plan.banks):
            mass *= source.mass[numbers[:, i]]
        fresh = bank.add(block, plan.head, numbers, mass, level)
        if scope is self.top and production.result == self.spec.type_request.result:
            self._judge(bank, fresh)

    def _operand(self, scope: Scope, t: Type, numbers: NDArray[np.int32], row: int | None = None) -> Operand:
        if isinstance(t, FunctionType):
            return FunctionColumn(self._functions_of(t), numbers, row)
        return scope.banks[t].block(numbers, slice(None) if row is None else slice(row, row + 1))

    def _within_budget(self, numbers: Arguments) -> Arguments:
        """As many argument tuples as the budget still allows, so that a budget in evaluations is met exactly."""
        self._check()
        left = self.meter.remaining()
        return numbers if left is None or left >= len(numbers) else numbers[:left]

    def _check(self) -> None:
        reason = self.meter.spent()
        if reason is not None:
            raise Stop(reason)

    # ---- leaves and lambdas --------------------------------------------------------------------------------------

    def _leaf(self, scope: Scope, production: Production) -> Block:
        match production.head:
            case Variable(name):
                return scope.columns[name]
            case Literal(value):
                return block_of([value] * scope.rows, production.result, self.interners)
            case Name(word):
                return self.applier.constant(word, production.result, scope.rows)

    def inner(self, t: FunctionType) -> Scope:
        """The scope in which bodies of functions of a type are built."""
        return self._inner_scope(scope_key(t))

    def _inner_scope(self, key: ScopeKey) -> Scope:
        found = self._inner.get(key)
        if found is None:
            found = self._inner[key] = self._make_inner(key)
        return found

    def _make_inner(self, key: ScopeKey) -> Scope:
        taken = set(self.spec.parameters)
        free = [n for n in _PARAMETER_NAMES if n not in taken] + [f"x{i}" for i in range(9) if f"x{i}" not in taken]
        variables = tuple(zip(free, key.parameters, strict=False))
        observed = self._observed()
        most = max(_LEAST_A_ROW, min(_MOST_A_ROW, _UNIVERSE_ROWS // max(1, len(observed))))
        by_row = [universe(key.parameters, seen, most) for seen in observed]
        counts = [len(u) for u in by_row]
        scope = Scope(
            variables,
            sum(counts),
            self.switches.equivalence,
            outer=self.top,
            outer_row=np.repeat(np.arange(len(by_row)), counts),
            starts=(0, *itertools.accumulate(counts)),
            universe=tuple(map(tuple, by_row)),
        )
        arguments = [row for u in by_row for row in u]
        for position, (name, of) in enumerate(variables):
            column = block_of([row[position] for row in arguments], of, self.interners)
            scope.columns[name] = scope.columns[f"{PARAMETER}{position}"] = column
        for name, _ in self.top.variables:
            scope.columns[name] = scope.lift(self.top.columns[name])
        return scope

    def _observed(self) -> list[list[Observation]]:
        """What is seen on each top row: the inputs, and for an example the output."""
        request = self.spec.type_request
        seen: list[list[Observation]] = []
        for example in self.spec.examples:
            inputs = list(zip(example.arguments, request.parameters, strict=True))
            seen.append([*inputs, (example.output, request.result)])
        seen.extend(list(zip(query, request.parameters, strict=True)) for query in self.spec.queries)
        return seen

    def _functions_of(self, t: FunctionType) -> Functions:
        found = self._functions.get(t)
        if found is None:
            found = self._functions[t] = Functions(
                t, self.inner(t), self.applier.compiler, self.interners, self.applier.largest
            )
        return found

    def _capture(self, scope: Scope, t: Type, level: int) -> None:
        """Offer classes of the outer scope as leaves of a lambda's body, cheapest first."""
        outer_level = level - CAPTURE_COST
        bank = self.top.banks.get(t)
        if bank is None or (t not in SCALARS and outer_level > _CAPTURED_LISTS_UP_TO):
            return
        for number in list(bank.at(outer_level))[:_CAPTURED_AT_MOST]:
            head = scope.head_number(Captured(t, number))
            block = scope.lift(bank.block(np.array([number], dtype=np.int32)))
            self.meter.evaluations += 1
            mass = np.array([float(bank.mass[number]) * 2.0 ** (-CAPTURE_COST * STEP_BITS)])
            scope.bank(t).add(block, head, np.zeros((1, 0), dtype=np.int32), mass, level)

    def _commutes(self, production: Production) -> bool:
        entry = self.spec.library.entries.get(production.key)
        laws = entry.laws if isinstance(entry, Primitive) else ()
        return len(production.parameters) == 2 and any(law.name == "commutative" for law in laws)

    def _exhausted(self) -> bool:
        """Whether no place can bring anything new at any later level."""
        return all(self.level - distance > self._horizon(key, t) for distance, (key, t) in self._schedule.places)

    def _horizon(self, key: ScopeKey, t: Type) -> int:
        """The highest level of a place that can still bring anything: the dearest production over dearest classes."""
        scope = self.top if key == TOP else self._inner_scope(key)
        highest = 0 if scope.outer is None else CAPTURE_COST + _last_level(self.top.banks.get(t))
        for plan in scope.plans.get(t, ()):
            tops = list(map(_last_level, plan.banks))
            if all(tops):
                highest = max(highest, plan.choice.cost + sum(tops))
        return highest

    # ---- judging -------------------------------------------------------------------------------------------------

    def _judge(self, bank: Bank, fresh: range) -> None:
        """Compare new classes of the goal type with the wanted outputs."""
        if not fresh:
            return
        examples = len(self.spec.examples)
        cells = bank.cells[fresh.start : fresh.stop, :examples]
        right = self._agrees(cells, bank.type) & bank.defined[fresh.start : fresh.stop, :examples]
        counts = right.sum(axis=1)
        hits = np.nonzero(counts == examples)[0]
        if hits.size and not self.switches.probing:
            self._hit = bank.derivations[fresh.start + int(hits[0])][0]
            return
        self._note_misses(right, counts, fresh.start, bank)

    def _agrees(self, cells: NDArray[Any], t: Type, row: int | None = None) -> NDArray[np.bool_]:
        """(n, rows) whether cells are the wanted ones, on all examples or on one."""
        wanted = self._goal.cells if row is None else self._goal.cells[:, row : row + 1]
        if t == REAL:
            close: NDArray[np.bool_] = np.isclose(cells, wanted, rtol=1e-6, atol=1e-9)
            return close
        same: NDArray[np.bool_] = cells == wanted
        if _mentions_real(t):
            values = self.interners[t].values
            for place in zip(*np.nonzero(~same), strict=True):
                same[place] = agree(values[int(cells[place])], values[int(wanted[0, place[1]])])
        return same

    def _note_misses(self, right: NDArray[np.bool_], counts: NDArray[np.intp], first: int, bank: Bank) -> None:
        """Keep the cheapest program for each set of examples that some program is right on."""
        for position in np.nonzero(counts)[0]:
            which = tuple(np.nonzero(right[position])[0].tolist())
            if which not in self.near:
                number = first + int(position)
                bits = float(bank.cost[number]) * STEP_BITS
                self.near[which] = NearMiss(self.program(bank.type, number), which, bits)

    def nearest(self) -> tuple[NearMiss, ...]:
        """The programs right on most examples, best first."""
        return tuple(sorted(self.near.values(), key=lambda m: (-len(m.right), m.bits)))

    def _report(self) -> None:
        self.meter.bytes_held = self.bytes_held
        if self.progress is not None:
            classes = sum(bank.count for scope in self._scopes() for bank in scope.banks.values())
            best = self.nearest()
            level = self.level * STEP_BITS
            self.progress(
                Progress(
                    self.meter.evaluations,
                    self.meter.seconds,
                    level,
                    classes,
                    best[0] if best else None,
                    self.meter.bytes_held,
                )
            )

    def _scopes(self) -> Iterator[Scope]:
        yield self.top
        yield from self._inner.values()

    @property
    def bytes_held(self) -> int:
        """Memory held by banks, memos and interned values, in bytes, estimated."""
        return self.applier.bytes_held + sum(scope.bytes_held for scope in self._scopes())


def _largest(spec: Spec) -> int:
    """The longest list worth keeping in this search: several times the longest in the examples."""
    longest = max((_longest(v) for e in spec.examples for v in (*e.arguments, e.output)), default=0)
    return max(64, 4 * longest)


def _longest(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    return max(len(value), *map(_longest, value), 0) if isinstance(value, tuple) else 0


def _mentions_real(t: Type) -> bool:
    return t == REAL or (isinstance(t, TypeConstructor) and any(map(_mentions_real, t.arguments)))


def _last_level(bank: Bank | None) -> int:
    """The cost of the dearest class; 0 for a bank without classes."""
    return 0 if bank is None or bank.count == 0 else int(bank.cost[bank.count - 1])


def _argument_tuples(banks: Sequence[Bank], total: int, ordered: bool, size: int) -> Iterator[Arguments]:
    """All tuples of class numbers whose costs add up to `total`, in blocks of about `size` rows.

    With `ordered`, of two arguments only tuples whose first number is no greater than the second.
    """
    buffer: list[Arguments] = []
    held = 0
    for ranges in _splits(banks, total):
        count = 1
        for r in ranges:
            count *= len(r)
        for start in range(0, count, size):
            flat = np.arange(start, min(count, start + size))
            places = np.unravel_index(flat, tuple(len(r) for r in ranges))
            numbers = np.stack([p + r.start for p, r in zip(places, ranges, strict=True)], axis=1).astype(np.int32)
            if ordered:
                numbers = numbers[numbers[:, 0] <= numbers[:, 1]]
            buffer.append(numbers)
            held += len(numbers)
            if held >= size:
                yield np.concatenate(buffer)
                buffer, held = [], 0
    if held:
        yield np.concatenate(buffer)


def _splits(banks: Sequence[Bank], total: int) -> Iterator[tuple[range, ...]]:
    """Ways to share a cost among arguments: for each, the range of classes of every argument's level."""
    first, rest = banks[0], banks[1:]
    if not rest:
        if classes := first.at(total):
            yield (classes,)
        return
    for level in range(1, total):
        if classes := first.at(level):
            for others in _splits(rest, total - level):
                yield (classes, *others)
