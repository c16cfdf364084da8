"""Library modules: `.syn` files of definitions, read and written.

A module's words are qualified by its name: `def evens` in lists.syn is `lists.evens`. The definitions of a file hide
older words of the same short name, first the imported ones in the order of the imports, then its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from pathlib import Path

from dsl.build_expressions import with_limits
from dsl.errors import DslError, LibraryError, UnknownNameError
from dsl.inference import resolve
from dsl.library import Definition, Library, nearest
from dsl.literals import show_text
from dsl.parser import parse_file
from dsl.printer import is_identifier, show
from dsl.program import Lambda, Let, Name, Program, Variable, children
from dsl.source import read_source
from dsl.surface import DefinitionBlock, SourceFile
from dsl.type_system import FunctionType, Type, show_type, type_constructors, type_variables

__all__ = ["definitions_of", "namespace_of", "read_module", "read_words", "show_definition", "write_module"]


def read_module(name_or_path: str | Path, library: Library, *, near: Path | None = None) -> Library:
    """The definitions of a module, as a library of their own; those it imports are in it too, hidden.

    A path (with a slash or the ending `.syn`) is that file; a name is looked for in the folder `near`, then among the
    modules that we ship. Raises DslError, with the place, for the first thing that is wrong.
    """
    text = str(name_or_path)
    is_path = isinstance(name_or_path, Path) or text.endswith(".syn") or "/" in text
    path = Path(name_or_path) if is_path else _find(text, near)
    return _Reader(library).module(path, namespace_of(path) if is_path else text.rpartition(".")[2], ())


def read_words(source: SourceFile, library: Library, *, near: Path | None = None) -> Library:
    """The words that the tasks of a file may use: a library, what the file imports, and what it defines.

    Modules are looked for in the folder `near` and among those that we ship. Raises DslError for the first import,
    definition or broken block that is wrong; a task that does not parse harms nothing here.
    """
    return library.extend(definitions_of(source, library, near=near), shadow=True)


def definitions_of(
    source: SourceFile, library: Library, namespace: str | None = None, *, near: Path | None = None
) -> Library:
    """What a file imports and defines, as a library of its own; its words are qualified by `namespace`.

    Without a namespace, by the name of the file. Raises as `read_words` does.
    """
    name = namespace or (namespace_of(Path(source.path)) if source.path else "file")
    chain = (Path(source.path).resolve(),) if source.path else ()
    return _Reader(library).definitions(source, name, near, chain)


def namespace_of(path: Path) -> str:
    """The name by which a file's words are qualified: its own, with _ for what no name may have.

    >>> namespace_of(Path("my tasks.syn"))
    'my_tasks'
    """
    name = "".join(c if c.isascii() and c.isalnum() else "_" for c in path.stem)
    return name if is_identifier(name) else f"_{name}"


def write_module(definitions: Iterable[Definition], library: Library) -> str:
    """The text of a module: definitions that use words of the library and each other.

    Reading it as a module of the same name gives the same definitions (but for `origin` and `weight`).
    """
    made = tuple(definitions)
    words = library.extend(*(d for d in made if d.name not in library), shadow=True)
    return "\n".join(["syn 1\n", *(show_definition(definition, words) for definition in made)])


def show_definition(definition: Definition, library: Library) -> str:
    """A definition as it stands in a module, over the library that has it, with a line end after it."""
    t, program = definition.type, definition.program
    if isinstance(t, FunctionType) and isinstance(program, Lambda):
        variables = dict(zip(program.parameters, t.parameters, strict=True))
        parameters = ", ".join(f"{name}: {_bare(known)}" for name, known in variables.items())
        head = f"{definition.short}({parameters}) -> {_bare(t.result)}"
        body = show(program.body, library, expected=t.result, variables=variables)
    else:
        head, body = f"{definition.short} -> {_bare(t)}", show(program, library, expected=t)
    limits = ", ".join(f"{v.name}: {v.constraint}" for v in type_variables(t) if v.constraint != "any")
    where = f" where {limits}" if limits else ""
    lines = definition.documentation.split("\n") if definition.documentation else []
    return "".join([f"def {head}{where} = {body}\n", *(f"    {show_text(line)}\n" for line in lines)])


def _bare(t: Type) -> str:
    """A type's text without the limits on its variables, which stand at the end of a definition's head."""
    return show_type(with_limits(t, {}))


# ---- finding ------------------------------------------------------------------------------------------------------


def _shipped() -> Path:
    return Path(str(files("dsl"))) / "modules"


def _find(name: str, near: Path | None) -> Path:
    """The file of a module: `peers.lambdabeam` is peers/lambdabeam.syn."""
    folders = [folder for folder in (near, _shipped()) if folder is not None]
    relative = Path(*name.split(".")).with_suffix(".syn")
    for folder in folders:
        if (folder / relative).is_file():
            return folder / relative
    known = [".".join(p.relative_to(f).with_suffix("").parts) for f in folders for p in sorted(f.glob("**/*.syn"))]
    close = nearest(name, known)
    raise LibraryError(
        f"expected a library module, found none of the name {name!r} {_places(folders)}",
        hint=f"did you mean `{close}`?" if close else None,
    )


def _places(folders: list[Path]) -> str:
    return "in this folder or among the shipped ones" if len(folders) > 1 else "among the shipped ones"


# ---- reading ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads modules over one library, each file once."""

    library: Library
    read: dict[Path, Library] = field(default_factory=dict)

    def module(self, path: Path, namespace: str, chain: tuple[Path, ...]) -> Library:
        """The definitions of a module's file; `chain` are the files whose imports led to it."""
        path = path.resolve()
        if path in chain:
            cycle = " -> ".join(p.stem for p in (*chain[chain.index(path) :], path))
            raise LibraryError(f"expected modules that do not import each other in a circle, found {cycle}")
        if path not in self.read:
            source = parse_file(read_source(path), path=str(path))
            made = self.definitions(source, namespace, path.parent, (*chain, path))
            own = {e.short: (e.name,) for e in made if e.name == f"{namespace}.{e.short}"}
            self.read[path] = Library(made.entries, own)
        return self.read[path]

    def definitions(self, source: SourceFile, namespace: str, near: Path | None, chain: tuple[Path, ...]) -> Library:
        """What a file imports and defines; errors get the file's text and path."""
        try:
            for broken in source.broken:
                if broken.kind != "task":
                    raise broken.error
            made = self._imports(source, near, chain)
            for block in _in_order(source.definitions, namespace, self.library):
                words = self.library.extend(made, shadow=True)
                made = made.extend(_define(block, words, namespace, source.path or ""), shadow=True)
            return made
        except DslError as error:
            raise error.located(text=source.text, path=source.path) from None

    def _imports(self, source: SourceFile, near: Path | None, chain: tuple[Path, ...]) -> Library:
        made = Library()
        for line in source.imports:
            try:
                found = self.module(_find(line.name, near), line.name.rpartition(".")[2], chain)
                made = made.extend(found, shadow=True)
            except LibraryError as error:
                raise error.located(text=source.text, path=source.path, span=line.span) from None
        return made


def _define(block: DefinitionBlock, words: Library, namespace: str, origin: str) -> Definition:
    """The definition that a block makes, over the words that it may use."""
    _check_types(block, words.type_names)
    if block.parameters is None:
        body = resolve(block.body, words, expected=block.result).program
        return Definition(f"{namespace}.{block.name}", block.result, body, block.documentation, origin)
    variables = {p.name: p.type for p in block.parameters}
    body = resolve(block.body, words, expected=block.result, variables=variables).program
    t = FunctionType(tuple(variables.values()), block.result)
    program = Lambda(tuple(variables), body, span=body.span)
    return Definition(f"{namespace}.{block.name}", t, program, block.documentation, origin)


def _check_types(block: DefinitionBlock, known: frozenset[str]) -> None:
    """Refuse types that no word speaks of: they are misspelt."""
    for t, span in ((block.result, block.span), *((p.type, p.span) for p in block.parameters or ())):
        for name in sorted(type_constructors(t) - known):
            near = nearest(name, known)
            raise UnknownNameError(
                f"expected a type, found `{name}`", span=span, hint=f"did you mean `{near}`?" if near else None
            )


def _in_order(blocks: Iterable[DefinitionBlock], namespace: str, library: Library) -> Iterator[DefinitionBlock]:
    """Definitions so that each comes after those it uses; LibraryError for two of one name, and for a circle."""
    by_name: dict[str, DefinitionBlock] = {}
    for block in blocks:
        earlier = by_name.setdefault(block.name, block)
        if earlier is not block:
            raise LibraryError(
                f"expected definitions of different names, found `{block.name}` again, first defined in line "
                f"{earlier.span.line}",
                span=block.span,
            )
    uses = {name: sorted(set(_used(block, namespace)) & set(by_name)) for name, block in by_name.items()}
    try:
        return iter([by_name[name] for name in TopologicalSorter(uses).static_order()])
    except CycleError as error:
        cycle = error.args[1][::-1]
    hidden = library.shorts.get(cycle[0], ())
    raise LibraryError(
        f"expected definitions that do not use themselves, found {' -> '.join(cycle)}",
        span=by_name[cycle[0]].span,
        hint="the language has no recursion: use fold, iterate or unfold"
        + (f"; the word that this hides is written {hidden[0]}" if hidden else ""),
    )


def _used(block: DefinitionBlock, namespace: str) -> Iterator[str]:
    """Names that a definition's text uses and does not bind, own words by their short name."""
    bound = frozenset(p.name for p in block.parameters or ())
    waiting: list[tuple[Program, frozenset[str]]] = [(block.body, bound)]
    while waiting:
        p, inside = waiting.pop()
        match p:
            case Variable(name) if name not in inside:
                yield name
            case Name(name):
                yield name.removeprefix(f"{namespace}.")
            case Lambda(parameters, body):
                waiting.append((body, inside.union(parameters)))
            case Let(name, value, body):
                waiting += [(value, inside), (body, inside | {name})]
            case _:
                waiting += [(child, inside) for child in children(p)]
