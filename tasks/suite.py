"""A suite: named, ordered tasks with a content hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from dsl.errors import DslError
from tasks.task import Task

__all__ = ["BrokenTask", "Suite"]


@dataclass(frozen=True)
class BrokenTask:
    """A task or file that could not be read: its id, and what is wrong. Others of its suite are unharmed."""

    name: str
    error: DslError


@dataclass(frozen=True)
class Suite:
    """Tasks in order, and those that could not be read."""

    name: str
    tasks: tuple[Task, ...]
    broken: tuple[BrokenTask, ...] = field(default=())

    def __iter__(self) -> Iterator[Task]:
        return iter(self.tasks)

    def __len__(self) -> int:
        return len(self.tasks)

    def __getitem__(self, name: str) -> Task:
        """The task of that name; KeyError if there is none."""
        for task in self.tasks:
            if task.name == name:
                return task
        raise KeyError(name)

    def digest(self) -> str:
        """A content hash of everything that makes the tasks what they are, holdouts included."""
        return hashlib.sha256("\n".join(map(_content, self.tasks)).encode()).hexdigest()[:16]


def _content(task: Task) -> str:
    asked = f"|{task.sketches}|{task.noise}" if task.sketches or task.noise else ""
    return f"{task.signature}|{task.examples}|{task.queries}|{task.holdout}|{task.solution}|{task.inputs}{asked}"
