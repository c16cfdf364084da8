"""The docs do what they show, and the table of words is that of the library."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dsl.primitives import CORE

ROOT = Path(__file__).parents[2]


def _script(name: str) -> ModuleType:
    """A script of docs/ as a module; docs/ is no package."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


run_blocks = _script("run_blocks")
make_words = _script("make_words")
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "tests" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_runs_and_shows_what_it_says(page: Path) -> None:
    """As `python docs/run_blocks.py` does; blocks marked as slow are left to CI."""
    for _ in run_blocks.run_document(page):
        pass


def test_the_words_are_those_of_the_library() -> None:
    assert make_words.words_page(CORE) == make_words.TARGET.read_text(encoding="utf-8"), "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in run_blocks.links(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_a_block_that_shows_something_else_is_caught(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo 1; echo 2\n1\n3\n```\n")
    with pytest.raises(run_blocks.BlockError, match="the output is another"):
        list(run_blocks.run_document(page))
    list(run_blocks.run_document(page, update=True))
    assert page.read_text() == "```console\n$ echo 1; echo 2\n1\n2\n```\n"


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ("```console\n$ exit 3\n```", "expected exit code 0, found 3"),
        ("```console exit=1\n$ true\n```", "expected exit code 1, found 0"),
        ("```python\nassert 1 == 2\n```", "AssertionError"),
        ("```python\n>>> 1 + 1\n3\n```", "Expected:"),
        ("```console\necho 1\n```", "starts with"),
        ("```perl\n1\n```", "expected console, python, toml or text"),
    ],
)
def test_a_block_that_fails_is_caught(tmp_path: Path, block: str, problem: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(block + "\n")
    with pytest.raises(run_blocks.BlockError, match=problem):
        list(run_blocks.run_document(page))


def test_dots_stand_for_anything_and_seconds_may_differ() -> None:
    assert run_blocks.agrees(["a ... z", "...", "0.1 s"], ["a b c z", "x", "y", "12 s"])
    assert not run_blocks.agrees(["a ... z"], ["a b"])
