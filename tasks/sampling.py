"""Inputs drawn from types, examples drawn from reference programs, and tasks drawn from programs.

All draws come from the `random.Random` that the caller gives: one seed, one result, on every machine.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from dataclasses import replace

from dsl.compiler import compile_program
from dsl.errors import InterfaceError
from dsl.library import Library
from dsl.program import Lambda
from dsl.type_system import FunctionType, Range, Type, TypeConstructor, show_type
from dsl.values import Failure, Outcome, Some, key
from tasks.task import Example, InputRange, Task

__all__ = [
    "INT_RANGE",
    "ITEM_LENGTHS",
    "LENGTHS",
    "REAL_RANGE",
    "REDRAWS",
    "draw_examples",
    "sample_inputs",
    "sample_value",
    "task_from_program",
]

INT_RANGE = Range(-9, 99)
"""Ints where no `input` line says otherwise: both signs, one and two digits."""
LENGTHS = Range(0, 10)
"""Lengths of lists and texts where no `input` line says otherwise."""
ITEM_LENGTHS = Range(0, 5)
"""Lengths of lists and texts inside lists where no `input` line says otherwise."""
REAL_RANGE = Range(-10, 10)
"""Reals where no `input` line says otherwise; they have two decimals, so that people can read them."""
REDRAWS = 200
"""How often an input is drawn again that repeats another, or on which the reference solution fails."""

_LETTERS = string.ascii_lowercase
_ANY = InputRange()


def sample_value(
    t: Type, limits: InputRange | None, rng: random.Random, *, length: int | None = None, nested: bool = False
) -> object:
    """A value of a type, within limits; what the limits leave open has the defaults of this module.

    `length` fixes the length of the outermost list or text. A list's length is drawn first, evenly, so that short
    and long lists are equally likely. An option is `none` one time in four. Raises InterfaceError for a type that has
    no sampler (a function, a domain's type).

    >>> sample_value(TypeConstructor("list", (TypeConstructor("int"),)), None, random.Random(0), length=3)
    (99, 40, 88)
    """
    limits = limits or _ANY
    match t:
        case TypeConstructor("int"):
            return _between(limits.values or INT_RANGE, rng)
        case TypeConstructor("bool"):
            return rng.random() < 0.5
        case TypeConstructor("real"):
            bounds = limits.values or REAL_RANGE
            return _between(Range(100 * bounds.low, 100 * bounds.high), rng) / 100
        case TypeConstructor("text"):
            return "".join(rng.choice(_LETTERS) for _ in range(_length(limits, rng, length, nested)))
        case TypeConstructor("list", (item,)):
            count = _length(limits, rng, length, nested)
            return tuple(sample_value(item, limits.items, rng, nested=True) for _ in range(count))
        case TypeConstructor("tuple", items):
            return tuple(sample_value(item, limits.items, rng, nested=True) for item in items)
        case TypeConstructor("option", (item,)):
            return Some(sample_value(item, limits.items, rng, nested=True)) if rng.random() < 0.75 else None
        case _:
            raise InterfaceError(
                f"expected a type whose values can be drawn, found {show_type(t)}",
                hint="ints, bools, reals, text, and lists, tuples and options of such can be drawn",
            )


def _between(bounds: Range, rng: random.Random) -> int:
    return rng.randint(bounds.low, bounds.high)


def _length(limits: InputRange, rng: random.Random, fixed: int | None, nested: bool) -> int:
    if fixed is not None:
        return fixed
    return _between(limits.length or (ITEM_LENGTHS if nested else LENGTHS), rng)


def sample_inputs(
    task: Task, n: int, rng: random.Random, *, length: int | None = None
) -> tuple[tuple[object, ...], ...]:
    """`n` inputs of a task, drawn by its `input` lines, different from one another where the types allow it.

    `length` fixes the length of every parameter that is a list or a text; InterfaceError where none is.
    """
    draws = _inputs(task, rng, length)
    return tuple(next(draws) for _ in range(n))


def _inputs(task: Task, rng: random.Random, length: int | None) -> Iterator[tuple[object, ...]]:
    """Endless inputs; a repeated one only after many draws gave nothing new."""
    limits = dict(task.inputs)
    sized = [isinstance(t, TypeConstructor) and t.name in ("list", "text") for t in task.type_request.parameters]
    if length is not None and not any(sized):
        raise InterfaceError(f"expected a task with a list or text among its inputs, found {task.signature}")
    columns = tuple(zip(task.parameters, task.type_request.parameters, sized, strict=True))
    seen: set[object] = set()
    while True:
        for _ in range(REDRAWS):
            drawn = tuple(
                sample_value(t, limits.get(name), rng, length=length if is_sized else None)
                for name, t, is_sized in columns
            )
            if (identity := key(drawn)) not in seen:
                break
        seen.add(identity)
        yield drawn


def draw_examples(task: Task, n: int, rng: random.Random, *, length: int | None = None) -> tuple[Example, ...]:
    """`n` examples of a task, made by running its reference solution on drawn inputs.

    Inputs on which the solution fails are drawn again. Raises InterfaceError for a task without a solution, and for a
    solution that fails on `REDRAWS` inputs in a row.
    """
    if task.solution is None:
        raise InterfaceError(
            f"expected a task with a reference solution, found none in {task.name!r}", hint="add a `solution` line"
        )
    run = compile_program(task.solution, task.library)
    inputs = _inputs(task, rng, length)
    return tuple(_draw_example(task, inputs, run) for _ in range(n))


def _draw_example(
    task: Task, inputs: Iterator[tuple[object, ...]], run: Callable[[tuple[object, ...]], Outcome]
) -> Example:
    outcome: Outcome = None
    for _ in range(REDRAWS):
        arguments = next(inputs)
        outcome = run(arguments)
        if not isinstance(outcome, Failure):
            return Example(arguments, outcome)
    raise InterfaceError(
        f"the reference solution of {task.name!r} failed on {REDRAWS} drawn inputs in a row; the last: {outcome}",
        hint="say with `input` lines which inputs it is meant for",
    )


def task_from_program(
    name: str,
    program: Lambda,
    type_request: FunctionType,
    library: Library,
    *,
    rng: random.Random,
    n_examples: int = 5,
    n_holdout: int = 3,
    inputs: tuple[tuple[str, InputRange], ...] = (),
) -> Task:
    """The task that a program solves: examples and held-out examples drawn from it, all with different inputs.

    The program's parameters become the task's; `type_request` is the program's type. Raises as `draw_examples` does.
    """
    blank = Task(name, program.parameters, type_request, library, inputs=inputs, solution=program)
    drawn = draw_examples(blank, n_examples + n_holdout, rng)
    return replace(blank, examples=drawn[:n_examples], holdout=drawn[n_examples:])
