"""Tasks to learn from with what some parts of their solution yield as further inputs, as a guide is given columns.

A guide that says first what is computed on the way reads then what that yields (see `columns`). So that it knows how to
go on from there, some tasks that it learns from have such columns, and solutions over them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from dsl.program import Application, Lambda, Let, Program, Variable, children, free_variables, rebuild, walk
from synth.guide.columns import columns_of, with_columns
from synth.guide.corpus import TrainingTask
from synth.pcfg import program_bits

__all__ = ["GIVEN_SHARE", "with_given_parts"]

GIVEN_SHARE = 0.15
"""In how many of the tasks that are learned from parts are given, unless another share is asked for."""
_TWO = 0.4
"""How often two parts are given instead of one."""


def with_given_parts(task: TrainingTask, rng: random.Random) -> TrainingTask | None:
    """The task with the values of one or two proper parts of its program as further inputs, and the program over these.

    A part that fails on an example, or yields what an input or the other part does, is not given; None where none is
    left. Of two parts, one may be in the other: then it may be given and not needed.
    """
    spec, body = task.spec, task.program.body
    parts = list(dict.fromkeys(part for part in _parts(body, frozenset(), frozenset(spec.parameters)) if part != body))
    drawn = rng.sample(parts, len(parts))
    most = 2 if rng.random() < _TWO else 1
    columns = columns_of(spec, ((Lambda(spec.parameters, part), 1.0) for part in drawn), most)
    longer, named = with_columns(spec, columns)
    if not columns or any(named.keys() & part.parameters for part in walk(body) if isinstance(part, Lambda)):
        return None
    names = {column.body: Variable(name) for name, column in named.items()}
    program = Lambda(longer.parameters, _over(body, names, frozenset()))
    bits = program_bits(program, longer)
    return None if bits is None else TrainingTask(longer, program, bits, task.source)


def _parts(program: Program, bound: frozenset[str], known: frozenset[str]) -> Iterator[Program]:
    """What is computed from the parameters alone, at every place."""
    free = free_variables(program)
    if isinstance(program, Application) and free and free <= known - bound:
        yield program
    inside = bound | _binds(program)
    for part in children(program):
        yield from _parts(part, inside, known)


def _over(program: Program, names: Mapping[Program, Variable], bound: frozenset[str]) -> Program:
    """The program with names in place of parts, the largest first."""
    if program in names and not free_variables(program) & bound:
        return names[program]
    inside = bound | _binds(program)
    return rebuild(program, tuple(_over(part, names, inside) for part in children(program)))


def _binds(program: Program) -> frozenset[str]:
    """The names that a node binds for what is in it."""
    match program:
        case Lambda(parameters, _):
            return frozenset(parameters)
        case Let(name, _, _):
            return frozenset({name})
        case _:
            return frozenset()
