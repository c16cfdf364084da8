"""The program: an immutable tree with structural equality and cached hash, size and depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TypeAlias, assert_never

from dsl.errors import ResourceError, Span
from dsl.type_system import Type
from dsl.values import key

__all__ = [
    "DEPTH_LIMIT",
    "Application",
    "Hole",
    "Lambda",
    "Let",
    "Literal",
    "Name",
    "Program",
    "Variable",
    "call",
    "children",
    "fill",
    "free_variables",
    "holes",
    "names",
    "rebuild",
    "walk",
]

DEPTH_LIMIT = 200
"""Deepest tree; deeper text is refused, so that code over trees may recurse."""


@dataclass(frozen=True, slots=True, eq=False)
class _Node:
    """What all nodes share: cached hash, size and depth, and where in the text it came from (not compared)."""

    span: Span | None = field(default=None, kw_only=True, repr=False)
    size: int = field(init=False, repr=False)
    depth: int = field(init=False, repr=False)
    _hash: int = field(init=False, repr=False)

    def _identity(self) -> tuple[object, ...]:
        raise AssertionError("every node says what it is")

    def _parts(self) -> tuple[Program, ...]:
        return ()

    def __post_init__(self) -> None:
        parts = self._parts()
        depth = 1 + max((p.depth for p in parts), default=0)
        if depth > DEPTH_LIMIT:
            raise ResourceError(
                f"expected a program at most {DEPTH_LIMIT} levels deep, found a deeper one",
                span=self.span,
                hint="name parts of it with `let` or `def`",
            )
        object.__setattr__(self, "size", 1 + sum(p.size for p in parts))
        object.__setattr__(self, "depth", depth)
        object.__setattr__(self, "_hash", hash((type(self).__name__, self._identity())))

    def __reduce__(self) -> tuple[Callable[..., Program], tuple[object, ...]]:
        # Built anew in another process, where the same text has another hash.
        return _built, (type(self), {f.name: getattr(self, f.name) for f in fields(self) if f.init})

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other) or not isinstance(other, _Node):
            return NotImplemented if not isinstance(other, _Node) else False
        return self._hash == other._hash and self._identity() == other._identity()


def _built(kind: Callable[..., Program], parts: Mapping[str, object]) -> Program:
    return kind(**parts)


@dataclass(frozen=True, slots=True, eq=False)
class Name(_Node):
    """A word of the library by its qualified name, such as `list.map`; before inference, a short name."""

    name: str

    def _identity(self) -> tuple[object, ...]:
        return (self.name,)


@dataclass(frozen=True, slots=True, eq=False)
class Literal(_Node):
    """A constant: int, bool, real, text, or a list of such."""

    value: object

    def _identity(self) -> tuple[object, ...]:
        return (key(self.value),)


@dataclass(frozen=True, slots=True, eq=False)
class Variable(_Node):
    """A parameter of an enclosing lambda or let."""

    name: str

    def _identity(self) -> tuple[object, ...]:
        return (self.name,)


@dataclass(frozen=True, slots=True, eq=False)
class Lambda(_Node):
    """A function of one or more named parameters (of none only at the top of a program without inputs)."""

    parameters: tuple[str, ...]
    body: Program

    def _identity(self) -> tuple[object, ...]:
        return (self.parameters, self.body)

    def _parts(self) -> tuple[Program, ...]:
        return (self.body,)


@dataclass(frozen=True, slots=True, eq=False)
class Application(_Node):
    """A function applied to all its arguments."""

    function: Program
    arguments: tuple[Program, ...]

    def _identity(self) -> tuple[object, ...]:
        return (self.function, self.arguments)

    def _parts(self) -> tuple[Program, ...]:
        return (self.function, *self.arguments)


@dataclass(frozen=True, slots=True, eq=False)
class Let(_Node):
    """`let name = value in body`."""

    name: str
    value: Program
    body: Program

    def _identity(self) -> tuple[object, ...]:
        return (self.name, self.value, self.body)

    def _parts(self) -> tuple[Program, ...]:
        return (self.value, self.body)


@dataclass(frozen=True, slots=True, eq=False)
class Hole(_Node):
    """A typed gap in a sketch, still to be filled; holes of one (non-empty) name stand for one program."""

    name: str
    type: Type

    def _identity(self) -> tuple[object, ...]:
        return (self.name, self.type)


Program: TypeAlias = Name | Literal | Variable | Lambda | Application | Let | Hole


def call(name: str, *arguments: Program) -> Application:
    """The word `name` applied to arguments."""
    return Application(Name(name), arguments)


def children(p: Program) -> tuple[Program, ...]:
    """The direct parts of a node, left to right."""
    return p._parts()


def rebuild(p: Program, parts: tuple[Program, ...]) -> Program:
    """The same node over other parts (as many as `children` gives)."""
    match p:
        case Name() | Literal() | Variable() | Hole():
            return p
        case Lambda():
            return replace(p, body=parts[0])
        case Application():
            return replace(p, function=parts[0], arguments=parts[1:])
        case Let():
            return replace(p, value=parts[0], body=parts[1])
    assert_never(p)


def walk(p: Program) -> Iterator[Program]:
    """All nodes, a parent before its parts, left to right."""
    waiting = [p]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def holes(p: Program) -> Iterator[Hole]:
    """Holes of a sketch, left to right; none means the program is complete."""
    return (node for node in walk(p) if isinstance(node, Hole))


def names(p: Program) -> Iterator[str]:
    """The library words used, left to right, repeats included."""
    return (node.name for node in walk(p) if isinstance(node, Name))


def free_variables(p: Program) -> frozenset[str]:
    """Variables that no enclosing lambda or let binds."""
    match p:
        case Variable(name):
            return frozenset({name})
        case Lambda(parameters, body):
            return free_variables(body) - frozenset(parameters)
        case Let(name, value, body):
            return free_variables(value) | (free_variables(body) - {name})
        case _:
            return frozenset().union(*map(free_variables, children(p)))


def fill(p: Program, fillings: Mapping[str, Program] | Callable[[Hole], Program | None]) -> Program:
    """Put programs into holes: by name, or by a function that may answer None to leave one open."""
    choose = fillings if callable(fillings) else (lambda hole: fillings.get(hole.name))
    if isinstance(p, Hole):
        chosen = choose(p)
        return p if chosen is None else chosen
    parts = children(p)
    filled = tuple(fill(part, choose) for part in parts)
    return p if filled == parts else rebuild(p, filled)
