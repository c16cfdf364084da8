"""The parts of the engine's benchmark, by name, in the order in which they are run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from synth.benchmark.curve import measure_curve
from synth.benchmark.result import PartResult
from synth.benchmark.settings import Settings
from synth.benchmark.speeds import measure_boxed, measure_dense, measure_lists
from synth.benchmark.wholes import measure_bytes, measure_jobs, measure_memory, measure_startup

__all__ = ["PARTS", "Part", "about"]

Part: TypeAlias = Callable[[Settings], PartResult]

PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "list_columns": measure_lists,
        "dense_columns": measure_dense,
        "boxed_columns": measure_boxed,
        "bytes_per_class": measure_bytes,
        "startup_seconds": measure_startup,
        "jobs": measure_jobs,
        "memory": measure_memory,
        "curve": measure_curve,
    }
)


def about(part: Part) -> str:
    """What a part measures, in one line."""
    return (part.__doc__ or "").strip().splitlines()[0]
