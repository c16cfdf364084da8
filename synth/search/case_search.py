"""Case splits as a part of the search: programs that are right on some rows, joined by `if`, for every open goal.

Decision tables come first, under a small part of the allowance, then trees.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Production
from dsl.type_system import BOOL, REAL, Type
from synth.budget import Meter
from synth.search.case_tables import TableKeys, constant
from synth.search.cases import (
    CaseProblem,
    Leaf,
    Tree,
    case_problem,
    learn_cases,
    learn_table,
    listing_bits,
    packed_rows,
)
from synth.search.goals import Free, Goal
from synth.search.kernels.convention import DEFINED
from synth.search.kernels.ready import load
from synth.search.kernels.splits import judge_splits
from synth.search.lambdas import Lambdas
from synth.search.rehearsal import rehearse_cases
from synth.search.schedule import STEP_BITS, Place, Schedule
from synth.search.scope import ScopeKey
from synth.search.store import Store
from synth.search.surroundings import Built, Part, Taken

__all__ = ["CaseSearch"]

_SHARE, _FIRST = 0.2, 2_000
"""Candidates that may be judged, as a share of the evaluations of the search, and from the start."""
_TERMS, _PREDICATES = 40_000, 20_000
"""The cheapest classes that trees are made of."""
_GROWN = 1.4
"""A goal is looked at again once its classes are so many times as many."""
_DEAREST = 2.0
"""A tree may cost so many times as much as the programs that enumeration has come to."""
_TABLES_SHARE = 0.025
"""Candidates of tables, as a share of the evaluations of the search; the first keys are the likeliest."""
_IF = "control.if"


@dataclass(slots=True)
class CaseSearch:
    """Looks, now and then, for trees of `if`s that meet a goal.

    At the top `most_misses` rows may be missed, at `miss_bits` each.
    """

    lambdas: Lambdas
    schedule: Schedule
    store: Store
    meter: Meter
    found: Callable[[Place, Goal, Part, int], None]
    most_misses: int = 0
    miss_bits: float | None = None
    candidates: int = 0
    trees: int = 0
    tables: int = 0
    _table_candidates: int = 0
    _looked: dict[tuple[Place, bytes], int] = field(default_factory=dict)
    _table_bits: dict[tuple[Place, bytes], float] = field(default_factory=dict)
    """Of the cheapest table found for a goal."""
    _constant_costs: dict[ScopeKey, dict[tuple[Type, int], int]] = field(default_factory=dict)

    def advance(self, place: Place, goal: Goal, level: int, at_top: bool) -> None:
        """Look for trees that meet a goal, if its classes have grown enough since the last look."""
        scope_key, t = place
        join = self._join(place)
        banks = self.lambdas.scope(scope_key).banks
        bank, truths = banks.get(t), banks.get(BOOL)
        if join is None or bank is None or truths is None or t == REAL:
            return
        size = bank.count + truths.count
        allowed = int(_FIRST + _SHARE * self.meter.evaluations) - self.candidates
        if size < _GROWN * self._looked.get((place, goal.key), 1) or allowed <= 0 or not truths.count:
            return
        self._looked[place, goal.key] = size
        load(self.meter, judge_splits, rehearse_cases)
        production, cost = join
        problem, terms, outputs = self._problem(place, goal, cost * STEP_BITS, at_top)
        share = int(_TABLES_SHARE * self.meter.evaluations) - self._table_candidates
        allowed -= self._look_for_table(place, goal, production, problem, terms, outputs, min(allowed, share))
        learned = learn_cases(
            replace(problem, most_bits=_DEAREST * level * STEP_BITS),
            limit=allowed,
            left=self.meter.remaining(),
            check=lambda: self.meter.spent() is not None,
        )
        self.candidates += learned.candidates
        self.meter.count(learned.candidates)
        predicates = [Taken((scope_key, BOOL), number) for number in range(len(problem.predicate_bits))]
        for tree in learned.trees:
            self.trees += 1
            bits = tree.bits - tree.misses * (problem.miss_bits or 0.0)  # a hit is charged for what it misses
            self.found(place, goal, _part(tree.tree, production, terms, predicates), round(bits / STEP_BITS))
        self.meter.check()

    def _look_for_table(
        self,
        place: Place,
        goal: Goal,
        join: Production,
        problem: CaseProblem,
        terms: Sequence[Part],
        outputs: Sequence[object],
        allowed: int,
    ) -> int:
        """Hand in a table that meets a goal and is cheaper than those before; how many candidates were judged.

        A table may cost more than enumeration has come to: what speaks for it is how much of the goal it says.
        """
        if allowed <= 0:
            return 0
        costs = self._constant_costs.setdefault(place[0], {})
        asked = TableKeys(self.lambdas.scope(place[0]), self.schedule.choices[place[0]], self.store, costs)
        keys = asked.keys(packed_rows(problem.cares, problem.rows).tolist(), outputs, place[1])
        below = math.nextafter(self._table_bits.get((place, goal.key), math.inf), -math.inf)
        left = self.meter.remaining()
        learned = learn_table(
            replace(problem, most_bits=below),
            keys,
            limit=allowed if left is None else min(allowed, left),
            check=lambda: self.meter.spent() is not None,
        )
        self.candidates += learned.candidates
        self._table_candidates += learned.candidates
        self.meter.count(learned.candidates)
        if (table := learned.table) is not None:
            self.tables += 1
            self._table_bits[place, goal.key] = table.bits
            constants = [constant(outputs[row], place[1]) for row in table.constants]
            tests = [asked.test(place, key, row) for key, row in table.tests]
            self.found(place, goal, _part(table.tree, join, [*terms, *constants], tests), round(table.bits / STEP_BITS))
        return learned.candidates

    def _join(self, place: Place) -> tuple[Production, int] | None:
        """The production of `if` at a place, with its cost in steps; None where there is none."""
        key, t = place
        choices = self.schedule.choices.get(key, {}).get(t, ())
        return next(((c.production, c.cost) for c in choices if c.production.key == _IF), None)

    def _problem(
        self, place: Place, goal: Goal, branch_bits: float, at_top: bool
    ) -> tuple[CaseProblem, list[Part], list[object]]:
        """The problem that a goal is, its terms as parts, and an output for each row that counts."""
        key, t = place
        scope = self.lambdas.scope(key)
        terms, predicates = scope.bank(t), scope.bank(BOOL)
        n, m = min(terms.count, _TERMS), min(predicates.count, _PREDICATES)
        right = self._right(goal, terms.cells[:n], terms.status[:n])
        some = np.nonzero(right.any(axis=1))[0]
        wishes = goal.wishes(self.store)
        outputs = [None if isinstance(wish, Free) else wish[0] for wish in wishes]
        row_bits = np.zeros(goal.rows)
        wanted = [r for r, wish in enumerate(wishes) if not isinstance(wish, Free)]
        row_bits[wanted] = listing_bits([outputs[r] for r in wanted])
        problem = case_problem(
            right[some],
            terms.cost[some] * STEP_BITS,
            predicates.cells[:m] == 1,
            predicates.status[:m] == DEFINED,
            predicates.cost[:m] * STEP_BITS,
            branch_bits=branch_bits,
            free=np.array([isinstance(wish, Free) for wish in wishes]),
            miss_bits=self.miss_bits if at_top and self.most_misses else None,
            most_misses=self.most_misses if at_top else 0,
            row_bits=row_bits,
        )
        return problem, [Taken(place, number) for number in some.tolist()], outputs

    def _right(self, goal: Goal, cells: NDArray[np.int64], status: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """(n, rows) whether classes are right on each row of a goal."""
        right: NDArray[np.bool_] = status == DEFINED
        start = 0
        for row, end in enumerate(goal.ends.tolist()):
            if goal.free[row] == 0:
                accepted = goal.cells[start:end]
                column = cells[:, row]
                right[:, row] &= column == accepted[0] if len(accepted) == 1 else np.isin(column, accepted)
            start = end
        return right


def _part(tree: Tree, join: Production, terms: Sequence[Part], predicates: Sequence[Part]) -> Part:
    """A tree as a part of a program, with the production that joins its sides."""
    if isinstance(tree, Leaf):
        return terms[tree.term]
    branches = (_part(side, join, terms, predicates) for side in (tree.then, tree.otherwise))
    return Built(join, (predicates[tree.predicate], *branches))
