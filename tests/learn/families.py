"""Tasks that share a part, for learning to find it, and runs of them that tests look into."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

__all__ = ["EVALUATIONS", "FAMILY", "contents", "outline"]

EVALUATIONS = "2000"
"""A budget a task under which six of the family are found, and the other two only with a word that doubles."""
FAMILY = """
task doubled(xs: list[int]) -> list[int]
    example [5, 2, 5, 8, 9, 7] -> [10, 4, 10, 16, 18, 14]
    example [6, 3, 3, 1] -> [12, 6, 6, 2]
    example [4] -> [8]
    example [9, 1, 2, 2] -> [18, 2, 4, 4]

task doubled_backwards(xs: list[int]) -> list[int]
    example [5, 2, 5, 8, 9, 7] -> [14, 18, 16, 10, 4, 10]
    example [6, 3, 3, 1] -> [2, 6, 6, 12]
    example [4] -> [8]
    example [9, 1, 2, 2] -> [4, 4, 2, 18]

task doubled_but_first(xs: list[int]) -> list[int]
    example [5, 2, 5, 8, 9, 7] -> [4, 10, 16, 18, 14]
    example [6, 3, 3, 1] -> [6, 6, 2]
    example [4] -> []
    example [9, 1, 2, 2] -> [2, 4, 4]

task doubled_but_last(xs: list[int]) -> list[int]
    example [5, 2, 5, 8, 9, 7] -> [10, 4, 10, 16, 18]
    example [6, 3, 3, 1] -> [12, 6, 6]
    example [4] -> []
    example [9, 1, 2, 2] -> [18, 2, 4]

task doubled_in_order(xs: list[int]) -> list[int]
    example [5, 2, 5, 8, 9, 7] -> [4, 10, 10, 14, 16, 18]
    example [6, 3, 3, 1] -> [2, 6, 6, 12]
    example [4] -> [8]
    example [9, 1, 2, 2] -> [2, 4, 4, 18]

task doubled_once_each(xs: list[int]) -> list[int]
    example [5, 2, 5, 8, 9, 7] -> [10, 4, 16, 18, 14]
    example [6, 3, 3, 1] -> [12, 6, 2]
    example [4] -> [8]
    example [9, 1, 2, 2] -> [18, 2, 4]
    holdout [1, 1] -> [2]

task three_doubled(xs: list[int]) -> list[int]
    example [5, 2, 5, 8, 9, 7] -> [10, 4, 10]
    example [6, 3, 3, 1] -> [12, 6, 6]
    example [4] -> [8]
    example [9, 1, 2, 2] -> [18, 2, 4]

task doubled_odds(xs: list[int]) -> list[int]
    example [5, 2, 5, 8, 9, 7] -> [10, 10, 18, 14]
    example [6, 3, 3, 1] -> [6, 6, 2]
    example [4] -> []
    example [9, 1, 2, 2] -> [18, 2]
"""
_CLOCKS = ("seconds",)


def contents(folder: Path) -> dict[str, Any]:
    """All that a run came to but what clocks say, as data: two runs of one plan have the same."""
    with sqlite3.connect(f"file:{folder / 'run.db'}?mode=ro", uri=True) as connection:
        found = {table: _rows(connection, table) for table in ("attempts", "steps", "parts", "texts")}
    connection.close()
    return found | {"learned.syn": (folder / "learned.syn").read_text(encoding="utf-8")}


def _rows(connection: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    """The rows of a table; seconds in columns and in JSON are left out."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    kept = ", ".join(
        f"json_remove({name}, '$.seconds')" if name in ("record", "data") else name
        for name in columns
        if name not in _CLOCKS
    )
    return sorted(connection.execute(f"SELECT {kept} FROM {table}"), key=repr)


def outline(folder: Path) -> tuple[int, int, list[tuple[int, str, int]]]:
    """How far a run is, while it runs: attempts, parts of steps, and the steps, each with whether it is done."""
    if not (folder / "run.db").exists():
        return 0, 0, []
    try:
        connection = sqlite3.connect(f"file:{folder / 'run.db'}?mode=ro", uri=True)
        (attempts,) = connection.execute("SELECT count(*) FROM attempts").fetchone()
        (parts,) = connection.execute("SELECT count(*) FROM parts").fetchone()
        steps = connection.execute("SELECT iteration, step, done FROM steps").fetchall()
        connection.close()
    except sqlite3.Error:  # it is being made
        return 0, 0, []
    return attempts, parts, steps
