"""What of an answer is claimed: how many behaviours, and whether the first is likely enough."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from synth.budget import Budget, StopReason
from synth.solver import Answer, Solver
from tasks.task import Spec

__all__ = ["Selective", "selected"]


@dataclass(frozen=True)
class Selective:
    """A solver that answers with at most `top` behaviours, and claims nothing that has less than `min_mass`."""

    solver: Solver
    top: int = 1
    min_mass: float = 0.0

    @property
    def name(self) -> str:
        """The name of the search itself."""
        return self.solver.name

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """The search's answer, or what is left of it."""
        return selected(self.solver.solve(spec, budget, rng=rng), self.top, self.min_mass)


def selected(answer: Answer, top: int, min_mass: float) -> Answer:
    """An answer with at most `top` behaviours; not claimed where its mass is known and below `min_mass`.

    The posterior is that over the behaviours found, so a search that ended early is surer than it should be.

    >>> from dsl.program import Variable
    >>> guess = Answer(Variable("xs"), StopReason.SOLVED, mass=0.3)
    >>> selected(guess, 1, 0.5).stop, selected(guess, 1, 0.2).stop
    (<StopReason.ABSTAINED: 'abstained'>, <StopReason.SOLVED: 'solved'>)
    """
    cut = replace(answer, alternatives=answer.alternatives[:top])
    if answer.stop is StopReason.SOLVED and answer.mass is not None and answer.mass < min_mass:
        return replace(cut, stop=StopReason.ABSTAINED)
    return cut
