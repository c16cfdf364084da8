"""How functions are compiled, and when anew: whenever any source of kernels has changed.

Numba keeps machine code on disk, and takes it from there as long as the source file of the function is the one that it
was made from. But machine code holds that of all callees, which may be in other files: after a change there it would
go on running what they were. So every function here is marked with a digest of all sources, its *stamp*.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from numba import njit

import dsl.values

__all__ = ["cached_in", "compiled", "embedded", "inlined", "is_loaded", "is_on_disk", "uncounted"]

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a function when it is first called, and keep the machine code on disk."""
    return _made(function)


def embedded(function: F) -> F:
    """Compile a function, and copy it into its callers."""
    return _made(function, forceinline=True)


def uncounted(function: F) -> F:
    """Compile a function that makes no array, without counting references to those that it is given.

    Where a word is run on one value at a time, counting takes longer than the word: each array is counted up and
    down in every call that is not inlined. Numba has the option for its own tests, and leaves it out of its types.
    """
    return _made(function, _nrt=False)


def inlined(function: F) -> F:
    """Compile a function like `uncounted`, and copy it into its callers: for short ones that are given many arrays.

    A call hands over each array as seven words and more, which takes longer than a look into one.
    """
    return _made(function, _nrt=False, forceinline=True)


def _made(function: F, **options: Any) -> F:
    dispatcher: F = njit(cache=True, **options)(function)
    if (listed := _cache_file(dispatcher)) is not None:
        listed._source_stamp = (listed._source_stamp, _digest_of_sources())
    return dispatcher


# ---- What Numba keeps -----------------------------------------------------------------------------------------------
#
# Numba has no name of its own for the file that a function's machine code is listed in, so these look inside. A version
# of Numba that has it elsewhere loses the stamp and no more: then it looks at each function's own source, as ever.


def is_loaded(function: Any) -> bool:
    """Whether machine code of a compiled function is in memory."""
    return bool(function.signatures)


def is_on_disk(function: Any) -> bool:
    """Whether machine code of a compiled function, made from these very sources, is on disk."""
    listed = _cache_file(function)
    return listed is not None and bool(listed._load_index())


def cached_in(function: Any) -> Path:
    """The folder that has, or will have, the machine code of a compiled function."""
    return Path(function.stats.cache_path)


def _cache_file(dispatcher: Any) -> Any:
    found = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    return found if hasattr(found, "_source_stamp") and hasattr(found, "_load_index") else None


@cache
def _digest_of_sources() -> str:
    """A digest of all files that kernels are made of; `dsl.values` is one, for its limits."""
    return digest_of([*sorted(Path(__file__).parent.glob("*.py")), Path(dsl.values.__file__)])


def digest_of(files: list[Path]) -> str:
    """A digest of some files' names and contents. Files that cannot be read, in an archive, nobody edits."""
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        try:
            content = file.read_bytes()
        except OSError:
            continue
        digest.update(f"{file.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
