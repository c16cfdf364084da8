"""What the benchmarks run in processes of their own: `python -m synth.benchmark.child MODE ...` prints one JSON line.

* `run WORD...`: a `synth` command; its exit code and the most memory that the process ever held.
* `bank EVALUATIONS [trace]`: a search's banks; their classes, and how much memory they take.
* `first`: the wall-seconds until the search has evaluated something, and until it has an answer.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Sequence

from synth.benchmark.processes import resident_bytes, resident_peak

__all__ = ["main"]


def main(words: Sequence[str]) -> dict[str, object]:
    """Do what the words say and return what there is to print."""
    match words:
        case ["run", *command]:
            return _run(command)
        case ["bank", evaluations]:
            return _bank(int(evaluations))
        case ["bank", evaluations, "trace"]:
            return _traced_bank(int(evaluations))
        case ["first"]:
            return _first()
        case _:
            raise ValueError(f"expected run, bank or first, found {' '.join(words)!r}")


def _run(command: Sequence[str]) -> dict[str, object]:
    from synth.cli import main as synth

    before, sys.stdout = sys.stdout, sys.stderr  # this process's stdout is for the one line
    try:
        code = synth(command)
    finally:
        sys.stdout = before
    return {"code": code, "peak": resident_peak()}


def _bank(evaluations: int) -> dict[str, object]:
    from synth.benchmark.adapter import filled_bank
    from synth.benchmark.workloads import list_to_list

    filled_bank(list_to_list(), 2_000)  # what is imported, compiled and cached for good is not the banks'
    gc.collect()
    before = resident_bytes()
    filled = filled_bank(list_to_list(), evaluations)
    gc.collect()
    held = resident_bytes() - before
    return {"classes": filled.classes, "held": held, "estimated": filled.estimated_bytes}


def _traced_bank(evaluations: int) -> dict[str, object]:
    import tracemalloc

    from synth.benchmark.adapter import filled_bank
    from synth.benchmark.workloads import list_to_list

    filled_bank(list_to_list(), 2_000)
    gc.collect()
    tracemalloc.start()
    filled = filled_bank(list_to_list(), evaluations)
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    return {"classes": filled.classes, "held": held, "estimated": filled.estimated_bytes}


def _first() -> dict[str, object]:
    begin = time.monotonic()
    from synth.benchmark.adapter import seconds_to_first_evaluation
    from synth.benchmark.workloads import list_columns

    imported = time.monotonic() - begin
    first = seconds_to_first_evaluation(list_columns())
    return {"first": imported + first, "whole": time.monotonic() - begin}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))  # noqa: T201 - the whole point of the process
