"""Parts of a solution that were run on the examples, as further inputs of the task: a network reads what they yield.

To say first what is computed on the way, run it, and look at the values before the rest is said, is ExeDec's way (Shi
et al., "ExeDec: execution decomposition for compositional generalization in neural program synthesis", 2024).
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dsl.compiler import Compiler
from dsl.errors import DslError
from dsl.inference import infer
from dsl.program import Lambda, Program, Variable, children, free_variables, rebuild
from dsl.type_system import FunctionType, Type, type_variables
from dsl.values import Failure, key
from tasks.task import Spec

__all__ = ["Column", "columns_of", "joined", "with_columns", "written_out"]

_FUEL = 20_000


@dataclass(frozen=True, slots=True)
class Column:
    """A program over a spec's parameters, its type, what it yields on each example, and how likely it is a part."""

    body: Program
    type: Type
    values: tuple[object, ...]
    probability: float


def columns_of(spec: Spec, programs: Iterable[tuple[Lambda, float]], most: int) -> tuple[Column, ...]:
    """The columns of the first programs that say something new: they fail nowhere, and yield neither an input nor what
    another one does. No more than `most`.
    """
    compiler = Compiler(spec.library)
    seen = {key(values) for values in zip(*(e.arguments for e in spec.examples), strict=True)}
    found: list[Column] = []
    for program, probability in programs:
        if len(found) == most:
            break
        column = _column(spec, compiler, program, probability)
        if column is not None and key(column.values) not in seen:
            seen.add(key(column.values))
            found.append(column)
    return tuple(found)


def _column(spec: Spec, compiler: Compiler, program: Lambda, probability: float) -> Column | None:
    variables = dict(zip(program.parameters, spec.type_request.parameters, strict=True))
    try:
        t = infer(program.body, spec.library, variables=variables)
    except DslError:
        return None
    if isinstance(t, FunctionType) or type_variables(t):
        return None
    run = compiler.compile(program, fuel=_FUEL)
    values = []
    for example in spec.examples:
        value = run(example.arguments)
        if isinstance(value, Failure):
            return None
        values.append(value)
    own = {name: Variable(parameter) for name, parameter in zip(program.parameters, spec.parameters, strict=True)}
    return Column(_replaced(program.body, own), t, tuple(values), probability)


def with_columns(spec: Spec, columns: Sequence[Column]) -> tuple[Spec, Mapping[str, Column]]:
    """The spec with a parameter more for each column, and which name each has."""
    numbered = (f"part{number}" for number in itertools.count(1))
    names = tuple(itertools.islice((n for n in numbered if n not in spec.parameters), len(columns)))
    request = spec.type_request
    examples = tuple(
        replace(example, arguments=(*example.arguments, *(column.values[place] for column in columns)))
        for place, example in enumerate(spec.examples)
    )
    types = (*request.parameters, *(column.type for column in columns))
    longer = replace(
        spec,
        parameters=(*spec.parameters, *names),
        type_request=FunctionType(types, request.result),
        examples=examples,
        queries=(),
    )
    return longer, dict(zip(names, columns, strict=True))


def written_out(
    sketches: Iterable[tuple[Program, float]], named: Mapping[str, Column]
) -> Iterable[tuple[Program, float]]:
    """Those sketches over a longer spec that have a column, with its program put in for it.

    Each is as likely as it was, times what the unlikeliest of its columns is.
    """
    programs = {name: column.body for name, column in named.items()}
    for body, probability in sketches:
        used = free_variables(body) & named.keys()
        if used:
            yield _replaced(body, programs), probability * min(named[name].probability for name in used)


def _replaced(program: Program, programs: Mapping[str, Program]) -> Program:
    """A program with others in place of some of its free variables, none of whose own are bound in it."""
    if isinstance(program, Variable):
        return programs.get(program.name, program)
    if isinstance(program, Lambda):
        programs = {name: p for name, p in programs.items() if name not in program.parameters}
    return rebuild(program, tuple(_replaced(part, programs) for part in children(program)))


def joined(
    own: Iterable[tuple[Program, float]], further: Iterable[tuple[Program, float]], most: int
) -> list[tuple[Program, float]]:
    """The sketches of both, the likeliest first: those of the same text add up, and all of them to no more than 1."""
    chances: dict[Program, float] = defaultdict(float)
    for body, probability in itertools.chain(own, further):
        chances[body] += probability
    whole = max(1.0, sum(chances.values()))
    ranked = sorted(chances.items(), key=lambda pair: -pair[1])
    return [(body, probability / whole) for body, probability in ranked[:most]]
