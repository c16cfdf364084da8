"""The loop: bottom-up enumeration by cost, a production at a time, whole blocks of programs together.

Every class of cost c is built from cheaper ones: for each production, all argument tuples whose costs add up to the
rest. Lambda bodies are enumerated the same way in scopes of their own, no further than the level at hand can use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Production
from dsl.program import Lambda, Literal, Name, Variable
from dsl.type_system import FunctionType, Type
from dsl.values import SIZE_LIMIT
from synth.budget import Meter, Spent, StopReason
from synth.pcfg import Pcfg
from synth.search.apply import Applier, FunctionColumn, Operand
from synth.search.bank import LEVELS, Arguments, Bank, Derivation
from synth.search.case_search import CaseSearch
from synth.search.column import Block, Column, block_of, repeated, some_rows
from synth.search.contexts import Contexts
from synth.search.goal_search import GoalSearch
from synth.search.goals import Free, Goal, Wish, goal_of
from synth.search.hits import Hits
from synth.search.in_context import Source
from synth.search.judge import Judge, longest
from synth.search.kernels.banking import weigh
from synth.search.kernels.ready import Kernels
from synth.search.lambdas import Lambdas
from synth.search.parts import program_of
from synth.search.plans import Planner
from synth.search.schedule import CAPTURE_COST, SCALARS, STEP_BITS, Place, Schedule, schedule
from synth.search.scope import TOP, Captured, Plan, Scope, ScopeKey
from synth.search.store import Store
from synth.search.subgoals import NO_ARGUMENTS, Subgoals
from synth.search.surroundings import Part
from synth.search.switches import Switches
from synth.search.tuples import argument_tuples
from synth.search.whole_programs import WholePrograms
from synth.solver import LevelShare, Progress
from tasks.task import Spec

__all__ = ["Engine"]

_CAPTURED_AT_MOST = 40
"""Outer classes of one type and level that a lambda may capture."""
_CAPTURED_LISTS_UP_TO = 12
"""The dearest outer list, in steps, that a lambda may capture."""
_BLOCKS_BETWEEN_LOOKS = 16
"""How often the memory held is added up."""
_GOALS_WITH_CASES = 6
"""Open goals of a place for which case splits are looked for."""


@dataclass(slots=True, repr=False)
class Engine:
    """One search: scopes, banks, and the work done so far."""

    spec: Spec
    pcfg: Pcfg
    leaves: tuple[Production, ...]
    meter: Meter
    hits: Hits
    switches: Switches = field(default_factory=Switches)
    progress: Callable[[Progress], None] | None = None
    level: int = 0
    levels: list[LevelShare] = field(default_factory=list)
    """The levels that have been searched."""
    covered: float = 0.0
    """The share of the prior's mass that the programs of the goal type checked so far have."""
    frozen: bool = False
    """Whether memory is short: nothing more is banked, and only programs over the classes kept are checked."""
    store: Store = field(default_factory=Store)
    top: Scope = field(init=False)
    applier: Applier = field(init=False)
    lambdas: Lambdas = field(init=False)
    judge: Judge = field(init=False)
    planner: Planner = field(init=False)
    schedule: Schedule = field(init=False)
    wanted: Goal = field(init=False)
    goals: GoalSearch | None = None
    cases: CaseSearch | None = None
    subgoals: Subgoals | None = None
    _examined: set[int] = field(default_factory=set)
    _blocks: int = 0

    def __post_init__(self) -> None:
        spec, goal = self.spec, self.spec.type_request.result
        rows = [*(e.arguments for e in spec.examples), *spec.queries]
        kernels = Kernels(self.switches.kernels, self.meter)
        self.applier = Applier(spec.library, self.store, _largest(spec), self.meter.check, kernels, self.hits.calls)
        self.schedule = schedule(self.pcfg, self.leaves, goal)
        names = tuple(zip(spec.parameters, spec.type_request.parameters, strict=True))
        self.top = Scope(TOP, names, len(rows), self.store, equivalence=self.switches.equivalence)
        for position, (name, t) in enumerate(names):
            self.top.columns[name] = block_of([row[position] for row in rows], t, self.store)
        self.lambdas = Lambdas(spec, self.top, self.applier)
        contexts = Contexts(self.schedule.costs, self.leaves)
        self.planner = Planner(spec.library, self.lambdas, contexts, self.meter.budget.memory, self.switches)
        self.judge = Judge(spec, self.store)
        self.wanted = self._wanted()
        if self.pcfg.guidance.subgoals:
            programs = WholePrograms(spec, self.applier.compiler, self.meter)
            self.subgoals = Subgoals(spec, self.pcfg.guidance.subgoals, programs)
        switches, exact = self.switches, not spec.allowed_misses
        if switches.goals and exact:
            self.goals = GoalSearch(
                spec.library,
                self.wanted,
                self.lambdas,
                self.schedule,
                self.store,
                self.meter,
                self.apply,
                self._propose,
            )
        if switches.cases:
            self.cases = CaseSearch(
                self.lambdas,
                self.schedule,
                self.store,
                self.meter,
                self._join,
                spec.allowed_misses,
                self.hits.miss_bits,
            )

    def _wanted(self) -> Goal:
        """The goal at the top: the wanted outputs, and for queries some value."""
        wishes: list[Wish] = [(e.output,) for e in self.spec.examples]
        wishes += [Free.VALUE for _ in self.spec.queries]
        return goal_of(wishes, self.spec.type_request.result, self.store)

    # ---- levels --------------------------------------------------------------------------------------------------

    def steps(self) -> Iterator[None]:
        """The search, a block of programs at a time, until nothing is left; raises Spent when the budget ends."""
        while self.level < LEVELS:
            before = self.meter.evaluations
            self.level += 1
            yield from self._raise_level()
            self._look_beyond()
            self.levels.append(LevelShare(self.level * STEP_BITS, self.meter.evaluations - before, not self.frozen))
            self._report()
            if self.meter.evaluations == before and self.exhausted():
                if self.frozen:
                    raise Spent(StopReason.MEMORY)
                return

    def _look_beyond(self) -> None:
        """What the level's classes are good for besides being parts of the next ones."""
        if self.goals is not None:
            self.goals.advance(self.level)
        if self.cases is not None:
            self.cases.advance((TOP, self.wanted.type), self.wanted, self.level, at_top=True)
            for place, goal in self.goals.open_goals(_GOALS_WITH_CASES) if self.goals is not None else ():
                self.cases.advance(place, goal, self.level, at_top=False)

    def _propose(self, part: Part, cost: int) -> None:
        """Hand in a program that was put together from parts."""
        program = Lambda(self.spec.parameters, program_of(part, self.top, self.lambdas))
        self.hits.propose(program, None if self.pcfg.is_guided else cost)

    def _join(self, place: Place, goal: Goal, part: Part, cost: int) -> None:
        """Take a case split that meets a goal."""
        if goal is self.wanted:
            self._propose(part, cost)
        elif self.goals is not None:
            self.goals.offer(place, goal, part, cost)

    def _raise_level(self) -> Iterator[None]:
        """Everything that programs of this level can need, farthest from the goal first; then those programs."""
        goal = (TOP, self.spec.type_request.result)
        for distance, place in self.schedule.places:
            if place == goal and not self.switches.probing:
                continue
            if self.level > distance:
                yield from self.build(*place, self.level - distance)
        yield from self.build(*goal, self.level, probe=self.switches.probing)

    def build(self, key: ScopeKey, t: Type, level: int, probe: bool = False) -> Iterator[None]:
        """All programs of one scope, type and cost level: put into classes, or only checked against the goal."""
        scope = self.lambdas.scope(key)
        if self.frozen and not probe:
            return
        if not probe:
            scope.bank(t).open_level(level)
            if scope.outer is not None:
                self._capture(scope, scope.outer, t, level)
            elif self.subgoals is not None:
                self._put_in(scope, self.subgoals, t, level)
        plans = scope.plans.get(t)
        if plans is None:
            plans = scope.plans[t] = [self.planner.plan(scope, choice) for choice in self.schedule.choices[key][t]]
        act = self._probe if probe else self._add
        for plan in plans:
            rest = level - plan.choice.cost - (plan.extra if probe else 0)
            if rest >= len(plan.banks):
                for numbers in self._tuples(plan, rest):
                    act(scope, plan, self._within_budget(numbers), level)
                    yield
                    if not probe and self._is_full():
                        return

    def _tuples(self, plan: Plan, rest: int) -> Iterator[Arguments]:
        """Argument tuples of a plan that cost so many steps together, in blocks."""
        if plan.choice.production.is_leaf:
            if not rest:
                yield np.zeros((1, 0), dtype=np.int32)
        elif all(bank.count for bank in plan.banks):
            yield from argument_tuples(plan.sources, rest, plan.ordered, plan.block)

    def _probe(self, scope: Scope, plan: Plan, numbers: Arguments, level: int) -> None:
        """Check programs of the goal type against the wanted outputs, row by row; most fall at the first."""
        production = plan.choice.production
        self.meter.count(len(numbers))
        self.covered += float(_masses(plan, numbers).sum())
        if self.spec.allowed_misses:
            self._probe_all(scope, plan, numbers, level)
            return
        alive = numbers
        for step, row in enumerate(self.judge.order):
            column = self.apply(scope, production, alive, slice(row, row + 1))
            right = self.judge.right_on(column, row)
            if step and step not in self._examined and not right.all():
                self._examined.add(step)
                self._note_fallen(scope, plan, alive[~right][:1], level)
            alive = alive[right]
            if not len(alive):
                return
        for arguments in alive[: Hits.KEPT]:
            self._hit(Derivation(plan.head, tuple(arguments.tolist())), level)

    def _probe_all(self, scope: Scope, plan: Plan, numbers: Arguments, level: int) -> None:
        """Check programs on all examples, where some may be missed."""
        right = self.judge.right(self.apply(scope, plan.choice.production, numbers))
        for position in self.hits.cheapest(right):
            self._hit(Derivation(plan.head, tuple(numbers[position].tolist())), level)

    def _hit(self, derivation: Derivation, level: int) -> None:
        program = Lambda(self.spec.parameters, self.top.derived(derivation, self.lambdas.inner))
        self.hits.add(program, None if self.pcfg.is_guided else level)

    def _note_fallen(self, scope: Scope, plan: Plan, numbers: Arguments, level: int) -> None:
        """Remember a program that was right on some rows before it fell."""
        right = self.judge.right(self.apply(scope, plan.choice.production, numbers))
        derivation = Derivation(plan.head, tuple(numbers[0].tolist()))
        program = Lambda(self.spec.parameters, scope.derived(derivation, self.lambdas.inner))
        self.judge.note(right, level * STEP_BITS, lambda position: program)

    def apply(self, scope: Scope, production: Production, numbers: Arguments, rows: slice = slice(None)) -> Column:
        """The columns of a production on argument tuples: all rows of the scope, or some."""
        if production.is_leaf:
            leaf = self._leaf(scope, production)
            return leaf if rows == slice(None) else some_rows(leaf, rows)
        columns = [np.ascontiguousarray(numbers[:, i]) for i in range(len(production.parameters))]
        operands = [self._operand(scope, p, c, rows) for p, c in zip(production.parameters, columns, strict=True)]
        return self.applier.apply(production, operands, np.arange(scope.rows, dtype=np.int64)[rows])

    def _add(self, scope: Scope, plan: Plan, numbers: Arguments, level: int) -> None:
        """Evaluate one production on argument tuples and bank the results."""
        production = plan.choice.production
        column = self.apply(scope, production, numbers)
        self.meter.count(len(numbers))
        fresh = scope.add(production.result, column, plan.head, numbers, _masses(plan, numbers), level)
        if scope is self.top and production.result == self.spec.type_request.result:
            self._judge(scope.bank(production.result), fresh)

    def _is_full(self) -> bool:
        """Whether the memory allowed is used up; looked at once in a while, and true from then on."""
        self._blocks += 1
        if self.meter.budget.memory is not None and not self.frozen and self._blocks % _BLOCKS_BETWEEN_LOOKS == 0:
            self.meter.hold(self.bytes_held)
            self.frozen = self.meter.is_full()
        return self.frozen

    def _operand(self, scope: Scope, t: Type, numbers: NDArray[np.int32], rows: slice) -> Operand:
        if isinstance(t, FunctionType):
            return FunctionColumn(self.lambdas.functions(scope, t), numbers)
        return scope.banks[t].block(numbers, rows)

    def _within_budget(self, numbers: Arguments) -> Arguments:
        """As many argument tuples as the budget still allows, so that a budget in evaluations is met exactly."""
        self.meter.check()
        left = self.meter.remaining()
        return numbers if left is None or left >= len(numbers) else numbers[:left]

    # ---- leaves and lambdas --------------------------------------------------------------------------------------

    def _leaf(self, scope: Scope, production: Production) -> Block:
        match production.head:
            case Variable(name):
                return scope.columns[name]
            case Literal(value):
                return repeated(block_of([value], production.result, self.store), np.zeros(scope.rows, dtype=np.int64))
            case Name(word):
                return self.applier.constant(word, production.result, scope.rows)

    def _capture(self, scope: Scope, outer: Scope, t: Type, level: int) -> None:
        """Offer classes of the outer scope as leaves of a lambda's body, cheapest first."""
        outer_level = level - CAPTURE_COST
        bank = outer.banks.get(t)
        if bank is None or (t not in SCALARS and outer_level > _CAPTURED_LISTS_UP_TO):
            return
        for number in list(bank.at(outer_level))[:_CAPTURED_AT_MOST]:
            head = self.lambdas.head_number(scope, Captured(t, number))
            block = repeated(bank.block(slice(number, number + 1)), scope.owner)
            self.meter.count(1)
            mass = np.array([float(bank.mass[number]) * 2.0 ** (-CAPTURE_COST * STEP_BITS)])
            scope.add(t, block, head, NO_ARGUMENTS, mass, level)

    def _put_in(self, scope: Scope, subgoals: Subgoals, t: Type, level: int) -> None:
        """Bank the subgoals that cost so much."""
        for program, block in subgoals.at(scope, t, level):
            mass = np.array([2.0 ** (-level * STEP_BITS)])
            scope.add(t, block, scope.head_number(program), NO_ARGUMENTS, mass, level)

    def exhausted(self) -> bool:
        """Whether no place can bring anything new at any later level."""
        return all(self.level - distance > self._horizon(key, t) for distance, (key, t) in self.schedule.places)

    def _horizon(self, key: ScopeKey, t: Type) -> int:
        """The highest level of a place that can still bring anything: the dearest production over dearest classes."""
        scope = self.lambdas.scope(key)
        highest = 0 if scope.outer is None else CAPTURE_COST + _last_level(scope.outer.banks.get(t))
        for plan in scope.plans.get(t, ()):
            tops = list(map(_last_level, plan.sources))
            if all(tops):
                highest = max(highest, plan.choice.cost + plan.extra + sum(tops))
        return highest

    # ---- judging -------------------------------------------------------------------------------------------------

    def _judge(self, bank: Bank, fresh: range) -> None:
        """Compare new classes of the goal type with the wanted outputs."""
        if not fresh:
            return
        right = self.judge.right(bank.block(slice(fresh.start, fresh.stop)))
        level = int(bank.cost[fresh.start])
        if not self.switches.probing:
            for position in self.hits.cheapest(right):
                self._hit(bank.derivations(fresh.start + int(position))[0], level)
        self.judge.note(right, level * STEP_BITS, lambda position: self.program(bank.type, fresh.start + position))

    def program(self, t: Type, number: int) -> Lambda:
        """The complete program of a class of the top scope."""
        return Lambda(self.spec.parameters, self.top.program(t, number, self.lambdas.inner))

    def _report(self) -> None:
        self.meter.hold(self.bytes_held)
        if self.progress is not None:
            best = self.judge.nearest()
            self.progress(
                Progress(
                    self.meter.evaluations,
                    self.meter.seconds,
                    self.level * STEP_BITS,
                    self.classes,
                    best[0] if best else None,
                    self.meter.memory_used,
                )
            )

    @property
    def scopes(self) -> Sequence[Scope]:
        """The top scope, and those of lambdas."""
        return (self.top, *self.lambdas.scopes.values())

    def release(self) -> None:
        """Let go of all that was found; the engine is of no use after that."""
        for scope in self.scopes:
            scope.banks.clear()
            scope.plans.clear()
            scope.nodes = None
        self.goals = self.cases = None
        self.applier.release()
        self.store.release()

    @property
    def merged_bodies(self) -> bool:
        """Whether bodies were merged that might differ on arguments never seen."""
        return any(bank.merged for scope in self.lambdas.scopes.values() for bank in scope.banks.values())

    @property
    def classes(self) -> int:
        """Classes in all banks."""
        return sum(bank.count for scope in self.scopes for bank in scope.banks.values())

    @property
    def bytes_held(self) -> int:
        """Memory held by banks, memos and values, in bytes."""
        backwards = 0 if self.goals is None else self.goals.backwards.bytes_held
        scopes = sum(scope.bytes_held for scope in self.scopes)
        return self.applier.bytes_held + self.store.bytes_held + scopes + backwards + self.planner.contexts.bytes_held


def _largest(spec: Spec) -> int:
    """The longest list worth keeping in this search: several times the longest in the examples."""
    values = [v for e in spec.examples for v in (*e.arguments, e.output)] + [v for q in spec.queries for v in q]
    most = max(map(longest, values), default=0)
    return max(64, min(4 * most, SIZE_LIMIT), most)


def _masses(plan: Plan, numbers: Arguments) -> NDArray[np.float64]:
    """The prior mass of programs, from the masses of their arguments' classes."""
    mass = np.full(len(numbers), plan.choice.probability)
    for i, source in enumerate(plan.banks):
        weigh(mass, source.mass, numbers, i)
    return mass


def _last_level(source: Source | None) -> int:
    """The cost of the dearest class; 0 where there is none."""
    return 0 if source is None else source.most
