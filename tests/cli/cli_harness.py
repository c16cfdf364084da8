"""What a command in a test gives back, and the tasks it works on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

TASKS = """
task double_all(xs: list[int]) -> list[int]
    "Twice every number."
    example [1, 2] -> [2, 4]
    example [5] -> [10]
    example [] -> []
    holdout [7, -3] -> [14, -6]
    solution map(lambda x: x + x, xs)

task backwards(xs: list[int]) -> list[int]
    example [1, 2, 3] -> [3, 2, 1]
    example [4, 9] -> [9, 4]
"""


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as the one JSON value that it must be."""
        return json.loads(self.out)


Synth: TypeAlias = Callable[..., Ran]
