"""Machine code on disk is that of the sources as they are now, all of them, whoever else is at work."""

from __future__ import annotations

import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import synth
from synth.search import kernels
from synth.search.kernels.compiled import _digest_of_sources, digest_of, is_loaded, is_on_disk
from synth.search.kernels.convention import Lists
from synth.search.kernels.scalars import KERNELS

SOURCES = Path(synth.__file__).parents[1]
ASK = """
import numpy as np
from synth.search.kernels.calls import distinct_rows
from synth.search.kernels.columns import hash_cells
from synth.search.kernels.compiled import cached_in, is_on_disk

before = is_on_disk(hash_cells)
halves = np.zeros((1, 2), dtype=np.uint64)
hash_cells(np.array([[7]]), np.ones((1, 1), dtype=np.uint8), halves)
print(before, halves[0, 0], cached_in(hash_cells))
"""
"""A compiled function of one file that calls one of another (`mix`), and whether it was there before."""


def dispatchers() -> Iterator[Any]:
    """All compiled functions of kernels."""
    for found in pkgutil.iter_modules(kernels.__path__):
        module = importlib.import_module(f"{kernels.__name__}.{found.name}")
        yield from (thing for thing in vars(module).values() if hasattr(thing, "py_func"))


def test_every_kernel_is_bound_to_all_sources() -> None:
    found = list(dispatchers())
    assert len(found) > 200
    for function in found:
        assert function._cache._cache_file._source_stamp[1] == _digest_of_sources(), function


def test_a_digest_is_of_names_and_contents(tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("a")
    two.write_text("b")
    first = digest_of([one, two])
    assert first == digest_of([one, two])
    os.utime(one, (0, 0))
    assert first == digest_of([one, two])  # when it was written says nothing
    two.write_text("c")
    assert first != digest_of([one, two])
    assert digest_of([one, tmp_path / "three.py"]) == digest_of([one])
    two.write_text("a")
    assert digest_of([one]) != digest_of([two])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the three packages, that may be changed."""
    for package in ("dsl", "tasks", "synth"):
        shutil.copytree(SOURCES / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def ask(copy: Path, cache: Path | None) -> subprocess.Popen[str]:
    surroundings = os.environ | {"PYTHONPATH": str(copy)}
    surroundings.pop("NUMBA_CACHE_DIR", None)
    if cache is not None:
        surroundings["NUMBA_CACHE_DIR"] = str(cache)
    command = [sys.executable, "-c", ASK]
    return subprocess.Popen(command, cwd=copy, env=surroundings, stdout=subprocess.PIPE, text=True)


def answer_of(process: subprocess.Popen[str]) -> list[str]:
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return out.split()


@pytest.mark.parametrize("beside", [True, False])
def test_what_a_callee_was_is_not_run(copy: Path, beside: bool) -> None:
    """Whether the machine code is kept beside the sources or in a folder of the user's, and by two at once."""
    cache = None if beside else copy / "elsewhere"
    first = answer_of(ask(copy, cache))
    assert first[0] == "False"
    assert Path(first[2]).is_relative_to(copy / "synth" if beside else copy / "elsewhere")
    assert answer_of(ask(copy, cache))[:2] == ["True", first[1]]
    callee = copy / "synth" / "search" / "kernels" / "interning.py"
    text = callee.read_text()
    changed = text.replace("0xBF58476D1CE4E5B9", "0xBF58476D1CE4E5B7")
    assert changed != text
    callee.write_text(changed)
    both = [ask(copy, cache), ask(copy, cache)]
    for found in map(answer_of, both):
        assert found[1] != first[1]
    callee.write_text(text)
    assert answer_of(ask(copy, cache))[1] == first[1]


def test_what_is_known_of_a_function_that_was_called() -> None:
    kernel, none = KERNELS["int.negate"].loop, np.zeros(0, dtype=np.int64)
    kernel(none, Lists(none, none), none.astype(np.uint8), none)
    assert is_loaded(kernel)
    assert is_on_disk(kernel)
