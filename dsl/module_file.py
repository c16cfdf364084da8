"""Library modules: `.syn` files of definitions, read and written.

A module's words are qualified by its name: `def evens` in lists.syn is `lists.evens`. The definitions of a file hide
older words of the same short name, first the imported ones in the order of the imports, then its own.

A file with lines `uses WORD, ...` is a *basis*: with it, a library has only these words and those that it defines.
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
from dsl.surface import DefinitionBlock, SourceFile, WordText
from dsl.type_system import FunctionType, Type, show_type, type_constructors, type_variables

__all__ = [
    "Module",
    "definitions_of",
    "namespace_of",
    "read_module",
    "read_words",
    "shipped_modules",
    "show_definition",
    "write_module",
]


@dataclass(frozen=True, slots=True)
class Module:
    """What a file adds to a library: definitions, and for a basis the qualified names of the only words it leaves."""

    definitions: Library
    basis: frozenset[str] | None = None

    def applied(self, library: Library) -> Library:
        """The library with the definitions; of a basis, less all other words."""
        words = library.extend(self.definitions, shadow=True)
        return words if self.basis is None else words.basis(sorted(self.basis))


def read_module(name_or_path: str | Path, library: Library, *, near: Path | None = None) -> Module:
    """What a module adds to a library; what it imports is among its definitions, hidden.

    A Path, or a text that ends in `.syn` or is the path of a file, is that file; another text is a name, such as
    `lists`, `peers.lambdabeam` or `peers/lambdabeam`, looked for in the folder `near`, then among the modules that we
    ship. Raises DslError, with the place, for the first thing that is wrong.
    """
    text = str(name_or_path)
    is_path = isinstance(name_or_path, Path) or text.endswith(".syn") or ("/" in text and Path(text).is_file())
    path = Path(name_or_path) if is_path else _find(text.replace("/", "."), near)
    return _Reader(library).module(path, namespace_of(path), ())


def read_words(source: SourceFile, library: Library, *, near: Path | None = None) -> Library:
    """The words that the tasks of a file may use: a library, what the file imports, and what it defines.

    With `uses` lines of the file, only the words they name and the file's own; where the file imports bases and has
    no such lines, only the words of these bases and what the file imports otherwise and defines.

    Modules are looked for in the folder `near` and among those that we ship. Raises DslError for the first import,
    definition or broken block that is wrong; a task that does not parse harms nothing here.
    """
    return _read(source, library, None, near, imported=True).applied(library)


def definitions_of(
    source: SourceFile, library: Library, namespace: str | None = None, *, near: Path | None = None
) -> Library:
    """What a file imports and defines, as a library of its own; its words are qualified by `namespace`.

    Without a namespace, by the name of the file. Raises as `read_words` does.
    """
    return _read(source, library, namespace, near, imported=False).definitions


def _read(source: SourceFile, library: Library, namespace: str | None, near: Path | None, *, imported: bool) -> Module:
    name = namespace or (namespace_of(Path(source.path)) if source.path else "file")
    chain = (Path(source.path).resolve(),) if source.path else ()
    return _Reader(library).contents(source, name, near, chain, imported=imported)


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


def shipped_modules() -> tuple[str, ...]:
    """The names of the modules that we ship.

    >>> shipped_modules()
    ('basis.minimal', 'lists', 'peers.dreamcoder', 'peers.lambdabeam', 'recursion')
    """
    return _names_in(_shipped())


def _shipped() -> Path:
    return Path(str(files("dsl"))) / "modules"


def _names_in(folder: Path) -> tuple[str, ...]:
    return tuple(".".join(p.relative_to(folder).with_suffix("").parts) for p in sorted(folder.glob("**/*.syn")))


def _find(name: str, near: Path | None) -> Path:
    """The file of a module: `peers.lambdabeam` is peers/lambdabeam.syn."""
    folders = [folder for folder in (near, _shipped()) if folder is not None]
    relative = Path(*name.split(".")).with_suffix(".syn")
    for folder in folders:
        if (folder / relative).is_file():
            return folder / relative
    close = nearest(name, [known for folder in folders for known in _names_in(folder)])
    raise LibraryError(
        f"expected a library module, found none of the name {name!r} {_places(folders)}",
        hint=f"did you mean `{close}`?" if close else f"shipped are {', '.join(shipped_modules())}",
    )


def _places(folders: list[Path]) -> str:
    return "in this folder or among the shipped ones" if len(folders) > 1 else "among the shipped ones"


# ---- reading ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads modules over one library, each file once."""

    library: Library
    read: dict[Path, Module] = field(default_factory=dict)

    def module(self, path: Path, namespace: str, chain: tuple[Path, ...]) -> Module:
        """What a module's file adds; `chain` are the files whose imports led to it."""
        path = path.resolve()
        if path in chain:
            cycle = " -> ".join(p.stem for p in (*chain[chain.index(path) :], path))
            raise LibraryError(f"expected modules that do not import each other in a circle, found {cycle}")
        if path not in self.read:
            source = parse_file(read_source(path), path=str(path))
            made = self.contents(source, namespace, path.parent, (*chain, path), imported=False)
            own = {e.short: (e.name,) for e in made.definitions if e.name == f"{namespace}.{e.short}"}
            self.read[path] = Module(Library(made.definitions.entries, own), made.basis)
        return self.read[path]

    def contents(
        self, source: SourceFile, namespace: str, near: Path | None, chain: tuple[Path, ...], *, imported: bool
    ) -> Module:
        """What a file imports and defines, and its basis, if it has one; errors get the file's text and path.

        With `imported`, the bases that the file imports make one too.
        """
        try:
            for broken in source.broken:
                if broken.kind != "task":
                    raise broken.error
            made, basis = self._imports(source, near, chain)
            for block in _in_order(source.definitions, namespace, self.library):
                words = self.library.extend(made, shadow=True)
                made = made.extend(_define(block, words, namespace, source.path or ""), shadow=True)
            own = {f"{namespace}.{block.name}" for block in source.definitions}
            if source.uses is not None:
                words = self.library.extend(made, shadow=True)
                named = {name for word in source.uses for name in _matching(word, words)}
                return Module(made, frozenset(named | own))
            return Module(made, basis | own if imported and basis is not None else None)
        except DslError as error:
            raise error.located(text=source.text, path=source.path) from None

    def _imports(
        self, source: SourceFile, near: Path | None, chain: tuple[Path, ...]
    ) -> tuple[Library, frozenset[str] | None]:
        """What the imports of a file define, and, where some are bases, the words they leave and the others add."""
        made = Library()
        named: frozenset[str] = frozenset()
        any_basis = False
        for line in source.imports:
            try:
                found = self.module(_find(line.name, near), line.name.rpartition(".")[2], chain)
                made = made.extend(found.definitions, shadow=True)
            except LibraryError as error:
                raise error.located(text=source.text, path=source.path, span=line.span) from None
            any_basis = any_basis or found.basis is not None
            own = (name for names in found.definitions.shorts.values() for name in names)
            named |= found.basis if found.basis is not None else frozenset(own)
        return made, named if any_basis else None


def _matching(word: WordText, words: Library) -> tuple[str, ...]:
    """The qualified names that a word of a `uses` line stands for."""
    try:
        return words.matching(word.name)
    except LibraryError as error:
        raise UnknownNameError(error.message, span=word.span, hint=error.hint) from None


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
        hint="recursion is by fix, or by the words of the module recursion; loops are fold, iterate, unfold"
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
