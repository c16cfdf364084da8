"""How tasks are solved: `Synthesizer`, and the parts it is made of."""

from __future__ import annotations

from dsl.library import Library
from dsl.primitives import CORE
from synth.pipeline import Result, SolvedProgram, Synthesizer
from tasks.load import load_suite
from tasks.suite import Suite

__all__ = ["Result", "SolvedProgram", "Suite", "Synthesizer", "load_tasks"]


def load_tasks(source: str, library: Library = CORE) -> Suite:
    """Tasks by a shipped suite's name, a `.syn` file, a folder of them, or `LOADER:PATH`; raises DslError."""
    return load_suite(source, library)
