"""A run of `synth learn` in its directory: what its steps share.

DIR/learned.syn                 the words learned so far; to be read, and edited between two iterations
DIR/iteration-N/learned.syn     as iteration N left it
DIR/iteration-N/...             dreams and the guide, where one is trained
DIR/words/DIGEST/learned.syn    as some searches had it; they run in other processes, and read it there
DIR/run.db                      everything else (see `synth.store`)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from dsl.errors import InterfaceError
from dsl.library import Library
from synth.attempt import TaskReport
from synth.budget import StopReason
from synth.evaluate import evaluate
from synth.guide.asking import guide_files
from synth.learn.loop import Effort, Pieces, unfolded_text
from synth.learn.plan import StoredPlan
from synth.store import Attempted, RunStore, StoredStep, text_digest
from synth.workload import Item, read_library
from tasks.task import Task

__all__ = ["LEARNED", "NO_WORDS", "LearningRun", "Record", "Stopped", "Watch", "effort", "guide_digest"]

LEARNED = "learned.syn"
NO_WORDS = "syn 1\n"
"""A module without definitions: what is learned before anything was."""
Record = Mapping[str, Any]
"""What came of a search: the line of `synth eval`, with `unfolded`, its program without learned words."""


class Stopped(Exception):  # noqa: N818 - no error: the user wanted an end, and everything is kept
    """A step was left before its end, because the user wanted that."""


class Watch(Protocol):
    """Is told what a run does."""

    def searching(self, what: str, total: int) -> AbstractContextManager[Callable[[TaskReport], None]]:
        """So many tasks are searched while this lasts; what is given back hears of each."""
        ...

    def say(self, text: str) -> None:
        """A line for people."""
        ...


@dataclass
class LearningRun:
    """A run that goes on in a directory. Steps read what is kept there, and keep what they come to."""

    store: RunStore
    stored: StoredPlan
    pieces: Pieces
    watch: Watch
    workers: int = 1
    stopping: Callable[[], bool] = lambda: False
    _items: dict[str, tuple[Item, ...]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The directory."""
        return self.store.folder

    def named(self, *parts: str) -> list[str]:
        """The tasks of some parts."""
        return [name for name, part in self.stored.parts.items() if part in parts]

    def done(self, iteration: int, step: str) -> StoredStep:
        """A step that must have been done. Raises InterfaceError where it was not."""
        known = self.store.step(iteration, step)
        if known is None or not known.done:
            raise InterfaceError(
                f"expected `{step}` of iteration {iteration} to be done, found that it is not",
                path=str(self.folder),
                hint=f"synth learn {step} {self.folder}",
            )
        return known

    # ---- words ------------------------------------------------------------------------------------------------------

    def words_file(self, text: str) -> Path:
        """The text of learned words as a module that searches can read."""
        name = f"words/{text_digest(text)}/{LEARNED}"
        path = self.folder / name
        if not path.exists() or path.read_text(encoding="utf-8", errors="replace") != text:
            self.store.write(name, text)
        return path

    def library(self, text: str | None = None) -> Library:
        """The words that the run began with, and those of a text. Raises DslError, with the place, for a bad text."""
        return self.library_in(*(() if text is None else (self.words_file(text),)))

    def library_in(self, *modules: Path) -> Library:
        """The words that the run began with, and those of modules."""
        plan = self.stored.plan
        return read_library(plan.primitive_files, (*plan.module_files, *map(str, modules)))

    def items(self, text: str) -> tuple[Item, ...]:
        """All tasks, over the words of a text."""
        key = text_digest(text)
        if key not in self._items:
            self._items.clear()  # of older words, each task with a library of its own
            self._items[key] = self.stored.plan.searching("none", self.words_file(text)).items()
        return self._items[key]

    # ---- searches ---------------------------------------------------------------------------------------------------

    def guide(self, iteration: int) -> str:
        """The guide of an iteration's searches: what the last training made, or the one that the run began with."""
        for earlier in range(iteration - 1, 0, -1):
            trained = self.store.step(earlier, "train")
            if trained is not None and trained.done:
                return str(self.guide_file(earlier))
        return self.stored.plan.guide

    def guide_file(self, iteration: int) -> Path:
        """Where the training of an iteration writes its guide."""
        return self.folder / f"iteration-{iteration}" / "guide.safetensors"

    def searched(self, what: str, text: str, guide: str, names: Sequence[str], iteration: int) -> Mapping[str, Record]:
        """What came of the named tasks under the words of a text; what is kept already is not searched again.

        Raises Stopped where the user wanted an end before all was there.
        """
        library, guided = self.library(text).digest(), guide_digest(guide)
        known = self.known(text, guide)
        wanted = set(names) - known.keys()
        todo = {item.name: item for item in self.items(text) if item.name in wanted}
        plan = self.stored.plan.searching(guide, self.words_file(text))
        with self.watch.searching(what, len(todo)) as step:
            for report in evaluate(plan, workers=self.workers, items=tuple(todo.values()), stopping=self.stopping):
                if report.status == StopReason.INTERRUPTED.value:
                    continue  # also where a program fits: left alone, the search might have come to another
                known[report.task] = _record(report, todo[report.task])
                self.store.add_attempt(Attempted(library, guided, report.task, iteration, known[report.task]))
                step(report)
        if any(name not in known for name in names):
            raise Stopped
        return {name: known[name] for name in names}

    def known(self, text: str, guide: str) -> dict[str, Record]:
        """What came of tasks under the words of a text and a guide, so far."""
        attempts = self.store.attempts(self.library(text).digest(), guide_digest(guide))
        return {attempt.task: attempt.record for attempt in attempts}

    def solutions(self, iteration: int) -> dict[str, list[str]]:
        """The programs found up to an iteration for tasks that are learned from or judged by, also unfolded."""
        texts: dict[str, list[str]] = {}
        for attempt in self.store.attempts():
            record = attempt.record
            if attempt.iteration <= iteration and record["fits"] and self.stored.parts.get(attempt.task) != "test":
                texts.setdefault(attempt.task, []).extend((record["program"], record["unfolded"]))
        return {task: sorted(set(found)) for task, found in texts.items()}


def effort(record: Record) -> Effort:
    """How hard a search was."""
    return Effort(bool(record["fits"]), int(record["evaluations"]))


def guide_digest(guide: str) -> str:
    """What names a guide beside its searches: its name, and what is in its file."""
    files = guide_files(guide)
    return hashlib.sha256(files[0].read_bytes()).hexdigest()[:16] if files else guide


def _record(report: TaskReport, item: Item) -> dict[str, Any]:
    record: dict[str, Any] = report.record() | {"first_fit": report.first_fit, "guided_by": report.guided_by}
    assert report.program is None or isinstance(item.content, Task), "a broken task has no program"
    text = None
    if report.program is not None and isinstance(item.content, Task):
        text = unfolded_text(report.program, item.content)
    return record | {"unfolded": text}
