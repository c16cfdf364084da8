"""A run directory: what a long run has come to, on disk, so that it can be killed at any moment and go on.

DIR/run.db     SQLite: the plan, a row for each task attempted under a library, a row for each step, texts by digest
DIR/run.lock   who works in the directory; held by a lock of the operating system, which ends with its process
DIR/...        files for people, such as learned.syn; each is replaced whole or not at all

A row is there or it is not: every write is one transaction, in a write-ahead log. What a kill loses is what was not
yet written: the task in flight.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from dsl.errors import InterfaceError
from synth.directory_lock import locked
from synth.disk_problems import DATABASE, broken, told

__all__ = ["DATABASE", "FORMAT", "LOCK", "Attempted", "RunStore", "StoredStep", "text_digest"]

FORMAT = 1
"""The version of the tables; a directory of another one is refused."""
LOCK = "run.lock"
_OURS = int.from_bytes(b"SynR", "big")
"""What SQLite keeps in the head of the file for the program that it belongs to."""
_TABLES = (
    "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE texts (digest TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE attempts (library TEXT NOT NULL, guide TEXT NOT NULL, task TEXT NOT NULL, iteration INTEGER NOT NULL,"
    " status TEXT NOT NULL, fits INTEGER NOT NULL, evaluations INTEGER NOT NULL, seconds REAL NOT NULL, program TEXT,"
    " record TEXT NOT NULL, PRIMARY KEY (library, guide, task)) WITHOUT ROWID",
    "CREATE TABLE steps (iteration INTEGER NOT NULL, step TEXT NOT NULL, done INTEGER NOT NULL, seconds REAL NOT NULL,"
    " data TEXT NOT NULL, PRIMARY KEY (iteration, step)) WITHOUT ROWID",
    "CREATE TABLE parts (iteration INTEGER NOT NULL, step TEXT NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY (iteration, step, number)) WITHOUT ROWID",
)
_PATIENCE = 10.0
"""Seconds to wait for a reader of the database that is in the way."""


@dataclass(frozen=True, slots=True)
class Attempted:
    """What came of a task under a library and a guide, each named by a digest; `record` has all that is known of it.

    `iteration` is the one that attempted it; later ones with the same library and guide need not.
    """

    library: str
    guide: str
    task: str
    iteration: int
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredStep:
    """A step of an iteration: whether it is done, how many seconds it took, and what it came to."""

    iteration: int
    step: str
    done: bool = False
    seconds: float = 0.0
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class RunStore:
    """A run directory that is open. One process at a time writes; every method that does so has written at once."""

    folder: Path
    _connection: sqlite3.Connection
    _lock: IO[str] | None = None

    @classmethod
    def open(cls, folder: Path, *, command: str = "", create: bool = False) -> RunStore:
        """Open a directory to work in; `command` is how others are told of this run. `create` makes a new one.

        Raises InterfaceError where another run works in it, where it cannot be written, and where what is in it was
        written by another version, is broken, or is something else.
        """
        if not create:
            _refuse_missing(folder)
        with told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock = locked(folder / LOCK, command)
            try:
                return cls(folder, _opened_to_write(folder / DATABASE), lock)
            except BaseException:
                lock.close()
                raise

    @classmethod
    def read(cls, folder: Path) -> RunStore:
        """Open a directory to look at, whoever works in it, also one that cannot be written.

        Raises InterfaceError where there is no run in it, or one that cannot be read.
        """
        _refuse_missing(folder)
        with told(folder):
            return cls(folder, _opened_to_read(folder / DATABASE))

    def close(self) -> None:
        """Let go of the directory, so that others may work in it."""
        with suppress(sqlite3.Error):  # a full disk, where all that counts was written, or refused, before
            self._connection.close()
        if self._lock is not None and not self._lock.closed:
            with suppress(OSError):
                self._lock.truncate(0)
            self._lock.close()

    def __enter__(self) -> RunStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- what is in it ----------------------------------------------------------------------------------------------

    @property
    def plan(self) -> Mapping[str, Any] | None:
        """What is to be done, as plain data; None in a new directory."""
        rows = self._rows("SELECT value FROM about WHERE key = 'plan'")
        return json.loads(rows[0][0]) if rows else None

    def set_plan(self, plan: Mapping[str, Any]) -> None:
        """Write down what is to be done."""
        self._write("INSERT OR REPLACE INTO about VALUES ('plan', ?)", _json(plan))

    def text(self, digest: str) -> str:
        """The text of a digest. Raises InterfaceError where there is none."""
        rows = self._rows("SELECT text FROM texts WHERE digest = ?", digest)
        if not rows:
            raise broken(self.folder, f"it speaks of a text {digest} and has none")
        return str(rows[0][0])

    def add_text(self, text: str) -> str:
        """Keep a text; returns its digest."""
        digest = text_digest(text)
        self._write("INSERT OR IGNORE INTO texts VALUES (?, ?)", digest, text)
        return digest

    def attempts(self, library: str | None = None, guide: str | None = None) -> tuple[Attempted, ...]:
        """What came of tasks, under one library and guide, or under any; who was finished first does not show."""
        rows = self._rows(
            "SELECT library, guide, task, iteration, record FROM attempts WHERE (?1 IS NULL OR library = ?1)"
            " AND (?2 IS NULL OR guide = ?2) ORDER BY iteration, library, guide, task",
            library,
            guide,
        )
        return tuple(Attempted(library, guide, task, n, json.loads(record)) for library, guide, task, n, record in rows)

    def add_attempt(self, attempt: Attempted) -> None:
        """Keep what came of a task; what is known already stays as it is."""
        r = attempt.record
        self._write(
            "INSERT OR IGNORE INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(attempt.library, attempt.guide, attempt.task, attempt.iteration, r["status"]),
            *(int(r["fits"]), r["evaluations"], r["seconds"], r["program"], _json(r)),
        )

    def steps(self) -> tuple[StoredStep, ...]:
        """All steps that were begun, by iteration; those of one iteration by name."""
        rows = self._rows("SELECT iteration, step, done, seconds, data FROM steps ORDER BY iteration, step")
        return tuple(StoredStep(number, name, bool(done), s, json.loads(data)) for number, name, done, s, data in rows)

    def step(self, iteration: int, step: str) -> StoredStep | None:
        """A step, or None where it was not begun."""
        return next((known for known in self.steps() if (known.iteration, known.step) == (iteration, step)), None)

    def put_step(self, step: StoredStep) -> None:
        """Write down how far a step is."""
        self._write(
            "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?)",
            *(step.iteration, step.step, int(step.done), step.seconds, _json(step.data)),
        )

    def forget(self, iteration: int) -> None:
        """Forget the steps of an iteration, so that it is done anew. Attempts stay: they say what they were under."""
        self._write("DELETE FROM parts WHERE iteration = ?", iteration)
        self._write("DELETE FROM steps WHERE iteration = ?", iteration)

    def parts(self, iteration: int, step: str) -> dict[int, str]:
        """The texts that a step has come to so far, by number."""
        query = "SELECT number, text FROM parts WHERE iteration = ? AND step = ? ORDER BY number"
        return dict(self._rows(query, iteration, step))

    def add_part(self, iteration: int, step: str, number: int, text: str) -> None:
        """Keep a text that a step has come to."""
        self._write("INSERT OR IGNORE INTO parts VALUES (?, ?, ?, ?)", iteration, step, number, text)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the directory, whole or not at all; the folders above it are made."""
        path = self.folder / name
        with told(self.folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_name(f"{path.name}.part")
            with half.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(half, path)
        return path

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with told(self.folder):
            return self._connection.execute(query, values).fetchall()

    def _write(self, statement: str, *values: object) -> None:
        with told(self.folder):
            self._connection.execute(statement, values)


def text_digest(text: str) -> str:
    """A content hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


# ---- the database ----------------------------------------------------------------------------------------------------


def _refuse_missing(folder: Path) -> None:
    if not (folder / DATABASE).is_file():
        found = f"no {DATABASE} in it" if folder.is_dir() else "no such directory"
        raise InterfaceError(f"expected the directory of a run, found {found}", path=str(folder))


def _opened_to_write(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        if _is_empty(connection):
            _refuse_other_files(path.parent)
            connection.execute("PRAGMA journal_mode = WAL")
            _make_tables(connection)
        _check(connection, path.parent)
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _opened_to_read(path: Path) -> sqlite3.Connection:
    """Where the folder cannot be written, SQLite cannot say that it reads: the file must be one that nobody changes."""
    log = path.with_name(f"{path.name}-wal")
    quiet = not os.access(path.parent, os.W_OK) and not (log.exists() and log.stat().st_size)
    name = f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if quiet else ''}"
    connection = sqlite3.connect(name, uri=True, timeout=_PATIENCE, isolation_level=None)
    try:
        if _is_empty(connection):
            raise broken(path.parent, "it is empty")
        _check(connection, path.parent)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_empty(connection: sqlite3.Connection) -> bool:
    """Whether there is nothing in the database: it was just made, or its maker was killed before the first write."""
    return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _refuse_other_files(folder: Path) -> None:
    """Nothing is put among files of others; and a run whose database is gone is not taken for a new one."""
    others = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("run."))
    if others:
        shown = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")
        raise InterfaceError(
            f"expected a new or empty directory, or that of a run, found no run, and other files: {shown}",
            path=str(folder),
            hint="give another --out; the words of a run whose database was lost are still in its learned.syn: "
            "give that as --library",
        )


def _make_tables(connection: sqlite3.Connection) -> None:
    """All tables at once, so that a database that is not empty has all of them."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {_OURS}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("COMMIT")


def _check(connection: sqlite3.Connection, folder: Path) -> None:
    """Refuse a database that is not ours, is of another version, or is broken."""
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if owner != _OURS:
        raise InterfaceError(f"expected the {DATABASE} of a run, found a database of something else", path=str(folder))
    if version != FORMAT:
        raise InterfaceError(
            f"expected a run of format {FORMAT}, found one of format {version}, of another version of synth",
            path=str(folder),
            hint="use that version, or begin anew in another directory; its learned.syn can be given as --library",
        )
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise broken(folder, str(found).splitlines()[-1])
