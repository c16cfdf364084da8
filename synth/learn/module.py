"""Learned definitions as a module that people read, edit and trust: `learned.syn`.

A definition's documentation says from which tasks it was learned, and shows calls of it with their values. Whatever a
person changes in the file counts: names, bodies, texts; what is wrong in it is said with its place when it is read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from dsl.library import Definition, Library
from dsl.module_file import definitions_of, write_module
from dsl.parser import parse_file
from dsl.source import read_source
from synth.learn.compression import Compression, Learned
from synth.learn.definitions import NAMESPACE

__all__ = ["FILE", "documented", "learned_text", "provenance", "read_learned", "with_documentation", "write_learned"]

FILE = "learned.syn"
"""The usual name of the file."""
_SHOWN_TASKS = 8
_PROVENANCE = re.compile(r"Learned(?: in iteration (\d+))? from (?:\d+ tasks?: )?(.*?)(?:, and \d+ more)?\.")


def documented(learned: Learned, *, iteration: int | None = None) -> Definition:
    """The definition with its documentation: where it was learned, what it saves, and worked examples."""
    tasks = learned.tasks
    shown = ", ".join(tasks[:_SHOWN_TASKS])
    more = f", and {len(tasks) - _SHOWN_TASKS} more" if len(tasks) > _SHOWN_TASKS else ""
    when = f" in iteration {iteration}" if iteration is not None else ""
    noun = "task" if len(tasks) == 1 else "tasks"
    lines = [f"Learned{when} from {len(tasks)} {noun}: {shown}{more}.", *learned.examples]
    return replace(learned.definition, documentation="\n".join(lines))


def provenance(definition: Definition) -> tuple[int | None, tuple[str, ...]]:
    """The iteration in which a definition was learned, and tasks from which, as far as its documentation says so.

    >>> from dsl.program import Literal
    >>> from dsl.type_system import INT
    >>> provenance(Definition("learned.x", INT, Literal(1), "Learned in iteration 2 from 2 tasks: ones, twos."))
    (2, ('ones', 'twos'))
    """
    found = _PROVENANCE.search(definition.documentation)
    if found is None:
        return None, ()
    return (int(found[1]) if found[1] else None), tuple(found[2].split(", "))


def with_documentation(compression: Compression, *, iteration: int | None = None) -> Compression:
    """The same compression, with what was learned documented, in its library too."""
    learned = tuple(replace(item, definition=documented(item, iteration=iteration)) for item in compression.learned)
    made = {item.definition.name: item.definition for item in learned}
    library = compression.library
    entries = {name: made.get(name, entry) for name, entry in library.entries.items()}
    return replace(
        compression, learned=learned, library=Library(MappingProxyType(entries), library.shorts, library.auxiliary)
    )


def learned_text(definitions: Iterable[Definition], library: Library) -> str:
    """The text of a module of learned definitions over a library that need not have them."""
    return write_module(definitions, library)


def write_learned(path: Path, definitions: Iterable[Definition], library: Library) -> None:
    """Write the module; a reader sees the old file or the new one, never half of one."""
    text = learned_text(definitions, library)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def read_learned(path: Path, library: Library) -> Library:
    """The definitions of a module file, as a library of their own; whatever the file is called, they are `learned.`.

    Raises DslError, with the place, for the first thing that is wrong.
    """
    source = parse_file(read_source(path), path=str(path))
    return definitions_of(source, library, NAMESPACE, near=path.parent)
