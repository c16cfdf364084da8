"""`synth library`: what is in a library module and what it is used for: show, graph, diff, prune."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from dsl.errors import InterfaceError
from dsl.library import Definition, Library
from dsl.module_file import namespace_of, show_definition
from dsl.program import names
from dsl.type_system import show_type
from synth.commands.options import Json, ModuleFiles, PrimitiveFiles
from synth.commands.terminal import ExitCode, plural, print_json, print_table, say, warn
from synth.learn.module_changes import Change, OwnModule, differences, prune, read_own
from synth.learn.solutions import Results, Solutions, read_results, solutions_of
from synth.learn.value import Reuse, Worth, reuse, value_of
from synth.workload import read_library

__all__ = ["make_app"]

_LEARNED = "learned.syn"
_TOLD = 5
"""Programs that cannot be read of which it is said why."""
_PICTURES = (".svg", ".png", ".dot")

_File = Annotated[str, typer.Argument(metavar="FILE.syn", help="A library module: its file, or a shipped one's name.")]
_UsedIn = Annotated[
    Path | None,
    typer.Option(
        "--used-in",
        metavar="RESULTS.jsonl|DIR",
        exists=True,
        help="Solutions to count uses in: results of `synth eval --out`, or the directory of a run of `synth learn`.",
    ),
]


def make_app() -> typer.Typer:
    """The four sub-commands."""
    app = typer.Typer(help="Library modules: what is in them, and what it is used for.", no_args_is_help=True)
    app.command("show")(library_show)
    app.command("graph")(library_graph)
    app.command("diff")(library_diff)
    app.command("prune")(library_prune)
    return app


# ---- show -----------------------------------------------------------------------------------------------------------


def library_show(
    path: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE.syn]",
            help=f"A library module: its file, or a shipped one's name. Without it, {_LEARNED} of the run, or here.",
        ),
    ] = None,
    used_in: _UsedIn = None,
    with_files: PrimitiveFiles = None,
    library: ModuleFiles = None,
    json: Json = False,
) -> None:
    """Show the definitions of a module, and with --used-in how often they are used and what that saves.

    `calls` counts uses in the programs as they were found, `solutions` those that name the word, `reached` also those
    that use it by way of others, `in words` the other definitions that name it. `bits saved` is by how much all these
    programs, each written as is shortest, would be longer without the word. Exit codes: 0, 4 bad input.
    """
    looked = _look(_file(path, used_in), used_in, with_files, library)
    known = looked.worths()
    if json:
        print_json([_json(definition, looked, known) for definition in looked.own.definitions])
        return
    if not looked.own.definitions:
        say(f"{looked.own.path}: no definitions")
        return
    print_table(*_table(looked, known))
    if looked.solutions is not None:
        say(_summary(looked))
    for definition in looked.own.definitions:
        say()
        say(_line(definition, looked.own.words))
        for line in definition.documentation.splitlines():
            say(f"    {line}" if line else "")


def _table(looked: _Looked, known: Mapping[str, Worth]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    uses = looked.reuse()
    rows = []
    for d in looked.own.definitions:
        row = (d.short, show_type(d.type))
        if d.name in uses:
            use = uses[d.name]
            counts = (use.calls, use.programs, use.reached, use.definitions)
            row += (*map(str, counts), f"{-known[d.name].bits_change:.1f}")
        rows.append(row)
    headings = ("word", "type")
    return (*headings, "calls", "solutions", "reached", "in words", "bits saved") if uses else headings, rows


def _summary(looked: _Looked) -> str:
    """How many solutions use any of the words."""
    assert looked.solutions is not None, "there are solutions to speak of"
    own = {d.name for d in looked.own.definitions}
    using = sum(not own.isdisjoint(names(solved.program)) for solved in looked.solutions.solved)
    count = len(looked.solutions.solved)
    share = f" ({100 * using / count:.0f}%)" if count else ""
    return f"{plural(count, 'solution')}, {using} of them with a word of this module{share}"


def _json(definition: Definition, looked: _Looked, known: Mapping[str, Worth]) -> dict[str, object]:
    uses = looked.reuse().get(definition.name)
    counts = {name: value for name, value in asdict(uses).items() if name != "name"} if uses is not None else None
    saved = -known[definition.name].bits_change if definition.name in known else None
    return {
        "name": definition.name,
        "type": show_type(definition.type),
        "definition": _line(definition, looked.own.words),
        "documentation": definition.documentation,
        "uses": counts,
        "bits_saved": saved,
    }


# ---- graph ----------------------------------------------------------------------------------------------------------


def library_graph(
    path: _File,
    out: Annotated[Path, typer.Option(metavar="X.svg|X.png|X.dot", help="Where to draw it, or its text for Graphviz.")],
    used_in: _UsedIn = None,
    primitives: Annotated[
        bool, typer.Option("--primitives", help="Also the words that definitions are made of.")
    ] = False,
    with_files: PrimitiveFiles = None,
    library: ModuleFiles = None,
) -> None:
    """Draw which definitions of a module are made of which; with --used-in, darker where more solutions use them.

    Exit codes: 0, 4 bad input.
    """
    if out.suffix not in _PICTURES:
        raise InterfaceError(f"expected a file that ends in {', '.join(_PICTURES)}, found {str(out)!r}")
    looked = _look(path, used_in, with_files, library)
    from synth.learn.reuse_graph import reuse_graph, show_dot  # networkx is heavy, and only wanted here
    from synth.learn.reuse_picture import draw

    uses = looked.reuse().values()
    graph = reuse_graph(looked.own.definitions, uses, primitives=looked.own.words if primitives else None)
    try:
        if out.suffix == ".dot":
            out.write_text(show_dot(graph), encoding="utf-8")
        else:
            draw(graph, out)
    except OSError as error:
        raise InterfaceError(f"cannot write {str(out)!r}: {error.strerror or error}") from None
    say(f"{out}: {plural(graph.number_of_nodes(), 'word')}, {plural(graph.number_of_edges(), 'edge')}")


# ---- diff -----------------------------------------------------------------------------------------------------------


def library_diff(
    before: Annotated[str, typer.Argument(metavar="A.syn", help="A library module.")],
    after: Annotated[str, typer.Argument(metavar="B.syn", help="Another.")],
    with_files: PrimitiveFiles = None,
    library: ModuleFiles = None,
    json: Json = False,
) -> None:
    """Say which definitions of two modules differ: added, removed, renamed, or changed in body or type.

    Renamed is what says the same under another name. Names of parameters and documentation do not count. Exit codes: 0
    no difference, 1 some, 4 bad input.
    """
    words = read_library(with_files or (), library or ())
    modules = [read_own(path, words) for path in (before, after)]
    changes = differences(modules[0].definitions, modules[1].definitions)
    if json:
        print_json([_change_json(change, *modules) for change in changes])
    else:
        for change in changes:
            say(f"{change.kind:<8} {change.name}")
            for sign, text in _texts(change, *modules):
                say(f"    {sign} {text}")
        say(f"{plural(len(changes), 'difference')}" if changes else "no difference")
    raise typer.Exit(ExitCode.SOME_NOT if changes else ExitCode.ALL_SOLVED)


def _texts(change: Change, before: OwnModule, after: OwnModule) -> Iterable[tuple[str, str]]:
    """The lines of what was there and of what is there now."""
    if change.kind == "renamed":
        return
    for sign, definition, module in (("-", change.before, before), ("+", change.after, after)):
        if definition is not None:
            yield sign, _line(definition, module.words)


def _change_json(change: Change, before: OwnModule, after: OwnModule) -> dict[str, object]:
    return {
        "kind": change.kind,
        "before": None if change.before is None else _line(change.before, before.words),
        "after": None if change.after is None else _line(change.after, after.words),
    }


def _line(definition: Definition, words: Library) -> str:
    return show_definition(definition, words).partition("\n")[0]


# ---- prune ----------------------------------------------------------------------------------------------------------


def library_prune(
    path: _File,
    used_in: Annotated[
        Path,
        typer.Option(
            "--used-in", metavar="RESULTS.jsonl|DIR", exists=True, help="Solutions to count uses in, as for show."
        ),
    ],
    least: Annotated[int, typer.Option(min=1, metavar="N", help="Keep what is used at least so often.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.syn", help="Where to write the module; without it, on stdout.")
    ] = None,
    with_files: PrimitiveFiles = None,
    library: ModuleFiles = None,
) -> None:
    """Drop the definitions of a module that solutions and other definitions use less than N times.

    The least used goes first, and is put in where it was used before uses are counted again. The rest of the file stays
    as it is, comments too. Exit codes: 0, 4 bad input.
    """
    looked = _look(path, used_in, with_files, library)
    assert looked.solutions is not None, "there are results to read"
    pruned = prune(looked.own, (solved.program for solved in looked.solutions.solved), least)
    if out is None:
        say(pruned.text.rstrip("\n"))
    else:
        _write(out, pruned.text)
    tell = warn if out is None else say
    for name, uses in pruned.dropped.items():
        tell(f"dropped {name}, used {plural(uses, 'time')}")
    tell(f"kept {len(pruned.definitions)} of {plural(len(looked.own.definitions), 'definition')}")


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all: it may be the one that was read."""
    half = path.with_name(f"{path.name}.part")
    try:
        half.write_text(text, encoding="utf-8")
        os.replace(half, path)
    except OSError as error:
        raise InterfaceError(f"cannot write {str(path)!r}: {error.strerror or error}") from None


# ---- what they look at ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Looked:
    """A module, and solutions to look for its words in, where there are some."""

    own: OwnModule
    solutions: Solutions | None

    def reuse(self) -> dict[str, Reuse]:
        """How often each definition is used, by its name; empty without solutions."""
        if self.solutions is None:
            return {}
        programs = (solved.program for solved in self.solutions.solved)
        return {found.name: found for found in reuse(self.own.definitions, programs)}

    def worths(self) -> dict[str, Worth]:
        """What each definition is worth on the solutions, by its name; empty without solutions."""
        if self.solutions is None:
            return {}
        words = self.own.with_only(())
        words = words.extend(*(entry for entry in self.solutions.own_words if entry.name not in words))
        found = value_of(self.own.definitions, words, self.solutions.solved, take_back=False)
        return {worth.name: worth for worth in found.worths}


def _look(path: str, used_in: Path | None, with_files: list[str] | None, library: list[str] | None) -> _Looked:
    """Read a module and the solutions; without --with and --library, over the words of the run that found these."""
    results = None if used_in is None else read_results(used_in)
    record = None if results is None else results.record
    if with_files or library or record is None:
        words = read_library(with_files or (), library or ())
    else:
        modules = [m for m in record.module_files if namespace_of(Path(m)) != namespace_of(Path(path))]
        words = read_library(record.primitive_files, modules)
    own = read_own(path, words)
    if results is None:
        return _Looked(own, None)
    solutions = solutions_of(results, own.words)
    _tell(results, solutions)
    return _Looked(own, solutions)


def _tell(results: Results, solutions: Solutions) -> None:
    """Say on stderr what the figures rest on, where that is less than all."""
    if solutions.untyped and results.texts:
        warn(f"the tasks of {results.path} are not at hand: programs have the types that their words give them")
    if solutions.unread:
        warn(f"{plural(len(solutions.unread), 'program')} cannot be read with these words, and do not count:")
        for dropped in solutions.unread[:_TOLD]:
            warn(f"    {dropped.task}: {dropped.reason}")
        if len(solutions.unread) > _TOLD:
            warn(f"    and {len(solutions.unread) - _TOLD} more")


def _file(path: str | None, used_in: Path | None) -> str:
    """The module that is meant where none is named: what the run learned, or what lies here."""
    if path is not None:
        return path
    found = (used_in if used_in is not None and used_in.is_dir() else Path()) / _LEARNED
    if not found.is_file():
        raise InterfaceError(f"expected a library module, found no {str(found)!r}", hint="name a .syn file")
    return str(found)
