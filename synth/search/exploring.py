"""Searches that want nothing: an engine run for what its banks hold, and then deeper than it can enumerate.

A search without a goal comes to all programs up to some cost. `deepen` goes on from there by drawing: productions by
their probability, arguments among the classes found, dear and cheap ones alike, a block of programs together as the
engine does it. What comes out is banked, so it is new by its column, and its parts are the cheapest of their classes.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

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
from synth.search.scope import Plan, Scope
from synth.search.switches import Switches
from tasks.task import Example, Spec

__all__ = ["classes_of", "deepen", "explore"]

_FLATNESS = 0.5
"""The power of a production's probability with which it is drawn: words that are seldom used must occur, too."""
_FOR_FUNCTIONS = 3.0
"""How much more often a word is drawn that takes functions."""
_BY_LEVEL = 0.6
"""How often an argument is drawn by level first, so that cheap classes, which are few, occur beside dear ones."""
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


def deepen(engine: Engine, types: Iterable[Type], rounds: int, draws: int, rng: np.random.Generator) -> None:
    """Bank programs of some types that are dearer than the engine has come to: in each round, so many of each type.

    Each round may use what those before have banked, and the first also deeper bodies of functions, half as many of
    each type. Everything is banked above the level that the engine was at.
    """
    asked = tuple(types)
    for level in range(engine.level + 1, min(engine.level + 1 + rounds, LEVELS)):
        if level == engine.level + 1:
            for scope, t in _bodies(engine, asked):
                _draw_round(engine, scope, t, level, draws // 2, rng)
        for t in asked:
            _draw_round(engine, engine.top, t, level, draws, rng)


def _bodies(engine: Engine, types: Iterable[Type]) -> Iterator[tuple[Scope, Type]]:
    """Where bodies stand of the functions that words of some types take."""
    plans = [plan for t in types for plan in engine.top.plans.get(t, ())]
    wanted = {p: None for plan in plans for p in plan.choice.production.parameters if isinstance(p, FunctionType)}
    places = {(engine.lambdas.inner(engine.top, p).key, p.result): None for p in wanted}
    return ((engine.lambdas.scope(key), t) for key, t in places)


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
    """Numbers of classes of a bank: evenly over its levels, or over all classes."""
    evenly = rng.integers(0, bank.count, count)
    starts, ends = bank.starts[: bank.opened + 1], bank.starts[1 : bank.opened + 2]
    level = rng.choice(np.flatnonzero(ends > starts), count)
    by_level = rng.integers(starts[level], ends[level])
    return np.where(rng.random(count) < _BY_LEVEL, by_level, evenly).astype(np.int32)


def classes_of(engine: Engine, t: Type) -> dict[str, Arguments]:
    """The classes of a type worth being asked for, by the key of their root, leaves left out.

    They are defined on every row, not the same on all, and no input.
    """
    bank = engine.top.banks.get(t)
    if bank is None or not bank.count:
        return {}
    cells = bank.cells[: bank.count]
    good = (bank.status[: bank.count] == DEFINED).all(axis=1) & (cells != cells[:, :1]).any(axis=1)
    for name, of_type in engine.top.variables:
        if of_type == t:
            good &= (cells != engine.top.columns[name].cells).any(axis=1)
    numbers = np.flatnonzero(good)
    heads, _ = bank.first_derivations(numbers)
    found: dict[str, Arguments] = {}
    for head in np.unique(heads).tolist():
        production = engine.top.heads[head]
        if isinstance(production, Production) and not production.is_leaf:
            same = numbers[heads == head].astype(np.int32)
            found[production.key] = np.concatenate([found[production.key], same]) if production.key in found else same
    return found
