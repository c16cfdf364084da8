"""Learned programs beside deep nets: protocols, runs, statistics, fairness rules and one page that shows them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from dsl.errors import InterfaceError
from dsl.library import nearest
from synth.compare.protocol import Protocol
from synth.compare.runner import ComparisonProgress, ComparisonResult, compare
from synth.compare.summary import Table, comparison_lines, comparison_table

__all__ = [
    "PROTOCOL_NAMES",
    "ComparisonProgress",
    "ComparisonResult",
    "Protocol",
    "Table",
    "compare",
    "comparison_lines",
    "comparison_table",
    "protocol_named",
    "run_protocol",
]

PROTOCOL_NAMES = ("length",)
"""What `protocol_named` knows."""


def protocol_named(name: str) -> Protocol:
    """The protocol of that name; InterfaceError, with the nearest name, where there is none."""
    match name:
        case "length":
            from synth.compare.protocols.length import LENGTH  # only the one that is wanted, for a quick start

            return LENGTH
        case _:
            near = nearest(name, PROTOCOL_NAMES)
            raise InterfaceError(
                f"expected a protocol ({', '.join(PROTOCOL_NAMES)}), found {name!r}",
                hint=f"did you mean {near!r}?" if near else None,
            )


def run_protocol(
    name: str,
    *,
    budget: str = "quick",
    seeds: int | None = None,
    jobs: int = 1,
    out: Path,
    progress: Callable[[ComparisonProgress], None] = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
    command: str | None = None,
) -> ComparisonResult:
    """Run a protocol by name into a folder; see `compare`. Raises InterfaceError for an unknown name or budget."""
    protocol_named(name)  # an unknown name is said here, not by a worker
    return compare(
        partial(protocol_named, name),
        budget=budget,
        seeds=seeds,
        jobs=jobs,
        out=out,
        progress=progress,
        stopping=stopping,
        command=command,
    )
