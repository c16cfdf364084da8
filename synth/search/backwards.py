"""The search backwards: goals opened from the top, step by step, and met by classes that the banks hold.

Goals and steps make a graph of alternatives: a goal is met by one class, or by one step all of whose holes are met
(cf. the version space algebra of Polozov and Gulwani, "FlashMeta", 2015). It grows with a bound on the cost of a path:
the words on the way down to a goal, and the arguments that were given to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Production
from dsl.library import Entry
from dsl.primitive import Primitive
from dsl.program import Name
from dsl.type_system import REAL, FunctionType
from synth.search.goals import Goal, Step, Wish, function_residual, matches, residual, steps
from synth.search.kernels.convention import DEFINED, Ints, Status
from synth.search.kernels.goals import hash_columns
from synth.search.schedule import Place
from synth.search.scope import Choice, ScopeKey
from synth.search.store import Store
from synth.search.surroundings import Built, Columns, Part, Solution, Surroundings, Taken

__all__ = ["Backwards"]

_NEVER = 1 << 30
_VALUES_KEPT = 50_000
_FREE_STEP = 0.5
"""How deep a step counts that needs no given argument; other steps count 1."""


# ---- The graph of goals ---------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Node:
    """An open goal. `cost` is that of the cheapest path down to it, `sure_cost` that of the cheapest without forks.

    A path forks where a step has several holes: below a fork, meeting a goal is not yet meeting the one at the top.
    """

    place: Place
    goal: Goal
    cost: int
    sure_cost: int
    depth: float
    ways_up: list[_Way] = field(default_factory=list)
    parts: list[tuple[int, Part]] = field(default_factory=list)
    """The cheapest parts that meet it."""
    wishes: tuple[Wish, ...] | None = None
    tried: dict[int, dict[tuple[int, ...], int]] = field(default_factory=dict)
    """By the number of a task: how many classes were tried as its last given argument, by the arguments before it."""
    hash: int | None = None
    compared: int = -1
    """How many classes of its place it has been compared with; -1 before the first time."""


@dataclass(slots=True, eq=False)
class _Way:
    """A step that leads from one goal down to others: what is given, and the goals of its holes, by position."""

    above: _Node
    production: Production
    given: tuple[tuple[int, Taken], ...]
    holes: tuple[tuple[int, _Node], ...]
    cost: int
    """Of the production and the given arguments."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A step to be tried on the goals of a place, with every choice of given arguments; numbered within the place."""

    number: int
    choice: Choice
    step: Step
    places: tuple[Place, ...]


@dataclass(slots=True)
class Backwards:
    """Goals below one wanted column, opened in order of cost; `depth` steps down at most, and `most_goals` goals.

    Call `expand` with a rising bound, and `match` when banks have grown; both say which programs they completed. A
    residual counts as one evaluation, and so does a goal when it is first looked up.
    """

    library: Mapping[str, Entry]
    around: Surroundings
    store: Store
    place: Place
    goal: Goal
    depth: float = 2
    most_goals: int = 4000
    parts_kept: int = 4
    bound: int = 0
    _nodes: list[_Node] = field(default_factory=list)
    _by_key: dict[tuple[Place, bytes], _Node] = field(default_factory=dict)
    _hashes: dict[Place, NDArray[np.uint64]] = field(default_factory=dict)
    _steps: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    _tasks: dict[Place, list[_Task]] = field(default_factory=dict)
    _values: dict[Taken, Sequence[object]] = field(default_factory=dict)
    _completed: list[Solution] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._node_for(self.place, self.goal, 0, 0, 0)

    @property
    def goals(self) -> Mapping[Place, list[Goal]]:
        """The open goals of each place, the one at the top included."""
        found: dict[Place, list[Goal]] = {}
        for node in self._nodes:
            found.setdefault(node.place, []).append(node.goal)
        return found

    @property
    def is_full(self) -> bool:
        """Whether goals may have been left out, because there were too many."""
        return len(self._nodes) >= self.most_goals

    @property
    def bytes_held(self) -> int:
        """Memory held, in bytes; Python objects are estimated, values of the store are counted there."""
        goals = sum(3 * len(node.goal.key) + 1200 for node in self._nodes)
        return goals + sum(hashes.nbytes for hashes in self._hashes.values()) + 200 * len(self._values)

    # ---- opening goals -----------------------------------------------------------------------------------------

    def expand(self, bound: int) -> list[Solution]:
        """Open all goals whose path costs at most `bound`, with the given arguments that the banks hold by now."""
        for layer in range(min(self.bound + 1, bound), bound + 1):
            for node in self._nodes:  # grows while the loop runs
                if node.depth < self.depth and node.cost < layer:
                    for task in self._tasks_of(node.place):
                        self._pursue(node, task, layer)
            self.bound = max(self.bound, layer)
        return self._take_completed()

    def _tasks_of(self, place: Place) -> Sequence[_Task]:
        found = self._tasks.get(place)
        if found is None:
            ways = [(c, step) for c in self.around.choices(place) for step in self._steps_of(c.production)]
            found = self._tasks[place] = [
                _Task(n, choice, step, tuple(self.around.part(place, choice.production, p) for p in step.given))
                for n, (choice, step) in enumerate(ways)
            ]
        return found

    def _steps_of(self, production: Production) -> tuple[Step, ...]:
        """The steps through a word at hand for a production; a function is never given, it has no values by rows."""
        if not isinstance(production.head, Name) or not production.parameters:
            return ()
        word = production.head.name
        found = self._steps.get(word)
        if found is None:
            entry = self.library[word]
            found = self._steps[word] = steps(entry) if isinstance(entry, Primitive) else ()
        is_function = [isinstance(t, FunctionType) for t in production.parameters]
        return tuple(step for step in found if not any(is_function[p] for p in step.given))

    def _pursue(self, node: _Node, task: _Task, layer: int) -> None:
        budget = layer - node.cost - task.choice.cost
        # Parts found apart fit together only where one output is wanted: else each may aim at another.
        if budget < len(task.step.given) or (len(task.step.holes) > 1 and not node.goal.is_single):
            return
        for numbers in self._tuples(node.tried.setdefault(task.number, {}), task.places, (), budget):
            self._try(node, task, tuple(map(Taken, task.places, numbers)))

    def _tuples(
        self, tried: dict[tuple[int, ...], int], places: tuple[Place, ...], before: tuple[int, ...], budget: int
    ) -> Iterator[tuple[int, ...]]:
        """Class numbers not tried yet whose costs are within the budget; each counts as tried once it has been used."""
        if not places:
            if before not in tried:
                yield before
                tried[before] = 1
            return
        cost = self.around.columns(places[0]).cost
        stop = int(np.searchsorted(cost, budget - len(places) + 1, side="right"))
        if len(places) == 1:
            for number in range(tried.get(before, 0), stop):
                yield (*before, number)
                tried[before] = number + 1
        else:
            for number in range(stop):
                yield from self._tuples(tried, places[1:], (*before, number), budget - int(cost[number]))

    def _try(self, node: _Node, task: _Task, given: tuple[Taken, ...]) -> None:
        """Compute what the holes of a step must be, given these arguments, and open the goals that come out."""
        step, production = task.step, task.choice.production
        values = {position: self._values_of(taken) for position, taken in zip(step.given, given, strict=True)}
        found: list[tuple[int, Place, Goal]] = []
        for position, _ in step.holes:
            self.around.note_evaluations(1)
            place = self.around.part(node.place, production, position)
            goal = self._residual(node, step, production, position, values, place)
            if goal is None or goal.wants_nothing:
                return
            found.append((position, place, goal))
        own = task.choice.cost + sum(int(self.around.columns(taken.place).cost[taken.number]) for taken in given)
        known = tuple(zip(step.given, given, strict=True))
        self._open(node, production, known, found, own)

    def _residual(
        self,
        node: _Node,
        step: Step,
        production: Production,
        position: int,
        values: Mapping[int, Sequence[object]],
        place: Place,
    ) -> Goal | None:
        t = production.parameters[position]
        if node.wishes is None:
            node.wishes = node.goal.wishes(self.store)
        if not isinstance(t, FunctionType):
            return residual(step, position, node.wishes, values, t, self.store)
        points = function_residual(step, position, node.wishes, values, t)
        return None if points is None else self.around.inner_goal(place, points)

    def _values_of(self, taken: Taken) -> Sequence[object]:
        found = self._values.get(taken)
        if found is None:
            if len(self._values) >= _VALUES_KEPT:
                self._values.clear()
            found = self._values[taken] = self.around.values(taken.place, taken.number)
        return found

    def _open(
        self,
        above: _Node,
        production: Production,
        given: tuple[tuple[int, Taken], ...],
        found: Sequence[tuple[int, Place, Goal]],
        own: int,
    ) -> None:
        """Add a step to the graph, and the goals it leads to; unless they are there at no more cost, or above it."""
        cost = above.cost + own
        sure = above.sure_cost + own if len(found) == 1 else _NEVER
        nodes = [self._by_key.get((place, goal.key)) for _, place, goal in found]
        known = [node for node in nodes if node is not None]
        if any(node.sure_cost <= cost for node in known) or not self._above(above).isdisjoint(known):
            return
        if len(known) < len(nodes) and self.is_full:
            return
        # A step that needs no given argument is taken once, whatever is in the banks: such steps make chains cheap.
        depth = above.depth + (1 if given else _FREE_STEP)
        holes = tuple((position, self._node_for(place, goal, cost, sure, depth)) for position, place, goal in found)
        way = _Way(above, production, given, holes, own)
        for node in {id(node): node for _, node in holes}.values():
            node.ways_up.append(way)
        for part in tuple(holes[0][1].parts):
            self._complete(way, holes[0][1], part)

    def _node_for(self, place: Place, goal: Goal, cost: int, sure: int, depth: float) -> _Node:
        """The node of a goal, reached once more or for the first time."""
        node = self._by_key.get((place, goal.key))
        if node is None:
            node = self._by_key[place, goal.key] = _Node(place, goal, cost, sure, depth)
            self._nodes.append(node)
        node.cost, node.sure_cost = min(node.cost, cost), min(node.sure_cost, sure)
        node.depth = min(node.depth, depth)
        return node

    def _above(self, node: _Node) -> set[_Node]:
        """A goal and all those that a path down to it passes."""
        found, waiting = {node}, [node]
        while waiting:
            fresh = {way.above for way in waiting.pop().ways_up} - found
            found |= fresh
            waiting.extend(fresh)
        return found

    # ---- meeting goals -----------------------------------------------------------------------------------------

    def match(self) -> list[Solution]:
        """Compare the open goals below the top with the classes that they have not been compared with."""
        by_place: dict[Place, list[_Node]] = {}
        for node in self._nodes[1:]:
            by_place.setdefault(node.place, []).append(node)
        for place, nodes in by_place.items():
            if fresh := sum(node.compared < 0 for node in nodes):
                self.around.note_evaluations(fresh)
            columns = self.around.columns(place)
            self._match_exact(place, [node for node in nodes if _is_hashable(node.goal)], columns)
            for node in nodes:
                if not _is_hashable(node.goal):
                    self._match_rows(node, columns)
        return self._take_completed()

    def offer(self, place: Place, goal: Goal, part: Part, cost: int) -> list[Solution]:
        """Note a part that meets an open goal, found by other means; the programs that it completes."""
        node = self._by_key.get((place, goal.key))
        if node is not None:
            self._meet(node, part, cost)
        return self._take_completed()

    def _match_exact(self, place: Place, nodes: Sequence[_Node], columns: Columns) -> None:
        """Look goals up by the hash of their column: old goals among new classes, new goals among all."""
        if not nodes:
            return
        hashes = self._hashes.get(place, np.zeros(0, dtype=np.uint64))
        old, count = len(hashes), len(columns.cost)
        if count > old:
            hashes = np.concatenate((hashes, _hashes_of(columns.cells[old:count], columns.status[old:count])))
            self._hashes[place] = hashes
        for start in sorted({max(node.compared, 0) for node in nodes} - {count}):
            asked = {_hash_of(node): node for node in nodes if max(node.compared, 0) == start}
            wanted = np.array(list(asked), dtype=np.uint64)
            for number in (np.nonzero(np.isin(hashes[start:], wanted))[0] + start).tolist():
                node = asked[int(hashes[number])]
                if np.array_equal(columns.cells[number], node.goal.cells):
                    self._meet(node, Taken(place, number), int(columns.cost[number]))
        for node in nodes:
            node.compared = count

    def _match_rows(self, node: _Node, columns: Columns) -> None:
        """Compare a goal with classes row by row; as many as are kept are enough."""
        start, count = max(node.compared, 0), len(columns.cost)
        if start < count:
            found = matches(node.goal, columns.cells[start:count], columns.status[start:count], most=self.parts_kept)
            for number in (found + start).tolist():
                self._meet(node, Taken(node.place, number), int(columns.cost[number]))
        node.compared = count

    def _meet(self, node: _Node, part: Part, cost: int) -> None:
        """Note what meets a goal, and what that completes further up."""
        if node is self._nodes[0]:
            assert isinstance(part, Built), "the goal at the top is not looked up"
            self._completed.append(Solution(cost, part))
            return
        if len(node.parts) >= self.parts_kept and cost >= node.parts[-1][0]:
            return
        node.parts = sorted((*node.parts, (cost, part)), key=lambda kept: kept[0])[: self.parts_kept]
        for way in tuple(node.ways_up):
            self._complete(way, node, (cost, part))

    def _complete(self, way: _Way, filled: _Node, filling: tuple[int, Part]) -> None:
        """Build the application of a step, one of whose holes is filled, if the others can be."""
        cost = way.cost
        arguments: dict[int, Part] = dict(way.given)
        for position, node in way.holes:
            if node is not filled and not node.parts:
                return
            of_part, arguments[position] = filling if node is filled else node.parts[0]
            cost += of_part
        ordered = tuple(arguments[position] for position in range(len(arguments)))
        self._meet(way.above, Built(way.production, ordered), cost)

    def _take_completed(self) -> list[Solution]:
        """What was completed since last asked, the cheapest first."""
        completed, self._completed = self._completed, []
        return sorted(completed, key=lambda solution: solution.cost)

    # ---- scopes that grow --------------------------------------------------------------------------------------

    def move_rows(self, scope: ScopeKey, where: Ints, rows: int) -> None:
        """Follow a scope that has grown to `rows` rows: what was row r is now row `where[r]`; to be told before asking.

        On the new rows old goals want nothing.
        """
        for node in self._nodes:
            if node.place[0] == scope:
                node.goal, node.wishes, node.hash = node.goal.spread(where, rows), None, None
        self._by_key = {(node.place, node.goal.key): node for node in self._nodes}
        for taken in [taken for taken in self._values if taken.place[0] == scope]:
            del self._values[taken]
        for place in [place for place in self._hashes if place[0] == scope]:
            del self._hashes[place]


def _is_hashable(goal: Goal) -> bool:
    """Whether a goal is met by one column only: it is exact, and not of reals, which need only be near."""
    return goal.is_exact and goal.type != REAL


def _hashes_of(cells: Ints, status: Status) -> NDArray[np.uint64]:
    hashes = np.empty(len(cells), dtype=np.uint64)
    hash_columns(cells, status, hashes)
    return hashes


def _hash_of(node: _Node) -> int:
    if node.hash is None:
        column, status = node.goal.cells.reshape(1, -1), np.full((1, node.goal.rows), DEFINED, dtype=np.uint8)
        node.hash = int(_hashes_of(column, status)[0])
    return node.hash
