"""Subgoals: whole programs that a guide takes for parts of a solution, as classes that cost what they are likely.

What a program of thirty bits yields may so be had for three; the search goes on from there as from any class (cf. the
execution decomposition of ExeDec, Shi and others, 2024, whose intermediate columns these are).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from dsl.errors import DslError
from dsl.inference import infer
from dsl.program import Lambda, Program
from dsl.type_system import Type
from dsl.values import Failure
from synth.search.bank import Arguments
from synth.search.column import Block, block_of
from synth.search.contexts import steps_of
from synth.search.scope import Scope
from synth.search.whole_programs import WholePrograms
from tasks.task import Spec

__all__ = ["NO_ARGUMENTS", "Subgoals"]

NO_ARGUMENTS: Arguments = np.zeros((1, 0), dtype=np.int32)
"""The arguments of one leaf."""


@dataclass(slots=True)
class Subgoals:
    """The subgoals of a search, each with its probability, by type and by what they cost."""

    spec: Spec
    given: Sequence[tuple[Lambda, float]]
    programs: WholePrograms
    _places: dict[tuple[Type, int], list[Program]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        variables = dict(zip(self.spec.parameters, self.spec.type_request.parameters, strict=True))
        for program, probability in self.given:
            try:
                t = infer(program.body, self.spec.library, variables=variables)
            except DslError:  # of no type in this library: nothing that a solution could have
                continue
            self._places.setdefault((t, steps_of(-math.log2(probability))), []).append(program.body)

    def at(self, scope: Scope, t: Type, level: int) -> Iterator[tuple[Program, Block]]:
        """Those of a type that cost so much, each with its column on the rows of the top scope."""
        for program in self._places.get((t, level), ()):
            values = self.programs.values(program)
            missing = [row for row, value in enumerate(values) if isinstance(value, Failure)]
            if len(missing) < len(values):
                yield program, block_of(values, t, scope.store, missing)
