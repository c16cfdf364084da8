"""Plain enumeration in cost order: the oracle and the baseline of the columnar search.

Same grammar, same costs, none of the tricks: every program is built, and those of the goal type are run on every
example by the compiler. One evaluation is one program built, which is one production applied to its arguments.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from dsl.compiler import Compiler
from dsl.program import Application, Lambda, Program, Variable
from dsl.type_system import FunctionType, Type
from dsl.values import Failure, agree
from synth.budget import Budget, Meter, Spent, StopReason
from synth.guidance import UNGUIDED, Guidance
from synth.pcfg import spec_pcfg
from synth.search.forward import hopeless, interruptible, unreachable
from synth.search.schedule import CAPTURE_COST, STEP_BITS, Place, Schedule, schedule, scope_key
from synth.search.scope import PARAMETER, TOP, ScopeKey
from synth.search.tidy import tidy
from synth.solver import Answer
from tasks.task import Spec

__all__ = ["Enumerate"]

_LEVELS = 200


@dataclass(frozen=True)
class Enumerate:
    """Every program of the goal type, cheapest first, each run on all examples."""

    guidance: Guidance = UNGUIDED

    @property
    def name(self) -> str:
        """A short name for tables and logs."""
        return "enumerate"

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """The first program, by cost, that is right on every example, or why there is none."""
        if (answer := hopeless(spec)) is not None:
            return answer
        with interruptible() as interrupted:
            meter = budget.start(interrupted)  # what comes before the first program is in the time, as in any search
            pcfg, leaves = spec_pcfg(spec, self.guidance)
            if (answer := unreachable(pcfg, leaves, spec)) is not None:
                return answer
            plan = schedule(pcfg, leaves, spec.type_request.result)
            stop, program, level = _search(_Programs(plan, meter, spec.parameters), spec)
        bits = level * STEP_BITS if program is not None else None
        return Answer(program, stop, meter.evaluations, meter.seconds, bits, self.guidance.source)


def _search(programs: _Programs, spec: Spec) -> tuple[StopReason, Program | None, int]:
    compiler = Compiler(spec.library)
    goal: Place = (TOP, spec.type_request.result)
    for level in range(1, _LEVELS):
        try:
            for body in programs.of(goal, level):
                candidate = Lambda(spec.parameters, body)
                if _fits(compiler, candidate, spec):
                    return StopReason.SOLVED, tidy(candidate), level
        except Spent as spent:
            return spent.reason, None, level
    return StopReason.EXHAUSTED, None, _LEVELS


def _fits(compiler: Compiler, candidate: Program, spec: Spec) -> bool:
    run = compiler.compile(candidate)
    outcomes = ((run(e.arguments), e.output) for e in spec.examples)
    return all(not isinstance(outcome, Failure) and agree(outcome, wanted) for outcome, wanted in outcomes)


@dataclass(slots=True)
class _Programs:
    """All programs of a place and cost, kept once built."""

    plan: Schedule
    meter: Meter
    inputs: tuple[str, ...]
    _known: dict[tuple[Place, int], list[Program]] = field(default_factory=dict)

    def of(self, place: Place, cost: int) -> list[Program]:
        """Programs of exactly this cost, in the grammar's order."""
        found = self._known.get((place, cost))
        if found is None:
            found = self._known[place, cost] = list(self._build(place, cost)) if cost > 0 else []
        return found

    def _build(self, place: Place, cost: int) -> Iterator[Program]:
        key, t = place
        if key != TOP:
            yield from self.of((key.outer or TOP, t), cost - CAPTURE_COST)
        for choice in self.plan.choices[key].get(t, ()):
            head, parameters = choice.production.head, choice.production.parameters
            if not parameters:
                if choice.cost == cost:
                    yield self._counted(self._named(head, key))
                continue
            for parts in self._arguments(key, parameters, cost - choice.cost):
                yield self._counted(Application(head, parts))

    def _arguments(self, key: ScopeKey, parameters: tuple[Type, ...], total: int) -> Iterator[tuple[Program, ...]]:
        first, rest = parameters[0], parameters[1:]
        if not rest:
            yield from ((p,) for p in self._argument(key, first, total))
            return
        for cost in range(1, total):
            firsts = self._argument(key, first, cost)
            if firsts:
                yield from (
                    (p, *others) for p, others in itertools.product(firsts, self._arguments(key, rest, total - cost))
                )

    def _argument(self, key: ScopeKey, t: Type, cost: int) -> list[Program]:
        if not isinstance(t, FunctionType):
            return self.of((key, t), cost)
        inner = scope_key(t, key)
        names = self._parameter_names(inner)
        return [Lambda(names, body) for body in self.of((inner, t.result), cost)]

    def _parameter_names(self, key: ScopeKey) -> tuple[str, ...]:
        """Names for a lambda's parameters, other than those of the lambdas around it."""
        around = 0 if key.outer is None else len(self._names_to(key.outer))
        return self._names_to(key)[around:]

    def _names_to(self, key: ScopeKey | None) -> tuple[str, ...]:
        count = 0
        while key is not None:
            count, key = count + len(key.parameters), key.outer
        free = (name for name in ("x", "y", "z", "w", "v", "u", "t", "s", "r") if name not in self.inputs)
        return tuple(itertools.islice(free, count))

    def _named(self, head: Program, key: ScopeKey) -> Program:
        match head:
            case Variable(name) if name.startswith(PARAMETER):
                depth, position = map(int, name.removeprefix(PARAMETER).split("."))
                scope: ScopeKey | None = key
                while scope is not None and scope.depth != depth:
                    scope = scope.outer
                assert scope is not None, "a lambda's parameters are used inside it"
                return Variable(self._parameter_names(scope)[position])
            case _:
                return head

    def _counted(self, program: Program) -> Program:
        self.meter.check()
        self.meter.count(1)
        return program
