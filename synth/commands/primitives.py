"""`synth primitives`: the words that programs are made of: list them, show one, check a file of your own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dsl.library import Definition, Entry
from dsl.primitive import Primitive
from dsl.primitive_file import load_primitives
from dsl.printer import show as show_program
from dsl.type_system import show_type
from synth.commands.options import Json, ModuleFiles, PrimitiveFiles, Seed
from synth.commands.terminal import ExitCode, print_json, print_table, say
from synth.workload import read_library

__all__ = ["make_app"]


def make_app() -> typer.Typer:
    """The three sub-commands."""
    app = typer.Typer(help="The words that programs are made of.", no_args_is_help=True)
    app.command("list")(list_words)
    app.command("show")(show_word)
    app.command("check")(check_file)
    return app


def list_words(
    start: Annotated[str, typer.Argument(metavar="[PREFIX]", help="Only words that start so, as `list.`.")] = "",
    with_files: PrimitiveFiles = None,
    library: ModuleFiles = None,
    json: Json = False,
) -> None:
    """List all words with their types."""
    known = read_library(with_files or (), library or ())
    words = [entry for entry in known.vocabulary if entry.name.startswith(start)]
    if json:
        print_json([_word_json(entry) for entry in words])
    else:
        print_table(("word", "type", "meaning"), [(e.name, show_type(e.type), e.summary) for e in words])


def show_word(
    name: Annotated[str, typer.Argument(help="A word: `list.map`, or short, `map`.")],
    with_files: PrimitiveFiles = None,
    library: ModuleFiles = None,
    json: Json = False,
) -> None:
    """Show all there is to know about a word; a short name may stand for several."""
    words = read_library(with_files or (), library or ())
    found = [words[qualified] for qualified in words.matching(name)]
    if json:
        print_json([_word_json(entry) for entry in found])
        return
    for position, entry in enumerate(found):
        if position:
            say()
        say(f"{entry.name}({', '.join(entry.parameters)}): {show_type(entry.type)}")
        for line in entry.documentation.splitlines():
            say(f"    {line}" if line else "")
        if isinstance(entry, Definition):
            say(f"    defined as {show_program(entry.program, words, expected=entry.type)}")
        elif entry.laws:
            say(f"    laws: {', '.join(map(str, entry.laws))}")


def _word_json(entry: Entry) -> dict[str, object]:
    return {
        "name": entry.name,
        "type": show_type(entry.type),
        "parameters": list(entry.parameters),
        "documentation": entry.documentation,
        "laws": [str(law) for law in entry.laws] if isinstance(entry, Primitive) else [],
        "kind": "primitive" if isinstance(entry, Primitive) else "definition",
    }


def check_file(
    path: Annotated[Path, typer.Argument(metavar="FILE.py", help="A Python file with @primitive functions.")],
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Try every primitive of a file on drawn inputs: whether it keeps what its hints, laws and inverses promise.

    Exit codes: 0 all passed, 1 some failed, 4 the file cannot be used.
    """
    from dsl.inspect_primitives import check_library, report_lines  # only this command pays for the checks

    reports = check_library(load_primitives(path), seed=seed, known=read_library())
    if json:
        rows = [asdict(report) | {"type": show_type(report.type), "passed": report.passed} for report in reports]
        print_json(rows)
    else:
        for line in report_lines(reports):
            say(line)
    raise typer.Exit(ExitCode.ALL_SOLVED if all(report.passed for report in reports) else ExitCode.SOME_NOT)
