"""`synth kernels`: compile beforehand what searches compile when they need it, or remove what is compiled."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from dsl.primitives import CORE
from synth.commands.options import Json
from synth.commands.terminal import error_console, plural, print_json, say

__all__ = ["kernels"]

Told = Callable[[str, int, int], None]


def kernels(
    start: Annotated[str, typer.Argument(metavar="[PREFIX]", help="Only words that start so, as `list.`.")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Remove all machine code that is kept, and stop.")] = False,
    json: Json = False,
) -> None:
    """Compile all words of the language, or say where compiled ones are kept.

    Searches do without: they run a word in Python until compiling it pays, and keep its machine code from then on.
    Compiling all of them takes a minute, once.
    """
    from synth.search.warming import machine_code_files, machine_code_folder, warm_up  # Numba, which takes a while

    folder = machine_code_folder()
    if clear:
        files = machine_code_files()
        size = _megabytes(files)
        for file in files:
            file.unlink(missing_ok=True)
        if json:
            print_json({"removed": len(files), "megabytes": size, "folder": str(folder)})
        else:
            say(f"removed {plural(len(files), 'file')}, {size} MB, from {folder}")
        return
    begin = time.monotonic()
    with _progress() as told:
        count = warm_up(told, [entry for entry in CORE if entry.name.startswith(start)])
    seconds, size = round(time.monotonic() - begin, 1), _megabytes(machine_code_files())
    if json:
        print_json({"kernels": count, "seconds": seconds, "megabytes": size, "folder": str(folder)})
    else:
        say(f"{plural(count, 'kernel')} ready after {seconds} s; {size} MB in {folder}")


def _megabytes(files: Sequence[Path]) -> float:
    return round(sum(file.stat().st_size for file in files if file.exists()) / 1e6, 1)


@contextmanager
def _progress() -> Iterator[Told]:
    """A line on a terminal that says which word is being compiled; nothing where stderr is a file."""
    if not sys.stderr.isatty():
        yield lambda word, done, all_: None
        return
    with error_console().status("compiling what every search runs") as line:
        yield lambda word, done, all_: line.update(f"compiling {done + 1} of {all_}: {word}")
