"""Running a program by the interpreter and as a compiled one, which must agree."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.compiler import compile_program
from dsl.interpreter import DEFAULT_FUEL, run
from dsl.library import Library
from dsl.program import Program
from dsl.values import Failure, key


def evaluate(
    program: Program, arguments: Sequence[object], library: Library, *, fuel: int = DEFAULT_FUEL
) -> object | Failure:
    """The outcome of a program, which is the same both ways, a failure's place and detail included."""
    outcome = run(program, arguments, library, fuel=fuel)
    compiled = compile_program(program, library, fuel=fuel)(arguments)
    assert key(compiled) == key(outcome), f"compiled: {compiled}; interpreted: {outcome}"
    return outcome
