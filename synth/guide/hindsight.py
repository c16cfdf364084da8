"""Tasks out of searches that had no goal: every class of programs in a bank is a task, with its solution.

A search comes to programs of some twenty bits. Deeper ones, the *dreams*, are drawn over what it found (see
`synth.search.exploring`): each is new by its column, so that none is a long way to say what a short program does.
Searches differ in their inputs, in the result that they are after, and in the words that they prefer, drawn anew each
time, so that seldom used words occur in programs with much else in them.

Hindsight is from Andrychowicz et al., "Hindsight experience replay", 2017; dreams are from Ellis et al., "DreamCoder",
2021.
"""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from dsl.compiler import Compiler
from dsl.library import Library
from dsl.program import Application, Lambda, Literal, Program, free_variables, names, walk
from dsl.type_system import BOOL, INT, FunctionType, Type, list_of
from dsl.values import Failure, key, size_of
from synth.guidance import UNGUIDED, Guidance
from synth.guide.corpus import TrainingTask
from synth.guide.drawn_inputs import DrawnInputs, draw_inputs
from synth.pcfg import program_bits, spec_pcfg
from synth.search.engine import Engine
from synth.search.exploring import classes_of, deepen, explore
from tasks.task import Example, Spec

__all__ = ["Hindsight", "generate", "is_idle"]

_K = TypeVar("_K")
_INTS = list_of(INT)
_GOALS: dict[Type, float] = {_INTS: 60.0, INT: 20.0, list_of(_INTS): 8.0, list_of(BOOL): 12.0}
"""How often a search is after a result of a type. Of truth values it is after lists, and finds both on the way."""
_RESULTS: dict[Type, float] = {_INTS: 50.0, INT: 22.0, BOOL: 9.0, list_of(_INTS): 7.0, list_of(BOOL): 5.0}
_OTHERS = 0.5
"""How often a result of a type is taken; others that a bank has."""
_AFTER = 3.0
"""How much more often the result that the search was after is taken."""
_FUEL = 20_000
_LARGEST_RESULT, _LARGEST_INT, _MOST_NODES, _MOST_BITS = 50, 10**7, 30, 55.0
_CANDIDATES = 3
_REDRAWS = 4
_ROUNDS = 2
_PLAIN, _TILT, _MOST_TILT = 0.25, 1.5, 4.0
"""How many searches prefer no words; the standard deviation, in bits, and the bound of what others prefer by."""
_FOR_FUNCTIONS = 3.0
"""How much more often a root is chosen that takes functions."""
_CONSTANTS = 0.4
"""How many searches have a further constant, from 11 to 99."""
_IDLE_KEPT = 0.05
"""How many programs are kept that compute what they need not."""


@dataclass
class Hindsight:
    """Makes tasks, some hundreds from each search; `seen` counts the words so far, so that rare ones are favoured."""

    library: Library
    rng: random.Random
    evaluations: int = 30_000
    from_banks: int = 100
    deeper: int = 200
    fresh: float = 0.8
    """How many of the tasks get inputs of their own, so that a task is not known by the inputs of its search."""
    seen: Counter[str] = field(default_factory=Counter)
    roots: Counter[str] = field(default_factory=Counter)
    _compiler: Compiler = field(init=False)

    def __post_init__(self) -> None:
        self._compiler = Compiler(self.library)

    def tasks(self) -> Iterator[TrainingTask]:
        """Endless tasks."""
        while True:
            yield from self._from_one_search()

    def _from_one_search(self) -> Iterator[TrainingTask]:
        inputs, goal = draw_inputs(self.rng), self._one_of(_GOALS)
        engine = self._explored(inputs, goal)
        weights = {t: _RESULTS.get(t, _OTHERS) * (_AFTER if t == goal else 1.0) for t in engine.top.banks}
        reached = engine.level
        deepen(engine, list(weights), _ROUNDS, 2 * self.deeper, np.random.default_rng(self.rng.getrandbits(64)))
        taken: set[tuple[Type, int]] = set()
        for source, number, levels in (
            ("hindsight", self.from_banks, range(1, reached + 1)),
            ("dream", self.deeper, range(reached + 1, engine.top.bank(goal).opened + 1)),
        ):
            for program, t in self._chosen(engine, weights, levels, number, taken):
                task = self._task(program, t, inputs, source)
                if task is not None:
                    yield task
        engine.release()

    # ---- one search ----------------------------------------------------------------------------------------------

    def _explored(self, inputs: DrawnInputs, goal: Type) -> Engine:
        constants = [self.rng.randint(11, 99)] if self.rng.random() < _CONSTANTS else []
        request = FunctionType(inputs.types, goal)
        return explore(
            inputs.names,
            request,
            inputs.rows,
            self.library,
            self.evaluations,
            self.rng,
            guidance=self._preferences(),
            constants=constants,
        )

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

    def _chosen(
        self, engine: Engine, weights: dict[Type, float], levels: range, number: int, taken: set[tuple[Type, int]]
    ) -> Iterator[tuple[Lambda, Type]]:
        """Programs of classes at some cost levels: evenly over roots, cheap and dear ones alike, rare words first."""
        pools = {t: self._pools(engine, t, levels) for t in weights}
        pools = {t: found for t, found in pools.items() if found}
        for _ in range(number if pools else 0):
            options: list[tuple[Type, int, Lambda]] = []
            for _ in range(_CANDIDATES):
                t = self._one_of({t: weights[t] for t in pools})
                root = self._one_of({word: self._weight(word) for word in pools[t]})
                chosen = int(self.rng.choice(self.rng.choice(pools[t][root])))
                if (t, chosen) not in taken:
                    options.append((t, chosen, engine.program(t, chosen)))
            if options:
                t, chosen, program = min(options, key=lambda option: self._rarest(option[2]))
                taken.add((t, chosen))
                yield program, t

    def _pools(self, engine: Engine, t: Type, levels: range) -> dict[str, list[list[int]]]:
        """Classes by root, and then by cost level."""
        cost = engine.top.banks[t].cost
        found: dict[str, list[list[int]]] = {}
        for root, numbers in classes_of(engine, t).items():
            by_level: dict[int, list[int]] = {}
            for number, level in zip(numbers.tolist(), cost[numbers].tolist(), strict=True):
                if level in levels:
                    by_level.setdefault(level, []).append(number)
            if by_level:
                found[root] = list(by_level.values())
        return found

    def _one_of(self, weights: dict[_K, float]) -> _K:
        return self.rng.choices(list(weights), list(weights.values()))[0]

    def _weight(self, root: str) -> float:
        """How often a root is chosen: seldom seen ones more often, and those that take functions."""
        t = self.library.entries[root].type
        functions = isinstance(t, FunctionType) and any(isinstance(p, FunctionType) for p in t.parameters)
        return (_FOR_FUNCTIONS if functions else 1.0) / math.sqrt(1 + self.roots[root])

    def _rarest(self, program: Lambda) -> int:
        return min((self.seen[name] for name in names(program)), default=10**9)

    # ---- one task ------------------------------------------------------------------------------------------------

    def _task(self, program: Lambda, t: Type, inputs: DrawnInputs, source: str) -> TrainingTask | None:
        """The task that a program solves; None if it is no good one."""
        if not free_variables(program.body) or program.size > _MOST_NODES:
            return None
        if is_idle(program, self._compiler) and self.rng.random() > _IDLE_KEPT:
            return None
        examples = self._examples(program, inputs)
        if examples is None:
            return None
        spec = Spec(inputs.names, FunctionType(inputs.types, t), self.library, examples)
        constants = {part for part in walk(program.body) if isinstance(part, Literal)}
        if not constants <= {leaf.head for leaf in spec_pcfg(spec)[1]}:  # no search has such a constant
            return None
        bits = program_bits(program, spec)
        if bits is None or bits > _MOST_BITS:
            return None
        self.seen.update(set(names(program)))
        if isinstance(program.body, Application):
            self.roots.update(names(program.body.function))
        return TrainingTask(spec, program, bits, source)

    def _examples(self, program: Lambda, inputs: DrawnInputs) -> tuple[Example, ...] | None:
        """What the program yields on inputs of its own, most of the time, or on those that it was found on."""
        run = self._compiler.compile(program, fuel=_FUEL)
        attempts = _REDRAWS if self.rng.random() < self.fresh else 0
        for attempt in range(attempts + 1):
            rows = draw_inputs(self.rng, inputs.types).rows if attempt < attempts else inputs.rows
            examples = tuple(Example(row, o) for row in rows if not _is_poor(o := run(row)))
            if len(examples) >= min(3, len(rows)) and _shows_something(examples):
                return examples
        return None


def generate(library: Library, rng: random.Random, seconds: float) -> Iterator[TrainingTask]:
    """Tasks of both kinds, as many as can be made in so many seconds of wall-clock time.

    Which tasks come, and in which order, depends on `rng` alone.
    """
    end = time.monotonic() + seconds
    for task in Hindsight(library, rng).tasks():
        yield task
        if time.monotonic() > end:
            return


def is_idle(program: Lambda, compiler: Compiler) -> bool:
    """Whether a program computes what it need not: a number from constants alone, or a function of nothing."""
    parts = [part for part in walk(program.body) if isinstance(part, Application | Lambda)]
    return any(_is_idle(part, compiler) for part in parts)


def _is_idle(part: Program, compiler: Compiler) -> bool:
    match part:
        case Lambda(parameters, body):
            return not free_variables(body) & set(parameters)
        case Application() if not free_variables(part):
            return not isinstance(compiler.compile(Lambda((), part), fuel=_FUEL)(()), tuple)
        case _:
            return False


def _is_poor(output: object) -> bool:
    """Whether an output is no value, or too large to be an example of anything."""
    return isinstance(output, Failure) or size_of(output) > _LARGEST_RESULT or _largest(output) > _LARGEST_INT


def _largest(value: object) -> float:
    if isinstance(value, tuple):
        return max(map(_largest, value), default=0)
    return abs(value) if isinstance(value, int | float) else 0


def _shows_something(examples: Sequence[Example]) -> bool:
    """Whether the outputs are neither all the same nor just an input."""
    if len({key(e.output) for e in examples}) < 2:
        return False
    return not any(all(e.arguments[i] == e.output for e in examples) for i in range(len(examples[0].arguments)))
