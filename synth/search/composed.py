"""What definitions do, word by word, where compiled code can do it: on whole columns, their lambdas as nodes.

`composing.py` runs it. A lambda's nodes are run on any arguments by `kernels/machine.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from dsl.grammar import Production
from dsl.library import Definition, Library
from dsl.primitives import CORE
from dsl.program import Application, Lambda, Literal, Name, Program, Variable
from dsl.type_system import FunctionType, Type
from synth.search.brief import FUEL
from synth.search.kernels.operations import CAPTURED, CONSTANT, PARAMETER, UNKNOWN, operation_of
from synth.search.typed_body import Typed, typed_body

__all__ = ["CHOOSING", "Call", "Constant", "Function", "Given", "Node", "Part", "composition_of", "words_in"]

CHOOSING = frozenset({"control.if", "bool.and", "bool.or"})
"""Words that may leave arguments unrun."""
_CALLS_PER_ITEM = 2
"""How often a word calls a function for an item of its list, at most, but for these words."""
_UNBOUNDED = frozenset({"list.iterate"})
_MOST_NODES = 40


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter of the definition."""

    position: int


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant."""

    value: object
    type: Type


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a function's body, as compiled code runs it: an operation, and the numbers of its arguments.

    `what` is which parameter, which constant, or which captured part.
    """

    operation: int
    what: int | Constant = 0
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A lambda in a definition: its nodes and the one that is its value; what it takes from around it, with types.

    `program` is the same as a function of what it takes and then of its parameters.
    """

    type: FunctionType
    nodes: tuple[Node, ...]
    root: int
    captured: tuple[Part, ...]
    types: tuple[Type, ...]
    program: Lambda


@dataclass(frozen=True, slots=True)
class Call:
    """A word at ground types, and what it is given."""

    production: Production
    arguments: tuple[Part, ...]


Part: TypeAlias = Given | Constant | Call | Function


def words_in(part: Part) -> Iterator[Production]:
    """The words of a definition that are run on columns."""
    match part:
        case Call(production, arguments):
            yield production
            for argument in arguments:
                yield from words_in(argument)
        case Function():
            for taken in part.captured:
                yield from words_in(taken)
        case Given() | Constant():
            return


def composition_of(production: Production, library: Library, largest: int) -> Call | None:
    """What a definition does at ground types, word by word; None for one that compiled code cannot run.

    Words that are not the language's own are not run, nor functions as arguments of the definition. `largest` is the
    longest list there may be: a body that could take more steps than a search affords on it is not run either.
    """
    assert isinstance(production.head, Name), "leaves are not defined"
    entry = library[production.head.name]
    if not isinstance(entry, Definition) or any(isinstance(p, FunctionType) for p in production.parameters):
        return None
    body = typed_body(entry, production.parameters, production.result, library)
    if body is None:
        return None
    made = _Builder(library).part(body, {name: Given(place) for place, name in enumerate(entry.parameters)})
    return made if isinstance(made, Call) and _steps(made, largest) < FUEL else None


def _steps(part: Part, largest: int) -> int:
    """Steps that running a part may take at most."""
    match part:
        case Call(_, arguments):
            return 1 + sum(_steps(argument, largest) for argument in arguments)
        case Function(nodes=nodes, captured=captured):
            inside = 1 + len(nodes) + sum(_steps(taken, largest) for taken in captured)
            return _CALLS_PER_ITEM * (largest + 1) * inside
        case Given() | Constant():
            return 0
    assert_never(part)


# ---- building -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Builder:
    """Makes the parts of one definition; definitions inside are written out."""

    library: Library

    def part(self, node: Typed, scope: Mapping[str, Part]) -> Part | None:
        """A part outside of lambdas, where variables stand for these parts; None where it cannot be run."""
        match node.head:
            case Variable(name):
                return scope.get(name)
            case Literal(value):
                return Constant(value, node.type)
            case Lambda():
                return self._function(node, scope)
            case Name(word):
                return self._call(word, node, scope)

    def _call(self, word: str, node: Typed, scope: Mapping[str, Part]) -> Part | None:
        entry = self.library[word]
        if not node.parts or word in _UNBOUNDED:
            return None
        arguments = tuple(part for part in (self.part(p, scope) for p in node.parts) if part is not None)
        if len(arguments) < len(node.parts):
            return None
        if isinstance(entry, Definition):
            return self._written_out(entry, node, arguments)
        if CORE.entries.get(word) is not entry:
            return None
        types = tuple(part.type for part in node.parts)
        return Call(Production(Name(word), types, node.type, 1.0, word), arguments)

    def _written_out(self, entry: Definition, node: Typed, arguments: tuple[Part, ...]) -> Part | None:
        """A definition's body with parts for its parameters."""
        body = self.body_of(entry, node)
        if body is None:
            return None
        plain = {n for n, a in zip(entry.parameters, arguments, strict=True) if isinstance(a, Given | Constant)}
        if not plain.union(_surely_run(body)).issuperset(entry.parameters):
            return None
        return self.part(body, dict(zip(entry.parameters, arguments, strict=True)))

    def body_of(self, entry: Definition, node: Typed) -> Typed | None:
        """A definition's body where a call of it stands; None where the definition is given functions."""
        types = tuple(part.type for part in node.parts)
        if any(isinstance(t, FunctionType) for t in types):
            return None
        return typed_body(entry, types, node.type, self.library)

    def _function(self, node: Typed, scope: Mapping[str, Part]) -> Function | None:
        """A lambda of one or two parameters whose body is made of operations."""
        head, t = node.head, node.type
        assert isinstance(head, Lambda), "asked for lambdas only"
        assert isinstance(t, FunctionType), "a lambda has a function's type"
        if len(head.parameters) > 2:
            return None
        body = _Body(self, scope, {name: place for place, name in enumerate(head.parameters)})
        found = body.visit(node.parts[0])
        if found is None or len(body.nodes) > _MOST_NODES:
            return None
        program = Lambda((*(f"captured {i}" for i in range(len(body.captured))), *head.parameters), found[1])
        return Function(t, tuple(body.nodes), found[0], tuple(body.captured), tuple(body.types), program)


Visited: TypeAlias = "tuple[int, Program]"
"""The number of a node, and the program that it is."""


@dataclass(slots=True)
class _Body:
    """The nodes of one lambda's body; `scope` is what variables around it stand for, `own` its parameters' places."""

    builder: _Builder
    scope: Mapping[str, Part]
    own: Mapping[str, int]
    nodes: list[Node] = field(default_factory=list)
    captured: list[Part] = field(default_factory=list)
    types: list[Type] = field(default_factory=list)

    def visit(self, node: Typed, inlined: Mapping[str, Visited] | None = None) -> Visited | None:
        """The node of a part, made with those below it; None where compiled code has none.

        In a definition that is written out, `inlined` is what its parameters stand for, all its variables.
        """
        match node.head:
            case Variable(name) if inlined is not None:
                return inlined.get(name)
            case Variable(name) if name in self.own:
                return self._added(Node(PARAMETER, self.own[name])), node.head
            case Literal(value):
                return self._added(Node(CONSTANT, Constant(value, node.type))), node.head
            case _ if inlined is None and not self._is_inside(node):
                return self._captured(node)
            case Name(word):
                return self._operation(word, node, inlined)
            case _:
                return None

    def _operation(self, word: str, node: Typed, inlined: Mapping[str, Visited] | None) -> Visited | None:
        entry, types = self.builder.library[word], tuple(part.type for part in node.parts)
        parts = [found for found in (self.visit(part, inlined) for part in node.parts) if found is not None]
        if not parts or len(parts) < len(node.parts):
            return None
        if isinstance(entry, Definition):
            return self._written_out(entry, node, parts)
        is_ours = CORE.entries.get(word) is entry and len(parts) <= 3
        operation = operation_of(word, types, node.type) if is_ours else UNKNOWN
        if operation == UNKNOWN:
            return None
        made = self._added(Node(operation, 0, tuple(number for number, _ in parts)))
        return made, Application(Name(word), tuple(program for _, program in parts))

    def _written_out(self, entry: Definition, node: Typed, parts: Sequence[Visited]) -> Visited | None:
        """A definition's body with nodes for its parameters; its program is the call."""
        body = self.builder.body_of(entry, node)
        if body is None:
            return None
        sure = [self.nodes[number].operation in (PARAMETER, CONSTANT) for number, _ in parts]
        plain = {name for name, harmless in zip(entry.parameters, sure, strict=True) if harmless}
        if not plain.union(_surely_run(body)).issuperset(entry.parameters):
            return None
        found = self.visit(body, dict(zip(entry.parameters, parts, strict=True)))
        if found is None:
            return None
        return found[0], Application(Name(entry.name), tuple(program for _, program in parts))

    def _captured(self, node: Typed) -> Visited | None:
        """What does not depend on the lambda's parameters is run once, outside."""
        part = self.builder.part(node, self.scope)
        if part is None or isinstance(part, Function):
            return None
        if part not in self.captured:
            self.captured.append(part)
            self.types.append(node.type)
        place = self.captured.index(part)
        return self._added(Node(CAPTURED, place)), Variable(f"captured {place}")

    def _is_inside(self, node: Typed) -> bool:
        if isinstance(node.head, Variable):
            return node.head.name in self.own
        return any(map(self._is_inside, node.parts))

    def _added(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1


def _surely_run(node: Typed) -> set[str]:
    """Variables that are run whenever a body is: outside of lambdas and of what a word may leave unrun."""
    match node.head:
        case Variable(name):
            return {name}
        case Lambda() | Literal():
            return set()
        case Name(word):
            run = node.parts[:1] if word in CHOOSING else node.parts
            return set().union(*map(_surely_run, run))
