"""What a comparison ran on and with: enough to run it again and to tell whether two runs are alike (rule F19)."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dsl
import synth
import tasks
from synth.compare.protocol import Effort, Protocol
from synth.compare.streams import digest

__all__ = ["Manifest", "code_digest", "cpu_model", "manifest_of"]

_DISTRIBUTIONS = ("sketchwright", "torch", "numpy", "statsmodels", "lark")
_SHOWS_ONLY = frozenset(
    {
        "analysis.py",
        "catalogue.py",
        "curves.py",
        "explained.py",
        "fairness.py",
        "figures.py",
        "ledger.py",
        "ledger_figure.py",
        "numbers.py",
        "overview.py",
        "page.py",
        "plots.py",
        "side_by_side.py",
    }
    | {"report.py", "rules", "runner.py", "summary.py", "verdicts.py", "cli.py"}
    | {"commands", "report", "pages"}
)
"""Modules and folders that read results and make none: they may change without making old runs stale."""


@dataclass(frozen=True)
class Manifest:
    """A comparison's circumstances. `digest` covers what decides results, and nothing else.

    Two comparisons of one digest may share runs: number of seeds, workers, dates and folders are not in it.
    `threads` is per worker process. `wall_seconds` is from this start to its end; where `resumed` is not 0, some of the
    `done` runs are older.
    """

    protocol: str
    budget: str
    seeds: tuple[int, ...]
    workers: int
    command: str
    digest: str
    hashes: Mapping[str, str]
    versions: Mapping[str, str]
    machine: Mapping[str, str]
    effort: Mapping[str, Any]
    tuning: str
    threads: int = 1
    started: str = ""
    finished: str = ""
    wall_seconds: float = 0.0
    planned: int = 0
    done: int = 0
    resumed: int = 0
    interrupted: bool = False

    def to_json(self) -> dict[str, object]:
        """The manifest as plain data."""
        return asdict(self)

    def ended(self, *, wall_seconds: float, done: int, resumed: int, interrupted: bool) -> Manifest:
        """The manifest once the runs are over; `resumed` of the `done` were there from an earlier start."""
        wall = round(wall_seconds, 1)
        return replace(self, finished=_now(), wall_seconds=wall, done=done, resumed=resumed, interrupted=interrupted)


def manifest_of(
    protocol: Protocol, effort: Effort, *, seeds: Sequence[int], workers: int, command: str, planned: int
) -> Manifest:
    """The manifest of a comparison about to start."""
    spent = effort.to_json()
    versions = {"python": platform.python_version(), **{name: _version(name) for name in _DISTRIBUTIONS}}
    hashes = {
        "protocol": protocol.digest(),
        **protocol.hashes(),
        **_words_hash(protocol),
        "code": code_digest(),
    }
    decisive = repr(
        (
            hashes,
            versions,
            sorted((k, v) for k, v in spent.items() if k not in ("seeds", "tasks", "learners", "only", "sizes")),
        )
    )
    return Manifest(
        protocol=protocol.name,
        budget=effort.name,
        seeds=tuple(seeds),
        workers=workers,
        command=command,
        digest=hashlib.sha256(decisive.encode()).hexdigest()[:16],
        hashes=hashes,
        versions=versions,
        machine={"cpu": cpu_model(), "cores": str(os.cpu_count()), "system": platform.platform()},
        effort=spent,
        tuning=protocol.tuning.text,
        started=_now(),
        planned=planned,
    )


def _words_hash(protocol: Protocol) -> dict[str, str]:
    """The content hash of all words that learners of programs may use."""
    words = {one.name: one.words().digest() for one in protocol.learners if one.words is not None}
    return {"words": next(iter(words.values())) if len(words) == 1 else digest(sorted(words.items()))} if words else {}


def code_digest() -> str:
    """A content hash of all modules that decide results."""
    found = hashlib.sha256()
    for package in (dsl, tasks, synth):
        root = Path(package.__path__[0])
        for path in sorted(p for p in root.rglob("*") if p.suffix in {".py", ".lark", ".syn"}):
            inside = path.relative_to(root.parent)
            if not _SHOWS_ONLY.intersection(inside.parts):
                found.update(str(inside).encode() + path.read_bytes())
    return found.hexdigest()[:16]


def cpu_model() -> str:
    """The processor's name, as the system tells it."""
    try:
        if sys.platform == "darwin":
            asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, subprocess.SubprocessError):
        return platform.processor() or platform.machine() or "unknown"


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
