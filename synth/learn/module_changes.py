"""Modules compared, and modules with seldom used definitions taken out of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from dsl.errors import InterfaceError
from dsl.library import Definition, Library
from dsl.module_file import Module, definitions_of, namespace_of, read_module, show_definition
from dsl.parser import parse_file
from dsl.program import Name, Program, children, names, rebuild
from dsl.source import read_source
from dsl.surface import SourceFile
from dsl.type_system import Type, TypeVariable, apply, type_variables
from synth.learn.forms import nameless
from synth.learn.inlining import inline, same

__all__ = ["Change", "OwnModule", "Pruned", "differences", "prune", "read_own"]


@dataclass(frozen=True, slots=True)
class OwnModule:
    """A module as read over a library: what is in the file, and the definitions that it makes itself."""

    path: Path
    source: SourceFile
    module: Module
    library: Library
    definitions: tuple[Definition, ...]

    @property
    def words(self) -> Library:
        """The library with the module."""
        return self.module.applied(self.library)

    def with_only(self, definitions: Sequence[Definition]) -> Library:
        """The library with the module, as if it made only these definitions."""
        own = {d.name for d in self.definitions}
        imported = self.module.definitions.without(own) if own else self.module.definitions
        made = imported.extend(*definitions, shadow=True)
        basis = None if self.module.basis is None else (self.module.basis - own) | {d.name for d in definitions}
        return Module(made, basis).applied(self.library)


def read_own(name_or_path: str, library: Library) -> OwnModule:
    """A module's file, read over a library; a name is looked for as `--library` does.

    Raises DslError, with the place, for the first thing that is wrong in it.
    """
    module = read_module(name_or_path, library, near=Path.cwd())
    own = tuple(e for e in module.definitions if isinstance(e, Definition) and e.name in _visible(module.definitions))
    path = Path(own[0].origin) if own else Path(name_or_path)
    source = parse_file(read_source(path), path=str(path)) if path.is_file() else SourceFile("syn 1\n")
    place = {block.name: number for number, block in enumerate(source.definitions)}
    ordered = tuple(sorted(own, key=lambda d: place.get(d.short, len(place))))
    return OwnModule(path, source, module, library, ordered)


def _visible(definitions: Library) -> frozenset[str]:
    return frozenset(name for names in definitions.shorts.values() for name in names)


# ---- compared -------------------------------------------------------------------------------------------------------

Kind: TypeAlias = Literal["added", "removed", "renamed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """How one definition of a module differs in another: what it was there, and what it is here."""

    kind: Kind
    before: Definition | None
    after: Definition | None

    @property
    def name(self) -> str:
        """What it is about: `old -> new` where the name is another."""
        names = dict.fromkeys(d.short for d in (self.before, self.after) if d is not None)
        return " -> ".join(names)


def differences(before: Iterable[Definition], after: Iterable[Definition]) -> tuple[Change, ...]:
    """How the definitions of one module differ from those of another, in the order of the modules, the new ones last.

    What is said is what counts: names of parameters and other bound variables, documentation, and the namespace do not.
    A definition whose text is the same but for the new name of another one is not changed.
    """
    old, new = ({d.short: d for d in definitions} for definitions in (before, after))
    renamed = _renamed(old, new)
    changes: list[Change] = []
    for name, definition in old.items():
        other = new.get(renamed.get(name, name))
        if other is None:
            changes.append(Change("removed", definition, None))
        elif name in renamed:
            changes.append(Change("renamed", definition, other))
        elif _form(definition, old, renamed) != _form(other, new, {}):
            changes.append(Change("changed", definition, other))
    kept = {renamed.get(name, name) for name in old}
    changes += [Change("added", None, definition) for name, definition in new.items() if name not in kept]
    return tuple(changes)


def _renamed(old: Mapping[str, Definition], new: Mapping[str, Definition]) -> dict[str, str]:
    """The definitions that are there under another name, and that one; those that others are made of come first."""
    renamed: dict[str, str] = {}
    while True:
        free = [name for name in new if name not in old and name not in renamed.values()]
        gone = [name for name in old if name not in new and name not in renamed]
        pairs = ((a, b) for a in gone for b in free if _form(old[a], old, renamed) == _form(new[b], new, {}))
        found = next(pairs, None)
        if found is None:
            return renamed
        renamed[found[0]] = found[1]


def _form(definition: Definition, own: Mapping[str, Definition], renamed: Mapping[str, str]) -> tuple[Program, Type]:
    """What a definition says, the words of its own module by the short names that they have now."""
    shorts = {d.name: f".{renamed.get(short, short)}" for short, d in own.items()}
    letters = {v.name: TypeVariable(f"T{n}", v.constraint) for n, v in enumerate(type_variables(definition.type))}
    return _with_names(nameless(definition.program), shorts), apply(letters, definition.type)


def _with_names(p: Program, names: Mapping[str, str]) -> Program:
    if isinstance(p, Name):
        return Name(names.get(p.name, p.name))
    return rebuild(p, tuple(_with_names(part, names) for part in children(p)))


# ---- pruned ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pruned:
    """A module without some definitions: its text, what it defines, and the uses of each one dropped when it was."""

    text: str
    definitions: tuple[Definition, ...]
    dropped: Mapping[str, int]


def prune(own: OwnModule, programs: Iterable[Program], least: int) -> Pruned:
    """The module without the definitions that are used less than `least` times, in programs and by the others.

    The least used goes first. It is put in where it is used, in programs too, before uses are counted again. What is
    kept stays in the file as it is, with its comments, but for definitions that a dropped one is put into.
    """
    kept, solutions = list(own.definitions), list(programs)
    dropped: dict[str, int] = {}
    while kept:
        uses = _uses(kept, solutions)
        rare = min(reversed(kept), key=lambda d: uses[d.name])
        if uses[rare.name] >= least:
            break
        dropped[rare.short] = uses[rare.name]
        kept = [replace(d, program=inline(d.program, [rare])) for d in kept if d is not rare]
        solutions = [inline(program, [rare]) for program in solutions]
    return Pruned(_text(own, kept) if dropped else own.source.text, tuple(kept), dropped)


def _uses(definitions: Sequence[Definition], programs: Iterable[Program]) -> Counter[str]:
    found = Counter(name for d in definitions for name in names(d.program))
    found.update(name for program in programs for name in names(program))
    return found


def _text(own: OwnModule, kept: Sequence[Definition]) -> str:
    """The file's text with only some definitions, those that are others now written anew."""
    if own.source.tasks:
        raise InterfaceError(
            "expected a module of definitions, found tasks in it too",
            path=str(own.path),
            hint="move the tasks to a file of their own, which imports the module",
        )
    before = {d.name: d for d in own.definitions}
    words = own.with_only(kept)
    texts: dict[str, str | None] = {d.short: None for d in own.definitions if d.name not in words}
    texts |= {d.short: show_definition(d, words) for d in kept if d.program != before[d.name].program}
    text = _edited(own.source, texts)
    _check(own, text, kept)
    return text


def _check(own: OwnModule, text: str, kept: Sequence[Definition]) -> None:
    """The written text must say what is meant; whatever it says else is a mistake of ours."""
    made = definitions_of(parse_file(text), own.library, namespace_of(own.path), near=own.path.parent)
    for definition in kept:
        found = made[definition.name]
        assert isinstance(found, Definition), "a module defines definitions"
        assert found.type == definition.type, f"{definition.name} is of another type when read again"
        assert same(found.program, definition.program), f"{definition.name} is another one when read again"


_BLOCK = re.compile(r"[^\s#)\]}]")
"""What a line begins with that begins a block of a file."""


def _edited(source: SourceFile, texts: Mapping[str, str | None]) -> str:
    """A file's text with other texts for some definitions; those with None are cut out, with the comment just above."""
    lines = source.text.split("\n")
    starts = [number for number, line in enumerate(lines) if _BLOCK.match(line)] + [len(lines)]
    for block in reversed(source.definitions):
        if block.name not in texts:
            continue
        begin = max(start for start in starts if start < block.span.line)
        after = min(start for start in starts if start >= block.span.line)
        end = max(n for n in range(begin, after) if lines[n].strip() and not lines[n].startswith("#")) + 1
        text = texts[block.name]
        if text is None:
            while lines[begin - 1].startswith("#"):
                begin -= 1
            while end < len(lines) - 1 and not lines[end].strip():
                end += 1
        lines[begin:end] = [] if text is None else text.rstrip("\n").split("\n")
    return "\n".join(lines).rstrip("\n") + "\n"
