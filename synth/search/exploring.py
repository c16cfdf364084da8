"""Searches that want nothing: an engine run for what its banks hold, and then deeper than it can enumerate.

A search without a goal comes to all programs up to some cost. `deepen` goes on from there by drawing: productions by
their probability, arguments among the classes found, cheap ones more often, a block of programs together as the engine
does it. What comes out is banked, so it is new by its column, and its parts are the cheapest of their classes.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Production, leaf
from dsl.library import Library
from dsl.program import Literal
from dsl.type_system import INT, FunctionType, Type, TypeConstructor
from synth.budget import Budget, Meter
from synth.guidance import UNGUIDED, Guidance
from synth.pcfg import Pcfg, spec_pcfg
from synth.search.bank import LEVELS, Arguments, Bank
from synth.search.engine import Engine
from synth.search.hits import Hits
from synth.search.kernels.convention import DEFINED
from synth.search.schedule import STEP_BITS, Place
from synth.search.scope import Plan, Scope
from synth.search.switches import Switches
from tasks.task import Example, Spec

__all__ = ["LIKED_BITS", "classes_of", "deepen", "explore"]

_FLATNESS = 0.5
"""The power of a production's probability with which it is drawn: words that are seldom used must occur, too."""
_FOR_FUNCTIONS = 3.0
"""How much more often a word is drawn that takes functions."""
_BY_LEVEL = 0.7
"""How often an argument is drawn by its length, so that cheap classes, which are few, occur beside dear ones."""
LIKED_BITS = 8.0
"""So many bits more halve how often a program is taken: people want simple things more often than strange ones."""
_NO_SUCH = (10**9, 2**40)
"""Ints that no program yields, for an output that no program is to have."""


def explore(
    names: tuple[str, ...],
    request: FunctionType,
    rows: Sequence[tuple[object, ...]],
    library: Library,
    evaluations: int,
    rng: random.Random,
    *,
    guidance: Guidance = UNGUIDED,
    constants: Iterable[int] = (),
) -> Engine:
    """An engine that has done so much work on rows of inputs, towards an output that no program yields.

    `constants` are offered beside those that every search has.
    """
    first, *others = rows
    wanted = Example(first, _output_of_none(request.result, rng))
    spec = Spec(names, request, library, (wanted,), tuple(others))
    pcfg, leaves = spec_pcfg(spec)
    more = (leaf(Literal(c), INT, 1.0) for c in constants if Literal(c) not in {p.head for p in leaves})
    meter = Meter(Budget())
    off = Switches(probing=False, goals=False, cases=False, repair=False)
    engine = Engine(spec, Pcfg(pcfg.grammar, guidance), (*leaves, *more), meter, Hits(spec, meter, lambda _: None), off)
    for _ in engine.steps():
        if meter.evaluations >= evaluations:
            break
    return engine


def _output_of_none(t: Type, rng: random.Random) -> object:
    """A value that no program yields, as far as types allow: ints beyond all that small programs come to."""
    match t:
        case TypeConstructor("int"):
            return rng.randint(*_NO_SUCH)
        case TypeConstructor("list", (item,)):
            return tuple(_output_of_none(item, rng) for _ in range(5))
        case TypeConstructor("tuple", items):
            return tuple(_output_of_none(item, rng) for item in items)
        case _:
            return rng.random() < 0.5


def deepen(engine: Engine, draws: Mapping[Type, int], rounds: int, rng: np.random.Generator) -> None:
    """Bank programs that are dearer than the engine has come to: in each round, so many of each type.

    Each round may use what those before have banked, and the first also deeper bodies of functions, half as many of
    each type. Everything is banked above the level that the engine was at.
    """
    for level in range(engine.level + 1, min(engine.level + 1 + rounds, LEVELS)):
        if level == engine.level + 1:
            for (scope, t), count in _bodies(engine, draws).items():
                _draw_round(engine, engine.lambdas.scope(scope), t, level, count // 2, rng)
        for t, count in draws.items():
            _draw_round(engine, engine.top, t, level, count, rng)


def _bodies(engine: Engine, draws: Mapping[Type, int]) -> dict[Place, int]:
    """Where bodies stand of the functions that words of some types take, and the most draws of such a type."""
    found: dict[Place, int] = {}
    for t, count in draws.items():
        for plan in engine.top.plans.get(t, ()):
            for p in plan.choice.production.parameters:
                if isinstance(p, FunctionType):
                    place = engine.lambdas.inner(engine.top, p).key, p.result
                    found[place] = max(count, found.get(place, 0))
    return found


def _draw_round(engine: Engine, scope: Scope, t: Type, level: int, draws: int, rng: np.random.Generator) -> None:
    """Bank so many programs of one scope and type, drawn, at a level that is opened for them."""
    plans = [plan for plan in scope.plans.get(t, ()) if plan.banks and all(bank.count for bank in plan.banks)]
    scope.bank(t).open_level(level)
    weights = np.array([_weight(plan) for plan in plans])
    counts = rng.multinomial(draws, weights / weights.sum()) if plans else np.zeros(0, dtype=np.int64)
    for plan, count in zip(plans, counts.tolist(), strict=True):
        if count:
            numbers = np.stack([_drawn(bank, count, rng) for bank in plan.banks], axis=1)
            production = plan.choice.production
            column = engine.apply(scope, production, numbers)
            mass = np.full(count, plan.choice.probability * 2.0**-level)
            scope.add(production.result, column, plan.head, numbers, mass, level)


def _weight(plan: Plan) -> float:
    """How often a production is drawn, against others: those that take functions have the most to show."""
    functions = any(isinstance(p, FunctionType) for p in plan.choice.production.parameters)
    return float(plan.choice.probability**_FLATNESS) * (_FOR_FUNCTIONS if functions else 1.0)


def _drawn(bank: Bank, count: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """Numbers of classes of a bank: by their length, or evenly over all classes."""
    evenly = rng.integers(0, bank.count, count)
    starts, ends = bank.starts[: bank.opened + 1], bank.starts[1 : bank.opened + 2]
    there = np.flatnonzero(ends > starts)
    weights = 2.0 ** (-there * STEP_BITS / LIKED_BITS)
    level = rng.choice(there, count, p=weights / weights.sum())
    by_level = rng.integers(starts[level], ends[level])
    return np.where(rng.random(count) < _BY_LEVEL, by_level, evenly).astype(np.int32)


def classes_of(engine: Engine, t: Type, rows: Sequence[int] | None = None) -> dict[str, Arguments]:
    """The classes of a type worth being asked for, by the key of their root, leaves left out.

    They are defined on every row, not the same on all, and no input. With `rows`, only these rows count, and of classes
    that are the same on them only the cheapest is there.
    """
    bank = engine.top.banks.get(t)
    if bank is None or not bank.count:
        return {}
    where = np.arange(bank.rows) if rows is None else np.array(rows)
    cells, status = bank.cells[: bank.count, where], bank.status[: bank.count, where]
    numbers = np.flatnonzero((status == DEFINED).all(axis=1))
    cells = cells[numbers]
    first = _first_alike(cells)
    numbers, cells = numbers[first], cells[first]
    good = (cells != cells[:, :1]).any(axis=1)
    for name, of_type in engine.top.variables:
        if of_type == t:
            good &= (cells != engine.top.columns[name].cells[:, where]).any(axis=1)
    return _by_root(engine, bank, numbers[good])


def _first_alike(cells: NDArray[np.int64]) -> NDArray[np.intp]:
    """The positions of the rows of an array that no row before is like, in order; told apart by a hash of 64 bits."""
    with np.errstate(over="ignore"):
        hashes = np.full(len(cells), 7, dtype=np.uint64)
        for column in cells.T:
            hashes = (hashes ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
            hashes ^= hashes >> np.uint64(29)
    return np.sort(np.unique(hashes, return_index=True)[1])


def _by_root(engine: Engine, bank: Bank, numbers: NDArray[np.intp]) -> dict[str, Arguments]:
    heads, _ = bank.first_derivations(numbers)
    order = np.argsort(heads, kind="stable")
    known, begins = np.unique(heads[order], return_index=True)
    found: dict[str, Arguments] = {}
    for head, same in zip(known.tolist(), np.split(numbers[order].astype(np.int32), begins[1:]), strict=False):
        production = engine.top.heads[head]
        if isinstance(production, Production) and not production.is_leaf:
            found[production.key] = np.concatenate([found[production.key], same]) if production.key in found else same
    return found
