"""The data of one task, with what is known of it as a machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from dsl.library import Library
from dsl.program import Lambda
from synth.compare.bodies.compile import units_needed
from synth.compare.bodies.folds import machine_of
from synth.compare.bodies.machine import ANY_LIST, Form, Machine, NotFiniteError
from synth.compare.programs import reference_program
from synth.compare.scoring import Probe
from synth.compare.tokens.source import OverLists
from tasks.task import Task

__all__ = ["STATES", "BodySource"]

STATES = 1_000
"""A program that reaches more states than this is taken for no finite machine."""


@dataclass(frozen=True)
class BodySource(OverLists):
    """What learners draw on: a `ListSource`, the words of the program side, and the width of all nets."""

    library: Library
    hidden: int
    form: Form = ANY_LIST

    def spec_task(self, seed: int, library: Library, size: int | None = None) -> Task:
        """The task as a solver gets it."""
        return self.lists.spec_task(seed, library, size)

    def tests(self, seed: int, count: int) -> Sequence[Probe]:
        """The test pairs of every length."""
        return self.lists.tests(seed, count)

    @cached_property
    def known(self) -> Machine | str:
        """The machine of the program that is known to be right, or why there is none of this width."""
        assert self.reference is not None, "every task here has a program that is known to be right"
        try:
            return self.machine_of(reference_program(self.reference, self.spec_task(0, self.library)))
        except NotFiniteError as error:
            return str(error)

    def machine_of(self, program: Lambda) -> Machine:
        """The machine that a program is; NotFiniteError where it is none, or needs more units than there are."""
        encoding = self.lists.encoding
        alphabet = range(encoding.low, encoding.low + encoding.symbols)
        machine = machine_of(program, self.library, alphabet, form=self.form, limit=STATES)
        if units_needed(machine) > self.hidden:
            raise NotFiniteError(f"it takes {units_needed(machine)} units, and the net has {self.hidden}")
        return machine
