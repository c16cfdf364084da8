"""One run at a time in a directory: a lock of the operating system on a file that says who has it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from dsl.errors import InterfaceError

__all__ = ["locked"]


def locked(path: Path, command: str) -> IO[str]:
    """The lock file, locked and with our name in it. Raises InterfaceError, with the other's, where another has it.

    The lock is the operating system's, not the file: it ends with the process that has it, however that ends.
    """
    lock = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        lock.truncate(0)
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        lock.write(json.dumps({"pid": os.getpid(), "host": platform.node(), "since": since, "command": command}))
        lock.flush()
    except OSError as error:
        with suppress(OSError):
            lock.close()
        if error.errno in (errno.EAGAIN, errno.EACCES):
            raise InterfaceError(
                f"another run works in this directory: {_holder(path)}",
                path=str(path.parent),
                hint="wait for it, end it, or give another --out",
            ) from None
        raise
    return lock


def _holder(path: Path) -> str:
    """Who has the lock, as they wrote it."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        name = f"process {said['pid']} on {said['host']}, since {said['since']}"
        return f"{name} ({said['command']})" if said["command"] else name
    except (OSError, ValueError, KeyError, TypeError):
        return "one that has just begun, or is ending"
