"""Tasks out of searches that had no goal: every class of programs in a bank is a task, with its solution.

Two further kinds come from the same inputs: programs drawn from the grammar, and programs put one into another. These
go deeper than a search does; they count only if no program of the search does the same, so that their text is about the
shortest. Hindsight is from Andrychowicz et al., "Hindsight experience replay", 2017; dreams are from Ellis et al.,
"DreamCoder", 2021.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from dsl.compiler import Compiler
from dsl.grammar import Production
from dsl.library import Library
from dsl.program import Application, Lambda, Literal, Program, Variable, children, free_variables, names, rebuild, walk
from dsl.type_system import BOOL, INT, FunctionType, Type, list_of
from dsl.values import Failure, key, size_of
from synth.budget import Budget, Meter, Spent
from synth.guide.corpus import TrainingTask
from synth.guide.drawn_inputs import DrawnInputs, draw_inputs
from synth.pcfg import Pcfg, program_bits, spec_pcfg, variable
from synth.search.engine import Engine
from synth.search.hits import Hits
from synth.search.switches import Switches
from tasks.task import Example, Spec

__all__ = ["Hindsight"]

_INTS = list_of(INT)
_RESULTS: dict[Type, float] = {_INTS: 50.0, INT: 25.0, BOOL: 7.0, list_of(_INTS): 6.0, list_of(BOOL): 3.0}
"""How often results of a type are taken; other types that a bank has weigh 1."""
_OTHERS = 1.0
_FUEL = 20_000
_LARGEST_RESULT, _MOST_NODES = 60, 40
_CANDIDATES = 4
_REDRAWS = 4
_DREAM_DEPTH = 7


@dataclass
class Hindsight:
    """Makes tasks, some hundreds from each search; `seen` counts the words so far, so that rare ones are favoured."""

    library: Library
    rng: random.Random
    evaluations: int = 40_000
    from_banks: int = 60
    deeper: int = 120
    fresh: float = 0.8
    """How many of the tasks get inputs of their own, so that a task is not known by the inputs of its search."""
    seen: Counter[str] = field(default_factory=Counter)
    _compiler: Compiler = field(init=False)
    _types: dict[Lambda, Type] = field(default_factory=dict)
    """The result types of the programs of the search at hand."""

    def __post_init__(self) -> None:
        self._compiler = Compiler(self.library)

    def tasks(self) -> Iterator[TrainingTask]:
        """Endless tasks."""
        while True:
            yield from self._from_one_search()

    def _from_one_search(self) -> Iterator[TrainingTask]:
        inputs = draw_inputs(self.rng)
        engine = self._searched(inputs)
        known: dict[object, None] = {}
        found = list(self._classes(engine, inputs, known))
        yield from map(self.on_fresh_inputs, found)
        dreams = self._dreams(engine, inputs, known, [task.program for task in found])
        yield from map(self.on_fresh_inputs, dreams)
        engine.release()
        self._types.clear()

    def on_fresh_inputs(self, task: TrainingTask) -> TrainingTask:
        """The same program on other inputs, most of the time; the task as it is where they show too little of it."""
        if self.rng.random() > self.fresh:
            return task
        spec, request = task.spec, task.spec.type_request
        run = self._compiler.compile(task.program, fuel=_FUEL)
        for _ in range(_REDRAWS):
            rows = draw_inputs(self.rng, request.parameters).rows
            pairs = [Example(row, o) for row in rows if not _is_poor(o := run(row))]
            if len(pairs) >= min(3, len(rows)) and _shows_something(pairs):
                other = replace(spec, examples=tuple(pairs))
                bits = program_bits(task.program, other)
                return task if bits is None else replace(task, spec=other, bits=bits)
        return task

    def _searched(self, inputs: DrawnInputs) -> Engine:
        """A search for what no program yields, over the inputs."""
        request = FunctionType(inputs.types, _INTS)
        nonsense = tuple(self.rng.randint(10**9, 10**10) for _ in range(5))
        spec = Spec(inputs.names, request, self.library, (Example(inputs.rows[0], nonsense),), inputs.rows[1:])
        pcfg, leaves = spec_pcfg(spec)
        meter = Meter(Budget(self.evaluations))
        engine = Engine(
            spec,
            pcfg,
            leaves,
            meter,
            Hits(spec, meter, lambda _: None),
            Switches(probing=False, goals=False, cases=False, repair=False),
        )
        try:
            for _ in engine.steps():
                pass
        except Spent:
            pass
        return engine

    def _classes(self, engine: Engine, inputs: DrawnInputs, known: dict[object, None]) -> Iterator[TrainingTask]:
        """Tasks of classes of the top scope, cheap and dear ones alike."""
        banks = {t: bank for t, bank in engine.top.banks.items() if bank.count > 1}
        weights = [_RESULTS.get(t, _OTHERS) for t in banks]
        for _ in range(self.from_banks):
            options = []
            for _ in range(_CANDIDATES):
                t = self.rng.choices(list(banks), weights)[0]
                bank = banks[t]
                level = self.rng.randint(bank.lowest, bank.highest)
                if bank.at(level):
                    options.append((t, engine.program(t, self.rng.choice(bank.at(level)))))
            made = self._rarest([o for o in options if _uses_inputs(o[1])])
            if made is not None and (task := self._task(made[1], made[0], inputs, known, "hindsight")) is not None:
                yield task

    def _dreams(
        self, engine: Engine, inputs: DrawnInputs, known: dict[object, None], parts: list[Lambda]
    ) -> Iterator[TrainingTask]:
        """Tasks deeper than the search went: drawn programs, and found ones put into one another."""
        banked = _Banked(engine)
        dreamer = _Dreamer(engine.pcfg, self.rng)
        made = 0
        for attempt in range(8 * self.deeper):
            if made == self.deeper:
                return
            t = self.rng.choices(list(_RESULTS), list(_RESULTS.values()))[0]
            if attempt % 2 and len(parts) > 1:
                drawn = self._joined(parts, inputs)
            else:
                body = dreamer.draw(t, engine.leaves, _DREAM_DEPTH)
                drawn = None if body is None else (t, Lambda(inputs.names, body))
            if drawn is None or not _uses_inputs(drawn[1]) or drawn[1].size > _MOST_NODES:
                continue
            task = self._task(drawn[1], drawn[0], inputs, known, "dream", banked)
            if task is not None:
                made += 1
                yield task

    def _joined(self, parts: list[Lambda], inputs: DrawnInputs) -> tuple[Type, Lambda] | None:
        """One program with another in the place of an input of its type."""
        outer, inner = self.rng.sample(parts, 2)
        types = dict(zip(inputs.names, inputs.types, strict=True))
        inner_type, outer_type = self._types.get(inner), self._types.get(outer)
        places = [n for n in free_variables(outer.body) if types.get(n) == inner_type]
        if not places or outer_type is None:
            return None
        chosen = self.rng.choice(sorted(places))
        bound = {n for p in walk(outer.body) if isinstance(p, Lambda) for n in p.parameters}
        inside = {n for p in walk(inner.body) if isinstance(p, Lambda) for n in p.parameters}
        if chosen in bound or bound & free_variables(inner.body) or bound & inside:
            return None
        return outer_type, Lambda(inputs.names, _put(outer.body, chosen, inner.body))

    def _rarest(self, options: list[tuple[Type, Lambda]]) -> tuple[Type, Lambda] | None:
        """The option whose rarest word has been seen least."""
        return min(options, key=lambda o: min((self.seen[n] for n in names(o[1])), default=10**9), default=None)

    def _task(
        self,
        program: Lambda,
        t: Type,
        inputs: DrawnInputs,
        known: dict[object, None],
        source: str,
        banked: _Banked | None = None,
    ) -> TrainingTask | None:
        """The task that a program solves on the inputs; None if it is no good one, or one with these outputs is."""
        run = self._compiler.compile(program, fuel=_FUEL)
        outputs = [run(row) for row in inputs.rows]
        if any(map(_is_poor, outputs)):
            return None
        identity = (t, key(tuple(outputs)))
        examples = tuple(Example(row, o) for row, o in zip(inputs.rows, outputs, strict=True))
        if identity in known or not _shows_something(examples):
            return None
        if banked is not None and banked.has(t, outputs):
            return None
        spec = Spec(inputs.names, FunctionType(inputs.types, t), self.library, examples)
        bits = program_bits(program, spec)
        if bits is None:
            return None
        known[identity] = None
        self._types[program] = t
        self.seen.update(set(names(program)))
        return TrainingTask(spec, program, bits, source)


def _is_poor(output: object) -> bool:
    """Whether an output is no value, or too large to be an example of anything."""
    return isinstance(output, Failure) or size_of(output) > _LARGEST_RESULT


def _shows_something(examples: Sequence[Example]) -> bool:
    """Whether the outputs are neither all the same nor just an input."""
    if len({key(e.output) for e in examples}) < 2:
        return False
    return not any(all(e.arguments[i] == e.output for e in examples) for i in range(len(examples[0].arguments)))


def _uses_inputs(program: Lambda) -> bool:
    return bool(free_variables(program.body) & set(program.parameters)) and not isinstance(program.body, Variable)


def _put(program: Program, name: str, value: Program) -> Program:
    if isinstance(program, Variable):
        return value if program.name == name else program
    return rebuild(program, tuple(_put(part, name, value) for part in children(program)))


class _Banked:
    """Whether the search has a program with these outputs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._columns: dict[Type, set[bytes]] = {}

    def has(self, t: Type, outputs: list[object]) -> bool:
        """By the cells of a type's bank, which are the same for the same values."""
        bank = self._engine.top.banks.get(t)
        if bank is None:
            return False
        if t not in self._columns:
            self._columns[t] = {row.tobytes() for row in bank.cells[: bank.count]}
        return self._engine.store.encode_all(outputs, t).tobytes() in self._columns[t]


@dataclass(frozen=True, slots=True)
class _Dreamer:
    """Draws programs from a grammar, flatter than its weights say, so that words it seldom uses occur."""

    pcfg: Pcfg
    rng: random.Random
    flatness: float = 0.6

    def draw(self, t: Type, leaves: tuple[Production, ...], depth: int, at_root: bool = True) -> Program | None:
        """A program of a type at most so deep; None where the draw came to nothing."""
        if isinstance(t, FunctionType):
            return self._function(t, leaves, depth)
        choices = [c for c in self.pcfg.productions(t, leaves) if not (c[0].is_leaf and at_root)]
        if depth <= 1:
            choices = [c for c in choices if c[0].is_leaf]
        if not choices:
            return None
        weights = [2.0 ** (-bits * self.flatness) * (2.0 if p.is_leaf and depth < 6 else 1.0) for p, bits in choices]
        production = self.rng.choices([p for p, _ in choices], weights)[0]
        if production.is_leaf:
            return production.head
        parts = []
        for p in production.parameters:
            part = self.draw(p, leaves, depth - 1, at_root=False)
            if part is None or (isinstance(part, Literal) and isinstance(part.value, tuple)):
                return None
            parts.append(part)
        return Application(production.head, tuple(parts))

    def _function(self, t: FunctionType, leaves: tuple[Production, ...], depth: int) -> Program | None:
        taken = {p.key for p in leaves}
        names_ = [n for n in ("x", "y", "z", "w", "v", "u") if f"variable:{n}" not in taken][: len(t.parameters)]
        if len(names_) < len(t.parameters):
            return None
        bound = tuple(variable(n, p) for n, p in zip(names_, t.parameters, strict=True))
        body = self.draw(t.result, Pcfg.lambda_leaves(bound, leaves), depth, at_root=self.rng.random() < 0.8)
        if body is None or not free_variables(body) & set(names_):
            return None
        return Lambda(tuple(names_), body)
