"""Writes docs/words.md, the table of all words, from the words themselves; with --check only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from dsl.library import Entry, Library
from dsl.primitive import Primitive
from dsl.primitives import CORE
from dsl.type_system import show_type

__all__ = ["TARGET", "main", "words_page"]

TARGET = Path(__file__).parent / "words.md"
_HEAD = """# The words

Made from the library by `python docs/make_words.py`; do not edit. `synth primitives show WORD` tells more about each.
In a program the short name is enough where the types say which word is meant: `map`, or in full `list.map`.
"""


def words_page(library: Library) -> str:
    """The whole page: one table for each namespace."""
    entries = sorted(library, key=lambda entry: entry.name.rpartition(".")[0])
    parts = [_HEAD]
    for namespace, group in groupby(entries, key=lambda entry: entry.name.rpartition(".")[0]):
        parts.append(f"\n## {namespace}\n\n| word | type | meaning | laws |\n|---|---|---|---|\n")
        parts.extend(_rows(sorted(group, key=lambda entry: entry.name)))
    return "".join(parts)


def _rows(entries: list[Entry]) -> Iterator[str]:
    for entry in entries:
        laws = ", ".join(map(str, entry.laws)) if isinstance(entry, Primitive) else ""
        call = f"{entry.short}({', '.join(entry.parameters)})" if entry.parameters else entry.short
        summary = entry.summary.replace("|", "\\|")
        yield f"| `{call}` | `{show_type(entry.type)}` | {summary} | {laws} |\n"


def main() -> int:
    """Write the page, or compare it with what is there."""
    page = words_page(CORE)
    if "--check" not in sys.argv:
        TARGET.write_text(page, encoding="utf-8")
        return 0
    if TARGET.read_text(encoding="utf-8") == page:
        return 0
    print("docs/words.md is out of date; run: python docs/make_words.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
