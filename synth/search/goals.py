"""Goals: what a part of a program must yield on the rows of its scope, and how a goal passes through a word.

A step backwards takes the goal of a whole application and some of its arguments, and says what the others must be.
It is the deduction of Polozov and Gulwani, "FlashMeta" (OOPSLA 2015), on columns instead of single examples.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import numpy as np

from dsl.inverses import MOST_PREIMAGES, Answer, Anything, Graph, Inverse, Preimages, ask
from dsl.primitive import Primitive
from dsl.type_system import BOOL, INT, REAL, FunctionType, Type, list_of
from dsl.values import INT_MAX, INT_MIN, SIZE_LIMIT, TooLarge, Undefined, fault_of
from synth.search.kernels.convention import DEFINED, Ints, Status
from synth.search.kernels.goals import ANY_VALUE, IDLE, WANTED, matching
from synth.search.store import Store

__all__ = [
    "NO_VALUE",
    "Free",
    "Given",
    "Goal",
    "Points",
    "Step",
    "Wish",
    "function_residual",
    "goal_of",
    "matches",
    "residual",
    "steps",
]


class Free(enum.IntEnum):
    """What may be on a row where no particular value is wanted."""

    VALUE = ANY_VALUE
    """Any value, but one there must be."""
    IDLE = IDLE
    """Anything, or no value: the part is not run there."""


class NoValue(enum.Enum):
    """Stands for the value of an argument on a row where it has none."""

    NO_VALUE = enum.auto()


NO_VALUE = NoValue.NO_VALUE
_INTS, _BOOLS = list_of(INT), list_of(BOOL)
Wish: TypeAlias = "tuple[object, ...] | Free"
"""What is wanted of one row: one of these values, or what `Free` says."""
Given: TypeAlias = Mapping[int, Sequence[object]]
"""The known arguments of an application, by position: their values on each row, or NO_VALUE."""
Points: TypeAlias = "dict[tuple[int, tuple[object, ...]], tuple[object, ...]]"
"""What a function must give: by outer row and argument tuple, the acceptable results."""


# ---- Goals ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Goal:
    """What a part of a program must yield: on each row one of a few cells, or what the row's entry in `free` allows.

    The acceptable cells of row r are `cells[ends[r - 1]:ends[r]]`, rising. Goals of one type with equal `key` are
    equal.
    """

    type: Type
    cells: Ints
    ends: Ints
    free: Status
    key: bytes

    @property
    def rows(self) -> int:
        """How many rows its scope has."""
        return len(self.free)

    @property
    def is_exact(self) -> bool:
        """Whether it wants one cell on every row."""
        return len(self.cells) == self.rows and not self.free.any()

    @property
    def is_single(self) -> bool:
        """Whether no row accepts several values (some may be free)."""
        return len(self.cells) == self.rows - int(np.count_nonzero(self.free))

    @property
    def wants_nothing(self) -> bool:
        """Whether every row is free: then any program of its type will do, and a simpler one would do without it."""
        return not len(self.cells)

    def wishes(self, store: Store) -> tuple[Wish, ...]:
        """The acceptable values of each row."""
        starts = [0, *self.ends[:-1].tolist()]
        return tuple(
            Free(free) if free else tuple(store.decode_all(self.cells[start:end].tolist(), self.type))
            for start, end, free in zip(starts, self.ends.tolist(), self.free.tolist(), strict=True)
        )

    def spread(self, where: Ints, rows: int) -> Goal:
        """The goal in a scope that has grown: old row r is now row `where[r]`, the new rows are idle."""
        free = np.full(rows, IDLE, dtype=np.uint8)
        free[where] = self.free
        counts = np.zeros(rows, dtype=np.int64)
        counts[where] = np.diff(self.ends, prepend=0)
        parts = np.split(self.cells, self.ends[:-1])
        cells = np.concatenate([parts[r] for r in np.argsort(where)]) if parts else self.cells
        return _goal(self.type, cells, np.cumsum(counts), free)


def _goal(t: Type, cells: Ints, ends: Ints, free: Status) -> Goal:
    return Goal(t, cells, ends, free, b"".join((free.tobytes(), ends.tobytes(), cells.tobytes())))


def goal_of(wishes: Sequence[Wish], t: Type, store: Store) -> Goal:
    """The goal that wants these values of type `t`, row by row."""
    values = [value for wish in wishes if not isinstance(wish, Free) for value in wish]
    encoded = iter(_encoded(values, t, store))
    cells: list[int] = []
    ends: list[int] = []
    for wish in wishes:
        if not isinstance(wish, Free):
            cells.extend(sorted(set(islice(encoded, len(wish)))))
        ends.append(len(cells))
    free = [wish if isinstance(wish, Free) else WANTED for wish in wishes]
    return _goal(t, np.array(cells, dtype=np.int64), np.array(ends, dtype=np.int64), np.array(free, dtype=np.uint8))


def _encoded(values: Sequence[Any], t: Type, store: Store) -> list[int]:
    """The cells of values; those of flat lists all at once, which is what most goals are made of."""
    if t not in (_INTS, _BOOLS):
        return [store.encode(value, t) for value in values]
    items = np.array([item for value in values for item in value], dtype=np.int64)
    ends = np.cumsum([len(value) for value in values], dtype=np.int64)
    numbers: list[int] = store.intern(items, ends, np.full(len(values), DEFINED, dtype=np.uint8)).tolist()
    return numbers


def _is_sound(value: object, t: Type) -> bool:
    """Whether the language has such a value of type `t`: what an inverse computes may pass 64 bits, or be mistaken."""
    if t == INT:
        return type(value) is int and INT_MIN <= value <= INT_MAX
    if t == _INTS and type(value) is tuple and value and set(map(type, value)) == {int}:
        return len(value) < SIZE_LIMIT and INT_MIN <= min(value) <= max(value) <= INT_MAX
    return fault_of(value, t) is None


def matches(goal: Goal, cells: Ints, status: Status, *, most: int | None = None) -> Ints:
    """Numbers of the columns that meet a goal, in order; at most so many, if said.

    `cells` and `status` are (n, rows). Reals need only be near, as everywhere an output is judged.
    """
    room = len(cells) if most is None else min(most, len(cells))
    out = np.empty(room, dtype=np.int64)
    counts = np.diff(goal.ends, prepend=0)
    # The rows that accept fewest cells tell most columns apart; those that only ask for a value come last.
    order = np.argsort(np.where(goal.free == WANTED, counts, MOST_PREIMAGES + 1), kind="stable")
    found = matching(cells, status, goal.cells, goal.ends, goal.free, order, goal.type == REAL, out)
    return out[:found]


# ---- Steps backwards ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A way backwards through a word: the positions of the arguments that are given, and the inverse for each other."""

    primitive: Primitive
    given: tuple[int, ...]
    holes: tuple[tuple[int, Inverse], ...]


def steps(primitive: Primitive) -> tuple[Step, ...]:
    """All ways backwards through a word: one for each set of given arguments from which its inverses find the rest."""
    found: dict[tuple[int, ...], Step] = {}
    for inverse in primitive.inverses:
        given = tuple(primitive.parameters.index(name) for name in inverse.given)
        holes = tuple(
            (position, max(fitting, key=lambda i: len(i.given)))
            for position, name in enumerate(primitive.parameters)
            if position not in given
            and (
                fitting := [i for i in primitive.inverses if i.parameter == name and set(i.given) <= set(inverse.given)]
            )
        )
        if len(given) + len(holes) == len(primitive.parameters):
            found.setdefault(given, Step(primitive, given, holes))
    return tuple(found.values())


def residual(step: Step, position: int, wishes: Sequence[Wish], given: Given, t: Type, store: Store) -> Goal | None:
    """What an argument of type `t` must be, so that the application yields what is wanted with the given arguments.

    None where some row has no such argument, or more than MOST_PREIMAGES: nothing is left out silently.
    """
    inverse = dict(step.holes)[position]
    found: list[Wish] = []
    for row, wish in enumerate(wishes):
        wanted = _wish(step.primitive, position, inverse, wish, _row(given, row), t)
        if wanted is None:
            return None
        found.append(wanted)
    return goal_of(found, t, store)


def function_residual(
    step: Step, position: int, wishes: Sequence[Wish], given: Given, t: FunctionType
) -> Points | None:
    """The points that an argument which is a function must pass through; None where no function will do.

    Where a row accepts several outputs, the function may do for either; such a choice is kept only if it is between the
    results of one point.
    """
    inverse = dict(step.holes)[position]
    points: Points = {}
    for row, wish in enumerate(wishes):
        found = _points(step.primitive, position, inverse, wish, _row(given, row), t)
        if found is None:
            return None
        points.update(((row, arguments), results) for arguments, results in found.items())
    return points


def _row(given: Given, row: int) -> dict[int, object]:
    return {position: values[row] for position, values in given.items()}


def _wish(
    primitive: Primitive, position: int, inverse: Inverse, wish: Wish, known: Mapping[int, object], t: Type
) -> Wish | None:
    """What is wanted of an argument on one row; None where there is no such argument."""
    if wish is Free.IDLE:
        return wish
    try:
        free = Free.VALUE if _is_run(primitive, position, known) else Free.IDLE
        if isinstance(wish, Free):
            return free
        answers = _answers(primitive, inverse, wish, known)
    except (Undefined, TooLarge):
        return None
    if any(isinstance(answer, Anything) for answer in answers):
        return free
    values = [v for a in answers if isinstance(a, Preimages) for v in a.values if _is_sound(v, t)]
    return tuple(values) if 0 < len(values) <= MOST_PREIMAGES else None


def _points(
    primitive: Primitive, position: int, inverse: Inverse, wish: Wish, known: Mapping[int, object], t: FunctionType
) -> dict[tuple[object, ...], tuple[object, ...]] | None:
    """The points of one row that a function must pass through; None where no function will do."""
    if wish is Free.IDLE:
        return {}
    try:
        run = _is_run(primitive, position, known)
        answers = [] if isinstance(wish, Free) else _answers(primitive, inverse, wish, known)
    except (Undefined, TooLarge):
        return None
    if not run or isinstance(wish, Free) or any(isinstance(answer, Anything) for answer in answers):
        return {}
    return _merged([dict(answer.points) for answer in answers if isinstance(answer, Graph)], t.result)


def _answers(
    primitive: Primitive, inverse: Inverse, outputs: Iterable[object], known: Mapping[int, object]
) -> list[Answer]:
    """What the inverse answers for each acceptable output that it has an answer for; TooLarge if it had to cut one."""
    values = [known[primitive.parameters.index(name)] for name in inverse.given]
    if any(value is NO_VALUE for value in values):
        raise Undefined
    answers: list[Answer] = []
    for out in outputs:
        try:
            answers.append(ask(inverse, out, values))
        except TooLarge:
            raise
        except Exception:  # no preimage; and what an inverse should not raise, `primitives check` reports
            continue
    return answers


class _Run(Exception):  # noqa: N818 - a signal from inside a lazy word
    """The argument in question was asked for, or one that is not known."""


def _is_run(primitive: Primitive, position: int, known: Mapping[int, object]) -> bool:
    """Whether the argument may be run at all, given the others; Undefined where one that is run has no value."""
    if primitive.lazy is None:
        if any(value is NO_VALUE for value in known.values()):
            raise Undefined
        return True

    def force(asked: int) -> object:
        if asked not in known:
            raise _Run(asked)
        if known[asked] is NO_VALUE:
            raise Undefined
        return known[asked]

    try:
        primitive.lazy(force)
    except _Run as run:
        return bool(run.args[0] == position)
    return False


def _merged(
    graphs: Sequence[dict[tuple[object, ...], object]], t: Type
) -> dict[tuple[object, ...], tuple[object, ...]] | None:
    """The results that several functions of one row allow, point by point; None if that would mix them."""
    if not graphs or any(not _is_sound(result, t) for graph in graphs for result in graph.values()):
        return None
    first = graphs[0]
    if any(graph.keys() != first.keys() for graph in graphs):
        return None
    merged = {arguments: tuple(dict.fromkeys(graph[arguments] for graph in graphs)) for arguments in first}
    several = [results for results in merged.values() if len(results) > 1]
    return merged if len(several) <= 1 and all(len(results) <= MOST_PREIMAGES for results in several) else None
