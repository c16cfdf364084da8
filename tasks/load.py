"""Suites by name: those we ship, `.syn` files, folders of them, and files of other formats through a loader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from dsl.errors import DslError, InterfaceError
from dsl.library import Library, nearest
from dsl.source import read_source
from tasks.loaders import dreamcoder, lambdabeam, rule
from tasks.suite import BrokenTask, Suite
from tasks.task_file import read_task_file, read_tasks

__all__ = ["LOADERS", "ShippedSuite", "load_suite", "read_folder", "shipped_suites"]

LOADERS: Mapping[str, Callable[[Path, Library], Suite]] = MappingProxyType(
    {"rule": rule.load, "lambdabeam": lambdabeam.load, "dreamcoder": dreamcoder.load}
)
"""Outside formats by the name that comes before the colon in `rule:PATH`."""

_SHIPPED = Path(__file__).parent / "suites"
_TASK = re.compile(r"^task\s", re.MULTILINE)
_COMMENT = re.compile(r"^#\s*(.*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ShippedSuite:
    """A suite that comes with the project. Its file is read when asked for, and not checked here."""

    name: str
    path: Path

    @property
    def description(self) -> str:
        """The first comment of the file."""
        found = _COMMENT.search(read_source(self.path))
        return found[1].rstrip(".:") if found else ""

    @property
    def n_tasks(self) -> int:
        """How many tasks the file holds."""
        return len(_TASK.findall(read_source(self.path)))


def shipped_suites() -> tuple[ShippedSuite, ...]:
    """The suites that come with the project, by name."""
    return tuple(ShippedSuite(path.stem, path) for path in sorted(_SHIPPED.glob("*.syn")))


def load_suite(text: str, library: Library) -> Suite:
    """The tasks that a text names: a shipped suite, a `.syn` file, a folder of such, or `LOADER:PATH`.

    A shipped suite's name means that suite even where a folder is called the same; write `./lists` for the folder.
    Raises DslError where there is no such thing, or nothing in it; what is wrong with single tasks is in the suite's
    `broken`.
    """
    shipped = {suite.name: suite.path for suite in shipped_suites()}
    if text in shipped:
        return read_task_file(shipped[text], library)
    name, colon, rest = text.partition(":")
    if colon and name in LOADERS:
        return _not_empty(LOADERS[name](Path(rest), library), text)
    path = Path(text)
    if path.is_dir():
        return read_folder(path, library)
    if path.suffix == ".syn":
        return read_task_file(path, library)
    raise _unknown(text, path, tuple(shipped))


def _not_empty(suite: Suite, text: str) -> Suite:
    if not suite.tasks and not suite.broken:
        raise InterfaceError("expected at least one task, found none", path=text)
    return suite


def _unknown(text: str, path: Path, shipped: tuple[str, ...]) -> InterfaceError:
    if path.exists():
        return InterfaceError(
            "expected a .syn file, a folder of such, or LOADER:PATH, found another file",
            path=text,
            hint=f"other formats need a loader: {', '.join(f'{name}:{text}' for name in LOADERS)}",
        )
    name, colon, rest = text.partition(":")
    if not colon and (path.suffix or len(path.parts) > 1):
        return InterfaceError("expected a .syn file or a folder, found no such file", path=text)
    near = nearest(name, (*LOADERS,) if colon else (*shipped, *LOADERS))
    meant = f"{near}:{rest or 'PATH'}" if near in LOADERS else near
    return InterfaceError(
        f"expected a suite ({', '.join(shipped)}), a .syn file, a folder, "
        f"or LOADER:PATH ({', '.join(LOADERS)}), found {text!r}",
        hint=f"did you mean {meant!r}?" if near else None,
    )


# ---- folders ------------------------------------------------------------------------------------------------------


def read_folder(folder: Path, library: Library) -> Suite:
    """The tasks of all `.syn` files in a folder and below, files in order of their paths.

    A task is named by its file's path without the suffix, followed by `:name` where the file holds several. A file
    that cannot be read becomes one BrokenTask; one without tasks (a library module) adds none. Raises InterfaceError
    for a folder without tasks.
    """
    suites = [_read_file(path, folder, library) for path in _task_files(folder)]
    found = Suite(
        folder.resolve().name,
        tuple(task for suite in suites for task in suite.tasks),
        tuple(task for suite in suites for task in suite.broken),
    )
    if not found.tasks and not found.broken:
        raise InterfaceError(
            f"expected a folder with tasks, found {len(suites)} .syn file{'' if len(suites) == 1 else 's'} "
            "and no task in any",
            path=str(folder),
        )
    return found


def _task_files(folder: Path) -> Iterator[Path]:
    """The `.syn` files in order; hidden folders and files are none of ours."""
    for path in sorted(folder.rglob("*.syn")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _read_file(path: Path, folder: Path, library: Library) -> Suite:
    stem = path.relative_to(folder).with_suffix("").as_posix()
    try:
        suite = read_tasks(read_source(path), library, name=stem, path=path)
    except DslError as error:
        return Suite(stem, (), (BrokenTask(stem, error.located(path=str(path))),))
    if len(suite.tasks) + len(suite.broken) == 1:
        return replace(
            suite,
            tasks=tuple(replace(task, name=stem) for task in suite.tasks),
            broken=tuple(replace(task, name=stem) for task in suite.broken),
        )
    return replace(
        suite,
        tasks=tuple(replace(task, name=f"{stem}:{task.name}") for task in suite.tasks),
        broken=tuple(replace(task, name=f"{stem}:{task.name}") for task in suite.broken),
    )
