"""What a disk refuses a run, as one message that says what to do: full, read-only, broken."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dsl.errors import InterfaceError

__all__ = ["DATABASE", "broken", "told"]

DATABASE = "run.db"
"""The database of a run directory."""
_RESUME = "what was written before is whole: make room, then give the same command with --resume"


def broken(folder: Path, why: str) -> InterfaceError:
    """The error for a database that cannot be read any more."""
    return InterfaceError(
        f"expected a whole {DATABASE}, found one that is broken: {why}",
        path=str(folder),
        hint="begin anew in another directory; what was learned is still in learned.syn, which can be given as "
        "--library",
    )


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """What the disk refuses becomes an InterfaceError that says what to do."""
    try:
        yield
    except OSError as error:
        raise _refused(folder, _kind_of(error.errno), error.strerror or str(error)) from None
    except sqlite3.Error as error:
        raise _refused(folder, _sqlite_kind(error, folder), str(error)) from None


def _kind_of(number: int | None) -> str:
    match number:
        case errno.ENOSPC | errno.EDQUOT:
            return "full"
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return "read-only"
        case _:
            return "other"


def _sqlite_kind(error: sqlite3.Error, folder: Path) -> str:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    match code:
        case sqlite3.SQLITE_FULL:
            return "full"
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return "broken"
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN if _no_room(folder):
            return "full"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return "read-only" if not _writable(folder) else "other"
        case _:
            return "other"


def _no_room(folder: Path) -> bool:
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < 2**16


def _writable(folder: Path) -> bool:
    return all(os.access(path, os.W_OK) for path in (folder, folder / DATABASE) if path.exists())


def _refused(folder: Path, kind: str, detail: str) -> InterfaceError:
    match kind:
        case "full":
            return InterfaceError("cannot write: the disk is full", path=str(folder), hint=_RESUME)
        case "read-only":
            hint = "copy the directory to where you may write, or give another --out"
            return InterfaceError("cannot write: it is read-only, or not yours", path=str(folder), hint=hint)
        case "broken":
            return broken(folder, detail)
        case _:
            return InterfaceError(f"cannot use this directory: {detail}", path=str(folder))
