"""Tasks out of searches that had no goal: classes of programs in a bank are tasks, with their solutions.

A search comes to programs of some twenty bits. Deeper ones, the *dreams*, are drawn over what it found (see
`synth.search.exploring`): each is new by its column, so that none is a long way to say what a short program does.
Searches differ in their inputs, in the result that they are after, and in the words that they prefer, drawn anew each
time, so that seldom used words occur in programs with much else in them.

A search has rows of several draws, and its tasks are taken in *views*, a few of the rows each. What a program yields is
in the bank, so nothing is run; and in a view a task has the cheapest program known that agrees on these rows.

Hindsight is from Andrychowicz et al., "Hindsight experience replay", 2017; dreams are from Ellis et al., "DreamCoder",
2021.
"""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dsl.compiler import Compiler
from dsl.library import Library
from dsl.program import Application, Lambda, Literal, names, walk
from dsl.type_system import BOOL, INT, FunctionType, Type, list_of
from dsl.values import size_of
from synth.guidance import UNGUIDED, Guidance
from synth.guide.corpus import TrainingTask
from synth.guide.drawn_inputs import DrawnInputs, draw_inputs
from synth.guide.idleness import Idleness
from synth.pcfg import Pcfg, spec_pcfg
from synth.search.engine import Engine
from synth.search.exploring import LIKED_BITS, classes_of, deepen, explore
from synth.search.schedule import STEP_BITS
from tasks.task import Example, Spec

__all__ = ["Hindsight", "generate"]

_K = TypeVar("_K")
_INTS = list_of(INT)
_GOALS: dict[Type, float] = {_INTS: 60.0, INT: 20.0, list_of(_INTS): 8.0, list_of(BOOL): 12.0}
"""How often a search is after a result of a type. Of truth values it is after lists, and finds both on the way."""
_RESULTS: dict[Type, float] = {_INTS: 50.0, INT: 22.0, BOOL: 9.0, list_of(_INTS): 7.0, list_of(BOOL): 5.0}
_OTHERS = 0.5
"""How often a result of a type is taken; others that a bank has."""
_AFTER = 3.0
"""How much more often the result that the search was after is taken."""
_LARGEST_RESULT, _LARGEST_INT, _MOST_NODES, _MOST_BITS = 50, 10**7, 30, 55.0
_ROUNDS = 2
_ROWS, _VIEWS = 24, 20
"""The rows of a search, and how many views there are of them."""
_OF_ONE_DRAW = 0.7
"""How many views have rows that were drawn together, and so are of one kind."""
_CANDIDATES = 4
"""How many programs are looked at for each that is taken for its rarest word."""
_BY_RAREST = 0.3
"""How many are taken so."""
_OF_PARTS = 0.3
"""How many programs are drawn of a type that is no task's result, against others: they are parts of programs."""
_RANGE = 0.4
"""The power of the weight that all classes of a root have together, with which the root is chosen."""
_FEWEST = 3
"""The fewest rows that a view has, unless there are no more."""
_PLAIN, _TILT, _MOST_TILT = 0.25, 1.5, 4.0
"""How many searches prefer no words; the standard deviation, in bits, and the bound of what others prefer by."""
_BALANCE = 0.7
"""The power of how often a root has been seen by which it is chosen less often."""
_FOR_FUNCTIONS = 3.0
"""How much more often a root is chosen that takes functions."""
_CONSTANTS = 0.4
"""How many searches have a further constant, from 11 to 99."""
_IDLE_KEPT = 0.05
"""How many programs are kept that compute what they need not."""


@dataclass
class Hindsight:
    """Makes tasks, some thousand from each search; `seen` counts the words so far, so that rare ones are favoured."""

    library: Library
    rng: random.Random
    evaluations: int = 16_000
    from_banks: int = 1_000
    deeper: int = 500
    seen: Counter[str] = field(default_factory=Counter)
    roots: Counter[str] = field(default_factory=Counter)
    _idleness: Idleness = field(init=False)
    _pcfgs: dict[Type, Pcfg] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._idleness = Idleness(Compiler(self.library))

    def tasks(self) -> Iterator[TrainingTask]:
        """Endless tasks."""
        while True:
            yield from self.of_one_search()

    def of_one_search(self) -> Iterator[TrainingTask]:
        """The tasks of one search."""
        search = self._explored()
        try:
            for _ in range(_VIEWS):
                rows = self._view(search)
                for dreams, number in ((False, self.from_banks), (True, self.deeper)):
                    for t, chosen in self._chosen(search, rows, dreams, math.ceil(number / _VIEWS)):
                        task = self._task(search, rows, t, chosen, "dream" if dreams else "hindsight")
                        if task is not None:
                            yield task
        finally:
            search.engine.release()
            self._idleness.forget()
            self._pcfgs.clear()

    # ---- one search ----------------------------------------------------------------------------------------------

    def _explored(self) -> _Search:
        """A search, deepened, with rows of several draws."""
        draws = _draws(self.rng)
        inputs, goal = draws[0], self._one_of(_GOALS)
        constants = [self.rng.randint(11, 99)] if self.rng.random() < _CONSTANTS else []
        rows = tuple(row for draw in draws for row in draw.rows)
        engine = explore(
            inputs.names,
            FunctionType(inputs.types, goal),
            rows,
            self.library,
            self.evaluations,
            self.rng,
            guidance=self._preferences(),
            constants=constants,
        )
        weights = {t: _RESULTS.get(t, _OTHERS) * (_AFTER if t == goal else 1.0) for t in engine.top.banks}
        reached, number = engine.level, 50 + self.deeper // 4
        programs = {t: number if t in _RESULTS else int(_OF_PARTS * number) for t in weights}
        deepen(engine, programs, _ROUNDS, np.random.default_rng(self.rng.getrandbits(64)))
        return _Search(engine, inputs.names, inputs.types, rows, [len(draw.rows) for draw in draws], weights, reached)

    def _view(self, search: _Search) -> list[int]:
        """Some rows of a search, by number: of one draw, or of all."""
        at = self.rng.randrange(len(search.sizes))
        first, size = sum(search.sizes[:at]), search.sizes[at]
        if size < _FEWEST or self.rng.random() > _OF_ONE_DRAW:
            first, size = 0, len(search.rows)
        number = min(size, self.rng.choices((3, 4, 5, 6, 7, 8, 10), (3, 4, 8, 3, 2, 2, 5))[0])
        return self.rng.sample(range(first, first + size), number)

    def _preferences(self) -> Guidance:
        """Bits for words, drawn; those seen less than others cost less."""
        if self.rng.random() < _PLAIN:
            return UNGUIDED
        words = sorted(self.library.entries)
        counts = np.array([1 + self.seen[word] for word in words], dtype=np.float64)
        owed = 0.5 * np.log2(counts / np.median(counts))
        drawn = {
            word: max(-_MOST_TILT, min(_MOST_TILT, self.rng.gauss(bias, _TILT)))
            for word, bias in zip(words, owed.tolist(), strict=True)
        }
        return Guidance("drawn", drawn)

    def _chosen(self, search: _Search, rows: list[int], dreams: bool, number: int) -> list[tuple[Type, int]]:
        """Classes to make tasks of: simple ones more often; some for their roots, some for their rarest words."""
        types: list[Type] = []
        places, numbers, weights = [], [], []
        for t, weight in search.weights.items():
            found, each = self._weighed(search, t, rows, dreams)
            if len(found):
                places.append(np.full(len(found), len(types)))
                numbers.append(found)
                weights.append(weight * each / each.sum())
                types.append(t)
        if not types:
            return []
        place, found = np.concatenate(places), np.concatenate(numbers)
        # The largest of keys with Gumbel noise are a sample without replacement (Vieira, "Gumbel-max trick", 2014).
        noise = np.random.default_rng(self.rng.getrandbits(64)).gumbel(size=len(found))
        order = np.argsort(-(np.log(np.concatenate(weights)) + noise), kind="stable")
        by_rarest = round(_BY_RAREST * number)
        most = number - by_rarest + round(_CANDIDATES * by_rarest)
        sampled = [(types[place[i]], int(found[i])) for i in order[:most].tolist()]
        taken, others = sampled[: number - by_rarest], sampled[number - by_rarest :]
        taken += sorted(others, key=lambda option: self._rarest(search.engine.program(*option)))[:by_rarest]
        search.taken.update(taken)
        return taken

    def _weighed(
        self, search: _Search, t: Type, rows: list[int], dreams: bool
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """The classes of a type that are left in a view, and how often each is taken."""
        cost = search.engine.top.banks[t].cost
        left_over = (cost > search.reached) == dreams
        left_over[[number for of_type, number in search.taken if of_type == t]] = False
        numbers, weights = [np.zeros(0, np.int32)], [np.zeros(0)]
        for root, found in classes_of(search.engine, t, rows).items():
            left = found[left_over[found]]
            if len(left):
                each = 2.0 ** (-cost[left] * STEP_BITS / LIKED_BITS)
                whole = float(each.sum())
                numbers.append(left)
                weights.append(each / whole * whole**_RANGE * self._weight(root))
        return np.concatenate(numbers), np.concatenate(weights)

    def _one_of(self, weights: dict[_K, float]) -> _K:
        return self.rng.choices(list(weights), list(weights.values()))[0]

    def _weight(self, root: str) -> float:
        """How often a root is chosen: seldom seen ones more often, and those that take functions."""
        t = self.library.entries[root].type
        functions = isinstance(t, FunctionType) and any(isinstance(p, FunctionType) for p in t.parameters)
        return float((_FOR_FUNCTIONS if functions else 1.0) / (1 + self.roots[root]) ** _BALANCE)

    def _rarest(self, program: Lambda) -> int:
        return min((self.seen[name] for name in names(program)), default=10**9)

    # ---- one task ------------------------------------------------------------------------------------------------

    def _task(self, search: _Search, rows: list[int], t: Type, number: int, source: str) -> TrainingTask | None:
        """The task that the program of a class solves on some rows; None if it is no good one."""
        program = search.engine.program(t, number)
        free, idle = self._idleness.of(program.body)
        if not free or program.size > _MOST_NODES or (idle and self.rng.random() > _IDLE_KEPT):
            return None
        cells = search.engine.top.banks[t].cells[number, rows].tolist()
        outputs = search.engine.store.decode_all(cells, t)
        if any(map(_is_poor, outputs)):
            return None
        examples = tuple(Example(search.rows[row], o) for row, o in zip(rows, outputs, strict=True))
        spec = Spec(search.names, FunctionType(search.types, t), self.library, examples)
        bits = self._bits(program, spec)
        if bits is None or bits > _MOST_BITS:
            return None
        self.seen.update(set(names(program)))
        if isinstance(program.body, Application):
            self.roots.update(names(program.body.function))
        return TrainingTask(spec, program, bits, source)

    def _bits(self, program: Lambda, spec: Spec) -> float | None:
        """The program's length; None where a constant in it is one that no search for the task has."""
        fresh, leaves = spec_pcfg(spec)
        constants = {part for part in walk(program.body) if isinstance(part, Literal)}
        if not constants <= {leaf.head for leaf in leaves}:
            return None
        pcfg = self._pcfgs.setdefault(spec.type_request.result, fresh)
        bits = pcfg.bits(program.body, spec.type_request.result, leaves)
        return bits if math.isfinite(bits) else None


@dataclass
class _Search:
    """A search that was deepened: its rows, with how many are of each draw; how often each type's classes are taken."""

    engine: Engine
    names: tuple[str, ...]
    types: tuple[Type, ...]
    rows: tuple[tuple[object, ...], ...]
    sizes: list[int]
    weights: dict[Type, float]
    reached: int
    taken: set[tuple[Type, int]] = field(default_factory=set)


def _draws(rng: random.Random) -> list[DrawnInputs]:
    """Inputs of one type request, drawn until there are enough rows."""
    made = [draw_inputs(rng)]
    while sum(len(draw.rows) for draw in made) < _ROWS:
        made.append(draw_inputs(rng, made[0].types))
    return made


def generate(library: Library, rng: random.Random, seconds: float) -> Iterator[TrainingTask]:
    """Tasks of both kinds, as many as can be made in so many seconds of wall-clock time.

    Which tasks come, and in which order, depends on `rng` alone.
    """
    end = time.monotonic() + seconds
    for task in Hindsight(library, rng).tasks():
        yield task
        if time.monotonic() > end:
            return


def _is_poor(output: object) -> bool:
    """Whether an output is too large to be an example of anything."""
    return size_of(output) > _LARGEST_RESULT or _largest(output) > _LARGEST_INT


def _largest(value: object) -> float:
    if isinstance(value, tuple):
        return max(map(_largest, value), default=0)
    return abs(value) if isinstance(value, int | float) else 0
