"""What programs compute that they need not: no task is to be learned from that has such a program, or few are."""

from __future__ import annotations

from dataclasses import dataclass, field

from dsl.compiler import Compiler
from dsl.program import Application, Lambda, Program, Variable, children

__all__ = ["Idleness", "is_idle"]

_FUEL = 20_000


def is_idle(program: Lambda, compiler: Compiler) -> bool:
    """Whether a program computes what it need not: a number from constants alone, or a function of nothing."""
    return Idleness(compiler).of(program.body)[1]


@dataclass(slots=True)
class Idleness:
    """What is idle in programs, and what they depend on, kept for each part: the programs of a search share theirs."""

    compiler: Compiler
    _known: dict[Program, tuple[frozenset[str], bool]] = field(default_factory=dict)

    def of(self, program: Program) -> tuple[frozenset[str], bool]:
        """The free variables of a program without `let`, and whether it is idle or any part of it is."""
        known = self._known.get(program)
        if known is None:
            known = self._known[program] = self._of(program)
        return known

    def forget(self) -> None:
        """Keep nothing of the programs met so far."""
        self._known.clear()

    def _of(self, program: Program) -> tuple[frozenset[str], bool]:
        if isinstance(program, Variable):
            return frozenset({program.name}), False
        parts = [self.of(part) for part in children(program)]
        free = frozenset().union(*(variables for variables, _ in parts))
        idle = any(part_is_idle for _, part_is_idle in parts)
        match program:
            case Lambda(parameters, _):
                return free - set(parameters), idle or not free & set(parameters)
            case Application() if not free and not idle:
                return free, not isinstance(self.compiler.compile(Lambda((), program), fuel=_FUEL)(()), tuple)
            case _:
                return free, idle
