"""Processes that are measured from outside: wall and CPU time, the line they print, the memory they held."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from dsl.errors import InterfaceError

__all__ = ["SYNTH", "Ran", "child", "resident_bytes", "resident_peak", "run_process"]

SYNTH = (sys.executable, "-c", "import sys; from synth.cli import main; sys.exit(main())")
"""The `synth` command under this Python."""
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Ran:
    """A process that has ended: wall-seconds, its own CPU-seconds and those of its children, exit code, output."""

    wall: float
    cpu: float
    code: int
    out: str
    err: str


def run_process(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Ran:
    """Run a command to its end."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begin = time.monotonic()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env={**os.environ, **(environment or {})}
        )
        _, status, used = os.wait4(process.pid, 0)  # of this child alone, unlike getrusage
        wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        return Ran(wall, used.ru_utime + used.ru_stime, process.returncode, _text_of(out), _text_of(err))


def _text_of(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace")


def child(*words: str, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What `synth.benchmark.child` prints in a process of its own. Raises InterfaceError where it fails."""
    ran = run_process((sys.executable, "-m", "synth.benchmark.child", *words), environment)
    if ran.code != 0:
        raise InterfaceError(f"the measuring process {' '.join(words)!r} ended with code {ran.code}:\n{ran.err}")
    found: dict[str, Any] = json.loads(ran.out.splitlines()[-1])
    return found


def resident_bytes() -> int:
    """Memory that this process holds now; where the system does not say, the most it ever held."""
    return _status_field("VmRSS") or _most_ever()


def resident_peak() -> int:
    """The most memory that this process ever held.

    Not from `getrusage` on Linux, which counts what the parent held before the program was started.
    """
    return _status_field("VmHWM") or _most_ever()


def _status_field(name: str) -> int:
    if not _STATUS.exists():
        return 0
    fields = dict(line.split(":", 1) for line in _STATUS.read_text(encoding="ascii").splitlines())
    return int(fields[name].split()[0]) * 1024


def _most_ever() -> int:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
