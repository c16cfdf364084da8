"""Guides in plain Python, for tests: what a network would say, said by a rule."""

from __future__ import annotations

from dataclasses import dataclass, field

from dsl.program import Lambda
from synth.guidance import Above, Guidance
from synth.guide.guide import CannotGuide
from tasks.task import Spec


@dataclass
class Steady:
    """Says the same to every spec of its type of result, and counts how often it was asked."""

    bits: dict[str, float] = field(default_factory=dict)
    sketches: tuple[tuple[Lambda, float], ...] = ()
    name: str = "steady"
    contexts: dict[Above, dict[str, float]] = field(default_factory=dict)
    subgoals: tuple[tuple[Lambda, float], ...] = ()
    asked: list[Spec] = field(default_factory=list)

    def predict(self, spec: Spec) -> Guidance:
        """The same guidance, always."""
        self.asked.append(spec)
        return Guidance(self.name, self.bits, self.sketches, 0, self.contexts, self.subgoals)


@dataclass
class Mute:
    """Has nothing to say."""

    name: str = "mute"

    def predict(self, spec: Spec) -> Guidance:
        """Never returns."""
        raise CannotGuide("no encoder for type grid")
