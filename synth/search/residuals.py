"""What the one hole of a skeleton must yield, where inverses lead from the wanted outputs to it."""

from __future__ import annotations

import numpy as np

from dsl.primitive import Primitive
from dsl.type_system import FunctionType, Type
from synth.budget import Meter
from synth.search.engine import Engine
from synth.search.filling import Fillings
from synth.search.goals import NO_VALUE, Free, Given, Goal, Step, Wish, goal_of, residual, steps
from synth.search.kernels.convention import DEFINED
from synth.search.scope import TOP
from synth.search.skeleton import Call, Gap, Part, Skeleton

__all__ = ["residual_of"]


def residual_of(engine: Engine, skeleton: Skeleton, meter: Meter) -> Goal | None:
    """The goal for a hole of the top scope; None where some word on the way cannot be gone back through.

    Every filling that is right on all examples meets it. A step backwards counts as one evaluation.
    """
    spec, part = engine.spec, skeleton.root
    (space,) = skeleton.spaces
    if spec.allowed_misses or space.key != TOP or isinstance(space.type, FunctionType):
        return None
    wishes: tuple[Wish, ...] = (*((e.output,) for e in spec.examples), *(Free.VALUE for _ in spec.queries))
    goal = goal_of(wishes, spec.type_request.result, engine.store)
    fillings = Fillings(engine, skeleton, np.zeros((1, 1), dtype=np.int32))
    with fillings.drafted():
        while not isinstance(part, Gap):
            if not isinstance(part, Call):
                return None
            meter.check()
            meter.count(1)
            position = next(i for i, argument in enumerate(part.arguments) if argument.gaps)
            found = _back_through(fillings, part, position, goal)
            if found is None:
                return None
            goal, part = found, part.arguments[position]
    return goal


def _back_through(fillings: Fillings, call: Call, position: int, goal: Goal) -> Goal | None:
    entry, t = fillings.engine.spec.library[call.production.key], call.production.parameters[position]
    if not isinstance(entry, Primitive) or isinstance(t, FunctionType):
        return None
    others = {i for i, p in enumerate(call.production.parameters) if i != position and not isinstance(p, FunctionType)}
    ways = [step for step in steps(entry) if position in dict(step.holes) and others >= set(step.given)]
    if not ways:
        return None
    step: Step = max(ways, key=lambda step: len(step.given))
    given: Given = {i: _values(fillings, call.arguments[i], call.production.parameters[i]) for i in step.given}
    store = fillings.engine.store
    return residual(step, position, goal.wishes(store), given, t, store)


def _values(fillings: Fillings, part: Part, t: Type) -> list[object]:
    """What a part without gaps yields on each row, or NO_VALUE."""
    block = fillings.column(part, fillings.engine.top, np.zeros(1, dtype=np.intp))
    cells = zip(block.cells[0].tolist(), block.status[0].tolist(), strict=True)
    store = fillings.engine.store
    return [store.decode(cell, t) if status == DEFINED else NO_VALUE for cell, status in cells]
