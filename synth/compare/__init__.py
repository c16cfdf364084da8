"""Learned programs beside deep nets: protocols, runs, statistics, fairness rules and one page that shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from synth.compare.axis import Axis, Group, Point, numbered_axis
from synth.compare.catalogue import PROTOCOLS, protocol_from_file, protocol_named, protocol_names
from synth.compare.protocol import (
    CHANCE,
    ORACLE,
    Contest,
    Effort,
    Learner,
    Prediction,
    Protocol,
    ProtocolTask,
    Tuning,
)
from synth.compare.records import Cell, DataUsed, DivergenceError, Run, Score
from synth.compare.runner import ComparisonProgress, ComparisonResult, compare
from synth.compare.scoring import NOTHING, Marking, Probe, Said, hash_tests, nothing_said, score_answers
from synth.compare.streams import digest, random_stream
from synth.compare.summary import Table, comparison_lines, comparison_table

__all__ = [
    "CHANCE",
    "NOTHING",
    "ORACLE",
    "PROTOCOLS",
    "Axis",
    "Cell",
    "ComparisonProgress",
    "ComparisonResult",
    "Contest",
    "DataUsed",
    "DivergenceError",
    "Effort",
    "Group",
    "Learner",
    "Marking",
    "Point",
    "Prediction",
    "Probe",
    "Protocol",
    "ProtocolTask",
    "Run",
    "Said",
    "Score",
    "Table",
    "Tuning",
    "compare",
    "comparison_lines",
    "comparison_table",
    "digest",
    "hash_tests",
    "nothing_said",
    "numbered_axis",
    "protocol_from_file",
    "protocol_named",
    "protocol_names",
    "random_stream",
    "run_protocol",
    "score_answers",
]


def run_protocol(
    name: str | None = None,
    *,
    file: Path | None = None,
    budget: str = "quick",
    seeds: int | None = None,
    jobs: int = 1,
    device: str = "cpu",
    out: Path,
    progress: Callable[[ComparisonProgress], None] = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
    command: str | None = None,
    tasks: Sequence[str] = (),
    learners: Sequence[str] = (),
) -> ComparisonResult:
    """Run a protocol, by name or from a file, into a folder; see `compare`.

    Raises InterfaceError for an unknown name, budget, task or learner, and for a file without a protocol.
    """
    assert (name is None) != (file is None), "a name or a file"
    make = partial(protocol_named, name) if name is not None else partial(protocol_from_file, str(file))
    return compare(
        make,
        budget=budget,
        seeds=seeds,
        jobs=jobs,
        device=device,
        out=out,
        progress=progress,
        stopping=stopping,
        command=command,
        tasks=tasks,
        learners=learners,
    )
