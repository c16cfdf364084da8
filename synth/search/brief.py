"""Runs of definitions and lambdas' bodies as a search can afford them: one that never ends must cost little."""

from __future__ import annotations

from dsl.compiler import Compiled, Compiler
from dsl.program import Program

__all__ = ["FUEL", "brief"]

FUEL, _NESTING = 10_000, 600
"""Steps of one call, and levels of bodies in it. A loop without end takes them all, on every row that asks for it."""


def brief(compiler: Compiler, program: Program) -> Compiled:
    """A program ready to run in a search: what takes longer than a search can afford has no value there."""
    return compiler.bounded(program, fuel=FUEL, nesting=_NESTING)
