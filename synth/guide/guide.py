"""What a guide is: anything that maps a spec to guidance. A network is one way, a file of yours another."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from synth.guidance import Guidance
from tasks.task import Spec

__all__ = ["CannotGuide", "Guide"]


class CannotGuide(Exception):  # noqa: N818 - no error of anybody: a search goes on without
    """A guide has nothing to say about a task; the message says why, in a few words (`no encoder for type grid`)."""


@runtime_checkable
class Guide(Protocol):
    """Maps a spec to guidance: bits to add to the cost of productions, and sketches with their probabilities.

    The same spec gives the same guidance, whatever the order of its examples; `synth.conformance` checks that and more.
    """

    @property
    def name(self) -> str:
        """A short name, shown with every result as `guided by NAME`."""
        ...

    def predict(self, spec: Spec) -> Guidance:
        """Guidance for a task; CannotGuide where the guide has nothing to say about such tasks."""
        ...
