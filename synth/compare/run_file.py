"""`runs.jsonl`: one line for each finished run, written at once, so that a killed comparison can go on."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from dsl.errors import InterfaceError
from synth.compare.records import Run

__all__ = ["RunFile", "read_runs", "write_file"]

_NAME = "runs.jsonl"


@dataclass(slots=True)
class RunFile:
    """The runs of one comparison, in memory and on disk. `set_aside` is where runs of another manifest were moved."""

    path: Path
    runs: list[Run] = field(default_factory=list)
    set_aside: Path | None = None
    _file: IO[str] | None = None

    @classmethod
    def open(cls, folder: Path, digest: str) -> RunFile:
        """Open a folder's file; runs of the same manifest are kept, a file with others is moved aside, not lost.

        A last line that a kill left half written is cut off. Raises InterfaceError for a folder that cannot be
        written, or a file that holds something else.
        """
        store = cls(folder / _NAME)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if store.path.exists():
                store._take_up(digest)
            store._file = store.path.open("a", encoding="utf-8")
        except OSError as error:
            raise _unwritable(store.path, error) from None
        return store

    def _take_up(self, digest: str) -> None:
        runs, end = _read(self.path)
        other = sorted({run.manifest for run in runs} - {digest})
        if other:
            self.set_aside = self.path.with_name(f"runs-{other[0]}.jsonl")
            self.path.replace(self.set_aside)
            earlier = self.path.with_name(f"runs-{digest}.jsonl")
            if earlier.exists():  # ours were moved aside once, for others
                earlier.replace(self.path)
                self._take_up(digest)
        else:
            os.truncate(self.path, end)
            self.runs = runs

    def add(self, run: Run) -> None:
        """Write a run, at once. Raises InterfaceError where the disk takes no more; what was written before stays."""
        assert self._file is not None, "the file is open"
        try:
            self._file.write(json.dumps(run.to_json(), ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise _unwritable(self.path, error) from None
        self.runs.append(run)

    def close(self) -> None:
        """Close the file; the runs stay."""
        if self._file is not None:
            with suppress(OSError):  # a full disk was told of when the run was written
                self._file.close()


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file, as a whole or not at all; InterfaceError where that cannot be done."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content.encode() if isinstance(content, str) else content)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> InterfaceError:
    hint = "free some space; the same command goes on from there" if error.errno == errno.ENOSPC else None
    return InterfaceError(f"cannot write {str(path)!r}: {error.strerror or error}", hint=hint)


def read_runs(path: Path) -> tuple[Run, ...]:
    """The runs of a file; InterfaceError, with the line, where it holds something else."""
    try:
        return tuple(_read(path)[0])
    except OSError as error:
        raise InterfaceError(f"cannot read {str(path)!r}: {error.strerror or error}") from None


def _read(path: Path) -> tuple[list[Run], int]:
    """All whole lines, and where they end, in bytes."""
    runs: list[Run] = []
    end = 0
    for number, line in _whole_lines(path):
        try:
            runs.append(Run.from_json(json.loads(line)))
        except (ValueError, TypeError, KeyError):
            found = line[:60].decode(errors="replace").strip()
            raise InterfaceError(
                f"{path}:{number}: expected a run that this version of `synth compare` wrote, found {found!r}",
                hint="give another --out",
            ) from None
        end += len(line)
    return runs, end


def _whole_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), 1):
        if line.endswith(b"\n"):  # else the comparison was killed while it wrote this one
            yield number, line
