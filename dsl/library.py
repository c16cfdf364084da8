"""Libraries: immutable maps from qualified names to primitives and definitions."""

from __future__ import annotations

import difflib
import hashlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, TypeAlias

from dsl.errors import LibraryError
from dsl.laws import Law
from dsl.primitive import Primitive, is_primitive, primitive_of
from dsl.program import Lambda, Program, names
from dsl.type_system import Type, show_type, type_constructors

if TYPE_CHECKING:
    import networkx as nx

    DependencyGraph: TypeAlias = nx.DiGraph[str]

__all__ = ["Definition", "Entry", "Library", "nearest"]


@dataclass(frozen=True, slots=True)
class Definition:
    """A named function written in the language: an abstraction, learned or by hand.

    `program` is a Lambda over the parameters (or any expression for a constant), fully resolved.
    `origin` says where it came from, as shown to people (a path, or what learned it).
    """

    name: str
    type: Type
    program: Program
    documentation: str = ""
    origin: str = ""
    weight: float = 1.0

    @property
    def short(self) -> str:
        """The name without its qualifier."""
        return self.name.rpartition(".")[2]

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.documentation.strip().partition("\n")[0]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of its parameters."""
        return self.program.parameters if isinstance(self.program, Lambda) else ()

    @property
    def laws(self) -> tuple[Law, ...]:
        """None: only primitives declare laws."""
        return ()


Entry: TypeAlias = Primitive | Definition


def _no_entries() -> Mapping[str, Entry]:
    return MappingProxyType({})


def _no_shorts() -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Library:
    """Words by qualified name; a short name stands for every word that ends in it.

    Values, never changed: every method that adds or drops words returns a new library. `auxiliary` names the words
    that are here only because others are defined by them: they are run and printed, but no search builds programs of
    them, and they have no short names.
    """

    entries: Mapping[str, Entry] = field(default_factory=_no_entries)
    shorts: Mapping[str, tuple[str, ...]] = field(default_factory=_no_shorts, repr=False)
    auxiliary: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *sources: ModuleType | Entry | Callable[..., object]) -> Library:
        """The library of all primitives in the given Python modules, and of single primitives and entries.

        A module's words are qualified by its `NAMESPACE`, or else by the last part of its name.
        """
        return cls().extend(*(entry for source in sources for entry in _entries(source)))

    def extend(self, *added: Entry | Library, shadow: bool = False) -> Library:
        """The library with more words; LibraryError for a qualified name that is taken by another word.

        With `shadow`, a new word hides older ones of its short name (which keep their qualified names). Words that are
        hidden in an added library stay hidden.
        """
        entries = dict(self.entries)
        shorts = {short: list(qualified) for short, qualified in self.shorts.items()}
        auxiliary = self.auxiliary | {
            name for item in added if isinstance(item, Library) for name in item.auxiliary if name not in entries
        }
        hidden: set[str] = set()
        for entry, visible in _flattened(added):
            taken = entries.get(entry.name)
            known = entry.name in shorts.get(entry.short, ()) or not (shadow or entry.name in auxiliary)
            if taken == entry and (not visible or known):
                continue
            if taken is not None and taken != entry:
                raise LibraryError(f"duplicate name {entry.name!r}: {_origin(taken)} and {_origin(entry)}")
            entries[entry.name] = entry
            if not visible:
                continue
            auxiliary -= {entry.name}
            if shadow and entry.short not in hidden:
                shorts[entry.short] = []
                hidden.add(entry.short)
            shorts.setdefault(entry.short, []).append(entry.name)
        visible_names = MappingProxyType({s: tuple(q) for s, q in shorts.items()})
        return Library(MappingProxyType(entries), visible_names, auxiliary)

    def only(self, keep: Iterable[str]) -> Library:
        """The library of the named words (qualified, short, or a whole namespace) and what they are defined by."""
        wanted = {name for word in keep for name in self.matching(word)}
        return self._restricted(_reachable(wanted, self._uses()), wanted)

    def basis(self, keep: Iterable[str]) -> Library:
        """As `only`, but what the named words are defined by becomes auxiliary: no search uses it."""
        wanted = {name for word in keep for name in self.matching(word)}
        reached = _reachable(wanted, self._uses())
        made = self._restricted(wanted, wanted)
        entries = MappingProxyType({n: e for n, e in self.entries.items() if n in reached})
        return Library(entries, made.shorts, frozenset(reached - wanted))

    def without(self, drop: Iterable[str]) -> Library:
        """The library less the named words and all definitions that use them."""
        dropped = {name for word in drop for name in self.matching(word)}
        users: dict[str, set[str]] = {}
        for user, used in self._uses().items():
            for name in used:
                users.setdefault(name, set()).add(user)
        return self._restricted(set(self.entries) - _reachable(dropped, users))

    def _restricted(self, keep: set[str], wanted: Iterable[str] = ()) -> Library:
        """The words to keep; those that are wanted by name are no longer auxiliary."""
        shorts = {s: tuple(q for q in qualified if q in keep) for s, qualified in self.shorts.items()}
        return Library(
            MappingProxyType({n: e for n, e in self.entries.items() if n in keep}),
            MappingProxyType({s: q for s, q in shorts.items() if q}),
            (self.auxiliary & keep).difference(wanted),
        )

    @property
    def vocabulary(self) -> tuple[Entry, ...]:
        """The words that a search may use: all but the auxiliary ones."""
        return tuple(entry for entry in self if entry.name not in self.auxiliary)

    def matching(self, word: str) -> tuple[str, ...]:
        """Qualified names that a word stands for: itself, a short name's, or all of a namespace.

        Raises LibraryError, with the nearest names, where there is none.
        """
        if word in self.entries:
            return (word,)
        if found := self.shorts.get(word):
            return found
        if found := tuple(name for name in self.entries if name.startswith(f"{word}.")):
            return found
        near = nearest(word, (*self.shorts, *self.entries))
        raise LibraryError(f"the library has no word {word!r}", hint=f"did you mean {near!r}?" if near else None)

    def named(self, short: str) -> tuple[Entry, ...]:
        """All words of a short name, also those that later ones hide (operators mean these)."""
        return self._by_short.get(short, ())

    @cached_property
    def derived(self) -> dict[object, object]:
        """What others have worked out from the words, by what they asked; these never change, so it stays true."""
        return {}

    def __getstate__(self) -> dict[str, object]:
        """The words alone: what was worked out from them is worked out anew elsewhere."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @cached_property
    def type_names(self) -> frozenset[str]:
        """Names of the types that its words speak of, such as `color`, and of those that every library has."""
        built_in = {"int", "bool", "real", "text", "list", "tuple", "option"}
        return frozenset(built_in.union(*(type_constructors(entry.type) for entry in self)))

    @cached_property
    def _by_short(self) -> Mapping[str, tuple[Entry, ...]]:
        found: dict[str, list[Entry]] = {}
        for entry in self.entries.values():
            found.setdefault(entry.short, []).append(entry)
        return {short: tuple(entries) for short, entries in found.items()}

    def candidates(self, name: str) -> tuple[Entry, ...]:
        """What a name in a program may stand for: the word of that qualified name, or all of that short name."""
        if name in self.entries:
            return (self.entries[name],)
        return tuple(self.entries[q] for q in self.shorts.get(name, ()))

    def _uses(self) -> dict[str, set[str]]:
        """For each word that has a definition, the words in it."""
        return {e.name: set(names(e.program)) for e in self.entries.values() if isinstance(e, Definition)}

    def graph(self) -> DependencyGraph:
        """Which word's definition uses which: an edge from user to used."""
        import networkx as nx  # a quarter of a second: only for who wants to look at the graph

        graph: DependencyGraph = nx.DiGraph()
        graph.add_nodes_from(self.entries)
        graph.add_edges_from((user, name) for user, used in self._uses().items() for name in sorted(used))
        return graph

    def digest(self) -> str:
        """A content hash: names, types, and the source text or definition of every word; which are auxiliary."""
        lines = sorted(f"{e.name}: {show_type(e.type)} = {_source(e)}" for e in self.entries.values())
        text = "\n".join((*lines, *(f"auxiliary {name}" for name in sorted(self.auxiliary))))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def digests(self) -> dict[str, str]:
        """A content hash of every word, by name: of its source text, or of its definition."""
        return {e.name: hashlib.sha256(_source(e).encode()).hexdigest()[:16] for e in self.entries.values()}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, name: object) -> bool:
        return name in self.entries

    def __getitem__(self, name: str) -> Entry:
        return self.entries[name]


def _reachable(start: set[str], edges: Mapping[str, set[str]]) -> set[str]:
    """The names that can be reached along the edges, the start included."""
    reached, waiting = set(start), list(start)
    while waiting:
        fresh = edges.get(waiting.pop(), set()) - reached
        reached |= fresh
        waiting.extend(fresh)
    return reached


def _flattened(added: Iterable[Entry | Library]) -> Iterator[tuple[Entry, bool]]:
    """Entries, and whether they are to be known by their short names."""
    for item in added:
        if isinstance(item, Library):
            visible = {name for names in item.shorts.values() for name in names}
            yield from ((entry, name in visible) for name, entry in item.entries.items())
        else:
            yield item, True


def _entries(source: ModuleType | Entry | Callable[..., object]) -> Iterator[Entry]:
    if isinstance(source, Primitive | Definition):
        yield source
    elif isinstance(source, ModuleType):
        namespace = getattr(source, "NAMESPACE", source.__name__.rpartition(".")[2])
        for value in vars(source).values():
            if is_primitive(value) and getattr(value, "__module__", None) == source.__name__:
                made = primitive_of(value)
                yield replace(made, name=f"{namespace}.{made.name}")
    else:
        yield primitive_of(source)


def _origin(entry: Entry) -> str:
    match entry:
        case Primitive():
            code = getattr(entry.function, "__code__", None)
            place = f"{code.co_filename}:{code.co_firstlineno}" if code else f"{entry.function!r}"
            return f"the primitive at {place}"
        case Definition():
            return f"the definition in {entry.origin or 'the library'}"


def _source(entry: Entry) -> str:
    if isinstance(entry, Definition):
        return repr(entry.program)
    try:
        return inspect.getsource(entry.function)
    except (OSError, TypeError):
        return repr(getattr(entry.function, "__qualname__", type(entry.function)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name most like a mistyped one, if any is close."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None
