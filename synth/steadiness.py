"""Which words of a program give different values for the same arguments, so that no run of it can be believed.

A search calls a word once for each tuple of arguments and remembers the result. Where a later run of the program
disagrees, either the search has a bug or a word is not a function; running the program a few times more tells which.
"""

from __future__ import annotations

from collections.abc import Sequence

from dsl.interpreter import Occurrence, trace
from dsl.library import Library
from dsl.primitive import Primitive
from dsl.program import Application, Lambda, Name, Program
from dsl.values import Failure, key

__all__ = ["unsteady_words"]

_RUNS = 8


def unsteady_words(program: Lambda, inputs: Sequence[tuple[object, ...]], library: Library) -> tuple[str, ...]:
    """The primitives of a program that were seen to give two values for one tuple of arguments, by name."""
    found: dict[str, None] = {}
    for arguments in inputs:
        runs = [{o.path: o for o in trace(program, arguments, library).occurrences} for _ in range(_RUNS)]
        unlike = {path for path in runs[0] if len({_worth(run.get(path)) for run in runs}) > 1}
        for path in unlike:
            inner = any(other[: len(path)] == path and other != path for other in unlike)
            word = None if inner else _word(runs[0][path].program)
            if word is not None and isinstance(library.entries.get(word), Primitive):
                found[word] = None
    return tuple(sorted(found))


def _worth(occurrence: Occurrence | None) -> object:
    """What a part was worth in one run, as something that can be compared."""
    if occurrence is None:
        return None
    return tuple(("failure", v.cause) if isinstance(v, Failure) else key(v) for v in occurrence.values)


def _word(part: Program) -> str | None:
    match part:
        case Application(Name(word), _) | Name(word):
            return word
        case _:
            return None
