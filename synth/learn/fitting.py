"""`Synthesizer.fit`: wake and sleep over tasks in memory, one search after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dsl.errors import InterfaceError
from dsl.library import Library
from synth.learn.corpus import Corpus
from synth.learn.loop import Effort, Pieces, attempts_of, pays, sleep, unfolded_text
from synth.learn.pieces import shipped_pieces, split_names
from synth.learn.words import with_learned
from synth.workload import Item
from tasks.task import Task

if TYPE_CHECKING:
    from synth.pipeline import Synthesizer

__all__ = ["fit", "shared_words"]


def fit(tasks: Iterable[Task], synthesizer: Synthesizer, pieces: Pieces | None = None) -> Library:
    """The words that all tasks share, and those learned from the solutions that a synthesizer finds."""
    items = _named(tasks)
    _refuse_without_examples(items)
    names = [item.name for item in items]
    validate = {name for name, part in split_names(names, synthesizer.random_state).items() if part == "validate"}
    parts = pieces or shipped_pieces()
    library = shared_words([_task(item) for item in items])
    texts: dict[str, set[str]] = {name: set() for name in names}
    woken = _solved(items, library, synthesizer, texts)
    for iteration in range(1, synthesizer.iterations + 1):
        attempts = attempts_of(_with_words(items, library), {name: sorted(found) for name, found in texts.items()})
        corpus = Corpus.of([attempt for attempt in attempts if attempt.task not in validate], library)
        validated = Corpus.of([attempt for attempt in attempts if attempt.task in validate], library)
        growth = sleep(corpus, validated, library, parts)
        if not growth.kept:
            break  # another search would find what this one found
        new = [parts.document(learned, iteration) for learned in growth.kept]
        grown = library.extend(*new, shadow=True)
        found = _solved([item for item in items if item.name in validate], grown, synthesizer, texts)
        if not pays(woken, found):
            break
        library = grown
        if iteration < synthesizer.iterations:
            rest = [item for item in items if item.name not in validate]
            woken = {**found, **_solved(rest, grown, synthesizer, texts)}
    return library


def shared_words(tasks: Sequence[Task]) -> Library:
    """The words that every one of some tasks has. Raises InterfaceError where there is no task."""
    if not tasks:
        raise InterfaceError("expected tasks to learn from, found none")
    first = tasks[0].library
    missing = [e.name for e in first if any(task.library.entries.get(e.name) != e for task in tasks[1:])]
    return first.without(missing) if missing else first


def _refuse_without_examples(items: Iterable[Item]) -> None:
    empty = [item.name for item in items if not _task(item).examples]
    if empty:
        raise InterfaceError(
            f"expected tasks with examples, found none in {empty[0]!r}",
            hint="tasks.sampling.draw_examples draws some, where a task has a solution",
        )


def _named(tasks: Iterable[Task]) -> tuple[Item, ...]:
    """The tasks, each under a name of its own."""
    taken: Counter[str] = Counter()
    items = []
    for task in tasks:
        taken[task.name] += 1
        items.append(Item(task.name if taken[task.name] == 1 else f"{task.name}#{taken[task.name]}", task))
    return tuple(items)


def _task(item: Item) -> Task:
    assert isinstance(item.content, Task), "made above"
    return item.content


def _with_words(items: Iterable[Item], library: Library) -> tuple[Item, ...]:
    return tuple(
        replace(item, content=replace(_task(item), library=with_learned(_task(item).library, library)))
        for item in items
    )


def _solved(
    items: Iterable[Item], library: Library, synthesizer: Synthesizer, texts: Mapping[str, set[str]]
) -> dict[str, Effort]:
    """How hard each task was; the programs found are put into `texts`, as found and without learned words."""
    efforts = {}
    for item in items:
        result = replace(synthesizer, library_=library).solve(_task(item))
        efforts[item.name] = Effort(result.verdict.fits, result.answer.evaluations)
        text = result.verdict.as_function
        if result.verdict.fits and text is not None:
            texts[item.name].update((text, unfolded_text(text, result.task)))
    return efforts
