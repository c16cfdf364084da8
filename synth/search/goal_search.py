"""The search backwards as a part of the search forwards: which goals to open when, and what meets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from dsl.grammar import Production
from dsl.library import Library
from dsl.type_system import FunctionType
from synth.budget import Meter
from synth.search.backwards import Backwards
from synth.search.goals import NO_VALUE, Free, Goal, Points, Wish, goal_of
from synth.search.growth import Apply, grow
from synth.search.kernels.convention import DEFINED
from synth.search.kernels.goals import matching
from synth.search.kernels.ready import load
from synth.search.lambdas import Lambdas
from synth.search.rehearsal import rehearse_goals
from synth.search.schedule import Place, Schedule, scope_key
from synth.search.scope import TOP, Choice, Scope
from synth.search.store import Store
from synth.search.surroundings import Columns, Part, Solution

__all__ = ["GoalSearch"]

_SHARE = 0.01
"""Evaluations backwards, as a share of those forwards: each is a call of Python code on every row."""
_FIRST = 400
"""Evaluations backwards that are allowed from the start."""
_GROWN_AT_MOST, _ROWS_AT_MOST = 12, 320
"""How often a lambda's scope may grow for the sake of goals, and to how many rows."""


class _Enough(Exception):  # noqa: N818 - no error: the allowance is used up for now
    """Raised where the search backwards must wait until the search forwards has done more."""


@dataclass(slots=True)
class GoalSearch:
    """Works backwards from the wanted outputs, a little after every level of the search forwards.

    It is what `Backwards` asks about the search forwards, and turns what it completes into programs.
    """

    library: Library
    top: Goal
    lambdas: Lambdas
    schedule: Schedule
    store: Store
    meter: Meter
    apply: Apply
    found: Callable[[Part, int], None]
    evaluations: int = 0
    completed: int = 0
    backwards: Backwards = field(init=False)
    _rows: dict[Place, dict[tuple[int, ...], int]] = field(default_factory=dict)
    _generations: dict[Place, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        load(self.meter, matching, rehearse_goals)
        place = (TOP, self.top.type)
        self.backwards = Backwards(self.library.entries, self, self.store, place, self.top)

    def advance(self, level: int) -> None:
        """Open goals that fit the level, as far as the allowance goes, and compare them with what the banks hold."""
        solutions: list[Solution] = []
        try:
            solutions += self.backwards.match()
            solutions += self.backwards.expand(level)
            solutions += self.backwards.match()
        except _Enough:
            pass
        self._tell(solutions)

    def offer(self, place: Place, goal: Goal, part: Part, cost: int) -> None:
        """Take a part that meets a goal, found by other means."""
        self._tell(self.backwards.offer(place, goal, part, cost))

    def _tell(self, solutions: Sequence[Solution]) -> None:
        for solution in solutions:
            self.completed += 1
            self.found(solution.program, solution.cost)

    def open_goals(self, most: int) -> list[tuple[Place, Goal]]:
        """Open goals below the top, of every place the first few that were opened."""
        goals = self.backwards.goals.items()
        return [(place, goal) for place, found in goals for goal in found[:most] if goal is not self.top]

    # ---- what `Backwards` asks -----------------------------------------------------------------------------------

    def note_evaluations(self, count: int) -> None:
        """Count work backwards; raises where it must wait, or where the budget ends."""
        self.meter.check()
        if self.evaluations + count > _FIRST + _SHARE * (self.meter.evaluations - self.evaluations):
            raise _Enough
        self.evaluations += count
        self.meter.count(count)

    def choices(self, place: Place) -> Sequence[Choice]:
        """The productions of a place with their costs."""
        key, t = place
        return self.schedule.choices[key].get(t, ()) if key in self.schedule.choices else ()

    def part(self, place: Place, production: Production, position: int) -> Place:
        """Where an argument of a production is built: in the same scope, or, for the body of a function, in its own."""
        key, t = place[0], production.parameters[position]
        return (scope_key(t, key), t.result) if isinstance(t, FunctionType) else (key, t)

    def columns(self, place: Place) -> Columns:
        """The classes found so far."""
        bank = self.lambdas.scope(place[0]).bank(place[1])
        return Columns(bank.cells[: bank.count], bank.status[: bank.count], bank.cost[: bank.count])

    def values(self, place: Place, number: int) -> Sequence[object]:
        """The values of a class on each row, or NO_VALUE."""
        bank = self.lambdas.scope(place[0]).bank(place[1])
        cells = zip(bank.cells[number].tolist(), bank.status[number].tolist(), strict=True)
        return [self.store.decode(c, place[1]) if s == DEFINED else NO_VALUE for c, s in cells]

    def inner_goal(self, place: Place, points: Points) -> Goal | None:
        """The goal for bodies of functions (built at this place) with these points; None if the scope lacks rows."""
        scope = self.lambdas.scope(place[0])
        types = scope.key.parameters
        wanted = {
            (row, *(self.store.encode(v, t) for v, t in zip(arguments, types, strict=True))): results
            for (row, arguments), results in points.items()
        }
        rows = self._rows_of(place, scope)
        missing = [known for known in wanted if known not in rows]
        if missing:
            if not self._may_grow(scope, len(missing)):
                return None
            old = scope.rows
            owner = np.array([known[0] for known in missing], dtype=np.int64)
            grow(self.lambdas, scope, owner, np.array([k[1:] for k in missing], dtype=np.int64), self.apply)
            self.backwards.move_rows(scope.key, np.arange(old, dtype=np.int64), scope.rows)
            rows = self._rows_of(place, scope)
        wishes: list[Wish] = [Free.IDLE] * scope.rows
        for known, results in wanted.items():
            wishes[rows[known]] = results
        return goal_of(wishes, place[1], self.store)

    def _may_grow(self, scope: Scope, more: int) -> bool:
        return scope.key.depth == 1 and scope.generation < _GROWN_AT_MOST and scope.rows + more <= _ROWS_AT_MOST

    def _rows_of(self, place: Place, scope: Scope) -> dict[tuple[int, ...], int]:
        if self._generations.get(place) != scope.generation:
            keys = zip(scope.owner.tolist(), *scope.arguments.T.tolist(), strict=True)
            self._rows[place] = {known: row for row, known in enumerate(keys)}
            self._generations[place] = scope.generation
        return self._rows[place]
