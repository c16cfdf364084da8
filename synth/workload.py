"""What a command works on: the library, and the tasks of the suites, files and folders that were named."""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

from dsl.errors import InterfaceError
from dsl.library import Library
from dsl.module_file import read_module
from dsl.primitive_file import load_primitives
from tasks.domains.lists import LISTS
from tasks.load import load_suite
from tasks.sampling import draw_examples
from tasks.suite import BrokenTask, Suite
from tasks.task import Task

__all__ = [
    "GENERATED_EXAMPLES",
    "GENERATED_HOLDOUT",
    "Item",
    "hide",
    "load_tasks",
    "matches",
    "read_library",
    "read_workload",
]

GENERATED_EXAMPLES, GENERATED_HOLDOUT = 5, 5
"""How many pairs are drawn from a task that has a reference solution instead of examples."""


@dataclass(frozen=True, slots=True)
class Item:
    """A task, or one that could not be read, under an id that no other item of the workload has."""

    name: str
    content: Task | BrokenTask


def read_library(primitive_files: Sequence[str] = (), module_files: Sequence[str] = ()) -> Library:
    """The words for lists, more from Python files (`--with`), more from library modules (`--library`).

    A later word hides earlier ones of its short name; a module that is a basis leaves only its own words, over which
    the modules after it are read. Raises DslError for a file that cannot be used.
    """
    library = LISTS.library
    for path in primitive_files:
        with redirect_stdout(sys.stderr):  # stdout is for results, whatever a user's file prints
            library = library.extend(load_primitives(Path(path)), shadow=True)
    for path in module_files:
        library = read_module(path, library, near=Path.cwd()).applied(library)
    return library


def load_tasks(source: str | Path, library: Library | None = None) -> Suite:
    """The tasks of a shipped suite, a `.syn` file, a folder of them, or `LOADER:PATH`, over the words for lists.

    Raises DslError for a source that cannot be used; tasks that cannot be read are in the suite's `broken`.
    """
    return load_suite(str(source), LISTS.library if library is None else library)


def read_workload(
    sources: Sequence[str],
    library: Library,
    *,
    pattern: str | None = None,
    limit: int | None = None,
    hidden: float = 0.0,
    seed: int = 0,
) -> tuple[Item, ...]:
    """The tasks of all sources, in order: those that fit `pattern`, then at most `limit`, then `hidden` applied.

    Two tasks of one name are told apart by their suites, then by number. A task that has a reference solution and no
    examples gets some drawn from it. Raises DslError for a source that does not exist or holds no task, and for a
    pattern that leaves none.
    """
    items = _named(_read(sources, library))
    kept = [item for item in items if pattern is None or matches(pattern, _words_of(item))]
    if not kept:
        raise InterfaceError(f"expected tasks that match {pattern!r}, found none among {len(items)}")
    return tuple(_prepared(item, hidden, seed) for item in kept[:limit])


def _read(sources: Sequence[str], library: Library) -> Iterator[tuple[str, Task | BrokenTask]]:
    for source in sources:
        suite = load_suite(source, library)
        yield from ((suite.name, task) for task in suite.tasks)
        yield from ((suite.name, broken) for broken in suite.broken)


def _named(contents: Iterable[tuple[str, Task | BrokenTask]]) -> list[Item]:
    pairs = list(contents)
    often = Counter(content.name for _, content in pairs)
    items: list[Item] = []
    taken: Counter[str] = Counter()
    for suite, content in pairs:
        name = content.name if often[content.name] == 1 else f"{suite}/{content.name}"
        taken[name] += 1
        items.append(Item(name if taken[name] == 1 else f"{name}#{taken[name]}", content))
    return items


def _words_of(item: Item) -> str:
    tags = " ".join(sorted(item.content.tags)) if isinstance(item.content, Task) else ""
    return f"{item.name} {tags}".lower()


def _prepared(item: Item, hidden: float, seed: int) -> Item:
    if isinstance(item.content, BrokenTask):
        return item
    task = item.content
    rng = random.Random(f"{seed}:{item.name}")
    if task.is_generator:
        pairs = draw_examples(task, GENERATED_EXAMPLES + GENERATED_HOLDOUT, rng)
        task = replace(task, examples=pairs[:GENERATED_EXAMPLES], holdout=pairs[GENERATED_EXAMPLES:])
    elif hidden and not task.holdout:
        task = hide(task, hidden, rng)
    return replace(item, content=task)


def hide(task: Task, share: float, rng: random.Random) -> Task:
    """Move a share of the examples, chosen by `rng`, to the holdout; at least one example stays."""
    count = min(round(share * len(task.examples)), len(task.examples) - 1)
    chosen = set(rng.sample(range(len(task.examples)), max(count, 0)))
    return replace(
        task,
        examples=tuple(e for i, e in enumerate(task.examples) if i not in chosen),
        holdout=tuple(e for i, e in enumerate(task.examples) if i in chosen),
    )


def matches(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern such as `list and not (sort or fold)`; words match as substrings, in any case.

    Raises InterfaceError for a pattern that is none.

    >>> matches("even and not sort", "evens first"), matches("not even", "evens first")
    (True, False)
    """
    tokens = re.findall(r"\(|\)|[^\s()]+", pattern.lower())
    value, rest = _either(tokens, text.lower())
    if rest or not tokens:
        raise _bad_pattern(pattern, rest)
    return value


def _either(tokens: list[str], text: str) -> tuple[bool, list[str]]:
    return _chain("or", _both, any, tokens, text)


def _both(tokens: list[str], text: str) -> tuple[bool, list[str]]:
    return _chain("and", _single, all, tokens, text)


def _chain(
    joint: str,
    part: Callable[[list[str], str], tuple[bool, list[str]]],
    combine: Callable[[Iterable[bool]], bool],
    tokens: list[str],
    text: str,
) -> tuple[bool, list[str]]:
    value, tokens = part(tokens, text)
    values = [value]
    while tokens[:1] == [joint]:
        value, tokens = part(tokens[1:], text)
        values.append(value)
    return combine(values), tokens


def _single(tokens: list[str], text: str) -> tuple[bool, list[str]]:
    match tokens:
        case ["not", *rest]:
            value, rest = _single(rest, text)
            return not value, rest
        case ["(", *rest]:
            value, rest = _either(rest, text)
            if rest[:1] != [")"]:
                raise _bad_pattern("(", rest)
            return value, rest[1:]
        case [word, *rest] if word not in {"and", "or", ")"}:
            return word in text, rest
        case _:
            raise _bad_pattern(" ".join(tokens) or "the end", tokens)


def _bad_pattern(found: str, rest: Sequence[str]) -> InterfaceError:
    near = f" near {' '.join(rest[:3])!r}" if rest else ""
    return InterfaceError(
        f"expected a pattern such as 'list and not sort', found {found!r}{near}",
        hint="words are matched as parts of a task's name and tags; join them with and, or, not, ( )",
    )
